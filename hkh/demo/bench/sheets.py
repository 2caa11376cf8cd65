"""Half a million members from a workbook: from the upload to where they stand in the register.

The floor is what cannot be saved: calamine reads every cell, COPY brings the rows into bare tables with the
register's columns (its generated keys among them), the register's indexes are built. The rival is
django-import-export as it comes (``stock``), with the first 10,000 of the rows.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files import File
from django.db import connection
from python_calamine import CalamineWorkbook
from rustpy_xlsxwriter import write_worksheet

from hkh.core.copying import as_text, copy_lines
from hkh.core.jobs import sweep
from hkh.demo.bench.measuring import Measured, most_mib, province, seconds
from hkh.demo.bench.scratch import scratch_database
from hkh.demo.bench.stock import bring_in, write_first_rows
from hkh.imports import actions
from hkh.imports.models import ImportRun, RunState
from hkh.imports.registry import SHEETS
from members.models import Member, Membership, Role, User

MOST = 530_486
_RIVALS = 10_000
_PATIENCE_S = 600
_SEXES = {"f": "Nữ", "m": "Nam", "": ""}
_HEAD = [
    "Họ và tên",
    "Ngày sinh",
    "Giới tính",
    "Số điện thoại",
    "Nghề nghiệp",
    "Địa chỉ",
    "Số thẻ",
    "Mã chi hội",
    "Ngày vào hội",
]


def members_sheet() -> dict[str, Measured]:
    """The import beside floor and rival, and the most memory that the worker took."""
    with tempfile.TemporaryDirectory(prefix="hkh-bench-") as folder, scratch_database() as address:
        path = Path(folder) / "hoi-vien.xlsx"
        count = _write(path)
        rivals = write_first_rows(path, Path(folder) / "rival.xlsx", _RIVALS)
        rows_a_second = _RIVALS / seconds(lambda: bring_in(rivals, _RIVALS))
        _empty_the_register()
        floor = seconds(lambda: _floor(path))
        with _worker(address, Path(folder)) as worker:
            took = _import(path, count)
            memory = _stop(worker)
    return {
        "members_sheet.whole": Measured(took, "s", floor, 4 * floor),
        "members_sheet.rate": Measured(count / took, "rows/s", rows_a_second, 20 * rows_a_second, more_is_better=True),
        "members_sheet.memory": Measured(memory, "MiB", None, 700),
    }


def _write(path: Path) -> int:
    """The register's members as an office would list them: dates and telephones as text. How many.

    Of two equal persons of one unit, which only a card number would tell apart, one stays out.
    """
    rows = (
        Membership.unscoped.filter(left_on=None)
        .order_by("unit_id", "member__sort_key", "member__birth_date", "member__birth_year", "member__card_number")
        .distinct("unit_id", "member__sort_key", "member__birth_date", "member__birth_year", "member__card_number")
        .values_list(
            "member__full_name",
            "member__birth_date",
            "member__birth_year",
            "member__sex",
            "member__phone",
            "member__occupation",
            "member__address",
            "member__card_number",
            "unit__code",
            "joined_on",
        )[:MOST]
    )
    lines = [
        dict(zip(_HEAD, (name, _said(born, year), _SEXES[sex], *more, _said(joined, None)), strict=True))
        for name, born, year, sex, *more, joined in rows.iterator(chunk_size=20_000)
    ]
    write_worksheet(lines, str(path))
    return len(lines)


def _said(day: date | None, year: int | None) -> str:
    return f"{day:%d/%m/%Y}" if day else str(year or "")


def _empty_the_register() -> None:
    """In the copy, where no rule stands in the way of emptying what rests on members along with them."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("TRUNCATE members_member, members_membership, members_membermonth CASCADE")
        cursor.execute("SET session_replication_role = DEFAULT")


