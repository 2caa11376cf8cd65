"""Donors, donations, funds and their ledger (DESIGN §6). Whole đồng everywhere."""

from funds.models.amounts import MOST_VND
from funds.models.appeals import Appeal, AppealKind
from funds.models.closings import MOST_DAYS_OPEN, Closing, ClosingBalance, Reopening
from funds.models.donations import BookingProof, Donation, DonationForm
from funds.models.donors import Donor, DonorKind
from funds.models.funds import BoardBody, BoardMember, Fund, LegalStatus, Pot
from funds.models.ledger import Account, AccountKind, Movement, MovementKind
from funds.models.rollups import DonationMonth, FundMonth
from funds.models.vouchers import INCOMING, SpendingLimit, Voucher, VoucherKind, VoucherState

__all__ = [
    "INCOMING",
    "MOST_DAYS_OPEN",
    "MOST_VND",
    "Account",
    "AccountKind",
    "Appeal",
    "AppealKind",
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
    "Fund",
    "FundMonth",
    "LegalStatus",
    "Movement",
    "MovementKind",
    "Pot",
    "Reopening",
    "SpendingLimit",
    "Voucher",
    "VoucherKind",
    "VoucherState",
]
