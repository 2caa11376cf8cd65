"""Opening, editing and closing rounds."""

from datetime import date
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from hkh.core.dates import today
from scholarships.actions import close_round, edit_round, open_round, reopen_round
from scholarships.models import Round, RoundState
from tests.cast import a_province, make_fund
from tests.scholarships.rows import OPENED, make_approved, make_award, make_programme, make_round

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return a_province()


@pytest.fixture
def fund(cast):
    return make_fund(cast.here, holds_vnd=10_000_000)


@pytest.fixture
def facts(fund):
    return {
        "programme": make_programme(),
        "fund": fund,
        "name": "  Tiếp sức  2023-2024 ",
        "school_year": "2023-2024",
        "opened_on": OPENED,
    }


def test_a_round_is_opened_as_described(cast, facts):
    round_ = open_round(unit=cast.here, by=cast.officer, budget_vnd=5_000_000, quota=50, **facts)
    assert (round_.name, round_.state, round_.opened_by, round_.budget_vnd, round_.quota) == (
        "Tiếp sức 2023-2024",
        RoundState.OPEN,
        cast.officer,
        5_000_000,
        50,
    )


def test_a_double_submit_opens_one_round(cast, facts):
    key = uuid4()
    first = open_round(unit=cast.here, by=cast.officer, idempotency_key=key, **facts)
    assert open_round(unit=cast.here, by=cast.officer, idempotency_key=key, **facts) == first
    assert Round.unscoped.count() == 1
    with pytest.raises(ValidationError) as refusal:
        open_round(unit=cast.here, by=cast.officer, idempotency_key=key, **facts | {"name": "Khác"})
    assert refusal.value.code == "saved_already"


def test_who_may_open_a_round(cast, facts):
    for user in (cast.clerk, cast.accountant, cast.viewer):
        with pytest.raises(PermissionDenied):
            open_round(unit=cast.here, by=user, **facts)
    with pytest.raises(Http404):
        open_round(unit=cast.here, by=cast.outsider, **facts)
    assert Round.unscoped.count() == 0


def test_a_fund_of_another_unit_is_refused(cast, facts):
    facts["fund"] = make_fund(cast.province)
    with pytest.raises(ValidationError) as refusal:
        open_round(unit=cast.here, by=cast.officer, **facts)
    assert refusal.value.code == "round_fund_of_unit"


def test_a_round_is_edited_by_one_hand_at_a_time(cast, facts):
    round_ = open_round(unit=cast.here, by=cast.officer, **facts)
    edited = edit_round(round_=round_, revision=1, by=cast.officer, **facts | {"name": "Tên mới", "quota": 5})
    assert (edited.name, edited.quota, edited.revision) == ("Tên mới", 5, 2)
    with pytest.raises(ValidationError) as refusal:
        edit_round(round_=round_, revision=1, by=cast.officer, **facts)
    assert refusal.value.code == "stale"


def test_an_edit_keeps_to_what_is_approved(cast, facts):
    round_ = open_round(unit=cast.here, by=cast.officer, **facts)
    make_approved(round_)
    with pytest.raises(ValidationError) as refusal:
        edit_round(round_=round_, revision=1, by=cast.officer, **facts | {"budget_vnd": 999_999})
    assert refusal.value.code == "round_budget_holds"


def test_a_round_closes_when_no_proposal_waits_and_opens_again(cast, fund):
    round_ = make_round(fund)
    award = make_award(round_)
    with pytest.raises(ValidationError) as refusal:
        close_round(round_=round_, on=date(2024, 6, 1), by=cast.officer)
    assert refusal.value.code == "round_proposals_wait"
    award.delete()
    closed = close_round(round_=round_, on=date(2024, 6, 1), by=cast.officer)
    assert (closed.state, closed.closed_on) == (RoundState.CLOSED, date(2024, 6, 1))
    assert close_round(round_=round_, on=date(2024, 7, 1), by=cast.officer).closed_on == date(2024, 6, 1)
    reopened = reopen_round(round_=round_, by=cast.officer)
    assert (reopened.state, reopened.closed_on) == (RoundState.OPEN, None)


def test_a_round_does_not_close_in_the_future_nor_before_it_opened(cast, fund):
    round_ = make_round(fund)
    with pytest.raises(ValidationError) as refusal:
        close_round(round_=round_, on=date(today().year + 1, 1, 1), by=cast.officer)
    assert refusal.value.code == "round_closed_in_future"
    with pytest.raises(ValidationError) as refusal:
        close_round(round_=round_, on=date(2024, 1, 9), by=cast.officer)
    assert refusal.value.code == "round_dates_in_order"


@pytest.mark.parametrize("verb", ["close", "reopen"])
def test_who_may_close_and_reopen(cast, fund, verb):
    round_ = make_round(fund)

    def do(user):
        if verb == "close":
            return close_round(round_=round_, on=OPENED, by=user)
        return reopen_round(round_=round_, by=user)

    with pytest.raises(PermissionDenied):
        do(cast.clerk)
    with pytest.raises(Http404):
        do(cast.outsider)
    do(cast.chair)
