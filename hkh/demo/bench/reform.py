"""The reorganisations of 2025 carried out on the province as it stood before them, in a database of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from django.core.management import call_command
from django.db import connection, transaction
from django.utils.translation import override

from hkh.decisions.actions import add_sheet, apply_decision, draft_decision, preview_decision, render_sheet
from hkh.decisions.plan import Plan
from hkh.demo.bench.measuring import Measured, province, seconds
from hkh.demo.build import build
from hkh.demo.reform_sheets import PAPERS, reform_lines
from hkh.demo.spec import COMMUNES_MERGED_ON, DISTRICTS_ENDED_ON, EARLIEST_LAST_DAY
from members.models import Membership, Role, User

_REACH_S = 15


def reform() -> dict[str, Measured]:
    """Preview and commit of both sheets. Floors: the plan's two great reads; its rows written and closure, no rules."""
    scale = "full" if Membership.unscoped.count() >= 500_000 else "small"
    found: dict[str, Measured] = {}
    with _own_database(), tempfile.TemporaryDirectory() as folder:
        build(scale, until=EARLIEST_LAST_DAY)
        for day in (COMMUNES_MERGED_ON, DISTRICTS_ENDED_ON):
            found |= _measure(day, Path(folder))
    return found


def _measure(day: date, folder: Path) -> dict[str, Measured]:
    by = User.objects.get(grants__role=Role.ADMINISTRATOR)
    number, signed_on, issuer = PAPERS[day]
    decision = draft_decision(
        unit=province(), effective_on=day, by=by, number=number, signed_on=signed_on, issuer=issuer
    )
    sheet = folder / f"{day}.xlsx"
    with override("vi"):
        sheet.write_bytes(render_sheet(reform_lines(day)))
    reading = add_sheet(decision=decision, path=sheet, name=sheet.name, by=by)
    if reading.faults:
        raise RuntimeError(f"The sheet of {day} is wrong: {reading.faults[:3]}")
    plans: list[Plan] = []
    preview = seconds(lambda: plans.append(preview_decision(decision=decision, by=by)))
    plan = plans[0]
    read, written = seconds(lambda: _read(plan)), seconds(lambda: _write(plan))
    apply = seconds(lambda: apply_decision(decision=decision, basis=plan.basis, by=by))
    return {
        f"reform.{day:%Y-%m}.preview": Measured(preview, "s", read, _REACH_S),
        f"reform.{day:%Y-%m}.apply": Measured(apply, "s", written, _REACH_S),
    }


def _read(plan: Plan) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT unit_id, name, tier_id, parent_id FROM members_unitversion WHERE valid_until IS NULL")
        cursor.fetchall()
        cursor.execute("SELECT unit_id, count(*) FROM members_membership WHERE left_on IS NULL GROUP BY unit_id")
        cursor.fetchall()


def _write(plan: Plan) -> None:
    """The versions of the plan and one walk for the closure, without a rule; nothing of it stays."""
    moved = [(unit.unit_id, unit.version_id, unit.name, unit.tier_id) for unit in plan.moved]
    with transaction.atomic(), connection.cursor() as cursor:
        for table in ("members_unitversion", "members_unitancestor"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        ids = [version for _unit, version, *_facts in moved]
        cursor.execute("UPDATE members_unitversion SET valid_until = %s WHERE id = ANY (%s)", [plan.effective_on, ids])
        cursor.execute(
            """
            INSERT INTO members_unitversion (unit_id, name, tier_id, parent_id, valid_from)
            SELECT new.unit_id, new.name, new.tier_id, old.parent_id, %s
            FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::bigint[]) new(unit_id, version_id, name, tier_id)
            JOIN members_unitversion old ON old.id = new.version_id
            """,
            [plan.effective_on, *(list(column) for column in zip(*moved, strict=True))],
        )
        cursor.execute("SELECT members_refresh_tree()")
        transaction.set_rollback(True)


@contextmanager
def _own_database() -> Iterator[None]:
    """The connection on an empty, migrated database of its own, gone again afterwards."""
    name = connection.settings_dict["NAME"]
    own = f"{name}_reform"
    quoted = connection.ops.quote_name(own)
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {quoted} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {quoted} TEMPLATE template0 ENCODING 'UTF8'")
    connection.settings_dict["NAME"] = own
    try:
        call_command("migrate", interactive=False, verbosity=0)
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = name
        with connection._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {quoted} WITH (FORCE)")
