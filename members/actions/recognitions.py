"""What members were honoured with: written down, and taken back where it was written by mistake."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hkh.core.acting import act_as
from hkh.core.text import clean
from hkh.core.violations import refusals
from members.actions.standing import last_membership, not_merged
from members.models import Member, Recognition, RecognitionKind, User
from members.rules import Verb, require


def record_recognition(
    *,
    member: Member,
    kind: RecognitionKind | str,
    when: date | int,
    wording: str = "",
    given_by: str = "",
    decision: str = "",
    idempotency_key: UUID | None = None,
    by: User,
) -> Recognition:
    """``member`` was honoured with ``kind`` on a day, or in a year where no more is known. ``wording`` says what it is
    called where that stands in no list. With a key, a second submit returns the first.

    Raises: Http404, PermissionDenied; ValidationError, also where the year has not come, lies before the birth, or has
    the same already.
    """
    require(by, Verb.EDIT_MEMBER, last_membership(member).unit_id)
    with refusals():
        act_as(by)
        not_merged(Member.unscoped.select_for_update(no_key=True).get(pk=member.pk))
        if idempotency_key is not None:
            entered = Recognition.unscoped.filter(idempotency_key=idempotency_key).first()
            if entered is not None:
                return entered
        return Recognition.unscoped.create(
            member=member,
            kind=kind,
            wording=clean(wording),
            year=when.year if isinstance(when, date) else when,
            recognised_on=when if isinstance(when, date) else None,
            given_by=clean(given_by),
            decision=clean(decision),
            idempotency_key=idempotency_key,
        )


def take_back_recognition(*, recognition: Recognition, by: User) -> None:
    """What was written by mistake is taken away; the log of changes keeps it whole.

    Raises: Http404, PermissionDenied; ValidationError where somebody else took it back, or the entry was put together
    with another meanwhile.
    """
    require(by, Verb.EDIT_MEMBER, last_membership(recognition.member).unit_id)
    with refusals():
        act_as(by)
        not_merged(Member.unscoped.select_for_update(no_key=True).get(pk=recognition.member_id))
        gone, _rows = Recognition.unscoped.filter(pk=recognition.pk, member=recognition.member_id).delete()
        if not gone:
            raise ValidationError(_("Somebody else has taken this back meanwhile."))
