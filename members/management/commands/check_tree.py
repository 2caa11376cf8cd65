"""``check_tree``: the closure of the tree against a walk over its versions, or the rows that differ."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from members.queries import check_tree


class Command(BaseCommand):
    help = "Prove that the closure says what the versions say. Prints what differs; exits with 1 if anything does."

    def handle(self, *args: Any, **options: Any) -> None:
        differences = check_tree()
        for difference in differences:
            self.stdout.write(str(difference))
        if differences:
            raise CommandError(f"The closure differs in {len(differences)} places.", returncode=1)
        self.stdout.write("The closure says what the versions say.")
