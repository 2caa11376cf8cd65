"""Reads of giving over many rows. Callers give querysets that are scoped already."""

from __future__ import annotations

from typing import Any

from django.db.models import (
    BigIntegerField,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    TextField,
    Value,
)
from django.db.models.functions import Coalesce

from hkh.core.text import SearchKey, search_key
from members.models import Unit, UnitAncestor
from members.queries import ever_named
from scholarships.models import (
    Award,
    AwardState,
    Distribution,
    DistributionLine,
    Programme,
    Round,
    RoundState,
    RoundTally,
)

TALLIED = ("proposed_count", "proposed_vnd", "approved_count", "approved_vnd", "delivered_count", "delivered_vnd")


# Programmes and rounds


def programmes_for(kept: Programme | None, *, open_since: Any) -> QuerySet[Programme]:
    """The programmes that take rounds after ``open_since`` (a date), and ``kept`` whatever its state."""
    open_ones = Q(retired_on=None) | Q(retired_on__gt=open_since)
    return Programme.objects.filter(open_ones | Q(pk=kept.pk) if kept else open_ones).order_by("name")


def with_tallies(rounds: QuerySet[Round]) -> QuerySet[Round]:
    """``rounds`` with what they propose, approved and handed out, both pots together. No query of its own.

    Columns: ``TALLIED``, all int >= 0. Approved counts what is handed out too, and leaves out what was cancelled.
    """
    own = RoundTally.objects.filter(round=OuterRef("pk")).order_by().values("round")
    return rounds.annotate(
        **{
            name: Coalesce(
                Subquery(own.annotate(_sum=Sum(name)).values("_sum"), output_field=BigIntegerField()),
                Value(0),
                output_field=BigIntegerField(),
            )
            for name in TALLIED
        }
    )


def undelivered(rounds: QuerySet[Round]) -> QuerySet[Round]:
    """Those of ``rounds`` with approved awards that are not handed out yet."""
    waiting = RoundTally.objects.filter(round=OuterRef("pk"), approved_count__gt=F("delivered_count"))
    return rounds.filter(Exists(waiting))


def undecided(rounds: QuerySet[Round]) -> QuerySet[Round]:
    """Those of ``rounds`` with proposals that are neither approved nor cancelled."""
    return rounds.filter(Exists(RoundTally.objects.filter(round=OuterRef("pk"), proposed_count__gt=0)))


def calling(units: QuerySet[Unit]) -> QuerySet[Round]:
    """The open rounds of the units above ``units`` (ids are enough), their own among them.

    Whoever may propose in one of ``units`` may propose to these; they need not be in anyone's scope, for a round
    calls all below it.
    """
    above = UnitAncestor.objects.filter(unit__in=units.values("pk"), is_latest=True).values("ancestor")
    return Round.unscoped.filter(state=RoundState.OPEN, unit__in=above)


def units_below(units: QuerySet[Unit], unit: Unit) -> QuerySet[Unit]:
    """Those of ``units`` that stand below ``unit`` now, and ``unit`` itself."""
    below = UnitAncestor.objects.filter(ancestor=unit, is_latest=True)
    return units.filter(pk__in=below.values("unit"))


def search_rounds(rounds: QuerySet[Round], text: str) -> QuerySet[Round]:
    """The rounds in whose name, unit or programme each word of ``text`` stands, marks and case aside."""
    rounds = rounds.alias(programme_key=SearchKey("programme__name", output_field=TextField()))
    for word in search_key(text).split():
        rounds = rounds.filter(
            Q(search_key__contains=word) | Q(unit__in=ever_named(word)) | Q(programme_key__contains=word)
        )
    return rounds


# Awards


def not_handed_out(awards: QuerySet[Award]) -> QuerySet[Award]:
    """Those of ``awards`` that are approved and of which something is still to be handed out."""
    return awards.filter(state=AwardState.APPROVED, count__gt=F("delivered_count") + F("cancelled_count"))


def search_awards(awards: QuerySet[Award], text: str) -> QuerySet[Award]:
    """The awards in whose recipient's name, school or unit each word of ``text`` stands, marks and case aside."""
    awards = awards.alias(school_key=SearchKey("school", output_field=TextField()))
    for word in search_key(text).split():
        awards = awards.filter(
            Q(search_key__contains=word) | Q(unit__in=ever_named(word)) | Q(school_key__contains=word)
        )
    return awards


def to_hand_out(awards: QuerySet[Award]) -> QuerySet[Award]:
    """Those of ``awards`` that are approved and not wholly handed out, by receiving unit and in the order proposed."""
    return not_handed_out(awards).select_related("unit").order_by("unit__title_key", "unit", "pk")


def receiving_units(units: QuerySet[Unit], awards: QuerySet[Award]) -> QuerySet[Unit]:
    """Those of ``units`` that receive one of ``awards``, by name."""
    return units.filter(pk__in=awards.order_by().values("unit")).order_by("title_key", "pk")


# Distributions


def _reaching(unit: Unit, *, on: str | None) -> QuerySet[DistributionLine]:
    """The lines of the row's distribution that went to ``unit`` or to what stood below it: on the day of the
    distribution's field ``on``, or, without it, stands there now."""
    closure = UnitAncestor.objects.filter(ancestor=unit, unit=OuterRef("award__unit"))
    if on is None:
        below = closure.filter(is_latest=True)
    else:
        day = OuterRef(f"distribution__{on}")
        below = closure.filter(Q(valid_until=None) | Q(valid_until__gt=day), valid_from__lte=day)
    return DistributionLine.objects.filter(Exists(below), distribution=OuterRef("pk"))


def reaching(distributions: QuerySet[Distribution], unit: Unit, *, on: str | None) -> QuerySet[Distribution]:
    """``distributions`` of which something went to ``unit`` or below it, with how much. No query of its own.

    Columns: ``line_count`` (lines), ``given_count`` (awards), ``given_vnd`` (đồng): what went there alone, which is
    the whole of it where ``unit`` held it. A voided distribution still says what it was.
    """
    lines = _reaching(unit, on=on)
    sums = lines.order_by().values("distribution")
    return distributions.filter(Exists(lines)).annotate(
        **{
            name: Subquery(sums.annotate(_sum=total).values("_sum"), output_field=BigIntegerField())
            for name, total in (
                ("line_count", Count("pk")),
                ("given_count", Sum("count")),
                ("given_vnd", Sum("value_vnd")),
            )
        }
    )


def lines_of(distribution: Distribution) -> QuerySet[DistributionLine]:
    """What was handed out, by receiving unit, awards and units along."""
    lines = DistributionLine.objects.filter(distribution=distribution)
    return lines.select_related("award__unit", "movement").order_by("award__unit__title_key", "award__unit", "pk")


def search_distributions(distributions: QuerySet[Distribution], text: str) -> QuerySet[Distribution]:
    """The distributions in whose round, unit, place or document each word of ``text`` stands, marks and case aside."""
    distributions = distributions.alias(
        venue_key=SearchKey("venue", output_field=TextField()),
        document_key=SearchKey("document", output_field=TextField()),
    )
    for word in search_key(text).split():
        distributions = distributions.filter(
            Q(round__search_key__contains=word)
            | Q(unit__in=ever_named(word))
            | Q(venue_key__contains=word)
            | Q(document_key__contains=word)
        )
    return distributions
