"""Donations by sheet, entered in sets as the verb enters one: gift and movement together, and a donor who is not known
yet along with them.

What is recorded of a gift never changes, so a row is new, known or refused. Two equal rows are two gifts: a row is the
known one of equal content, the second of them the second known one. Whatever rule the database keeps is asked in sets
before (``funds.triggers``), so that it is said of each row which one it breaks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from funds.models import Donation, Donor
from funds.sheets.donations import DonationResource
from funds.triggers.donations import DONATION_RULES, given
from funds.triggers.movements import MOVEMENT_RULES
from hkh.core.dates import today
from hkh.core.money import dong
from hkh.core.sheets.importing import (
    Cause,
    Check,
    SheetImport,
    causes_of,
    keep_for_now,
    make_plan,
    note_checks,
    note_problems,
    rows_as,
    settle,
)
from hkh.core.sheets.made import Made, ids_in, next_id, ranges_of
from hkh.core.sheets.staging import NEW, Stage
from members.imports.units_named import UNIT_CAUSES, UnitOption, find_units, ids_where, lock_units, unit_checks
from members.rules import Verb

_PLAN = """
    WITH keyed AS MATERIALIZED (
        SELECT cell.*, found.id AS found_id, found.is_ambiguous, hkh_search_key(cell.donor) AS donor_key,
               hkh_search_key(cell.fund) AS fund_key, hkh_search_key(cell.appeal) AS appeal_key,
               coalesce(cell.is_pass_through, false) AS goes_straight
        FROM {cells} cell LEFT JOIN imports_found_units found ON found.text = coalesce(cell.unit, '')
    ),
    open_funds AS (
        SELECT fund.id, upper(fund.code) AS code, fund.search_key, fund.unit_id, fund.closed_on
        FROM funds_fund fund JOIN imports_units unit ON unit.id = fund.unit_id
    ),
    coded AS (
        SELECT keyed.row_no, min(fund.id) AS id FROM keyed JOIN open_funds fund ON fund.code = upper(keyed.fund)
        GROUP BY keyed.row_no
    ),
    named AS (
        SELECT keyed.row_no, min(fund.id) AS id, count(*) FROM keyed
        JOIN open_funds fund ON fund.search_key = keyed.fund_key AND fund.closed_on IS NULL
        WHERE keyed.found_id IS NULL OR keyed.found_id = fund.unit_id GROUP BY keyed.row_no
    ),
    only_one AS (
        SELECT unit_id, min(id) AS id FROM open_funds WHERE closed_on IS NULL GROUP BY unit_id HAVING count(*) = 1
    ),
    placed AS MATERIALIZED (
        SELECT keyed.*, fund.id AS fund_id, coalesce(keyed.found_id, fund.unit_id) AS unit_id,
               coded.id IS NULL AND named.count > 1 AS fund_is_ambiguous
        FROM keyed LEFT JOIN coded USING (row_no) LEFT JOIN named USING (row_no)
        LEFT JOIN only_one ON only_one.unit_id = keyed.found_id AND keyed.fund IS NULL AND NOT keyed.goes_straight
        LEFT JOIN open_funds fund
            ON fund.id = coalesce(coded.id, CASE named.count WHEN 1 THEN named.id END, only_one.id)
    ),
    givers AS (
        SELECT coalesce(merged_into_id, id) AS id, unit_id, search_key FROM funds_donor WHERE unit_id IN ({seen})
    ),
    near AS (
        SELECT placed.row_no, min(donor.id) AS id, count(DISTINCT donor.id) FROM placed
        JOIN givers donor ON donor.search_key = placed.donor_key AND donor.unit_id = placed.unit_id
        GROUP BY placed.row_no
    ),
    far AS (
        SELECT placed.row_no, min(donor.id) AS id, count(DISTINCT donor.id) FROM placed
        JOIN givers donor ON donor.search_key = placed.donor_key AND donor.unit_id <> placed.unit_id
        GROUP BY placed.row_no
    ),
    called AS (
        SELECT placed.row_no, min(appeal.id) AS id, count(*) FROM placed
        JOIN members_unitancestor above ON above.unit_id = placed.unit_id
            AND above.valid_from <= placed.received_on
            AND (above.valid_until IS NULL OR above.valid_until > placed.received_on)
        JOIN funds_appeal appeal
            ON appeal.unit_id = above.ancestor_id AND hkh_search_key(appeal.name) = placed.appeal_key
            AND appeal.opens_on <= placed.received_on
            AND (appeal.closes_on IS NULL OR appeal.closes_on > placed.received_on)
        GROUP BY placed.row_no
    ),
    told AS MATERIALIZED (
        SELECT placed.row_no, placed.id AS number, placed.unit, placed.unit_id, placed.is_ambiguous, placed.fund,
               placed.fund_id, placed.fund_is_ambiguous, placed.donor, placed.donor_key, placed.donor_kind,
               CASE WHEN near.count = 1 THEN near.id WHEN near.id IS NULL AND far.count = 1 THEN far.id END AS donor_id,
               coalesce(near.count, far.count, 0) AS donor_count, placed.appeal, called.id AS appeal_id,
               placed.received_on, placed.form, placed.amount_vnd, placed.goes_straight AS is_pass_through,
               coalesce(upper(placed.currency), 'VND') AS currency, placed.foreign_amount, placed.exchange_rate,
               coalesce(placed.goods, '') AS goods, coalesce(placed.purpose, '') AS purpose,
               coalesce(placed.document, '') AS document, coalesce(placed.note, '') AS note,
               NULL::date AS voided_on, ''::text AS void_reason
        FROM placed LEFT JOIN near USING (row_no) LEFT JOIN far USING (row_no) LEFT JOIN called USING (row_no)
    ),
    turns AS (
        SELECT row_no, content, row_number() OVER (PARTITION BY content ORDER BY row_no) AS turn,
               min(row_no) OVER (PARTITION BY content) AS first_row
        FROM (SELECT row_no, hashtextextended({told_content}, 0) AS content FROM told) hashed
    ),
    known AS (
        SELECT id, content, row_number() OVER (PARTITION BY content ORDER BY id) AS turn
        FROM (
            SELECT gift.id, hashtextextended({known_content}, 0) AS content FROM funds_donation gift
            JOIN funds_donor donor ON donor.id = gift.donor_id
            WHERE gift.voided_on IS NULL AND gift.unit_id IN (SELECT unit_id FROM told)
              AND gift.received_on BETWEEN (SELECT min(received_on) FROM told) AND (SELECT max(received_on) FROM told)
        ) hashed
    )
    SELECT told.*, turns.turn, turns.first_row, numbered.id AS numbered_id,
           coalesce(CASE WHEN told.number IS NOT NULL THEN numbered.id ELSE known.id END) AS target_id,
           turns.content <> hashtextextended({numbered_content}, 0) AS is_other, NULL::jsonb AS changes
    FROM told JOIN turns USING (row_no)
    LEFT JOIN known ON known.content = turns.content AND known.turn = turns.turn
    LEFT JOIN funds_donation numbered ON numbered.id = told.number
        AND numbered.unit_id IN (SELECT id FROM imports_units)
    LEFT JOIN funds_donor numbered_donor ON numbered_donor.id = numbered.donor_id
