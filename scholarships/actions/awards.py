"""Awards: proposed, approved, cancelled. Many at once, all or nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from funds.actions import commit_money, lock_accounts, release_money
from funds.models import AccountKind, Pot
from hkh.core.money import dong, format_number
from hkh.core.text import clean
from hkh.core.violations import refusals
from members.models import Unit, User
from members.rules import Verb, may, require, units_where
from scholarships.actions.locking import label, lock_awards, lock_round
from scholarships.models import (
    Award,
    AwardKind,
    AwardState,
    BeneficiaryGroup,
    RecipientKind,
    Round,
    RoundTally,
)


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """One award as it is nominated: a named recipient, or a lot of ``count`` without names."""

    unit: Unit
    kind: AwardKind | str
    beneficiary_group: BeneficiaryGroup | str
    unit_value_vnd: int
    count: int = 1
    recipient_kind: RecipientKind | str = RecipientKind.PUPIL
    recipient_name: str = ""
    birth_year: int | None = None
    school: str = ""
    grade: str = ""
    content: str = ""
    pot: Pot | str = Pot.CASH


def propose_awards(
    *, round_: Round, proposals: Sequence[Proposal], by: User, idempotency_key: UUID | None = None
) -> list[Award]:
    """The proposals as awards of the round, all or none. 9 queries, savepoints included, however many.

    With a key, a second submit returns the first awards. Raises: Http404, PermissionDenied for a unit where
    ``by`` may not propose; ValidationError with the sentence of the rule that a proposal breaks.
    """
    _require_in_all(by, Verb.PROPOSE_AWARDS, {proposal.unit.pk for proposal in proposals})
    if not proposals:
        raise ValidationError(_("Enter at least one award."), code="no_awards")
    batch = idempotency_key or uuid4()
    keys = [uuid5(batch, str(number)) for number in range(len(proposals))]
    beyond = uuid5(batch, str(len(proposals)))
    with refusals():
        held = lock_round(round_.pk)
        first = list(Award.unscoped.filter(idempotency_key__in=[*keys, beyond], round=held).order_by("pk"))
        if first:
            return _same(first, proposals)
        return Award.unscoped.bulk_create(
            Award(round=held, proposed_by=by, idempotency_key=key, **_stored(proposal))
            for key, proposal in zip(keys, proposals, strict=True)
        )


def approve_awards(*, round_: Round, awards: Collection[Award], on: date, by: User) -> list[Award]:
    """All of ``awards`` approved on ``on`` and their value committed in the fund, or none. 17 queries.

    Approving what is approved already changes nothing. Raises: Http404, PermissionDenied; ValidationError that
    names what is missing where fund, budget or quota fall short.
    """
    require(by, Verb.APPROVE_AWARDS, round_.unit_id)
    with refusals():
        held = lock_round(round_.pk)
        chosen = lock_awards(held, awards)
        if all(award.state == AwardState.APPROVED for award in chosen.values()):
            return list(chosen.values())
        for award in chosen.values():
            if award.state != AwardState.PROPOSED:
                raise ValidationError(
                    _("“%(award)s” is not a proposal any more (%(state)s). Open the round again."),
                    code="award_not_proposed",
                    params={"award": label(award), "state": award.get_state_display()},
                )
        _require_room(held, chosen.values())
        wanted = _value_by_pot(chosen.values())
        _require_money(held, wanted, count=sum(award.count for award in chosen.values()))
        for pot, amount_vnd in wanted.items():
            commit_money(fund=held.fund, pot=pot, amount_vnd=amount_vnd, occurred_on=on, by=by, note=held.name)
        Award.unscoped.filter(pk__in=chosen).update(state=AwardState.APPROVED, approved_on=on, approved_by=by)
        return list(Award.unscoped.filter(pk__in=chosen).select_related("unit"))


def cancel_awards(*, round_: Round, awards: Collection[Award], on: date, reason: str, by: User) -> list[Award]:
    """What is left of ``awards`` cancelled, all or none; money set aside for it is free again from ``on``.

    A proposal is withdrawn; an approved award is cancelled, or, in part handed out, the rest of it. Withdrawing
    takes the right to propose in the award's unit or to approve in the round's; cancelling the latter.
    Raises: Http404, PermissionDenied; ValidationError where all of an award has been handed out.
    """
    with refusals():
        held = lock_round(round_.pk)
        chosen = lock_awards(held, awards)
        proposed = [award for award in chosen.values() if award.state == AwardState.PROPOSED]
        approved = [award for award in chosen.values() if award.state == AwardState.APPROVED]
        if approved or not may(by, Verb.APPROVE_AWARDS, held.unit_id):
            if approved:
                require(by, Verb.APPROVE_AWARDS, held.unit_id)
            _require_in_all(by, Verb.PROPOSE_AWARDS, {award.unit_id for award in proposed})
        for award in approved:
            if award.remaining_count == 0:
                raise ValidationError(
                    _("All of “%(award)s” has been handed out. Void the distribution first."),
                    code="award_all_delivered",
                    params={"award": label(award)},
                )
        if not proposed and not approved:
            return list(chosen.values())
        for pot, amount_vnd in _value_by_pot(approved).items():
            release_money(
                fund=held.fund, pot=pot, amount_vnd=amount_vnd, occurred_on=on, by=by, note=clean(reason)[:240]
            )
        whole = [award.pk for award in (*proposed, *approved) if award.delivered_count == 0]
        Award.unscoped.filter(pk__in=whole).update(state=AwardState.CANCELLED)
        in_part = [award.pk for award in approved if award.delivered_count > 0]
        Award.unscoped.filter(pk__in=in_part).update(cancelled_count=F("count") - F("delivered_count"))
        return list(Award.unscoped.filter(pk__in=chosen).select_related("unit"))


def _stored(proposal: Proposal) -> dict[str, Any]:
    """The columns of ``proposal``, names and words cleaned."""
    facts = {field.name: getattr(proposal, field.name) for field in fields(proposal)}
    words = ("recipient_name", "school", "grade", "content")
    return facts | {name: clean(facts[name]) for name in words}


def _same(first: list[Award], proposals: Sequence[Proposal]) -> list[Award]:
    """What the first submit made, where the second says the same. Raises: ValidationError where it does not."""
    stored = [_stored(proposal) for proposal in proposals]
    matches = len(first) == len(stored) and all(
        getattr(award, name) == value
        for award, facts in zip(first, stored, strict=True)
        for name, value in facts.items()
    )
    if not matches:
        raise ValidationError(
            _("This form has been saved already, with other details. Open the round and correct it there."),
            code="saved_already",
        )
    return first


def _require_in_all(by: User, verb: Verb, unit_ids: set[int]) -> None:
    """``rules.require`` for many units at once. 2 queries."""
    allowed = set(units_where(by, verb).filter(pk__in=unit_ids).values_list("pk", flat=True))
    for unit_id in sorted(unit_ids - allowed):
        require(by, verb, unit_id)


def _value_by_pot(awards: Iterable[Award]) -> dict[str, int]:
    """What is not handed out yet, in đồng, by pot in a fixed order."""
    sums: dict[str, int] = {}
    for award in awards:
        left = award.count - award.delivered_count - award.cancelled_count
        sums[award.pot] = sums.get(award.pot, 0) + left * award.unit_value_vnd
    return dict(sorted(sums.items()))


def _require_room(held: Round, awards: Collection[Award]) -> None:
    """Refuse, saying what is left, where the awards do not fit into the round's budget or quota. 1 query."""
    tallies = RoundTally.objects.filter(round=held)
    approved_count = sum(tally.approved_count for tally in tallies)
    approved_vnd = sum(tally.approved_vnd for tally in tallies)
    count, value_vnd = sum(award.count for award in awards), sum(award.value_vnd for award in awards)
    if held.budget_vnd is not None and approved_vnd + value_vnd > held.budget_vnd:
        raise ValidationError(
            _(
                "The budget of the round has %(left)s left, and these awards need %(wanted)s. "
                "Approve fewer awards or raise the budget."
            ),
            code="round_budget_holds",
            params={"left": dong(max(held.budget_vnd - approved_vnd, 0)), "wanted": dong(value_vnd)},
        )
    if held.quota is not None and approved_count + count > held.quota:
        raise ValidationError(
            _(
                "The quota of the round has room for %(left)s, and these awards are %(wanted)s. "
                "Approve fewer awards or raise the quota."
            ),
            code="round_quota_holds",
            params={
                "left": format_number(max(held.quota - approved_count, 0)),
                "wanted": format_number(count),
            },
        )


