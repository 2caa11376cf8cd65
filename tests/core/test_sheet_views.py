"""Taking a list out: what is in it, who gets it, what it remembers."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import BytesIO

import openpyxl
import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hkh.core import sheet_views, worker
from hkh.core.models import Job, JobStatus, ListColumns, MadeFile
from hkh.core.sheets.lists import list_called
from members.models import Grant
from tests.cast import a_province, make_donor, make_fund, make_unit
from tests.members.rows import make_member
from tests.scholarships.rows import make_approved, make_programme, make_round

pytestmark = pytest.mark.django_db

LISTS = ["members", "units", "donors", "donations", "funds", "appeals", "rounds", "distributions"]


@pytest.fixture
def them():
    return a_province()


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def clerk(client, them):
    client.force_login(them.clerk)
    return client


def address(slug: str, **query: str) -> str:
    return reverse("core:list-export", args=[slug], query=query)


def lines(response) -> list[list[str]]:
    assert response.status_code == 200
    return list(csv.reader(response.content.decode("utf-8-sig").splitlines(), delimiter=";"))


def test_a_clerk_s_sheet_holds_what_the_list_shows_and_nothing_else(clerk, them):
    here = make_member(them.branch, "Lê Thị Hoa")
    make_member(them.branch, "Nguyễn Văn An")
    make_member(them.branch, "Lê Thị Hồng", left_on=timezone.localdate() - timedelta(days=1), leave_reason="left")
    strange = make_unit("Chi hội khu 1", tier=them.branch.tier, parent=them.elsewhere)
    make_member(strange, "Lê Thị Lạ")
    asked = address("members", unit=them.here.code, q="le thi")
    sheet = lines(clerk.post(asked, {"form": "csv", "column": ["full_name", "id"]}))
    assert sheet == [["Số trong HKH", "Họ và tên"], [str(here.pk), "Lê Thị Hoa"]]


def test_a_sheet_stands_in_the_order_of_the_list(clerk, them):
    for name in ("Trần Bình", "Lê An", "Vũ Cúc"):
        make_donor(them.here, name)
    up = lines(clerk.post(address("donors", unit=them.here.code), {"form": "csv", "column": "name"}))
    down = lines(clerk.post(address("donors", unit=them.here.code, sort="-name"), {"form": "csv", "column": "name"}))
    assert up[1:] == [["Lê An"], ["Trần Bình"], ["Vũ Cúc"]]
    assert down[1:] == up[:0:-1]


@pytest.mark.parametrize("slug", LISTS)
def test_out_of_scope_is_not_found(clerk, them, slug):
    for unit in (them.elsewhere.code, "KHONG-CO", ""):
        assert clerk.get(address(slug, unit=unit)).status_code == 404
        assert clerk.post(address(slug, unit=unit), {"form": "csv"}).status_code == 404


def test_the_awards_of_another_s_round_are_not_found(client, them):
    make_programme()
    round_ = make_round(make_fund(them.here, holds_vnd=9_000_000))
    award = make_approved(round_)
    client.force_login(them.clerk)
    sheet = lines(client.post(address("awards", round=str(round_.pk)), {"form": "csv", "column": ["id"]}))
    assert sheet[1:] == [[str(award.pk)]]
    client.force_login(them.outsider)
    for key in (str(round_.pk), "0", "x", "9" * 30):
        assert client.post(address("awards", round=key), {"form": "csv"}).status_code == 404


def test_an_unknown_list_is_not_found_and_a_stranger_signs_in(client, clerk):
    assert clerk.get(address("khong-co")).status_code == 404
    assert Client().get(address("members")).status_code == 302


@pytest.mark.parametrize("slug", LISTS)
def test_the_page_of_each_list_leads_to_its_export(clerk, them, slug):
    names = {"members": "members:member-list", "units": "members:unit-list"}
    names |= {"rounds": "scholarships:round-list", "distributions": "scholarships:distribution-list"}
    name = names.get(slug) or f"funds:{slug[:-1]}-list"
    page = clerk.get(reverse(name, query={"unit": them.here.code, "q": "a", "after": "x"}))
    offered = page.context["export"].url
    assert f'hx-get="{offered.replace("&", "&amp;")}"' in page.content.decode()
    assert "after=" not in offered
    assert "q=a" in offered
    panel = clerk.get(offered)
    assert panel.status_code == 200
    assert [column.key for column, _chosen in panel.context["columns"]] == [
        column.key for column in list_called(slug).columns()
    ]


def test_columns_are_remembered_for_each_account_and_list(clerk, them):
    asked = address("members", unit=them.here.code)
    shown = [column.key for column in list_called("members").columns() if column.shown]
    assert chosen(clerk.get(asked)) == shown
    clerk.post(asked, {"form": "csv", "column": ["phone", "full_name", "khong-co"]})
    assert chosen(clerk.get(asked)) == ["full_name", "phone"]
    assert lines(clerk.post(asked, {"form": "csv"})) == [["Họ và tên", "Điện thoại"]]
    assert chosen(clerk.get(address("donors", unit=them.here.code))) != ["full_name", "phone"]
    clerk.force_login(them.cashier)
    assert chosen(clerk.get(asked)) == shown
    assert ListColumns.objects.visible_to(them.clerk).count() == 1


def chosen(response) -> list[str]:
    return [column.key for column, is_chosen in response.context["columns"] if is_chosen]


def test_a_panel_is_a_fragment_for_htmx(clerk, them):
    asked = address("members", unit=them.here.code)
    assert b"<html" in clerk.get(asked).content
    assert b"<html" not in clerk.get(asked, headers={"HX-Request": "true"}).content


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("slug", "queries"), [("members", 6), ("donors", 6)])
def test_the_panel_takes_as_many_queries_whatever_the_list_holds(
    clerk, them, slug, queries, count, django_assert_num_queries
):
    for n in range(count):
        make_member(them.branch, f"Lê A {n}")
        make_donor(them.here, f"Ông {n}")
    with django_assert_num_queries(queries):
        clerk.get(address(slug, unit=them.here.code), headers={"HX-Request": "true"})


# Long lists


@pytest.fixture
def long_list(them, monkeypatch):
    monkeypatch.setattr(sheet_views, "MOST_AT_ONCE", 2)
    return [make_member(them.branch, f"Lê {name}") for name in ("An", "Bình", "Cúc")]


def test_a_long_list_is_the_worker_s_and_a_double_click_asks_once(clerk, them, long_list):
    asked = address("members", unit=them.here.code, q="le")
    assert clerk.get(asked).context["is_long"] is True
    said = {"form": "csv", "column": ["full_name"], "key": "one"}
    for _click in range(2):
        assert clerk.post(asked, said).headers["Location"] == reverse("core:job-list")
    job = Job.objects.get()
    assert (job.owner, job.status, str(job)) == (them.clerk, JobStatus.QUEUED, "Hội viên, tệp CSV")
    worker.run_now(job)
    file = MadeFile.objects.get()
    response = clerk.get(reverse("core:file-download", args=[file.pk]))
    sheet = b"".join(response).decode("utf-8-sig").splitlines()
    assert sheet == ["Họ và tên", "Lê An", "Lê Bình", "Lê Cúc"]
    job.refresh_from_db()
    assert job.result == {"rows": 3}


def test_a_long_list_holds_what_its_owner_sees_when_it_is_made(clerk, them, long_list):
    asked = address("members", unit=them.here.code)
    clerk.post(asked, {"form": "csv", "key": "a"})
    Grant.objects.filter(user=them.clerk).delete()
    job = worker.run_now(Job.objects.get())
    assert (job.status, job.error) == (JobStatus.FAILED, "Bạn không còn quyền xem danh sách này.")
    assert not MadeFile.objects.exists()


def test_the_link_is_its_owner_s_alone_and_expires(clerk, them, long_list, settings):
    clerk.post(address("members", unit=them.here.code), {"form": "xlsx", "key": "a"})
    worker.run_now(Job.objects.get())
    link = reverse("core:file-download", args=[MadeFile.objects.get().pk])
    found = clerk.get(link)
    assert found["Content-Disposition"].startswith("attachment")
    assert openpyxl.load_workbook(BytesIO(b"".join(found))).worksheets[0].max_row == 4
    other = Client()
    for user in (them.chair, them.outsider, them.administrator):
        other.force_login(user)
        assert other.get(link).status_code == 404
    with time_machine.travel(timezone.now() + timedelta(days=3, minutes=1), tick=False):
        clerk.force_login(them.clerk)
        assert clerk.get(link).status_code == 404


def test_a_sheet_called_off_leaves_no_file(clerk, them, long_list, settings):
    from hkh.core.sheets import exporting

    clerk.post(address("members", unit=them.here.code), {"form": "xlsx", "key": "a"})
    job = Job.objects.get()
    job.cancel_requested = True
    job.save()
    assert exporting._AT_ONCE > 3
    worker.run_now(job)
    assert Job.objects.get().status == JobStatus.CANCELLED
    assert list((settings.MEDIA_ROOT).rglob("*.part")) == []
