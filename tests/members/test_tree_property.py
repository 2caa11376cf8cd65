"""Whatever is done to the tree in whatever order: one parent a day, no circle, the closure says what is walked."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from members.actions import dissolve_unit, found_unit, move_unit, rename_unit
from members.models import Tier, Unit, UnitAncestor, UnitVersion, User
from members.queries import check_tree
from tests.cast import make_unit
from tests.funds.raw import run

FIRST = date(2020, 1, 1)

steps = st.lists(
    st.tuples(
        st.sampled_from(["found", "found", "found", "rename", "move", "move", "dissolve"]),
        st.integers(0, 9),
        st.integers(0, 9),
        st.integers(0, 400),
    ),
    min_size=4,
    max_size=25,
)


@pytest.fixture
def loose_tiers(db) -> tuple[Tier, Tier]:
    """A top, and one tier below it whose units may stand under each other: so that circles can be tried."""
    names = {"name_vi": "A", "name_en": "A", "name_id": "A"}
    top = Tier.objects.create(code="TOP", rank=1, **names)
    loose = Tier.objects.create(code="LOOSE", rank=2, **names)
    loose.may_stand_under.set([top, loose])
    return top, loose


@settings(max_examples=25, deadline=None, derandomize=True)
@given(plan=steps)
def run_plan(tiers: tuple[Tier, Tier], by: User, plan: list[tuple[str, int, int, int]]) -> None:
    top, loose = tiers
    with transaction.atomic():
        units = [make_unit("Gốc", tier=top, founded_on=FIRST)]
        refused = 0
        for number, (step, one, other, days) in enumerate(plan):
            on = FIRST + timedelta(days=days)
            unit, parent = units[one % len(units)], units[other % len(units)]
            before = picture()
            try:
                match step:
                    case "found":
                        found = partial(found_unit, name=f"Hội {number}", code=f"H{number}", tier=loose)
                        units.append(found(parent=parent, founded_on=on, by=by))
                    case "rename":
                        rename_unit(unit=unit, name=f"Tên {number}", on=on, by=by)
                    case "move":
                        move_unit(unit=unit, parent=parent, on=on, by=by)
                    case "dissolve":
                        dissolve_unit(unit=unit, on=on, by=by)
            except ValidationError:
                refused += 1
                assert picture() == before
        check_everything()
        transaction.set_rollback(True)


def picture() -> tuple:
    """All that a refused step must leave as it was."""
    return (
        list(UnitVersion.objects.order_by("pk").values_list()),
        list(Unit.unscoped.order_by("pk").values_list()),
        sorted(UnitAncestor.objects.values_list("unit", "depth", "ancestor", "valid_from", "valid_until")),
    )


def check_everything() -> None:
    connection.check_constraints()
    assert check_tree() == []
    ends = sorted({day for row in UnitVersion.objects.values_list("valid_from", "valid_until") for day in row if day})
    for day in ends:
        # Plain SQL, a third way: one version a unit and day, and every way up ends at the top.
        rows = run(
            """SELECT unit_id, parent_id FROM members_unitversion
            WHERE valid_from <= %(day)s AND (valid_until IS NULL OR valid_until > %(day)s)""",
            {"day": day},
        )
        assert [unit for unit, times in Counter(unit for unit, _ in rows).items() if times > 1] == []
        parents = dict(rows)
        for unit in parents:
            seen: list[int] = []
            while unit is not None:
                assert unit not in seen
                seen.append(unit)
                unit = parents[unit]


def test_no_sequence_of_changes_breaks_the_tree(loose_tiers: tuple[Tier, Tier]) -> None:
    by = User.objects.create(username="keeper", is_superuser=True)
    run_plan(loose_tiers, by)
