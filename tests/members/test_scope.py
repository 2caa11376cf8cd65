"""Who sees which rows; and one rule in two forms, SQL and Python, that must stay one."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.auth.models import AnonymousUser

from hkh.core.dates import today
from members.models import Grant, Member, Membership, Role, Unit, UnitAncestor
from members.rules import Verb, may
from members.scope import UnscopedQuery, units_in_scope
from tests.cast import LONG_AGO, Cast, make_unit, make_user
from tests.funds.raw import commit_now, run
from tests.members.rows import JOINED_ON, make_member


def names(rows) -> list[str]:
    return sorted(str(row) for row in rows)


def test_a_grant_reaches_its_unit_and_all_below(cast: Cast) -> None:
    assert names(Unit.objects.visible_to(cast.clerk)) == ["Chi hội khu 1", "Hội xã Hy Cương"]
    assert names(Unit.objects.visible_to(cast.outsider)) == ["Hội xã Tu Vũ"]
    assert Unit.objects.visible_to(cast.administrator).count() == 4


def test_visitors_and_closed_accounts_see_nothing(cast: Cast) -> None:
    cast.clerk.is_active = False
    assert names(Unit.objects.visible_to(cast.clerk)) == []
    assert names(Unit.objects.visible_to(AnonymousUser())) == []
    assert names(Unit.objects.visible_to(make_user("nobody"))) == []


def test_superusers_see_all(cast: Cast) -> None:
    cast.viewer.is_superuser = True
    assert Unit.objects.visible_to(cast.viewer).count() == 4


@pytest.mark.parametrize(
    ("first", "last", "sees"),
    [
        (LONG_AGO, None, True),
        (date(2026, 6, 30), None, True),
        (date(2026, 7, 1), None, False),
        (LONG_AGO, date(2026, 7, 1), True),
        (LONG_AGO, date(2026, 6, 30), False),
    ],
)
def test_a_grant_holds_on_its_days(cast: Cast, settings, first: date, last: date | None, sees: bool) -> None:
    settings.HKH_TODAY = "2026-06-30"
    user = make_user("temporary")
    Grant.objects.create(user=user, role=Role.VIEWER, unit=cast.here, valid_from=first, valid_until=last)
    assert Unit.objects.visible_to(user).filter(pk=cast.here.pk).exists() is sees
    assert may(user, Verb.SEE, cast.branch) is sees


def test_a_unit_is_seen_where_it_stands_now_and_a_dissolved_one_where_it_stood_last(cast: Cast) -> None:
    gone = make_unit("Chi hội cũ", tier=cast.branch.tier, parent=cast.here, dissolved_on=date(2025, 7, 1))
    run("UPDATE members_unitversion SET parent_id = %s WHERE unit_id = %s", [cast.elsewhere.pk, cast.branch.pk])
    commit_now()
    assert names(Unit.objects.visible_to(cast.clerk)) == ["Chi hội cũ", "Hội xã Hy Cương"]
    assert names(Unit.objects.visible_to(cast.outsider)) == ["Chi hội khu 1", "Hội xã Tu Vũ"]
    assert may(cast.clerk, Verb.SEE, gone) is True


@pytest.mark.parametrize("reason", ["transfer", "reorganisation"])
def test_members_are_seen_by_their_unit_and_no_more_once_they_went_elsewhere(cast: Cast, reason: str) -> None:
    there = make_unit("Chi hội Tu Vũ", tier=cast.branch.tier, parent=cast.elsewhere)
    make_member(cast.branch, "Ở lại")
    make_member(cast.branch, "Đã thôi", left_on=date(2022, 1, 1), leave_reason="left")
    moved = make_member(cast.branch, "Chuyển đi", left_on=date(2022, 1, 1), leave_reason=reason)
    Membership.unscoped.create(member=moved, unit=there, joined_on=date(2022, 1, 1))

    assert names(Member.objects.visible_to(cast.clerk)) == ["Đã thôi", "Ở lại"]
    assert names(Member.objects.visible_to(cast.outsider)) == ["Chuyển đi"]


@pytest.mark.parametrize("model", [Unit, Member, Membership])
def test_an_unscoped_read_is_refused(model) -> None:
    for attempt in (model.objects.all, model.objects.count, lambda: model.objects.get(pk=1)):
        with pytest.raises(UnscopedQuery):
            attempt()


@pytest.mark.parametrize("day", [date(2020, 3, 13), JOINED_ON, date(2021, 12, 31), date(2022, 1, 1), date(2022, 1, 2)])
@pytest.mark.parametrize("left_on", [None, date(2022, 1, 1)])
def test_current_means_the_same_in_sql_and_python(cast: Cast, day: date, left_on: date | None) -> None:
    member = make_member(cast.branch, left_on=left_on, leave_reason="left" if left_on else "")
    membership = Membership.unscoped.get(member=member)
    assert (membership in Membership.unscoped.current_on(day)) == membership.is_current_on(day)


@pytest.mark.parametrize("day", [date(2019, 12, 31), date(2020, 1, 1), date(2025, 6, 30), date(2025, 7, 1)])
def test_existing_means_the_same_in_sql_and_python(cast: Cast, day: date) -> None:
    unit = make_unit(
        "Chi hội", tier=cast.branch.tier, parent=cast.here, founded_on=date(2020, 1, 1), dissolved_on=date(2025, 7, 1)
    )
    rows = UnitAncestor.objects.filter(unit=unit, depth=0, valid_from__lte=day).exclude(valid_until__lte=day)
    assert rows.exists() == unit.exists_on(day)


def test_seeing_means_the_same_for_lists_and_for_one_unit(cast: Cast) -> None:
    """``visible_to`` (SQL) and ``may`` (Python) for everybody and every unit."""
    users = [cast.chair, cast.clerk, cast.viewer, cast.outsider, cast.administrator, make_user("nobody")]
    for user in users:
        listed = set(Unit.objects.visible_to(user))
        asked = {unit for unit in Unit.unscoped.all() if may(user, Verb.SEE, unit)}
        assert listed == asked


def test_the_grants_are_read_once_and_the_scope_is_a_subquery(cast: Cast, django_assert_num_queries) -> None:
    with django_assert_num_queries(3):
        assert list(Member.objects.visible_to(cast.clerk)) == []
        assert units_in_scope(cast.clerk, day=today()).count() == 2


def test_the_grants_of_another_day_are_read_for_that_day(cast: Cast, settings) -> None:
    settings.HKH_TODAY = "2026-06-30"
    cast.clerk.grants.update(valid_until=date(2026, 6, 30))
    assert units_in_scope(cast.clerk).count() == 0
    assert units_in_scope(cast.clerk, day=date(2026, 6, 29)).count() == 2
