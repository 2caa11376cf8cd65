"""Web server, worker and database killed at random moments over a batch of gifts: each is there once or not at all.

What was answered as recorded must be there, whoever died; sent once more with the same keys, all are there once.
"""

from __future__ import annotations

import http.client
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from queue import Empty, SimpleQueue
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from funds import rollups
from funds.actions import add_donor, open_fund
from funds.checks import standing
from funds.models import Donation, Donor, Fund
from hkh.core.dates import format_date, today
from hkh.core.models import Job, JobStatus
from hkh.demo.bench.measuring import Measured, holder, province
from hkh.demo.bench.programs import Programs
from hkh.demo.bench.scratch import led_to
from hkh.demo.build import build
from hkh.imports import actions
from hkh.imports.models import ImportRun, RunState
from hkh.imports.registry import SHEETS
from members.models import Role, User

VICTIMS = ("web", "database", "worker")
#: Hands that send gifts at the same time.
_HANDS = 6
#: How long after the chosen moment the blow falls at most, and how long a job is let run.
_TREMBLE_S, _RUNS_S = 0.03, 0.25
_PATIENCE_S = 120
_AMOUNT_VND = 10_000
#: The page of the gift is where a form leads that was saved.
_RECORDED = "302"


@dataclass(frozen=True)
class Desk:
    """Where the gifts come in, and who records them."""

    fund: Fund
    donor: Donor
    by: User


@dataclass
class Killed:
    """What came of it: gifts that were to be there, and what was found wrong, blow by blow."""

    gifts: int = 0
    #: Blows that fell while gifts were still on their way.
    in_the_middle: int = 0
    #: Answered as recorded and not there after the restart; there more than once; not there though sent again.
    lost: int = 0
    twice: int = 0
    missing: int = 0
    #: Gifts of a sheet that were there though others of it were not.
    halves: int = 0
    #: What was answered after a restart other than that the gift is recorded, by status or error.
    unanswered: Counter[str] = field(default_factory=Counter)
    differences: list[rollups.Difference] = field(default_factory=list)


def kills() -> dict[str, Measured]:
    """5,000 gifts and 20 kills, on a private server of its own with the small province on it."""
    with (
        tempfile.TemporaryDirectory(prefix="hkh-bench-") as folder,
        Programs(Path(folder) / "postgres") as programs,
        led_to(programs.address),
    ):
        call_command("migrate", interactive=False, verbosity=0)
        build("small")
        killed = kill_and_count(programs, new_desk(holder(Role.ACCOUNTANT)), kills=20, gifts_a_kill=250)
    return {
        "kills.in_the_middle": Measured(killed.in_the_middle, "kills", None, 15, more_is_better=True),
        "kills.gifts_lost": Measured(killed.lost, "gifts", None, 0),
        "kills.gifts_twice": Measured(killed.twice, "gifts", None, 0),
        "kills.gifts_missing": Measured(killed.missing, "gifts", None, 0),
        "kills.sheets_halved": Measured(killed.halves, "gifts", None, 0),
        "kills.unanswered": Measured(killed.unanswered.total(), "requests", None, 0),
        "kills.differences": Measured(len(killed.differences), "places", None, 0),
    }


def new_desk(by: User) -> Desk:
    """A new fund of the province and a new donor."""
    unit = province()
    fund = open_fund(unit=unit, code="KILLS", name="Quỹ thử thách", opened_on=today(), by=by)
    return Desk(fund, add_donor(unit=unit, by=by, name="Nhà tài trợ bền lòng", kind="person"), by)


def kill_and_count(programs: Programs, desk: Desk, *, kills: int, gifts_a_kill: int, seed: int = 0) -> Killed:
    """``kills`` blows in turn at web server, database and worker, each amid ``gifts_a_kill`` gifts to ``desk``.

    The default connection leads to the database of ``programs``, on which neither web server nor worker runs yet.
    """
    chance = random.Random(seed)
    killed = Killed()
    programs.start_web()
    for number in range(kills):
        victim = VICTIMS[number % len(VICTIMS)]
        if victim == "worker":
            _amid_a_sheet(programs, desk, killed, chance, number=number, gifts=gifts_a_kill)
        else:
            blow = programs.kill_web if victim == "web" else programs.kill_database
            again = programs.start_web if victim == "web" else programs.start_database
            _amid_forms(programs, desk, killed, chance, gifts=gifts_a_kill, blow=blow, again=again)
        killed.differences += [*rollups.check(), *standing.check()]
    return killed


def _amid_forms(
    programs: Programs,
    desk: Desk,
    killed: Killed,
    chance: random.Random,
    *,
    gifts: int,
    blow: Callable[[], None],
    again: Callable[[], None],
) -> None:
    """The form of a gift sent ``gifts`` times by several hands, with a ``blow`` after some of them; then all again."""
    keys = [uuid4() for _number in range(gifts)]
    cookies = _signed_in(desk.by)
    connection.close()
    enough, moment = threading.Event(), chance.randrange(1, gifts - _HANDS)
    answered: set[UUID] = set()

    def told(key: UUID, answer: str) -> None:
        if answer == _RECORDED:
            answered.add(key)
            if len(answered) >= moment:
                enough.set()

    sending = threading.Thread(target=_send_all, args=(programs.port, desk, cookies, keys, told))
    sending.start()
    enough.wait(_PATIENCE_S)
    time.sleep(chance.uniform(0, _TREMBLE_S))
    blow()
    sending.join()
    again()
    killed.gifts += gifts
    killed.in_the_middle += len(answered) < gifts
    killed.lost += len(answered - set(_keys(keys)))
    killed.differences += [*rollups.check(), *standing.check()]

    def told_again(_key: UUID, answer: str) -> None:
        if answer != _RECORDED:
            killed.unanswered[answer] += 1

    _send_all(programs.port, desk, cookies, keys, told_again)
    _count(killed, _keys(keys), gifts)


