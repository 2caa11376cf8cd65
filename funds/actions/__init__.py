"""The verbs of money: what changes rows here, one transaction each. ``by`` is the acting user."""

from funds.actions.ledger import (
    commit_money,
    lock_accounts,
    pay_out,
    post_movement,
    release_money,
    reverse_movement,
)

__all__ = [
    "commit_money",
    "lock_accounts",
    "pay_out",
    "post_movement",
    "release_money",
    "reverse_movement",
]
