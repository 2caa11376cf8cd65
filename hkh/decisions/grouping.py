"""The changes of a draft in sentences, those together that concern one unit."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from hkh.core.money import dong, percent
from members.models import Change, ChangeKind, Decision, FundRule

#: So many groups stand open at once.
MOST_OPEN = 8


@dataclass(frozen=True)
class Line:
    """One change. ``pk`` is what takes it out again."""

    pk: int
    text: str


@dataclass
class Group:
    """Changes that belong together; ``title`` is whom they concern."""

    title: str
    lines: list[Line] = field(default_factory=list)
    is_open: bool = True


def grouped(decision: Decision) -> list[Group]:
    """The changes of ``decision``, grouped by who carries on, who is split, or who is changed. One query."""
    related = ("unit", "tier", "parent", "parent_change", "target", "target_change")
    groups: dict[tuple[str, int], Group] = {}
    for change in decision.changes.select_related(*related).order_by("position"):
        key, title = _place(change)
        groups.setdefault(key, Group(title)).lines.append(Line(change.pk, sentence(change)))
    for group in groups.values():
        group.is_open = len(groups) <= MOST_OPEN
    return list(groups.values())


def sentence(change: Change) -> str:
    """What ``change`` does, in a sentence."""
    unit = change.unit.name if change.unit else ""
    names = {
        "unit": unit,
        "name": change.name,
        "code": change.code,
        "tier": change.tier.name if change.tier else "",
        "parent": _name(change.parent, change.parent_change),
        "target": _name(change.target, change.target_change),
    }
    match ChangeKind(change.kind):
        case ChangeKind.FOUND:
            return _("Found “%(name)s” (%(code)s, %(tier)s) under %(parent)s") % names
        case ChangeKind.RENAME:
            return _("Rename “%(unit)s” to “%(name)s”") % names
        case ChangeKind.MOVE:
            return _("Move “%(unit)s” under %(parent)s") % names
        case ChangeKind.TIER:
            return _("“%(unit)s” becomes: %(tier)s") % names
        case ChangeKind.MERGE:
            return _("Merge “%(unit)s” into “%(target)s”") % names
        case ChangeKind.SPLIT:
            return _("%(share)s of “%(unit)s” goes to “%(target)s”; funds: %(rule)s") % {**names, **_split(change)}
        case _:
            return _("Dissolve “%(unit)s”") % names


def _split(change: Change) -> dict[str, str]:
    rule = str(FundRule(change.fund_rule).label).lower()
    if change.fund_rule == FundRule.STATED:
        rule = _("%(cash)s in money, %(goods)s in goods") % {
            "cash": dong(change.cash_vnd or 0),
            "goods": dong(change.goods_vnd or 0),
        }
    return {"share": percent((change.share or 0) * 100), "rule": rule}


def _place(change: Change) -> tuple[tuple[str, int], str]:
    """Which group ``change`` stands in, and its title."""
    if change.kind == ChangeKind.FOUND:
        return ("new", change.pk), change.name
    if change.kind == ChangeKind.MERGE and change.target_change is not None:
        return ("new", change.target_change.pk), change.target_change.name
    if change.kind == ChangeKind.MERGE and change.target is not None:
        return ("unit", change.target.pk), change.target.name
    assert change.unit is not None
    return ("unit", change.unit.pk), change.unit.name


def _name(*named: object) -> str:
    return next((str(getattr(one, "name", "")) for one in named if one is not None), "")
