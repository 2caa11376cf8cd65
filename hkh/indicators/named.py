"""Every figure by its name. The command line prints them all; documents and checks ask for single ones."""

from __future__ import annotations

from typing import Any

from hkh.indicators.figures import FundFlows, Given, Picture
from members.headcounts import Headcount


def named_figures(picture: Picture) -> dict[str, Any]:
    """The figures as nested dictionaries along the dots of their names; numbers are whole (people, suất, đồng).

    ``members`` are those in the lists, ``members_reported`` what units declare (None: none did), ``headcounts`` how
    many units that holds for. ``units`` by tier, ``kinds`` the same split by kind of unit; ``funds`` the unit's own by
    code; ``money`` all funds of the unit and below together.
    """
    now = picture.now
    return {
        "units": {code: tier.total for code, tier in now.units.items()},
        "kinds": {code: dict(tier.by_kind) for code, tier in now.units.items()},
        "with_fund": {code: tier.with_fund for code, tier in now.units.items() if tier.holds_funds},
        "members": now.members,
        "members_reported": picture.headcount.reported if picture.headcount.is_reported else None,
        "members_joined": now.members_joined,
        "members_left": now.members_left,
        "headcounts": _headcounts(picture.headcount),
        "population": now.population,
        "mobilised": now.mobilised_vnd,
        "mobilised_by_form": dict(sorted(now.mobilised_by_form.items())),
        "mobilised_by_donor": dict(sorted(now.mobilised_by_donor_kind.items())),
        "pass_through": now.pass_through_vnd,
        "spent": now.spent_vnd,
        "funds": {fund.code: _flows(fund.flows) for fund in picture.own_funds},
        "money": _flows(now.money),
        "given": _given(now.given),
        "given_by_kind": {kind: _given(given) for kind, given in sorted(now.given_by_kind.items())},
        "given_by_programme": {code: _given(given) for code, given in sorted(now.given_by_programme.items())},
        "given_by_group": {group: _given(given) for group, given in sorted(now.given_by_group.items())},
        "facilities": _given(now.facilities),
        "emergency": _given(now.emergency),
    }


def _headcounts(headcount: Headcount) -> dict[str, int]:
    return {
        "units": headcount.units,
        "reporting": headcount.units_reporting,
        "registered_there": headcount.registered_there,
        "differing": headcount.units_differing,
        "more": headcount.more,
        "fewer": headcount.fewer,
    }


def _flows(flows: FundFlows) -> dict[str, int]:
    return {
        "opening": flows.opening_vnd,
        "in": flows.in_vnd,
        "out": flows.out_vnd,
        "closing": flows.closing_vnd,
        "committed": flows.committed_vnd,
        "in_transit": flows.transit_vnd,
    }


def _given(given: Given) -> dict[str, int]:
    return {"count": given.count, "value": given.value_vnd}
