"""The register of half a million: found by a part of a name, and looked through for people entered twice."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import Any

from django.db import connection, transaction

from hkh.core.text import search_key
from hkh.demo.bench.measuring import Measured, holder, p95, province, seconds
from members.duplicates import find_duplicates
from members.filters import MemberFilter
from members.models import Membership, Role, Unit, User
from members.register import register_page

#: Parts of names that half the province bears, that few bear, that nobody does; as they are typed, marks or none.
COMMON = ("nguyễn", "nguyen thi", "van", "thị", "tran", "le", "pham thi", "anh", "huong", "HOÀ", "n", "th", "thanh")
RARE = (
    "nguyễn văn tuấn",
    "nguyen thi huong",
    "dang thi hoa",
    "do duc",
    "yen nhi",
    "khuat",
    "lac",
    "bao tram",
    "ng t hu",
    "ông ba",
    "quynh nhu",
    "xyz",
)
_TIMES = 6
_REACH_MS = 30


def search() -> dict[str, Measured]:
    """A page of the register by a part of a name: time in the database, all its queries together, for the chair of the
    province and for a commune's clerk; one page along the index from where the word stands as floor."""
    clerk = User.objects.get(grants__role=Role.CLERK, grants__valid_until=None)
    here = clerk.grants.get(valid_until=None).unit
    lookups = [_in_database(partial(_along_the_index, text)) for text in COMMON + RARE for _n in range(_TIMES)]
    floor = p95(lookups)
    return {
        "search.chair_common_p95": Measured(_page_p95(holder(Role.CHAIR), province(), COMMON), "ms", floor, _REACH_MS),
        "search.chair_rare_p95": Measured(_page_p95(holder(Role.CHAIR), province(), RARE), "ms", floor, _REACH_MS),
        "search.clerk_p95": Measured(_page_p95(clerk, here, COMMON + RARE), "ms", floor, _REACH_MS),
    }


def _page_p95(by: User, unit: Unit, texts: tuple[str, ...]) -> float:
    """Milliseconds in the database; each text once unmeasured, and then several times as by a user just come in."""
    times = []
    for text in texts:
        for turn in range(_TIMES + 1):
            me = User.objects.get(pk=by.pk)

            def page(me: User = me, text: str = text) -> None:
                rows = MemberFilter({}).apply(Membership.objects.visible_to(me))
                register_page(rows, text, unit=unit, user=me, query={})

            took = _in_database(page)
            if turn:
                times.append(took)
    return p95(times)


def _in_database(work: Callable[[], Any]) -> float:
    """Milliseconds that the queries of ``work`` take."""
    spent = 0.0

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal spent
        began = perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            spent += perf_counter() - began

    with connection.execute_wrapper(watch):
        work()
    return spent * 1000


def _along_the_index(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, sort_key FROM members_member WHERE sort_key >= %s ORDER BY sort_key, id LIMIT 51",
            [search_key(text)],
        )
        cursor.fetchall()


def duplicates() -> dict[str, Measured]:
    """The search for people entered twice, rolled back; one grouping by name and day of birth as floor."""

    def whole() -> None:
        with transaction.atomic():
            find_duplicates()
            transaction.set_rollback(True)

    floor = seconds(_grouped)
    return {"duplicates.whole": Measured(seconds(whole), "s", floor, 60)}


def _grouped() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT search_key, birth_date, count(*) FROM members_member WHERE merged_into_id IS NULL
            GROUP BY search_key, birth_date HAVING count(*) > 1
            """
        )
        cursor.fetchall()
