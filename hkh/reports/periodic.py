"""The report of a unit and period: "Báo cáo công tác khuyến học". All its figures come from one ``Picture``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from funds.models import DonationForm, DonorKind
from hkh.core.charts import Spec
from hkh.core.dates import format_date
from hkh.core.papers.content import Letterhead, Report, Section, Table
from hkh.core.workbooks import Column, Ratio
from hkh.indicators import charts, restating
from hkh.indicators.figures import FundFlows, Given, Picture
from hkh.indicators.lens import Lens
from hkh.indicators.queries import picture
from hkh.reports import narrative
from scholarships.models import BeneficiaryGroup

PICTURE_WIDTH = 640


@dataclass(frozen=True)
class Words:
    """What people write themselves, part by part; empty parts are left out of the report."""

    advice: str = ""
    learning_society: str = ""
    emulation: str = ""
    shortcomings: str = ""
    directions: str = ""


def periodic_report(lens: Lens, *, letterhead: Letterhead, words: Words, with_pictures: bool = True) -> Report:
    """The report of ``lens``. Eight queries, one more restated; eight or nine more for its pictures."""
    seen = picture(lens)
    restated = restating.warning(lens)
    return Report(
        slug="periodic",
        title=_("REPORT"),
        subject=_("On study promotion in %(period)s") % {"period": lens.period.phrase},
        letterhead=letterhead,
        opening=_("%(unit)s reports on its work in %(period)s as follows:")
        % {"unit": lens.unit.name, "period": lens.period.phrase},
        sections=_sections(lens, seen, words, _pictures(lens, seen) if with_pictures else {}),
        annexes=[replace(units_table(seen), note=restated)],
        sheets=[make(seen) for make in _SHEETS],
        facts=[*_facts(lens), *([(_("Note"), restated)] if restated else [])],
    )


def _sections(lens: Lens, seen: Picture, words: Words, drawn: Mapping[str, Sequence[Spec]]) -> list[Section]:
    now, before = seen.now, seen.last_year
    results = [
        Section("", _("Advice to the authorities, communication"), _paragraphs(words.advice)),
        Section(
            "",
            _("Organisation and members"),
            [" ".join(narrative.organisation(lens, now, before))],
            pictures=drawn.get("members", ()),
        ),
        Section(
            "",
            _("Mobilising resources"),
            [" ".join(narrative.mobilised(lens.period, now, before))],
            [sources_table(seen)] if now.mobilised_vnd else [],
            drawn.get("raised", ()),
        ),
        Section("", _("Study-promotion funds"), narrative.funds(now, seen.own_funds), [funds_table(seen)]),
        Section(
            "",
            _("Scholarships, gifts and awards"),
            [" ".join(narrative.given(lens.period, now, before, seen.programmes))],
            [given_table(seen)] if now.given.count else [],
            drawn.get("given", ()),
        ),
        Section("", _("Building the learning society"), _paragraphs(words.learning_society)),
        Section("", _("Emulation and commendation"), _paragraphs(words.emulation)),
    ]
    parts = [
        Section("", _("RESULTS"), sections=_numbered([s for s in results if s.paragraphs or s.tables], str)),
        Section("", _("SHORTCOMINGS AND THEIR CAUSES"), _paragraphs(words.shortcomings)),
        Section("", _("DIRECTIONS FOR THE NEXT PERIOD"), _paragraphs(words.directions)),
    ]
    return _numbered([part for part in parts if part.paragraphs or part.sections], _roman)


def _pictures(lens: Lens, seen: Picture) -> dict[str, list[Spec]]:
    drawn: dict[str, list[Spec]] = {"members": [], "raised": [], "given": []}
    if seen.now.mobilised_vnd or seen.last_year.mobilised_vnd:
        drawn["raised"].append(charts.raised_months(lens, PICTURE_WIDTH))
    if seen.now.given_by_programme:
        drawn["given"].append(charts.given_programmes(lens, PICTURE_WIDTH))
    if any(child.latitude is not None and child.members for child in seen.children):
        drawn["members"].append(charts.map_of(lens, seen, PICTURE_WIDTH, links=False))
    return drawn


def key_figures(seen: Picture) -> Table:
    """The figures of the tiles, beside last year's."""
    now, before = seen.now, seen.last_year
    rows = [
        *(
            {"name": tier.name, "now": tier.total, "before": before.units[code].total if code in before.units else 0}
            for code, tier in now.units.items()
        ),
        {"name": _("Members"), "now": now.members, "before": before.members},
        {"name": _("Mobilised (đồng)"), "now": now.mobilised_vnd, "before": before.mobilised_vnd},
        {"name": _("Spent (đồng)"), "now": now.spent_vnd, "before": before.spent_vnd},
        {"name": _("Held in funds (đồng)"), "now": now.balance_vnd, "before": before.balance_vnd},
        {"name": _("Awards given"), "now": now.given.count, "before": before.given.count},
        {"name": _("Given (đồng)"), "now": now.given.value_vnd, "before": before.given.value_vnd},
        {
            "name": _("School facilities (đồng)"),
            "now": now.facilities.value_vnd,
            "before": before.facilities.value_vnd,
        },
        {"name": _("Emergency help (đồng)"), "now": now.emergency.value_vnd, "before": before.emergency.value_vnd},
        {
            "name": _("Handed straight to families (đồng)"),
            "now": now.pass_through_vnd,
            "before": before.pass_through_vnd,
        },
    ]
    columns = [
        Column("name", _("Figure")),
        Column("now", _("This period"), "int", total="none"),
        Column("before", _("Same period last year"), "int", total="none"),
    ]
    return Table(_("Key figures"), columns, rows)


