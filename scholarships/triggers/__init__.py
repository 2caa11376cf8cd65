"""The rules of giving, kept by the database: each has a name, a condition in SQL and a sentence for people.

The models declare the triggers (``Meta.triggers``), ``hkh.core.violations`` learns the sentences when the app
is ready. Whatever COPY passes is checked a statement at a time, through transition tables.

One rule holds the rest together: what is approved and not handed out is what is committed in the fund
(``fund_matches_awards``), proved when a transaction ends, from the side of the awards and from that of the
accounts. So money cannot leave a fund's commitments without an award, nor an award be approved without money.
"""

from __future__ import annotations

from typing import Any

from funds.triggers.rules import Rule, rules_of
from scholarships.triggers import awards, distributions, elsewhere, rounds


def rules() -> list[Rule]:
    """Every rule that a trigger of ours keeps."""
    return rules_of(rounds, awards, distributions, elsewhere)


def sentences() -> dict[str, Any]:
    """What people read when a rule is broken, by the rule's name."""
    return {rule.name: rule.sentence for rule in rules()}


def fields() -> dict[str, str]:
    """The form's field that a refusal belongs to, by the rule's name, where it belongs to one."""
    return {rule.name: rule.field for rule in rules() if rule.field}
