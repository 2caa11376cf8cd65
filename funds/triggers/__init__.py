"""The rules of money, kept by the database: each has a name, a condition in SQL and a sentence for people.

The models declare the triggers (``Meta.triggers``), ``hkh.core.violations`` learns the sentences in
``FundsConfig.ready``. Whatever COPY passes is checked a statement at a time, through transition tables.
"""

from __future__ import annotations

from typing import Any

from funds.triggers import (
    appeals,
    bank,
    boards,
    choices,
    closings,
    donations,
    funds,
    gifts,
    movements,
    papers,
    pledges,
    stock,
    vouchers,
)
from funds.triggers import rules as shared
from funds.triggers.rules import Rule, rules_of


def rules() -> list[Rule]:
    """Every rule that a trigger of ours keeps."""
    return rules_of(
        shared,
        movements,
        donations,
        funds,
        boards,
        vouchers,
        closings,
        gifts,
        choices,
        stock,
        bank,
        pledges,
        papers,
        appeals,
    )


def sentences() -> dict[str, Any]:
    """What people read when a rule is broken, by the rule's name."""
    return {rule.name: rule.sentence for rule in rules()}


def fields() -> dict[str, str]:
    """The form's field that a refusal belongs to, by the rule's name, where it belongs to one."""
    return {rule.name: rule.field for rule in rules() if rule.field}
