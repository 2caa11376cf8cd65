"""Two entries of one person put together, and taken apart again while nothing was built on it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hkh.core.acting import act_as
from hkh.core.violations import refusals
from members.actions.standing import last_membership
from members.merging import Line, Rows, Stay, bring_back, of_people, one_line, put_back, rows_of
from members.models import (
    Appointment,
    DuplicatePair,
    Member,
    MemberMerge,
    Membership,
    PairState,
    Recognition,
    Unit,
    User,
)
from members.models.people import LeaveReason
from members.models.recognitions import OF_SEVERAL_GIVERS
from members.rules import Verb, may, require

#: What is chosen field by field, and the columns that go together with it.
CHOICES: dict[str, tuple[str, ...]] = {
    "full_name": ("full_name",),
    "birth": ("birth_date", "birth_year"),
    "sex": ("sex",),
    "occupation": ("occupation",),
    "address": ("address",),
    "phone": ("phone",),
    "email": ("email",),
    "card_number": ("card_number",),
    "deceased_on": ("deceased_on",),
    "note": ("note",),
}
_TOLD = {
    Member._meta.db_table: gettext_lazy("What is written down of the person has been changed since."),
    Membership._meta.db_table: gettext_lazy("A membership has been entered, ended or changed since."),
    Appointment._meta.db_table: gettext_lazy("An office has been given, ended or changed since."),
    Recognition._meta.db_table: gettext_lazy("A title or commendation has been entered or taken back since."),
}


@dataclass(frozen=True)
class Obstacle:
    """Why a merge can no longer be undone; ``table`` is where something was changed since."""

    table: str

    def __str__(self) -> str:
        told = _TOLD.get(self.table)
        return str(told) if told else _("Something that belongs to the person has been changed since.")


def merge_members(
    *,
    kept: Member,
    gone: Member,
    revisions: tuple[int, int],
    take: Collection[str],
    gone_line_stands: bool,
    by: User,
) -> MemberMerge:
    """``gone`` becomes part of ``kept``, whose facts named in ``take`` (of ``CHOICES``) become those of ``gone``.

    All that belongs to ``gone`` is carried over; of memberships in the same days those of one line stand
    (``members.merging.one_line``), and an office or a title entered with both is held once. ``revisions`` are those of
    the form's first showing, of ``kept`` and of ``gone``.

    Raises: Http404, PermissionDenied; ValidationError, also where the database refuses what would result: then
    nothing is changed.
    """
    for member in (kept, gone):
        _require_edit(member, by)
    with refusals():
        act_as(by, _("Put together"))
        kept, gone = _locked(kept.pk, gone.pk)
        if (kept.revision, gone.revision) != revisions or kept.merged_into_id or gone.merged_into_id:
            raise ValidationError(
                _("Somebody else has changed one of the two meanwhile. Look at both again, then decide.")
            )
        before = rows_of([kept.pk, gone.pk])
        _carry_memberships(kept, gone, gone_line_stands=gone_line_stands, by=by)
        _carry_offices(kept, gone)
        _carry_recognitions(kept, gone)
        _carry_the_rest(kept, gone)
        _take_facts(kept, gone, take)
        return MemberMerge.unscoped.create(
            kept=kept, gone=gone, before=before, after=rows_of([kept.pk, gone.pk]), merged_by=by
        )


def obstacles(merge: MemberMerge) -> list[Obstacle]:
    """What stands in the way of undoing ``merge``: all that was changed in the rows concerned. One query a table."""
    return _differences(merge.after, rows_of([merge.kept_id, merge.gone_id]))


def undo_merge(*, merge: MemberMerge, by: User) -> MemberMerge:
    """Both entries exactly as they were. Raises: Http404, PermissionDenied; ValidationError where something was built
    on the merge, or it was undone before."""
    if merge.kept.merged_into_id is not None:
        raise ValidationError(_("The person has been put together with another entry since. Take those apart first."))
    require(by, Verb.EDIT_MEMBER, last_membership(merge.kept).unit_id)
    for unit_id in _last_units(merge.before):
        require(by, Verb.EDIT_MEMBER, unit_id)
    with refusals():
        act_as(by, _("Taken apart again"))
        _locked(merge.kept_id, merge.gone_id, also=_units_in(merge.before))
        merge = MemberMerge.unscoped.select_for_update(no_key=True).get(pk=merge.pk)
        if merge.undone_at is not None:
            raise ValidationError(_("These two were taken apart already."))
        in_the_way = obstacles(merge)
        if in_the_way:
            raise ValidationError([ValidationError(str(obstacle)) for obstacle in in_the_way])
        _restore(merge)
        if _differences(merge.before, rows_of([merge.kept_id, merge.gone_id])):
            raise AssertionError(f"Undoing merge {merge.pk} did not lead back")
        merge.undone_at, merge.undone_by = timezone.now(), by
        merge.save(update_fields=["undone_at", "undone_by"])
    return merge


def keep_apart(*, pair: DuplicatePair, by: User) -> DuplicatePair:
    """``pair`` are two people, and nobody is asked again. Raises: Http404, PermissionDenied."""
    return _decide(pair, PairState.DIFFERENT, by)


def ask_again(*, pair: DuplicatePair, by: User) -> DuplicatePair:
    """``pair`` waits for a decision once more. Raises: Http404, PermissionDenied."""
    return _decide(pair, PairState.OPEN, by)


def _require_edit(member: Member, by: User) -> None:
    require(by, Verb.EDIT_MEMBER, last_membership(member).unit_id)


def _require_open_to(by: User, stays: Collection[Stay]) -> None:
    """Who puts entries together takes no member from the past of a unit that is none of his or hers."""
    if not all(may(by, Verb.EDIT_MEMBER, stay.unit_id) for stay in stays):
        raise ValidationError(
            _("That would change a membership in a unit that is not open to you. Choose the other line, or ask above."),
            code="merge_beyond",
        )


def _decide(pair: DuplicatePair, state: PairState, by: User) -> DuplicatePair:
    for member in (pair.first, pair.second):
        _require_edit(member, by)
    is_decided = state != PairState.OPEN
    pair.state = state
    pair.decided_at, pair.decided_by = (timezone.now(), by) if is_decided else (None, None)
    pair.save(update_fields=["state", "decided_at", "decided_by"])
    return pair


def _locked(kept_id: int, gone_id: int, *, also: Collection[int] = ()) -> tuple[Member, Member]:
    """Both people, locked in the order of their ids, then all units concerned in theirs. Raises: ValidationError."""
    if kept_id == gone_id:
        raise ValidationError(_("Choose two different entries."))
    both = [kept_id, gone_id]
    people = {m.pk: m for m in Member.unscoped.select_for_update(no_key=True).filter(pk__in=both).order_by("pk")}
    units = {
        *also,
        *Membership.unscoped.filter(member__in=both).values_list("unit", flat=True),
        *Appointment.unscoped.filter(member__in=both).values_list("unit", flat=True),
    }
    list(Unit.unscoped.select_for_update(no_key=True).filter(pk__in=units).order_by("pk").values("pk"))
    return people[kept_id], people[gone_id]


def _carry_memberships(kept: Member, gone: Member, *, gone_line_stands: bool, by: User) -> None:
    theirs = {
        member.pk: [Stay.of(row) for row in Membership.unscoped.filter(member=member).order_by("joined_on")]
        for member in (kept, gone)
    }
    standing, other = (gone, kept) if gone_line_stands else (kept, gone)
    line: Line = one_line(theirs[standing.pk], theirs[other.pk])
    _require_open_to(by, [stay for stays in theirs.values() for stay in stays if stay.pk in line.touched])
    # In this order no statement leaves anybody in two units on one day.
    Membership.unscoped.filter(pk__in=line.dropped).delete()
    for pk, day in line.ended.items():
        Membership.unscoped.filter(pk=pk).update(left_on=day, leave_reason=LeaveReason.TRANSFER)
    Membership.unscoped.filter(member=gone).update(member=kept)
    for pk, day in line.begun.items():
        Membership.unscoped.filter(pk=pk).update(joined_on=day)


def _carry_offices(kept: Member, gone: Member) -> None:
    held = list(Appointment.unscoped.filter(member=kept))
    for office in Appointment.unscoped.filter(member=gone):
        twice = any(
            (one.unit_id, one.position) == (office.unit_id, office.position)
            and (one.valid_until is None or one.valid_until > office.valid_from)
            and (office.valid_until is None or office.valid_until > one.valid_from)
            for one in held
        )
        if twice:
            office.delete()
    Appointment.unscoped.filter(member=gone).update(member=kept, revision=F("revision") + 1)


def _carry_recognitions(kept: Member, gone: Member) -> None:
    """All of both; what is the same in both once, as it was written down more fully."""
    known = {_same(row): row for row in Recognition.unscoped.filter(member=kept)}
    for row in Recognition.unscoped.filter(member=gone):
        twin = known.get(_same(row))
        if twin is not None:
            (row if _fullness(row) <= _fullness(twin) else twin).delete()
    Recognition.unscoped.filter(member=gone).update(member=kept)


def _same(row: Recognition) -> tuple[int, str, str, str]:
    """What ``recognition_once`` holds together."""
    giver = row.given_by.lower() if row.kind in OF_SEVERAL_GIVERS else ""
    return row.year, row.kind, row.wording.lower(), giver


def _fullness(row: Recognition) -> int:
    return sum(map(bool, (row.recognised_on, row.given_by, row.decision)))


def _carry_the_rest(kept: Member, gone: Member) -> None:
    """Rows of other tables that speak of the person; whatever new table comes along is carried by itself."""
    for model, field in of_people():
        if model not in (Membership, Appointment, Recognition):
            model._base_manager.filter(**{field.name: gone}).update(**{field.name: kept})


def _take_facts(kept: Member, gone: Member, take: Collection[str]) -> None:
    columns = [column for name in take for column in CHOICES[name]]
    if "card_number" in columns:
        Member.unscoped.filter(pk=gone.pk).update(card_number="")
    facts: dict[str, Any] = {column: getattr(gone, column) for column in columns}
    still = Membership.unscoped.filter(member=kept, left_on=None).exists()
    if facts.get("deceased_on", kept.deceased_on) is not None and still:
        raise ValidationError(
            _("One entry says that the person died, and the membership that stands runs on. Choose the other line.")
        )
    Member.unscoped.filter(pk=kept.pk).update(revision=F("revision") + 1, **facts)
    Member.unscoped.filter(pk=gone.pk).update(revision=F("revision") + 1, merged_into=kept)


def _restore(merge: MemberMerge) -> None:
    """All rows as ``before`` says, by steps that leave nobody in two units and no card with two people between."""
    before, after = merge.before, merge.after
    people = Member._meta.db_table
    cards = {pk: row["card_number"] for pk, row in before[people].items()}
    if cards != {pk: row["card_number"] for pk, row in after[people].items()}:
        Member.unscoped.filter(pk__in=[merge.kept_id, merge.gone_id]).update(card_number="")
    put_back(Member, list(before[people].values()))
    for model, field in of_people():
        was, is_ = before.get(model._meta.db_table, {}), after.get(model._meta.db_table, {})
        changed = [row for pk, row in was.items() if pk in is_ and is_[pk] != row]
        if model is Membership:
            put_back(model, changed, ["joined_on"])
            put_back(model, changed, [field.attname])
        put_back(model, changed)
        bring_back(model, [row for pk, row in was.items() if pk not in is_])


def _differences(one: Rows, other: Rows) -> list[Obstacle]:
    tables = {**one, **other}
    return [Obstacle(table) for table in tables if one.get(table, {}) != other.get(table, {})]


def _last_units(rows: Rows) -> set[int]:
    """The units of each person's last membership."""
    last: dict[int, tuple[str, int]] = {}
    for row in rows.get(Membership._meta.db_table, {}).values():
        until = row["left_on"] or "9999"
        if until >= last.get(row["member_id"], ("", 0))[0]:
            last[row["member_id"]] = (until, row["unit_id"])
    return {unit_id for _until, unit_id in last.values()}


def _units_in(rows: Rows) -> set[int]:
    tables: tuple[type[models.Model], ...] = (Membership, Appointment)
    return {row["unit_id"] for model in tables for row in rows.get(model._meta.db_table, {}).values()}
