"""Papers on the screen: issued from an entry or a list, printed by the worker, voided, proved by their code."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.core.management import call_command
from django.urls import reverse
from pypdf import PdfReader

from funds import actions
from funds.actions import papers as verbs
from funds.actions import record_donation, void_paper
from funds.models import Paper
from funds.papers import token_of
from hkh.core.dates import today
from hkh.core.models import Job, MadeFile
from tests.cast import make_donor, make_expense, make_fund
from tests.funds.raw import DAY


@pytest.fixture(autouse=True)
def english(settings):
    settings.LANGUAGE_CODE = "en"


def give(cast, fund, donor, **facts):
    said = {"unit": cast.here, "fund": fund, "donor": donor, "received_on": DAY, "form": "cash", "amount_vnd": 500_000}
    return record_donation(**{**said, **facts}, by=cast.clerk)


def make(client, cast, kind="receipt", **said):
    return client.post(
        f"{reverse('funds:papers-make')}?unit={cast.here.code}", {"kind": kind, "tree": "today", "key": "k", **said}
    )


def messages_of(response):
    return [str(message) for message in response.context["messages"]]


def test_a_gift_gets_its_receipt_by_a_button(cast, fund, donor, client):
    gift = give(cast, fund, donor)
    client.force_login(cast.cashier)
    page = client.get(reverse("funds:donation-detail", args=[gift.pk]))
    assert [kind for kind, _label in page.context["papers"]["kinds"]] == [
        "receipt",
        "acknowledgement",
        "letter",
        "certificate",
    ]
    address = reverse("funds:donation-paper", args=[gift.pk])
    answer = client.post(address, {"kind": "receipt"})
    paper = Paper.unscoped.get()
    assert answer["Location"] == reverse("funds:paper-detail", args=[paper.pk])
    assert paper.issued_on == today()
    client.post(address, {"kind": "receipt"})
    assert Paper.unscoped.count() == 1
    page = client.get(reverse("funds:donation-detail", args=[gift.pk]))
    assert [row.sign for row in page.context["papers"]["rows"]] == [paper.sign]
    assert "receipt" not in dict(page.context["papers"]["kinds"])
    wrong = client.post(address, {"kind": "payment"}, follow=True)
    assert messages_of(wrong) == ["No such paper is issued for this entry. Choose another kind."]


def test_who_only_sees_is_offered_nothing(cast, fund, donor, client):
    gift = give(cast, fund, donor)
    client.force_login(cast.viewer)
    assert client.get(reverse("funds:donation-detail", args=[gift.pk])).context["papers"]["kinds"] == []
    assert client.get(f"{reverse('funds:donation-list')}?unit={cast.here.code}").context["making"] is None
    assert client.post(reverse("funds:donation-paper", args=[gift.pk]), {"kind": "receipt"}).status_code == 403
    client.force_login(cast.outsider)
    assert client.post(reverse("funds:donation-paper", args=[gift.pk]), {"kind": "receipt"}).status_code == 404
    assert not Paper.unscoped.exists()


def test_a_payment_gets_its_voucher_by_a_button(cast, fund, client):
    spent = make_expense(fund, 100_000, DAY)
    client.force_login(cast.cashier)
    client.post(reverse("funds:voucher-paper", args=[spent.pk]), {"kind": "payment"})
    page = client.get(reverse("funds:voucher-detail", args=[spent.pk]))
    assert [row.kind for row in page.context["papers"]["rows"]] == ["payment"]


@pytest.mark.django_db(transaction=True)
def test_receipts_for_the_list_as_it_is_narrowed(cast, fund, donor, client):
    other = make_fund(cast.here, "Quỹ Vì em")
    small, large = give(cast, fund, donor, amount_vnd=1_000), give(cast, fund, donor, amount_vnd=9_000_000)
    part = give(cast, None, donor, amount_vnd=8_000_000, shares=[(fund, 4_500_000), (other, 3_500_000)])
    give(cast, fund, donor, form="in_kind", goods="Gạo", amount_vnd=7_000_000)
    give(cast, None, donor, is_pass_through=True, amount_vnd=6_000_000)
    actions.void_donation(donation=give(cast, fund, donor, amount_vnd=5_000_000), reason="Nhầm", on=DAY, by=cast.chair)
    there = make_fund(cast.elsewhere)
    record_donation(
        unit=cast.elsewhere,
        fund=there,
        donor=make_donor(cast.elsewhere),
        received_on=DAY,
        form="cash",
        amount_vnd=5_500_000,
        by=cast.outsider,
    )
    client.force_login(cast.accountant)
    form = client.get(f"{reverse('funds:donation-list')}?unit={cast.here.code}&least_vnd=4000000").context["making"]
    assert make(client, cast, query=form["query"])["Location"] == reverse("core:job-list")
    found = {(paper.donation_id, paper.split_id) for paper in Paper.unscoped.all()}
    expected = {(large.pk, None), (None, part.split_id)}
    assert found - expected <= {(small.pk, None)}
    assert expected <= found
    call_command("worker", "--once")
    pdf = MadeFile.objects.visible_to(cast.accountant).get().full_path.read_bytes()
    assert len(PdfReader(BytesIO(pdf)).pages) == len(found)
    again = make(client, cast, query=form["query"])
    assert again["Location"] == reverse("core:job-list")
    assert (Paper.unscoped.count(), Job.objects.count()) == (len(found), 1)


def test_too_many_or_none_give_no_number_at_all(cast, fund, donor, client, monkeypatch):
    client.force_login(cast.accountant)
    assert "There is nothing here" in messages_of(make(client, cast) and client.get(reverse("core:job-list")))[0]
    monkeypatch.setattr(verbs, "MOST_PAPERS", 2)
    monkeypatch.setattr(actions, "MOST_PAPERS", 2)
    for n in range(3):
        give(cast, fund, donor, amount_vnd=1_000 + n)
    make(client, cast)
    assert messages_of(client.get(reverse("core:job-list"))) == [
        "At most 2 papers are made at once. Narrow the list first."
    ]
    assert not Paper.unscoped.exists()
    assert not Job.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_paper_is_printed_by_the_worker(cast, fund, donor, client):
    paper = actions.issue_paper(kind="receipt", subject=give(cast, fund, donor), on=today(), by=cast.clerk)
    client.force_login(cast.viewer)
    client.post(reverse("funds:paper-print", args=[paper.pk]), {"key": "k"})
    client.post(reverse("funds:paper-print", args=[paper.pk]), {"key": "k"})
    call_command("worker", "--once")
    file = MadeFile.objects.visible_to(cast.viewer).get()
    assert paper.sign in PdfReader(BytesIO(file.full_path.read_bytes())).pages[0].extract_text()


def test_void_and_anew_on_one_page(cast, fund, donor, client):
    paper = actions.issue_paper(kind="receipt", subject=give(cast, fund, donor), on=today(), by=cast.clerk)
    client.force_login(cast.accountant)
    address = reverse("funds:paper-void", args=[paper.pk])
    assert client.post(address, {"anew": "on"}).context["form"].errors == {"reason": ["Say why the paper is voided."]}
    answer = client.post(address, {"reason": "Sai tên", "anew": "on"})
    new = Paper.unscoped.get(replaces=paper)
    assert answer["Location"] == reverse("funds:paper-detail", args=[new.pk])
    again = client.post(address, {"reason": "Sai tên"})
    assert "This paper was voided already" in str(again.context["form"].errors)
    client.force_login(cast.chair)
    assert "anew" not in client.get(reverse("funds:paper-void", args=[new.pk])).context["form"].fields


@pytest.mark.parametrize("kind", ["receipt", "letter"])
def test_anybody_sees_whether_it_is_genuine_and_nothing_of_the_giver(cast, fund, donor, client, kind):
    gift = give(cast, fund, donor)
    paper = actions.issue_paper(kind=kind, subject=gift, on=today(), by=cast.clerk)
    address = reverse("funds:paper-check", args=[token_of(paper)])
    page = client.get(address)
    text = page.content.decode()
    assert "Genuine and valid" in text
    for said in (paper.sign, cast.here.name, "500,000"):
        assert said in text
    for private in (donor.name, fund.name, cast.clerk.full_name):
        assert private not in text
    assert (page["Cache-Control"], page["X-Robots-Tag"]) == ("no-store", "noindex")
    void_paper(paper=paper, reason="Chuyện riêng", on=today(), by=cast.chair)
    text = client.get(address).content.decode()
    assert "Genuine, but voided" in text
    assert "Chuyện riêng" not in text
    assert client.get(reverse("funds:paper-check", args=["1.forged"])).status_code == 404


@pytest.mark.parametrize("paper_count", [1, 3])
def test_query_count_of_a_gift_with_papers(cast, fund, donor, client, paper_count, django_assert_num_queries):
    gift = give(cast, fund, donor)
    for kind in ("receipt", "letter", "certificate")[:paper_count]:
        actions.issue_paper(kind=kind, subject=gift, on=today(), by=cast.clerk)
    client.force_login(cast.clerk)
    address = reverse("funds:donation-detail", args=[gift.pk])
    client.get(address)
    with django_assert_num_queries(8):
        assert len(client.get(address).context["papers"]["rows"]) == paper_count
