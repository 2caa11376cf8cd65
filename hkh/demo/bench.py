"""What is measured at full size, each figure beside a floor taken in the same run (``make bench``)."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import quantiles
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from hkh.core.dates import Period
from hkh.core.pdf import render_pdf
from hkh.indicators.lens import Lens
from hkh.reports.book import render_book
from hkh.reports.document import render_pdf_of
from hkh.reports.drafts import draft_of, letterhead, words
from hkh.reports.periodic import periodic_report
from members.models import Role, Unit, User

_SAMPLES = 60
_WARM_UP = 8


@dataclass(frozen=True)
class Measured:
    """``value`` and ``floor`` in ``unit``; it holds where ``value`` is at most ``reach``."""

    value: float
    unit: str
    floor: float | None
    reach: float

    @property
    def ratio(self) -> float | None:
        return self.value / self.floor if self.floor else None

    @property
    def holds(self) -> bool:
        return self.value <= self.reach


def dashboard() -> dict[str, Measured]:
    """The province's dashboard: queries, and the time of whole requests beside that of its bare SQL."""
    client = Client(SERVER_NAME="localhost")
    client.force_login(_chair())
    address = f"{reverse('dashboard:overview')}?unit={_province().code}&period=2024-H1"
    for _n in range(_WARM_UP):
        client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        response = client.get(address)
    assert response.status_code == 200, response.status_code
    statements = [query["sql"] for query in captured.captured_queries]
    whole = _p95(lambda: client.get(address))
    bare = _p95(lambda: _run(statements))
    return {
        "dashboard.queries": Measured(len(statements), "queries", None, 12),
        "dashboard.p95": Measured(whole, "ms", bare, 100),
    }


def report() -> dict[str, Measured]:
    """The quarterly PDF of the province: figures to file, and the memory that it took; WeasyPrint alone as floor."""
    lens = Lens(_province(), Period.parse("2024-Q2"))
    draft = draft_of(lens)

    def whole() -> bytes:
        made = periodic_report(lens, letterhead=letterhead(draft), words=words(draft))
        book = render_book(made, created_at=timezone.now())
        return render_pdf_of(made, workbook=book, name="report")

    empty = _seconds(lambda: render_pdf("<!doctype html><html lang='vi'><title>Trống</title><p>Trống</p></html>"))
    empty_mib = _children_mib()
    took = _seconds(whole)
    return {
        "report.pdf": Measured(took, "s", empty, 5),
        "report.memory": Measured(_children_mib(), "MiB", empty_mib, 400),
    }


#: What is measured, in this order.
MEASURES: tuple[Callable[[], dict[str, Measured]], ...] = (dashboard, report)


def _province() -> Unit:
    return Unit.unscoped.get(parent=None, dissolved_on=None)


def _chair() -> User:
    return User.objects.get(grants__role=Role.CHAIR, grants__unit=_province(), grants__valid_until=None)


def _run(statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
            cursor.fetchall()


def _p95(work: Callable[[], Any]) -> float:
    """The 95th percentile of ``_SAMPLES`` runs, in milliseconds."""
    return quantiles([_seconds(work) * 1000 for _n in range(_SAMPLES)], n=20)[-1]


def _seconds(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _children_mib() -> float:
    """The most memory that any child process has taken so far."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
