"""``figures UNIT PERIOD``: the indicators of a unit and period, as every screen and document shows them."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from hkh.core.dates import Period
from hkh.indicators.lens import Lens
from hkh.indicators.named import named_figures
from hkh.indicators.queries import picture, split_units
from members.models import Unit


class Command(BaseCommand):
    help = "Print the indicators of a unit and period, read through the tree as it was or through that of one day."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("unit", help="code of the unit, such as PHU-THO")
        parser.add_argument("period", help="2024-06, 2024-Q2, 2024-H1, 2024-9M, 2024 or 2024-SY (school year)")
        parser.add_argument("--tree-on", type=date.fromisoformat, metavar="DATE", help="one tree for all (ISO date)")
        parser.add_argument("--format", choices=["table", "json", "csv"], default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        unit = Unit.unscoped.filter(code=options["unit"].upper()).first()
        if unit is None:
            raise CommandError(f"There is no unit {options['unit']}. The province's code is that of the first tier.")
        try:
            period = Period.parse(options["period"])
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from refusal
        lens = Lens(unit, period, options["tree_on"])
        figures = named_figures(picture(lens))
        if split := split_units(lens):
            # Aside, so that the figures themselves can be read by a program.
            self.stderr.write(f"Divided by shares, so that single units are estimates: {'; '.join(split)}")
        write = {"json": self._json, "csv": self._csv, "table": self._table}[options["format"]]
        write(unit, period, figures)

    def _json(self, unit: Unit, period: Period, figures: dict[str, Any]) -> None:
        content = {"unit": unit.code, "period": period.code, "figures": figures}
        self.stdout.write(json.dumps(content, ensure_ascii=False, indent=2))

    def _csv(self, unit: Unit, period: Period, figures: dict[str, Any]) -> None:
        writer = csv.writer(self.stdout)
        writer.writerow(["unit", "period", "figure", "value"])
        writer.writerows([unit.code, period.code, name, value] for name, value in flat(figures))

    def _table(self, unit: Unit, period: Period, figures: dict[str, Any]) -> None:
        rows = [(name, str(value)) for name, value in flat(figures)]
        wide = max(len(name) for name, _ in rows)
        self.stdout.write(f"{unit.name} · {period.code}")
        for name, value in rows:
            self.stdout.write(f"{name:<{wide}}  {value:>20}")


def flat(figures: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The nested figures as (dotted name, value)."""
    for name, value in figures.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
