"""``reform_sheet DATE FILE``: the reorganisation of that day as the sheet of a decision."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import override

from hkh.decisions.actions import render_sheet
from hkh.demo.reform_sheets import reform_lines


class Command(BaseCommand):
    help = "Write the sheet that carries out the reorganisation of 2025-01-01 or 2025-07-01 on this province."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("day", type=date.fromisoformat, metavar="DATE")
        parser.add_argument("file", type=Path, metavar="FILE.xlsx")

    def handle(self, *args: Any, day: date, file: Path, **options: Any) -> None:
        try:
            lines = reform_lines(day)
        except ValueError as refusal:
            raise CommandError(str(refusal)) from refusal
        with override("vi"):
            file.write_bytes(render_sheet(lines, title=f"{day:%Y-%m-%d}"))
        self.stdout.write(f"{len(lines)} lines written to {file}.")
