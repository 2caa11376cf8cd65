"""Donors, donations, funds and their ledger (DESIGN §6). Whole đồng everywhere."""

from funds.models.amounts import CURRENCIES, MOST_VND
from funds.models.appeal_decisions import AppealDecision
from funds.models.appeals import Appeal, AppealKind, AppealPartner
from funds.models.bank import BankAccount, BankLayout, BankLine, BankStatement, LineState
from funds.models.closings import MOST_DAYS_OPEN, Closing, ClosingBalance, Reopening
from funds.models.donations import BookingProof, Donation
from funds.models.donors import Donor, DonorKind, DonorMerge, DonorsDistinct
from funds.models.funds import BoardBody, BoardMember, Fund, LegalStatus, Pot
from funds.models.gifts import Batch, BatchDraft, DonationForm, SplitGift
from funds.models.goods import (
    GoodsChoice,
    GoodsIssue,
    GoodsLine,
    NamedGiver,
    Stock,
    StockEntry,
    StockEntryKind,
    StockItem,
    StockProof,
    Valuation,
)
from funds.models.honours import HonourLevel
from funds.models.ledger import Account, AccountKind, Movement, MovementKind
from funds.models.papers import SIGNS, SUBJECTS, Paper, PaperKind, PaperSeries
from funds.models.pledges import Pledge, PledgeInstalment, PledgeMatch
from funds.models.rollups import DonationMonth, FundMonth
from funds.models.vouchers import INCOMING, SpendingLimit, Voucher, VoucherKind, VoucherState

__all__ = [
    "CURRENCIES",
    "INCOMING",
    "MOST_DAYS_OPEN",
    "MOST_VND",
    "SIGNS",
    "SUBJECTS",
    "Account",
    "AccountKind",
    "Appeal",
    "AppealDecision",
    "AppealKind",
    "AppealPartner",
    "BankAccount",
    "BankLayout",
    "BankLine",
    "BankStatement",
    "Batch",
    "BatchDraft",
    "BoardBody",
    "BoardMember",
    "BookingProof",
    "Closing",
    "ClosingBalance",
    "Donation",
    "DonationForm",
    "DonationMonth",
    "Donor",
    "DonorKind",
    "DonorMerge",
    "DonorsDistinct",
    "Fund",
    "FundMonth",
    "GoodsChoice",
    "GoodsIssue",
    "GoodsLine",
    "HonourLevel",
    "LegalStatus",
    "LineState",
    "Movement",
    "MovementKind",
    "NamedGiver",
    "Paper",
    "PaperKind",
    "PaperSeries",
    "Pledge",
    "PledgeInstalment",
    "PledgeMatch",
    "Pot",
    "Reopening",
    "SpendingLimit",
    "SplitGift",
    "Stock",
    "StockEntry",
    "StockEntryKind",
    "StockItem",
    "StockProof",
    "Valuation",
    "Voucher",
    "VoucherKind",
    "VoucherState",
]
