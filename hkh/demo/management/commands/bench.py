"""``bench``: measure at full size, print a table, keep it in ``.data/bench.json``."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from hkh.core.preparation import prepare
from hkh.demo.bench import MEASURES, Measured
from hkh.demo.build import build
from members.models import Membership, Unit


class Command(BaseCommand):
    help = "Measure the province at full size, each figure beside its floor."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        names = [measure.__name__ for measure in MEASURES]
        parser.add_argument("measures", nargs="*", metavar="measure", help=f"only these of: {', '.join(names)}")
        parser.add_argument("--any-size", action="store_true", help="measure whatever province is there")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = options["measures"]
        unknown = set(wanted) - {measure.__name__ for measure in MEASURES}
        if unknown:
            raise CommandError(f"There is no measure called {', '.join(sorted(unknown))}.")
        self._prepare(any_size=options["any_size"])
        found: dict[str, Measured] = {}
        for measure in MEASURES:
            if wanted and measure.__name__ not in wanted:
                continue
            figures = measure()
            found |= figures
            for name, measured in figures.items():
                self.stdout.write(_line(name, measured))
        target = settings.DATA_DIR / "bench.json"
        kept = json.loads(target.read_text()) if wanted and target.exists() else {}
        kept |= {name: _as_json(one) for name, one in found.items()}
        target.write_text(json.dumps(kept, indent=2) + "\n")
        missed = [name for name, one in found.items() if not one.holds]
        self.stdout.write(f"Kept in {target}.")
        if missed:
            raise CommandError(f"Out of reach: {', '.join(missed)}")

    def _prepare(self, *, any_size: bool) -> None:
        """What a page needs, and the full province where there is none yet."""
        prepare(self.stdout.write)
        if not Unit.unscoped.exists():
            self.stdout.write("Building the full demo province first; this takes about a minute, once")
            build("full")
        if not any_size and Membership.unscoped.count() < 500_000:
            raise CommandError("The full province is not in this database. Build it first: manage.py demo --replace")


def _line(name: str, one: Measured) -> str:
    floor = f"{one.floor:10.2f}" if one.floor is not None else f"{'–':>10}"
    ratio = f"{one.ratio:8.2f}" if one.ratio is not None else f"{'–':>8}"
    verdict = "holds" if one.holds else "MISSED"
    bound = f"{'≥' if one.more_is_better else '≤'} {one.reach:g}"
    return f"{name:<28}{one.value:10.2f} {one.unit:<8} floor{floor}  ×{ratio}  reach {bound:<10} {verdict}"


def _as_json(one: Measured) -> dict[str, Any]:
    return {
        "value": one.value,
        "unit": one.unit,
        "floor": one.floor,
        "ratio": one.ratio,
        "reach": one.reach,
        "holds": one.holds,
    }
