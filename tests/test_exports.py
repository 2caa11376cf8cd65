"""Every list goes out as a sheet: the lists are found by looking at all pages that there are.

A page is a list where its name says so, or where it shows a table or a listing. A new one fails here until its
template offers its export, or until it stands in ``NO_LISTS`` with the reason.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import django_tables2
import openpyxl
import pytest
from django.http import QueryDict
from django.template import Context
from django.test import Client
from django.urls import reverse

from funds.actions import prepare_voucher, record_donation, record_pledge
from funds.models import BoardMember, Closing
from hkh.core import sheet_views, worker
from hkh.core.listing import Listing
from hkh.core.models import Job, JobStatus
from hkh.core.sheet_views import Export
from hkh.core.sheets.lists import _lists, list_called
from hkh.decisions.actions import draft_decision
from members.models import Appointment, Grant, Role
from tests import cast
from tests.members.rows import make_member
from tests.test_walker import DOORS, SIGNED_IN, Things, address, doors, things

__all__ = ["things"]

#: Pages with a table that are no lists.
NO_LISTS = {
    # What a form is filled in with, or what it is about.
    *("funds:board-edit", "funds:honour-levels", "funds:appeal-add", "funds:appeal-edit"),
    *("scholarships:award-approve", "scholarships:award-cancel"),
    *("members:headcount-declare", "members:title-declare", "members:member-merge"),
    # One thing and what belongs to it, its lists being elsewhere.
    *("funds:donation-detail", "funds:batch-detail", "funds:pledge-detail", "funds:donor-detail"),
    *("scholarships:distribution-detail", "members:unit-detail", "members:member-detail", "members:member-history"),
    *("scholarships:distribution-trace", "scholarships:round-trace", "scholarships:gift-trace"),
    "scholarships:donor-trace",
    # Pictures and papers, which go out as such.
    *("dashboard:overview", "dashboard:consolidation", "funds:overview", "funds:account-books"),
    *("reports:report-preview", "members:tier-list", "core:style-page"),
    # The way in and out itself.
    *("core:job-list", "imports:sheet-list"),
}

pytestmark = pytest.mark.django_db


def context_of(response: Any) -> dict[str, Any]:
    """All that the templates of a page were given. ``response.context`` is a list of contexts, or one."""
    flat: dict[Any, Any] = {}
    for context in response.context or ():
        flat |= context.flatten() if isinstance(context, Context) else context
    return flat


def is_list(name: str, page: str, context: dict[str, Any]) -> bool:
    shows = any(isinstance(value, Listing | django_tables2.Table) for value in context.values())
    offers = isinstance(context.get("export"), Export)
    return name.endswith("-list") or offers or shows or "<table" in page


def lists(client: Client, things: Things) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Name, text and context of each page that is a list, as the user of ``client`` sees it."""
    for name in doors():
        door = DOORS.get(name) or SIGNED_IN.get(name)
        if door is None or door.posts_only or name == "core:list-export":
            continue
        response = client.get(address(name, door, things))
        if response.status_code == 200 and response["Content-Type"].startswith("text/html"):
            page, context = response.content.decode(), context_of(response)
            if is_list(name, page, context):
                yield name, page, context


@pytest.fixture
def offered(client: Client, things: Things) -> dict[str, tuple[str, dict[str, Any], Export]]:
    """Each list that the chair sees with its page, its context and what takes it out."""
    client.force_login(things.them.chair)
    found = {name: (page, context) for name, page, context in lists(client, things)}
    assert set(found) >= NO_LISTS, "these are no lists any more; take them off"
    missing = [name for name in found.keys() - NO_LISTS if not isinstance(found[name][1].get("export"), Export)]
    assert not missing, f"lists that do not go out: {missing}"
    return {name: (*found[name], found[name][1]["export"]) for name in sorted(found.keys() - NO_LISTS)}


def slug_of(export: Export) -> str:
    return urlsplit(export.url).path.split("/")[-2]


def query_of(export: Export) -> QueryDict:
    return QueryDict(urlsplit(export.url).query)


def test_every_list_of_a_page_goes_out_and_every_list_that_goes_out_has_a_page(offered: Any) -> None:
    for name, (page, _context, export) in offered.items():
        assert f'hx-get="{export.url.replace("&", "&amp;")}"' in page, name
    list_called("members")
    with_a_page = {slug_of(export) for _page, _context, export in offered.values()}
    # The boards go out beside the funds whose boards they are.
    assert with_a_page | {"boards"} == set(_lists)


