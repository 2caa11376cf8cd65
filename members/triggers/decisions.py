"""The rules that keep decisions as they were taken: a draft may change, what is settled not."""

from __future__ import annotations

from pgtrigger import After, Before, Delete, Insert, Row, Update

from hkh.core.triggers import Rule

#: What may still be written of a decision that is no draft any more; all else stands.
_OPEN_COLUMNS = (
    "state,basis,trouble,plan,applied_by_id,applied_at,undone_by_id,undone_at,revision,file,note,decided_by_id"
)

#: From which state a decision comes into which.
_PATHS = (
    ("draft", "scheduled"),
    ("draft", "applied"),
    ("scheduled", "draft"),
    ("scheduled", "applied"),
    ("scheduled", "blocked"),
    ("blocked", "draft"),
    ("blocked", "scheduled"),
    ("blocked", "applied"),
    ("applied", "undone"),
)
_ALLOWED = ", ".join(f"('{old}', '{new}')" for old, new in _PATHS)

DECISION_TRIGGERS = [
    Rule(
        name="decision_settled",
        level=Row,
        when=Before,
        operation=Update,
        func=f"""
            IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN ({_ALLOWED}) THEN
                PERFORM members_refuse('decision_path', 'A decision does not go from this state to that one.');
            END IF;
            IF OLD.state <> 'draft' AND to_jsonb(NEW) - '{{{_OPEN_COLUMNS}}}'::text[]
               <> to_jsonb(OLD) - '{{{_OPEN_COLUMNS}}}'::text[] THEN
                PERFORM members_refuse('decision_settled', 'Only a draft may be changed.');
            END IF;
            IF OLD.state IN ('applied', 'undone') AND NEW.state = OLD.state AND NEW.plan IS DISTINCT FROM OLD.plan THEN
                PERFORM members_refuse('decision_settled', 'What was carried out does not change.');
            END IF;
            RETURN NEW;
        """,
    ),
    Rule(
        name="decision_kept",
        level=Row,
        when=Before,
        operation=Delete,
        func="""
            IF OLD.state <> 'draft' THEN
                PERFORM members_refuse('decision_kept', 'Only a draft may be thrown away.');
            END IF;
            RETURN OLD;
        """,
    ),
]

# The decision is held, so that none of its changes is written while it is being carried out. Of a founding the unit
# that came of it is written later.
_OF_DRAFT = """
    PERFORM 1 FROM members_decision WHERE id = {row}.decision_id AND state = 'draft' FOR SHARE;
    IF NOT FOUND AND EXISTS (SELECT FROM members_decision WHERE id = {row}.decision_id) THEN
        PERFORM members_refuse('change_of_draft', 'Only the changes of a draft may be written.');
    END IF;
"""

CHANGE_TRIGGERS = [
    Rule(
        name="change_added",
        level=Row,
        when=Before,
        operation=Insert,
        func=f"{_OF_DRAFT.format(row='NEW')} RETURN NEW;",
    ),
    Rule(
        name="change_changed",
        level=Row,
        when=Before,
        operation=Update,
        func=f"""
            IF NEW.kind = 'found' AND to_jsonb(NEW) - 'unit_id' = to_jsonb(OLD) - 'unit_id' THEN
                RETURN NEW;
            END IF;
            {_OF_DRAFT.format(row="OLD")}
            RETURN NEW;
        """,
    ),
    Rule(
        name="change_deleted",
        level=Row,
        when=Before,
        operation=Delete,
        func=f"{_OF_DRAFT.format(row='OLD')} RETURN OLD;",
    ),
    Rule(
        name="change_refers_within",
        level=Row,
        when=After,
        operation=Insert | Update,
        func="""
            IF EXISTS (
                SELECT FROM unnest(ARRAY[NEW.parent_change_id, NEW.target_change_id]) named(id)
                WHERE named.id IS NOT NULL AND NOT EXISTS (
                    SELECT FROM members_change founding WHERE founding.id = named.id AND founding.kind = 'found'
                    AND founding.decision_id = NEW.decision_id
                )
            ) THEN
                PERFORM members_refuse('change_refers_within', 'A change names a founding of another decision.');
            END IF;
            RETURN NULL;
        """,
    ),
]

EFFECT_TRIGGERS = [
    Rule(
        name="effect_kept",
        level=Row,
        when=Before,
        operation=Update | Delete,
        func="PERFORM members_refuse('effect_kept', 'What a decision did is written once.'); RETURN NULL;",
    ),
]
