"""How a rule becomes part of a trigger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pgtrigger

from hkh.core.triggers import Rule as RuleTrigger


@dataclass(frozen=True)
class Rule:
    """``broken_when`` is a condition in SQL over the row looked at; ``sentence`` is what people read.

    ``field`` names the form's field that the sentence belongs to, where it belongs to one.
    """

    name: str
    broken_when: str
    sentence: Any
    field: str = ""


def first_broken(rules: Sequence[Rule], source: str) -> str:
    """PL/pgSQL: refuse with the name of the first rule that a row of ``source`` breaks; one pass over the rows."""
    cases = "\n".join(f"WHEN {rule.broken_when} THEN '{rule.name}'" for rule in rules)
    return f"""
        SELECT looked_at.rule INTO broken FROM (
            SELECT CASE {cases} END AS rule {source}
        ) looked_at WHERE looked_at.rule IS NOT NULL LIMIT 1;
        IF broken IS NOT NULL THEN
            RAISE EXCEPTION 'A row breaks the rule %', broken USING ERRCODE = '23514', CONSTRAINT = broken;
        END IF;
    """


#: What ``first_broken`` keeps its answer in.
BROKEN = ("broken", "text")


def refuse(rule: Rule) -> str:
    """PL/pgSQL: refuse for ``rule``, whatever the row holds."""
    return f"""
        RAISE EXCEPTION 'The rule {rule.name} is broken' USING ERRCODE = '23514', CONSTRAINT = '{rule.name}';
    """


def never(rule: Rule, *operations: pgtrigger.Operation) -> list[RuleTrigger]:
    """Triggers that refuse ``operations`` on a table altogether, each before a single row is touched."""
    return [
        RuleTrigger(
            name=f"{rule.name}_{str(operation).lower()}",
            level=pgtrigger.Statement,
            when=pgtrigger.Before,
            operation=operation,
            func=refuse(rule),
        )
        for operation in operations
    ]
