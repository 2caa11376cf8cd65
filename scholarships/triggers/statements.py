"""How rules are asked of all the rows of a statement at once."""

from __future__ import annotations

from collections.abc import Sequence

from funds.triggers.rules import BROKEN, Rule

__all__ = ["BROKEN", "refuse_broken"]


def refuse_broken(rules: Sequence[Rule], source: str) -> str:
    """PL/pgSQL: refuse with the name of a rule that a row of ``source`` breaks; one pass over the rows.

    An aggregate, not LIMIT 1: that lets the planner hope for an early end and join row by row, which takes
    minutes where thousands of rows are loaded and all are in order, as they mostly are.
    """
    cases = "\n".join(f"WHEN {rule.broken_when} THEN '{rule.name}'" for rule in rules)
    return f"""
        SELECT min(CASE {cases} END) INTO broken {source};
        IF broken IS NOT NULL THEN
            RAISE EXCEPTION 'A row breaks the rule %', broken USING ERRCODE = '23514', CONSTRAINT = broken;
        END IF;
    """