def test_a_sheet_holds_the_rows_of_its_page_in_their_order(offered: Any, things: Things) -> None:
    compared = 0
    for name, (_page, context, export) in offered.items():
        shown = [value for value in context.values() if isinstance(value, Listing)]
        found = list_called(slug_of(export)).find(things.them.chair, query_of(export))
        if shown:
            rows = [row.pk for row in found.ordered(query_of(export))]
            assert rows == [row.pk for row in shown[0].rows], name
            compared += len(rows)
    assert compared > 20


def test_every_list_goes_out_as_csv_and_as_a_workbook(offered: Any, client: Client) -> None:
    for name, (_page, _context, export) in offered.items():
        wanted = list_called(slug_of(export))
        columns = [column.key for column in wanted.columns()]
        labels = [str(column.label) for column in wanted.columns()]
        assert len(set(labels)) == len(labels), f"{name}: two columns are called the same"
        text = client.post(export.url, {"form": "csv", "column": columns}).content.decode("utf-8-sig")
        sheet = list(csv.reader(text.splitlines(), delimiter=";"))
        book = openpyxl.load_workbook(BytesIO(client.post(export.url, {"form": "xlsx", "column": columns}).content))
        table = list(book.worksheets[0].values)
        assert sheet[0] == labels == list(table[0]), name
        assert len(sheet) == len(table), name


def test_no_list_of_another_s_units_goes_out(offered: Any, client: Client, things: Things) -> None:
    for role in Role:
        client.force_login(cast.make_user(f"elsewhere-{role}", role=role, unit=things.them.elsewhere))
        let_out = []
        for name, (_page, _context, export) in offered.items():
            for response in (client.get(export.url), client.post(export.url, {"form": "csv"})):
                is_own = name == "imports:run-list" and response.status_code == 200
                if response.status_code != 404 and not is_own:
                    let_out.append((name, response.status_code))
        assert not let_out, role


def test_cards_go_out_for_whoever_keeps_the_register_alone(offered: Any, client: Client, things: Things) -> None:
    asked = offered["members:card-list"][2].url
    client.force_login(cast.make_user("looks", role=Role.VIEWER, unit=things.them.here))
    assert client.post(asked, {"form": "csv"}).status_code == 403
    client.force_login(things.them.clerk)
    assert client.post(asked, {"form": "csv"}).status_code == 200


def test_a_filter_of_the_page_is_one_of_the_sheet(client: Client, things: Things) -> None:
    client.force_login(things.them.chair)
    for query, rows in (
        ({"state": "prepared"}, 1),
        ({"state": "refused"}, 0),
        ({"kind": "transfer"}, 1),
        ({"kind": "opening"}, 2),
        ({}, 4),
    ):
        page = client.get(reverse("funds:voucher-list", query={"unit": things.them.here.code, **query}))
        asked = page.context["export"].url
        sheet = client.post(asked, {"form": "csv", "column": "kind"}).content.decode("utf-8-sig").splitlines()
        assert (len(sheet) - 1, page.context["page"].count) == (rows, rows), query


def test_the_boards_go_out_for_the_funds_of_the_list(client: Client, things: Things) -> None:
    here, elsewhere = cast.make_fund(things.them.here, "Quỹ có hội đồng"), cast.make_fund(things.them.elsewhere)
    since = date(2024, 1, 1)
    for fund, name in ((here, "=Lê An"), (elsewhere, "Trần Bình")):
        BoardMember.unscoped.create(fund=fund, body="council", name=name, since=since)
    BoardMember.unscoped.create(fund=here, body="control", name="Vũ Cúc", since=since, until=date(2024, 6, 1))
    client.force_login(things.them.chair)
    for q, names in (("", ["'=Lê An"]), ("có hội đồng", ["'=Lê An"]), ("không có", [])):
        page = client.get(reverse("funds:fund-list", query={"unit": things.them.here.code, "q": q}))
        asked = page.context["export_boards"].url
        assert f'hx-get="{asked.replace("&", "&amp;")}"' in page.content.decode()
        sheet = client.post(asked, {"form": "csv", "column": "name"}).content.decode("utf-8-sig").splitlines()
        assert sheet[1:] == names, q


