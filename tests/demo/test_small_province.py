"""The province of one district: the same road as the full one, in seconds."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.apps import apps
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model
from django.test import RequestFactory
from django.utils.translation import override

from hkh.demo import LOGINS, PASSWORD
from hkh.demo.accounts import logins_here
from hkh.demo.build import is_demo
from hkh.demo.spec import SMALL
from members.models import Grant, Role, Unit, User
from tests.demo.province import assert_adds_up, assert_half_adds_up
from tests.demo.raw import checksums

pytestmark = pytest.mark.django_db


@pytest.mark.province
def test_every_figure_of_the_files_comes_out_of_raw_rows():
    with connection.cursor() as cursor:
        assert_adds_up(cursor, SMALL)


@pytest.mark.province
def test_the_next_row_of_every_table_comes_after_those_of_the_demo():
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT made.relname, counted.relname FROM pg_class made
            JOIN pg_depend ON objid = made.oid AND deptype IN ('a', 'i')
            JOIN pg_class counted ON counted.oid = refobjid
            WHERE made.relkind = 'S' ORDER BY counted.relname
            """
        )
        behind = []
        for sequence, table in cursor.fetchall():
            cursor.execute(f"SELECT nextval('{sequence}') <= coalesce(max(id), 0) FROM {table}")
            behind += [table] * cursor.fetchone()[0]
    assert behind == []


@pytest.mark.province
def test_the_command_prints_the_same_figures():
    out = StringIO()
    call_command("figures", "PHU-THO", "2024-H1", format="json", stdout=out)

    figures = json.loads(out.getvalue())["figures"]

    assert figures["units"] == {"PROVINCE": 1, "DISTRICT": 2, "GRASSROOTS": 11, "BRANCH": 30}
    assert figures["members"] == SMALL.members
    assert figures["mobilised"] == SMALL.mobilised_vnd
    assert figures["given"] == {"count": SMALL.given_count, "value": SMALL.given_vnd}
    fund = figures["funds"]["DAT-TO"]
    assert (fund["opening"], fund["in"], fund["out"], fund["closing"]) == (
        SMALL.opening_vnd,
        SMALL.fund_in_vnd,
        SMALL.fund_out_vnd,
        SMALL.fund_closing_vnd,
    )


@pytest.mark.province
def test_books_and_tree_agree():
    call_command("check_books", stdout=StringIO())
    call_command("check_tree", stdout=StringIO())


@pytest.mark.province
def test_two_builds_are_alike_byte_for_byte():
    with connection.cursor() as cursor:
        first = checksums(cursor)
        call_command("demo", scale="small", replace=True, verbosity=0)
        second = checksums(cursor)

    assert first == second


