"""What the lists of units and members can be narrowed by. Everything stays in the address."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from hkh.core.dates import FIRST_YEAR, LAST_YEAR, today
from hkh.core.filters import ListFilter
from members.cards import CardState
from members.models import Appointment, DuplicatePair, Membership, PairState, Position, Tier, Unit, UnitKind
from members.models.people import LeaveReason, Sex
from members.queries import gone_elsewhere, matching_members, matching_units
from members.terms import ending_within, left_vacant

#: Youngest and oldest, in years that begin with the year of birth.
AGES = {"under-30": (0, 29), "30-44": (30, 44), "45-59": (45, 59), "60-over": (60, 150)}


class UnitFilter(ListFilter):
    """Units; with nothing asked for the list shows what stands directly below the unit of the page."""

    tier = forms.ModelChoiceField(Tier.objects.all(), label=_("Tier"), required=False, empty_label=_("All"))
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("All")), *UnitKind.choices])
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("There now; all of them when searched")),
            ("there", _("There now")),
            ("dissolved", _("Dissolved")),
            ("ever", _("Both")),
        ],
    )
    reach = forms.ChoiceField(
        label=_("How far down"),
        required=False,
        choices=[
            ("", _("Directly below; all when narrowed")),
            ("children", _("Directly below")),
            ("all", _("All below")),
        ],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.call_search(_("Search by name, by any earlier name or by code"))

    @property
    def goes_deep(self) -> bool:
        """Whether the list takes in all that stands below, not just the next step down."""
        said = self.said()
        return said.get("reach") == "all" or ("reach" not in said and bool(said))

    def apply(self, units: QuerySet[Unit]) -> QuerySet[Unit]:
        said = self.said()
        units = units.filter(**{name: said[name] for name in ("tier", "kind") if name in said})
        there = Q(founded_on__lte=today()) & (Q(dissolved_on=None) | Q(dissolved_on__gt=today()))
        match said.get("state", "ever" if "q" in said else "there"):
            case "there":
                units = units.filter(there)
            case "dissolved":
                units = units.exclude(there)
        return matching_units(units, said.get("q", ""))


class MemberFilter(ListFilter):
    """Memberships, by what is known of the person and of the membership."""

    sex = forms.ChoiceField(
        label=_("Sex"),
        required=False,
        choices=[("", _("All")), ("f", _("Female")), ("m", _("Male")), ("none", _("Not stated"))],
    )
    age = forms.ChoiceField(
        label=_("Age"),
        required=False,
        choices=[
            ("", _("All")),
            ("under-30", _("Under 30")),
            ("30-44", _("30 to 44")),
            ("45-59", _("45 to 59")),
            ("60-over", _("60 and over")),
            ("none", _("Not stated")),
        ],
    )
    joined = forms.IntegerField(
        label=_("Joined in the year"),
        required=False,
        min_value=FIRST_YEAR,
        max_value=LAST_YEAR,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("Members now")),
            ("left", _("Left the association")),
            ("deceased", _("Deceased")),
            ("transferred", _("Went on to another unit")),
            ("ever", _("Members now and once")),
        ],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.call_search(_("Search by name or card number"))

    @property
    def text(self) -> str:
        """What is searched for."""
        return str(self.said().get("q", ""))

    @property
    def is_narrowed(self) -> bool:
        """Whether anything else is asked for than a name."""
        return bool(self.said().keys() - {"q"})

    def apply(self, rows: QuerySet[Membership]) -> QuerySet[Membership]:
        """``rows`` as narrowed but for the name, which ``members.register`` looks for."""
        said = self.said()
        if "sex" in said:
            rows = rows.filter(member__sex=Sex.UNKNOWN if said["sex"] == "none" else said["sex"])
        if said.get("age") == "none":
            rows = rows.filter(member__birth_year=None)
        elif "age" in said:
            youngest, oldest = AGES[said["age"]]
            rows = rows.filter(member__birth_year__range=(today().year - oldest, today().year - youngest))
        if "joined" in said:
            rows = rows.filter(joined_on__year=said["joined"])
        return rows.filter(_state(said.get("state", "")))


def _state(asked: str) -> Q:
    """Memberships that run, or ended for a reason. Who went on to another unit is looked for there."""
    now = Q(joined_on__lte=today()) & (Q(left_on=None) | Q(left_on__gt=today()))
    match asked:
        case "left":
            return ~now & ~gone_elsewhere() & ~Q(leave_reason=LeaveReason.DECEASED)
        case "deceased":
            return ~now & Q(leave_reason=LeaveReason.DECEASED)
        case "transferred":
            return ~now & gone_elsewhere()
        case "ever":
            return ~gone_elsewhere()
    return now & ~gone_elsewhere()


class OfficeFilter(ListFilter):
    """Offices, by what they are and how long they still run."""

    position = forms.ChoiceField(label=_("Office"), required=False, choices=[("", _("All")), *Position.choices])
    ends = forms.ChoiceField(
        label=_("Term ends within"),
        required=False,
        choices=[
            ("", _("All")),
            ("30", _("30 days")),
            ("90", _("90 days")),
            ("180", _("half a year")),
            ("365", _("a year")),
        ],
    )
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("In office now")),
            ("vacant", _("Over, and nobody holds it since")),
            ("ended", _("Ended")),
            ("ever", _("Both")),
        ],
    )
    reach = forms.ChoiceField(
        label=_("How far down"),
        required=False,
        choices=[("", _("The unit and all below")), ("here", _("This unit alone"))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.call_search(_("Search by name"))

    def apply(self, rows: QuerySet[Appointment]) -> QuerySet[Appointment]:
        said = self.said()
        if "position" in said:
            rows = rows.filter(position=said["position"])
        if "ends" in said:
            rows = rows.filter(ending_within(int(said["ends"])))
        match said.get("state"):
            case None:
                rows = rows.filter(valid_from__lte=today()).filter(Q(valid_until=None) | Q(valid_until__gt=today()))
            case "ended":
                rows = rows.filter(valid_until__lte=today())
            case "vacant":
                rows = rows.filter(left_vacant())
        return matching_members(rows, said.get("q", ""), prefix="member__")


CARD_STATES = {
    CardState.WITHOUT: _("Without a number"),
    CardState.WITH: _("With a number"),
    CardState.ALL: _("All members"),
}


class CardFilter(ListFilter):
    """Members by whether a card number is on record; those without come first, for they are looked for."""

    card = forms.ChoiceField(
        label=_("Card"),
        required=False,
        choices=[
            ("", CARD_STATES[CardState.WITHOUT]),
            (CardState.WITH.value, CARD_STATES[CardState.WITH]),
            (CardState.ALL.value, CARD_STATES[CardState.ALL]),
        ],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.call_search(_("Search by name or card number"))

    @property
    def state(self) -> CardState:
        return CardState(self.said().get("card", CardState.WITHOUT.value))


class PairFilter(ListFilter):
    """Likely duplicates, by name and by what was decided."""

    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("To decide")), ("different", _("Two different people"))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.call_search(_("Search by name"))

    def apply(self, rows: QuerySet[DuplicatePair]) -> QuerySet[DuplicatePair]:
        said = self.said()
        rows = rows.filter(state=said.get("state", PairState.OPEN))
        return matching_members(rows, said.get("q", ""), prefix="first__")
