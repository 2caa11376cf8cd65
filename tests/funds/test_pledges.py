"""Pledges: rules in SQL, verbs, pages."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from funds.actions import cancel_pledge, match_donation, record_donation, record_pledge, void_donation
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
