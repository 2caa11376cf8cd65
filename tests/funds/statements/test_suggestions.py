"""What open lines probably are."""

from __future__ import annotations

from datetime import date

import pytest

from funds.actions import Decision, book_line, cancel_pledge, merge_donors, open_appeal, record_donation, record_pledge
from funds.models import AppealKind, BankAccount, BankLine, Donation, DonationForm, Donor
from funds.suggestions import Suggestion, suggest
from tests.cast import make_donor, make_fund
from tests.funds.raw import DAY
from tests.funds.statements.rows import hand_in, line, make_bank_account


@pytest.fixture
def bank(cast, fund) -> BankAccount:
    return make_bank_account(fund)


def suggested(cast, bank, *lines) -> list[Suggestion]:
    rows = hand_in(bank, *lines, by=cast.clerk)
    return of(cast, bank, rows)


def of(cast, bank, rows: list[BankLine]) -> list[Suggestion]:
    found = suggest(
        bank,
        rows,
        donors=Donor.objects.visible_to(cast.clerk),
        donations=Donation.objects.visible_to(cast.clerk),
    )
    return [found[row.pk] for row in rows]


def test_a_name_in_the_bank_s_text_proposes_its_donor(cast, fund, donor, bank) -> None:
    short = make_donor(cast.here, "Bãi Bằng")
    (one,) = suggested(cast, bank, line(1_000, "A", text="CONG TY GIAY BAI BANG chuyen tien"))
    assert (one.kind, one.donor, one.fund) == ("gift", donor, fund)
    assert one.donor != short


def test_part_of_a_word_proposes_nobody(cast, donor, bank) -> None:
    (one,) = suggested(cast, bank, line(1_000, "A", text="CONG TY GIAY BAI BANGKOK"))
    assert (one.kind, one.donor) == ("unknown", None)


def test_a_donor_of_another_unit_is_proposed_to_nobody_here(cast, bank) -> None:
    make_donor(cast.elsewhere, "Công ty Xi măng Hữu Nghị")
    (one,) = suggested(cast, bank, line(1_000, "A", text="cong ty xi mang huu nghi"))
    assert one.kind == "unknown"


def test_who_gave_from_an_account_before_is_proposed_again(cast, fund, donor, bank) -> None:
    first = hand_in(bank, line(1_000, "A", party="NGUYEN V A"), by=cast.clerk)[0]
    book_line(decision=Decision(line=first, donor=donor, fund=fund), by=cast.clerk)
    (one,) = suggested(cast, bank, line(5_000, "B", party="NGUYEN V A"))
    assert (one.kind, one.donor) == ("gift", donor)


def test_what_was_recorded_by_hand_is_proposed_for_one_line_only(cast, fund, donor, bank) -> None:
    facts = {"unit": cast.here, "fund": fund, "donor": donor, "amount_vnd": 9_000, "by": cast.clerk}
    typed = record_donation(received_on=date(2024, 6, 5), form=DonationForm.BANK_TRANSFER, **facts)
    record_donation(received_on=DAY, form=DonationForm.CASH, **facts)
    record_donation(received_on=date(2024, 5, 1), form=DonationForm.BANK_TRANSFER, **facts)
    both = suggested(cast, bank, line(9_000, "A"), line(9_000, "B"))
    assert [one.kind for one in both] == ["recorded", "unknown"]
    assert both[0].donation == typed


def test_a_fund_s_code_and_an_appeal_s_name_in_the_text_are_followed(cast, donor, bank) -> None:
    other = make_fund(cast.here, "Quỹ dòng họ", code="QDH")
    appeal = open_appeal(
        unit=cast.here,
        kind=AppealKind.YEARLY,
        name="Tết vì em",
        purpose="",
        opens_on=date(2024, 1, 1),
        closes_on=date(2024, 7, 1),
        target_vnd=None,
        by=cast.chair,
    )
    inside, outside = suggested(
        cast, bank, line(1_000, "A", text="qdh tet vi em"), line(1_000, "B", text="tet vi em", on=date(2024, 8, 1))
    )
    assert (inside.fund, inside.appeal) == (other, appeal)
    assert (outside.fund, outside.appeal) == (bank.fund, None)