"""

#: What makes two gifts equal. Donors count by name, so that a row knows its gift though its donor was entered with it.
_CONTENT = (
    "concat_ws('|', {0}.unit_id, coalesce({0}.fund_id, 0), {1}, {0}.received_on, {0}.form, {0}.amount_vnd,"
    " {0}.document, coalesce({0}.appeal_id, 0), {0}.is_pass_through)"
)

#: The rule of the ledger that a gift may break; the others hold by the way in which it is booked.
_FUND_LIFE = next(rule for rule in MOVEMENT_RULES if rule.name == "movement_in_fund_life")
_MOVED = """
    (SELECT row_no, received_on AS occurred_on, 'donation' AS kind, fund_id FROM {rows} stood) moved
    JOIN funds_fund taking ON taking.id = moved.fund_id
    LEFT JOIN funds_fund giving ON false
"""

_CAUSES = {
    **UNIT_CAUSES,
    **causes_of(Donation),
    **{rule.name: Cause(rule.sentence) for rule in (*DONATION_RULES, _FUND_LIFE)},
    "fund_unknown": Cause(
        gettext_lazy("There is no fund “%(value)s” among those of your units. Check its code, or write its full name.")
    ),
    "fund_several": Cause(gettext_lazy("Several funds are called “%(value)s”. Write the fund's code instead.")),
    "donor_unknown": Cause(
        gettext_lazy("“%(value)s” is not known as a donor. Write the kind of donor, and the donor is entered too.")
    ),
    "donor_several": Cause(
        gettext_lazy("%(value)s donors bear this name. Record this gift on its page, where one of them can be chosen.")
    ),
    "donor_not_yours": Cause(gettext_lazy("Your role does not allow you to enter the new donor “%(value)s” there.")),
    "donor_new": Cause(gettext_lazy("“%(value)s” is not known yet and is entered as a new donor."), refuses=False),
    "appeal_unknown": Cause(
        gettext_lazy("No appeal called “%(value)s” was open for this unit on that day. Leave it empty, or check both.")
    ),
    "number_unknown": Cause(
        gettext_lazy("There is no row number %(value)s in your units. Leave the column empty to add a new one.")
    ),
    "settled": Cause(
        gettext_lazy("Donation number %(value)s stands otherwise in the books. Correct it on its page, never by sheet.")
    ),
    "equal": Cause(gettext_lazy("Equal to row %(value)s: it counts as a second gift."), refuses=False),
}


def _checks() -> Iterable[Check]:
    yield "unit_missing", "unit", "plan.unit_id IS NULL AND plan.unit IS NULL AND plan.fund IS NULL", "''"
    yield from (check for check in unit_checks() if check[0] != "unit_missing")
    is_said = "plan.fund IS NOT NULL AND plan.fund_id IS NULL"
    yield "fund_several", "fund", f"{is_said} AND plan.fund_is_ambiguous", "plan.fund"
    yield "fund_unknown", "fund", f"{is_said} AND NOT coalesce(plan.fund_is_ambiguous, false)", "plan.fund"
    yield "appeal_unknown", "appeal", "plan.appeal IS NOT NULL AND plan.appeal_id IS NULL", "plan.appeal"
    # A row that is known already needs no donor: it keeps the one that it was entered with.
    is_open = "plan.donor_id IS NULL AND plan.target_id IS NULL"
    yield "donor_several", "donor", f"{is_open} AND plan.donor_count > 1", "plan.donor_count"
    is_new = f"{is_open} AND plan.donor_count = 0 AND plan.unit_id IS NOT NULL"
    yield "donor_unknown", "donor", f"{is_new} AND plan.donor_kind IS NULL", "plan.donor"
    may_enter = "plan.unit_id IN (SELECT id FROM imports_donor_units)"
    yield "donor_not_yours", "donor", f"{is_new} AND plan.donor_kind IS NOT NULL AND NOT {may_enter}", "plan.donor"
    yield "donor_new", "donor", f"{is_new} AND plan.donor_kind IS NOT NULL AND {may_enter}", "plan.donor"
    yield "number_unknown", "id", "plan.number IS NOT NULL AND plan.numbered_id IS NULL", "plan.number"
    yield "settled", "id", "plan.numbered_id IS NOT NULL AND plan.is_other", "plan.number"
    yield "equal", "amount_vnd", "plan.row_no <> plan.first_row AND plan.target_id IS NULL", "plan.first_row"
    yield "donation_foreign_adds_up", "", "plan.foreign_amount >= 1e16 OR plan.exchange_rate >= 1e12", "''"


class DonationImport(SheetImport):
    """Gifts into the books of the units that received them."""

    resource = DonationResource
    verb = Verb.RECORD_DONATION
    icon = "coin"
    purpose = gettext_lazy("What was given: each row becomes a donation in the books of its fund.")
    list_url = "funds:donation-list"
    causes = _CAUSES
    shown = ("received_on", "donor", "amount_vnd", "form", "fund", "unit", "document")
    model = Donation

    def options(self, user: Any, data: Any = None, initial: Mapping[str, Any] | None = None) -> forms.Form:
        return UnitOption(user, self.verb, data, initial=initial)

    def plan(self, stage: Stage, *, by: Any, options: Mapping[str, Any]) -> None:
        find_units(stage, by=by, verb=self.verb, otherwise=options.get("unit", ""))
        donor_units, donor_params = ids_where(by, Verb.EDIT_DONOR)
        seen, seen_params = ids_where(by, Verb.SEE)
        keep_for_now("imports_donor_units", donor_units, donor_params)
        select = _PLAN.format(
            cells=stage.cells,
            seen=seen,
            told_content=_CONTENT.format("told", "told.donor_key"),
            known_content=_CONTENT.format("gift", "donor.search_key"),
            numbered_content=_CONTENT.format("numbered", "numbered_donor.search_key"),
        )
        make_plan(stage, select, seen_params)
        note_problems(stage, _checks(), causes=self.causes)
        note_checks(stage, Donation, causes=self.causes)
        rules = [(rule.name, rule.field, rule.broken_when, "''") for rule in DONATION_RULES]
        source = given(rows_as(stage, Donation)).strip().removeprefix("FROM")
        note_problems(stage, rules, causes=self.causes, source=source)
        life = [(_FUND_LIFE.name, "received_on", _FUND_LIFE.broken_when, "''")]
        note_problems(stage, life, causes=self.causes, source=_MOVED.format(rows=rows_as(stage, Donation)))
        settle(stage)

    def lock(self, stage: Stage) -> None:
        """In the verb's order: units, then the accounts of the funds in id order."""
        lock_units(stage)
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                SELECT 1 FROM funds_account WHERE fund_id IN (SELECT fund_id FROM {stage.plan})
                ORDER BY id FOR NO KEY UPDATE
                """
            )

    def apply(self, stage: Stage, *, by: Any, options: Mapping[str, Any]) -> Made:
        with connection.cursor() as cursor:
            keep_for_now(
                "imports_new",
                f"""
                SELECT plan.*, {next_id(Donation)} AS id
                FROM (SELECT * FROM {stage.of(NEW)} plan ORDER BY row_no) plan
                """,
            )
            _enter_donors(cursor)
            cursor.execute(
                """
                INSERT INTO funds_donation (id, unit_id, fund_id, donor_id, appeal_id, received_on, form, amount_vnd,
                    is_pass_through, currency, foreign_amount, exchange_rate, goods, purpose, document, note,
                    recorded_by_id, idempotency_key, void_reason)
                SELECT new.id, new.unit_id, new.fund_id, coalesce(new.donor_id, donor.id), new.appeal_id,
                    new.received_on, new.form, new.amount_vnd, new.is_pass_through, new.currency, new.foreign_amount,
                    new.exchange_rate, new.goods, new.purpose, new.document, new.note, %s, gen_random_uuid(), ''
                FROM imports_new new LEFT JOIN imports_donors donor
                    ON new.donor_id IS NULL AND donor.unit_id = new.unit_id AND donor.donor_key = new.donor_key
                ORDER BY new.id
                """,
                [by.pk],
            )
            cursor.execute(
                """
                INSERT INTO funds_movement (source_id, target_id, amount_vnd, kind, occurred_on, document, note,
                    donation_id, recorded_by_id, idempotency_key)
                SELECT giver.id, taker.id, new.amount_vnd, 'donation', new.received_on, new.document, '', new.id, %s,
                    gen_random_uuid()
                FROM imports_new new
                CROSS JOIN LATERAL (SELECT CASE new.form WHEN 'in_kind' THEN 'goods' ELSE 'cash' END AS name) pot
                JOIN funds_account giver ON giver.fund_id IS NULL AND giver.kind = 'donors' AND giver.pot = pot.name
                JOIN funds_account taker ON taker.fund_id = new.fund_id AND taker.kind = 'free' AND taker.pot = pot.name
                ORDER BY new.id
                """,
                [by.pk],
            )
        return {
            "donation": ranges_of(stage, "id", "imports_new new"),
            "donor": ranges_of(stage, "id", "imports_donors donor"),
        }

    def obstacles(self, made: Made, changes: str, *, by: Any) -> list[str]:
        return [*_already_voided(made["donation"]), *_not_yours(made["donation"], by), *_spent(made["donation"])]

    def undo(self, made: Made, changes: str, *, by: Any) -> None:
        """Each gift voided as the verb does it, on the day of its receipt or, where that period is closed, today. The
        donors entered along stay."""
        gifts = f"{ids_in(made['donation'], 'gift.id')} AND gift.voided_on IS NULL"
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                SELECT 1 FROM funds_account WHERE fund_id IN (SELECT fund_id FROM funds_donation gift WHERE {gifts})
                ORDER BY id FOR NO KEY UPDATE
                """
            )
            cursor.execute(
                f"""
                UPDATE funds_donation gift SET voided_by_id = %s, void_reason = %s, voided_on =
                    CASE WHEN funds_is_closed(gift.unit_id, gift.received_on) THEN %s ELSE gift.received_on END
                WHERE {gifts}
                """,
                [by.pk, _("The sheet it came in by was taken back."), today()],
            )
            cursor.execute(
                f"""
                INSERT INTO funds_movement (source_id, target_id, amount_vnd, kind, occurred_on, document, note,
                    donation_id, reverses_id, recorded_by_id, idempotency_key)
                SELECT moved.target_id, moved.source_id, moved.amount_vnd, moved.kind, gift.voided_on, moved.document,
                    gift.void_reason, gift.id, moved.id, %s, gen_random_uuid()
                FROM funds_donation gift
                JOIN funds_movement moved ON moved.donation_id = gift.id AND moved.reverses_id IS NULL
                WHERE {ids_in(made["donation"], "gift.id")}
                  AND NOT EXISTS (SELECT FROM funds_movement back WHERE back.reverses_id = moved.id)
                ORDER BY moved.id
                """,
                [by.pk],
            )


