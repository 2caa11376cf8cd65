"""The page on which a period is closed: its checks, the lock, and the way back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse

from funds.actions import set_line_aside
from funds.models import Closing, Reopening
from tests.cast import make_fund
from tests.funds.raw import voucher
from tests.funds.statements.rows import hand_in, line, make_bank_account


@pytest.fixture
def page(client, cast):
    client.force_login(cast.chair)
    return client


def close(page, cast):
    shown = page.get(reverse("funds:closing-list"), {"unit": cast.here.code}).context
    said = {"unit": cast.here.code, "period": shown["quarter"].code}
    return page.post(reverse("funds:closing-list"), said)


def test_a_quarter_is_closed_and_reopened(page, cast, fund):
    assert close(page, cast).status_code == 302
    closing = Closing.unscoped.get()
    assert closing.unit == cast.here
    page.post(reverse("funds:closing-reopen", args=[closing.pk]), {"reason": "Ghi sót", "days": "7"})
    again = Reopening.objects.get()
    assert (again.until_on - again.reopened_on).days == 7


def test_what_waits_for_approval_keeps_it_open(page, cast, fund):
    facts = {"unit_id": cast.here.pk, "fund_id": make_fund(cast.here).pk, "kind": "expense", "pot": "cash"}
    voucher(**facts, state="prepared", amount_vnd=5, occurred_on=date(2024, 1, 2), prepared_by_id=cast.accountant.pk)
    answer = close(page, cast)
    assert [check.name for check, _url in answer.context["checks"] if check.count] == ["unapproved"]
    assert list(answer.context["form"].errors) == ["__all__"]
    assert Closing.unscoped.count() == 0


def test_what_the_bank_tells_and_nobody_has_matched_keeps_it_open(page, cast, fund):
    """Of the unit and of all below it, up to the period's last day; not what a neighbour has open."""
    ends_before = page.get(reverse("funds:closing-list"), {"unit": cast.here.code}).context["quarter"].ends_before
    last_day = ends_before - timedelta(days=1)
    own, below = make_bank_account(fund), make_bank_account(make_fund(cast.branch))
    hand_in(make_bank_account(make_fund(cast.elsewhere)), line(5, "FT0", on=last_day), by=cast.outsider)
    hand_in(own, line(5, "FT1", on=ends_before), by=cast.clerk)
    found = [
        *hand_in(own, line(5, "FT2", on=last_day), by=cast.clerk),
        *hand_in(below, line(5, "FT3", on=last_day), by=cast.clerk),
    ]
    for left in (2, 1):
        checks = {check.name: (check.count, url) for check, url in close(page, cast).context["checks"]}
        count, url = checks["bank_lines"]
        assert (count, page.get(url).status_code) == (left, 200)
        set_line_aside(line=found.pop(), reason="Phí ngân hàng của tài khoản khác", by=cast.clerk)
    assert close(page, cast).status_code == 302
