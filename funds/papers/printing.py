"""Papers as they come out of the printer: slips across A5, thank-you letters on A4, certificates across A4."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from funds.aftermath import became_told
from funds.models import Donation, DonationForm, GoodsIssue, Paper, PaperKind
from funds.papers import token_of
from hkh.core.dates import format_date, official_date
from hkh.core.money import dong, format_quantity, format_vnd, words_vi
from hkh.core.pdf import Metadata, join_pdfs, render_pdf
from hkh.core.qr import code_svg

STYLESHEET = "css/papers.css"
#: So many papers are set at a time: more would take more memory than a small machine has to spare.
AT_ONCE = 100

#: Papers of the association speak Vietnamese: what stands at their head.
TITLES = {
    PaperKind.RECEIPT: "Phiếu thu",
    PaperKind.ACKNOWLEDGEMENT: "Giấy biên nhận",
    PaperKind.PAYMENT: "Phiếu chi",
    PaperKind.GOODS_IN: "Phiếu nhập kho",
    PaperKind.GOODS_OUT: "Phiếu xuất kho",
    PaperKind.LETTER: "Thư cảm ơn",
    PaperKind.CERTIFICATE: "Giấy chứng nhận",
}
_PARTY = {
    PaperKind.RECEIPT: "Họ và tên người nộp tiền",
    PaperKind.ACKNOWLEDGEMENT: "Đã nhận của",
    PaperKind.PAYMENT: "Họ và tên người nhận tiền",
    PaperKind.GOODS_IN: "Họ và tên người giao",
    PaperKind.GOODS_OUT: "Họ và tên người nhận",
}
_REASON = {PaperKind.RECEIPT: "Lý do nộp", PaperKind.PAYMENT: "Lý do chi"}
_SIGNERS = {
    PaperKind.RECEIPT: ("Chủ tịch", "Kế toán", "Người nộp tiền", "Người lập phiếu", "Thủ quỹ"),
    PaperKind.ACKNOWLEDGEMENT: ("Đại diện đơn vị nhận", "Người giao"),
    PaperKind.PAYMENT: ("Chủ tịch", "Kế toán", "Thủ quỹ", "Người lập phiếu", "Người nhận tiền"),
    PaperKind.GOODS_IN: ("Chủ tịch", "Kế toán", "Thủ kho", "Người giao"),
    PaperKind.GOODS_OUT: ("Chủ tịch", "Kế toán", "Thủ kho", "Người nhận"),
}
_TEMPLATES = {PaperKind.LETTER: "letter", PaperKind.CERTIFICATE: "certificate"}


@dataclass(frozen=True)
class _Line:
    what: str
    quantity: str
    measure: str
    value_of_one: str
    value: str


@dataclass(frozen=True)
class _Drawn:
    """A paper ready to be set."""

    paper: Paper
    title: str
    day: str
    happened_on: str
    amount: str
    words: str
    is_goods: bool
    party_label: str
    reason_label: str
    lines: Sequence[_Line]
    signers: Sequence[str]
    voided: str
    replaces: str
    address: str
    code: SafeString
    name_size: str
    became: Sequence[str] = ()


def render_papers(papers: Sequence[Paper], *, address: str, told: Callable[[int], None] = lambda done: None) -> bytes:
    """The papers (of one kind) as one PDF, in their order, set in processes of their own. 3 queries a part.

    ``address`` leads to this installation, up to the slash; ``told`` hears how many papers are set, part by part.
    """
    about = Metadata(title=TITLES[PaperKind(papers[0].kind)], authors=[settings.HKH_ASSOCIATION], language="vi")
    parts = []
    for start in range(0, len(papers), AT_ONCE):
        some = papers[start : start + AT_ONCE]
        parts.append(render_pdf(papers_html(some, address=address), stylesheets=(STYLESHEET,), metadata=about))
        told(start + len(some))
    return parts[0] if len(parts) == 1 else join_pdfs(parts, metadata=about)


def papers_html(papers: Sequence[Paper], *, address: str) -> str:
    """The document before it is set. 3 queries; for letters those of ``became_told`` and 1 more."""
    kind = PaperKind(papers[0].kind)
    rows = Paper.unscoped.select_related("donation", "split", "voucher", "lot__item", "replaces")
    held = rows.prefetch_related("donation__lines", "lot__entries").in_bulk([paper.pk for paper in papers])
    template = _TEMPLATES.get(kind, "slip")
    became = became_told(_gifts_of(papers)) if kind == PaperKind.LETTER else {}
    return render_to_string(
        f"funds/papers/{template}.html",
        {
            "title": TITLES[kind],
            "association": settings.HKH_ASSOCIATION,
            "papers": [_draw(held[paper.pk], kind, address, became.get(paper.pk, ())) for paper in papers],
        },
    )


def _gifts_of(papers: Sequence[Paper]) -> dict[int, list[int]]:
    """The gifts that each letter is about, all parts of one given in parts. 1 query."""
    parts: dict[int, list[int]] = {}
    splits = [paper.split_id for paper in papers if paper.split_id]
    for gift, split in Donation.unscoped.filter(split__in=splits).order_by("part").values_list("pk", "split"):
        parts.setdefault(split, []).append(gift)
    return {
        paper.pk: [paper.donation_id] if paper.donation_id else parts.get(paper.split_id or 0, []) for paper in papers
    }


def paper_address(paper: Paper, address: str) -> str:
    """Where anybody sees whether the paper is genuine."""
    return f"{address}/chung-tu/{token_of(paper)}/"


def happened_on(paper: Paper) -> date:
    """The day of what the paper is about."""
    if paper.voucher:
        return paper.voucher.occurred_on
    if paper.lot:
        return paper.lot.issued_on
    gift = paper.donation or paper.split
    assert gift is not None
    return gift.received_on


def _draw(paper: Paper, kind: PaperKind, address: str, became: Sequence[str]) -> _Drawn:
    leads_to = paper_address(paper, address)
    return _Drawn(
        paper=paper,
        title=TITLES[kind],
        day=official_date(paper.issued_on),
        happened_on=format_date(happened_on(paper)),
        amount=dong(paper.amount_vnd),
        words=words_vi(paper.amount_vnd),
        is_goods=(paper.donation is not None and paper.donation.form == DonationForm.IN_KIND) or paper.lot is not None,
        party_label=_PARTY.get(kind, ""),
        reason_label=_REASON.get(kind, "Nội dung"),
        lines=_lines(paper),
        signers=_SIGNERS.get(kind, ()),
        voided=f"Đã hủy ngày {format_date(paper.voided_on)}: {paper.void_reason}" if paper.voided_on else "",
        replaces=paper.replaces.sign if paper.replaces else "",
        address=leads_to,
        code=code_svg(leads_to, label="Mã kiểm tra chứng từ"),
        name_size="long" if len(paper.party) > 60 else "usual",
        became=became,
    )


def _lines(paper: Paper) -> list[_Line]:
    if paper.donation is not None and paper.donation.form == DonationForm.IN_KIND:
        return _of_gift(paper.donation)
    return [_of_lot(paper.lot, paper)] if paper.lot else []


def _of_gift(gift: Donation) -> list[_Line]:
    lines = [
        _Line(
            line.what,
            format_quantity(line.quantity),
            line.measure,
            format_vnd(line.unit_value_vnd),
            format_vnd(line.value_vnd),
        )
        for line in gift.lines.all()
    ]
    return lines or [_Line(gift.goods, "", "", "", format_vnd(gift.amount_vnd))]


def _of_lot(lot: GoodsIssue, paper: Paper) -> _Line:
    item = lot.item
    return _Line(item.name, format_quantity(lot.quantity), item.measure, "", format_vnd(paper.amount_vnd))
