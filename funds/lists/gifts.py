"""The lists of gifts, donors, appeals, papers and funds: the same rows for the page and for the sheet that goes out."""

from __future__ import annotations

from django.db.models import Q
from django.http import QueryDict

from funds.filters import AppealFilter, DonationFilter, DonorFilter, FundFilter
from funds.models import Appeal, Donation, Donor, Fund, Paper
from funds.papers.register import PaperFilter, PaperResource
from funds.queries import with_balances, with_gifts, with_raised
from funds.queries.appeals import with_partner_names
from funds.queries.papers import with_signs
from funds.sheets.appeals import AppealResource
from funds.sheets.donations import DonationResource
from funds.sheets.donors import DonorResource
from funds.sheets.funds import FundResource
from hkh.core.keys import keys_of
from hkh.core.sheets.lists import Found, list_of
from members.here import stood_below
from members.lists import asked_unit
from members.models import Unit, User

DONATION_SORTS = {
    "received_on": ("received_on", "pk"),
    "amount_vnd": ("amount_vnd", "pk"),
    "donor": ("donor__title_key", "pk"),
}
DONOR_SORTS = {"name": ("title_key", "pk")}
APPEAL_SORTS = {"name": ("name", "pk"), "opens_on": ("opens_on", "pk")}
PAPER_SORTS = {
    "issued_on": ("issued_on", "pk"),
    "number": ("year", "number", "pk"),
    "amount_vnd": ("amount_vnd", "pk"),
}
FUND_SORTS = {
    "name": ("title_key", "pk"),
    "money_vnd": ("money_vnd", "pk"),
    "goods_vnd": ("goods_vnd", "pk"),
    "committed_vnd": ("committed_vnd", "pk"),
    "held_vnd": ("held_vnd", "pk"),
}


def donations_of(user: User, unit: Unit, query: QueryDict, *, tree: str) -> Found[DonationFilter]:
    """The gifts that ``unit`` and all below it received: below it ``then``, on the day, or ``today``."""
    own_funds = Fund.objects.visible_to(user).filter(Q(unit=unit) | Q(pk__in=keys_of(query.getlist("fund"))))
    narrowed = DonationFilter(query, funds=own_funds, user=user)
    below = stood_below(unit, on=None if tree == "today" else "received_on")
    rows = narrowed.apply(Donation.objects.visible_to(user).filter(below)).select_related(
        "donor", "fund", "unit", "split"
    )
    return Found(rows, narrowed, DONATION_SORTS, "-received_on")


def donors_of(user: User, unit: Unit, query: QueryDict) -> Found[DonorFilter]:
    """Whom ``unit`` and all below it know, with what each gave."""
    narrowed = DonorFilter(query)
    known = Donor.objects.visible_to(user).filter(stood_below(unit), merged_into=None).select_related("unit")
    rows = with_gifts(narrowed.apply(known), donations=Donation.objects.visible_to(user))
    return Found(rows, narrowed, DONOR_SORTS, "name")


def appeals_of(user: User, unit: Unit, query: QueryDict) -> Found[AppealFilter]:
    """The appeals of ``unit`` and of all below it, with what each raised."""
    narrowed = AppealFilter(query)
    called = Appeal.objects.visible_to(user).filter(stood_below(unit)).select_related("unit")
    rows = with_raised(with_partner_names(narrowed.apply(called)), donations=Donation.objects.visible_to(user))
    return Found(rows, narrowed, APPEAL_SORTS, "-opens_on")


def papers_of(user: User, unit: Unit, query: QueryDict, *, tree: str) -> Found[PaperFilter]:
    """The papers that ``unit`` and all below it issued: below it ``then``, on the day, or ``today``."""
    narrowed = PaperFilter(query, unit=unit)
    below = stood_below(unit, on=None if tree == "today" else "issued_on")
    rows = with_signs(narrowed.apply(Paper.objects.visible_to(user).filter(below)))
    return Found(rows, narrowed, PAPER_SORTS, "-issued_on")


def funds_of(user: User, unit: Unit, query: QueryDict) -> Found[FundFilter]:
    """The funds of ``unit`` and of all below it, with what they hold now."""
    narrowed = FundFilter(query)
    below = Fund.objects.visible_to(user).filter(stood_below(unit))
    rows = narrowed.apply(with_balances(below).select_related("unit"))
    return Found(rows, narrowed, FUND_SORTS, "-held_vnd")


@list_of(DonationResource)
def donations(user: User, query: QueryDict) -> Found[DonationFilter]:
    return donations_of(user, asked_unit(user, query), query, tree=query.get("tree", "then"))


@list_of(DonorResource)
def donors(user: User, query: QueryDict) -> Found[DonorFilter]:
    return donors_of(user, asked_unit(user, query), query)


@list_of(AppealResource)
def appeals(user: User, query: QueryDict) -> Found[AppealFilter]:
    return appeals_of(user, asked_unit(user, query), query)


@list_of(PaperResource)
def papers(user: User, query: QueryDict) -> Found[PaperFilter]:
    return papers_of(user, asked_unit(user, query), query, tree=query.get("tree", "then"))


@list_of(FundResource)
def funds(user: User, query: QueryDict) -> Found[FundFilter]:
    return funds_of(user, asked_unit(user, query), query)
