"""The verbs of giving: what changes rows here, one transaction each. ``by`` is the acting user."""

from scholarships.actions.awards import Proposal, approve_awards, cancel_awards, propose_awards
from scholarships.actions.distributions import record_distribution, void_distribution
from scholarships.actions.rounds import close_round, edit_round, open_round, reopen_round

__all__ = [
    "Proposal",
    "approve_awards",
    "cancel_awards",
    "close_round",
    "edit_round",
    "open_round",
    "propose_awards",
    "record_distribution",
    "reopen_round",
    "void_distribution",
]
