"""The register of papers, and the slips of goods on the page of the stock."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from funds.actions import issue_goods, issue_paper, record_donation, void_donation, void_paper
from funds.models import Paper, PaperKind, StockItem
from funds.queries.papers import with_signs
from hkh.core.dates import today
from hkh.core.models import Job
from tests.cast import Cast, make_donor, make_fund
from tests.funds.raw import DAY, insert, run


@pytest.fixture(autouse=True)
def english(settings):
    settings.LANGUAGE_CODE = "en"


def gift(cast: Cast, fund, donor, **facts):
    said = {"unit": cast.here, "fund": fund, "donor": donor, "received_on": DAY, "form": "cash", "amount_vnd": 500_000}
    return record_donation(**{**said, **facts}, by=cast.clerk)


@pytest.fixture
def papers(cast, fund, donor):
    """Three papers of the commune, the second of them void, and one of another: receipts 1 and 2, a letter."""
    first, second = gift(cast, fund, donor), gift(cast, fund, make_donor(cast.here, "Bà Đỗ Thị Hà"))
    made = [
        issue_paper(kind="receipt", subject=first, on=date(2024, 6, 4), by=cast.clerk),
        issue_paper(kind="receipt", subject=second, on=date(2025, 1, 4), by=cast.clerk),
        issue_paper(kind="letter", subject=first, on=date(2024, 6, 5), by=cast.clerk),
    ]
    void_paper(paper=made[1], reason="Sai tên", on=today(), by=cast.accountant)
    foreign = record_donation(
        unit=cast.elsewhere,
        fund=make_fund(cast.elsewhere),
        donor=make_donor(cast.elsewhere, "Người lạ"),
        received_on=DAY,
        form="cash",
        amount_vnd=1,
        by=cast.outsider,
    )
    issue_paper(kind="receipt", subject=foreign, on=DAY, by=cast.outsider)
    return made


def shown(client, **asked):
    page = client.get(reverse("funds:paper-list"), asked)
    return [paper.sign for paper in page.context["page"].rows]


def test_the_register_shows_all_papers_of_the_unit_the_void_ones_as_void(client, cast, papers):
    client.force_login(cast.viewer)
    page = client.get(reverse("funds:paper-list"))
    rows = page.context["table"].rows
    told = [(row.record.sign, str(row.get_cell("state")).split("</span>")[0].split(">")[1]) for row in rows]
    assert told == [
        ("PT-00001/2025", "Voided"),
        ("TCO-00001/2024", "Valid"),
        ("PT-00001/2024", "Valid"),
    ]
    assert "Người lạ" not in page.content.decode()


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"q": "PT-00001/2024"}, ["PT-00001/2024"]),
        ({"q": " pt 1 "}, ["PT-00001/2025", "PT-00001/2024"]),
        ({"q": "00001/2024"}, ["TCO-00001/2024", "PT-00001/2024"]),
        ({"q": "2"}, []),
        ({"q": "do thi ha"}, ["PT-00001/2025"]),
        ({"q": "ZZ-1"}, []),
        ({"kind": "letter"}, ["TCO-00001/2024"]),
        ({"year": "2025"}, ["PT-00001/2025"]),
        ({"state": "valid"}, ["TCO-00001/2024", "PT-00001/2024"]),
        ({"state": "voided"}, ["PT-00001/2025"]),
        ({"sort": "number"}, ["PT-00001/2024", "TCO-00001/2024", "PT-00001/2025"]),
        ({"year": "9x", "kind": "nonsense"}, ["PT-00001/2025", "TCO-00001/2024", "PT-00001/2024"]),
    ],
)
def test_papers_are_found_by_number_name_kind_year_and_state(client, cast, papers, asked, found):
    client.force_login(cast.viewer)
    assert shown(client, **asked) == found


def test_those_of_the_units_below_can_be_left_out(client, cast, papers):
    below = make_fund(cast.branch)
    given = gift(cast, below, make_donor(cast.branch), unit=cast.branch)
    issue_paper(kind="receipt", subject=given, on=date(2025, 2, 1), by=cast.clerk)
    client.force_login(cast.viewer)
    assert len(shown(client)) == 4
    assert len(shown(client, own="on")) == 3


def test_a_paper_is_printed_from_the_register_once_a_press(client, cast, papers):
    client.force_login(cast.clerk)
    page = client.get(reverse("funds:paper-list")).content.decode()
    for paper in (papers[0], papers[2]):
        address = reverse("funds:paper-print", args=[paper.pk])
        key = page.split(f'formaction="{address}" name="key" value="')[1].split('"')[0]
        for _twice in range(2):
            assert client.post(address, {"key": key})["Location"] == reverse("core:job-list")
    assert Job.objects.count() == 2


def test_the_register_goes_out_as_any_list(client, cast, papers):
    client.force_login(cast.viewer)
    page = client.get(reverse("funds:paper-list"), {"state": "voided"})
    answer = client.post(page.context["export"].url, {"form": "xlsx"})
    sheet = load_workbook(BytesIO(answer.content)).worksheets[0]
    rows = list(sheet.values)
    heads, line = next((n, row) for n, row in enumerate(rows) if "Paper number" in row)[1], rows[-1]
    told = dict(zip(heads, line, strict=True))
    assert (told["Paper number"], told["Kind"], told["Why voided"]) == ("PT-00001/2025", "Receipt voucher", "Sai tên")
    assert told["From or to whom"] == "Bà Đỗ Thị Hà"


def test_the_number_reads_the_same_in_sql_and_python(cast, papers):
    run("ALTER TABLE funds_paper DISABLE TRIGGER USER")
    for kind, number in ((PaperKind.GOODS_OUT, 99_999), (PaperKind.CERTIFICATE, 123_456)):
        row = Paper.unscoped.filter(pk=papers[0].pk).values().get()
        row |= {"kind": kind.value, "number": number, "voided_on": today(), "void_reason": "x"}
        insert("funds_paper", {name: value for name, value in row.items() if name != "id"})
    signs = {paper.pk: paper.sign_text for paper in with_signs(Paper.unscoped.all())}
    assert signs == {paper.pk: paper.sign for paper in Paper.unscoped.all()}
    assert {"XK-99999/2024", "TLV-123456/2024"} <= set(signs.values())


@pytest.mark.parametrize("count", [1, 3])
def test_the_register_costs_the_same_however_many_papers(client, cast, fund, donor, count, django_assert_num_queries):
    for _n in range(count):
        issue_paper(kind="receipt", subject=gift(cast, fund, donor), on=DAY, by=cast.clerk)
    client.force_login(cast.viewer)
    with django_assert_num_queries(7):
        page = client.get(reverse("funds:paper-list"))
    assert len(page.context["page"].rows) == count


# Slips of goods


@pytest.fixture
def bicycles(cast, fund, donor):
    line = {"what": "Xe đạp", "quantity": Decimal(20), "measure": "chiếc", "unit_value_vnd": 25_000}
    gift(cast, fund, donor, form="in_kind", amount_vnd=500_000, lines=[line])
    return StockItem.unscoped.get()


def test_lots_and_gifts_of_goods_get_their_slips_on_the_stock_s_page(client, cast, fund, bicycles):
    lots = [
        issue_goods(item=bicycles, unit=cast.branch, quantity=Decimal(5), on=DAY, by=cast.accountant, is_return=back)
        for back in (False, True)
    ]
    client.force_login(cast.clerk)
    address = reverse("funds:stock-detail", args=[bicycles.pk])

    def cells():
        return [str(row.get_cell("paper")) for row in client.get(address).context["table"].rows]

    assert [cell.split('value="')[1].split('"')[0] for cell in cells()] == ["goods_in", "goods_out", "goods_in"]
    for lot, kind in zip(lots, ("goods_out", "goods_in"), strict=True):
        answer = client.post(reverse("funds:lot-paper", args=[lot.pk]), {"kind": kind})
        paper = Paper.unscoped.get(lot=lot)
        assert answer["Location"] == reverse("funds:paper-detail", args=[paper.pk])
        assert (paper.kind, paper.amount_vnd, paper.party) == (kind, 125_000, cast.branch.name)
    back, out, given = cells()
    assert ("NK-00001/" in back, "XK-00001/" in out, "<button" in given) == (True, True, True)
    wrong = client.post(reverse("funds:lot-paper", args=[lots[0].pk]), {"kind": "receipt"}, follow=True)
    assert [str(said) for said in wrong.context["messages"]] == [
        "No such paper is issued for this entry. Choose another kind."
    ]


def test_who_may_not_issue_papers_and_what_was_voided_has_no_button(client, cast, bicycles):
    address = reverse("funds:stock-detail", args=[bicycles.pk])
    client.force_login(cast.viewer)
    assert [str(row.get_cell("paper")) for row in client.get(address).context["table"].rows] == [""]
    client.force_login(cast.clerk)
    void_donation(donation=cast.here.donations.get(), reason="Nhầm", on=DAY, by=cast.accountant)
    assert [str(row.get_cell("paper")) for row in client.get(address).context["table"].rows] == ["", ""]


def test_a_lot_of_another_commune_has_no_paper(client, cast, bicycles):
    lot = issue_goods(item=bicycles, unit=cast.branch, quantity=Decimal(5), on=DAY, by=cast.accountant)
    client.force_login(cast.outsider)
    assert client.post(reverse("funds:lot-paper", args=[lot.pk]), {"kind": "goods_out"}).status_code == 404
    client.force_login(cast.viewer)
    assert client.post(reverse("funds:lot-paper", args=[lot.pk]), {"kind": "goods_out"}).status_code == 403
    assert not Paper.unscoped.exists()
