"""The tables that banks give out (.xlsx, .xls, .ods, .csv): Vietcombank, BIDV, Agribank, VietinBank and the like.

Columns are told by their headings. A bank that heads them otherwise is matched once, by hand (``BankLayout``).
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from python_calamine import CalamineWorkbook

from funds.statements.lines import GUESSED, Cut, Line, Statement, Unreadable, digits
from hkh.core.money import LARGEST_VND, format_number
from hkh.core.sheets import reading
from hkh.core.sheets.cleaning import as_text, clean_cell
from hkh.core.sheets.columns import SheetField, match_headings
from hkh.core.sheets.delimited import encoding_of, read_delimited
from hkh.core.text import search_key


def _column(key: str, **facts: Any) -> SheetField:
    return SheetField(key, column_name=key, **facts)


COLUMNS: Final = (
    _column(
        "on",
        label=gettext_lazy("Date"),
        kind="day",
        required=True,
        synonyms=("Ngày giao dịch", "Ngày GD", "Ngày hạch toán", "Ngày hiệu lực", "Ngày ghi sổ", "Transaction date",
                  "TNX date", "Posting date", "Tanggal"),
    ),
    _column(
        "credit",
        label=gettext_lazy("Came in"),
        kind="vnd",
        synonyms=("Số tiền ghi có", "Ghi có", "Phát sinh có", "PS có", "Có", "Tiền vào", "Credit", "Credit amount",
                  "Kredit"),
    ),
    _column(
        "debit",
        label=gettext_lazy("Went out"),
        kind="vnd",
        synonyms=("Số tiền ghi nợ", "Ghi nợ", "Phát sinh nợ", "PS nợ", "Nợ", "Tiền ra", "Debit", "Debit amount",
                  "Debet"),
    ),
    _column(
        "amount",
        label=gettext_lazy("Amount, with its sign"),
        kind="vnd",
        synonyms=("Số tiền", "Số tiền giao dịch", "Phát sinh", "Amount", "Transaction amount", "Jumlah"),
    ),
    _column(
        "balance",
        label=gettext_lazy("Balance afterwards"),
        kind="vnd",
        synonyms=("Số dư", "Số dư sau giao dịch", "Số dư cuối", "Balance", "Running balance", "Saldo"),
    ),
    _column(
        "currency",
        label=gettext_lazy("Currency"),
        kind="code",
        synonyms=("Loại tiền", "Loại tiền tệ", "Tiền tệ", "Đơn vị tiền tệ", "Ccy", "Currency code", "Mata uang"),
    ),
    _column(
        "reference",
        label=gettext_lazy("Bank's reference"),
        kind="code",
        synonyms=("Số tham chiếu", "Số CT", "Số chứng từ", "Số giao dịch", "Mã giao dịch", "Số bút toán", "Reference",
                  "Reference number", "Doc no", "Transaction ID", "Số seq"),
    ),
    _column(
        "party",
        label=gettext_lazy("Other party"),
        kind="text",
        synonyms=("Tên đối ứng", "Tên tài khoản đối ứng", "Người chuyển", "Đơn vị chuyển", "Tên người chuyển",
                  "Counterparty", "Corresponsive name", "Sender"),
    ),
    _column(
        "party_account",
        label=gettext_lazy("Other party's account"),
        kind="code",
        synonyms=("Tài khoản đối ứng", "Số tài khoản đối ứng", "TK đối ứng", "Corresponsive account",
                  "Counter account", "Sender account"),
    ),
    _column(
        "description",
        label=gettext_lazy("Description"),
        kind="text",
        synonyms=("Nội dung", "Nội dung giao dịch", "Nội dung chi tiết", "Diễn giải", "Mô tả", "Mô tả giao dịch",
                  "Transactions in detail", "Remark", "Details", "Keterangan"),
    ),
)  # fmt: skip
#: So far down a title block may say whose account it is.
_TOP: Final = 40
_ACCOUNT: Final = re.compile(r"[0-9A-Z][0-9A-Z .-]{4,32}[0-9A-Z]")
_CURRENCY: Final = re.compile(
    r"(?:loai tien(?: te)?|don vi tien te|tien te|currency|ccy|mata uang)(?: ?[:/-] ?| |$)(.*)"
)
_CODE: Final = re.compile(r"[a-z]{3}")
#: How banks write đồng.
_DONG: Final = frozenset(("", "vnd", "dong", "d", "viet nam dong"))
#: What tells a transfer from another of the same day and amount.
_TELLING: Final = {"reference", "description", "party"}
#: A letter that a character set did not hold, in the middle of a word.
_LOST: Final = re.compile(r"[^\W\d]\?[^\W\d]")
_SUMS: Final = ("tong", "cong", "total", "jumlah")
_ROW_OR_FORMULA: Final = re.compile(rb"<(?:\w+:)?(?:row\b(?P<row>[^>]*)>|(?P<formula>f)[ >/])")
_AMOUNT: Final = re.compile(r"([+-]?)([0-9]{1,3}(?:([., ])[0-9]{3})(?:\3[0-9]{3})*|[0-9]+)(?:[.,]0{1,2})?([+-]?)")


@dataclass
class UnknownLayout(Exception):
    """The columns are not told by their headings: somebody matches them, with ``sample`` rows beside."""

    headings: list[str]
    sample: list[list[str]]


def read(path: Path, name: str, *, layout: Mapping[str, str] | None = None) -> Statement:
    """The statement on the first sheet. ``layout``: {column key: heading}, as the bank was matched once.

    Raises: Unreadable; Cut where balances jump or sums disagree; UnknownLayout.
    """
    _refuse_formulas(path)
    table = reading.read(path, name=name, columns=COLUMNS)
    _refuse_lost_letters(table.headings)
    found = _columns(table.headings, layout)
    rows = list(islice(table.rows, 200_001))
    if len(rows) > 200_000:
        raise Unreadable(_("The file has more than 200,000 rows. Hand in shorter periods."))
    told = set(found.values())
    if "on" not in told or not {"credit", "debit", "amount"} & told or not (layout or _TELLING & told):
        raise UnknownLayout(table.headings, [[as_text(cell) for cell in cells] for _n, cells in rows[:5]])
    places = {key: position for position, key in found.items()}
    lines, balances, has_sums = _lines(rows, places, table)
    if not lines:
        raise Unreadable(_("There is no transfer in this file."))
    if not has_sums and None in balances:
        _refuse_unfinished(path, name)
    opening, closing, forwards = _follow(lines, balances)
    return Statement(
        account_number=_account_above(path, name),
        currency=_currency_above(path, name, table.head_row),
        lines=tuple(lines if forwards else reversed(lines)),
        opening_vnd=opening,
        closing_vnd=closing,
        remarks=tuple(_remarks(path, name, table)),
        is_proved=has_sums or None not in balances or not _is_text(name),
    )


def _remarks(path: Path, name: str, table: reading.Table) -> Iterable[str]:
    if table.legacy:
        yield _("Texts in an old font were converted. Look at the names before booking.")
    elif _is_text(name) and encoding_of(path).startswith("cp"):
        yield str(GUESSED)


def _columns(headings: Sequence[str], layout: Mapping[str, str] | None) -> dict[int, str]:
    """{position: key}; what was matched by hand goes before what headings tell."""
    found = dict(match_headings(headings, COLUMNS))
    for key, heading in (layout or {}).items():
        wanted = search_key(heading)
        position = next((n for n, text in enumerate(headings) if wanted and search_key(text) == wanted), None)
        if position is not None:
            found = {place: other for place, other in found.items() if other != key} | {position: key}
    return found


def _lines(
    rows: Iterable[tuple[int, list[Any]]], places: Mapping[str, int], table: reading.Table
) -> tuple[list[Line], list[int | None], bool]:
    """The transfers, the balance after each where the table tells it, and whether totals stood below that agree.

    Rows without a day are sums and notes.
    """
    lines: list[Line] = []
    balances: list[int | None] = []
    sums = {"credit": 0, "debit": 0}
    has_sums = False
    for number, cells in rows:
        said = {key: cells[position] for key, position in places.items()}
        if said["on"] in ("", None) or (isinstance(said["on"], str) and not said["on"][:1].isdigit()):
            has_sums = _check_sums(number, cells, said, sums) or has_sums
            continue
        credit, debit = _amount(said.get("credit"), number), _amount(said.get("debit"), number)
        _check_row(number, said, credit, debit)
        amount = (credit - debit) if "credit" in places or "debit" in places else _amount(said.get("amount"), number)
        if not amount:
            continue
        sums["credit"] += credit
        sums["debit"] += debit
        texts = {
            key: str(clean_cell("text", said[key], legacy=table.legacy.get(places[key], ""))[0])
            for key in ("reference", "party", "party_account", "description")
            if key in places
        }
        lines.append(Line(number=number, on=_day(said["on"], number, table.starts_1904), amount_vnd=amount, **texts))
        balances.append(_amount(said["balance"], number) if said.get("balance") not in ("", None) else None)
    return lines, balances, has_sums


def _check_row(number: int, said: Mapping[str, Any], credit: int, debit: int) -> None:
    """What one row says must be one transfer in đồng. Raises: Unreadable."""
    if credit and debit:
        raise Unreadable(
            _("Line %(number)s says that money came in and went out. Check how the columns are headed.")
            % {"number": number}
        )
    currency = search_key(as_text(said.get("currency") or ""))
    if currency not in _DONG:
        raise Unreadable(
            _("Line %(number)s is in %(currency)s. Only accounts in đồng are matched; record such gifts by hand.")
            % {"number": number, "currency": currency.upper()[:20]}
        )


def _day(raw: Any, number: int, starts_1904: bool) -> date:
    """A day, whatever time stands behind it."""
    if isinstance(raw, str):
        raw = re.split(r"[ T](?=[0-9]{1,2}:)", raw.strip())[0]
    value, remark = clean_cell("day", raw, starts_1904=starts_1904)
    if not isinstance(value, date):
        said = remark or _("“%(text)s” is no date.") % {"text": as_text(raw)[:40]}
        raise Unreadable(_("Line %(number)s: %(what)s") % {"number": number, "what": said})
    return value


def _amount(raw: Any, number: int) -> int:
    """Whole đồng, with the sign; 0 where nothing stands."""
    if raw in ("", None):
        return 0
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        whole = int(raw) if float(raw).is_integer() else None
    else:
        text = re.sub(r"(?i)vn[dđ]|đồng|đ|\s+$|^\s+", "", str(raw)).replace("\u00a0", " ").strip()
        sign = -1 if text[:1] in "-(" or text[-1:] == "-" else 1
        match = _AMOUNT.fullmatch(text.strip("() ").replace("\u2212", "-"))
        whole = sign * int(re.sub(r"\D", "", match[2])) if match else None
        if text in ("-", "–", ""):
            whole = 0
    if whole is None:
        raise Unreadable(
            _("Line %(number)s: “%(text)s” is no amount in whole đồng.") % {"number": number, "text": as_text(raw)[:40]}
        )
    if abs(whole) > LARGEST_VND:
        raise Unreadable(
            _("Line %(number)s: “%(text)s” is more than %(largest)s đồng. Check the file.")
            % {"number": number, "text": format_number(whole), "largest": format_number(LARGEST_VND)}
        )
    return whole


def _check_sums(number: int, cells: Sequence[Any], said: Mapping[str, Any], sums: Mapping[str, int]) -> bool:
    """A row of totals must say what the lines above it add up to; whether it is one and does. Raises: Cut."""
    label = next((search_key(cell) for cell in cells if isinstance(cell, str) and cell.strip()), "")
    if not label.startswith(_SUMS) or not any(sums.values()):
        return False
    for key in ("credit", "debit"):
        if said.get(key) not in ("", None) and _amount(said[key], number) != sums[key]:
            raise Cut(
                _("Line %(number)s says a total that the lines above do not add up to. Download the statement again.")
                % {"number": number}
            )
    return any(said.get(key) not in ("", None) for key in ("credit", "debit"))


def _refuse_unfinished(path: Path, name: str) -> None:
    """A text file whose last line does not end was cut, perhaps in the middle of an amount. Raises: Cut."""
    if not _is_text(name):
        return
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - 4))
        tail = stream.read().replace(b"\0", b"")
    if tail[-1:] not in (b"\n", b"\r"):
        raise Cut(
            _(
                "The last line of the file does not end, and neither balances nor totals tell whether it is whole. "
                "Download it from the bank again, as .xlsx where there is a choice."
            )
        )


def _refuse_lost_letters(headings: Sequence[str]) -> None:
    """Saved as Latin-1, Vietnamese letters are lost for good, and with them names and texts. Raises: Unreadable."""
    lost = next((heading for heading in headings if _LOST.search(heading)), None)
    if lost is not None:
        raise Unreadable(
            _(
                "Letters were lost when this file was saved: it says “%(text)s”. Download it from the bank as .xlsx, "
                "or save it as UTF-8."
            )
            % {"text": lost[:60]}
        )


def _follow(lines: Sequence[Line], balances: Sequence[int | None]) -> tuple[int | None, int | None, bool]:
    """Opening and closing balance, and whether the oldest line stands first. Raises: Cut where a balance jumps."""
    if not all(balance is not None for balance in balances):
        return None, None, lines[0].on <= lines[-1].on
    told = [balance for balance in balances if balance is not None]
    forwards = _jump(lines, told)
    if forwards is None and (len(lines) > 1 or lines[0].on <= lines[-1].on):
        return told[0] - lines[0].amount_vnd, told[-1], True
    backwards = _jump(list(reversed(lines)), list(reversed(told)))
    if backwards is None:
        return told[-1] - lines[-1].amount_vnd, told[0], False
    place = forwards if lines[0].on <= lines[-1].on else backwards
    raise Cut(
        _("The balance jumps at line %(number)s: lines are missing. Download the statement from the bank again, whole.")
        % {"number": place}
    )


def _jump(lines: Sequence[Line], balances: Sequence[int]) -> int | None:
    """The number of the first line that does not lead from the balance before to the one after it."""
    for before, balance, line in zip(balances, balances[1:], lines[1:], strict=False):
        if before + line.amount_vnd != balance:
            return line.number
    return None


def _account_above(path: Path, name: str) -> str:
    """The account's number, as the title block says it; empty where it does not."""
    for cells in _top_rows(path, name):
        for position, cell in enumerate(cells):
            if not isinstance(cell, str) or not re.search(r"tai khoan|account|rekening", search_key(cell)):
                continue
            behind = cell.partition(":")[2]
            for text in (behind, *(as_text(other) for other in cells[position + 1 : position + 4] if other)):
                if (match := _ACCOUNT.match(text.strip())) and sum(map(str.isdigit, match[0])) >= 5:
                    return digits(match[0])
    return ""