def _amid_a_sheet(
    programs: Programs, desk: Desk, killed: Killed, chance: random.Random, *, number: int, gifts: int
) -> None:
    """A sheet of ``gifts`` handed in, and the worker killed while it reads it or takes its rows in."""
    mark = f"KILL-{number}"
    programs.ensure_worker()
    is_reading = chance.randrange(2) == 0
    run = actions.hand_in(
        sheet=SHEETS["donations"], upload=_sheet(desk, mark, gifts), by=desk.by, options={}, idempotency_key=uuid4()
    )
    if is_reading:
        killed.in_the_middle += _kill_over(programs, run, chance)
        programs.start_worker()
    run = _until(run, RunState.CHECKED)
    actions.confirm(run=run, digest=run.digest, all_or_nothing=True, by=desk.by)
    if not is_reading:
        run = ImportRun._base_manager.get(pk=run.pk)
        killed.in_the_middle += _kill_over(programs, run, chance)
        there = len(_documents(mark))
        killed.halves += there if there != gifts else 0
        killed.differences += [*rollups.check(), *standing.check()]
        programs.start_worker()
    _until(run, RunState.APPLIED)
    killed.gifts += gifts
    _count(killed, _documents(mark), gifts)


def _kill_over(programs: Programs, run: ImportRun, chance: random.Random) -> bool:
    """The worker killed some moments after it began with the run's work, and so long ago that it is taken for dead.

    Whether it was still at it.
    """
    limit = time.monotonic() + _PATIENCE_S
    assert run.job is not None
    work = Job._base_manager.filter(pk=run.job.pk)
    while work.get().status == JobStatus.QUEUED:
        assert time.monotonic() < limit, "No worker begins."
        time.sleep(0.005)
    time.sleep(chance.uniform(0, _RUNS_S))
    programs.kill_worker()
    return bool(work.filter(status=JobStatus.RUNNING).update(heartbeat_at=timezone.now() - timedelta(hours=1)))


def _until(run: ImportRun, state: RunState) -> ImportRun:
    limit = time.monotonic() + _PATIENCE_S
    while True:
        now = ImportRun._base_manager.select_related("job").get(pk=run.pk)
        assert now.job is not None
        if now.state == state and now.job.is_over:
            return now
        assert not now.job.is_over or not now.job.error, now.job.error_detail or now.job.error
        assert time.monotonic() < limit, f"The run stays {now.state}, its job {now.job.status}."
        time.sleep(0.05)


def _sheet(desk: Desk, mark: str, gifts: int) -> ContentFile[bytes]:
    """A text file with a blank tail as long as Excel leaves one; too long to be read while its owner waits."""
    head = "Ngày;Nhà tài trợ;Loại nhà tài trợ;Số tiền;Hình thức;Mã quỹ;Chứng từ\n"
    day = format_date(today())
    rows = (
        f"{day};{desk.donor.name};Cá nhân;{_AMOUNT_VND};Tiền mặt;{desk.fund.code};{mark}-{number}\n"
        for number in range(gifts)
    )
    text = head + "".join(rows) + ";;;;;;\n" * (actions.SMALL // 7 + 1)
    return ContentFile(text.encode(), name=f"{mark}.csv")


def _keys(keys: list[UUID]) -> list[UUID]:
    """Those of ``keys`` with which gifts are there, each as often as one is."""
    return list(Donation.unscoped.filter(idempotency_key__in=keys).values_list("idempotency_key", flat=True))


def _documents(mark: str) -> list[str]:
    return list(Donation.unscoped.filter(document__startswith=f"{mark}-").values_list("document", flat=True))


def _count(killed: Killed, there: Sequence[object], gifts: int) -> None:
    killed.twice += len(there) - len(set(there))
    killed.missing += gifts - len(set(there))


def _signed_in(user: User) -> dict[str, str]:
    client = Client()
    client.force_login(user)
    return {"Cookie": f"sessionid={client.cookies['sessionid'].value}; csrftoken={'a' * 32}", "X-CSRFToken": "a" * 32}


def _send_all(
    port: int, desk: Desk, cookies: dict[str, str], keys: Iterable[UUID], told: Callable[[UUID, str], None]
) -> None:
    """The form of a gift sent with each key by some hands at once; ``told`` hears what is answered."""
    waiting: SimpleQueue[UUID] = SimpleQueue()
    for key in keys:
        waiting.put(key)
    typed = {
        "unit": desk.fund.unit.code,
        "received_on": format_date(today()),
        "donor": str(desk.donor.pk),
        "form": "cash",
        "amount_vnd": str(_AMOUNT_VND),
        "fund": str(desk.fund.pk),
        "currency": "VND",
    }

    def send(_hand: int) -> None:
        while True:
            try:
                key = waiting.get_nowait()
            except Empty:
                return
            told(key, _answer(port, typed | {"idempotency_key": str(key)}, cookies))

    with ThreadPoolExecutor(_HANDS) as pool:
        list(pool.map(send, range(_HANDS)))


def _answer(port: int, typed: dict[str, str], cookies: dict[str, str]) -> str:
    headers = cookies | {"Content-Type": "application/x-www-form-urlencoded"}
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with closing(client):
        try:
            client.request("POST", reverse("funds:donation-add"), urlencode(typed), headers)
            return str(client.getresponse().status)
        except (OSError, http.client.HTTPException) as none:
            return repr(none)
