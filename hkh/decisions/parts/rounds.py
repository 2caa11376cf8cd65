"""What a decision does to what is open in closed units: rounds, appeals, proposals, the cards of donors.

- A round without a proposal that waits closes on the unit's last day; one with proposals stands in the way.
- An appeal ends on the unit's last day and goes on, under its name and with its partners, in the unit that carries on
  for the whole.
- Proposals for a closed unit in rounds of others, and its donors, go to who carries on; of a unit that is split or
  dissolved, donors to the unit above.
- What is approved for a closed unit in rounds of others and not handed out only makes a note: it is cancelled and
  proposed anew, as the rules of giving ask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from hkh.core.dates import format_date
from hkh.core.money import dong, format_number
from hkh.decisions.plan import Carried, Ending, Ref
from hkh.decisions.world import rows

if TYPE_CHECKING:
    from hkh.decisions.planning import Planner

_ROUNDS = """
    SELECT round.id, round.name, round.unit_id,
           (SELECT count(*) FROM scholarships_award award WHERE award.round_id = round.id AND award.state = 'proposed')
    FROM scholarships_round round
    WHERE round.unit_id = ANY (%(units)s) AND round.state = 'open' AND round.opened_on < %(day)s
    ORDER BY round.unit_id, round.id
"""

#: What was opened, approved, handed out or voided in a closed unit on or after its last day.
_LATE = """
    SELECT unit_id, count(*), max(day) FROM (
        SELECT unit_id, opened_on AS day FROM scholarships_round WHERE unit_id = ANY (%(units)s)
        UNION ALL SELECT unit_id, approved_on FROM scholarships_award WHERE unit_id = ANY (%(units)s)
        UNION ALL SELECT unit_id, held_on FROM scholarships_distribution WHERE unit_id = ANY (%(units)s)
        UNION ALL SELECT unit_id, voided_on FROM scholarships_distribution WHERE unit_id = ANY (%(units)s)
        UNION ALL
        SELECT award.unit_id, held.held_on FROM scholarships_award award
        JOIN scholarships_distributionline line ON line.award_id = award.id
        JOIN scholarships_distribution held ON held.id = line.distribution_id WHERE award.unit_id = ANY (%(units)s)
    ) fact WHERE day >= %(day)s GROUP BY unit_id ORDER BY unit_id
"""

_AWARDS = """
    SELECT award.unit_id, count(*) FILTER (WHERE award.state = 'proposed'),
           count(*) FILTER (WHERE award.state = 'approved'),
           sum((award.count - award.delivered_count - award.cancelled_count) * award.unit_value_vnd)
               FILTER (WHERE award.state = 'approved')::bigint
    FROM scholarships_award award JOIN scholarships_round round ON round.id = award.round_id
    WHERE award.unit_id = ANY (%(units)s) AND round.unit_id <> ALL (%(units)s)
      AND (award.state = 'proposed'
           OR award.state = 'approved' AND award.count > award.delivered_count + award.cancelled_count)
    GROUP BY award.unit_id ORDER BY award.unit_id
"""

_APPEALS = """
    SELECT appeal.id, appeal.name, appeal.unit_id, appeal.opens_on, appeal.target_vnd,
           coalesce(sum(given.amount_vnd) FILTER (WHERE given.voided_on IS NULL), 0)::bigint
    FROM funds_appeal appeal LEFT JOIN funds_donation given ON given.appeal_id = appeal.id
    WHERE appeal.unit_id = ANY (%(units)s) AND (appeal.closes_on IS NULL OR appeal.closes_on > %(day)s)
    GROUP BY appeal.id ORDER BY appeal.unit_id, appeal.id
