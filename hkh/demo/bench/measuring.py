"""What measures share: a figure beside its floor and its reach, and how time and memory are taken."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any

from members.models import Role, Unit, User


@dataclass(frozen=True)
class Measured:
    """``value`` and ``floor`` in ``unit``. It holds where ``value`` is at most ``reach`` or, ``more_is_better``, at
    least that."""

    value: float
    unit: str
    floor: float | None
    reach: float
    more_is_better: bool = False

    @property
    def ratio(self) -> float | None:
        return self.value / self.floor if self.floor else None

    @property
    def holds(self) -> bool:
        return self.value >= self.reach if self.more_is_better else self.value <= self.reach


def seconds(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def p95(times: list[float]) -> float:
    """The 95th percentile of ``times`` (at least 2), in their unit."""
    return quantiles(times, n=20)[-1]


def children_mib() -> float:
    """The most memory that any child process has taken so far."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def most_mib(pid: int | str = "self") -> float:
    """The most memory that a process has taken since it began with its program. What ``wait4`` tells of a child holds
    what its parent had taken when it was started, too."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def province() -> Unit:
    return Unit.unscoped.get(parent=None, dissolved_on=None)


def chair() -> User:
    return holder(Role.CHAIR)


def holder(role: Role) -> User:
    """Who has ``role`` in the province."""
    return User.objects.get(grants__role=role, grants__unit=province(), grants__valid_until=None)
