"""A measure in a process of its own, so that it pays for its own memory alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module

from django.conf import settings
from django.utils import translation

from hkh.demo.bench.measuring import children_mib, most_mib
from hkh.demo.bench.scratch import current_address

_CHILD = "import sys, django; django.setup(); from hkh.demo.bench.children import work; work(*sys.argv[1:])"


def in_a_child(measure: Callable[..., float], *arguments: str) -> tuple[float, float]:
    """The seconds that ``measure``, a function of a module, gives in a process of its own on this database; and the
    most memory in MiB that it took together with the largest process that it started."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "hkh.settings",
        "DATABASE_URL": current_address(),
        "HKH_DATA_DIR": str(settings.DATA_DIR),
    }
    made = subprocess.run(  # noqa: S603  # our own module, by our own interpreter
        [sys.executable, "-c", _CHILD, measure.__module__, measure.__name__, *arguments],
        env=environment,
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        check=True,
    )
    told = json.loads(made.stdout)
    return told["seconds"], told["mib"]


def work(module: str, name: str, *arguments: str) -> None:
    """Measure, and print what it took: what the child does."""
    with translation.override("vi"):
        took = getattr(import_module(module), name)(*arguments)
    sys.stdout.write(json.dumps({"seconds": took, "mib": most_mib() + children_mib()}))
