"""How a rule becomes part of a trigger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pgtrigger
from django.utils.translation import gettext_lazy as _

from hkh.core.triggers import Rule as RuleTrigger

#: What people read wherever something is dated in a closed period.
PERIOD_CLOSED = _(
    "The books of that period are closed. Enter it with a date of the open period, "
    "or ask for the period to be reopened."
)


@dataclass(frozen=True)
class Rule:
    """``broken_when`` is a condition in SQL over the row looked at; ``sentence`` is what people read.

    ``field`` names the form's field that the sentence belongs to, where it belongs to one.
    """

    name: str
    broken_when: str
    sentence: Any
    field: str = ""


def rules_of(*modules: ModuleType) -> list[Rule]:
    """Every rule that a trigger of ``modules`` keeps."""
    found: list[Rule] = []
    for value in (value for module in modules for value in vars(module).values()):
        if isinstance(value, Rule):
            found.append(value)
        elif isinstance(value, tuple):
            found.extend(rule for rule in value if isinstance(rule, Rule))
    return found


@dataclass(frozen=True)
class Step:
    """One SQL statement of a trigger. ``into`` takes the single value of a SELECT; ``then`` is PL/pgSQL after it."""

    sql: str
    into: str = ""
    then: str = ""

    @property
    def kept(self) -> str:
        """Planned once a session."""
        if self.into:
            return f"{self.sql} INTO {self.into}; {self.then}"
        words = self.sql.strip()
        return f"PERFORM {words.removeprefix('SELECT')};" if words.startswith("SELECT") else f"{words};"

    def afresh(self, using: str) -> str:
        """Planned each time, so for as many rows as there are."""
        into = f"INTO {self.into}" if self.into else ""
        return f"EXECUTE $sized$ {self.sql} $sized$ {into} {using}; {self.then}"


#: A statement of more rows than this is planned for itself.
FEW = 100


def in_turn(*steps: Step, many: str = "", values: tuple[str, ...] = ()) -> str:
    """PL/pgSQL: the steps, one after the other.

    A session keeps its plans. One made while the tables were nearly empty would walk through a bulk load row by row,
    and planning each time would cost a single gift more than its booking. So statements of many rows are planned
    afresh; ``many`` says how to tell, by default by the rows in ``new_rows``. ``values`` fill $1, $2 … of the steps.
    """
    many = many or f"(SELECT count(*) FROM (SELECT FROM new_rows LIMIT {FEW + 1}) few) > {FEW}"
    using = f"USING {', '.join(values)}" if values else ""
    kept = "\n".join(step.kept for step in steps)
    for number, value in enumerate(values, 1):
        kept = kept.replace(f"${number}", value)
    afresh = "\n".join(step.afresh(using) for step in steps)
    return f"IF {many} THEN {afresh} ELSE {kept} END IF;"


def first_broken(rules: Sequence[Rule], source: str) -> Step:
    """Refuse with the name of the first rule that a row of ``source`` breaks; one pass over the rows."""
    cases = "\n".join(f"WHEN {rule.broken_when} THEN '{rule.name}'" for rule in rules)
    return Step(
        f"""
        SELECT looked_at.rule FROM (
            SELECT CASE {cases} END AS rule {source}
        ) looked_at WHERE looked_at.rule IS NOT NULL LIMIT 1
        """,
        into="broken",
        then="""
        IF broken IS NOT NULL THEN
            RAISE EXCEPTION 'A row breaks the rule %', broken USING ERRCODE = '23514', CONSTRAINT = broken;
        END IF;
        """,
    )


#: What ``first_broken`` keeps its answer in.
BROKEN = ("broken", "text")


def refuse(rule: Rule) -> str:
    """PL/pgSQL: refuse for ``rule``, whatever the row holds."""
    return f"""
        RAISE EXCEPTION 'The rule {rule.name} is broken' USING ERRCODE = '23514', CONSTRAINT = '{rule.name}';
    """


#: What people read where a donor's card was merged into another.
CARD_MERGED = _("This card was merged into the one of “%(kept)s”. Choose “%(kept)s” as the donor.")


def not_merged(rule: Rule) -> Step:
    """Refuse for ``rule`` where the donor of a row in ``new_rows`` was merged away, and name the card that is used now.

    Declares nothing: the trigger declares ``kept_name text``.
    """
    return Step(
        """
    SELECT kept.name FROM new_rows given
    JOIN funds_donor donor ON donor.id = given.donor_id JOIN funds_donor kept ON kept.id = donor.merged_into_id LIMIT 1
    """,
        into="kept_name",
        then=f"""
    IF kept_name IS NOT NULL THEN
        RAISE EXCEPTION 'The donor was merged away' USING ERRCODE = '23514', CONSTRAINT = '{rule.name}',
            DETAIL = jsonb_build_object('kept', kept_name)::text;
    END IF;
    """,
    )


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


READ_COMMITTED = Rule(
    "books_read_committed",
    "true",
    _(
        "The books are written at the isolation level “read committed”, so that each rule sees what others have just "
        "entered. Set it, and enter it again."
    ),
)

#: A statement of a transaction with a snapshot of its own would not see the period that was closed, the decision that
#: was withdrawn meanwhile. The question is asked once a statement, before its first row.
SEES_ALL = RuleTrigger(
    name="books_read_committed",
    level=pgtrigger.Statement,
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.Update,
    condition=pgtrigger.Condition("current_setting('transaction_isolation') IN ('repeatable read', 'serializable')"),
    func=refuse(READ_COMMITTED),
)
