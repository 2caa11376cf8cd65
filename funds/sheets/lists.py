"""The columns of the lists of money that only go out; what comes in by sheet stands beside."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Value
from django.db.models.functions import Abs, NullIf, TruncDate
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from funds.models import BoardBody, LineState, MovementKind, Pot, VoucherKind, VoucherState
from funds.queries.pledges import InstalmentState
from hkh.core.sheets.columns import ListResource, going_out
from members.models import Tier, UnitKind
from members.sheets.lists import account_name


def _some(name: str) -> Any:
    """A sum, or an empty cell where there is none."""
    return NullIf(F(name), Value(0))


class VoucherResource(ListResource):
    """What was spent and passed on, what still waits, and what was refused."""

    slug, title = "vouchers", _("Spending and transfers")

    id = going_out("pk", _("Number in HKH"), "int", shown=False, width=12)
    occurred_on = going_out("occurred_on", _("Date"), "day")
    kind = going_out("kind", _("Kind"), "choice", choices=VoucherKind.choices, width=24)
    unit_code = going_out("unit__code", _("Unit code"), "code", shown=False, width=18)
    unit_name = going_out("unit__name", _("Unit"), width=34)
    fund_name = going_out("fund__name", _("Fund"), width=32)
    target_unit_name = going_out("target_fund__unit__name", _("To unit"), width=34)
    target_fund_name = going_out("target_fund__name", _("To fund"), width=32)
    pot = going_out("pot", _("Money or goods"), "choice", choices=Pot.choices, width=14)
    amount_vnd = going_out("amount_vnd", _("Amount (đồng)"), "vnd", width=18)
    payee = going_out("payee", _("Paid to"), width=28)
    note = going_out("note", _("For what"), width=40)
    document = going_out("document", _("Document"), "code", width=16)
    state = going_out("state", _("State"), "choice", choices=VoucherState.choices, width=18)
    prepared_by = going_out(account_name("prepared_by"), _("Prepared by"), width=24)
    decided_by = going_out(account_name("decided_by"), _("Decided by"), width=24)
    settled_on = going_out("settled_on", _("Received or returned on"), "day", width=16)
    settled_by = going_out(account_name("settled_by"), _("Received by"), shown=False, width=24)
    reason = going_out("reason", _("Why"), width=34)


class InstalmentResource(ListResource):
    """What was promised, instalment by instalment."""

    slug, title = "pledges", _("Pledges")

    donor = going_out("pledge__donor__name", _("Donor"), width=36)
    unit_name = going_out("pledge__unit__name", _("Unit"), width=34)
    pledged_on = going_out("pledge__pledged_on", _("Pledged on"), "day")
    purpose = going_out("pledge__purpose", _("Purpose"), width=30)
    due_on = going_out("due_on", _("Due on"), "day")
    state = going_out("state", _("State"), "choice", choices=InstalmentState.choices, width=16)
    amount_vnd = going_out("amount_vnd", _("Amount (đồng)"), "vnd", width=18)
    kept_vnd = going_out("kept_vnd", _("Kept (đồng)"), "vnd", width=18)


class StockResource(ListResource):
    """Goods in stock, item by item."""

    slug, title = "stock", _("Goods in stock")

    name = going_out("name", _("Goods"), width=34)
    unit_name = going_out("fund__unit__name", _("Unit"), width=34)
    fund_name = going_out("fund__name", _("Fund"), width=32)
    measure = going_out("measure", _("Measure"), width=12)
    in_quantity = going_out("in_quantity", _("Came in"), "decimal")
    out_quantity = going_out("out_quantity", _("Handed out"), "decimal")
    issued_quantity = going_out("issued_quantity", _("Issued to units"), "decimal")
    left_quantity = going_out("left_quantity", _("Left"), "decimal")
    left_vnd = going_out("left_vnd", _("Value left (đồng)"), "vnd", width=18)


class StockEntryResource(ListResource):
    """The goods book of one item."""

    slug, title = "goods-book", _("Goods book")

    occurred_on = going_out("occurred_on", _("Date"), "day")
    kind = going_out("movement__kind", _("What"), "choice", choices=MovementKind.choices, width=24)
    donor = going_out("movement__donation__donor__name", _("Donor"), width=34)
    issued_to = going_out("issued_to", _("Issued to unit"), width=34)
    taken_back_from = going_out("taken_back_from", _("Taken back from unit"), width=34)
    holder = going_out("holder__name", pgettext_lazy("goods", "Held by"), shown=False, width=34)
    came_in = going_out("came_in", _("In"), "decimal")
    went_out = going_out("went_out", _("Out"), "decimal")
    value_vnd = going_out(Abs(F("value_vnd")), _("Value (đồng)"), "vnd", width=18)


class BankAccountResource(ListResource):
    """Bank accounts, with what still waits for a decision."""

    slug, title = "bank-accounts", _("Bank accounts")

    bank = going_out("bank", _("Bank"), width=20)
    number = going_out("number", _("Account number"), "code", width=20)
    holder = going_out("holder", _("Account holder"), width=34)
    unit_name = going_out("unit__name", _("Unit"), width=34)
    fund_name = going_out("fund__name", _("Fund"), width=32)
    known_until = going_out("known_until", _("Statements until"), "day", width=16)
    open_count = going_out("open_count", _("To decide"), "int", width=12)
    closed_on = going_out("closed_on", _("Closed on"), "day")


class BankLineResource(ListResource):
    """The lines of one bank account; what went out stands below zero."""

    slug, title = "bank-lines", _("Lines of the account")

    occurred_on = going_out("occurred_on", _("Date"), "day")
    amount_vnd = going_out("amount_vnd", _("Amount (đồng)"), "vnd", width=18)
    party = going_out("party", _("Other party"), width=34)
    party_account = going_out("party_account", _("Other party's account"), "code", shown=False, width=20)
    description = going_out("description", _("The bank's text"), "lines", width=50)
    reference = going_out("reference", _("The bank's reference"), "code", width=22)
    state = going_out("state", _("State"), "choice", choices=LineState.choices, width=18)
    donor = going_out("donation__donor__name", _("Donor"), width=34)
    movement = going_out(
        "movement__kind", _("In the books as"), "choice", choices=MovementKind.choices, shown=False, width=24
    )
    set_aside_reason = going_out("set_aside_reason", _("Why set aside"), width=30)
    decided_by = going_out(account_name("decided_by"), _("Decided by"), width=24)
    decided_on = going_out(TruncDate("decided_at"), _("Decided on"), "day")


def _tiers() -> list[tuple[int, str]]:
    return [(tier.pk, tier.name) for tier in Tier.objects.all()]


class CoverageResource(ListResource):
    """Units with and without a fund on a day."""

    slug, title = "coverage", _("Units with a fund")

    code = going_out("code", _("Unit code"), "code", width=18)
    name = going_out("name_then", _("Unit"), width=38)
    tier = going_out("tier_then", _("Tier"), "choice", choices=_tiers, width=22)
    kind = going_out("kind", _("Kind"), "choice", choices=UnitKind.choices, width=22)
    parent = going_out("parent_then", _("Stands under"), width=38)
    has_fund = going_out("has_fund", _("Has a fund"), "flag", width=12)


class HonourResource(ListResource):
    """The roll of honour; who wishes to stay unnamed does."""

    slug, title = "honours", _("Roll of honour")

    rank = going_out("rank", _("Rank"), "int", width=8)
    name = going_out("name", _("Donor"), width=38)
    kind = going_out("kind", _("Kind of donor"), width=20)
    level = going_out("level", _("Level"), width=18)
    gifts = going_out("gifts", _("Gifts"), "int", width=10)
    given_vnd = going_out("given_vnd", _("Amount (đồng)"), "vnd", width=18)


class ClosingResource(ListResource):
    """The closed periods of one unit."""

    slug, title = "closings", _("Closed periods")

    period = going_out("closing__as_period__label", _("Period"), width=18)
    closed_on = going_out("closed_on", pgettext_lazy("books", "Closed on"), "day")
    closed_by = going_out("closing__closed_by", _("Closed by"), width=26)
    reopened_on = going_out("reopened__reopened_on", _("Reopened on"), "day", width=16)
    until_on = going_out("reopened__until_on", _("Closed again on"), "day", width=16)
    reason = going_out("reopened__reason", _("Why reopened"), width=40)


class LedgerResource(ListResource):
    """The book of one fund in a period."""

    slug, title = "fund-book", _("Fund book")

    occurred_on = going_out("occurred_on", _("Date"), "day")
    kind = going_out("kind", _("What"), "choice", choices=MovementKind.choices, width=26)
    donor = going_out("donation__donor__name", _("Donor"), width=34)
    source_fund = going_out("source__fund__name", _("From fund"), width=30)
    target_fund = going_out("target__fund__name", _("To fund"), width=30)
    document = going_out("document", _("Document"), "code", width=16)
    note = going_out("note", _("Note"), width=36)
    in_vnd = going_out(_some("in_vnd"), _("In (đồng)"), "vnd", width=18)
    out_vnd = going_out(_some("out_vnd"), _("Out (đồng)"), "vnd", width=18)
    set_aside_vnd = going_out(_some("set_aside_vnd"), _("Committed (đồng)"), "vnd", width=18)
    transit_vnd = going_out(_some("transit_vnd"), _("In transit (đồng)"), "vnd", width=18)
    is_reversal = going_out("is_reversal", _("Reversal"), "flag", width=12)


class BoardResource(ListResource):
    """Who sits on the boards of the funds of a list today."""

    slug, title = "boards", _("Boards of the funds")

    unit_name = going_out("fund__unit__name", _("Unit"), width=34)
    fund_code = going_out("fund__code", _("Fund code"), "code", shown=False, width=18)
    fund_name = going_out("fund__name", _("Fund"), width=34)
    body = going_out("body", pgettext_lazy("of a fund", "Board"), "choice", choices=BoardBody.choices, width=24)
    name = going_out("name", _("Name"), width=28)
    position = going_out("position", pgettext_lazy("on a board", "Position"), width=24)
    since = going_out("since", _("Since"), "day")
    until = going_out("until", _("Until"), "day")
