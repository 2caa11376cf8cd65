"""The verbs of the organisation: what changes rows here, one transaction each. ``by`` is the acting user."""

from members.actions.cards import MOST_CARDS, ask_for_cards, give_card_numbers
from members.actions.declared import HeadcountLine, TitleLine, declare_headcounts, declare_titles
from members.actions.grants import change_role, grant_role, revoke_role
from members.actions.merging import CHOICES, ask_again, keep_apart, merge_members, obstacles, undo_merge
from members.actions.offices import REASONS_TO_END, appoint_member, correct_appointment, end_appointment
from members.actions.people import (
    REASONS_TO_LEAVE,
    Person,
    add_member,
    correct_member,
    end_membership,
    readmit_member,
    transfer_member,
)
from members.actions.recognitions import record_recognition, take_back_recognition
from members.actions.standing import last_membership
from members.actions.tree import dissolve_unit, edit_unit, found_unit, move_unit, rename_unit

__all__ = [
    "CHOICES",
    "MOST_CARDS",
    "REASONS_TO_END",
    "REASONS_TO_LEAVE",
    "HeadcountLine",
    "Person",
    "TitleLine",
    "add_member",
    "appoint_member",
    "ask_again",
    "ask_for_cards",
    "change_role",
    "correct_appointment",
    "correct_member",
    "declare_headcounts",
    "declare_titles",
    "dissolve_unit",
    "edit_unit",
    "end_appointment",
    "end_membership",
    "found_unit",
    "give_card_numbers",
    "grant_role",
    "keep_apart",
    "last_membership",
    "merge_members",
    "move_unit",
    "obstacles",
    "readmit_member",
    "record_recognition",
    "rename_unit",
    "revoke_role",
    "take_back_recognition",
    "transfer_member",
    "undo_merge",
]
