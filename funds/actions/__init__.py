"""The verbs of money: what changes rows here, one transaction each. ``by`` is the acting user."""

from funds.actions.boards import Seat, seat_board
from funds.actions.books import (
    close_fund,
    edit_fund,
    open_fund,
    record_expense,
    record_interest,
    record_opening,
    transfer_between_funds,
)
from funds.actions.donations import correct_donation, record_donation, void_donation
from funds.actions.donors import add_donor, edit_appeal, edit_donor, open_appeal
from funds.actions.ledger import (
    commit_money,
    lock_accounts,
    pay_out,
    post_movement,
    release_money,
    reverse_movement,
)

__all__ = [
    "Seat",
    "add_donor",
    "close_fund",
    "commit_money",
    "correct_donation",
    "edit_appeal",
    "edit_donor",
    "edit_fund",
    "lock_accounts",
    "open_appeal",
    "open_fund",
    "pay_out",
    "post_movement",
    "record_donation",
    "record_expense",
    "record_interest",
    "record_opening",
    "release_money",
    "reverse_movement",
    "seat_board",
    "transfer_between_funds",
    "void_donation",
]
