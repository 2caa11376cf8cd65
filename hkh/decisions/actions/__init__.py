"""The verbs of decisions: drafted, put together, looked at, carried out, undone. ``by`` is the acting user."""

from hkh.decisions.actions.carrying import (
    apply_decision,
    obstacles_to_undo,
    plan_of,
    preview_decision,
    take_effect_due,
    undo_decision,
    unschedule_decision,
)
from hkh.decisions.actions.composing import add_changes
from hkh.decisions.actions.drafting import (
    ChangeFacts,
    DecisionFacts,
    add_change,
    clear_changes,
    discard_decision,
    draft_decision,
    edit_decision,
    redraft_decision,
    remove_change,
)
from hkh.decisions.actions.from_sheet import add_sheet, render_sheet

__all__ = [
    "ChangeFacts",
    "DecisionFacts",
    "add_change",
    "add_changes",
    "add_sheet",
    "apply_decision",
    "clear_changes",
    "discard_decision",
    "draft_decision",
    "edit_decision",
    "obstacles_to_undo",
    "plan_of",
    "preview_decision",
    "redraft_decision",
    "remove_change",
    "render_sheet",
    "take_effect_due",
    "undo_decision",
    "unschedule_decision",
]
