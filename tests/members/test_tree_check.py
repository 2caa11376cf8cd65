from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from members.queries import check_tree
from tests.cast import Cast
from tests.funds.raw import refused, run


def test_a_sound_tree_differs_nowhere(cast: Cast, django_assert_num_queries) -> None:
    with django_assert_num_queries(4):
        assert check_tree() == []
    out = io.StringIO()
    call_command("check_tree", stdout=out)
    assert out.getvalue() == "The closure says what the versions say.\n"


HARMS = [
    ("DELETE FROM members_unitancestor WHERE depth = 2", "kept nothing, walked depth 2 below"),
    ("UPDATE members_unitancestor SET is_latest = false WHERE depth = 2", "kept depth 2 below"),
    (
        "INSERT INTO members_unitancestor (ancestor_id, unit_id, depth, tier_id, valid_from, is_latest)"
        " SELECT ancestor_id, unit_id, 7, tier_id, valid_from, false FROM members_unitancestor LIMIT 1",
        "kept depth 7 below",
    ),
]


@pytest.mark.parametrize(("harm", "said"), HARMS)
def test_nobody_writes_the_closure_by_hand(cast: Cast, harm: str, said: str) -> None:
    with refused("closure_follows"):
        run(harm)
    call_command("check_tree", repair=True, stdout=io.StringIO())


@pytest.mark.parametrize(("harm", "said"), HARMS)
def test_harm_is_named_and_mended(cast: Cast, harm: str, said: str) -> None:
    connection.check_constraints()
    run("ALTER TABLE members_unitancestor DISABLE TRIGGER USER")
    run(harm)
    connection.check_constraints()
    run("ALTER TABLE members_unitancestor ENABLE TRIGGER USER")
    out = io.StringIO()
    with pytest.raises(CommandError) as failure:
        call_command("check_tree", stdout=out)
    assert failure.value.returncode == 1
    assert said in out.getvalue()

    call_command("check_tree", repair=True, stdout=io.StringIO())
    assert check_tree() == []
