"""Whatever the tree, units add up: the total is the sum of the leaves, by child and unit by unit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hkh.core.dates import Period
from hkh.declared.headcounts import as_headcount
from hkh.indicators.lens import Lens
from hkh.indicators.queries import headcounts_by_child, headcounts_by_unit, picture
from hkh.indicators.titles import TitleFigures, Titles, titles
from members.headcounts import Headcount, headcount_on, registered_on
from members.models import Title, TitleCount, Unit
from tests import cast
from tests.indicators.test_queries import admit
from tests.members.triggers.test_declared import report

pytestmark = pytest.mark.django_db
DAY = date(2024, 6, 30)
H1 = Period.parse("2024-H1")

#: A branch: under which of three communes, how many listed, how many reported and how many women among them.
BRANCH = st.tuples(
    st.integers(0, 2),
    st.integers(0, 6),
    st.one_of(st.none(), st.integers(0, 9)),
    st.booleans(),
)


@contextmanager
def an_example() -> Iterator[None]:
    """The cast of one example is gone before the next."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def grow(them: cast.Cast, branches: list[tuple[int, int, int | None, bool]]) -> list[Unit]:
    middle = cast.make_unit("Hội xã giữa", tier=them.here.tier, parent=them.province)
    communes = [them.here, them.elsewhere, middle]
    made = []
    for n, (where, listed, reported, says_women) in enumerate(branches):
        unit = cast.make_unit(f"Chi hội {n}", tier=them.branch.tier, parent=communes[where])
        admit(unit, listed, date(2024, 1, 5))
        if reported is not None:
            report(unit, reported, on=DAY, **({"women": reported // 2} if says_women else {}))
        made.append(unit)
    return communes


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(branches=st.lists(BRANCH, max_size=7))
def test_headcounts_add_up(branches: list[tuple[int, int, int | None, bool]]) -> None:
    with an_example():
        them = cast.a_province()
        communes = grow(them, branches)
        lens = Lens(them.province, H1)
        total = sum(headcounts_by_child(lens).values(), Headcount())
        reported = [said for _where, _listed, said, _women in branches if said is not None]

        assert total.reported == sum(reported)
        assert total.units_reporting == len(reported)
        assert total.units == len(branches) + 1  # the cast's own branch, silent
        assert total.registered == sum(listed for _where, listed, _said, _women in branches)
        assert total.difference == (
            sum(said - listed for _w, listed, said, _v in branches if said is not None) if reported else None
        )
        assert total.difference is None or total.difference == total.more - total.fewer
        assert total == sum((headcount_on(commune, DAY) for commune in communes), Headcount())
        assert total == headcount_on(them.province, DAY)
        assert total == sum(map(as_headcount, headcounts_by_unit(lens)), Headcount())
        for tree_on in (None, DAY):
            seen = picture(Lens(them.province, H1, tree_on))
            assert seen.headcount == total
            assert sum((child.headcount for child in seen.children), Headcount()) == total
            assert seen.headcount.registered == seen.now.members


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    counts=st.lists(
        st.tuples(st.sampled_from(Title.values), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9)), max_size=8
    )
)
def test_titles_add_up(counts: list[tuple[str, int, int, int]]) -> None:
    with an_example():
        them = cast.a_province()
        for n, (title, spare, registered, recognised) in enumerate(counts):
            unit = cast.make_unit(f"Chi hội {n}", tier=them.branch.tier, parent=(them.here, them.elsewhere)[n % 2])
            total = spare + max(registered, recognised)
            TitleCount.unscoped.create(
                unit=unit, year=2024, title=title, total=total, registered=registered, recognised=recognised
            )
        whole = titles(Lens(them.province, H1))
        for title in Title.values:
            leaves = [TitleFigures(s + max(r, c), r, c, 1) for name, s, r, c in counts if name == title]
            found = Titles.total(whole.now, title)
            assert found == sum(leaves, TitleFigures())
            parts = [titles(Lens(unit, H1)).now for unit in (them.here, them.elsewhere)]
            assert found == sum((Titles.total(part, title) for part in parts), TitleFigures())
        assert whole.last_year == {}


def test_lists_of_a_day_are_exact(django_assert_num_queries) -> None:
    them = cast.a_province()
    admit(them.branch, 3, date(2024, 6, 10))
    with django_assert_num_queries(1):
        assert registered_on([them.branch.pk, them.here.pk], date(2024, 6, 9)) == {}
    assert registered_on([them.branch.pk], date(2024, 6, 10)) == {them.branch.pk: 3}
    with django_assert_num_queries(1):
        assert headcount_on(them.here, DAY) == Headcount(units=1, registered=3)
