"""The pages of bank accounts, statements and their lines."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook

from funds.actions import record_donation, record_pledge, set_spending_limit
from funds.models import BankAccount, BankLayout, BankLine, Donation, DonorKind, Movement, PledgeMatch
from hkh.core.models import MadeFile
from tests.cast import make_donor, make_fund
from tests.funds.raw import DAY
from tests.funds.statements.rows import hand_in, line, make_bank_account, make_bank_line

HEAD = ["Ngày giao dịch", "Số CT", "Phát sinh nợ", "Phát sinh có", "Diễn giải"]


@pytest.fixture
def bank(cast, fund) -> BankAccount:
    return make_bank_account(fund)


def upload(rows: list[list[Any]], name: str = "sao-ke.xlsx") -> SimpleUploadedFile:
    book, stream = Workbook(), BytesIO()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(stream)
    return SimpleUploadedFile(name, stream.getvalue())


def test_a_statement_is_handed_in_and_its_lines_wait(client: Client, cast, bank) -> None:
    client.force_login(cast.clerk)
    file = upload([HEAD, ["03/06/2024", "FT1", "", "1.500.000", "Công ty Giấy Bãi Bằng ủng hộ"]])
    response = client.post(reverse("funds:statement-add"), {"account": bank.pk, "file": file})
    assert response["Location"] == reverse("funds:bank-line-list", args=[bank.pk])
    page = client.get(response["Location"])
    assert [form.line.amount_vnd for form in page.context["forms"]] == [1_500_000]
    accounts = client.get(reverse("funds:statement-list")).context["table"].data.data
    assert [(account.pk, account.open_count) for account in accounts] == [(bank.pk, 1)]


def test_unknown_columns_are_asked_for_once_a_bank(client: Client, cast, bank) -> None:
    client.force_login(cast.clerk)
    rows = [["Khi", "Bao nhiêu", "Ai"], ["03/06/2024", "1.500.000", "Nguyễn Văn An"]]
    response = client.post(reverse("funds:statement-add"), {"account": bank.pk, "file": upload(rows)})
    assert "/quy/sao-ke/cot/" in response["Location"]
    page = client.get(response["Location"])
    assert page.context["sample"] == [["03/06/2024", "1.500.000", "Nguyễn Văn An"]]
    wrong = client.post(response["Location"], {"on": "Khi"})
    assert wrong.status_code == 200
    assert wrong.context["form"].non_field_errors()
    said = {"on": "Khi", "amount": "Bao nhiêu", "party": "Ai"}
    assert client.post(response["Location"], said).status_code == 302
    assert BankLine.unscoped.get().party == "Nguyễn Văn An"
    assert BankLayout.objects.get().columns == said
    rows.append(["03/06/2024", "2.000", "Lê Văn Tám"])
    again = client.post(reverse("funds:statement-add"), {"account": bank.pk, "file": upload(rows)})
    assert again["Location"] == reverse("funds:bank-line-list", args=[bank.pk])
    assert BankLine.unscoped.count() == 2


def test_a_kept_file_is_its_owner_s_alone(client: Client, cast, bank) -> None:
    client.force_login(cast.clerk)
    rows = [["Khi", "Bao nhiêu"], ["03/06/2024", "1.500.000"]]
    address = client.post(reverse("funds:statement-add"), {"account": bank.pk, "file": upload(rows)})["Location"]
    client.force_login(cast.accountant)
    assert client.get(address).status_code == 404
    assert MadeFile.objects.visible_to(cast.clerk).count() == 1


@pytest.mark.parametrize(
    "file",
    [
        SimpleUploadedFile("a.pdf", b"%PDF-1.7"),
        SimpleUploadedFile("a.xlsx", b"PK hello"),
        SimpleUploadedFile("a.sta", b"hello"),
        upload([HEAD, ["03/06/2999", "FT1", "", "1.500.000", "x"]]),
        upload([HEAD, ["03/06/2024", "FT1", "", "một triệu", "x"]]),
        upload([HEAD, ["hôm qua 9", "FT1", "", "1", "x"], ["9/9", "FT1", "", "1", "x"]]),
    ],
)
def test_what_cannot_be_read_is_refused_at_the_file(client: Client, cast, bank, file) -> None:
    client.force_login(cast.clerk)
    file.seek(0)
    response = client.post(reverse("funds:statement-add"), {"account": bank.pk, "file": file})
    assert response.status_code == 200
    assert list(response.context["form"].errors) == ["file"]
    assert BankLine.unscoped.count() == 0


def posted(bank_line: BankLine, **facts: Any) -> dict[str, Any]:
    return {f"line-{bank_line.pk}-{name}": value for name, value in facts.items()}


def test_a_confirmed_line_keeps_the_instalment_unless_unticked_or_given_by_another(
    client: Client, cast, fund, donor, bank
):
    parts = [(date(2024, 5, 1), 1_000), (date(2024, 6, 1), 2_000), (date(2024, 7, 1), 3_000)]
    facts = {"unit": cast.here, "donor": donor, "pledged_on": date(2024, 1, 5), "amount_vnd": 6_000}
    record_pledge(instalments=parts, by=cast.clerk, **facts)
    text = "CONG TY GIAY BAI BANG"
    lines = [line(amount, f"R{amount}", text=text) for amount in (1_000, 2_000, 3_000)]
    one, two, three = hand_in(bank, *lines, by=cast.clerk)
    client.force_login(cast.clerk)
    page = client.get(reverse("funds:bank-line-list", args=[bank.pk])).content.decode()
    assert page.count("01/05/2024") == 1
    other = make_donor(cast.here, "Khác")
    said = posted(one, take="on", donor=donor.pk, fund=fund.pk, appeal="", keeps="on")
    said |= posted(two, take="on", donor=donor.pk, fund=fund.pk, appeal="")
    said |= posted(three, take="on", donor=other.pk, fund=fund.pk, appeal="", keeps="on")
    assert client.post(reverse("funds:bank-line-confirm", args=[bank.pk]), said).status_code == 302
    assert Donation.unscoped.count() == 3
    kept = PledgeMatch.objects.values_list("donation__amount_vnd", "instalment__amount_vnd", "amount_vnd")
    assert list(kept) == [(1_000, 1_000, 1_000)]


def test_ticked_lines_are_booked_together_with_a_new_donor_by_name(client: Client, cast, fund, donor, bank) -> None:
    one, two, three = hand_in(bank, line(1_000, "A"), line(2_000, "B"), line(3_000, "C"), by=cast.clerk)
    client.force_login(cast.clerk)
    said = posted(one, take="on", donor=donor.pk, fund=fund.pk, appeal="")
    said |= posted(two, take="on", donor="new:Công ty TNHH Hòa Bình", fund=fund.pk, appeal="")
    said |= posted(three, donor=donor.pk, fund=fund.pk, appeal="")
    response = client.post(reverse("funds:bank-line-confirm", args=[bank.pk]), said)
    assert response.status_code == 302
    gifts = Donation.unscoped.order_by("amount_vnd").select_related("donor")
    assert [(gift.amount_vnd, gift.donor.name) for gift in gifts] == [
        (1_000, donor.name),
        (2_000, "Công ty TNHH Hòa Bình"),
    ]
    assert gifts[1].donor.kind == DonorKind.ENTERPRISE
    assert BankLine.unscoped.get(state="open") == three


def test_a_ticked_line_without_a_donor_is_asked_about_and_nothing_is_lost(client: Client, cast, fund, bank) -> None:
    one, two = hand_in(bank, line(1_000, "A"), line(2_000, "B"), by=cast.clerk)
    client.force_login(cast.clerk)
    said = posted(one, take="on", donor="", fund=fund.pk, appeal="")
    said |= posted(two, take="on", donor="new:Lê Thị Hoa", fund=fund.pk, appeal="")
    page = client.post(reverse("funds:bank-line-confirm", args=[bank.pk]), said)
    first, second = page.context["forms"]
    assert list(first.errors) == ["donor"]
    assert (second.errors, second["donor"].value()) == ({}, "new:Lê Thị Hoa")
    assert Donation.unscoped.count() == 0


def test_nothing_ticked_books_nothing_and_says_so(client: Client, cast, fund, bank) -> None:
    one = make_bank_line(bank, 1_000, by=cast.clerk)
    client.force_login(cast.clerk)
    page = client.post(
        reverse("funds:bank-line-confirm", args=[bank.pk]), posted(one, donor="", fund=fund.pk, appeal="")
    )
    assert [str(message.level_tag) for message in page.context["messages"]] == ["warning"]
    assert Donation.unscoped.count() == 0


def test_a_fund_of_another_unit_cannot_be_posted(client: Client, cast, donor, bank) -> None:
    one = make_bank_line(bank, 1_000, by=cast.clerk)
    foreign = make_fund(cast.elsewhere)
    client.force_login(cast.clerk)
    said = posted(one, take="on", donor=donor.pk, fund=foreign.pk, appeal="")
    page = client.post(reverse("funds:bank-line-confirm", args=[bank.pk]), said)
    assert list(page.context["forms"][0].errors) == ["fund"]
    assert Donation.unscoped.count() == 0


def test_a_line_is_set_aside_matched_and_opened_again_on_its_page(client: Client, cast, fund, bank) -> None:
    fee = make_bank_line(bank, -11_000, by=cast.clerk)
    client.force_login(cast.clerk)
    assert client.post(reverse("funds:bank-line-set-aside", args=[fee.pk]), {"reason": ""}).status_code == 200
    client.post(reverse("funds:bank-line-set-aside", args=[fee.pk]), {"reason": "Phí ngân hàng"})
    fee.refresh_from_db()
    assert fee.state == "set_aside"
    decided = client.get(reverse("funds:bank-line-list", args=[bank.pk]), {"state": "decided"})
    assert [row.pk for row in decided.context["table"].data.data] == [fee.pk]
    client.post(reverse("funds:bank-line-match", args=[fee.pk]), {"reopen": "1"})
    fee.refresh_from_db()
    assert fee.state == "open"
    interest = make_bank_line(bank, 700, by=cast.clerk)
    client.force_login(cast.cashier)
    assert client.post(reverse("funds:bank-line-match", args=[interest.pk]), {"interest": "1"}).status_code == 403
    client.force_login(cast.accountant)
    set_spending_limit(unit=cast.here, alone_up_to_vnd=10_000, by=cast.chair)
    client.post(reverse("funds:bank-line-match", args=[interest.pk]), {"interest": "1"})
    interest.refresh_from_db()
    assert Movement.objects.get(bank_lines=interest).kind == "interest"


@pytest.mark.parametrize("count", [1, 3])
def test_the_pages_ask_the_same_whatever_the_lines(
    client: Client, cast, donor, bank, count, django_assert_num_queries
) -> None:
    hand_in(bank, *(line(1_000 + n, f"F{n}", party="CONG TY GIAY BAI BANG") for n in range(count)), by=cast.clerk)
    client.force_login(cast.clerk)
    with django_assert_num_queries(15):
        page = client.get(reverse("funds:bank-line-list", args=[bank.pk]))
    assert [form.suggestion.donor for form in page.context["forms"]] == [donor] * count


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_accounts_asks_the_same(client: Client, cast, fund, count, django_assert_num_queries) -> None:
    for _n in range(count):
        make_bank_account(fund)
    client.force_login(cast.clerk)
    with django_assert_num_queries(7):
        page = client.get(reverse("funds:statement-list"))
    assert len(page.context["table"].data.data) == count


def test_a_line_is_matched_with_a_split_gift_in_list_and_page(client: Client, cast, fund, donor, bank) -> None:
    shares = [(fund, 300_000), (make_fund(cast.here, "Quỹ Vì em"), 200_000)]
    facts = {"unit": cast.here, "donor": donor, "received_on": DAY, "amount_vnd": 500_000, "shares": shares}
    first = record_donation(form="bank_transfer", by=cast.clerk, **facts)
    one = make_bank_line(bank, 500_000, by=cast.clerk)
    client.force_login(cast.clerk)
    assert client.get(reverse("funds:bank-line-detail", args=[one.pk])).context["donations"] == [first]
    client.post(reverse("funds:bank-line-confirm", args=[bank.pk]), posted(one, take="on", fund=fund.pk))
    one.refresh_from_db()
    assert (one.state, one.donation) == ("linked", first)


def test_a_line_is_written_down_as_a_gift_into_two_funds(client: Client, cast, fund, donor, bank) -> None:
    other = make_fund(cast.here, "Quỹ Vì em")
    (one,) = hand_in(bank, line(500_000, "FT77", party="CONG TY GIAY BAI BANG"), by=cast.clerk)
    address = reverse("funds:bank-line-gift", args=[one.pk])
    client.force_login(cast.clerk)
    form = client.get(address).context["form"]
    shown = {name: form[name].value() for name in ("donor", "amount_vnd", "received_on", "form", "document", "fund")}
    assert shown == {
        "donor": donor.pk,
        "amount_vnd": 500_000,
        "received_on": DAY,
        "form": "bank_transfer",
        "document": "FT77",
        "fund": fund.pk,
    }
    typed = {
        "idempotency_key": str(uuid4()),
        "donor": donor.pk,
        "received_on": "3/6/2024",
        "form": "bank_transfer",
        "amount_vnd": "500.000",
        "document": "FT77",
        "shares-TOTAL_FORMS": "2",
        "shares-INITIAL_FORMS": "0",
        "shares-0-fund": fund.pk,
        "shares-0-amount_vnd": "300.000",
        "shares-1-fund": other.pk,
        "shares-1-amount_vnd": "200.000",
    }
    for _twice in range(2):
        assert client.post(address, typed)["Location"] == reverse("funds:bank-line-list", args=[bank.pk])
    one.refresh_from_db()
    parts = Donation.unscoped.order_by("part")
    assert [(part.fund, part.amount_vnd, part.document) for part in parts] == [
        (fund, 300_000, "FT77"),
        (other, 200_000, "FT77"),
    ]
    assert (one.state, one.donation) == ("booked", parts[0])
    assert client.get(address)["Location"] == reverse("funds:bank-line-detail", args=[one.pk])


def test_a_text_file_that_nothing_proves_whole_is_asked_about(client: Client, cast, bank) -> None:
    client.force_login(cast.clerk)
    rows = ["Ngày,Nội dung,Số tiền", "03/06/2024,Nguyễn Văn An ủng hộ,1500000", "04/06/2024,phí,-11000", ""]
    file = SimpleUploadedFile("sao-ke.csv", "\n".join(rows).encode())
    response = client.post(reverse("funds:statement-add"), {"account": bank.pk, "file": file})
    assert "/quy/sao-ke/xac-nhan/" in response["Location"]
    page = client.get(response["Location"])
    facts = [str(said) for _label, said in page.context["facts"]]
    assert facts[1:] == ["03/06/2024", "04/06/2024", "2", "1.500.000 đồng", "11.000 đồng"]
    assert BankLine.unscoped.count() == 0
    taken = client.post(response["Location"])
    assert taken["Location"] == reverse("funds:bank-line-list", args=[bank.pk])
    assert list(BankLine.unscoped.order_by("occurred_on").values_list("amount_vnd", flat=True)) == [1_500_000, -11_000]
    client.force_login(cast.accountant)
    assert client.get(response["Location"]).status_code == 404