def test_who_wishes_to_stay_unnamed_does_in_the_roll_that_goes_out(client: Client, things: Things) -> None:
    fund = cast.make_fund(things.them.here, "Quỹ khác")
    shy = cast.make_donor(things.them.here, "Người Lặng Lẽ", is_anonymous=True)
    facts: dict[str, Any] = {"received_on": date(2024, 2, 5), "form": "cash", "by": things.them.clerk}
    record_donation(unit=things.them.here, fund=fund, donor=shy, amount_vnd=9_000_000, **facts)
    client.force_login(things.them.chair)
    page = client.get(reverse("funds:honour-roll", query={"unit": things.them.here.code}))
    shown = [(str(row.rank), row.name, str(row.given_vnd)) for row in page.context["table"].data]
    text = client.post(page.context["export"].url, {"form": "csv", "column": ["rank", "name", "given_vnd"]})
    sheet = list(csv.reader(text.content.decode("utf-8-sig").splitlines(), delimiter=";"))
    assert [tuple(row) for row in sheet[1:]] == shown
    assert len(shown) == 2
    assert "Lặng Lẽ" not in str(sheet)


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("slug", "queries"), [("vouchers", 7), ("pledges", 7), ("offices", 7), ("closings", 7), ("decisions", 7)]
)
def test_a_sheet_takes_as_many_queries_whatever_the_list_holds(
    client: Client, slug: str, queries: int, count: int, django_assert_num_queries: Any
) -> None:
    them = cast.a_province()
    fund, donor = cast.make_fund(them.here, holds_vnd=9_000_000), cast.make_donor(them.here)
    for n in range(count):
        day = date(2024, 1, n + 1)
        prepare_voucher(kind="expense", fund=fund, amount_vnd=1, occurred_on=day, by=them.accountant)
        record_pledge(unit=them.here, donor=donor, pledged_on=day, amount_vnd=5, instalments=[(day, 5)], by=them.clerk)
        member = make_member(them.branch, f"Lê A {n}")
        Appointment.unscoped.create(unit=them.branch, member=member, position="committee_member", valid_from=day)
        ends = [date(2001, month, 1) for month in (4, 7, 10)]
        closing = Closing.unscoped.create(
            unit=them.here, period=f"2001-Q{n + 1}", starts_on=ends[n - 1] if n else None, ends_before=ends[n]
        )
        closing.reopenings.create(unit=them.here, reopened_on=day, until_on=day, reason="Sai")
        draft_decision(unit=them.here, effective_on=day, number=f"{n}/QĐ", signed_on=day, by=them.administrator)
    client.force_login(them.chair if slug != "decisions" else them.administrator)
    asked = reverse("core:list-export", args=[slug], query={"unit": them.here.code})
    client.post(asked, {"form": "csv", "column": [column.key for column in list_called(slug).columns()]})
    with django_assert_num_queries(queries):
        response = client.post(asked, {"form": "csv"})
    brought_forward = 1 if slug == "vouchers" else 0
    assert len(response.content.decode("utf-8-sig").splitlines()) == 1 + brought_forward + count


@pytest.mark.parametrize("slug", ["honours", "vouchers", "cards"])
def test_long_lists_are_the_worker_s_and_what_is_no_longer_one_s_own_is_refused(
    client: Client, things: Things, slug: str, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any
) -> None:
    monkeypatch.setattr(sheet_views, "MOST_AT_ONCE", 0)
    settings.MEDIA_ROOT = tmp_path
    client.force_login(things.them.clerk)
    asked = reverse("core:list-export", args=[slug], query={"unit": things.them.here.code, "card": "all"})
    for key in ("one", "two"):
        assert client.post(asked, {"form": "csv", "key": key})["Location"] == reverse("core:job-list")
    first, second = Job.objects.filter(kind="sheets.export").order_by("pk")
    done = worker.run_now(first)
    found = list_called(slug).find(things.them.clerk, QueryDict(urlsplit(asked).query))
    assert (done.status, done.result) == (JobStatus.DONE, {"rows": found.count()})
    assert found.count() > 0
    Grant.objects.filter(user=things.them.clerk).update(role=Role.VIEWER)
    if slug != "cards":
        Grant.objects.filter(user=things.them.clerk).delete()
    assert worker.run_now(second).error == "Bạn không còn quyền xem danh sách này."
