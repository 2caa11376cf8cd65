"""The reorganisations of 2025, from the State's files by sheet, on the small province as it stood before them."""

from __future__ import annotations

import json
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Q
from django.utils.translation import override

from funds import rollups as fund_rollups
from hkh.decisions.actions import (
    add_sheet,
    apply_decision,
    draft_decision,
    preview_decision,
    render_sheet,
    undo_decision,
)
from hkh.demo.reform_sheets import PAPERS, reform_lines
from hkh.demo.spec import COMMUNES_MERGED_ON, DISTRICTS_ENDED_ON
from members.models import Decision, Role, Unit, User
from members.queries import check_tree
from scholarships import rollups as giving_rollups
from tests.decisions.drafts import picture

pytestmark = [pytest.mark.django_db, pytest.mark.province]


def figures(unit: str, period: str) -> dict[str, Any]:
    out = StringIO()
    call_command("figures", unit, period, format="json", stdout=out)
    return json.loads(out.getvalue())


def standing(day: date) -> set[tuple[str, ...]]:
    """Code, name, tier and parent of each unit that stood on ``day``."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT unit.code, version.name, tier.code, coalesce(above.code, '')
            FROM members_unitversion version JOIN members_unit unit ON unit.id = version.unit_id
            JOIN members_tier tier ON tier.id = version.tier_id
            LEFT JOIN members_unit above ON above.id = version.parent_id
            WHERE version.valid_from <= %s AND (version.valid_until IS NULL OR version.valid_until > %s)
            """,
            [day, day],
        )
        return set(cursor.fetchall())


def reorganise(day: date, folder: Path) -> Decision:
    by = User.objects.get(grants__role=Role.ADMINISTRATOR)
    number, signed_on, issuer = PAPERS[day]
    decision = draft_decision(
        unit=Unit.unscoped.get(parent=None), effective_on=day, by=by, number=number, signed_on=signed_on, issuer=issuer
    )
    sheet = folder / f"{day}.xlsx"
    with override("vi"):
        sheet.write_bytes(render_sheet(reform_lines(day)))
    reading = add_sheet(decision=decision, path=sheet, name=sheet.name, by=by)
    assert reading.faults == []
    plan = preview_decision(decision=decision, by=by)
    assert plan.faults == ()
    return apply_decision(decision=decision, basis=plan.basis, by=by)


def sound() -> None:
    assert check_tree() == []
    assert fund_rollups.check() == []
    assert giving_rollups.check() == []


def test_both_reorganisations_of_2025(tmp_path: Path) -> None:
    told = standing(DISTRICTS_ENDED_ON)
    founded_since = set(
        Unit.unscoped.filter(
            Q(founded_on__gt="2024-12-31"), Q(dissolved_on=None) | Q(dissolved_on__gt=DISTRICTS_ENDED_ON)
        )
        .filter(founded_on__lte=DISTRICTS_ENDED_ON)
        .values_list("code", flat=True)
    )
    call_command("demo", scale="small", replace=True, until="2024-12-31", verbosity=0)
    before = figures("PHU-THO", "2024-H1"), figures("PT-235", "2024-H1"), figures("PHU-THO", "2024")
    reorganise(COMMUNES_MERGED_ON, tmp_path)
    sound()
    pictured = picture()
    decision = reorganise(DISTRICTS_ENDED_ON, tmp_path)
    sound()
    assert (figures("PHU-THO", "2024-H1"), figures("PT-235", "2024-H1"), figures("PHU-THO", "2024")) == before
    now = standing(DISTRICTS_ENDED_ON)
    assert now <= told
    newer = set(Unit.unscoped.filter(founded_on__gt="2024-12-31").values_list("code", flat=True))
    assert {code for code, *_facts in told - now} == founded_since - newer
    assert figures("PHU-THO", "2025-H2")["figures"]["units"] == {
        "PROVINCE": 1,
        "DISTRICT": 1,
        "GRASSROOTS": 5,
        "BRANCH": 31,
    }

    undo_decision(decision=decision, by=User.objects.get(grants__role=Role.ADMINISTRATOR))

    assert picture() == pictured
    assert figures("PHU-THO", "2024-H1") == before[0]
    sound()
