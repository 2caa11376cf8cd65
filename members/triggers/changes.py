"""The triggers that keep what was changed in the register (``MemberChange``).

A statement at a time, of updates and deletions alone: what is loaded by COPY costs nothing. The SQL is planned afresh
each time, for a plan made for one row would take hours for half a million.
"""

from __future__ import annotations

from pgtrigger import After, Delete, Operation, Referencing, Statement, Update

from hkh.core.triggers import Rule

#: What the database makes itself, and the counter of savings.
_NOT_TOLD = "'{search_key,sort_key,revision}'::text[]"

_CHANGES = """
INSERT INTO members_memberchange
    (changed_at, actor_id, why, what, row_id, member_id, unit_id, is_deletion, changes)
SELECT now(), members_actor(), left(coalesce(current_setting('hkh.why', true), ''), 200), '{what}', was.id,
       {member}, {unit}, {is_deletion}, told.changes
FROM old_rows was {beside}
CROSS JOIN LATERAL (
    SELECT jsonb_object_agg(before.key, jsonb_build_array(before.value, {after})) AS changes
    FROM jsonb_each(to_jsonb(was) - {not_told}) before WHERE before.value IS DISTINCT FROM {after}
) told
WHERE told.changes IS NOT NULL ORDER BY was.id
"""


def _keep(what: str, operation: Operation, *, member: str, unit: str) -> Rule:
    is_update = operation is Update
    row = "now_" if is_update else "was"
    sql = _CHANGES.format(
        what=what,
        member=member.format(row=row),
        unit=unit.format(row=row),
        is_deletion=str(not is_update).lower(),
        beside="JOIN new_rows now_ ON now_.id = was.id AND now_.* IS DISTINCT FROM was.*" if is_update else "",
        after="to_jsonb(now_) -> before.key" if is_update else "'null'::jsonb",
        not_told=_NOT_TOLD,
    )
    name = str(operation).lower()
    return Rule(
        name=f"keep_change_{name}",
        level=Statement,
        when=After,
        operation=operation,
        referencing=Referencing(old="old_rows", new="new_rows") if is_update else Referencing(old="old_rows"),
        func=f"EXECUTE $kept${sql}$kept$; RETURN NULL;",
    )


def keep_changes(what: str, *, member: str = "{row}.member_id", unit: str = "{row}.unit_id") -> list[Rule]:
    """The triggers of a table; ``member`` and ``unit`` say to whom and where a ``{row}`` belongs."""
    return [_keep(what, operation, member=member, unit=unit) for operation in (Update, Delete)]


#: What was written stays as it was written.
CHANGES_STAY = [
    Rule(
        name=f"changes_stay_{str(operation).lower()}",
        level=Statement,
        when=After,
        operation=operation,
        func="PERFORM members_refuse('changes_stay', 'What was changed is kept for good.'); RETURN NULL;",
    )
    for operation in (Update, Delete)
]
