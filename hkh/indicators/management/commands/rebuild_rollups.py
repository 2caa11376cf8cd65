"""``rebuild_rollups``: the roll-ups made anew from the facts."""

from __future__ import annotations

from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

import funds.rollups
import members.rollups.headcounts
import members.rollups.memberships
import scholarships.rollups

ROLLUPS = (
    ("members", members.rollups.memberships.rebuild),
    ("headcounts", members.rollups.headcounts.rebuild),
    ("funds", funds.rollups.rebuild),
    ("scholarships", scholarships.rollups.rebuild),
)


class Command(BaseCommand):
    help = "Make all roll-ups anew from the facts, in one transaction. Triggers keep them; this is for repairs."

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            for name, rebuild in ROLLUPS:
                started = monotonic()
                rebuild()
                self.stdout.write(f"{name}: {monotonic() - started:.1f} s")
