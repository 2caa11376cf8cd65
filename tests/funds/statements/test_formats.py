"""Statements read from the files of banks."""

from __future__ import annotations

import csv
import re
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation
from openpyxl import Workbook

from funds.statements import Cut, Line, Statement, Unreadable, read_statement
from funds.statements.lines import keyed
from funds.statements.tables import UnknownLayout

MT940 = """:20:STMT1
:25:0101234567
:28C:1/1
:60F:C240601VND10000000,
:61:2406010601C1500000,NTRFNONREF//FT24153001
:86:NGUYEN VAN AN UNG HO QUY KHUYEN HOC
:61:2406020602D50000,NCHGNONREF//FT24154001
:86:PHI CHUYEN TIEN
:62F:C240602VND11450000,
-
:20:STMT2
:25:0101234567
:28C:2/1
:60F:C240602VND11450000,
:61:2406030603C2000000,NTRFCTY-GIAY
:86:CONG TY GIAY
:62F:C240603VND13450000,
"""

CAMT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>
<Acct><Id><Othr><Id>0101234567</Id></Othr></Id><Ccy>VND</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="VND">10000000</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="VND">13450000</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>
<Ntry><Amt Ccy="VND">3500000</Amt><CdtDbtInd>CRDT</CdtDbtInd><BookgDt><Dt>2024-06-01</Dt></BookgDt><NtryDtls>
<TxDtls><Refs><AcctSvcrRef>FT1</AcctSvcrRef></Refs><Amt Ccy="VND">1500000</Amt>
<RltdPties><Dbtr><Pty><Nm>Nguyễn Văn An</Nm></Pty></Dbtr>
<DbtrAcct><Id><Othr><Id>999</Id></Othr></Id></DbtrAcct></RltdPties>
<RmtInf><Ustrd>ủng hộ quỹ</Ustrd></RmtInf></TxDtls>
<TxDtls><Refs><AcctSvcrRef>FT2</AcctSvcrRef></Refs><Amt Ccy="VND">2000000</Amt></TxDtls>
</NtryDtls></Ntry>
<Ntry><NtryRef>FT3</NtryRef><Amt Ccy="VND">50000</Amt><CdtDbtInd>DBIT</CdtDbtInd><BookgDt><Dt>2024-06-02</Dt></BookgDt>
<AddtlNtryInf>Phí chuyển tiền</AddtlNtryInf></Ntry>
</Stmt></BkToCstmrStmt></Document>"""

#: The title block, the headings, the rows and what stands below, as four banks give them.
BANKS: dict[str, list[list[Any]]] = {
    "vietcombank": [
        ["NGÂN HÀNG TMCP NGOẠI THƯƠNG VIỆT NAM"],
        ["SAO KÊ TÀI KHOẢN"],
        ["Số tài khoản: 0101234567", "", "", "Loại tiền: VND"],
        [],
        ["STT", "Ngày giao dịch", "Số tham chiếu", "Số tiền ghi nợ", "Số tiền ghi có", "Mô tả"],
        [1, "01/06/2024", "FT1", "", "1,500,000", "NGUYEN VAN AN ung ho quy"],
        [2, "02/06/2024", "FT2", "50,000", "", "Phi chuyen tien"],
        ["Tổng cộng", "", "", "50,000", "1,500,000", ""],
    ],
    "bidv": [
        ["Ngân hàng TMCP Đầu tư và Phát triển Việt Nam"],
        ["Tài khoản:", "0101234567"],
        ["Ngày GD", "Mã giao dịch", "Ghi nợ", "Ghi có", "Số dư", "Nội dung giao dịch"],
        ["02/06/2024 09:10:11", "FT2", "50.000", "0", "11.450.000", "Phi chuyen tien"],
        ["01/06/2024 08:00:00", "FT1", "0", "1.500.000", "11.500.000", "NGUYEN VAN AN ung ho quy"],
    ],
    "agribank": [
        ["Số tài khoản / Account", "0101234567"],
        ["Ngày giao dịch", "Số CT", "Phát sinh nợ", "Phát sinh có", "Số dư sau giao dịch", "Diễn giải"],
        [date(2024, 6, 1), "FT1", None, 1_500_000, 11_500_000, "NGUYEN VAN AN ung ho quy"],
        [date(2024, 6, 2), "FT2", 50_000, None, 11_450_000, "Phi chuyen tien"],
        ["Cộng phát sinh", "", 50_000, 1_500_000, "", ""],
    ],
    "vietinbank": [
        ["Số tài khoản:", "", "0101234567"],
        ["Ngày hạch toán", "Số tiền", "Số dư", "Nội dung", "Tên tài khoản đối ứng", "Số tài khoản đối ứng", "Số GD"],
        ["01-06-2024 08:00", "+1.500.000 VND", "11.500.000", "NGUYEN VAN AN ung ho quy", "NGUYEN VAN AN", "999", "FT1"],
        ["02-06-2024 09:00", "-50.000 VND", "11.450.000", "Phi chuyen tien", "", "", "FT2"],
    ],
}


def workbook(folder: Path, rows: list[list[Any]], name: str = "sao-ke.xlsx") -> Path:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    book.save(folder / name)
    return folder / name


def table(folder: Path, rows: list[list[Any]]) -> Path:
    text = StringIO()
    csv.writer(text, delimiter=";").writerows(
        [f"{cell:%d/%m/%Y}" if isinstance(cell, date) else cell for cell in row] for row in rows
    )
    (folder / "sao-ke.csv").write_text(text.getvalue(), encoding="utf-8-sig")
    return folder / "sao-ke.csv"


def said(statement: Statement) -> list[tuple[date, int, str]]:
    return [(line.on, line.amount_vnd, line.description.lower()) for line in statement.lines]


def written(folder: Path, content: str | bytes, name: str) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("bank", BANKS)
@pytest.mark.parametrize("make", [workbook, table])
def test_the_tables_of_four_banks_say_the_same(tmp_path: Path, bank: str, make: Any) -> None:
    path = make(tmp_path, BANKS[bank])
    read = read_statement(path, path.name)
    assert said(read) == [
        (date(2024, 6, 1), 1_500_000, "nguyen van an ung ho quy"),
        (date(2024, 6, 2), -50_000, "phi chuyen tien"),
    ]
    assert read.account_number == "0101234567"
    if bank != "vietcombank":
        assert (read.opening_vnd, read.closing_vnd) == (10_000_000, 11_450_000)
    if bank != "vietinbank":
        assert [line.reference for line in read.lines] == ["FT1", "FT2"]


def test_mt940_of_several_days_is_one_statement(tmp_path: Path) -> None:
    read = read_statement(written(tmp_path, MT940, "s.sta"), "s.sta")
    assert [(line.on, line.amount_vnd, line.reference) for line in read.lines] == [
        (date(2024, 6, 1), 1_500_000, "FT24153001"),
        (date(2024, 6, 2), -50_000, "FT24154001"),
        (date(2024, 6, 3), 2_000_000, "CTY-GIAY"),
    ]
    assert (read.account_number, read.currency) == ("0101234567", "VND")
    assert (read.opening_vnd, read.closing_vnd) == (10_000_000, 13_450_000)
    assert type(read.first_on) is date


def test_mt940_with_letters_outside_unicode_is_read_with_a_remark(tmp_path: Path) -> None:
    assert read_statement(written(tmp_path, MT940, "s.txt"), "s.txt").remarks == ()
    old = MT940.replace("AN", "ÂN").encode("latin-1")
    assert len(read_statement(written(tmp_path, old, "s.txt"), "s.txt").remarks) == 1


def test_camt_takes_each_transfer_of_a_batch(tmp_path: Path) -> None:
    read = read_statement(written(tmp_path, CAMT, "s.xml"), "s.xml")
    assert read.lines == (
        Line(1, date(2024, 6, 1), 1_500_000, "FT1", "Nguyễn Văn An", "999", "ủng hộ quỹ"),
        Line(2, date(2024, 6, 1), 2_000_000, "FT2"),
        Line(3, date(2024, 6, 2), -50_000, "FT3", description="Phí chuyển tiền"),
    )
    assert (read.account_number, read.currency) == ("0101234567", "VND")
    assert (read.opening_vnd, read.closing_vnd) == (10_000_000, 13_450_000)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (MT940[: MT940.rindex(":62F:")], "cut.sta"),
        (CAMT[: len(CAMT) // 2], "cut.xml"),
    ],
)
def test_a_file_cut_in_half_is_refused(tmp_path: Path, content: str, name: str) -> None:
    with pytest.raises(Cut):
        read_statement(written(tmp_path, content, name), name)


def test_a_table_with_missing_lines_is_refused_with_the_line(tmp_path: Path) -> None:
    before, after = ["01/06/2024", "A", None, 100, 1_100, "x"], ["03/06/2024", "C", None, 100, 1_500, "x"]
    path = workbook(tmp_path, [*BANKS["agribank"][:2], before, after])
    with pytest.raises(Cut, match="4"):
        read_statement(path, path.name)


def test_totals_that_the_lines_do_not_make_are_refused(tmp_path: Path) -> None:
    rows = [*BANKS["vietcombank"][:6], BANKS["vietcombank"][7]]
    path = workbook(tmp_path, rows)
    with pytest.raises(Cut):
        read_statement(path, path.name)


def test_formulas_and_doctypes_are_refused(tmp_path: Path) -> None:
    rows = [*BANKS["agribank"][:3], [date(2024, 6, 2), "FT2", None, "=1+1", 1, "x"]]
    path = workbook(tmp_path, rows)
    with pytest.raises(Unreadable, match="Dòng 4 có công thức"):
        read_statement(path, path.name)
    evil = CAMT.replace("<Document", '<!DOCTYPE d [<!ENTITY e "x">]><Document')
    with pytest.raises(Unreadable):
        read_statement(written(tmp_path, evil, "s.xml"), "s.xml")


@pytest.mark.parametrize("content", [b"", b"hello", b"%PDF-1.7", "Kính gửi quý khách".encode()])
def test_what_is_no_statement_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Unreadable):
        read_statement(written(tmp_path, content, "s.txt"), "s.txt")


def test_an_amount_with_a_broken_part_is_refused_with_its_line(tmp_path: Path) -> None:
    rows = [*BANKS["agribank"][:2], [date(2024, 6, 1), "FT1", None, 1500.5, None, "x"]]
    path = workbook(tmp_path, rows)
    with pytest.raises(Unreadable, match="3"):
        read_statement(path, path.name)


def as_csv(rows: list[list[Any]], encoding: str = "utf-8") -> bytes:
    text = StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode(encoding, "replace")


@pytest.mark.parametrize("title", ["Loại tiền: USD", "Loại tiền tệ / Currency: USD", "Ccy USD"])
def test_a_table_in_another_currency_says_so(tmp_path: Path, title: str) -> None:
    rows = [["Số tài khoản: 0101234567", "", "", title], *BANKS["vietcombank"][4:6]]
    path = workbook(tmp_path, rows)
    assert read_statement(path, path.name).currency == "USD"
    apart = [
        ["Số tài khoản", "0101234567"],
        [title.removesuffix("USD").rstrip(" :"), "", "USD"],
        *BANKS["vietcombank"][4:6],
    ]
    path = workbook(tmp_path, apart)
    assert read_statement(path, path.name).currency == "USD"


@pytest.mark.parametrize("title", ["Loại tiền: VND", "Loại tiền: Việt Nam Đồng", "Currency: vnd"])
def test_a_table_in_dong_says_nothing_else(tmp_path: Path, title: str) -> None:
    path = workbook(tmp_path, [["Số tài khoản: 0101234567", "", "", title], *BANKS["vietcombank"][4:6]])
    assert read_statement(path, path.name).currency == ""


@pytest.mark.parametrize(
    ("head", "row", "sentence"),
    [
        (["Date", "Amount", "Currency", "Details"], ["05/10/2024", 100, "USD", "gift"], "Line 2 is in USD"),
        (["Date", "Credit", "Debit", "Details"], ["05/10/2024", 100, 50, "gift"], "Line 2 says that money came in and"),
        (
            ["Date", "Amount", "Details"],
            ["05/10/2024", 10**15 + 1, "gift"],
            "Line 2: “1,000,000,000,000,001” is more than",
        ),
    ],
)
def test_a_line_that_is_no_transfer_in_dong_is_refused_with_its_number(
    tmp_path: Path, head: list[Any], row: list[Any], sentence: str
) -> None:
    path = workbook(tmp_path, [head, row])
    with translation.override("en"), pytest.raises(Unreadable, match=re.escape(sentence)):
        read_statement(path, path.name)


def test_a_text_file_that_breaks_off_is_refused_unless_its_figures_prove_it_whole(tmp_path: Path) -> None:
    content = as_csv([["Ngày", "Nội dung", "Số tiền"], ["01/06/2024", "ung ho", "1500000"]])
    read = read_statement(written(tmp_path, content, "s.csv"), "s.csv")
    assert (read.lines[0].amount_vnd, read.is_proved) == (1_500_000, False)
    for cut in (1, 2, 3, 4):
        with pytest.raises(Cut):
            read_statement(written(tmp_path, content.rstrip()[:-cut], "s.csv"), "s.csv")
    for bank in ("vietcombank", "bidv"):
        whole = as_csv(BANKS[bank]).rstrip()
        read = read_statement(written(tmp_path, whole, "s.csv"), "s.csv")
        assert (len(read.lines), read.is_proved) == (2, True)


def test_letters_lost_to_latin_1_are_refused_and_guessed_ones_remarked(tmp_path: Path) -> None:
    rows = BANKS["vietcombank"][4:7]
    with translation.override("en"), pytest.raises(Unreadable, match=re.escape("it says “Ngày giao d?ch”")):
        read_statement(written(tmp_path, as_csv(rows, "latin-1"), "s.csv"), "s.csv")
    english = [["Date", "Credit", "Debit", "Details"], ["05/10/2024", "1000", "", "Quỹ Café"]]
    for encoding, remarks in (("utf-8", 0), ("latin-1", 1)):
        path = written(tmp_path, as_csv(english, encoding), "s.csv")
        assert len(read_statement(path, "s.csv").remarks) == remarks


def test_columns_that_tell_no_transfer_from_another_are_asked_about(tmp_path: Path) -> None:
    rows = [["Ngày giao dịch", "Ghi có", "Ghi nợ", "Memo"], ["01/06/2024", "1.500.000", "", "An"]]
    path = workbook(tmp_path, rows)
    with pytest.raises(UnknownLayout):
        read_statement(path, path.name)
    read = read_statement(path, path.name, layout={"description": "Memo", "balance": ""})
    assert read.lines == (Line(2, date(2024, 6, 1), 1_500_000, description="An"),)


def test_what_is_said_not_to_be_in_the_file_is_no_column_without_heading(tmp_path: Path) -> None:
    rows = [["Khi nào", "Bao nhiêu", "Ai", ""], ["01/06/2024", "1.500.000", "An", "7"], ["02/06/2024", "1", "Ba", "7"]]
    path = workbook(tmp_path, rows)
    layout = {"on": "Khi nào", "amount": "Bao nhiêu", "party": "Ai", "balance": ""}
    assert len(read_statement(path, path.name, layout=layout).lines) == 2


def test_an_unknown_layout_is_matched_once(tmp_path: Path) -> None:
    rows = [["Khi nào", "Bao nhiêu", "Ai"], ["01/06/2024", "1.500.000", "Nguyễn Văn An"]]
    path = workbook(tmp_path, rows)
    with pytest.raises(UnknownLayout) as unknown:
        read_statement(path, path.name)
    assert unknown.value.headings == ["Khi nào", "Bao nhiêu", "Ai"]
    assert unknown.value.sample == [["01/06/2024", "1.500.000", "Nguyễn Văn An"]]
    layout = {"on": "Khi nào", "amount": "Bao nhiêu", "party": "Ai"}
    read = read_statement(path, path.name, layout=layout)
    assert read.lines == (Line(2, date(2024, 6, 1), 1_500_000, party="Nguyễn Văn An"),)


def test_equal_transfers_of_one_day_are_two_and_stay_the_same_in_another_file() -> None:
    gift = Line(1, date(2024, 6, 1), 100_000, description="ung ho")
    other = Line(2, date(2024, 6, 1), 100_000, description="Ủng hộ")
    later = Line(3, date(2024, 6, 2), 100_000, description="ung ho")
    first = [key for _line, key in keyed([gift, other])]
    longer = [key for _line, key in keyed([gift, other, later])]
    assert len(set(longer)) == 3
    assert longer[:2] == first