def _enter_donors(cursor: Any) -> None:
    """Donors who are not known yet, one for all rows of one name and unit: ``imports_donors``."""
    keep_for_now(
        "imports_donors",
        f"""
        SELECT first.*, {next_id(Donor)} AS id
        FROM (
            SELECT DISTINCT ON (unit_id, donor_key) unit_id, donor_key, donor, donor_kind FROM imports_new
            WHERE donor_id IS NULL ORDER BY unit_id, donor_key, row_no
        ) first
        """,
    )
    cursor.execute(
        f"""
        INSERT INTO {Donor._meta.db_table} (id, unit_id, kind, name, country, phone, email, address, tax_code,
                                            is_anonymous, note, revision)
        SELECT id, unit_id, donor_kind, donor, '', '', '', '', '', false, '', 1 FROM imports_donors ORDER BY id
        """
    )


def _already_voided(spans: list[list[int]]) -> Iterable[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM funds_donation WHERE voided_on IS NOT NULL AND {ids_in(spans, 'id')}")
        count = cursor.fetchone()[0]
    if count:
        text = ngettext("%(n)s donation has been voided since.", "%(n)s donations have been voided since.", count)
        yield text % {"n": count}


def _not_yours(spans: list[list[int]], by: Any) -> Iterable[str]:
    """Who records is not always who may void."""
    allowed, params = ids_where(by, Verb.VOID_DONATION)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT count(*) FROM funds_donation gift WHERE gift.unit_id NOT IN ({allowed})
            AND {ids_in(spans, "gift.id")}
            """,
            params,
        )
        count = cursor.fetchone()[0]
    if count:
        text = ngettext(
            "%(n)s donation may be voided by the accountant or the chair of its unit only.",
            "%(n)s donations may be voided by the accountant or the chair of their unit only.",
            count,
        )
        yield text % {"n": count}


def _spent(spans: list[list[int]]) -> Iterable[str]:
    """Funds that hold less by now than this sheet brought into them."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT fund.name, account.balance_vnd, sum(gift.amount_vnd)::bigint
            FROM funds_donation gift JOIN funds_fund fund ON fund.id = gift.fund_id
            JOIN funds_account account ON account.fund_id = fund.id AND account.kind = 'free'
                AND account.pot = CASE gift.form WHEN 'in_kind' THEN 'goods' ELSE 'cash' END
            WHERE {ids_in(spans, "gift.id")} AND gift.voided_on IS NULL
            GROUP BY fund.id, fund.name, account.id, account.balance_vnd
            HAVING sum(gift.amount_vnd) > account.balance_vnd ORDER BY fund.name LIMIT 10
            """
        )
        for name, left, wanted in cursor.fetchall():
            text = _("“%(fund)s” still holds %(left)s of the %(wanted)s that came in: the rest is spent or set aside.")
            yield text % {"fund": name, "left": dong(left), "wanted": dong(wanted)}
