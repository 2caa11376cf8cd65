"""The plan written into the database: by COPY, in the order in which things rest on each other."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta

from django.db import connection

from funds.models import (
    Account,
    Appeal,
    AppealPartner,
    Donation,
    DonationMonth,
    Donor,
    Fund,
    FundMonth,
    Movement,
    Voucher,
)
from hkh.demo.copying import analyze, copy_rows, reset_sequences, settle, without_foreign_keys
from hkh.demo.donors import load_donors
from hkh.demo.ledger import Account as AccountKey
from hkh.demo.ledger import movement_rows
from hkh.demo.money import donation_rows
from hkh.demo.rounds import PROGRAMME_IDS, PROGRAMMES, AwardRow, DistributionRow
from hkh.demo.story import Story
from hkh.demo.vouchers import VOUCHER_FIELDS, voucher_rows
from scholarships.models import (
    Award,
    Distribution,
    DistributionLine,
    GivenMonth,
    Programme,
    Round,
    RoundState,
    RoundTally,
)

DONATION_FIELDS = (
    "id unit fund donor appeal received_on form amount_vnd is_pass_through currency foreign_amount exchange_rate goods"
    " purpose document note recorded_by recorded_at idempotency_key voided_on voided_by void_reason pigs"
)
MOVEMENT_FIELDS = (
    "id source target amount_vnd kind occurred_on document note donation reverses recorded_by recorded_at"
    " idempotency_key"
)
ROUND_FIELDS = (
    "id programme unit fund name school_year opened_on closed_on budget_vnd quota criteria state opened_by revision"
    " idempotency_key"
)
AWARD_FIELDS = (
    "id round unit kind beneficiary_group recipient_kind recipient_name birth_year school grade content pot count"
    " unit_value_vnd state approved_on approved_by proposed_by idempotency_key"
)
DISTRIBUTION_FIELDS = (
    "id round unit held_on venue document note recorded_by recorded_at voided_on void_reason idempotency_key"
)
LINE_FIELDS = "id distribution award count value_vnd movement"
BUDGET_STEP = 1_000_000
#: Number, date and issuer of the licence of the provincial fund.
LICENCE = ("12/GP-UBND", "2011-09-08", "UBND tỉnh Phú Thọ")


def load_money(story: Story, users: dict[str, int]) -> None:
    """Funds, donors, appeals, gifts and the whole ledger."""
    copy_rows(
        Fund,
        "id unit code name purpose is_restricted legal_status licence_number licence_on licence_by opened_on closed_on"
        " revision",
        (
            (
                f.id,
                f.unit.id,
                f.code,
                f.name,
                "",
                False,
                "licensed" if f.licensed else "internal",
                *(LICENCE if f.licensed else ("", None, "")),
                f.opened,
                f.closed,
                1,
            )
            for f in story.funds.rows
        ),
    )
    load_donors(story.donors)
    copy_rows(
        Appeal,
        "id unit kind name purpose target_vnd opens_on closes_on",
        ((a.id, a.unit.id, a.kind, a.name, a.purpose, a.target_vnd, a.opens_on, a.closes_on) for a in story.appeals),
    )
    partners = ((a.id, 1, a.partner, "") for a in story.appeals if a.partner)
    copy_rows(AppealPartner, "appeal number name role", partners)
    root = story.funds.root
    with without_foreign_keys(Donation, Movement):
        copy_rows(Donation, DONATION_FIELDS, donation_rows(story.donations, users["accountant"], root))
        recorded_by = {root.id: users["accountant"]}
        copy_rows(Movement, MOVEMENT_FIELDS, movement_rows(story.books, _account_ids(), recorded_by))
        analyze(Account, Donation, Movement)
        vouchers = voucher_rows(story.books, story.funds, users, story.province.years.last_day)
        copy_rows(Voucher, VOUCHER_FIELDS, vouchers)
        settle(Movement, Voucher)
    reset_sequences(Fund, Appeal, Donation, Movement)
    settle(Fund, Account, Appeal, Donor, Donation, FundMonth, DonationMonth)


def _account_ids() -> dict[AccountKey, int]:
    """The accounts by what the plan calls them; outside parties have fund 0."""
    return {
        (fund_id or 0, kind, pot): pk
        for pk, fund_id, kind, pot in Account.objects.values_list("pk", "fund_id", "kind", "pot")
    }


def load_giving(story: Story, users: dict[str, int]) -> None:
    """Programmes, rounds, awards and what was handed out; then what was closed, given up or voided since."""
    Programme.objects.bulk_create(
        Programme(
            id=PROGRAMME_IDS[code], code=code, name=row["name"], description=row["description"], partner=row["partner"]
        )
        for code, row in PROGRAMMES.items()
    )
    root, last_day = story.funds.root, story.province.years.last_day
    held = list(story.distributions)
    with without_foreign_keys(Round, Award, Distribution, DistributionLine):
        copy_rows(Round, ROUND_FIELDS, _round_rows(story, users))
        awards = ((award, row.approved_on <= last_day) for row in story.rounds for award in row.awards)
        copy_rows(Award, AWARD_FIELDS, (_award_row(award, is_approved, users) for award, is_approved in awards))
        analyze(Round, Award, RoundTally)
        copy_rows(
            Distribution,
            DISTRIBUTION_FIELDS,
            (_distribution_row(h, users["cashier"] if h.round.fund is root else None) for h in held),
        )
        _load_lines(held)
    analyze(Award, Distribution, DistributionLine, RoundTally)
    _close_rounds(story)
    for award in (award for row in story.rounds for award in row.awards if award.cancelled_on):
        if award.round.approved_on <= last_day:
            Award.unscoped.filter(pk=award.id).update(state="cancelled")
    reset_sequences(Programme, Round, Award, Distribution, DistributionLine)
    settle(Round, Award, Distribution, DistributionLine, RoundTally, GivenMonth)


def _load_lines(held: list[DistributionRow]) -> None:
    """First the lines of all that was entered once, then, with the mistakes voided, those entered again."""
    again = {first.again.id for first in held if first.again}
    number = 0
    for batch in ([h for h in held if h.id not in again], [h for h in held if h.id in again]):
        rows = []
        for one in batch:
            for award in one.given:
                number += 1
                rows.append((number, one.id, award.id, award.count, award.value_vnd, one.movement_ids[award.pot]))
        copy_rows(DistributionLine, LINE_FIELDS, rows)
        for one in batch:
            if one.voided_on:
                Distribution.unscoped.filter(pk=one.id).update(
                    voided_on=one.voided_on, void_reason="Nhập nhầm danh sách, đã nhập lại"
                )


def _round_rows(story: Story, users: dict[str, int]) -> Iterator[tuple[object, ...]]:
    for row in story.rounds:
        is_root = row.fund is story.funds.root
        value = sum(award.value_vnd for award in row.awards)
        yield (
            row.id,
            PROGRAMME_IDS[row.programme],
            row.fund.unit.id,
            row.fund.id,
            row.name,
            row.school_year,
            row.opened_on,
            None,
            -(-value // BUDGET_STEP) * BUDGET_STEP,
            None,
            "",
            "open",
            users["programme_officer"] if is_root else None,
            1,
            _key("round", row.id),
        )


def _award_row(award: AwardRow, is_approved: bool, users: dict[str, int]) -> tuple[object, ...]:
    is_root = award.round.fund.unit.tier == 1
    return (
        award.id,
        award.round.id,
        award.unit.id,
        award.kind,
        award.group,
        award.recipient_kind,
        award.name,
        award.birth_year,
        award.school,
        award.grade,
        award.content,
        award.pot,
        award.count,
        award.unit_value_vnd,
        "approved" if is_approved else "proposed",
        award.round.approved_on if is_approved else None,
        users["chair"] if is_approved and is_root else None,
        users["programme_officer"] if is_root else None,
        _key("award", award.id),
    )


def _distribution_row(held: DistributionRow, recorded_by: int | None) -> tuple[object, ...]:
    return (
        held.id,
        held.round.id,
        held.round.fund.unit.id,
        held.held_on,
        held.venue,
        held.document,
        "",
        recorded_by,
        f"{held.held_on} 11:00:00+07",
        None,
        "",
        _key("distribution", held.id),
    )


def _close_rounds(story: Story) -> None:
    """Close the rounds of which nothing is left to hand out, a week after the last handing-out."""
    last_day = story.province.years.last_day
    closed = []
    for row in story.rounds:
        if row.approved_on <= last_day and row.last_held_on <= last_day - timedelta(days=7):
            ends = row.fund.closed or last_day
            closed.append((row.id, min(row.last_held_on + timedelta(days=7), ends)))
    ids, days = [list(column) for column in zip(*closed, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE {Round._meta.db_table} round SET state = %s, closed_on = done.day
            FROM unnest(%s::bigint[], %s::date[]) AS done(id, day) WHERE round.id = done.id
            """,
            [RoundState.CLOSED, ids, days],
        )


def _key(kind: str, number: int) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_OID, f"demo {kind} {number}")
