"""Handing out: recorded, and voided where it was a mistake."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from funds.actions import Goods, pay_out, reverse_movement
from funds.actions.saving import saved_once
from funds.models import GoodsChoice, Movement, Pot
from hkh.core.dates import format_date
from hkh.core.money import format_number
from hkh.core.text import clean
from hkh.core.violations import refusals
from members.models import User
from members.rules import Verb, require
from scholarships.actions.locking import label, lock_awards, lock_round
from scholarships.models import Award, AwardState, Distribution, DistributionLine, Round

Lines = Sequence[tuple[Award, int]]


def record_distribution(
    *,
    round_: Round,
    held_on: date,
    lines: Lines,
    by: User,
    goods: Goods = (),
    venue: str = "",
    document: str = "",
    note: str = "",
    idempotency_key: UUID | None = None,
) -> Distribution:
    """The handing-out of ``lines`` (award, how many of it) on one day, paid from what is committed, or nothing.

    15 queries with one pot, however many lines; one payment a pot. ``goods`` are those that the awards in goods are
    made up of; where none are named, goods of their value. With a key, a second submit returns the first
    distribution. Raises: Http404, PermissionDenied; ValidationError that names the award or the goods of which not so
    many are left, or the rule that is broken.
    """
    require(by, Verb.RECORD_DISTRIBUTION, round_.unit_id)
    with refusals():
        held = lock_round(round_.pk)

        def hand_out() -> Distribution:
            awards = lock_awards(held, [award for award, _count in lines])
            _require_left(awards, lines)
            distribution = Distribution.unscoped.create(
                **facts,
                document=clean(document),
                note=note.strip(),
                recorded_by=by,
                idempotency_key=idempotency_key or uuid4(),
            )
            _deliver(distribution, awards, lines, goods, by=by)
            return distribution

        facts = {"round": held, "unit_id": held.unit_id, "held_on": held_on, "venue": clean(venue)}
        distribution = saved_once(Distribution.unscoped.all(), key=idempotency_key, facts=facts, make=hand_out)
        saved = set(distribution.lines.values_list("award_id", "count"))
        same = saved == {(award.pk, count) for award, count in lines}
        if not same or (Pot.GOODS in {award.pot for award, _count in lines} and not _are_chosen(distribution, goods)):
            raise ValidationError(
                _("This form has been saved already, with other details. Open the saved entry and correct it there."),
                code="saved_already",
            )
        return distribution


def void_distribution(*, distribution: Distribution, reason: str, on: date, by: User) -> Distribution:
    """The distribution taken back, whole, with the reason; once. Its awards can be handed out again.

    Its payments are reversed into what is committed; it counts negative in the month of ``on``.
    Raises: Http404, PermissionDenied; ValidationError.
    """
    require(by, Verb.VOID_DISTRIBUTION, distribution.unit_id)
    with refusals():
        lock_round(distribution.round_id)
        held = Distribution.unscoped.select_for_update(no_key=True).get(pk=distribution.pk)
        if held.voided_on is not None:
            raise ValidationError(
                _("This distribution was voided already, on %(day)s."),
                code="distribution_void_once",
                params={"day": format_date(held.voided_on)},
            )
        if on < held.held_on:
            raise ValidationError(
                _("It was held on %(day)s. Choose that day or a later one."),
                code="distribution_void_before_held",
                params={"day": format_date(held.held_on)},
            )
        lock_awards(held.round, Award.unscoped.filter(deliveries__distribution=held))
        held.voided_on, held.voided_by, held.void_reason = on, by, clean(reason)
        held.clean_fields(exclude={"note"})
        for movement in Movement.objects.filter(distribution_lines__distribution=held).distinct().order_by("pk"):
            reverse_movement(movement=movement, occurred_on=on, by=by, note=held.void_reason)
        held.save(update_fields=["voided_on", "voided_by", "void_reason"])
        return held


def _require_left(awards: dict[int, Award], lines: Lines) -> None:
    """Refuse, naming the award, where a line asks for more of it (locked) than is left to hand out."""
    if len(awards) < len(lines):
        raise ValidationError(_("An award stands once in a distribution."), code="distribution_line_once")
    for line_award, count in lines:
        award = awards[line_award.pk]
        if count < 1:
            raise ValidationError(
                _("Enter how many of “%(award)s” were handed out."),
                code="distribution_line_positive",
                params={"award": label(award)},
            )
        if award.state != AwardState.APPROVED:
            raise ValidationError(
                _("“%(award)s” is not approved (%(state)s). Only what has been approved can be handed out."),
                code="line_of_approved",
                params={"award": label(award), "state": award.get_state_display()},
            )
        if award.remaining_count < count:
            raise ValidationError(
                _("Of “%(award)s” only %(left)s are left to hand out, not %(wanted)s. Lower the number."),
                code="award_delivered_at_most_all",
                params={
                    "award": label(award),
                    "left": format_number(award.remaining_count),
                    "wanted": format_number(count),
                },
            )


def _are_chosen(distribution: Distribution, goods: Goods) -> bool:
    """Whether ``distribution`` hands out the very ``goods``. 1 query."""
    chosen = GoodsChoice.objects.filter(movement__distribution_lines__distribution=distribution)
    said = {(stock.item_id, stock.holder_id, quantity) for stock, quantity in goods}
    return set(chosen.values_list("item", "holder", "quantity")) == said


def _deliver(distribution: Distribution, awards: dict[int, Award], lines: Lines, goods: Goods, *, by: User) -> None:
    """The lines of ``distribution`` and the payment of each pot. All lines in one statement: so they are proved."""
    counted = [(awards[award.pk], count) for award, count in lines]
    if goods and not any(award.pot == Pot.GOODS for award, _count in counted):
        raise ValidationError(
            _("Goods are chosen, but no award in goods is handed out. Write how many, or empty the quantities."),
            code="goods_without_award",
        )
    payments = {}
    for pot in sorted({award.pot for award, _count in counted}):
        payments[pot] = pay_out(
            fund=distribution.round.fund,
            pot=pot,
            amount_vnd=sum(award.unit_value_vnd * count for award, count in counted if award.pot == pot),
            occurred_on=distribution.held_on,
            by=by,
            document=distribution.document,
            note=distribution.round.name,
            goods=goods if pot == Pot.GOODS else (),
        )
    DistributionLine.objects.bulk_create(
        DistributionLine(
            distribution=distribution,
            award=award,
            count=count,
            value_vnd=award.unit_value_vnd * count,
            movement=payments[award.pot],
        )
        for award, count in counted
    )
