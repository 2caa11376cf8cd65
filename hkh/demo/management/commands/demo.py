"""``manage.py demo``: the province of the article."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from hkh.demo.accounts import PASSWORD, logins_here
from hkh.demo.build import build


class Command(BaseCommand):
    help = "Fill an empty database with the demo province, the same each time."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--scale", choices=["full", "small"], default="full", help="small: one district, for tests")
        parser.add_argument("--replace", action="store_true", help="first empty a database that the demo filled")

        parser.add_argument(
            "--until",
            type=date.fromisoformat,
            metavar="DATE",
            help="end with that day: 2024-12-31 is the eve of the reorganisations",
        )

    def handle(
        self, *, scale: str, replace: bool, verbosity: int, until: date | str | None = None, **options: Any
    ) -> None:
        if isinstance(until, str):
            until = date.fromisoformat(until)
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            raise CommandError("The tables of this version are not in the database yet. First: manage.py migrate")
        total = 0.0

        def say(step: str, seconds: float) -> None:
            nonlocal total
            total += seconds
            if verbosity:
                self.stdout.write(f"  {step:<18} {seconds:6.1f} s")

        try:
            build(scale, replace=replace, until=until, say=say)
        except ValueError as refusal:
            raise CommandError(str(refusal)) from refusal
        if verbosity:
            self.stdout.write(self.style.SUCCESS(f"The demo province is built ({total:.1f} s)."))
            for username, role, unit_code, purpose in logins_here():
                self.stdout.write(f"  {username:<14} {PASSWORD:<12} {role:<18} {unit_code:<10} {purpose}")
