"""The rules of the tree, broken by hand: plain SQL that knows nothing of the verbs."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection

from members.models import Unit, UnitVersion
from tests.cast import LONG_AGO, Cast, make_unit
from tests.funds.raw import commit_now, insert, refused, run
from tests.members.rows import closure, make_member, tier, versions

REFORM = date(2025, 7, 1)


def version_id(unit: Unit) -> int:
    return UnitVersion.objects.get(unit=unit, valid_until=None).pk


def insert_version(unit: Unit, *, parent: Unit | None, valid_from: date, until: date | None = None, **facts) -> int:
    row = {
        "unit_id": unit.pk,
        "name": unit.name,
        "tier_id": unit.tier_id,
        "parent_id": parent and parent.pk,
        "valid_from": valid_from,
        "valid_until": until,
    }
    return insert("members_unitversion", {**row, **facts})


def test_versions_of_a_unit_share_no_day(cast: Cast) -> None:
    with refused("version_shares_no_day"):
        insert_version(cast.branch, parent=cast.here, valid_from=REFORM, until=date(2025, 8, 1))


def test_the_trigger_refuses_overlaps_without_the_belt(cast: Cast) -> None:
    run("ALTER TABLE members_unitversion DROP CONSTRAINT version_shares_no_day")
    with refused("version_no_overlap"):
        insert_version(cast.branch, parent=cast.here, valid_from=REFORM, until=date(2025, 8, 1))


def test_a_unit_has_one_version_without_end(cast: Cast) -> None:
    with refused("version_open_once"):
        insert_version(cast.branch, parent=cast.here, valid_from=REFORM)


def test_a_version_ends_after_it_begins(cast: Cast) -> None:
    with refused("version_dates_in_order"):
        run("UPDATE members_unitversion SET valid_until = valid_from WHERE id = %s", [version_id(cast.branch)])


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2000, 1, 2), None),
        (date(1999, 12, 31), None),
        (LONG_AGO, REFORM),
    ],
    ids=["begins late", "begins early", "ends while the unit goes on"],
)
def test_versions_cover_the_life_of_their_unit(cast: Cast, first: date, last: date | None) -> None:
    with refused("version_covers_unit"):
        run(
            "UPDATE members_unitversion SET valid_from = %s, valid_until = %s WHERE id = %s",
            [first, last, version_id(cast.branch)],
        )


def test_a_history_has_no_gap(cast: Cast) -> None:
    with refused("version_covers_unit"):
        run("UPDATE members_unitversion SET valid_until = '2010-01-01' WHERE id = %s", [version_id(cast.branch)])
        insert_version(cast.branch, parent=cast.here, valid_from=date(2010, 1, 2))


def test_a_unit_without_any_version_is_refused(cast: Cast) -> None:
    with refused("version_covers_unit"):
        run("DELETE FROM members_unitversion WHERE unit_id = %s", [cast.branch.pk])


def test_a_new_unit_without_version_is_refused(cast: Cast) -> None:
    facts = {"code": "X", "name": "X", "kind": "other", "tier_id": cast.branch.tier_id, "founded_on": LONG_AGO}
    with refused("version_covers_unit"):
        insert("members_unit", facts)


def test_the_life_of_a_unit_cannot_shrink_away_from_its_versions(cast: Cast) -> None:
    with refused("version_covers_unit"):
        run("UPDATE members_unit SET dissolved_on = %s WHERE id = %s", [REFORM, cast.branch.pk])


@pytest.mark.parametrize("column", ["name", "parent_id", "tier_id"])
def test_a_unit_repeats_its_latest_version(cast: Cast, column: str) -> None:
    value = {"name": "Tên khác", "parent_id": cast.elsewhere.pk, "tier_id": cast.here.tier_id}[column]
    with refused("unit_repeats_version"):
        run(f"UPDATE members_unit SET {column} = %s WHERE id = %s", [value, cast.branch.pk])


def test_a_unit_does_not_stand_under_itself(cast: Cast) -> None:
    with refused("version_not_its_own_parent"):
        run("UPDATE members_unitversion SET parent_id = unit_id WHERE id = %s", [version_id(cast.branch)])


def test_no_circle(cast: Cast) -> None:
    with refused("tree_no_circle"):
        run(
            "UPDATE members_unitversion SET parent_id = %s WHERE id = %s",
            [cast.branch.pk, version_id(cast.here)],
        )


def test_no_circle_on_any_single_day_of_the_past(cast: Cast) -> None:
    """``here`` under ``elsewhere`` for one month, ``elsewhere`` under ``here`` for the next but one day too long."""
    communal = tier("GRASSROOTS")
    communal.may_stand_under.add(communal)
    run("UPDATE members_unitversion SET valid_until = '2010-01-01' WHERE id = %s", [version_id(cast.here)])
    insert_version(cast.here, parent=cast.elsewhere, valid_from=date(2010, 1, 1), until=date(2010, 2, 1))
    insert_version(cast.here, parent=cast.province, valid_from=date(2010, 2, 1))
    run("UPDATE members_unitversion SET valid_until = '2010-02-01' WHERE id = %s", [version_id(cast.elsewhere)])
    insert_version(cast.elsewhere, parent=cast.here, valid_from=date(2010, 2, 1))
    commit_now()

    with refused("tree_no_circle"):
        run(
            "UPDATE members_unitversion SET valid_from = '2010-02-02' WHERE unit_id = %s AND valid_until IS NULL",
            [cast.here.pk],
        )
        run(
            "UPDATE members_unitversion SET valid_until = '2010-02-02' WHERE unit_id = %s AND parent_id = %s",
            [cast.here.pk, cast.elsewhere.pk],
        )


def test_a_parent_exists_on_all_days(cast: Cast) -> None:
    late = make_unit("Hội xã mới", tier=cast.here.tier, parent=cast.province, founded_on=REFORM)
    with refused("parent_exists"):
        run("UPDATE members_unitversion SET parent_id = %s WHERE id = %s", [late.pk, version_id(cast.branch)])


def test_a_parent_is_not_dissolved_above_its_children(cast: Cast) -> None:
    with refused("parent_exists"):
        run("UPDATE members_unitversion SET valid_until = %s WHERE id = %s", [REFORM, version_id(cast.here)])
        run("UPDATE members_unit SET dissolved_on = %s WHERE id = %s", [REFORM, cast.here.pk])


def test_a_tier_stands_only_where_it_may(cast: Cast) -> None:
    with refused("tier_under_tier"):
        run(
            "UPDATE members_unitversion SET parent_id = %s WHERE id = %s",
            [cast.province.pk, version_id(cast.branch)],
        )


def test_the_tier_of_a_parent_cannot_change_to_one_that_its_children_may_not_stand_under(cast: Cast) -> None:
    with refused("tier_under_tier"):
        run(
            "UPDATE members_unitversion SET tier_id = %s, parent_id = NULL WHERE id = %s",
            [cast.province.tier_id, version_id(cast.here)],
        )


def test_only_the_top_tier_stands_alone(cast: Cast) -> None:
    with refused("version_needs_parent"):
        run("UPDATE members_unitversion SET parent_id = NULL WHERE id = %s", [version_id(cast.here)])


def test_what_a_tier_allows_is_not_taken_back_while_units_stand_so(cast: Cast) -> None:
    with refused("tier_rule_in_use"):
        run("DELETE FROM members_tier_may_stand_under WHERE from_tier_id = %s", [cast.branch.tier_id])


def test_what_a_tier_allowed_is_taken_back_once_nothing_stands_so_and_the_past_stays(cast: Cast) -> None:
    under_province = tier("BRANCH").may_stand_under
    under_province.add(cast.province.tier)
    run("UPDATE members_unitversion SET valid_until = %s WHERE id = %s", [REFORM, version_id(cast.branch)])
    insert_version(cast.branch, parent=cast.province, valid_from=REFORM)
    commit_now()

    run(
        "DELETE FROM members_tier_may_stand_under WHERE to_tier_id = %s AND from_tier_id = %s",
        [cast.here.tier_id, cast.branch.tier_id],
    )
    commit_now()

    assert versions(cast.branch) == [
        ("Chi hội khu 1", "Hội xã Hy Cương", LONG_AGO, REFORM),
        ("Chi hội khu 1", "Tỉnh hội", REFORM, None),
    ]


def test_a_tier_does_not_lose_its_members(cast: Cast) -> None:
    make_member(cast.branch)
    with refused("tier_has_members"):
        run("UPDATE members_tier SET holds_members = false WHERE id = %s", [cast.branch.tier_id])


def test_a_unit_with_members_keeps_a_tier_that_holds_them(cast: Cast) -> None:
    make_member(cast.branch)
    with refused("membership_tier"):
        run(
            "UPDATE members_unitversion SET tier_id = %s, parent_id = %s WHERE id = %s",
            [cast.here.tier_id, cast.province.pk, version_id(cast.branch)],
        )


def test_a_unit_does_not_dissolve_over_its_members(cast: Cast) -> None:
    make_member(cast.branch)
    with refused("unit_has_members"):
        run("UPDATE members_unitversion SET valid_until = %s WHERE id = %s", [REFORM, version_id(cast.branch)])
        run("UPDATE members_unit SET dissolved_on = %s WHERE id = %s", [REFORM, cast.branch.pk])


def test_the_closure_follows_a_move_made_by_hand(cast: Cast) -> None:
    run("UPDATE members_unitversion SET valid_until = %s WHERE id = %s", [REFORM, version_id(cast.branch)])
    insert_version(cast.branch, parent=cast.elsewhere, valid_from=REFORM, name="Chi hội khu 1 Tu Vũ")
    commit_now()

    branch, here, elsewhere, top = (u.code for u in (cast.branch, cast.here, cast.elsewhere, cast.province))
    assert closure(cast.branch) == [
        (branch, 0, None, "BRANCH", LONG_AGO, None, True),
        (here, 1, branch, "BRANCH", LONG_AGO, REFORM, False),
        (elsewhere, 1, branch, "BRANCH", REFORM, None, True),
        (top, 2, here, "BRANCH", LONG_AGO, REFORM, False),
        (top, 2, elsewhere, "BRANCH", REFORM, None, True),
    ]
    cast.branch.refresh_from_db()
    assert (cast.branch.name, cast.branch.parent) == ("Chi hội khu 1 Tu Vũ", cast.elsewhere)


def test_the_closure_of_all_below_follows_what_stands_above(cast: Cast) -> None:
    """A commune renamed changes nothing below; dissolved with its branch, both stay latest where they stood."""
    run("UPDATE members_unitversion SET valid_until = '2010-01-01' WHERE id = %s", [version_id(cast.here)])
    insert_version(cast.here, parent=cast.province, valid_from=date(2010, 1, 1), name="Hội phường Hy Cương")
    commit_now()
    before = closure(cast.branch)
    assert [row[4:] for row in before] == [(LONG_AGO, None, True)] * 3

    units = [cast.here.pk, cast.branch.pk]
    run(
        "UPDATE members_unitversion SET valid_until = %s WHERE unit_id = ANY (%s) AND valid_until IS NULL",
        [REFORM, units],
    )
    run("UPDATE members_unit SET dissolved_on = %s WHERE id = ANY (%s)", [REFORM, units])
    commit_now()
    assert [row[4:] for row in closure(cast.branch)] == [(LONG_AGO, REFORM, True)] * 3


def test_the_closure_of_a_deleted_unit_goes(cast: Cast) -> None:
    branch_id = cast.branch.pk
    cast.branch.delete()
    commit_now()
    assert run("SELECT 1 FROM members_unitancestor WHERE unit_id = %s", [branch_id]) == []


def test_the_names_of_triggers_tell_that_the_lock_comes_first() -> None:
    from members.triggers.tree import UNIT_TRIGGERS, VERSION_TRIGGERS

    for triggers in (UNIT_TRIGGERS, VERSION_TRIGGERS):
        names = [trigger.name for trigger in triggers]
        assert sorted(names)[0] == "a_lock_tree"  # type: ignore[type-var]


@pytest.mark.django_db
def test_every_rule_by_trigger_has_a_sentence() -> None:
    from members.triggers.sentences import SENTENCES

    with connection.cursor() as cursor:
        cursor.execute(
            r"""SELECT DISTINCT (regexp_matches(prosrc, '(?:members_refuse\(|SELECT \d, )''(\w+)''', 'g'))[1]
            FROM pg_proc WHERE proname LIKE 'members%%' OR prosrc LIKE '%%members_refuse%%'"""
        )
        rules = {name for (name,) in cursor.fetchall()}
    assert rules == set(SENTENCES)


@pytest.mark.parametrize(
    ("table", "rule"),
    [
        ("members_unitversion", "tree_kept"),
        ("members_unitancestor", "tree_kept"),
        ("members_membership", "membership_kept"),
    ],
)
def test_tree_and_register_are_not_emptied_at_once(cast: Cast, table: str, rule: str) -> None:
    make_member(cast.branch)
    commit_now()
    with refused(rule):
        run(f"TRUNCATE {table}")
