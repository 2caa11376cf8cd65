"""Offices given, corrected and ended."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import F, Q
from django.utils.translation import gettext as _

from hkh.core.acting import act_as
from hkh.core.dates import format_date, today
from hkh.core.text import clean
from hkh.core.violations import refusals
from members.actions.standing import last_membership
from members.models import Appointment, Member, Membership, OfficeEnd, Position, Unit, User
from members.rules import Verb, require

#: Reasons that one may give; the others are written by the verbs that end memberships and units.
REASONS_TO_END = (OfficeEnd.RELIEVED, OfficeEnd.RESIGNED, OfficeEnd.CORRECTION)


def appoint_member(
    *,
    unit: Unit,
    member: Member,
    position: Position | str,
    valid_from: date,
    valid_until: date | None,
    decision: str = "",
    idempotency_key: UUID | None = None,
    by: User,
) -> Appointment:
    """``member`` holds ``position`` in ``unit`` on these days. With a key, a second submit returns the first.

    Raises: Http404, PermissionDenied; ValidationError, also where the unit has a chair in those days or one person
    would be its accountant and cashier. Source: DOMAIN §1, §3.
    """
    require(by, Verb.APPOINT, unit)
    _require_in_sight(member, by)
    _checked_term(valid_from, valid_until)
    with refusals():
        act_as(by, decision)
        if idempotency_key is not None:
            entered = Appointment.unscoped.filter(idempotency_key=idempotency_key).first()
            if entered is not None:
                return entered
        # Nobody ends the membership, or puts the person together with another, meanwhile.
        known = Member.unscoped.select_for_update(no_key=True).get(pk=member.pk)
        still = Q(left_on=None) | Q(left_on__gt=valid_from)
        if known.merged_into_id or not Membership.unscoped.filter(still, member=member).exists():
            raise ValidationError(
                {"member": _("%(member)s is no member then. Only members hold offices.") % {"member": member}}
            )
        return Appointment.unscoped.create(
            unit=unit,
            member=member,
            position=Position(position),
            valid_from=valid_from,
            valid_until=valid_until,
            decision=clean(decision),
            idempotency_key=idempotency_key,
        )


def correct_appointment(
    *,
    appointment: Appointment,
    revision: int,
    position: Position | str,
    valid_from: date,
    valid_until: date | None,
    decision: str,
    by: User,
) -> Appointment:
    """What is written down of an office, corrected. ``revision`` is that of the form's first showing.

    Raises: Http404, PermissionDenied; ValidationError, also where somebody else saved it meanwhile.
    """
    require(by, Verb.APPOINT, appointment.unit_id)
    _checked_term(valid_from, valid_until)
    with refusals():
        act_as(by)
        saved = Appointment.unscoped.filter(pk=appointment.pk, revision=revision).update(
            position=Position(position),
            valid_from=valid_from,
            valid_until=valid_until,
            end_reason=appointment.end_reason if valid_until else "",
            decision=clean(decision),
            revision=F("revision") + 1,
        )
        if not saved:
            raise ValidationError(
                _("Somebody else has changed this office meanwhile. Look at it again, then enter your change.")
            )
    appointment.refresh_from_db()
    return appointment


def end_appointment(*, appointment: Appointment, on: date, reason: OfficeEnd | str, by: User) -> Appointment | None:
    """The office is held no more from ``on`` on; None where it was entered by mistake and is taken away whole.

    Raises: Http404, PermissionDenied; ValidationError.
    """
    require(by, Verb.APPOINT, appointment.unit_id)
    if reason not in REASONS_TO_END:
        raise ValidationError({"reason": _("Choose why the office ends.")})
    if on > today():
        raise ValidationError(
            {"on": _("%(day)s has not come yet. Choose today or an earlier day.") % {"day": format_date(on)}}
        )
    with refusals():
        act_as(by, str(OfficeEnd(reason).label))
        known = Appointment.unscoped.select_for_update(no_key=True, of=("self",)).filter(pk=appointment.pk).first()
        if known is None or (known.valid_until is not None and known.valid_until <= today()):
            raise ValidationError(_("This office has ended already."))
        if reason == OfficeEnd.CORRECTION:
            known.delete()
            return None
        if on <= known.valid_from:
            day = format_date(known.valid_from)
            raise ValidationError({"on": _("The office began on %(day)s. Choose a later day.") % {"day": day}})
        if known.valid_until is not None and on > known.valid_until:
            day = format_date(known.valid_until)
            raise ValidationError({"on": _("The term ends on %(day)s. Choose an earlier day.") % {"day": day}})
        known.valid_until, known.end_reason, known.revision = on, OfficeEnd(reason), known.revision + 1
        known.save(update_fields=["valid_until", "end_reason", "revision"])
    return known


def end_offices(offices: Q, *, on: date, reason: OfficeEnd) -> None:
    """All ``offices`` that would run beyond ``on`` end then; those that had not begun are taken away. 2 queries.

    For verbs that end memberships and units, inside their transaction.
    """
    running = Appointment.unscoped.filter(offices).filter(Q(valid_until=None) | Q(valid_until__gt=on))
    running.filter(valid_from__gte=on).delete()
    running.update(valid_until=on, end_reason=reason, revision=F("revision") + 1)


def _require_in_sight(member: Member, by: User) -> None:
    require(by, Verb.SEE, last_membership(member).unit_id)


def _checked_term(valid_from: date, valid_until: date | None) -> None:
    if valid_from > today():
        raise ValidationError(
            {
                "valid_from": _("%(day)s has not come yet. Choose today or an earlier day.")
                % {"day": format_date(valid_from)}
            }
        )
    if valid_until is not None and valid_until <= valid_from:
        raise ValidationError({"valid_until": _("The term cannot end before it begins.")})
