"""What a paper says of what it is about, in the words that stay with it; and the code that proves it genuine.

Papers speak Vietnamese, whatever language the screen speaks. The address on a paper bears a signature over all that
is printed in figures: nobody can make up another, and what it answers says nothing of the giver.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Sum

from funds.models import (
    Donation,
    DonationForm,
    Donor,
    GoodsIssue,
    Paper,
    PaperKind,
    SplitGift,
    StockEntry,
    Voucher,
    VoucherKind,
)
from hkh.core.money import dong
from hkh.core.proofs import Proof

Subject = Donation | SplitGift | Voucher | GoodsIssue

PROOF = Proof("funds.paper")
UNNAMED = "Nhà hảo tâm không nêu tên"


@dataclass(frozen=True)
class Told:
    """What a paper about something says. ``column`` is the paper's own that points to it."""

    column: str
    unit_id: int
    unit_name: str
    amount_vnd: int
    party: str
    address: str
    reason: str


def told_of(subject: Subject) -> Told:
    """What a paper about ``subject`` says today. At most 4 queries; none where what it names was selected along."""
    match subject:
        case Donation():
            return _gift(subject, "donation", _for_what(subject))
        case SplitGift():
            return _gift(subject, "split", _shared_out(subject))
        case Voucher():
            return _voucher(subject)
        case GoodsIssue():
            return _lot(subject)


def kinds_for(subject: Subject) -> list[PaperKind]:
    """Which papers may be issued for ``subject``, the usual one first; the database holds to the same. No query."""
    match subject:
        case Donation() | SplitGift():
            thanks = [PaperKind.ACKNOWLEDGEMENT, PaperKind.LETTER, PaperKind.CERTIFICATE]
            if isinstance(subject, Donation) and subject.is_pass_through:
                return thanks
            return [PaperKind.GOODS_IN if subject.form == DonationForm.IN_KIND else PaperKind.RECEIPT, *thanks]
        case Voucher():
            return _voucher_kinds(subject)
        case GoodsIssue():
            return [PaperKind.GOODS_IN if subject.is_return else PaperKind.GOODS_OUT]


def column_of(subject: Subject) -> str:
    return {Donation: "donation", SplitGift: "split", Voucher: "voucher", GoodsIssue: "lot"}[type(subject)]


def whole_of(donation: Donation) -> Donation | SplitGift:
    """What a paper about a gift is about: the gift itself, or the whole that it is a part of. At most 1 query."""
    return donation.split or donation


@dataclass(frozen=True)
class Genuine:
    """What anybody may know of a genuine paper."""

    kind: str
    sign: str
    unit: str
    issued_on: date
    amount_vnd: int
    is_valid: bool
    voided_on: date | None


def token_of(paper: Paper) -> str:
    """The part of the address that proves the paper. No query."""
    return PROOF.token(paper.pk, _signed(paper))


def look_up(token: str) -> Genuine | None:
    """What the paper says whose ``token`` this is; None where it is none of ours. 1 query."""
    pk = PROOF.pk_of(token)
    paper = Paper.unscoped.filter(pk=pk).first() if pk is not None else None
    if paper is None or not PROOF.holds(token, _signed(paper)):
        return None
    return Genuine(
        kind=paper.get_kind_display(),
        sign=paper.sign,
        unit=paper.unit_name,
        issued_on=paper.issued_on,
        amount_vnd=paper.amount_vnd,
        is_valid=paper.voided_on is None,
        voided_on=paper.voided_on,
    )


def _signed(paper: Paper) -> str:
    return f"{paper.kind}:{paper.unit_id}:{paper.year}:{paper.number}:{paper.issued_on}:{paper.amount_vnd}"


def _voucher_kinds(voucher: Voucher) -> list[PaperKind]:
    if voucher.kind == VoucherKind.OPENING:
        return []
    if voucher.pot == "cash":
        return [PaperKind.RECEIPT if voucher.is_incoming else PaperKind.PAYMENT]
    if voucher.kind == VoucherKind.INTEREST:
        return []
    return [PaperKind.GOODS_IN if voucher.is_incoming else PaperKind.GOODS_OUT]


def _gift(gift: Donation | SplitGift, column: str, reason: str) -> Told:
    donor = gift.donor
    return Told(column, gift.unit_id, gift.unit.name, gift.amount_vnd, named(donor), _address(donor), _cut(reason))


def named(donor: Donor) -> str:
    """The donor as papers name him; who wishes to stay unnamed is not named."""
    return UNNAMED if donor.is_anonymous else donor.name


def _address(donor: Donor) -> str:
    return "" if donor.is_anonymous else donor.address


def _for_what(gift: Donation) -> str:
    into = gift.fund.name if gift.fund else "trao thẳng cho người nhận, không qua quỹ"
    said = [f"Ủng hộ {into}" if gift.fund else f"Ủng hộ, {into}"]
    if gift.appeal:
        said.append(f"theo đợt vận động “{gift.appeal.name}”")
    if gift.purpose:
        said.append(f"để {gift.purpose[:1].lower()}{gift.purpose[1:]}")
    return " ".join(said)


def _shared_out(whole: SplitGift) -> str:
    parts = sorted(whole.parts.all(), key=lambda part: part.part or 0)
    return "Ủng hộ " + "; ".join(f"{part.fund.name} {dong(part.amount_vnd)}" for part in parts if part.fund)


def _voucher(voucher: Voucher) -> Told:
    target = voucher.target_fund
    party = voucher.payee or (target.unit.name if target else "")
    usual = f"Chuyển sang {target.name}" if target else _VOUCHER_WORDS[VoucherKind(voucher.kind)]
    reason = _cut(f"{voucher.note or usual} ({voucher.fund.name})")
    return Told("voucher", voucher.unit_id, voucher.unit.name, voucher.amount_vnd, party, "", reason)


_VOUCHER_WORDS = {
    VoucherKind.EXPENSE: "Chi khác",
    VoucherKind.TRANSFER: "Chuyển quỹ",
    VoucherKind.INTEREST: "Lãi tiền gửi",
    VoucherKind.SURPLUS: "Thừa khi kiểm kê",
    VoucherKind.SHORTAGE: "Thiếu khi kiểm kê",
    VoucherKind.OPENING: "Số dư đầu kỳ",
}


def _lot(lot: GoodsIssue) -> Told:
    fund = lot.item.fund
    worth = StockEntry.objects.filter(issue=lot, value_vnd__gt=0).aggregate(sum=Sum("value_vnd"))["sum"]
    usual = "Nhận lại hiện vật đã cấp" if lot.is_return else "Cấp hiện vật để trao tặng"
    reason = _cut(f"{lot.note or usual} ({fund.name})")
    return Told("lot", fund.unit_id, fund.unit.name, worth, lot.unit.name, "", reason)


def _cut(reason: str) -> str:
    return reason[:400]
