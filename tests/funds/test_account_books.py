"""The books: each line, each total and the workbook say what the roll-ups and the indicators say."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pytest
from django.core.management import call_command
from django.db.models import Sum
from django.urls import reverse
from openpyxl import load_workbook

from funds.account_books import books_of, render_books
from funds.actions import record_donation, reverse_voucher, void_donation
from funds.models import DonationForm, FundMonth, MovementKind, Pot
from funds.queries.account_books import book_lines, flows_by_pot, goods_lines, total_of
from funds.views import account_books
from hkh.core.dates import Period
from hkh.core.models import Job, MadeFile
from hkh.indicators.lens import Lens
from hkh.indicators.queries import picture
from members.models import Unit
from tests.cast import a_hand, make_donor, make_expense, make_fund, make_transfer, make_user

PERIODS = ["2024-06", "2024-Q2", "2024", "2025"]
PLACE = reverse("funds:account-books")


def give(cast, fund, amount_vnd, on, form=DonationForm.CASH, **facts):
    return record_donation(
        unit=fund.unit, fund=fund, donor=make_donor(fund.unit), amount_vnd=amount_vnd, received_on=on, form=form,
        by=a_hand("records"), **facts,
    )  # fmt: skip


@pytest.fixture
def moved(cast, fund):
    """A fund in which everything happens: gifts of money and goods, a void, spending and its reversal, transfers."""
    there = make_fund(cast.province, "Quỹ tỉnh", holds_vnd=5_000_000)
    give(cast, fund, 200_000, date(2024, 3, 5))
    wrong = give(cast, fund, 700_000, date(2024, 5, 6))
    void_donation(donation=wrong, reason="Nhầm quỹ", on=date(2024, 6, 10), by=a_hand("voids"))
    give(cast, fund, 300_000, date(2024, 6, 3), document="PT-7")
    give(cast, fund, 900_000, date(2024, 6, 4), DonationForm.IN_KIND, goods="Vở")
    spent = make_expense(fund, 150_000, date(2024, 6, 5), payee="Hiệu sách")
    reverse_voucher(voucher=spent, reason="Ghi trùng", on=date(2024, 6, 20), by=a_hand("reverses"))
    make_expense(fund, 40_000, date(2024, 6, 21))
    make_transfer(fund, there, 60_000, date(2024, 6, 22))
    make_transfer(there, fund, 500_000, date(2024, 6, 23))
    return fund


def rolled_up(funds, period, pot):
    """In and out of a pot as the roll-up has them, what was brought forward left out."""
    rows = FundMonth.objects.filter(
        fund__in=funds, pot=pot, month__gte=period.starts_on, month__lt=period.ends_before
    ).exclude(kind=MovementKind.OPENING)
    found = rows.aggregate(came_in=Sum("in_vnd", default=0), went_out=Sum("out_vnd", default=0))
    return found["came_in"], found["went_out"]


def lines_of(books):
    money = total_of(flows_by_pot(books.ids, period=books.period), Pot.CASH)
    return money, book_lines(books.ids, period=books.period, opening_vnd=money.opening_vnd)[0]


@pytest.mark.parametrize("code", PERIODS)
def test_lines_add_up_to_the_roll_up(cast, moved, code):
    period = Period.parse(code)
    books = books_of(cast.accountant, cast.here, period)
    money, lines = lines_of(books)
    assert (sum(line.in_vnd for line in lines), sum(line.out_vnd for line in lines)) == rolled_up(
        [moved], period, Pot.CASH
    )
    assert (lines[-1].balance_vnd if lines else money.opening_vnd) == money.closing_vnd
    goods = goods_lines(books.ids, period=period)
    assert (sum(one.in_vnd for one in goods), sum(one.out_vnd for one in goods)) == rolled_up(
        [moved], period, Pot.GOODS
    )


def test_a_cash_book_line_by_line(cast, moved):
    """What is taken back stands, negative, on the side it came from; what was brought forward is the opening."""
    _money, lines = lines_of(books_of(cast.accountant, cast.here, Period.parse("2024-06")))
    told = [(one.occurred_on.day, one.kind, one.in_vnd, one.out_vnd, one.balance_vnd) for one in lines]
    assert told == [
        (3, "donation", 300_000, 0, 2_200_000),
        (5, "expense", 0, 150_000, 2_050_000),
        (10, "donation", -700_000, 0, 1_350_000),
        (20, "expense", 0, -150_000, 1_500_000),
        (21, "expense", 0, 40_000, 1_460_000),
        (22, "transfer", 0, 60_000, 1_400_000),
        (23, "transfer", 500_000, 0, 1_900_000),
    ]
    assert (lines[0].document, lines[1].party, lines[5].party) == ("PT-7", "Hiệu sách", "Quỹ tỉnh, Tỉnh hội")
    assert [one.number for one in lines] == [1, 2, 3, 4, 5, 6, 7]


def test_one_side_and_one_page(cast, moved):
    books = books_of(cast.accountant, cast.here, Period.parse("2024-06"))
    out, count = book_lines(books.ids, period=books.period, opening_vnd=0, side="out", after=1, size=2)
    assert (count, [one.number for one in out], [one.out_vnd for one in out]) == (4, [2, 3], [-150_000, 40_000])


@pytest.mark.province
@pytest.mark.parametrize("code", ["2024-H1", "2025-Q3", "2025"])
def test_books_of_all_below_are_the_figures_of_the_dashboard(province, code):
    """In 2025 communes were merged, and their funds handed over."""
    period, reader = Period.parse(code), a_hand("reads")
    for unit in Unit.unscoped.filter(tier__rank__lte=2).order_by("pk"):
        books = books_of(reader, unit, period, below=True)
        seen = picture(Lens(unit, period)).now
        flows = flows_by_pot(books.ids, period=period)
        pots = [total_of(flows, pot) for pot in Pot]
        money, lines = lines_of(books)
        assert sum(pot.opening_vnd for pot in pots) == seen.money.opening_vnd, unit
        assert sum(pot.closing_vnd for pot in pots) == seen.money.closing_vnd, unit
        assert (lines[-1].balance_vnd if lines else money.opening_vnd) == money.closing_vnd, unit
        goods = goods_lines(books.ids, period=period)
        assert sum(one.closing_vnd for one in goods) == pots[1].closing_vnd, unit
        spent = sum(line.out_vnd for line in lines if line.kind in ("payment", "expense"))
        assert spent + sum(one.out_vnd for one in goods) >= seen.spent_vnd, unit


def test_totals_of_the_workbook_are_formulas_that_agree(cast, moved):
    books = books_of(cast.accountant, cast.here, Period.parse("2024"))
    money, _lines = lines_of(books)
    content = render_books(books)
    values, formulas = load_workbook(BytesIO(content), data_only=True), load_workbook(BytesIO(content))

    def total(sheet, column):
        head = next(row for row in values.worksheets[sheet].iter_rows() if len([c for c in row if c.value]) > 5)
        at = [str(cell.value) for cell in head].index(column)
        found = [row[at] for row in formulas.worksheets[sheet].iter_rows() if "SUBTOTAL" in str(row[at].value)]
        assert len(found) == 1
        return values.worksheets[sheet].cell(found[0].row, found[0].column).value

    assert (total(1, "Thu (đồng)"), total(1, "Chi (đồng)")) == (money.in_vnd, money.out_vnd)
    assert (total(2, "Số tiền (đồng)"), total(3, "Số tiền (đồng)")) == (money.in_vnd, money.out_vnd)
    assert total(0, "Tiền: cuối kỳ (đồng)") == money.closing_vnd == 1_900_000
    assert total(4, "Tồn cuối kỳ (đồng)") == total(0, "Hiện vật: cuối kỳ (đồng)") == 900_000


# The page


def test_the_page_gives_the_workbook_at_once_or_leaves_it_to_the_worker(client, cast, moved, monkeypatch):
    client.force_login(cast.viewer)
    address = f"{PLACE}?unit={cast.here.code}&period=2024-06&fund={moved.pk}"
    answer = client.post(address)
    assert load_workbook(BytesIO(answer.content)).worksheets[1].max_row == 14
    monkeypatch.setattr(account_books, "MOST_AT_ONCE", 2)
    assert client.post(address, {"key": "k"}).status_code == client.post(address, {"key": "k"}).status_code == 302
    job = Job.objects.visible_to(cast.viewer).get()
    assert (job.kind, job.payload["fund"]) == ("funds.books", moved.pk)


@pytest.mark.django_db(transaction=True)
def test_the_worker_makes_the_same_book(client, cast, moved, monkeypatch):
    client.force_login(cast.viewer)
    monkeypatch.setattr(account_books, "MOST_AT_ONCE", 2)
    client.post(f"{PLACE}?unit={cast.here.code}&period=2024-06")
    call_command("worker", "--once")
    made = MadeFile.objects.visible_to(cast.viewer).get()
    sheet = load_workbook(BytesIO(made.full_path.read_bytes()), data_only=True).worksheets[1]
    assert made.name == f"so-sach-{cast.here.code.lower()}-2024-06.xlsx"
    assert [row[8].value for row in sheet.iter_rows(min_row=13, max_row=13)] == [1_900_000]


def test_books_of_another_commune_do_not_exist(client, cast, moved):
    client.force_login(cast.outsider)
    for query in (f"unit={cast.here.code}", f"unit={cast.elsewhere.code}&fund={moved.pk}", "fund=999999999"):
        for ask in (client.get, client.post):
            assert ask(f"{PLACE}?{query}").status_code == 404, query
    page = client.get(f"{PLACE}?unit={cast.elsewhere.code}&below=on&period=2024").content.decode()
    assert "Hiệu sách" not in page


def test_the_unit_s_own_books_leave_those_below_out(client, cast, moved):
    below = make_fund(cast.branch, "Quỹ chi hội")
    give(cast, below, 1_000, date(2024, 6, 3))
    client.force_login(cast.viewer)
    counts = [
        client.get(f"{PLACE}?unit={cast.here.code}&period=2024-06{more}&book=in").context["count"]
        for more in ("", "&below=on", f"&fund={below.pk}")
    ]
    assert counts == ["3 dòng", "4 dòng", "1 dòng"]


@pytest.mark.parametrize("said", ["after=x", "before=-1", "after=99999999999", "book=x", "fund=x", "below=maybe"])
def test_nonsense_in_the_address_counts_as_not_said(client, cast, moved, said):
    client.force_login(cast.viewer)
    answer = client.get(f"{PLACE}?unit={cast.here.code}&period=2024-06&{said}")
    assert len(answer.context["table"].rows) == 7


def test_who_has_no_unit_is_told_so(client, db):
    client.force_login(make_user("nobody"))
    assert client.get(PLACE).templates[0].name == "funds/no_unit.html"


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("book", ["cash", "goods"])
def test_a_book_costs_the_same_however_long(client, cast, count, book, django_assert_num_queries):
    for n in range(count):
        fund = make_fund(cast.here, f"Quỹ {n}", holds_vnd=1)
        give(cast, fund, 5, date(2024, 6, 3))
        give(cast, fund, 5, date(2024, 6, 3), DonationForm.IN_KIND, goods=f"Vở {n}")
    client.force_login(cast.viewer)
    with django_assert_num_queries(11):  # three of them remember the address in the session
        answer = client.get(f"{PLACE}?unit={cast.here.code}&period=2024-06&book={book}")
    assert len(answer.context["table"].rows) == count


@pytest.mark.parametrize("count", [1, 3])
def test_the_workbook_costs_the_same_however_long(cast, count, django_assert_num_queries):
    for n in range(count):
        give(cast, make_fund(cast.here, f"Quỹ {n}"), 5, date(2024, 6, 3))
    reader = a_hand("reads")
    with django_assert_num_queries(4):
        render_books(books_of(reader, cast.here, Period.parse("2024-06")))
