"""A worker killed in the middle of taking rows in: the next one does it, and every row is there once."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable

import psycopg2
import pytest
from django.db import connection

from hkh.imports import actions
from hkh.imports.models import ImportRun, RunState
from members.models import Member, Membership
from members.rollups.memberships import check
from tests.cast import a_province
from tests.core.test_worker import start_worker, until
from tests.imports.sheets import upload, work_of, workbook
from tests.imports.test_runs import HEAD, row

__all__ = ["start_worker"]

pytestmark = pytest.mark.django_db(transaction=True)


def state_of(run: ImportRun) -> str:
    return str(ImportRun._base_manager.get(pk=run.pk).state)


def is_waiting_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
                AND wait_event_type = 'Lock' AND query LIKE '%%INSERT INTO members_membership%%')
            """
        )
        return bool(cursor.fetchone()[0])


def test_rows_are_there_once_though_a_worker_was_killed_over_them(
    start_worker: Callable[..., subprocess.Popen[bytes]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(actions, "SMALL", 0)  # so that it is a worker's business
    cast = a_province()
    content = workbook(HEAD, *(row(cast, f"Người Thứ {n}", birth=1950 + n) for n in range(30)))
    import uuid

    from hkh.imports.registry import SHEETS

    first = start_worker()
    run = actions.hand_in(
        sheet=SHEETS["members"], upload=upload(content), by=cast.clerk, options={}, idempotency_key=uuid.uuid4()
    )
    until(lambda: state_of(run) == RunState.CHECKED)
    run = ImportRun._base_manager.get(pk=run.pk)

    in_the_way = psycopg2.connect(**connection.get_connection_params())
    with in_the_way.cursor() as cursor:
        cursor.execute("LOCK TABLE members_membership IN SHARE MODE")
    actions.confirm(run=run, digest=run.digest, all_or_nothing=False, by=cast.clerk)
    until(is_waiting_for_a_lock)  # the persons are written, their memberships not yet
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert (Member.unscoped.count(), state_of(run)) == (0, RunState.CHECKED)
    in_the_way.close()

    start_worker()
    until(lambda: state_of(run) == RunState.APPLIED)

    run = ImportRun._base_manager.get(pk=run.pk)
    assert (Member.unscoped.count(), Membership.unscoped.count(), run.counts["new"]) == (30, 30, 30)
    assert sorted(Member.unscoped.values_list("pk", flat=True)) == list(range(*run.made["member"][0]))
    assert (work_of(run).attempts, check()) == (2, [])
