"""What the tiers forbid, tried by hand in every way that leads to such a tree, by plain SQL."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from members.models import Tier, Unit, UnitVersion
from tests.cast import Cast, make_unit
from tests.funds.raw import commit_now, insert, refused, run
from tests.members.rows import make_member

REFORM = date(2025, 7, 1)


def version_id(unit: Unit) -> int:
    return UnitVersion.objects.get(unit=unit, valid_until=None).pk


def new_unit(unit: Unit, *, parent: Unit | None, tier: Tier, since: date = REFORM, until: date | None = None) -> None:
    """A unit and its version, as somebody would type them."""
    row = {"name": unit.name, "tier_id": tier.pk, "parent_id": parent and parent.pk}
    facts = {"code": f"{unit.code}-2", "kind": "other", "founded_on": since, "dissolved_on": until}
    pk = insert("members_unit", {**row, **facts})
    insert("members_unitversion", {**row, "unit_id": pk, "valid_from": since, "valid_until": until})


def allow(child: Tier, parent: Tier) -> None:
    insert("members_tier_may_stand_under", {"from_tier_id": child.pk, "to_tier_id": parent.pk})


def retire(tier: Tier, on: date | None) -> None:
    """And let the end of that transaction pass."""
    run("UPDATE members_tier SET retired_on = %s WHERE id = %s", [on, tier.pk])
    commit_now()


@pytest.fixture
def ward(cast: Cast) -> Tier:
    """A tier in which nothing stands yet."""
    names = {f"name_{language}": "Cụm" for language in ("vi", "en", "id")}
    return Tier.objects.create(code="WARD", rank=3, **names)


def test_a_new_unit_stands_only_where_its_tier_may(cast: Cast) -> None:
    with refused("tier_under_tier"):
        new_unit(cast.branch, parent=cast.province, tier=cast.branch.tier)


def test_a_new_unit_of_a_lower_tier_does_not_stand_at_the_top(cast: Cast) -> None:
    with refused("version_needs_parent"):
        new_unit(cast.branch, parent=None, tier=cast.branch.tier)


def test_a_tier_that_may_stand_at_the_top_does(cast: Cast) -> None:
    run("UPDATE members_tier SET may_stand_alone = true WHERE id = %s", [cast.here.tier_id])
    run("UPDATE members_unitversion SET parent_id = NULL WHERE id = %s", [version_id(cast.here)])
    commit_now()
    assert Unit.unscoped.get(pk=cast.here.pk).parent is None


def test_a_tier_does_not_lose_the_top_while_units_stand_there(cast: Cast) -> None:
    test_a_tier_that_may_stand_at_the_top_does(cast)
    with refused("tier_stands_alone"):
        run("UPDATE members_tier SET may_stand_alone = false WHERE id = %s", [cast.here.tier_id])


def test_the_tier_at_the_top_is_not_sent_under_another_while_units_stand_there(cast: Cast, ward: Tier) -> None:
    run("UPDATE members_tier SET rank = 0 WHERE id = %s", [ward.pk])
    with refused("tier_stands_alone"):
        allow(cast.province.tier, ward)
    run("UPDATE members_tier SET may_stand_alone = true WHERE id = %s", [cast.province.tier_id])
    allow(cast.province.tier, ward)
    commit_now()


@pytest.mark.parametrize("rank", [2, 1], ids=["same", "smaller"])
def test_a_tier_is_not_allowed_under_one_of_no_smaller_rank(cast: Cast, ward: Tier, rank: int) -> None:
    run("UPDATE members_tier SET rank = %s WHERE id = %s", [rank, ward.pk])
    with refused("tier_rank_order"):
        allow(ward, cast.here.tier)


def test_what_is_allowed_is_not_turned_round_by_an_update(cast: Cast) -> None:
    with refused("tier_rank_order"):
        run(
            "UPDATE members_tier_may_stand_under SET from_tier_id = to_tier_id, to_tier_id = from_tier_id"
            " WHERE from_tier_id = %s",
            [cast.branch.tier_id],
        )


def test_a_tier_may_stand_under_itself(cast: Cast) -> None:
    allow(cast.here.tier, cast.here.tier)
    run("UPDATE members_unitversion SET parent_id = %s WHERE id = %s", [cast.elsewhere.pk, version_id(cast.here)])
    commit_now()
    assert Unit.unscoped.get(pk=cast.here.pk).parent == cast.elsewhere


@pytest.mark.parametrize(("which", "rank"), [("branch", 2), ("province", 2)], ids=["below", "above"])
def test_ranks_are_not_mixed_up_while_one_tier_may_stand_under_the_other(cast: Cast, which: str, rank: int) -> None:
    with refused("tier_rank_order"):
        run("UPDATE members_tier SET rank = %s WHERE id = %s", [rank, getattr(cast, which).tier_id])


def test_ranks_change_together(cast: Cast) -> None:
    run("UPDATE members_tier SET rank = rank * 10")
    commit_now()
    assert sorted(Tier.objects.values_list("rank", flat=True)) == [10, 20, 30]


def test_a_tier_is_not_retired_under_its_units(cast: Cast) -> None:
    with refused("tier_in_use"):
        retire(cast.branch.tier, REFORM)


def test_a_tier_is_retired_once_its_units_have_ended_and_not_a_day_earlier(cast: Cast, ward: Tier) -> None:
    allow(ward, cast.here.tier)
    make_unit("Cụm 1", tier=ward, parent=cast.here, dissolved_on=REFORM)
    retire(ward, REFORM)
    with refused("tier_in_use"):
        retire(ward, date(2025, 6, 30))


@pytest.mark.parametrize("until", [None, date(2025, 7, 2)], ids=["open", "a day too long"])
def test_nothing_new_stands_in_a_retired_tier(cast: Cast, ward: Tier, until: date | None) -> None:
    allow(ward, cast.here.tier)
    retire(ward, REFORM)
    with refused("tier_retired"):
        new_unit(cast.branch, parent=cast.here, tier=ward, since=date(2025, 6, 1), until=until)


def test_a_unit_of_a_retired_tier_is_not_reopened(cast: Cast, ward: Tier) -> None:
    allow(ward, cast.here.tier)
    unit = make_unit("Cụm 1", tier=ward, parent=cast.here, dissolved_on=REFORM)
    retire(ward, REFORM)
    with refused("tier_retired"):
        run("UPDATE members_unitversion SET valid_until = NULL WHERE unit_id = %s", [unit.pk])
        run("UPDATE members_unit SET dissolved_on = NULL WHERE id = %s", [unit.pk])


def test_a_unit_does_not_move_into_a_retired_tier(cast: Cast, ward: Tier) -> None:
    allow(ward, cast.here.tier)
    retire(ward, REFORM)
    with refused("tier_retired"):
        run("UPDATE members_unitversion SET tier_id = %s WHERE id = %s", [ward.pk, version_id(cast.branch)])


def test_a_unit_with_members_does_not_come_into_a_tier_that_holds_none(cast: Cast, ward: Tier) -> None:
    allow(ward, cast.here.tier)
    make_member(cast.branch)
    with refused("membership_tier"):
        run("UPDATE members_unitversion SET tier_id = %s WHERE id = %s", [ward.pk, version_id(cast.branch)])


def test_members_do_not_come_into_a_unit_whose_tier_holds_none(cast: Cast) -> None:
    with refused("membership_tier"):
        make_member(cast.here)


def test_what_may_stand_under_what_is_not_emptied_at_once(cast: Cast) -> None:
    with refused("tier_rule_in_use"):
        run("TRUNCATE members_tier_may_stand_under")


def test_what_may_stand_under_what_is_not_led_elsewhere(cast: Cast, ward: Tier) -> None:
    """The row that let branches stand under communes becomes one of another tier."""
    with refused("tier_rule_in_use"):
        run(
            "UPDATE members_tier_may_stand_under SET from_tier_id = %s WHERE from_tier_id = %s",
            [ward.pk, cast.branch.tier_id],
        )


def test_a_tier_in_use_is_not_deleted(cast: Cast) -> None:
    def delete() -> None:
        run("DELETE FROM members_tier WHERE id = %s", [cast.branch.tier_id])
        commit_now()

    with pytest.raises(IntegrityError), transaction.atomic():
        delete()