def _currency_above(path: Path, name: str, head_row: int) -> str:
    """The currency that the title block names; empty where it names none, or đồng."""
    for cells in islice(_top_rows(path, name), max(0, head_row - 1)):
        for position, cell in enumerate(cells):
            named = _CURRENCY.search(search_key(cell)) if isinstance(cell, str) else None
            if named is None:
                continue
            behind = [search_key(as_text(other)) for other in cells[position + 1 : position + 4]]
            for word in (text.split()[-1] for text in (named[1], *behind) if text.strip()):
                if _CODE.fullmatch(word):
                    return "" if word in _DONG else word.upper()
    return ""


def _is_text(name: str) -> bool:
    return Path(name).suffix.lower() == ".csv"


def _top_rows(path: Path, name: str) -> Iterable[list[Any]]:
    if _is_text(name):
        return islice(read_delimited(path), _TOP)
    with CalamineWorkbook.from_path(str(path)) as book:
        return list(islice(book.get_sheet_by_index(0).iter_rows(), _TOP))


def _refuse_formulas(path: Path) -> None:
    """Banks write figures; where a formula stands, somebody has been at the file. Raises: Unreadable."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        for name in sorted(archive.namelist()):
            if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name) and (number := _formula_row(archive, name)):
                raise Unreadable(
                    _(
                        "A formula stands in line %(number)s, and no bank writes formulas. Hand in the file as the "
                        "bank gave it."
                    )
                    % {"number": number}
                )


def _formula_row(archive: zipfile.ZipFile, name: str) -> int:
    """The number of the first row that holds a formula; 0 where none does. A row need not say its number."""
    row = 0
    with archive.open(name) as stream:
        tail = b""
        while lot := stream.read(1 << 20):
            text = tail + lot
            # A tag that the next lot ends is looked at with that.
            whole = len(text) if len(lot) < 1 << 20 else max(text.rfind(b"<"), 0)
            for tag in _ROW_OR_FORMULA.finditer(text, 0, whole):
                if tag["formula"]:
                    return max(row, 1)
                said = re.search(rb"""\sr=["']([0-9]+)["']""", tag["row"])
                row = int(said[1]) if said else row + 1
            tail = text[whole:]
    return 0
