"""``check_books``: movements = balances = roll-ups = raw facts, and every rule holds; or the rows that differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError

import funds.checks.standing
import funds.rollups
import members.rollups.headcounts
import members.rollups.memberships
import scholarships.rollups
from hkh.core import triggers

BOOKS = (
    ("triggers", triggers.check),
    ("members", members.rollups.memberships.check),
    ("headcounts", members.rollups.headcounts.check),
    ("funds", funds.rollups.check),
    ("rules of money", funds.checks.standing.check),
    ("scholarships", scholarships.rollups.check),
)


class Command(BaseCommand):
    help = (
        "Prove that balances and roll-ups say what the facts say. Prints what differs; exits with 1 if anything does."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        total = 0
        for name, check in BOOKS:
            differences: Sequence[object] = check()
            total += len(differences)
            for difference in differences:
                self.stdout.write(f"{name}: {difference}")
        if total:
            raise CommandError(f"The books disagree in {total} places.", returncode=1)
        self.stdout.write("The books agree.")
