"""The matrix of roles and verbs, spelled out once more; and that it fails closed."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404

from members.models import Role, Unit
from members.rules import MATRIX, Verb, is_administrator, may, may_somewhere, require, units_where
from tests.cast import Cast, make_user

ALLOWED = {
    "chair": "see void_donation manage_appeals manage_funds open_round approve_awards void_distribution edit_member "
    "edit_unit make_report write_report appoint declare approve_spending close_books reopen_books void_paper",
    "accountant": "see record_donation void_donation edit_donor manage_appeals manage_funds transfer "
    "issue_goods void_distribution make_report write_report prepare_spending receive_transfer close_books "
    "issue_paper void_paper",
    "cashier": "see record_donation edit_donor issue_goods record_distribution make_report write_report "
    "receive_transfer issue_paper",
    "officer": "see edit_donor manage_appeals open_round propose_awards record_distribution make_report "
    "write_report declare",
    "clerk": "see record_donation edit_donor propose_awards record_distribution edit_member make_report "
    "write_report appoint declare prepare_spending receive_transfer issue_paper",
    "viewer": "see make_report",
    "administrator": "see declare edit_member appoint edit_unit reorganise make_report write_report administer",
    "outsider": "",
}


@pytest.mark.parametrize("who", ALLOWED)
def test_what_each_role_may_do_in_its_unit_and_below(cast: Cast, who: str) -> None:
    user = getattr(cast, who)
    for unit in (cast.here, cast.branch):
        assert {verb.value for verb in Verb if may(user, verb, unit)} == set(ALLOWED[who].split())


def test_nothing_above_and_nothing_beside(cast: Cast) -> None:
    for user in (cast.chair, cast.accountant, cast.clerk):
        for unit in (cast.province, cast.elsewhere):
            assert [verb for verb in Verb if may(user, verb, unit)] == []


def test_every_verb_is_in_the_matrix_and_an_unknown_one_is_refused(cast: Cast) -> None:
    assert set(MATRIX) == set(Verb)
    assert may(cast.administrator, "burn", cast.here) is False
    assert may_somewhere(cast.administrator, "burn") is False
    assert units_where(cast.administrator, "burn").count() == 0


def test_every_role_is_in_the_matrix() -> None:
    assert {role for roles in MATRIX.values() for role in roles} == set(Role)


def test_visitors_closed_accounts_and_accounts_without_role_may_nothing(cast: Cast) -> None:
    cast.chair.is_active = False
    for user in (AnonymousUser(), cast.chair, make_user("nobody")):
        assert [verb for verb in Verb if may(user, verb, cast.here) or may_somewhere(user, verb)] == []
        assert is_administrator(user) is False


def test_require_tells_out_of_scope_from_not_allowed(cast: Cast) -> None:
    require(cast.clerk, Verb.RECORD_DONATION, cast.branch)
    with pytest.raises(PermissionDenied):
        require(cast.clerk, Verb.VOID_DONATION, cast.branch)
    with pytest.raises(Http404):
        require(cast.clerk, Verb.RECORD_DONATION, cast.elsewhere)


def test_units_where_a_verb_is_allowed(cast: Cast) -> None:
    assert set(units_where(cast.clerk, Verb.RECORD_DONATION)) == {cast.here, cast.branch}
    assert set(units_where(cast.clerk, Verb.TRANSFER)) == set()
    cast.clerk.is_superuser = True
    assert units_where(cast.clerk, Verb.TRANSFER).count() == Unit.unscoped.count()


def test_the_administration_is_open_to_administrators_at_the_top(cast: Cast) -> None:
    below = make_user("below", role=Role.ADMINISTRATOR, unit=cast.here)
    assert [is_administrator(user) for user in (cast.administrator, below, cast.chair)] == [True, False, False]


def test_two_questions_cost_two_queries(cast: Cast, django_assert_num_queries) -> None:
    with django_assert_num_queries(2):
        for verb in Verb:
            may(cast.clerk, verb, cast.branch)
    with django_assert_num_queries(0):
        may_somewhere(cast.clerk, Verb.EDIT_MEMBER)


def test_what_is_remembered_lasts_one_day(cast: Cast, settings) -> None:
    settings.HKH_TODAY = "2026-06-30"
    assert may(cast.clerk, Verb.SEE, cast.here) is True
    cast.clerk.grants.update(valid_until="2026-07-01")
    assert may(cast.clerk, Verb.SEE, cast.here) is True
    settings.HKH_TODAY = "2026-07-01"
    assert may(cast.clerk, Verb.SEE, cast.here) is False
