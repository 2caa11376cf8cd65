"""A decision from a sheet: a line for each old unit and what becomes of it. Whole or not at all.

| old unit | new unit | other columns | means |
| --- | --- | --- | --- |
| A | B | share empty or 1, A once | A is merged into B |
| A | B | share below 1, or A on several lines | A is split, B carries on with that share |
| A | – or A | name, tier or parent | A is renamed, changes its tier, moves |
| A | – | change: dissolve | A is dissolved |
| – | B | name, tier, parent | B is founded |

A new unit with an unknown code is founded once, with the facts of the lines that name it; what they leave empty (tier,
parent) is as the first old unit has it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from hkh.core.sheets.columns import SheetField, match_headings
from hkh.core.sheets.guard import check_file
from hkh.core.sheets.reading import read
from hkh.core.text import search_key
from members.models import ChangeKind, Decision, FundRule, Place, Tier, Unit, UnitKind


def _column(key: str, label: Any, **facts: Any) -> SheetField:
    return SheetField(key, column_name=key, label=label, **facts)


def columns() -> list[SheetField]:
    """The columns of the sheet, in their order."""
    return [
        _column(
            "change",
            pgettext_lazy("of a decision's sheet", "What becomes of it"),
            kind="choice",
            choices=ChangeKind.choices,
            synonyms=("Thay đổi", "Hình thức"),
            note=gettext_lazy("May be left empty but for a unit that is dissolved."),
        ),
        _column(
            "old_unit",
            gettext_lazy("Old unit (code)"),
            kind="code",
            synonyms=("Mã đơn vị cũ", "Đơn vị cũ", "Từ đơn vị"),
            example="PT-235-08344",
        ),
        _column("old_name", gettext_lazy("Name of the old unit"), synonyms=("Tên đơn vị cũ", "Tên cũ")),
        _column(
            "new_unit",
            gettext_lazy("New unit (code)"),
            kind="code",
            synonyms=("Mã đơn vị mới", "Đơn vị mới", "Đơn vị kế thừa", "Đến đơn vị"),
            example="PT-08344",
        ),
        _column("name", gettext_lazy("New name"), max_length=200, synonyms=("Tên đơn vị mới", "Tên mới")),
        _column("kind", gettext_lazy("Kind of unit"), kind="choice", choices=UnitKind.choices, synonyms=("Loại",)),
        _column("tier", gettext_lazy("Tier"), synonyms=("Cấp", "Cấp hội", "Cấp mới")),
        _column(
            "parent",
            gettext_lazy("Stands under (code)"),
            kind="code",
            synonyms=("Trực thuộc", "Mã đơn vị cấp trên", "Đơn vị cấp trên"),
        ),
        _column("place", gettext_lazy("Place (key)"), synonyms=("Địa bàn",)),
        _column("share", gettext_lazy("Share"), kind="decimal", synonyms=("Tỷ lệ", "Tỉ lệ", "Phần")),
        _column(
            "fund_rule",
            gettext_lazy("Funds are handed over"),
            kind="choice",
            choices=FundRule.choices,
            synonyms=("Cách bàn giao quỹ", "Cách chia quỹ"),
        ),
        _column("cash_vnd", gettext_lazy("Money (đồng)"), kind="vnd", synonyms=("Tiền bàn giao", "Số tiền")),
        _column("goods_vnd", gettext_lazy("Goods (đồng)"), kind="vnd", synonyms=("Hiện vật bàn giao", "Hiện vật")),
    ]


@dataclass(frozen=True)
class LineFault:
    """What is wrong with a line of the sheet; ``row`` as the spreadsheet program numbers it, 0 for all of it."""

    row: int
    reason: str


@dataclass
class Line:
    """A line, cleaned; the unit codes in capitals, empty for none."""

    row: int
    facts: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        return self.facts.get(name)


@dataclass
class Planned:
    """A change that the sheet asks for. Units that the sheet founds are named by their code."""

    row: int
    kind: ChangeKind
    facts: dict[str, Any] = field(default_factory=dict)
    code: str = ""
    parent_code: str = ""
    target_code: str = ""


@dataclass
class Reading:
    """What a sheet says: changes in their order, foundings first, or what is wrong with its lines."""

    lines: int = 0
    changes: list[Planned] = field(default_factory=list)
    faults: list[LineFault] = field(default_factory=list)


def read_sheet(path: Path, name: str, *, decision: Decision) -> Reading:
    """The changes that the sheet at ``path`` asks of ``decision``. 4 queries, however many lines.

    Raises: ValidationError for a file that is no sheet.
    """
    check_file(path, name)
    known = columns()
    table = read(path, name=name, columns=known)
    headed = match_headings(table.headings, known)
    reading = Reading()
    if "old_unit" not in headed.values() and "new_unit" not in headed.values():
        reading.faults.append(
            LineFault(0, _("No column is headed “%(old)s” or “%(new)s”.") % _headings(known, "old_unit", "new_unit"))
        )
        return reading
    lines = _lines(table, headed, {column.key: column for column in known}, reading)
    reading.lines = len(lines)
    if not lines and not reading.faults:
        reading.faults.append(LineFault(0, _("The sheet holds no line.")))
    _Resolver(decision, lines, reading).resolve()
    reading.faults.sort(key=lambda fault: fault.row)
    return reading


def _headings(known: list[SheetField], old: str, new: str) -> dict[str, str]:
    labels = {column.key: str(column.label) for column in known}
    return {"old": labels[old], "new": labels[new]}


def _lines(table: Any, headed: dict[int, str], known: dict[str, SheetField], reading: Reading) -> list[Line]:
    lines: list[Line] = []
    for numbers, cells in table.chunks():
        made = [Line(number, {}) for number in numbers]
        for position, key in headed.items():
            values, remarks = table.cleaner(position, known[key])(cells[position])
            for line, value in zip(made, values, strict=True):
                line.facts[key] = value.upper() if known[key].kind == "code" and value else value
            for n, remark in remarks.items():
                if remark.refuses:
                    reading.faults.append(LineFault(numbers[n], str(remark)))
        lines += made
    return lines


class _Resolver:
    """Finds the units, tiers and places that the lines name, and what each line asks for."""

    def __init__(self, decision: Decision, lines: list[Line], reading: Reading) -> None:
        self.lines, self.reading, self.decision = lines, reading, decision
        codes = {code for line in lines for code in (line.old_unit, line.new_unit, line.parent) if code}
        below = Unit.unscoped.filter(ancestors__ancestor=decision.unit_id, ancestors__is_latest=True, code__in=codes)
        self.units = {unit.code: unit for unit in below.select_related("tier", "parent")}
        self.taken = set(Unit.unscoped.filter(code__in=codes).values_list("code", flat=True)) - self.units.keys()
        self.tiers: dict[str, Tier] = {}
        for tier in Tier.objects.all():
            for called in (tier.name_vi, tier.name_en, tier.name_id, tier.code):
                self.tiers[search_key(called)] = tier
        uids = {line.place for line in lines if line.place}
        self.places = {place.uid: place for place in Place.objects.filter(uid__in=uids)}
        self.founded: dict[str, Planned] = {}
        self.said: set[tuple[ChangeKind, int]] = set()

    def refuse(self, line: Line, sentence: str, **params: Any) -> None:
        self.reading.faults.append(LineFault(line.row, sentence % params if params else sentence))

    def resolve(self) -> None:
        for line in self.lines:
            if line.new_unit and line.new_unit not in self.units:
                self._found(line)
        times = Counter(line.old_unit for line in self.lines if line.old_unit and self._goes_on(line))
        rest: list[Planned] = []
        for line in self.lines:
            rest += self._changes(line, times[line.old_unit])
        for planned in self.founded.values():
            self._complete(planned)
        self.reading.changes = [*self._in_order(), *rest]

    @staticmethod
    def _goes_on(line: Line) -> bool:
        return bool(line.new_unit) and line.new_unit != line.old_unit

    def _found(self, line: Line) -> None:
        """A founding by the first line that names a new code; what later lines add must not contradict."""
        code = line.new_unit
        if code in self.taken:
            self.refuse(
                line,
                _("The unit with the code %(code)s does not stand under “%(top)s”, which decides."),
                code=code,
                top=self.decision.unit,
            )
            return
        planned = self.founded.setdefault(code, Planned(line.row, ChangeKind.FOUND, {"code": code}, code=code))
        said = {
            "name": line.name,
            "unit_kind": line.kind,
            "tier": self._tier(line),
            "place": self._place(line),
        }
        for fact, value in said.items():
            if value and planned.facts.setdefault(fact, value) != value:
                self._contradicts(line, planned)
        if line.parent and planned.parent_code not in ("", line.parent):
            self._contradicts(line, planned)
        planned.parent_code = planned.parent_code or line.parent or ""
        old = self.units.get(line.old_unit or "")
        if old is not None:
            planned.facts.setdefault("like", old)

    def _contradicts(self, line: Line, planned: Planned) -> None:
        sentence = _("Line %(row)s says something else of the new unit %(code)s.")
        self.refuse(line, sentence, row=planned.row, code=planned.code)

    def _tier(self, line: Line) -> Tier | None:
        if not line.tier:
            return None
        tier = self.tiers.get(search_key(line.tier))
        if tier is None:
            self.refuse(line, _("There is no tier called “%(tier)s”."), tier=line.tier)
        return tier

    def _place(self, line: Line) -> Place | None:
        if not line.place:
            return None
        place = self.places.get(line.place)
        if place is None:
            self.refuse(line, _("There is no place with the key “%(place)s”."), place=line.place)
        return place

    def _complete(self, planned: Planned) -> None:
        """What the lines left empty is as the first old unit has it."""
        like: Unit | None = planned.facts.pop("like", None)
        if like is not None:
            planned.facts.setdefault("tier", like.tier)
            planned.facts.setdefault("unit_kind", like.kind)
            if not planned.parent_code and like.parent is not None:
                planned.parent_code = like.parent.code
                self.units.setdefault(like.parent.code, like.parent)
        planned.facts.setdefault("unit_kind", UnitKind.TERRITORIAL)
        missing = [
            str(label)
            for label, is_there in (
                (_("New name"), planned.facts.get("name")),
                (_("Tier"), planned.facts.get("tier")),
                (_("Stands under (code)"), planned.parent_code),
            )
            if not is_there
        ]
        line = Line(planned.row, {})
        if missing:
            self.refuse(
                line,
                _("No unit has the code %(code)s. To found it, fill in: %(missing)s."),
                code=planned.code,
                missing=", ".join(missing),
            )
        elif planned.parent_code not in self.units and planned.parent_code not in self.founded:
            self._unknown(line, planned.parent_code)

    def _in_order(self) -> list[Planned]:
        """Foundings, each after the one that it stands under; a circle of them is for the preview to refuse."""
        done: dict[str, Planned] = {}
        waiting = dict(self.founded)
        while waiting:
            ready = [code for code, one in waiting.items() if one.parent_code not in waiting] or list(waiting)[:1]
            for code in ready:
                done[code] = waiting.pop(code)
        return list(done.values())

    def _unknown(self, line: Line, code: str) -> None:
        self.refuse(line, _("No unit under “%(top)s” has the code %(code)s."), top=self.decision.unit, code=code)

    def _changes(self, line: Line, times: int) -> list[Planned]:
        """What a line asks of units that stand."""
        if line.old_unit and line.old_unit not in self.units:
            self._unknown(line, line.old_unit)
            return []
        old = self.units.get(line.old_unit or "")
        if old is not None and self._goes_on(line):
            return [self._closing(line, old, times), *self._of_known_target(line)]
        if old is not None and line.change == ChangeKind.DISSOLVE:
            return [Planned(line.row, ChangeKind.DISSOLVE, {"unit": old})]
        if old is None and not line.new_unit:
            self.refuse(line, _("The line names no unit."))
            return []
        if old is None:
            return self._of_known_target(line)
        changes = self._facts_of(line, old)
        if not changes:
            self.refuse(
                line,
                _("Say what becomes of “%(unit)s”: a new unit, name, tier, parent, or that it is dissolved."),
                unit=old.name,
            )
        return changes

    def _closing(self, line: Line, old: Unit, times: int) -> Planned:
        is_split = times > 1 or (line.share is not None and line.share != 1) or line.change == ChangeKind.SPLIT
        planned = Planned(line.row, ChangeKind.SPLIT if is_split else ChangeKind.MERGE, {"unit": old})
        planned.target_code = line.new_unit
        if is_split:
            if line.share is None or not 0 < line.share <= 1 or line.share != round(line.share, 6):
                self.refuse(line, _("Write which share goes to the new unit, above 0 and at most 1, to six decimals."))
            rule = line.fund_rule or (FundRule.STATED if line.cash_vnd is not None else FundRule.SHARE)
            planned.facts |= {"share": Decimal(line.share or 0), "fund_rule": rule}
            if rule == FundRule.STATED:
                planned.facts |= {"cash_vnd": line.cash_vnd or 0, "goods_vnd": line.goods_vnd or 0}
        return planned

    def _of_known_target(self, line: Line) -> list[Planned]:
        """What the line says anew of a unit that stands already and carries on."""
        target = self.units.get(line.new_unit or "")
        return self._facts_of(line, target) if target is not None else []

    def _facts_of(self, line: Line, unit: Unit) -> list[Planned]:
        changes = []
        tier = self._tier(line)
        if line.name and line.name != unit.name:
            changes.append(Planned(line.row, ChangeKind.RENAME, {"unit": unit, "name": line.name}))
        if tier is not None and tier != unit.tier:
            changes.append(Planned(line.row, ChangeKind.TIER, {"unit": unit, "tier": tier}))
        if line.parent and (unit.parent is None or line.parent != unit.parent.code):
            if line.parent not in self.units and line.parent not in self.founded:
                self._unknown(line, line.parent)
            changes.append(Planned(line.row, ChangeKind.MOVE, {"unit": unit}, parent_code=line.parent))
        new = [planned for planned in changes if (planned.kind, unit.pk) not in self.said]
        self.said |= {(planned.kind, unit.pk) for planned in new}
        return new


__all__ = ["LineFault", "Planned", "Reading", "columns", "read_sheet"]