@pytest.mark.province
def test_indexes_and_foreign_keys_are_all_back():
    """Loading puts some aside; a database built the ordinary way must not differ."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relname IN ('member_search', 'member_order', 'membership_unit',"
            " 'membership_member', 'membership_one_at_a_time', 'member_card_once') ORDER BY 1"
        )
        indexes = [name for (name,) in cursor.fetchall()]
        cursor.execute(
            "SELECT conrelid::regclass::text, count(*) FROM pg_constraint WHERE contype = 'f' AND convalidated"
            " AND conrelid::regclass::text IN ('members_membership', 'funds_movement', 'scholarships_award')"
            " GROUP BY 1"
        )
        foreign_keys = dict(cursor.fetchall())

    assert indexes == [
        "member_card_once",
        "member_order",
        "member_search",
        "membership_member",
        "membership_one_at_a_time",
        "membership_unit",
    ]
    for model, table in models_of("members_membership", "funds_movement", "scholarships_award"):
        kept = [field for field in model._meta.concrete_fields if field.is_relation and vars(field)["db_constraint"]]
        assert foreign_keys[table] == len(kept)


def models_of(*tables: str) -> list[tuple[type[Model], str]]:
    return [(model, model._meta.db_table) for model in apps.get_models() if model._meta.db_table in tables]


@pytest.mark.province
def test_a_database_with_units_is_left_alone():
    with override("en"), pytest.raises(CommandError, match="only fills an empty one"):
        call_command("demo", scale="small", verbosity=0)

    assert Unit.unscoped.filter(code="PHU-THO").exists()


@pytest.mark.province
def test_units_that_are_not_the_demos_are_never_replaced():
    with connection.cursor() as cursor:
        cursor.execute("COMMENT ON TABLE members_unit IS NULL")
    before = Unit.unscoped.count()

    with override("en"), pytest.raises(CommandError, match="not filled by the demo"):
        call_command("demo", scale="small", replace=True, verbosity=0)

    assert (is_demo(), Unit.unscoped.count()) == (False, before)


@pytest.mark.province
@pytest.mark.parametrize("login", LOGINS, ids=[login[0] for login in LOGINS])
def test_each_login_opens_its_account(login, settings):
    settings.AXES_ENABLED = False
    username, role, unit_code, _ = login

    user = authenticate(RequestFactory().post("/"), username=username, password=PASSWORD)

    assert isinstance(user, User)
    assert list(Grant.objects.filter(user=user).values_list("role", "unit__code")) == [(role, unit_code)]
    assert user.is_staff == (role == Role.ADMINISTRATOR)


def test_there_is_a_login_for_every_role():
    assert [role for _, role, _, _ in LOGINS] == list(Role)


@pytest.mark.province
def test_the_unit_of_the_clerk_lived_through_both_reorganisations():
    unit = Unit.unscoped.get(code="PT-08344")

    old = {link.predecessor.code for link in unit.inheritances.select_related("predecessor")}
    older = {
        link.predecessor.code
        for link in Unit.unscoped.get(code="PT-235-08350-2025").inheritances.select_related("predecessor")
    }

    assert unit.dissolved_on is None
    assert {"PT-235", "PT-235-08344", "PT-235-08350-2025"} <= old
    assert older == {"PT-235-08347", "PT-235-08350", "PT-235-08362"}


@pytest.mark.province
def test_the_province_may_end_on_the_eve_of_the_reorganisations():
    call_command("demo", scale="small", replace=True, until="2024-12-31", verbosity=0)

    with connection.cursor() as cursor:
        assert_half_adds_up(cursor, SMALL)
        cursor.execute(
            """
            SELECT max(day) FROM (
                SELECT max(valid_from) AS day FROM members_unitversion
                UNION ALL SELECT max(joined_on) FROM members_membership
                UNION ALL SELECT max(left_on) FROM members_membership
                UNION ALL SELECT max(received_on) FROM funds_donation
                UNION ALL SELECT max(occurred_on) FROM funds_movement
                UNION ALL SELECT max(held_on) FROM scholarships_distribution
                UNION ALL SELECT max(opened_on) FROM scholarships_round
            ) fact"""
        )
        assert cursor.fetchone()[0].isoformat() <= "2024-12-31"
    assert not Unit.unscoped.exclude(dissolved_on=None).exists()
    clerks_unit = Grant.objects.get(role=Role.CLERK).unit
    assert {row[0]: row[2] for row in logins_here()}["xatienluong"] == clerks_unit.code
    call_command("check_books", stdout=StringIO())
    call_command("check_tree", stdout=StringIO())


def test_a_database_without_the_tables_of_this_version_is_told_so():
    last = MigrationLoader(connection).graph.leaf_nodes("members")[0]
    MigrationRecorder(connection).record_unapplied(*last)

    with pytest.raises(CommandError, match=r"First: manage\.py migrate"):
        call_command("demo", scale="small", verbosity=0)


def test_the_demo_does_not_end_before_what_is_told_of_it():
    with pytest.raises(CommandError, match="between 2024-12-31"):
        call_command("demo", scale="small", until="2024-06-30", verbosity=0)
