"""The dashboard of the province and its quarterly report."""

from __future__ import annotations

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from hkh.core.dates import Period
from hkh.core.papers.book import render_book
from hkh.core.papers.document import render_pdf_of
from hkh.core.pdf import render_pdf
from hkh.demo.bench.children import in_a_child
from hkh.demo.bench.measuring import Measured, chair, p95, province, seconds
from hkh.indicators.lens import Lens
from hkh.reports.drafts import draft_of, letterhead, words
from hkh.reports.periodic import periodic_report

_SAMPLES = 60
_WARM_UP = 8


def dashboard() -> dict[str, Measured]:
    """The province's dashboard: queries, and the time of whole requests beside that of its bare SQL."""
    client = Client(SERVER_NAME="localhost")
    client.force_login(chair())
    address = f"{reverse('dashboard:overview')}?unit={province().code}&period=2024-H1"
    for _n in range(_WARM_UP):
        client.get(address)
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address)
    assert response.status_code == 200, response.status_code
    statements = [query["sql"] for query in captured.captured_queries]
    whole = [seconds(lambda: client.get(address)) * 1000 for _n in range(_SAMPLES)]
    bare = [seconds(lambda: _run(statements)) * 1000 for _n in range(_SAMPLES)]
    return {
        "dashboard.queries": Measured(len(statements), "queries", None, 12),
        "dashboard.p95": Measured(p95(whole), "ms", p95(bare), 100),
    }


def report() -> dict[str, Measured]:
    """The quarterly PDF of the province: figures to file, and the memory that it took; WeasyPrint alone as floor."""
    empty, empty_mib = in_a_child(set_nothing)
    took, mib = in_a_child(set_report)
    return {
        "report.pdf": Measured(took, "s", empty, 5),
        "report.memory": Measured(mib, "MiB", empty_mib, 400),
    }


def set_nothing() -> float:
    """Seconds of an empty document."""
    return seconds(lambda: render_pdf("<!doctype html><html lang='vi'><title>Trống</title><p>Trống</p></html>"))


def set_report() -> float:
    """Seconds of the quarterly report, once all that the program loads for one is loaded."""
    lens = Lens(province(), Period.parse("2024-Q2"))
    draft = draft_of(lens)

    def whole() -> bytes:
        made = periodic_report(lens, letterhead=letterhead(draft), words=words(draft))
        book = render_book(made, created_at=timezone.now())
        return render_pdf_of(made, workbook=book, name="report")

    return seconds(whole)


def _run(statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
            cursor.fetchall()