def promise(cast, donor, *parts):
    return record_pledge(
        unit=cast.here,
        donor=donor,
        pledged_on=date(2024, 1, 5),
        amount_vnd=sum(amount for _day, amount in parts),
        instalments=parts,
        by=cast.clerk,
    )


def test_an_open_instalment_of_the_donor_by_that_amount_is_proposed_the_first_due_first(cast, fund, donor, bank):
    promise(cast, make_donor(cast.here, "Công ty Xi măng Hữu Nghị"), (date(2024, 3, 1), 300))
    cancelled = promise(cast, donor, (date(2024, 2, 1), 300))
    cancel_pledge(pledge=cancelled, reason="Nhầm", on=DAY, by=cast.clerk)
    pledge = promise(cast, donor, (date(2024, 9, 1), 300), (date(2024, 5, 1), 300), (date(2024, 5, 1), 400))
    text = "CONG TY GIAY BAI BANG"
    rows = hand_in(
        bank,
        line(300, "A", text=text),
        line(300, "B", text=text),
        line(300, "C", text=text),
        line(299, "D", text=text),
        line(400, "E", text="ai do"),
        by=cast.clerk,
    )
    found = of(cast, bank, rows)
    assert [one.instalment and (one.instalment.pledge, one.instalment.due_on) for one in found] == [
        (pledge, date(2024, 5, 1)),
        (pledge, date(2024, 9, 1)),
        None,
        None,
        None,
    ]
    book_line(decision=Decision(line=rows[0], donor=donor, fund=fund, instalment=found[0].instalment), by=cast.clerk)
    (again,) = suggested(cast, bank, line(300, "F", text=text))
    assert again.instalment is not None
    assert again.instalment.due_on == date(2024, 9, 1)


def test_a_promise_on_a_card_merged_into_the_donor_counts(cast, fund, donor, bank):
    twin = make_donor(cast.here, "Cty Giấy BB")
    promise(cast, twin, (date(2024, 5, 1), 300))
    merge_donors(kept=donor, gone=twin, by=cast.accountant)
    (one,) = suggested(cast, bank, line(300, "A", text="CONG TY GIAY BAI BANG"))
    assert one.instalment is not None
    assert one.instalment.pledge.donor == twin


def test_interest_and_money_that_went_out_are_told_apart(cast, bank) -> None:
    both = suggested(cast, bank, line(700, "A", text="TRA LAI TIEN GUI"), line(-500, "B"))
    assert [one.kind for one in both] == ["interest", "out"]


def test_the_same_few_questions_for_one_line_and_for_many(cast, fund, donor, bank, django_assert_num_queries) -> None:
    hand_in(bank, *(line(1_000 + n, f"X{n}", party="CONG TY GIAY BAI BANG") for n in range(9)), by=cast.clerk)
    promise(cast, donor, *((date(2024, 5, 1), 1_000 + n) for n in range(9)))
    rows = list(BankLine.unscoped.select_related("account__unit").order_by("pk"))
    of(cast, bank, rows[:1])
    for some in (rows[:1], rows):
        with django_assert_num_queries(7):
            of(cast, bank, some)


def test_a_split_gift_recorded_by_hand_is_proposed_for_the_whole_amount_once(cast, fund, donor, bank) -> None:
    shares = [(fund, 5_000), (make_fund(cast.here, "Quỹ Vì em"), 4_000)]
    facts = {"unit": cast.here, "donor": donor, "amount_vnd": 9_000, "shares": shares, "by": cast.clerk}
    first = record_donation(received_on=DAY, form=DonationForm.BANK_TRANSFER, **facts)
    found = suggested(cast, bank, line(9_000, "A"), line(9_000, "B"), line(5_000, "C"))
    assert [one.kind for one in found] == ["recorded", "unknown", "unknown"]
    assert found[0].donation == first
