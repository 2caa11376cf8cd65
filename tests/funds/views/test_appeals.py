"""Appeals on the pages: partners, the course of what came in, piggy banks, and a surplus that goes elsewhere."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import translation

from funds.actions import (
    approve_voucher,
    confirm_transfer,
    open_appeal,
    prepare_voucher,
    record_appeal_decision,
    record_donation,
    withdraw_appeal_decision,
)
from funds.models import Appeal, AppealDecision, AppealPartner, Voucher
from funds.queries.appeals import surplus_left_vnd
from hkh.core.dates import format_date, today
from tests.cast import a_hand, balance_vnd, make_fund
from tests.funds.raw import DAY


@pytest.fixture(autouse=True)
def in_english(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def kept(cast):
    return make_fund(cast.here, "Quỹ vì em", is_restricted=True, purpose="Tết vì em")


@pytest.fixture
def appeal(cast, kept, donor):
    facts = {"kind": "yearly", "name": "Tết vì em", "opens_on": date(2024, 1, 1), "target_vnd": 2_000, "fund": kept}
    appeal = open_appeal(unit=cast.here, by=cast.chair, **facts)
    give(cast, kept, donor, appeal, 1_000)
    return appeal


def give(cast, fund, donor, appeal, amount_vnd, **facts):
    facts = {"received_on": DAY, "form": "cash", **facts}
    return record_donation(
        unit=fund.unit, fund=fund, donor=donor, appeal=appeal, amount_vnd=amount_vnd, by=cast.clerk, **facts
    )


def decide(cast, appeal, amount_vnd=600, **facts):
    facts = {"number": "12/QĐ", "decided_on": DAY, "signed_by": "An", "by": cast.chair, **facts}
    return record_appeal_decision(appeal=appeal, amount_vnd=amount_vnd, **facts)


def typed(cast, **facts):
    return {
        "unit": cast.here.code,
        "name": "Vì em tới trường",
        "kind": "emergency",
        "opens_on": "3/6/2024",
        "closes_on": "1/7/2024",
        "target_vnd": "20 triệu",
        "area": "Xã Hy Cương",
        "partners-TOTAL_FORMS": "3",
        "partners-INITIAL_FORMS": "0",
        "partners-0-name": "Báo Phú Thọ",
        "partners-0-role": "Đăng tin",
        "partners-1-name": "",
        "partners-2-name": "Đài truyền hình",
        **facts,
    }


def test_an_appeal_is_opened_with_its_partners_and_changed(client, cast):
    client.force_login(cast.officer)
    client.post(reverse("funds:appeal-add"), typed(cast))
    appeal = Appeal.unscoped.get()
    said = list(appeal.partners.values_list("number", "name", "role"))
    assert said == [(1, "Báo Phú Thọ", "Đăng tin"), (2, "Đài truyền hình", "")]
    page = client.get(reverse("funds:appeal-detail", args=[appeal.pk]))
    assert [str(one) for one in page.context["partners"]] == ["Báo Phú Thọ", "Đài truyền hình"]
    edit = reverse("funds:appeal-edit", args=[appeal.pk])
    shown = client.get(edit).content.decode()
    assert 'value="Đài truyền hình"' in shown
    client.post(edit, typed(cast, **{"partners-0-name": "", "partners-0-role": ""}))
    assert list(AppealPartner.unscoped.values_list("number", "name")) == [(1, "Đài truyền hình")]


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("closes_on", "3/6/2024"),
        ("closes_on", "2/6/2024"),
        ("closes_on", "32/6/2024"),
        ("target_vnd", "1000000000000001"),
        ("target_vnd", "0"),
        ("target_vnd", "nhiều"),
        ("opens_on", ""),
        ("name", ""),
        ("kind", "khác"),
    ],
)
def test_a_wrong_appeal_is_refused_at_its_field_and_stays_typed(client, cast, field, text):
    client.force_login(cast.officer)
    page = client.post(reverse("funds:appeal-add"), typed(cast, **{field: text}))
    assert list(page.context["form"].errors) == [field]
    assert page.context["form"][field].value() == text
    assert page.context["lines"].forms[0]["name"].value() == "Báo Phú Thọ"
    assert not Appeal.unscoped.exists()


def test_a_fund_that_holds_other_gifts_cannot_be_kept(client, cast, fund, donor):
    kept = make_fund(cast.here, "Quỹ có", is_restricted=True, purpose="x")
    give(cast, kept, donor, None, 5)
    client.force_login(cast.officer)
    page = client.post(reverse("funds:appeal-add"), typed(cast, fund=str(kept.pk)))
    assert page.context["form"].errors.as_data()["fund"][0].code == "appeal_fund_alone"
    general = client.post(reverse("funds:appeal-add"), typed(cast, fund=str(fund.pk)))
    assert list(general.context["form"].errors) == ["fund"]


def test_nothing_is_taken_after_closing(cast, fund, donor):
    appeal = open_appeal(
        unit=cast.here, kind="yearly", name="Tết", opens_on=date(2024, 1, 1), closes_on=DAY, by=cast.chair
    )
    with pytest.raises(ValidationError) as refusal:
        give(cast, fund, donor, appeal, 5)
    assert refusal.value.code == "donation_in_appeal_dates"


def test_the_page_draws_how_the_sum_grew(client, cast, appeal, kept, donor):
    give(cast, kept, donor, appeal, 700, received_on=DAY + timedelta(days=9))
    client.force_login(cast.viewer)
    page = client.get(reverse("funds:appeal-detail", args=[appeal.pk]))
    assert page.context["figures"] == [("Raised", "1,700 đồng"), ("Gifts", "2"), ("Target", "2,000 đồng")]
    assert page.context["percent"] == 85
    drawn = client.get(reverse("funds:appeal-chart", args=[appeal.pk]), {"width": "340"}).content.decode()
    for said in ("03/06/2024: 1,000 đồng", "12/06/2024: 1,700 đồng", "Target: 2 thousand"):
        assert said in drawn.replace("\u00a0", " ")


def test_an_appeal_without_gifts_is_drawn_too(client, cast):
    appeal = open_appeal(unit=cast.here, kind="yearly", name="Mới", opens_on=today() + timedelta(days=3), by=cast.chair)
    client.force_login(cast.viewer)
    assert not client.get(reverse("funds:appeal-detail", args=[appeal.pk])).context["has_chart"]
    assert client.get(reverse("funds:appeal-chart", args=[appeal.pk]), {"width": "x"}).status_code == 200


def test_a_drive_counts_the_pigs_of_each_unit(client, cast, fund, donor):
    below = make_fund(cast.branch, "Quỹ chi hội")
    drive = open_appeal(unit=cast.here, kind="piggy_bank", name="Lợn đất", opens_on=date(2024, 1, 1), by=cast.chair)
    give(cast, fund, donor, drive, 300, pigs=2)
    give(cast, below, donor, drive, 500, pigs=7)
    give(cast, below, donor, drive, 100, pigs=1)
    client.force_login(cast.viewer)
    page = client.get(reverse("funds:appeal-detail", args=[drive.pk]))
    assert ("Piggy banks", "10") in page.context["figures"]
    assert list(page.context["pigs"].data.data) == [
        {"code": cast.branch.code, "name": "Chi hội khu 1", "pigs": 8, "raised_vnd": 600},
        {"code": cast.here.code, "name": "Hội xã Hy Cương", "pigs": 2, "raised_vnd": 300},
    ]


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_however_much_came_in(
    client, cast, appeal, kept, donor, count, django_assert_num_queries
):
    for number in range(count):
        give(cast, kept, donor, appeal, 10)
        decide(cast, appeal, 1, number=f"{number}/QĐ", purpose="Sách")
    client.force_login(cast.chair)
    with django_assert_num_queries(8):
        assert client.get(reverse("funds:appeal-detail", args=[appeal.pk])).status_code == 200


# A surplus


def test_a_surplus_is_decided_sent_and_confirmed(client, cast, appeal, kept):
    target = make_fund(cast.elsewhere, "Quỹ Tu Vũ")
    facts = {"kind": "transfer", "fund": kept, "target_fund": target, "amount_vnd": 400, "occurred_on": DAY}
    by = a_hand("prepares")
    with pytest.raises(ValidationError) as refusal:
        prepare_voucher(by=by, **facts)
    assert refusal.value.code == "movement_surplus_decided"
    assert "“Tết vì em”" in refusal.value.messages[0]
    decision = decide(cast, appeal, 600, target_fund=target, by=by)
    sent = approve_voucher(voucher=prepare_voucher(by=by, **facts), by=a_hand("approves"))
    assert (surplus_left_vnd(kept, target), surplus_left_vnd(kept, None)) == (200, 0)
    with pytest.raises(ValidationError):
        prepare_voucher(by=by, **{**facts, "amount_vnd": 201})
    with pytest.raises(ValidationError):
        withdraw_appeal_decision(decision=decision, reason="Nhầm", on=DAY, by=by)
    confirm_transfer(voucher=sent, on=DAY, by=a_hand("receives"))
    assert (balance_vnd(target), surplus_left_vnd(kept, target)) == (400, 200)


def test_of_two_waiting_transfers_the_second_is_refused_at_its_approval(cast, appeal, kept):
    target = make_fund(cast.elsewhere, "Quỹ Tu Vũ")
    by, other = a_hand("prepares"), a_hand("approves")
    decide(cast, appeal, 600, target_fund=target, by=by)
    facts = {"kind": "transfer", "fund": kept, "target_fund": target, "amount_vnd": 400, "occurred_on": DAY}
    first, second = (prepare_voucher(by=by, **facts) for _n in range(2))
    approve_voucher(voucher=first, by=other)
    with pytest.raises(ValidationError) as refusal:
        approve_voucher(voucher=second, by=other)
    assert refusal.value.code == "movement_surplus_decided"


def test_no_more_is_decided_than_the_fund_holds(cast, appeal):
    decide(cast, appeal, 600, purpose="Sách")
    with pytest.raises(ValidationError) as refusal:
        decide(cast, appeal, 401, number="13/QĐ", purpose="Vở")
    assert "400" in refusal.value.messages[0]
    decide(cast, appeal, 400, number="13/QĐ", purpose="Vở")


def decision_typed(cast, **facts):
    return {
        "unit": cast.here.code,
        "idempotency_key": str(uuid4()),
        "number": "12/QĐ-HKH",
        "decided_on": "3/6/2024",
        "signed_by": "Nguyễn Văn An",
        "amount_vnd": "600",
        "purpose": "Sách vở cho học sinh",
        **facts,
    }


def test_a_decision_is_recorded_once_and_withdrawn_on_the_pages(client, cast, appeal, fund):
    client.force_login(cast.chair)
    add = reverse("funds:appeal-decision-add", args=[appeal.pk])
    said = decision_typed(cast, target_fund=str(fund.pk))
    for _time in range(2):
        assert client.post(add, said).status_code == 302
    decision = AppealDecision.unscoped.get()
    assert (decision.target_fund, decision.amount_vnd, decision.recorded_by) == (fund, 600, cast.chair)
    page = client.get(reverse("funds:appeal-detail", args=[appeal.pk])).content.decode()
    assert "12/QĐ-HKH" in page
    withdraw = reverse("funds:appeal-decision-withdraw", args=[decision.pk])
    assert list(client.post(withdraw, {"reason": ""}).context["form"].errors) == ["reason"]
    assert client.post(withdraw, {"reason": "Nhầm số"}).status_code == 302
    again = client.post(withdraw, {"reason": "Nhầm số"})
    assert again.context["form"].errors
    decision.refresh_from_db()
    assert (decision.withdrawn_on, decision.withdraw_reason) == (today(), "Nhầm số")


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("number", ""),
        ("signed_by", ""),
        ("decided_on", format_date(date(2099, 1, 1))),
        ("decided_on", "31/12/2023"),
        ("decided_on", "31/2/2024"),
        ("amount_vnd", "1001"),
        ("amount_vnd", "0"),
        ("amount_vnd", "1000000000000001"),
        ("amount_vnd", "tất cả"),
        ("target_fund", "999999"),
        ("target_fund", "abc"),
        ("purpose", ""),
    ],
)
def test_a_wrong_decision_is_refused_at_its_field_and_stays_typed(client, cast, appeal, field, text):
    client.force_login(cast.chair)
    page = client.post(reverse("funds:appeal-decision-add", args=[appeal.pk]), decision_typed(cast, **{field: text}))
    assert list(page.context["form"].errors) == [field]
    assert page.context["form"][field].value() == text
    assert not AppealDecision.unscoped.exists()


def test_an_entry_form_tells_that_a_decision_is_missing(client, cast, appeal, kept):
    client.force_login(cast.accountant)
    said = {
        "idempotency_key": str(uuid4()),
        "unit": cast.here.code,
        "kind": "expense",
        "occurred_on": "3/6/2024",
        "pot": "cash",
        "amount_vnd": "100",
        "note": "In ấn",
    }
    page = client.post(reverse("funds:entry-add", args=[kept.pk]), said)
    assert [error.code for error in page.context["form"].errors.as_data()["amount_vnd"]] == ["movement_surplus_decided"]
    assert not Voucher.unscoped.exists()
