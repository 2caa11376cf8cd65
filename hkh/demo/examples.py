"""What the demo shows of its last open quarter: an appeal with a decided surplus, a gift in two funds, goods in stock,
pledges, boards, levels of honour. Nothing of it touches a figure of the half-year that is told to the đồng.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from django.db import connection
from django.db.models import Max, Model

from funds.models import (
    Account,
    Appeal,
    AppealDecision,
    AppealPartner,
    BoardMember,
    Donation,
    Donor,
    Fund,
    GoodsIssue,
    GoodsLine,
    HonourLevel,
    Movement,
    NamedGiver,
    Pledge,
    PledgeInstalment,
    PledgeMatch,
    SplitGift,
    StockItem,
    Voucher,
)
from hkh.demo.copying import copy_rows, reset_sequences, settle
from hkh.demo.story import Story
from hkh.demo.vouchers import VOUCHER_FIELDS

M = 1_000_000
GIFT_FIELDS = (
    "id unit fund donor appeal received_on form amount_vnd is_pass_through currency goods purpose document note"
    " recorded_by recorded_at idempotency_key void_reason split part"
)
MOVEMENT_FIELDS = (
    "id source target amount_vnd kind occurred_on document note donation recorded_by recorded_at idempotency_key"
)
#: (code, name, purpose): a fund for an appeal alone, and a general one.
KEPT = ("VUNG-LU-2026", "Quỹ Tiếp sức học sinh vùng lũ 2026", "Tiếp sức học sinh vùng lũ đầu năm học 2026–2027")
SECOND = ("HUNG-VUONG", "Quỹ Học bổng Hùng Vương", "")
FUNDS_OPENED = date(2026, 7, 1)
APPEAL = ("Tiếp sức học sinh vùng lũ 2026", "Các xã ven sông Hồng, sông Thao", 250 * M)
OPENS, CLOSES = date(2026, 7, 10), date(2026, 8, 25)
PARTNERS = (
    ("Báo và Đài Phát thanh, Truyền hình Phú Thọ", "Đăng tin, công bố danh sách ủng hộ"),
    ("Ủy ban Mặt trận Tổ quốc tỉnh", "Phối hợp tiếp nhận, xác minh hoàn cảnh"),
    ("Tỉnh đoàn Phú Thọ", "Đưa sách vở tới từng trường"),
)
GIFTS, DECIDED_VND, PASSED_ON_VND = 26, 60 * M, 40 * M
DECISION = ("18/QĐ-HKH", date(2026, 9, 5), "Hà Quang Minh, Chủ tịch Hội", "Học bổng cho học sinh mồ côi")
PASSED_ON = date(2026, 9, 10)
SPLIT_ON, SPLIT_VND = date(2026, 8, 19), (60 * M, 40 * M)
GIVERS = (("Phân xưởng Giấy", 20 * M), ("Phân xưởng Bột", 15 * M), ("Khối văn phòng", None))
#: What, how many, measure, value of one, how valued, by whom.
GOODS = (
    ("Áo ấm học sinh", 400, "chiếc", 180_000, "invoice", "Hóa đơn số 0001287"),
    ("Vở 96 trang", 6_000, "quyển", 7_500, "market", "Ban Tài chính"),
    ("Xe đạp", 25, "chiếc", 1_450_000, "committee", "Hội đồng định giá"),
)
GOODS_ON, ISSUED_ON = date(2026, 8, 3), date(2026, 8, 20)
#: Of which kind of goods how many were issued, to three units one after the other.
ISSUES = ((0, 120), (0, 90), (1, 2_000), (1, 1_500), (2, 8))
#: Promised by the second enterprise: days due and đồng; the first is kept, the second overdue on the demo's last day.
PLEDGED_ON = date(2026, 7, 15)
INSTALMENTS = ((date(2026, 8, 15), 50 * M), (date(2026, 9, 15), 50 * M), (date(2026, 12, 15), 50 * M))
KEPT_ON = date(2026, 8, 14)
#: Who stands in the bank's statement and has promised exactly that.
PROMISED_BY = "Công ty CP Giấy Sông Lô"
PROMISED = (date(2026, 9, 30), 20 * M)
BOARD = (
    ("council", "Hà Quang Minh", "Chủ tịch Hội đồng quản lý quỹ"),
    ("council", "Nguyễn Thị Hồng Nhung", "Phó Chủ tịch"),
    ("council", "Phạm Văn Chương", "Ủy viên"),
    ("control", "Bùi Thị Yến", "Trưởng Ban kiểm soát"),
    ("control", "Lê Văn Thắng", "Ủy viên"),
)
LEVELS = (("Bảng vàng Kim cương", 500 * M), ("Bảng vàng", 100 * M), ("Bảng bạc", 20 * M))


@dataclass
class _Gift:
    fund: int
    donor: int
    received_on: date
    amount_vnd: int
    form: str = "bank_transfer"
    appeal: int | None = None
    goods: str = ""
    split: int | None = None
    part: int | None = None
    id: int = 0


def load_examples(story: Story, users: dict[str, int]) -> None:
    """Write them all, after everything that is planned; none where the demo ends earlier."""
    if story.province.last_day is not None:
        return
    root, by = story.funds.root, users["accountant"]
    kept, second = (_open_fund(root.unit.id, *words) for words in (KEPT, SECOND))
    _load_boards(root.id)
    copy_rows(HonourLevel, "unit name least_vnd", [(root.unit.id, *level) for level in LEVELS])
    appeal = _open_appeal(root.unit.id, kept)
    firms = [d.id for d in story.donors.rows if d.unit is root.unit and d.kind == "enterprise"]
    people = [d.id for d in story.donors.rows if d.unit is root.unit and d.kind == "person"]
    split = _next(SplitGift)
    facts = (split, root.unit.id, firms[0], SPLIT_ON, "bank_transfer", sum(SPLIT_VND), 2, _key("split", 1))
    gifts = [
        *_for_appeal(kept, appeal, firms, people),
        *(
            _Gift(fund, firms[0], SPLIT_ON, vnd, split=split, part=part)
            for part, (fund, vnd) in enumerate(zip((root.id, second), SPLIT_VND, strict=True), 1)
        ),
        _Gift(root.id, firms[1], KEPT_ON, INSTALMENTS[0][1]),
        _Gift(
            root.id, firms[2], GOODS_ON, sum(n * vnd for _w, n, _m, vnd, *_ in GOODS), "in_kind", goods=_goods_said()
        ),
    ]
    copy_rows(SplitGift, "id unit donor received_on form amount_vnd part_count idempotency_key", [facts])
    _book(gifts, root.unit.id, by)
    by_goods, promised = gifts[-1], gifts[-2]
    named = next(gift.id for gift in gifts if gift.split)
    copy_rows(NamedGiver, "donation name amount_vnd note", [(named, name, vnd, "") for name, vnd in GIVERS])
    _promise(root.unit.id, firms[1], INSTALMENTS, by, 1, kept_by=promised)
    _promise(root.unit.id, _new_donor(root.unit.id), (PROMISED,), by, 2)
    _issue(story, by_goods, by)
    _decide(appeal, kept, root.id, root.unit.id, users)
    settle(Donation, Movement, Voucher)


def _open_fund(unit: int, code: str, name: str, purpose: str) -> int:
    number = _next(Fund)
    row = (number, unit, code, name, purpose, bool(purpose), "internal", FUNDS_OPENED, 1)
    copy_rows(Fund, "id unit code name purpose is_restricted legal_status opened_on revision", [row])
    reset_sequences(Fund)
    return number


def _load_boards(fund: int) -> None:
    since = date(2025, 7, 1)
    rows = [(fund, body, name, position, since) for body, name, position in BOARD]
    copy_rows(BoardMember, "fund body name position since", rows)


def _open_appeal(unit: int, kept: int) -> int:
    number, (name, area, target_vnd) = _next(Appeal), APPEAL
    row = (number, unit, "emergency", name, KEPT[2], area, target_vnd, OPENS, CLOSES, kept)
    copy_rows(Appeal, "id unit kind name purpose area target_vnd opens_on closes_on fund", [row])
    copy_rows(AppealPartner, "appeal number name role", [(number, n, *one) for n, one in enumerate(PARTNERS, 1)])
    reset_sequences(Appeal)
    return number


def _for_appeal(kept: int, appeal: int, firms: list[int], people: list[int]) -> Iterator[_Gift]:
    """Many on the first days, fewer later; firms give more than people."""
    rng = Random("surplus")
    days = sorted(int(rng.random() ** 1.6 * (CLOSES - OPENS).days) for _n in range(GIFTS))
    for day in days:
        is_firm = rng.random() < 0.45
        vnd = rng.randrange(20, 60) * M // 2 if is_firm else rng.randrange(2, 12) * M // 2
        donor = rng.choice(firms if is_firm else people)
        form = "bank_transfer" if is_firm else "cash"
        yield _Gift(kept, donor, OPENS + timedelta(days=day), vnd, form, appeal)


def _goods_said() -> str:
    return "; ".join(f"{count} {measure} {what.lower()}" for what, count, measure, *_rest in GOODS)


def _book(gifts: list[_Gift], unit: int, by: int) -> None:
    """The gifts with their movements, and the lines of the goods among them; all proved."""
    accounts = {
        (fund or 0, kind, pot): pk for pk, fund, kind, pot in Account.objects.values_list("pk", "fund", "kind", "pot")
    }
    for number, gift in enumerate(gifts, _next(Donation)):
        gift.id = number
    copy_rows(Donation, GIFT_FIELDS, (_gift_row(gift, unit, by) for gift in gifts))
    lines = ((gift.id, *line) for gift in gifts if gift.form == "in_kind" for line in _lines())
    copy_rows(GoodsLine, "donation what quantity measure unit_value_vnd valuation valued_by value_vnd", lines)
    first = _next(Movement)
    copy_rows(
        Movement,
        MOVEMENT_FIELDS,
        (
            (
                number,
                accounts[0, "donors", "goods" if gift.form == "in_kind" else "cash"],
                accounts[gift.fund, "free", "goods" if gift.form == "in_kind" else "cash"],
                gift.amount_vnd,
                "donation",
                gift.received_on,
                "",
                "",
                gift.id,
                by,
                f"{gift.received_on} 09:00:00+07",
                _key("example movement", number),
            )
            for number, gift in enumerate(gifts, first)
        ),
    )
    reset_sequences(Donation, Movement)
    connection.check_constraints()


def _gift_row(gift: _Gift, unit: int, by: int) -> tuple[object, ...]:
    return (
        gift.id,
        unit,
        gift.fund,
        gift.donor,
        gift.appeal,
        gift.received_on,
        gift.form,
        gift.amount_vnd,
        False,
        "VND",
        gift.goods,
        "",
        "",
        "",
        by,
        f"{gift.received_on} 09:00:00+07",
        _key("example gift", gift.id),
        "",
        gift.split,
        gift.part,
    )


def _lines() -> Iterator[tuple[object, ...]]:
    for what, count, measure, vnd, how, who in GOODS:
        yield what, count, measure, vnd, how, who, count * vnd


def _promise(
    unit: int,
    donor: int,
    instalments: tuple[tuple[date, int], ...],
    by: int,
    number: int,
    *,
    kept_by: _Gift | None = None,
) -> None:
    pledge = _next(Pledge)
    total = sum(vnd for _day, vnd in instalments)
    row = (pledge, unit, donor, PLEDGED_ON, total, "Học bổng khuyến tài", by, _key("pledge", number))
    first = _next(PledgeInstalment)
    copy_rows(Pledge, "id unit donor pledged_on amount_vnd purpose recorded_by idempotency_key", [row])
    parts = [(first + n, pledge, day, vnd) for n, (day, vnd) in enumerate(instalments)]
    copy_rows(PledgeInstalment, "id pledge due_on amount_vnd", parts)
    if kept_by is not None:
        copy_rows(PledgeMatch, "instalment donation amount_vnd", [(first, kept_by.id, kept_by.amount_vnd)])
    reset_sequences(Pledge, PledgeInstalment)


def _new_donor(unit: int) -> int:
    number = _next(Donor)
    row = (number, unit, "enterprise", PROMISED_BY, "", "", "", "", "", False, "", 1)
    copy_rows(Donor, "id unit kind name country phone email address tax_code is_anonymous note revision", [row])
    reset_sequences(Donor)
    return number


def _issue(story: Story, gift: _Gift, by: int) -> None:
    """Lots of the goods to the first districts or communes that live; the rest stays in the store."""
    items = [StockItem.unscoped.get(fund=gift.fund, name=what, measure=measure).pk for what, _n, measure, *_ in GOODS]
    takers = sorted(
        (unit for unit in story.tree.units if unit.place and unit.tier > 1 and unit.exists_on(ISSUED_ON)),
        key=lambda unit: unit.id,
    )
    rows = [
        (
            items[kind],
            takers[n % 3].id,
            Decimal(count),
            ISSUED_ON,
            False,
            f"PX {n + 1:02}/2026",
            "",
            by,
            f"{ISSUED_ON} 10:00:00+07",
            _key("lot", n),
        )
        for n, (kind, count) in enumerate(ISSUES)
    ]
    fields = "item unit quantity issued_on is_return document note recorded_by recorded_at idempotency_key"
    copy_rows(GoodsIssue, fields, rows)


def _decide(appeal: int, kept: int, target: int, unit: int, users: dict[str, int]) -> None:
    """A surplus decided for the provincial fund, and a part of it passed on."""
    number, day, signed_by, purpose = DECISION
    decision = (appeal, number, day, signed_by, target, purpose, DECIDED_VND)
    copy_rows(
        AppealDecision,
        "appeal number decided_on signed_by target_fund purpose amount_vnd recorded_by recorded_at idempotency_key",
        [(*decision, users["accountant"], f"{day} 09:00:00+07", _key("surplus", 1))],
    )
    free = dict(Account.objects.filter(fund__in=(kept, target), kind="free", pot="cash").values_list("fund", "pk"))
    moved, at = _next(Movement), f"{PASSED_ON} 09:00:00+07"
    movement = (moved, free[kept], free[target], PASSED_ON_VND, "transfer", PASSED_ON, number, purpose, None)
    copy_rows(Movement, MOVEMENT_FIELDS, [(*movement, users["accountant"], at, _key("example movement", moved))])
    said = {
        "unit": unit,
        "fund": kept,
        "kind": "transfer",
        "target_fund": target,
        "pot": "cash",
        "amount_vnd": PASSED_ON_VND,
        "occurred_on": PASSED_ON,
        "payee": "",
        "document": number,
        "note": purpose,
        "state": "booked",
        "prepared_by": users["accountant"],
        "prepared_at": at,
        "decided_by": users["chair"],
        "decided_at": f"{PASSED_ON} 10:00:00+07",
        "reason": "",
        "posted": moved,
        "idempotency_key": _key("surplus voucher", 1),
    }
    copy_rows(Voucher, VOUCHER_FIELDS, [tuple(said.get(name) for name in VOUCHER_FIELDS.split())])
    reset_sequences(Movement)


def _next(model: type[Model]) -> int:
    """The first id that no row has yet."""
    return int(model._default_manager.aggregate(last=Max("pk"))["last"] or 0) + 1


def _key(kind: str, number: int) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_OID, f"demo {kind} {number}")
