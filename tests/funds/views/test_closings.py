"""The page on which a period is closed: its checks, the lock, and the way back."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from funds.models import Closing, Reopening
from tests.cast import make_fund
from tests.funds.raw import voucher


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
