"""The handover protocol, "Biên bản bàn giao", of a decision carried out: for one unit that takes up, or for all.

Frame and order of an official record (Nghị định 30/2020/NĐ-CP): who hands over to whom, on what grounds, what is
handed over, both sign. All of it comes from the plan that was kept with the decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from hkh.core.dates import format_date, today
from hkh.core.money import dong, format_number, percent
from hkh.core.papers.content import Letterhead, Party, Report, Section, Table
from hkh.core.workbooks import Column
from hkh.decisions.plan import Closed, Ending, Handover, Plan
from members.models import Decision

#: So many units are named in a sentence; more stand in the table of part III.1 alone.
MOST_NAMED = 12
ROMAN = ("", "I", "II", "III", "IV", "V")


def heirs_of(plan: Plan) -> list[tuple[int, str]]:
    """Who takes up anything: ref and name, in the order of the plan. No query."""
    heirs = {heir.ref: heir.name for closed in plan.closed for heir in closed.heirs}
    heirs |= {part.to_ref: part.to_unit for part in plan.handovers if part.to_ref not in heirs}
    return list(heirs.items())


def protocol(decision: Decision, plan: Plan, *, heir: int | None = None) -> Report:
    """The protocol of ``plan``, for the unit ``heir`` (a ref) or for all. No query."""
    heirs = [(ref, name) for ref, name in heirs_of(plan) if heir in (None, ref)]
    old = _giving(plan, {ref for ref, _name in heirs})
    to = heirs[0][1] if heir is not None and heirs else _("the units that carry on")
    handed = [part for part in plan.handovers if heir in (None, part.to_ref)]
    return Report(
        slug="handover",
        title=_("HANDOVER PROTOCOL"),
        subject=_("On handing over the organisation, members and funds to %(unit)s") % {"unit": to},
        letterhead=_letterhead(decision),
        opening=_("In accordance with decision %(decision)s, effective from %(day)s, the parties record the handover:")
        % {"decision": _reference(decision), "day": format_date(decision.effective_on)},
        sections=_numbered(
            [
                Section("", _("THE PARTIES"), _parties(old, heirs)),
                Section("", _("GROUNDS"), _grounds(decision)),
                Section("", _("WHAT IS HANDED OVER"), sections=_contents(plan, {ref for ref, _name in heirs}, old)),
                Section("", _("UNDERTAKINGS"), _undertakings(handed)),
            ]
        ),
        annexes=[_funds(handed)] if handed else [],
        sheets=[_units(old), *([_funds(handed)] if handed else [])],
        facts=[(_("Decision"), _reference(decision)), (_("Takes effect on"), format_date(decision.effective_on))],
        parties=[Party(_("On behalf of those who hand over")), Party(_("On behalf of those who take over"))],
    )


def _letterhead(decision: Decision) -> Letterhead:
    above = decision.unit.parent
    return Letterhead(
        parent_body=above.name if above else "Hội Khuyến học Việt Nam",
        body=decision.unit.name,
        number="…/BB-HKH",
        place=decision.unit.place.name.removeprefix("Tỉnh ") if decision.unit.place else "…………",
        day=today(),
        recipients=[_("As in part I"), _("The body that decided")],
        on_behalf="",
        signer_title="",
        signer="",
    )


def _reference(decision: Decision) -> str:
    """ "12/QĐ-HKH ngày 12/06/2025 của …", as far as it is known."""
    parts = [decision.number]
    if decision.signed_on:
        parts.append(_("of %(day)s") % {"day": format_date(decision.signed_on)})
    if decision.issuer:
        parts.append(_("by %(issuer)s") % {"issuer": decision.issuer})
    return " ".join(part for part in parts if part)


def _giving(plan: Plan, refs: set[int]) -> list[Closed]:
    return [closed for closed in plan.closed if any(heir.ref in refs for heir in closed.heirs)]


def _parties(old: Sequence[Closed], heirs: Iterable[tuple[int, str]]) -> list[str]:
    return [
        _("Those who hand over: %(units)s.") % {"units": _named([closed.name for closed in old])},
        _("Those who take over: %(units)s.") % {"units": _named([name for _ref, name in heirs])},
        _("Represented by: ……………………………………………"),
    ]


def _named(names: Sequence[str]) -> str:
    """All ``names`` where they can be read in a sentence, else how many and where they are listed."""
    if len(names) <= MOST_NAMED:
        return "; ".join(names)
    return _("%(count)s units listed in part III.1") % {"count": format_number(len(names))}


def _grounds(decision: Decision) -> list[str]:
    said = [_("Decision %(decision)s.") % {"decision": _reference(decision)}]
    if decision.subject:
        said.append(_("Subject: %(subject)s.") % {"subject": decision.subject.rstrip(".")})
    return said


def _contents(plan: Plan, refs: set[int], old: Sequence[Closed]) -> list[Section]:
    parts = [
        Section("", _("Units that end, and their members"), [], [_units(old)]),
        Section("", _("Units and members that go along"), _going_along(plan, refs, {one.unit_id for one in old})),
        Section("", _("Funds"), _money([part for part in plan.handovers if part.to_ref in refs])),
        Section("", _("Work that is under way"), _under_way(plan, refs)),
    ]
    return _numbered([part for part in parts if part.paragraphs or part.tables], roman=False)


def _units(old: Sequence[Closed]) -> Table:
    columns = [
        Column("number", _("No."), "int", total="none", width=6),
        Column("name", _("Unit"), width=40),
        Column("moving", _("Units below"), "int"),
        Column("members", _("Members"), "int"),
        Column("to", _("Carried on by"), width=40),
    ]
    rows: list[dict[str, Any]] = [
        {
            "number": number,
            "name": closed.name,
            "moving": closed.moving,
            "members": closed.members,
            "to": ", ".join(
                heir.name if heir.share == "1" else f"{heir.name} ({percent(float(heir.share) * 100)})"
                for heir in closed.heirs
            ),
        }
        for number, closed in enumerate(old, start=1)
    ]
    total = {"name": _("Total"), "moving": sum(r["moving"] for r in rows), "members": sum(r["members"] for r in rows)}
    return Table(_("Units that end"), columns, rows, total)


def _going_along(plan: Plan, refs: set[int], gone: set[int]) -> list[str]:
    along = [one for one in plan.moved if one.is_move and one.old_parent_id in gone and one.parent_ref in refs]
    groups = [group for group in plan.people if group.ref in refs]
    said = []
    if along:
        said.append(
            _("%(units)s units with %(members)s members stand under those who take over.")
            % {
                "units": format_number(len(along)),
                "members": format_number(sum(one.members for one in along)),
            }
        )
    said += [
        _("%(count)s members of %(unit)s belong to %(to)s.")
        % {"count": format_number(group.count), "unit": group.unit, "to": group.to}
        for group in groups
    ]
    return said


def _money(handed: Sequence[Handover]) -> list[str]:
    if not handed:
        return [_("Nothing stands in the funds.")]
    cash, goods = sum(part.cash_vnd for part in handed), sum(part.goods_vnd for part in handed)
    return [
        _("%(cash)s in money and goods worth %(goods)s, %(total)s together, as the annex lists them fund by fund.")
        % {"cash": dong(cash), "goods": dong(goods), "total": dong(cash + goods)}
    ]


def _funds(handed: Sequence[Handover]) -> Table:
    columns = [
        Column("number", _("No."), "int", total="none", width=6),
        Column("fund", _("Fund that hands over"), width=36),
        Column("to", _("Fund that takes over"), width=36),
        Column("cash", _("Money (đồng)"), "vnd"),
        Column("goods", _("Goods (đồng)"), "vnd"),
        Column("all", _("Together (đồng)"), "vnd"),
    ]
    rows: list[dict[str, Any]] = [
        {
            "number": number,
            "fund": f"{part.fund}",
            "to": f"{part.to_fund} ({part.to_unit})",
            "cash": part.cash_vnd,
            "goods": part.goods_vnd,
            "all": part.cash_vnd + part.goods_vnd,
        }
        for number, part in enumerate(handed, start=1)
    ]
    total = {"fund": _("Total"), **{key: sum(row[key] for row in rows) for key in ("cash", "goods", "all")}}
    return Table(_("Balances handed over"), columns, rows, total)


def _under_way(plan: Plan, refs: set[int]) -> list[str]:
    def told(ending: Ending) -> str:
        return _("%(name)s (%(unit)s)") % {"name": ending.name, "unit": ending.unit}

    going = [told(ending) for ending in (*plan.rounds, *plan.appeals) if ending.ref in refs]
    return [_("Appeals and rounds that go on: %(names)s.") % {"names": "; ".join(going)}] if going else []


def _undertakings(handed: Sequence[Handover]) -> list[str]:
    said = [_("Lists of members, books, vouchers and papers are handed over complete and stay in good order.")]
    if handed:
        said.append(
            _("The balances agree with the books on the day of the handover; goods were counted by both sides.")
        )
    said.append(_("This record was read to both sides, who agreed with it; each side keeps one copy of equal force."))
    return said


def _numbered(sections: Sequence[Section], *, roman: bool = True) -> list[Section]:
    return [
        Section(ROMAN[n] if roman else str(n), s.heading, s.paragraphs, s.tables, s.pictures, s.sections)
        for n, s in enumerate(sections, start=1)
    ]
