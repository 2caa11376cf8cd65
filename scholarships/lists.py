"""The lists of giving: the same rows for the page and for the sheet that goes out."""

from __future__ import annotations

from django.http import Http404, QueryDict

from hkh.core.keys import key_of
from hkh.core.sheets.lists import Found, list_of
from members.here import stood_below
from members.lists import asked_unit
from members.models import Unit, User
from scholarships.filters import AwardFilter, DistributionFilter, RoundFilter
from scholarships.models import Award, Distribution, Round
from scholarships.queries import reaching, with_tallies
from scholarships.sheets import AwardResource, DistributionResource, RoundResource

ROUND_SORTS = {
    "opened_on": ("opened_on", "pk"),
    "name": ("search_key", "pk"),
    "school_year": ("school_year", "pk"),
    "approved_vnd": ("approved_vnd", "pk"),
    "delivered_vnd": ("delivered_vnd", "pk"),
}
AWARD_SORTS = {"unit": ("unit__title_key", "pk"), "value_vnd": ("value_vnd", "pk"), "proposed": ("pk",)}
DISTRIBUTION_SORTS = {"held_on": ("held_on", "pk")}


def rounds_of(user: User, unit: Unit, query: QueryDict) -> Found[RoundFilter]:
    """The rounds of ``unit`` and of all below it, with what each proposed, approved and handed out."""
    narrowed = RoundFilter(query)
    own = Round.objects.visible_to(user).filter(stood_below(unit)).select_related("unit", "programme")
    return Found(narrowed.apply(with_tallies(own)), narrowed, ROUND_SORTS, "-opened_on")


def awards_of(user: User, round_: Round, query: QueryDict) -> Found[AwardFilter]:
    """The awards of ``round_``."""
    narrowed = AwardFilter(query)
    awards = Award.objects.visible_to(user).filter(round=round_).select_related("unit")
    return Found(narrowed.apply(awards), narrowed, AWARD_SORTS, "proposed")


def distributions_of(user: User, unit: Unit, query: QueryDict, *, tree: str) -> Found[DistributionFilter]:
    """What was handed out to ``unit`` and to all below it, whoever held it: below it ``then`` or ``today``."""
    narrowed = DistributionFilter(query)
    visible = Distribution.objects.visible_to(user).select_related("round", "unit")
    rows = narrowed.apply(reaching(visible, unit, on=None if tree == "today" else "held_on"))
    return Found(rows, narrowed, DISTRIBUTION_SORTS, "-held_on")


@list_of(RoundResource)
def rounds(user: User, query: QueryDict) -> Found[RoundFilter]:
    return rounds_of(user, asked_unit(user, query), query)


@list_of(AwardResource)
def awards(user: User, query: QueryDict) -> Found[AwardFilter]:
    round_ = Round.objects.visible_to(user).filter(pk=key_of(query.get("round"))).first()
    if round_ is None:
        raise Http404
    return awards_of(user, round_, query)


@list_of(DistributionResource)
def distributions(user: User, query: QueryDict) -> Found[DistributionFilter]:
    return distributions_of(user, asked_unit(user, query), query, tree=query.get("tree", "then"))