def _floor(path: Path) -> None:
    """Read, COPY, build the indexes; nothing is looked at, nothing kept."""
    with CalamineWorkbook.from_path(str(path)) as book, connection.cursor() as cursor:
        for table in (Member, Membership):
            cursor.execute(
                f"CREATE TABLE bench_{table._meta.model_name} (LIKE {table._meta.db_table} INCLUDING GENERATED)"
            )
        rows = book.get_sheet_by_index(0).iter_rows()
        next(rows)
        persons: list[str] = []
        copy_lines(cursor, "bench_membership", _BELONGING, _bare(rows, persons))
        copy_lines(cursor, "bench_member", _PERSON, persons)
        for table in (Member, Membership):
            for statement in _indexes(cursor, table._meta.db_table, f"bench_{table._meta.model_name}"):
                cursor.execute(statement)
        cursor.execute("DROP TABLE bench_member, bench_membership")


_PERSON = [
    "id",
    "full_name",
    "sex",
    "phone",
    "email",
    "occupation",
    "address",
    "card_number",
    "note",
    "revision",
    "created_at",
]
_BELONGING = ("id", "member_id", "unit_id", "joined_on", "leave_reason")


def _bare(rows: Iterator[list[Any]], persons: list[str]) -> Iterator[str]:
    """The lines of the memberships; those of the persons are put by."""
    for number, (name, _born, _sex, phone, occupation, address, card, _unit, _joined) in enumerate(rows, 1):
        facts = (number, name, "f", phone, "", occupation, address, card, "", 1, "2026-01-01")
        persons.append("\t".join(map(as_text, facts)))
        yield f"{number}\t{number}\t1\t2020-01-01\t"


def _indexes(cursor: Any, table: str, other: str) -> list[str]:
    cursor.execute("SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %s::regclass", [table])
    found = [definition for (definition,) in cursor.fetchall()]
    return [
        f"CREATE {'UNIQUE ' if ' UNIQUE ' in one else ''}INDEX ON {other} USING{one.partition(' USING')[2]}"
        for one in found
    ]


@contextmanager
def _worker(address: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """``manage.py worker`` on the copy, as it runs anywhere."""
    environment = os.environ | {"DATABASE_URL": address, "HKH_DATA_DIR": str(settings.DATA_DIR)}
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "worker"]
    process = subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR)  # noqa: S603
    try:
        time.sleep(4)  # until it listens, which is not what is measured
        yield process
    finally:
        if process.returncode is None and process.poll() is None:
            process.kill()


def _stop(process: subprocess.Popen[bytes]) -> float:
    """End the worker; the most memory that it took, in MiB."""
    most = most_mib(process.pid)
    process.terminate()
    process.wait()
    return most


def _import(path: Path, count: int) -> float:
    """Seconds from the upload's first byte here to the state in which all is committed."""
    by = User.objects.get(grants__role=Role.ADMINISTRATOR, grants__unit=province(), grants__valid_until=None)
    upload = File(path.open("rb"), name=path.name)
    began = time.perf_counter()
    run = actions.hand_in(sheet=SHEETS["members"], upload=upload, by=by, options={}, idempotency_key=uuid.uuid4())
    run = _until(run, RunState.CHECKED)
    actions.confirm(run=run, digest=run.digest, all_or_nothing=True, by=by)
    run = _until(run, RunState.APPLIED)
    took = time.perf_counter() - began
    assert Membership.unscoped.count() == count, run.counts
    assert run.file is not None
    run.file.full_path.unlink(missing_ok=True)
    sweep()
    return took


def _until(run: ImportRun, state: RunState) -> ImportRun:
    limit = time.monotonic() + _PATIENCE_S
    while True:
        now = ImportRun._base_manager.select_related("job", "file").get(pk=run.pk)
        assert now.job is not None
        if now.state == state and now.job.is_over:
            return now
        assert not now.job.is_over or not now.job.error, now.job.error_detail or now.job.error
        assert time.monotonic() < limit, "The worker takes too long."
        time.sleep(0.1)
