"""Registered and reported members as tables: by child for the drill-down, unit by unit for what differs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django import forms
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hkh.core.dates import format_date
from hkh.core.filters import ListFilter
from hkh.core.money import format_number, percent
from hkh.indicators.queries import UnitHeadcount
from members.headcounts import Headcount
from members.models import Unit, UnitKind
from members.queries import matching_units

UNKNOWN = "–"
Sort = Callable[["Line"], int]


@dataclass(frozen=True)
class Line:
    """A row as it is read. ``bar`` −50 to 50 is the difference against the largest of the table; None: no number.

    ``state`` is silent (not reported), partly, differs or equal.
    """

    name: str
    code: str
    headcount: Headcount
    has_children: bool = True
    counted_on: str = ""
    bar: int | None = None

    @property
    def state(self) -> str:
        if not self.headcount.is_reported:
            return "silent"
        if self.headcount.more or self.headcount.fewer:
            return "differs"
        return "partly" if self.headcount.units_silent else "equal"

    @property
    def registered(self) -> str:
        return format_number(self.headcount.registered)

    @property
    def reported(self) -> str:
        return format_number(self.headcount.reported) if self.headcount.is_reported else UNKNOWN

    @property
    def reported_count(self) -> int | None:
        return self.headcount.reported if self.headcount.is_reported else None

    @property
    def difference(self) -> str:
        return signed(self.headcount.difference)

    @property
    def reporting(self) -> str:
        if not self.headcount.units:  # a smaller part of a split unit, which counts elsewhere
            return UNKNOWN
        return _("%(some)s of %(all)s") % {
            "some": format_number(self.headcount.units_reporting),
            "all": format_number(self.headcount.units),
        }

    @property
    def differing(self) -> str:
        return format_number(self.headcount.units_differing)

    @property
    def silent(self) -> str:
        return format_number(self.headcount.registered_silent) if self.headcount.units_silent else UNKNOWN

    @property
    def bar_x(self) -> int:
        return 50 + min(self.bar or 0, 0)

    @property
    def bar_width(self) -> int:
        return abs(self.bar or 0)


def signed(number: int | None) -> str:
    """+12, −3, 0; nothing known is a dash."""
    if number is None:
        return UNKNOWN
    sign = "+" if number > 0 else "−" if number < 0 else ""
    return f"{sign}{format_number(abs(number))}"


#: What the tables may be sorted by; no difference known counts below every known one.
SORTS: dict[str, Sort] = {
    "registered": lambda line: line.headcount.registered,
    "reported": lambda line: line.headcount.reported if line.headcount.is_reported else -1,
    "difference": lambda line: abs(line.headcount.difference) if line.headcount.difference is not None else -1,
    "differing": lambda line: line.headcount.units_differing,
    "silent": lambda line: line.headcount.units_silent,
}


def in_order(lines: Sequence[Line], sort: str) -> list[Line]:
    """``lines`` by ``sort`` (a key of ``SORTS``, "-" before it: largest first); anything else leaves them."""
    key = SORTS.get(sort.removeprefix("-"))
    if key is None:
        return list(lines)
    sign = -1 if sort.startswith("-") else 1
    return sorted(lines, key=lambda line: sign * key(line))


def with_bars(lines: Iterable[Line]) -> list[Line]:
    """``lines`` with their bars, the longest as long as there is room."""
    lines = list(lines)
    most = max((abs(line.headcount.difference or 0) for line in lines), default=0) or 1
    return [
        Line(
            line.name,
            line.code,
            line.headcount,
            line.has_children,
            line.counted_on,
            None if line.headcount.difference is None else round(50 * line.headcount.difference / most),
        )
        for line in lines
    ]


def figures(total: Headcount) -> list[tuple[str, str]]:
    """The head of the page: what is registered, what is reported, by how many, how far apart."""
    reported = format_number(total.reported) if total.is_reported else _("not reported")
    return [
        (_("Listed"), format_number(total.registered)),
        (_("Reported"), reported),
        (_("Reported less registered"), signed(total.difference)),
    ]


def sentences(total: Headcount) -> list[str]:
    """How much of the total is which, in words."""
    some, every = format_number(total.units_reporting), format_number(total.units)
    said = [
        _("%(some)s of %(all)s units that hold members have reported; in their lists stand %(registered)s members.")
        % {"some": some, "all": every, "registered": format_number(total.registered_there)}
    ]
    if total.units_silent:
        said.append(
            _("%(count)s have not reported; %(registered)s members stand in their lists.")
            % {"count": format_number(total.units_silent), "registered": format_number(total.registered_silent)}
        )
    if total.units_differing:
        said.append(
            _("%(count)s report another number than their lists hold: %(more)s more, %(fewer)s fewer.")
            % {
                "count": format_number(total.units_differing),
                "more": format_number(total.more),
                "fewer": format_number(total.fewer),
            }
        )
    for part, of, text in (
        (total.women, total.women_of, _("Women: %(part)s (%(share)s), where it was said.")),
        (total.minority, total.minority_of, _("Ethnic minorities: %(part)s (%(share)s), where it was said.")),
    ):
        if of:
            said.append(text % {"part": format_number(part), "share": percent(100 * part / of)})
    return said


class HeadcountFilter(ListFilter):
    """Units that hold members, by how their numbers stand to each other."""

    state = forms.ChoiceField(
        label=gettext_lazy("Numbers"),
        required=False,
        choices=[
            ("", gettext_lazy("Differ")),
            ("equal", gettext_lazy("The same")),
            ("silent", gettext_lazy("Not reported")),
            ("all", gettext_lazy("All")),
        ],
    )
    least = forms.IntegerField(
        label=gettext_lazy("Differ by at least"),
        required=False,
        min_value=1,
        max_value=1_000_000,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )
    direction = forms.ChoiceField(
        label=gettext_lazy("Direction"),
        required=False,
        choices=[
            ("", gettext_lazy("Both")),
            ("more", gettext_lazy("More reported than registered")),
            ("fewer", gettext_lazy("Fewer reported than registered")),
        ],
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), required=False, choices=[("", gettext_lazy("All")), *UnitKind.choices]
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.call_search(gettext_lazy("Search by name, by any earlier name or by code"))

    def units(self, units: QuerySet[Unit]) -> QuerySet[Unit]:
        """Those of ``units`` that are asked for by what they are."""
        said = self.said()
        if "kind" in said:
            units = units.filter(kind=said["kind"])
        return matching_units(units, said.get("q", ""))

    def rows(self, rows: Iterable[UnitHeadcount]) -> list[UnitHeadcount]:
        """Those of ``rows`` whose numbers stand to each other as asked, the largest difference first."""
        said = self.said()
        least, direction = said.get("least", 0), said.get("direction")
        wanted = {
            "equal": lambda d: d == 0,
            "silent": lambda d: d is None,
            "all": lambda d: True,
        }.get(said.get("state", ""), lambda d: bool(d))
        kept = []
        for row in rows:
            d = row.difference
            fits = wanted(d) and (not least or (d is not None and abs(d) >= least))
            if fits and (not direction or (d is not None and (d > 0) == (direction == "more") and d != 0)):
                kept.append(row)
        return sorted(kept, key=lambda row: (-abs(row.difference or 0), -row.registered, row.pk))


def as_headcount(row: UnitHeadcount) -> Headcount:
    """One unit's row as sums are made of."""
    d = row.difference
    if row.reported is None or d is None:
        return Headcount(units=1, registered=row.registered)
    return Headcount(
        units=1,
        registered=row.registered,
        units_reporting=1,
        registered_there=row.registered,
        reported=row.reported,
        units_differing=int(d != 0),
        more=max(d, 0),
        fewer=max(-d, 0),
        women=row.women or 0,
        women_of=row.reported if row.women is not None else 0,
        minority=row.minority or 0,
        minority_of=row.reported if row.minority is not None else 0,
    )


def unit_lines(rows: Sequence[UnitHeadcount], units: Mapping[int, Unit]) -> list[Line]:
    """The rows with the names of ``units``."""
    return [
        Line(
            units[row.pk].name,
            units[row.pk].code,
            as_headcount(row),
            has_children=False,
            counted_on=format_date(row.counted_on) if row.counted_on else "",
        )
        for row in rows
    ]


@dataclass(frozen=True)
class Heading:
    """``sort`` is what a click on it asks for, empty where one cannot; ``aria_sort`` empty where it is not sorted."""

    label: str | Promise
    sort: str = ""
    aria_sort: str = ""


def headings(columns: Sequence[tuple[str, str | Promise]], sort: str) -> list[Heading]:
    """The figures' headings; ``columns`` are keys of ``SORTS`` (or none) and labels."""
    made = []
    for key, label in columns:
        if key not in SORTS:
            made.append(Heading(label))
            continue
        is_sorted = sort.removeprefix("-") == key
        direction = "descending" if sort.startswith("-") else "ascending"
        made.append(Heading(label, key if sort == f"-{key}" else f"-{key}", direction if is_sorted else ""))
    return made
