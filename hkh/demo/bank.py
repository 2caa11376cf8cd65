"""The bank account of the provincial fund: last year's transfers matched, the newest still to decide."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from random import Random

from django.utils import timezone

from funds.models import BankAccount, BankLine, BankStatement, Donation, DonationForm, Fund, LineState
from funds.statements import Line
from funds.statements.lines import keyed
from hkh.core.text import search_key
from hkh.demo.copying import copy_rows, reset_sequences
from hkh.demo.spec import FUND_CODE, PROVINCE_CODE

NUMBER = "0251001234567"
_SAID = ("on", "amount_vnd", "reference", "party", "party_account", "description")
MATCHED, TO_MATCH = 12, 3
#: Transfers that nobody has recorded: who sent them, how much, what they wrote.
NEWS = (
    ("CONG TY CP GIAY SONG LO", 20_000_000, "ung ho quy khuyen hoc khuyen tai Dat To"),
    ("NGUYEN THI MINH HANH", 2_000_000, "ung ho hoc sinh ngheo vuot kho"),
    ("DONG HO TRAN XA PHU NINH", 5_000_000, "quy khuyen hoc"),
    ("", 312_000, "TRA LAI TIEN GUI"),
)


def load_bank(users: dict[str, int]) -> None:
    """An account of the fund, and one statement that tells of gifts recorded and of some that are not."""
    fund, by = Fund.unscoped.get(code=FUND_CODE), users["accountant"]
    gifts = list(
        Donation.unscoped.filter(fund=fund, form=DonationForm.BANK_TRANSFER, voided_on=None)
        .select_related("donor")
        .order_by("-received_on", "-pk")[: MATCHED + TO_MATCH]
    )[::-1]
    lines = _lines(gifts)
    handed_in_at = timezone.make_aware(datetime.combine(lines[-1].on, time(9)))
    holder = "HOI KHUYEN HOC TINH PHU THO"
    copy_rows(
        BankAccount,
        "id unit fund bank number holder revision",
        [(1, fund.unit_id, fund.pk, "Vietcombank", NUMBER, holder, 1)],
    )
    statement = (1, 1, "sao-ke.xlsx", "0" * 64, lines[0].on, lines[-1].on, len(lines), by, handed_in_at)
    copy_rows(
        BankStatement, "id account file_name sha256 first_on last_on line_count handed_in_by handed_in_at", [statement]
    )
    said = (
        (number, 1, 1, number, key, *(getattr(line, name) for name in _SAID))
        for number, (line, key) in enumerate(keyed(lines), 1)
    )
    decided = (_decision(number, gifts, len(lines), by, handed_in_at) for number in range(1, len(lines) + 1))
    copy_rows(
        BankLine,
        "id account statement number key occurred_on amount_vnd reference party party_account description"
        " state donation set_aside_reason decided_by decided_at",
        ((*facts, *what) for facts, what in zip(said, decided, strict=True)),
    )
    reset_sequences(BankAccount, BankStatement, BankLine)


def _lines(gifts: list[Donation]) -> list[Line]:
    rng = Random(PROVINCE_CODE)
    lines = [
        Line(
            number,
            gift.received_on,
            gift.amount_vnd,
            _reference(rng),
            _as_banks_write(gift.donor.name),
            f"10{rng.randrange(10**9):09}",
            "chuyen tien ung ho",
        )
        for number, gift in enumerate(gifts, 1)
    ]
    last = lines[-1].on + timedelta(days=1)
    for party, amount, text in (*NEWS, ("", -33_000, "Phi dich vu tai khoan")):
        lines.append(Line(len(lines) + 1, last, amount, _reference(rng), party, "", text))
    return lines


def _decision(
    number: int, gifts: list[Donation], count: int, by: int, at: datetime
) -> tuple[LineState, int | None, str, int | None, datetime | None]:
    """State, gift, reason, by whom and when, of the line ``number`` of ``count``."""
    if number <= MATCHED:
        return LineState.LINKED, gifts[number - 1].pk, "", by, at
    if number == count:
        return LineState.SET_ASIDE, None, "Phí dịch vụ ngân hàng, Văn phòng Hội trả", by, at
    return LineState.OPEN, None, "", None, None


def _reference(rng: Random) -> str:
    return f"FT{rng.randrange(10**10):010}"


def _as_banks_write(name: str) -> str:
    return search_key(name).upper()
