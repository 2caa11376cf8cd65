"""The roll of honour: the query, the page, the levels, the paper."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import translation
from openpyxl import load_workbook
from pypdf import PdfReader

from funds.actions import merge_donors, record_donation, set_honour_levels, void_donation
from funds.honours import asked_gifts, paper_html
from funds.models import Donation, DonorKind, HonourLevel
from funds.queries.honours import levels_for, roll_of_honour
from hkh.core.dates import Period, today
from hkh.core.models import Job, MadeFile
from tests.cast import make_donor, make_fund
from tests.funds.raw import DAY, insert, refused


@pytest.fixture
def given(cast, fund, donor):
    """A firm gave 900 in two gifts (one split), a person 500 unnamed, another 500, a third a voided 1,000."""
    facts = {"unit": cast.here, "received_on": DAY, "form": "cash", "by": cast.clerk}
    other = make_fund(cast.here, "Quỹ hai")
    record_donation(**facts, donor=donor, amount_vnd=400, shares=[(fund, 100), (other, 300)])
    record_donation(**facts, donor=donor, amount_vnd=500, fund=fund)
    shy = make_donor(cast.here, "Ông Kín", kind=DonorKind.PERSON, is_anonymous=True)
    open_ = make_donor(cast.here, "Bà Mở", kind=DonorKind.PERSON)
    for giver in (shy, open_):
        record_donation(**facts, donor=giver, amount_vnd=500, fund=fund)
    mistaken = record_donation(**facts, donor=make_donor(cast.here, "Nhầm"), amount_vnd=1_000, fund=fund)
    void_donation(donation=mistaken, reason="Nhầm", on=DAY, by=cast.accountant)
    record_donation(**facts, donor=open_, amount_vnd=9_000, is_pass_through=True)
    return open_


def roll(levels=()):
    with translation.override("en"):
        rows = roll_of_honour(Donation.unscoped.all(), levels=levels)
    return [(row.rank, row.name, row.gifts, row.given_vnd, row.level) for row in rows]


UNNAMED = "A benefactor who wishes to stay unnamed"


def test_the_most_come_first_and_who_wishes_so_stays_unnamed(given):
    assert roll() == [
        (1, "Công ty Giấy Bãi Bằng", 2, 900, ""),
        (2, UNNAMED, 1, 500, ""),
        (2, "Bà Mở", 1, 500, ""),
    ]


def test_merged_cards_count_together(cast, donor, given):
    merge_donors(kept=given, gone=donor, by=cast.clerk)
    assert roll()[0] == (1, "Bà Mở", 3, 1_400, "")


def test_levels_are_those_of_the_nearest_unit_above(cast, given):
    set_honour_levels(unit=cast.here, levels=[("Vàng", 800), ("Bạc", 501)], by=cast.chair)
    levels = levels_for(cast.branch, day=today())
    assert [level.name for level in levels] == ["Vàng", "Bạc"]
    assert levels_for(cast.elsewhere, day=today()) == []
    assert roll(levels) == [(1, "Công ty Giấy Bãi Bằng", 2, 900, "Vàng")]


def test_levels_in_the_database(cast):
    row = {"unit_id": cast.here.pk, "name": "Vàng", "least_vnd": 5}
    insert("funds_honourlevel", row)
    with refused("honour_level_once"):
        insert("funds_honourlevel", row | {"name": "Bạc"})
    with refused("honour_level_named"):
        insert("funds_honourlevel", row | {"least_vnd": 0})


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_however_many_give(client, cast, fund, count, django_assert_num_queries):
    for n in range(count):
        facts = {"unit": cast.here, "fund": fund, "received_on": DAY, "form": "cash", "by": cast.clerk}
        record_donation(**facts, donor=make_donor(cast.here, f"Ông {n}"), amount_vnd=1_000)
    client.force_login(cast.viewer)
    with django_assert_num_queries(9):
        assert client.get(reverse("funds:honour-roll")).status_code == 200


def test_levels_are_typed_and_a_twin_is_refused(client, cast):
    client.force_login(cast.chair)
    sent = {"unit": cast.here.code, "levels-TOTAL_FORMS": "3", "levels-INITIAL_FORMS": "0"}
    lines = {"levels-0-name": "Vàng", "levels-0-least_vnd": "10 triệu", "levels-1-name": "Bạc"}
    page = client.post(reverse("funds:honour-levels"), sent | lines | {"levels-1-least_vnd": "10.000.000"})
    assert page.status_code == 200
    assert 'value="10 triệu"' in page.content.decode()
    assert not HonourLevel.unscoped.exists()
    assert (
        client.post(reverse("funds:honour-levels"), sent | lines | {"levels-1-least_vnd": "5 triệu"}).status_code == 302
    )
    assert list(HonourLevel.unscoped.values_list("name", "least_vnd")) == [("Vàng", 10_000_000), ("Bạc", 5_000_000)]


def test_the_paper_names_nobody_who_wishes_to_stay_unnamed(cast, given):
    with translation.override("vi"):
        html = paper_html(roll_of_honour(Donation.unscoped.all(), levels=()), unit=cast.here, period=None)
    assert "Nhà hảo tâm ẩn danh" in html
    assert "Ông Kín" not in html


def test_gifts_of_another_period_or_unit_do_not_count(cast, given):
    period = Period.parse("2024-Q2")
    assert asked_gifts(cast.viewer, cast.here, period).count() == 7
    assert asked_gifts(cast.viewer, cast.here, period.next()).count() == 0
    assert asked_gifts(cast.outsider, cast.here, period).count() == 0


@pytest.mark.django_db(transaction=True)
def test_pdf_and_workbook_are_made_by_the_worker(client, cast, given):
    client.force_login(cast.viewer)
    answer = client.post(f"{reverse('funds:honour-roll')}?unit={cast.here.code}&period=2024", {"key": "a"})
    assert answer.status_code == 302
    call_command("worker", "--once")
    job = Job.objects.get()
    assert job.status == "done", job.error_detail
    made = {file.name.rsplit(".", 1)[1]: file.full_path.read_bytes() for file in MadeFile.objects.filter(job=job)}
    text = " ".join("\n".join(page.extract_text() for page in PdfReader(BytesIO(made["pdf"])).pages).split())
    assert "Công ty Giấy Bãi Bằng" in text
    assert "Ông Kín" not in text
    sheet = load_workbook(BytesIO(made["xlsx"])).worksheets[0]
    cells = [cell for row in sheet.iter_rows(values_only=True) for cell in row]
    assert "Bà Mở" in cells
    assert "Ông Kín" not in cells
