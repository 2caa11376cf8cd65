"""Whether all triggers stand, and whether their functions can be misled."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hkh.core import triggers
from tests.cast import a_province, account, make_fund
from tests.funds.raw import DAY, post, refused, run
from tests.funds.triggers.test_closings import close


def found() -> list[str]:
    return [str(aside) for aside in triggers.check()]


def test_they_all_stand_and_none_stands_that_is_not_known(db):
    standing = run(
        """
        SELECT relname, tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
        WHERE NOT tgisinternal AND relnamespace = 'public'::regnamespace
        """
    )
    assert triggers.declared() == set(standing)
    assert found() == []


@pytest.mark.parametrize(
    "table",
    ["funds_movement", "members_unitversion", "members_tier_may_stand_under", "scholarships_award", "funds_goodsissue"],
)
def test_what_is_switched_off_is_named(db, table):
    names = sorted(name for own, name in triggers.declared() if own == table)
    run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    assert found() == [f"{table} {name}: switched off" for name in names]


def test_a_trigger_on_a_table_of_another_app_is_named(db):
    run("DROP TRIGGER scholarships_unit_holds ON members_unit")
    run("ALTER TABLE funds_account DISABLE TRIGGER scholarships_committed_proved")
    assert found() == [
        "members_unit scholarships_unit_holds: missing",
        "funds_account scholarships_committed_proved: switched off",
    ]


def test_a_foreign_key_that_is_switched_off_is_named(db):
    run("ALTER TABLE members_succession DISABLE TRIGGER ALL")
    assert {name.rpartition(" ")[0].partition(":")[0].split("_fk_")[1] for name in found()} == {
        "members_unit_id",
    }


def test_a_function_that_looks_elsewhere_is_named_and_mended(db):
    run("ALTER FUNCTION scholarships_unit_holds() RESET search_path")
    assert found() == ["scholarships_unit_holds(): its search_path is not fixed"]
    triggers.fix_search_paths()
    assert found() == []


def test_a_temporary_table_does_not_stand_before_ours(db):
    cast = a_province()
    fund = make_fund(cast.here, holds_vnd=5_000)
    close(cast.here)
    run("CREATE TEMPORARY TABLE funds_closing (LIKE public.funds_closing)")
    run("CREATE TEMPORARY TABLE members_unitancestor (LIKE public.members_unitancestor)")
    with refused("movement_period_closed"):
        post(account(fund), account(make_fund(cast.here)), 1_000, "transfer", occurred_on=DAY - timedelta(days=1))
