"""When a rule looks: after a statement, at the end of the transaction, before anything is touched."""

from __future__ import annotations

from pgtrigger import (
    After,
    Before,
    Condition,
    Deferred,
    Operation,
    Operations,
    Referencing,
    Row,
    Statement,
    Truncate,
)

from hkh.core.triggers import Rule


def statement(name: str, operation: Operation, func: str, *, declare: list[tuple[str, str]] | None = None) -> Rule:
    """After one statement, with its rows as ``new_rows`` and ``old_rows``."""
    referencing = {
        "insert": Referencing(new="new_rows"),
        "update": Referencing(new="new_rows", old="old_rows"),
        "delete": Referencing(old="old_rows"),
    }[str(operation).lower()]
    return Rule(
        name=f"{name}_{str(operation).lower()}",
        level=Statement,
        when=After,
        operation=operation,
        referencing=referencing,
        declare=declare,
        func=f"{func} RETURN NULL;",
    )


def at_the_end(name: str, operation: Operation | Operations, func: str, *, condition: Condition | None = None) -> Rule:
    """For each row, when the transaction ends (or is asked to check now)."""
    return Rule(
        name=name,
        level=Row,
        when=After,
        operation=operation,
        timing=Deferred,
        condition=condition,
        func=f"{func} RETURN NULL;",
    )


def lock_first(name: str, operation: Operation | Operations) -> Rule:
    """Before one statement: one hand at the tree at a time."""
    return Rule(
        name=name,
        level=Statement,
        when=Before,
        operation=operation,
        func="PERFORM members_lock_tree(); RETURN NULL;",
    )


def never_emptied(name: str) -> Rule:
    """No statement may empty the whole table: the triggers on its rows would not be asked."""
    return Rule(
        name=f"{name}_emptied",
        level=Statement,
        when=Before,
        operation=Truncate,
        func=f"PERFORM members_refuse('{name}', 'The table is not emptied.'); RETURN NULL;",
    )
