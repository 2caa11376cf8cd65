"""Members: entered, corrected, transferred, taken leave of.

Days are whole: who is transferred or leaves on a day is no longer a member of the old unit on that day.
"""

from __future__ import annotations

from datetime import date
from typing import TypedDict, Unpack
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from hkh.core.acting import act_as
from hkh.core.dates import FIRST_YEAR, format_date, today
from hkh.core.text import clean
from hkh.core.violations import refusals
from members.actions.offices import end_offices
from members.actions.standing import last_membership, not_merged
from members.models import Member, Membership, OfficeEnd, Unit, User
from members.models.people import LeaveReason, Sex
from members.rules import Verb, require


class Person(TypedDict, total=False):
    """What is written down of a person."""

    full_name: str
    birth_date: date | None
    birth_year: int | None
    sex: Sex | str
    phone: str
    email: str
    occupation: str
    address: str
    card_number: str
    note: str


#: Reasons that a clerk may give; the others are written by the verbs that transfer and reorganise.
REASONS_TO_LEAVE = (LeaveReason.LEFT, LeaveReason.DECEASED, LeaveReason.CORRECTION)

#: What becomes of the offices of who is a member no more.
_OFFICE_ENDS = {
    LeaveReason.LEFT: OfficeEnd.LEFT,
    LeaveReason.DECEASED: OfficeEnd.DECEASED,
    LeaveReason.CORRECTION: OfficeEnd.LEFT,
}


def add_member(
    *,
    unit: Unit,
    joined_on: date,
    by: User,
    idempotency_key: UUID | None = None,
    **person: Unpack[Person],
) -> Member:
    """A new member of ``unit``. With a key, a second submit returns the first member. 10 queries.

    Raises: Http404, PermissionDenied; ValidationError.
    """
    require(by, Verb.EDIT_MEMBER, unit)
    facts = _checked(person, known=Person(birth_date=None, birth_year=None))
    _day_of_change(joined_on, "joined_on")
    _not_before_birth(joined_on, facts)
    with refusals():
        act_as(by)
        if idempotency_key is not None:
            entered = Member.unscoped.filter(idempotency_key=idempotency_key).first()
            if entered is not None:
                return entered
        member = Member.unscoped.create(idempotency_key=idempotency_key, **facts)
        Membership.unscoped.create(member=member, unit=unit, joined_on=joined_on)
    return member


def correct_member(*, member: Member, revision: int, by: User, **person: Unpack[Person]) -> Member:
    """What is written down of ``member``, corrected. ``revision`` is that of the form's first showing.

    Raises: Http404, PermissionDenied; ValidationError, also where somebody else saved the person meanwhile.
    """
    require(by, Verb.EDIT_MEMBER, last_membership(member).unit_id)
    with refusals():
        act_as(by)
        known = Member.unscoped.select_for_update(no_key=True).get(pk=member.pk)
        not_merged(known)
        if known.revision != revision:
            raise ValidationError(
                _("Somebody else has changed this member meanwhile. Look at it again, then enter your change.")
            )
        facts = _checked(person, known=Person(birth_date=known.birth_date, birth_year=known.birth_year))
        first = Membership.unscoped.filter(member=member).order_by("joined_on").first()
        if first is not None:
            _not_before_birth(first.joined_on, facts)
        Member.unscoped.filter(pk=member.pk).update(revision=revision + 1, **facts)
    member.refresh_from_db()
    return member


def transfer_member(*, member: Member, to: Unit, on: date, by: User) -> Membership:
    """``member`` belongs to ``to`` from ``on`` on; the membership there. Offices of the old unit itself end.

    Raises: Http404, PermissionDenied (both units count); ValidationError.
    """
    current = last_membership(member)
    require(by, Verb.EDIT_MEMBER, current.unit_id)
    require(by, Verb.EDIT_MEMBER, to)
    _day_of_change(on, "on")
    if current.unit_id == to.pk and current.left_on is None:
        raise ValidationError({"to": _("%(member)s is a member there already.") % {"member": member}})
    with refusals():
        act_as(by, str(LeaveReason.TRANSFER.label))
        # Both units in one order, so that two transfers in opposite directions wait, not block each other.
        list(
            Unit.unscoped.select_for_update(no_key=True)
            .filter(pk__in=[current.unit_id, to.pk])
            .order_by("pk")
            .values("pk")
        )
        ended = _end(member, on=on, reason=LeaveReason.TRANSFER)
        end_offices(Q(member=member, unit=ended.unit_id), on=on, reason=OfficeEnd.TRANSFER)
        return Membership.unscoped.create(member=member, unit=to, joined_on=on)


