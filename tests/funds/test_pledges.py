"""Pledges: rules in SQL, verbs, pages."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from funds.actions import (
    cancel_pledge,
    correct_donation,
    match_donation,
    merge_donors,
    record_donation,
    record_pledge,
    void_donation,
)
from funds.models import DonationMonth, Pledge, PledgeInstalment
from funds.queries.pledges import overdue, with_kept
from tests.cast import make_donor
from tests.funds.raw import DAY, insert, refused, run


def promise(cast, donor, *parts, **facts):
    parts = parts or ((date(2024, 7, 1), 300), (date(2024, 9, 1), 700))
    amount = sum(amount for _day, amount in parts)
    facts = {"unit": cast.here, "donor": donor, "pledged_on": DAY, "amount_vnd": amount, "by": cast.clerk, **facts}
    return record_pledge(instalments=parts, **facts)


def give(cast, fund, donor, amount_vnd):
    facts = {"unit": cast.here, "fund": fund, "received_on": DAY, "form": "cash", "by": cast.clerk}
    return record_donation(**facts, donor=donor, amount_vnd=amount_vnd)


def kept():
    return list(with_kept(PledgeInstalment.unscoped.all()).order_by("due_on").values_list("kept_vnd", flat=True))


def test_a_pledge_is_no_money_until_a_gift_keeps_it(cast, fund, donor):
    pledge = promise(cast, donor)
    assert not DonationMonth.objects.exists()
    gift = give(cast, fund, donor, 500)
    match_donation(pledge=pledge, donation=gift, by=cast.clerk)
    assert kept() == [300, 200]
    late = overdue(with_kept(PledgeInstalment.unscoped.all()), day=date(2024, 9, 2))
    assert [(row.due_on, row.amount_vnd - row.kept_vnd) for row in late] == [(date(2024, 9, 1), 500)]
    assert not overdue(with_kept(PledgeInstalment.unscoped.all()), day=date(2024, 9, 1)).exists()
    void_donation(donation=gift, reason="Nhầm", on=DAY, by=cast.accountant)
    assert kept() == [0, 0]


@pytest.mark.parametrize(("amount_vnd", "left"), [(500, [300, 200]), (400, [300, 100]), (5_000, [300, 700])])
def test_a_corrected_gift_keeps_the_promise_as_far_as_it_reaches(cast, fund, donor, amount_vnd, left):
    gift = give(cast, fund, donor, 500)
    match_donation(pledge=promise(cast, donor), donation=gift, by=cast.clerk)
    facts = {"unit": cast.here, "fund": fund, "donor": donor, "received_on": DAY, "form": "cash"}
    correct_donation(donation=gift, reason="Sai số", on=DAY, by=cast.accountant, amount_vnd=amount_vnd, **facts)
    assert kept() == left


def test_a_gift_corrected_to_another_donor_keeps_no_promise(cast, fund, donor):
    gift = give(cast, fund, donor, 500)
    match_donation(pledge=promise(cast, donor), donation=gift, by=cast.clerk)
    facts = {"unit": cast.here, "fund": fund, "received_on": DAY, "form": "cash", "amount_vnd": 500}
    other = make_donor(cast.here, "Khác")
    correct_donation(donation=gift, donor=other, reason="Sai người", on=DAY, by=cast.accountant, **facts)
    assert kept() == [0, 0]


def test_a_gift_counts_once_and_only_for_its_donor(cast, fund, donor):
    pledge = promise(cast, donor)
    gift = give(cast, fund, donor, 500)
    match_donation(pledge=pledge, donation=gift, by=cast.clerk)
    with pytest.raises(ValidationError):
        match_donation(pledge=pledge, donation=gift, by=cast.clerk)
    other = give(cast, fund, make_donor(cast.here, "Khác"), 100)
    with pytest.raises(ValidationError):
        match_donation(pledge=pledge, donation=other, by=cast.clerk)
    first, second = PledgeInstalment.unscoped.order_by("due_on")
    with refused("pledge_match_of_donor"):
        insert("funds_pledgematch", {"instalment_id": second.pk, "donation_id": other.pk, "amount_vnd": 1})
    more = give(cast, fund, donor, 5_000)
    for due in (first, second):
        with refused("pledge_match_within"):
            insert("funds_pledgematch", {"instalment_id": due.pk, "donation_id": more.pk, "amount_vnd": 501})


def test_instalments_add_up_and_nothing_changes(cast, donor):
    with pytest.raises(ValidationError):
        promise(cast, donor, amount_vnd=999)
    pledge = promise(cast, donor)
    with refused("pledge_adds_up"):
        insert("funds_pledgeinstalment", {"pledge_id": pledge.pk, "due_on": DAY, "amount_vnd": 1})
    for sql in (
        "UPDATE funds_pledge SET amount_vnd = 1",
        "DELETE FROM funds_pledge",
        "UPDATE funds_pledgeinstalment SET amount_vnd = 1",
        "DELETE FROM funds_pledgeinstalment",
        "UPDATE funds_pledgematch SET amount_vnd = 1",
    ):
        with refused("pledge_kept"):
            run(sql)
    with refused("pledge_cancel_has_reason"):
        run("UPDATE funds_pledge SET cancelled_on = '2024-07-01'")
    cancel_pledge(pledge=pledge, reason="Giải thể", on=DAY, by=cast.clerk)
    assert not overdue(with_kept(PledgeInstalment.unscoped.all()), day=date(2030, 1, 1)).exists()
    with refused("pledge_kept"):
        run("UPDATE funds_pledge SET cancelled_on = NULL, cancel_reason = ''")


def test_a_pledge_is_typed_matched_and_cancelled_on_the_pages(client, cast, fund, donor):
    client.force_login(cast.clerk)
    typed = {
        "unit": cast.here.code,
        "idempotency_key": str(uuid4()),
        "donor": str(donor.pk),
        "pledged_on": "3/6/2024",
        "amount_vnd": "1 triệu",
        "instalments-TOTAL_FORMS": "3",
        "instalments-INITIAL_FORMS": "0",
        "instalments-0-due_on": "1/7/2024",
        "instalments-0-amount_vnd": "400.000",
        "instalments-1-due_on": "1/9/2024",
        "instalments-1-amount_vnd": "500.000",
    }
    page = client.post(reverse("funds:pledge-add"), typed)
    assert list(page.context["form"].errors) == ["amount_vnd"]
    assert 'value="400.000"' in page.content.decode()
    assert client.post(reverse("funds:pledge-add"), typed | {"instalments-1-amount_vnd": "600.000"}).status_code == 302
    pledge = Pledge.unscoped.get()
    gift = give(cast, fund, donor, 450_000)
    client.post(reverse("funds:pledge-match", args=[pledge.pk]), {"donation": gift.pk})
    assert kept() == [400_000, 50_000]
    late = client.get(reverse("funds:pledge-list"), {"state": "overdue"})
    assert [row.amount_vnd for row in late.context["page"].rows] == [600_000]
    client.post(reverse("funds:pledge-match", args=[pledge.pk]), {"reason": "Giải thể"})
    pledge.refresh_from_db()
    assert pledge.cancel_reason == "Giải thể"


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_however_long(client, cast, donor, count, django_assert_num_queries):
    for _n in range(count):
        promise(cast, donor)
    client.force_login(cast.viewer)
    with django_assert_num_queries(8):
        assert client.get(reverse("funds:pledge-list")).status_code == 200


def typed_pledge(cast, giver, **facts):
    return {
        "unit": cast.here.code,
        "idempotency_key": str(uuid4()),
        "donor": str(giver.pk),
        "pledged_on": "3/6/2024",
        "amount_vnd": "1.000.000",
        "instalments-TOTAL_FORMS": "3",
        "instalments-INITIAL_FORMS": "0",
        "instalments-0-due_on": "1/7/2024",
        "instalments-0-amount_vnd": "400.000",
        "instalments-1-due_on": "1/9/2024",
        "instalments-1-amount_vnd": "600.000",
        **facts,
    }


@pytest.mark.parametrize(
    ("field", "text", "code"),
    [
        ("amount_vnd", "1000000000000001", "amount_too_large"),
        ("amount_vnd", "-5", "amount_negative"),
        ("amount_vnd", "0", "min_value"),
        ("amount_vnd", "1,5", "amount_no_unit"),
        ("amount_vnd", "một triệu rưỡi", "amount"),
        ("amount_vnd", "=1+1", "amount"),
        ("amount_vnd", "", "required"),
        ("pledged_on", "3/6/2999", "date_year"),
        ("pledged_on", "1/1/2030", "future"),
        ("pledged_on", "31/2/2024", "date_day"),
        ("pledged_on", "hôm qua", "date"),
        ("pledged_on", "", "required"),
        ("donor", "", "required"),
        ("donor", "999999", "donor"),
        ("donor", "abc", "donor"),
        ("purpose", "x" * 241, "max_length"),
    ],
)
def test_what_cannot_be_promised_is_refused_at_its_field_and_stays_typed(client, cast, donor, field, text, code):
    client.force_login(cast.clerk)
    page = client.post(reverse("funds:pledge-add"), typed_pledge(cast, donor, **{field: text}))
    assert page.status_code == 200
    assert list(page.context["form"].errors) == [field]
    assert page.context["form"][field].value() == text
    assert page.context["lines"].forms[1]["amount_vnd"].value() == "600.000"
    assert not Pledge.unscoped.exists()
    (error,) = page.context["form"].errors.as_data()[field]
    assert error.code == code


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("due_on", "31/6/2024"),
        ("due_on", "1/13/2024"),
        ("due_on", "sang năm"),
        ("due_on", ""),
        ("due_on", "1/7/20240"),
        ("amount_vnd", "1000000000000001"),
        ("amount_vnd", "-400.000"),
        ("amount_vnd", "bốn trăm"),
        ("amount_vnd", ""),
    ],
)
def test_a_wrong_line_of_a_pledge_is_told_beside_it(client, cast, donor, field, text):
    client.force_login(cast.clerk)
    page = client.post(reverse("funds:pledge-add"), typed_pledge(cast, donor, **{f"instalments-0-{field}": text}))
    assert page.status_code == 200
    assert [list(line.errors) for line in page.context["lines"].forms] == [[field], [], []]
    assert page.context["lines"].forms[0][field].value() == text
    assert page.context["form"]["amount_vnd"].value() == "1.000.000"
    assert not Pledge.unscoped.exists()


@pytest.mark.parametrize("due_on", ["2/6/2024", "4/6/2054"])
def test_an_instalment_before_its_pledge_or_a_lifetime_later_is_refused(client, cast, donor, due_on):
    client.force_login(cast.clerk)
    page = client.post(reverse("funds:pledge-add"), typed_pledge(cast, donor, **{"instalments-0-due_on": due_on}))
    assert page.context["form"].non_field_errors().as_data()[0].code == "instalment_in_time"
    assert page.context["lines"].forms[0]["due_on"].value() == due_on
    assert not Pledge.unscoped.exists()


def test_a_pledge_without_instalments_or_by_more_than_may_be_is_refused(client, cast, donor):
    client.force_login(cast.clerk)
    empty = {f"instalments-{n}-{name}": "" for n in (0, 1) for name in ("due_on", "amount_vnd")}
    page = client.post(reverse("funds:pledge-add"), typed_pledge(cast, donor, **empty))
    assert list(page.context["form"].errors) == ["amount_vnd"]
    many = client.post(reverse("funds:pledge-add"), typed_pledge(cast, donor, **{"instalments-TOTAL_FORMS": "9999"}))
    assert many.context["lines"].non_form_errors()
    assert not Pledge.unscoped.exists()


def test_a_pledge_of_tomorrow_is_refused_by_the_database(cast, donor):
    row = {"unit_id": cast.here.pk, "donor_id": donor.pk, "amount_vnd": 5, "idempotency_key": uuid4()}
    with refused("pledge_not_in_future"):
        insert("funds_pledge", {**row, "pledged_on": date(2999, 1, 1)})
    with refused("instalment_in_time"):
        number = insert("funds_pledge", {**row, "pledged_on": DAY})
        insert("funds_pledgeinstalment", {"pledge_id": number, "due_on": date(2024, 6, 2), "amount_vnd": 5})


def test_a_donor_merged_away_promises_nothing_more(cast, donor):
    promise(cast, donor)
    merge_donors(kept=make_donor(cast.here, "Giấy Bãi Bằng"), gone=donor, by=cast.clerk)
    row = {"unit_id": cast.here.pk, "donor_id": donor.pk, "pledged_on": DAY, "amount_vnd": 5, "purpose": ""}
    with refused("pledge_donor_not_merged"):
        insert("funds_pledge", row | {"idempotency_key": uuid4(), "cancel_reason": ""})
    with pytest.raises(ValidationError) as refusal:
        promise(cast, donor)
    assert [(error.code, error.params) for error in refusal.value.error_list] == [
        ("pledge_donor_not_merged", {"kept": "Giấy Bãi Bằng"})
    ]


def test_a_pledge_sent_twice_stands_once(client, cast, donor):
    client.force_login(cast.clerk)
    typed = typed_pledge(cast, donor)
    for _time in range(2):
        assert client.post(reverse("funds:pledge-add"), typed).status_code == 302
    assert Pledge.unscoped.count() == 1
    other = client.post(
        reverse("funds:pledge-add"), typed | {"amount_vnd": "1.100.000", "instalments-0-amount_vnd": "500.000"}
    )
    assert other.context["form"].non_field_errors().as_data()[0].code == "saved_already"
