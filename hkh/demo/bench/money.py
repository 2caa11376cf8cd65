"""What money costs: one gift recorded, the proof of two hundred thousand movements, the books of a year."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO, StringIO
from typing import Any
from uuid import uuid4

from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook
from xlsxwriter import Workbook

from funds.account_books import books_of, render_books
from funds.actions import record_donation
from funds.models import Donation, Donor, Fund, Movement
from hkh.core.dates import Period, today
from hkh.demo.bench.measuring import Measured, holder, p95, province, seconds
from hkh.demo.bench.scratch import scratch_database
from members.models import Role, User

_SAMPLES, _WARM_UP = 100, 10
_MOVEMENTS = 200_000


def donation() -> dict[str, Measured]:
    """One gift recorded by somebody just come in, from the verb's call to the commit; two bare INSERTs as floor."""
    with scratch_database():
        by = holder(Role.ACCOUNTANT)
        fund = Fund.unscoped.filter(unit=province(), closed_on=None, is_restricted=False).order_by("pk")[0]
        donor = Donor.unscoped.filter(unit=province(), merged_into=None).order_by("pk")[0]

        def record(me: User) -> Donation:
            return record_donation(
                unit=fund.unit,
                fund=fund,
                donor=donor,
                received_on=today(),
                form="cash",
                amount_vnd=500_000,
                by=me,
                idempotency_key=uuid4(),
            )

        def anew() -> Callable[[], Donation]:
            me = User.objects.get(pk=by.pk)  # what one may is looked up once a request
            return lambda: record(me)

        for _n in range(_WARM_UP):
            gift = record(by)
        with CaptureQueriesContext(connection) as captured:
            anew()()
        asked_who = 1
        whole = [seconds(anew()) * 1000 for _n in range(_SAMPLES)]
        bare = _bare_inserts(gift)
    return {
        "donation.queries": Measured(len(captured) - asked_who, "queries", None, 12),
        "donation.p95": Measured(p95(whole), "ms", p95(bare), 15),
    }


def _bare_inserts(gift: Donation) -> list[float]:
    """Milliseconds of the rows of ``gift`` written again and committed, without a rule, a sum or a look."""
    moved = Movement.objects.get(donation=gift)
    times = []
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for _n in range(_SAMPLES):
            gift.idempotency_key, moved.idempotency_key = uuid4(), uuid4()
            times.append(seconds(lambda: _write(cursor, *_insert(gift), *_insert(moved, but="donation_id"))) * 1000)
        cursor.execute("SET session_replication_role = DEFAULT")
    return times


def _write(cursor: Any, gift_sql: str, gift: list[Any], moved_sql: str, moved: list[Any]) -> None:
    with transaction.atomic():
        cursor.execute(f"{gift_sql} RETURNING id", gift)
        cursor.execute(moved_sql, [*moved, cursor.fetchone()[0]])


def _insert(row: Donation | Movement, *, but: str = "") -> tuple[str, list[Any]]:
    """The INSERT of all that ``row`` holds but its key; with the value of the column ``but`` left to be added."""
    fields = [field for field in row._meta.concrete_fields if not field.primary_key and field.column != but]
    names = [str(field.column) for field in fields] + ([but] if but else [])
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    marks = ", ".join(["%s"] * len(names))
    return f"INSERT INTO {row._meta.db_table} ({', '.join(names)}) VALUES ({marks})", values


def books() -> dict[str, Measured]:
    """``check_books`` of it all with 200,000 movements in the books; each account's sum from the movements as floor."""
    with scratch_database():
        _fill_up()
        proof = seconds(lambda: call_command("check_books", stdout=StringIO()))
        floor = seconds(_sums)
    return {"check_books.whole": Measured(proof, "s", floor, 5)}


def fund_book() -> dict[str, Measured]:
    """The books of a year of the province and all below it, as a workbook; bare rows as many, written plainly, as
    floor."""
    chair_of = holder(Role.CHAIR)
    books = books_of(chair_of, province(), Period.parse("2024"), below=True)
    told: list[bytes] = []
    whole = seconds(lambda: told.append(render_books(books)))
    with CalamineWorkbook.from_filelike(BytesIO(told[0])) as book:
        rows = [row for sheet in book.sheet_names for row in book.get_sheet_by_name(sheet).to_python()]
    floor = seconds(lambda: _write_plainly(rows))
    return {"fund_book.xlsx": Measured(whole, "s", floor, 5)}


def _write_plainly(rows: list[list[Any]]) -> None:
    """By the writer that the books are written with."""
    with Workbook(BytesIO(), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)


def _fill_up() -> None:
    """Gifts of money into the open funds, with their movements, until there are so many; under all rules."""
    wanted = _MOVEMENTS - Movement.objects.count()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM funds_donation")
        last = cursor.fetchone()[0]
        cursor.execute(
            """
            WITH known AS (
                SELECT given.*, row_number() OVER (ORDER BY given.id) - 1 AS place, count(*) OVER () AS all_there
                FROM funds_donation given JOIN funds_fund fund ON fund.id = given.fund_id AND fund.closed_on IS NULL
                JOIN members_unit unit ON unit.id = given.unit_id AND unit.dissolved_on IS NULL
                WHERE given.form <> 'in_kind' AND given.voided_on IS NULL AND given.split_id IS NULL
                  AND given.appeal_id IS NULL AND given.currency = 'VND'
            )
            INSERT INTO funds_donation (received_on, form, amount_vnd, is_pass_through, currency, goods, purpose,
                document, note, idempotency_key, void_reason, recorded_by_id, unit_id, donor_id, fund_id)
            SELECT %s, form, amount_vnd, false, 'VND', '', purpose, document, note, gen_random_uuid(), '',
                recorded_by_id, unit_id, donor_id, fund_id
            FROM generate_series(0, %s) number JOIN known ON known.place = number %% known.all_there
            """,
            [today(), max(wanted, 1) - 1],
        )
        cursor.execute(
            """
            INSERT INTO funds_movement (amount_vnd, kind, occurred_on, document, note, idempotency_key, donation_id,
                recorded_by_id, source_id, target_id)
            SELECT given.amount_vnd, 'donation', given.received_on, given.document, '', gen_random_uuid(), given.id,
                given.recorded_by_id, outside.id, free.id
            FROM funds_donation given
            JOIN funds_account free ON free.fund_id = given.fund_id AND free.kind = 'free' AND free.pot = 'cash'
            JOIN funds_account outside ON outside.fund_id IS NULL AND outside.kind = 'donors' AND outside.pot = 'cash'
            WHERE given.id > %s
            """,
            [last],
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE funds_donation, funds_movement")


def _sums() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT account_id, sum(amount_vnd) FROM (
                SELECT target_id AS account_id, amount_vnd FROM funds_movement
                UNION ALL SELECT source_id, -amount_vnd FROM funds_movement
            ) side GROUP BY account_id
            """
        )
        cursor.fetchall()