def units_table(seen: Picture) -> Table:
    """One row a unit directly below, the unit's own share last: sums equal the key figures."""
    columns = [
        Column("number", _("No."), "int", total="none", width=6),
        Column("name", _("Unit"), width=34),
        Column("population", _("Population"), "int"),
        Column("members", _("Members"), "int"),
        Column("share", _("% of population"), "percent", total=Ratio("members", "population")),
        Column("mobilised", _("Mobilised (đồng)"), "vnd"),
        Column("given_count", _("Awards given"), "int"),
        Column("given_value", _("Given (đồng)"), "vnd"),
        Column("balance", _("Held in funds (đồng)"), "vnd"),
    ]
    rows: list[dict[str, Any]] = []
    for number, child in enumerate(seen.children, start=1):
        name = child.name if child.pk else _("The unit's own")
        if child.closed_on:
            name = _("%(unit)s (until %(day)s)") % {"unit": name, "day": format_date(child.closed_on)}
        rows.append(
            {
                "number": number,
                "name": name,
                "population": child.population,
                "members": child.members,
                "share": child.members_share / 100 if child.members_share is not None else None,
                "mobilised": child.mobilised_vnd,
                "given_count": child.given.count,
                "given_value": child.given.value_vnd,
                "balance": child.balance_vnd,
            }
        )
    people = sum(row["population"] or 0 for row in rows)
    total = {
        "name": _("Total"),
        "population": people or None,
        "members": seen.now.members,
        "share": seen.now.members / people if people else None,
        "mobilised": seen.now.mobilised_vnd,
        "given_count": seen.now.given.count,
        "given_value": seen.now.given.value_vnd,
        "balance": seen.now.balance_vnd,
    }
    return Table(_("Figures by unit"), columns, rows, total)


def funds_table(seen: Picture) -> Table:
    """The unit's own funds, those of the units below, and less what they passed on to each other: sums are all."""
    own = sum((fund.flows for fund in seen.own_funds), FundFlows())
    below = sum((child.money for child in seen.children if child.pk), FundFlows())
    everything = seen.now.money
    between = FundFlows(
        in_vnd=everything.in_vnd - own.in_vnd - below.in_vnd, out_vnd=everything.out_vnd - own.out_vnd - below.out_vnd
    )
    columns = [
        Column("name", _("Fund"), width=40),
        Column("opening", _("Opening (đồng)"), "vnd"),
        Column("income", _("In (đồng)"), "vnd"),
        Column("outgo", _("Out (đồng)"), "vnd"),
        Column("closing", _("Closing (đồng)"), "vnd"),
    ]
    rows = [_flows(fund.name, fund.flows) for fund in seen.own_funds]
    if below != FundFlows():
        rows.append(_flows(_("Funds of the units below"), below))
    if between != FundFlows():
        rows.append(_flows(_("Less what these funds passed on to each other"), between))
    return Table(_("Funds and balances"), columns, rows, _flows(_("Total"), everything))