def _require_money(held: Round, wanted: dict[str, int], *, count: int) -> None:
    """Refuse, saying what is left, where the round's fund (locked here) does not hold what is wanted. 2 queries."""
    accounts = lock_accounts([held.fund])
    for pot, amount_vnd in wanted.items():
        left_vnd = accounts[held.fund_id, AccountKind.FREE, pot].balance_vnd
        if left_vnd >= amount_vnd:
            continue
        sentences = {
            Pot.CASH: ngettext(
                "The fund holds only %(left)s; this award needs %(wanted)s. "
                "Approve fewer awards or choose another fund.",
                "The fund holds only %(left)s; these %(count)s awards need %(wanted)s. "
                "Approve fewer awards or choose another fund.",
                count,
            ),
            Pot.GOODS: ngettext(
                "The fund holds goods worth only %(left)s; this award needs %(wanted)s. "
                "Approve fewer awards or choose another fund.",
                "The fund holds goods worth only %(left)s; these %(count)s awards need %(wanted)s. "
                "Approve fewer awards or choose another fund.",
                count,
            ),
        }
        raise ValidationError(
            sentences[Pot(pot)],
            code="account_not_overdrawn",
            params={"left": dong(left_vnd), "wanted": dong(amount_vnd), "count": format_number(count)},
        )
