"""The verbs of money: what changes rows here, one transaction each. ``by`` is the acting user."""

from funds.actions.appeals import edit_appeal, open_appeal, record_appeal_decision, withdraw_appeal_decision
from funds.actions.batches import drop_batch_draft, record_batch, save_batch_draft
from funds.actions.boards import Seat, seat_board
from funds.actions.books import (
    close_fund,
    edit_fund,
    open_fund,
)
from funds.actions.closings import close_books, end_reopening, reopen_books
from funds.actions.donations import correct_donation, parts_of, record_donation, void_donation
from funds.actions.donors import add_donor, edit_donor
from funds.actions.honours import set_honour_levels
from funds.actions.ledger import (
    Goods,
    commit_money,
    lock_accounts,
    pay_out,
    post_movement,
    release_money,
    reverse_movement,
)
from funds.actions.merging import keep_apart, merge_donors, undo_merge
from funds.actions.papers import (
    MOST_PAPERS,
    ask_for_papers,
    check_number,
    issue_paper,
    issue_papers,
    reissue_paper,
    void_paper,
)
from funds.actions.pledges import cancel_pledge, keep_instalment, match_donation, record_pledge
from funds.actions.statements import (
    Decision,
    HandedIn,
    add_bank_account,
    book_gift,
    book_line,
    book_lines,
    edit_bank_account,
    hand_in_statement,
    link_line,
    prepare_interest,
    reopen_line,
    set_line_aside,
)
from funds.actions.stock import issue_goods
from funds.actions.vouchers import (
    alone_limit_vnd,
    approve_voucher,
    confirm_transfer,
    prepare_voucher,
    refuse_voucher,
    return_transfer,
    reverse_voucher,
    set_spending_limit,
    withdraw_voucher,
)

__all__ = [
    "MOST_PAPERS",
    "Decision",
    "Goods",
    "HandedIn",
    "Seat",
    "add_bank_account",
    "add_donor",
    "alone_limit_vnd",
    "approve_voucher",
    "ask_for_papers",
    "book_gift",
    "book_line",
    "book_lines",
    "cancel_pledge",
    "check_number",
    "close_books",
    "close_fund",
    "commit_money",
    "confirm_transfer",
    "correct_donation",
    "drop_batch_draft",
    "edit_appeal",
    "edit_bank_account",
    "edit_donor",
    "edit_fund",
    "end_reopening",
    "hand_in_statement",
    "issue_goods",
    "issue_paper",
    "issue_papers",
    "keep_apart",
    "keep_instalment",
    "link_line",
    "lock_accounts",
    "match_donation",
    "merge_donors",
    "open_appeal",
    "open_fund",
    "parts_of",
    "pay_out",
    "post_movement",
    "prepare_interest",
    "prepare_voucher",
    "record_appeal_decision",
    "record_batch",
    "record_donation",
    "record_pledge",
    "refuse_voucher",
    "reissue_paper",
    "release_money",
    "reopen_books",
    "reopen_line",
    "return_transfer",
    "reverse_movement",
    "reverse_voucher",
    "save_batch_draft",
    "seat_board",
    "set_honour_levels",
    "set_line_aside",
    "set_spending_limit",
    "undo_merge",
    "void_donation",
    "void_paper",
    "withdraw_appeal_decision",
    "withdraw_voucher",
]
