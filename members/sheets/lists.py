"""The columns of the lists of the register and the organisation that only go out."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, F, Func, TextField, Value, When
from django.db.models.functions import Coalesce, NullIf, TruncDate
from django.utils.translation import gettext_lazy as _

from hkh.core.sheets.columns import ListResource, going_out
from members.models import Likeness, OfficeEnd, PairState, Position
from members.models.headcounts import HeadcountSource


def account_name(path: str) -> Any:
    """What the account at ``path`` is called; nothing where there is none."""
    return Coalesce(NullIf(F(f"{path}__full_name"), Value("")), F(f"{path}__username"))


def _in_common() -> Func:
    """What two entries have in common, in the words of the language in use."""
    words = [
        Case(When(likenesses__contains=[value], then=Value(str(label))), output_field=TextField())
        for value, label in Likeness.choices
    ]
    return Func(Value(", "), *words, function="concat_ws", output_field=TextField())


class OfficeResource(ListResource):
    """Who holds which office."""

    slug, title = "offices", _("Offices")

    name = going_out("member__full_name", _("Member"), width=28)
    position = going_out("position", _("Office"), "choice", choices=Position.choices, width=24)
    unit_code = going_out("unit__code", _("Unit code"), "code", shown=False, width=18)
    unit_name = going_out("unit__name", _("Unit"), width=38)
    valid_from = going_out("valid_from", _("From"), "day")
    valid_until = going_out("valid_until", _("Term over on"), "day", width=16)
    end_reason = going_out("end_reason", _("Why it ended"), "choice", choices=OfficeEnd.choices, width=26)
    decision = going_out("decision", _("Decision"), width=24)


class CardResource(ListResource):
    """Members by whether a card number is on record."""

    slug, title = "cards", _("Membership cards")

    id = going_out("member__pk", _("Number in HKH"), "int", shown=False, width=12)
    name = going_out("member__full_name", _("Member"), width=28)
    born = going_out(("member__birth_date", "member__birth_year"), _("Born"), "day_or_year")
    unit_code = going_out("unit__code", _("Unit code"), "code", shown=False, width=18)
    unit_name = going_out("unit__name", _("Unit"), width=38)
    joined_on = going_out("joined_on", _("Joined on"), "day")
    card_number = going_out("member__card_number", _("Card"), "code", width=18)


class PairResource(ListResource):
    """Entries that may be one person."""

    slug, title = "duplicates", _("Likely duplicates")

    first_id = going_out("first__pk", _("First entry: number in HKH"), "int", shown=False, width=12)
    first_name = going_out("first__full_name", _("First entry"), width=28)
    first_born = going_out(("first__birth_date", "first__birth_year"), _("First entry: born"), "day_or_year")
    first_unit = going_out("first_unit", _("First entry: unit"), width=36)
    second_id = going_out("second__pk", _("Second entry: number in HKH"), "int", shown=False, width=12)
    second_name = going_out("second__full_name", _("Second entry"), width=28)
    second_born = going_out(("second__birth_date", "second__birth_year"), _("Second entry: born"), "day_or_year")
    second_unit = going_out("second_unit", _("Second entry: unit"), width=36)
    likenesses = going_out(_in_common, _("In common"), width=40)
    score = going_out("score", _("Likeness"), "int", width=10)
    state = going_out("state", _("State"), "choice", choices=PairState.choices, width=22)


class HeadcountReportResource(ListResource):
    """Every number of members that one unit reported of itself."""

    slug, title = "headcount-reports", _("Numbers of members reported")

    counted_on = going_out("counted_on", _("As of"), "day")
    revision = going_out("revision", _("Revision"), "int", width=12)
    members = going_out("members", _("Members"), "int")
    women = going_out("women", _("Women among them"), "int")
    minority = going_out("minority", _("Ethnic minorities among them"), "int")
    source = going_out("source", _("Source"), "choice", choices=HeadcountSource.choices, width=20)
    reported_by = going_out(account_name("reported_by"), _("Entered by"), width=26)
    reported_on = going_out(TruncDate("reported_at"), _("Entered on"), "day")
    note = going_out("note", _("Note"), width=36)