"""

_DONORS = "SELECT unit_id, count(*) FROM funds_donor WHERE unit_id = ANY (%(units)s) GROUP BY unit_id ORDER BY unit_id"


def plan_rounds(planner: Planner) -> dict[str, Any]:
    """Rounds and appeals that end, and what goes along to who carries on. 5 queries."""
    params = {"units": [unit.unit_id for unit in planner.closed], "day": planner.day}
    for unit_id, count, day in rows(_LATE, params):
        planner.refuse(
            "given_later",
            _("In “%(unit)s” %(count)s rounds, awards or distributions are of that day or later, the last of %(day)s.")
            + " "
            + _("Let the decision take effect later."),
            planner.closing[unit_id][0],
            unit=planner.tree.name(unit_id),
            count=format_number(count),
            day=format_date(day),
        )
    return {
        "rounds": tuple(_rounds(planner, params)),
        "appeals": tuple(_appeals(planner, params)),
        "carried": (*_proposals(planner, params), *_donors(planner, params)),
    }


def _rounds(planner: Planner, params: dict[str, Any]) -> list[Ending]:
    endings = []
    for round_id, name, unit_id, waiting in rows(_ROUNDS, params):
        unit = planner.tree.name(unit_id)
        if waiting:
            planner.refuse(
                "proposals_wait",
                _("In the round “%(round)s” of “%(unit)s” %(count)s proposals wait. Approve or cancel them."),
                planner.closing[unit_id][0],
                round=name,
                unit=unit,
                count=format_number(waiting),
            )
        endings.append(Ending("round", round_id, name, unit_id, unit, None, ""))
    return endings


def _appeals(planner: Planner, params: dict[str, Any]) -> list[Ending]:
    endings = []
    for appeal_id, name, unit_id, opens_on, target_vnd, raised_vnd in rows(_APPEALS, params):
        unit = planner.tree.name(unit_id)
        if opens_on >= planner.day:
            planner.refuse(
                "appeal_later",
                _(
                    "The appeal “%(appeal)s” of “%(unit)s” opens on %(day)s, when the unit is no more. "
                    "Change its dates first."
                ),
                planner.closing[unit_id][0],
                appeal=name,
                unit=unit,
                day=format_date(opens_on),
            )
            continue
        heir = planner.main_heir(unit_id) if planner.is_whole(unit_id) else None
        left_vnd = max(0, target_vnd - raised_vnd) or None if target_vnd else None
        endings.append(
            Ending("appeal", appeal_id, name, unit_id, unit, heir, planner.tree.name(heir), left_vnd if heir else None)
        )
    return endings


def _proposals(planner: Planner, params: dict[str, Any]) -> list[Carried]:
    carried = []
    for unit_id, proposed, approved, owed_vnd in rows(_AWARDS, params):
        unit, heir = planner.tree.name(unit_id), planner.main_heir(unit_id)
        if approved:
            planner.notes.append(
                _(
                    "%(count)s awards for “%(unit)s” (%(amount)s) are approved by other units and not handed out. "
                    "Hand them out before, or cancel them and propose them anew."
                )
                % {"count": format_number(approved), "unit": unit, "amount": dong(owed_vnd)}
            )
        if proposed and heir is None:
            planner.refuse(
                "proposals_stranded",
                _("%(count)s proposals for “%(unit)s” wait in rounds of other units. Approve or cancel them."),
                planner.closing[unit_id][0],
                count=format_number(proposed),
                unit=unit,
            )
        elif proposed and heir is not None:
            carried.append(Carried("award", unit_id, unit, heir, planner.tree.name(heir), proposed))
    return carried


def _donors(planner: Planner, params: dict[str, Any]) -> list[Carried]:
    carried = []
    for unit_id, count in rows(_DONORS, params):
        keeper = donors_go_to(planner, unit_id)
        if keeper is not None:
            carried.append(
                Carried("donor", unit_id, planner.tree.name(unit_id), keeper, planner.tree.name(keeper), count)
            )
    return carried


def donors_go_to(planner: Planner, unit_id: int) -> Ref | None:
    """Who keeps the cards of a closed unit's donors: who carries on for the whole, else the unit above."""
    at: int | None = unit_id
    while at is not None and at in planner.closing:
        if planner.is_whole(at):
            return planner.main_heir(at)
        at = planner.tree.nodes[at].parent_id
    return at
