"""What the lists of giving can be narrowed by. Everything stays in the address."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from funds.filters import PeriodField
from hkh.core.dates import Period, PeriodKind, today
from hkh.core.filters import ListFilter
from scholarships.models import Award, AwardKind, AwardState, Distribution, Programme, Round, RoundState
from scholarships.queries import (
    not_handed_out,
    search_awards,
    search_distributions,
    search_rounds,
    undecided,
    undelivered,
)

#: How many school years, this one and those before it, a list offers.
YEARS_OFFERED = 5


def school_years() -> list[str]:
    """This school year and the ones before it, as "2024-2025"; newest first."""
    first = Period.containing(today(), PeriodKind.SCHOOL_YEAR).year
    return [f"{year}-{year + 1}" for year in range(first, first - YEARS_OFFERED, -1)]


class RoundFilter(ListFilter):
    programme = forms.ModelChoiceField(Programme.objects.all(), label=_("Programme"), required=False)
    school_year = forms.ChoiceField(label=_("School year"), required=False)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", pgettext_lazy("rounds", "All")),
            ("open", pgettext_lazy("rounds", "Open")),
            ("closed", pgettext_lazy("rounds", "Closed")),
            ("proposed", _("With proposals that wait")),
            ("undelivered", _("With awards not yet handed out")),
        ],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.call_search(_("Search by round, programme or unit"))
        self.fields["programme"].empty_label = _("All")  # type: ignore[attr-defined]
        years = school_years()
        asked = self.data.get("school_year", "")
        if asked and asked not in years and len(asked) == 9:
            years.append(asked)
        self.fields["school_year"].choices = [("", _("All")), *((year, year) for year in years)]  # type: ignore[attr-defined]

    def apply(self, rounds: QuerySet[Round]) -> QuerySet[Round]:
        said = self.said()
        if "q" in said:
            rounds = search_rounds(rounds, said["q"])
        rounds = rounds.filter(**{name: said[name] for name in ("programme", "school_year") if name in said})
        match said.get("state"):
            case "open":
                rounds = rounds.filter(state=RoundState.OPEN)
            case "closed":
                rounds = rounds.filter(state=RoundState.CLOSED)
            case "proposed":
                rounds = undecided(rounds)
            case "undelivered":
                rounds = undelivered(rounds)
        return rounds


class WaitingRoundFilter(ListFilter):
    """The rounds of which something is still to be handed out."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.call_search(_("Search by round, programme or unit"))

    def apply(self, rounds: QuerySet[Round]) -> QuerySet[Round]:
        said = self.said()
        return search_rounds(rounds, said["q"]) if "q" in said else rounds


class AwardFilter(ListFilter):
    state = forms.ChoiceField(label=_("State"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.call_search(_("Search by recipient, school or unit"))
        self.fields["kind"].choices = [("", _("All")), *AwardKind.choices]  # type: ignore[attr-defined]
        self.fields["state"].choices = [  # type: ignore[attr-defined]
            ("", _("All")),
            *AwardState.choices,
            ("undelivered", _("Not yet handed out")),
        ]

    def apply(self, awards: QuerySet[Award]) -> QuerySet[Award]:
        said = self.said()
        if "q" in said:
            awards = search_awards(awards, said["q"])
        if "kind" in said:
            awards = awards.filter(kind=said["kind"])
        match said.get("state"):
            case None:
                return awards
            case "undelivered":
                return not_handed_out(awards)
            case state:
                return awards.filter(state=state)


class DistributionFilter(ListFilter):
    programme = forms.ModelChoiceField(Programme.objects.all(), label=_("Programme"), required=False)
    period = PeriodField(label=_("Period"), required=False)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("All")), ("held", _("Handed out")), ("voided", _("Voided"))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.call_search(_("Search by round, unit, place or document"))
        self.fields["programme"].empty_label = _("All")  # type: ignore[attr-defined]
        self.fields["period"].offer(self.data.get("period", ""))  # type: ignore[attr-defined]

    @property
    def asked_period(self) -> Period | None:
        code = self.said().get("period")
        try:
            return Period.parse(code) if code else None
        except ValidationError:
            return None

    def apply(self, distributions: QuerySet[Distribution]) -> QuerySet[Distribution]:
        said = self.said()
        if "q" in said:
            distributions = search_distributions(distributions, said["q"])
        if "programme" in said:
            distributions = distributions.filter(round__programme=said["programme"])
        if period := self.asked_period:
            distributions = distributions.filter(held_on__gte=period.starts_on, held_on__lt=period.ends_before)
        match said.get("state"):
            case "held":
                distributions = distributions.filter(voided_on=None)
            case "voided":
                distributions = distributions.exclude(voided_on=None)
        return distributions