def end_membership(*, member: Member, on: date, reason: LeaveReason | str, by: User) -> Membership:
    """``member`` is a member no more from ``on`` on; the membership that ended. All offices end with it.

    The person stays on record.

    Raises: Http404, PermissionDenied; ValidationError.
    """
    require(by, Verb.EDIT_MEMBER, last_membership(member).unit_id)
    _day_of_change(on, "on")
    if reason not in REASONS_TO_LEAVE:
        raise ValidationError({"reason": _("Choose why the membership ends.")})
    with refusals():
        act_as(by, str(LeaveReason(reason).label))
        ended = _end(member, on=on, reason=LeaveReason(reason))
        end_offices(Q(member=member), on=on, reason=_OFFICE_ENDS[LeaveReason(reason)])
        if reason == LeaveReason.DECEASED:
            Member.unscoped.filter(pk=member.pk).update(deceased_on=on)
    member.refresh_from_db()
    return ended


def readmit_member(*, member: Member, unit: Unit, on: date, by: User) -> Membership:
    """``member``, who had left, joins ``unit``. Raises: Http404, PermissionDenied; ValidationError."""
    require(by, Verb.EDIT_MEMBER, last_membership(member).unit_id)
    require(by, Verb.EDIT_MEMBER, unit)
    _day_of_change(on, "on")
    with refusals():
        act_as(by)
        known = Member.unscoped.select_for_update(no_key=True).get(pk=member.pk)
        not_merged(known)
        if known.deceased_on is not None:
            raise ValidationError(_("%(member)s has died.") % {"member": member})
        return Membership.unscoped.create(member=member, unit=unit, joined_on=on)


def _end(member: Member, *, on: date, reason: LeaveReason) -> Membership:
    open_ones = Membership.unscoped.select_for_update(of=("self",)).filter(member=member, left_on=None)
    current = open_ones.select_related("unit").first()
    if current is None:
        raise ValidationError(_("%(member)s is no member of a unit now.") % {"member": member})
    if on <= current.joined_on:
        raise ValidationError(
            {
                "on": _("%(member)s joined on %(day)s. Choose a later day.")
                % {"member": member, "day": format_date(current.joined_on)}
            }
        )
    current.left_on, current.leave_reason = on, reason
    current.save(update_fields=["left_on", "leave_reason"])
    return current


def _checked(person: Person, *, known: Person) -> Person:
    """``person`` as it is stored: texts cleaned, the birth plausible. Raises: ValidationError by field."""
    facts = Person(**{k: clean(v) if isinstance(v, str) and k != "note" else v for k, v in person.items()})  # type: ignore[typeddict-item]
    refused: dict[str, str] = {}
    if "full_name" in facts and not facts["full_name"]:
        refused["full_name"] = _("Write the full name.")
    elif "full_name" in facts and not any(map(str.isalpha, facts["full_name"])):
        refused["full_name"] = _("A name holds at least one letter. Write the full name.")
    if "card_number" in facts:
        facts["card_number"] = facts["card_number"].upper()
    born = facts.get("birth_date", known.get("birth_date"))
    if "birth_date" in facts and born is not None:
        facts["birth_year"] = born.year
        if not born.year >= FIRST_YEAR or born > today():
            refused["birth_date"] = _("Check the date of birth: %(day)s.") % {"day": format_date(born)}
    elif (year := facts.get("birth_year")) and not FIRST_YEAR <= year <= today().year:
        refused["birth_year"] = _("Check the year of birth: %(year)s.") % {"year": year}
    if refused:
        raise ValidationError(refused)
    return facts


def _not_before_birth(joined_on: date, facts: Person) -> None:
    born, year = facts.get("birth_date"), facts.get("birth_year")
    if (born and joined_on < born) or (year and joined_on.year < year):
        raise ValidationError({"joined_on": _("Nobody joins before being born. Check both dates.")})


def _day_of_change(day: date, field: str) -> None:
    if day > today():
        raise ValidationError(
            {field: _("%(day)s has not come yet. Choose today or an earlier day.") % {"day": format_date(day)}}
        )
