"""``check_tree``: the closure of the tree against a walk over its versions, or the rows that differ; and its repair."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from members.queries import check_tree


class Command(BaseCommand):
    help = "Prove that the closure says what the versions say. Prints what differs; exits with 1 if anything does."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--repair", action="store_true", help="make the closure anew out of the versions first")

    def handle(self, *args: Any, repair: bool, **options: Any) -> None:
        if repair:
            with connection.cursor() as cursor:
                # Nobody writes the closure but the versions' own trigger.
                cursor.execute("UPDATE members_unitversion SET unit_id = unit_id")
        differences = check_tree()
        for difference in differences:
            self.stdout.write(str(difference))
        if differences:
            raise CommandError(f"The closure differs in {len(differences)} places.", returncode=1)
        self.stdout.write("The closure says what the versions say.")
