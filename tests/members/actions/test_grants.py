from __future__ import annotations

from datetime import date
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from members.actions import change_role, grant_role, revoke_role
from members.models import Grant, Role, User
from members.rules import Verb, may
from tests.cast import Cast, make_user

TODAY = date(2026, 6, 30)


@pytest.fixture(autouse=True)
def day(settings) -> None:
    settings.HKH_TODAY = TODAY.isoformat()


@pytest.fixture
def newcomer(db) -> User:
    return make_user("newcomer")


def test_a_role_is_given_changed_and_taken_back(cast: Cast, newcomer: User) -> None:
    by = cast.administrator
    grant = grant_role(user=newcomer, role="clerk", unit=cast.here, valid_from=date(2026, 1, 1), by=by)
    assert may(newcomer, Verb.EDIT_MEMBER, cast.branch) is True

    change_role(grant=grant, role="viewer", valid_from=date(2026, 1, 1), valid_until=None, by=by)
    assert (may(newcomer, Verb.EDIT_MEMBER, cast.branch), may(newcomer, Verb.SEE, cast.branch)) == (False, True)

    revoke_role(grant=grant, on=TODAY, by=by)
    assert may(newcomer, Verb.SEE, cast.branch) is False
    assert list(newcomer.grants.values_list("valid_from", "valid_until")) == [(date(2026, 1, 1), TODAY)]
    with pytest.raises(ValidationError):
        revoke_role(grant=grant, on=TODAY, by=by)


def test_a_role_that_has_not_begun_is_taken_away_whole(cast: Cast, newcomer: User) -> None:
    grant = grant_role(user=newcomer, role="clerk", unit=cast.here, valid_from=date(2026, 9, 1), by=cast.administrator)
    revoke_role(grant=grant, on=TODAY, by=cast.administrator)
    assert Grant.objects.filter(user=newcomer).count() == 0


def test_the_door_of_the_administration_follows_the_role(cast: Cast, newcomer: User) -> None:
    by = cast.administrator
    grant = grant_role(user=newcomer, role="administrator", unit=cast.province, valid_from=TODAY, by=by)
    assert newcomer.is_staff is True
    revoke_role(grant=grant, on=TODAY, by=by)
    assert newcomer.is_staff is False


def test_one_person_is_not_accountant_and_cashier(cast: Cast) -> None:
    with pytest.raises(ValidationError) as refusal:
        grant_role(user=cast.cashier, role="accountant", unit=cast.here, valid_from=TODAY, by=cast.administrator)
    assert refusal.value.code == "grant_two_hands"


def test_the_same_role_twice_and_days_in_disorder_are_refused(cast: Cast) -> None:
    grant = partial(grant_role, user=cast.clerk, role=Role.CLERK, unit=cast.here, by=cast.administrator)
    with pytest.raises(ValidationError) as refusal:
        grant(valid_from=date(2000, 1, 1))
    assert refusal.value.code == "grant_once"
    with pytest.raises(ValidationError) as refusal:
        grant(valid_from=TODAY, valid_until=TODAY)
    assert list(refusal.value.message_dict) == ["valid_until"]


def test_who_may_give_roles(cast: Cast, newcomer: User) -> None:
    grant = partial(grant_role, user=newcomer, role="viewer", valid_from=TODAY)
    with pytest.raises(PermissionDenied):
        grant(unit=cast.here, by=cast.chair)
    below = make_user("below", role=Role.ADMINISTRATOR, unit=cast.here)
    grant(unit=cast.branch, by=below)
    with pytest.raises(Http404):
        grant(unit=cast.province, by=below)


def test_nobody_but_a_superuser_touches_a_superuser(cast: Cast, newcomer: User) -> None:
    newcomer.is_superuser = True
    with pytest.raises(PermissionDenied):
        grant_role(user=newcomer, role="viewer", unit=cast.here, valid_from=TODAY, by=cast.administrator)