def sources_table(seen: Picture) -> Table:
    """Mobilised by kind of donor, now and last year."""
    labels = {str(code): str(label) for code, label in DonorKind.choices}
    now, before = seen.now.mobilised_by_donor_kind, seen.last_year.mobilised_by_donor_kind
    rows = [
        {"name": label, "now": now.get(code, 0), "before": before.get(code, 0)}
        for code, label in labels.items()
        if now.get(code) or before.get(code)
    ]
    total = {"name": _("Total"), "now": seen.now.mobilised_vnd, "before": seen.last_year.mobilised_vnd}
    columns = [
        Column("name", _("Source"), width=40),
        Column("now", _("This period (đồng)"), "vnd"),
        Column("before", _("Same period last year (đồng)"), "vnd"),
    ]
    return Table(_("Mobilised by source"), columns, rows, total)


def forms_table(seen: Picture) -> Table:
    """Mobilised by form, now and last year."""
    labels = {str(code): str(label) for code, label in DonationForm.choices}
    now, before = seen.now.mobilised_by_form, seen.last_year.mobilised_by_form
    rows = [{"name": label, "now": now.get(c, 0), "before": before.get(c, 0)} for c, label in labels.items()]
    total = {"name": _("Total"), "now": seen.now.mobilised_vnd, "before": seen.last_year.mobilised_vnd}
    columns = [
        Column("name", _("Form"), width=40),
        Column("now", _("This period (đồng)"), "vnd"),
        Column("before", _("Same period last year (đồng)"), "vnd"),
    ]
    return Table(_("Mobilised by form"), columns, rows, total)


def given_table(seen: Picture) -> Table:
    """Given by group of beneficiaries."""
    labels = {str(code): str(label) for code, label in BeneficiaryGroup.choices}
    ordered = sorted(seen.now.given_by_group.items(), key=lambda item: (-item[1].value_vnd, item[0]))
    rows = [_given(labels[group], value) for group, value in ordered]
    return Table(_("Given by beneficiary group"), _given_columns(), rows, _given(_("Total"), seen.now.given))


def programmes_table(seen: Picture) -> Table:
    """Given by programme."""
    ordered = sorted(seen.now.given_by_programme.items(), key=lambda item: (-item[1].value_vnd, item[0]))
    rows = [_given(seen.programmes[code], value) for code, value in ordered]
    return Table(_("Given by programme"), _given_columns(), rows, _given(_("Total"), seen.now.given))


#: The workbook's sheets, in their order.
_SHEETS = (key_figures, units_table, funds_table, sources_table, forms_table, given_table, programmes_table)


def _given_columns() -> list[Column]:
    return [
        Column("name", _("For whom"), width=44),
        Column("count", _("Awards"), "int"),
        Column("value", _("Value (đồng)"), "vnd"),
    ]


def _given(name: str, given: Given) -> dict[str, Any]:
    return {"name": name, "count": given.count, "value": given.value_vnd}


def _flows(name: str, flows: FundFlows) -> dict[str, Any]:
    return {
        "name": name,
        "opening": flows.opening_vnd,
        "income": flows.in_vnd,
        "outgo": flows.out_vnd,
        "closing": flows.closing_vnd,
    }


def _facts(lens: Lens) -> list[tuple[str, str]]:
    if lens.tree_on is None:
        tree = _("units as they were in the period")
    else:
        tree = _("units as on %(day)s") % {"day": format_date(lens.tree_on)}
    return [(_("Unit"), lens.unit.name), (_("Period"), lens.period.label), (_("Tree"), tree)]


def _paragraphs(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _numbered(sections: Sequence[Section], write: Any) -> list[Section]:
    return [
        Section(write(n), s.heading, s.paragraphs, s.tables, s.pictures, s.sections)
        for n, s in enumerate(sections, start=1)
    ]


def _roman(number: int) -> str:
    return ("", "I", "II", "III", "IV", "V")[number]
