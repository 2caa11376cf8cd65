"""Workers on real connections and as real processes: nothing twice, nothing lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings as configured
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from hkh.core import jobs, worker
from hkh.core.models import Job, JobStatus, MadeFile
from members.models import User
from tests.core import sample_jobs

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _settings(settings: Settings, tmp_path: Path) -> None:
    settings.JOB_MODULES = [sample_jobs.__name__]
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.JOB_BEAT_S = 0.1


@pytest.fixture
def owner() -> User:
    return User.objects.create_user("owner")


@pytest.fixture
def start_worker(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts ``manage.py worker`` on this test's database; ends at the test's end whatever still runs."""
    at = connection.settings_dict
    user = quote(at["USER"] or "", safe="") + (f":{quote(at['PASSWORD'], safe='')}" if at["PASSWORD"] else "")
    host = quote(at["HOST"] or "", safe="") + (f":{at['PORT']}" if at["PORT"] else "")
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.core.worker_settings",
        "DATABASE_URL": f"postgres://{user}@{host}/{at['NAME']}",
        "HKH_MEDIA_ROOT": str(tmp_path / "files"),
    }
    started: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "manage.py", "worker", *arguments]
        started.append(subprocess.Popen(command, env=environment, cwd=configured.BASE_DIR))
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()


def until(happened: Callable[[], bool], seconds: float = 30) -> None:
    limit = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < limit, "waited in vain"
        time.sleep(0.05)


def state_of(job: Job) -> Job:
    return Job._base_manager.get(pk=job.pk)


def lines(diary: Path) -> list[str]:
    return diary.read_text().split("\n")[:-1] if diary.exists() else []


def test_two_workers_never_claim_the_same_job(owner: User) -> None:
    asked = {jobs.enqueue("sample.quiet", by=owner).pk for _number in range(40)}
    claimed: dict[str, list[int]] = {"one": [], "other": []}
    ready = threading.Barrier(2)

    def claim_all(name: str) -> None:
        ready.wait()
        while (job := worker.claim()) is not None:
            claimed[name].append(job.pk)
        connection.close()

    threads = [threading.Thread(target=claim_all, args=[name]) for name in claimed]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(claimed["one"] + claimed["other"]) == sorted(asked)


def test_the_first_asked_is_the_first_claimed_and_later_is_not_yet(owner: User) -> None:
    first, later, second = (jobs.enqueue("sample.quiet", by=owner) for _number in range(3))
    Job._base_manager.filter(pk=later.pk).update(not_before=timezone.now() + timedelta(minutes=1))

    assert [worker.claim(), worker.claim(), worker.claim()] == [first, second, None]


def test_a_job_whose_worker_fell_silent_is_taken_up_and_the_silent_one_cannot_end_it(owner: User) -> None:
    jobs.enqueue("sample.file", by=owner, text="a")
    silent = worker.claim()
    assert silent is not None
    assert worker.claim() is None
    Job._base_manager.update(heartbeat_at=timezone.now() - timedelta(seconds=configured.JOB_SILENCE_S + 1))

    taken = worker.claim()
    assert taken is not None
    assert (taken.pk, taken.attempts, taken.claim == silent.claim) == (silent.pk, 2, False)

    assert worker.perform(silent).status == JobStatus.RUNNING
    assert MadeFile._base_manager.count() == 0
    assert worker.perform(taken).status == JobStatus.DONE
    assert MadeFile._base_manager.count() == 1


def test_a_job_that_kills_its_workers_is_given_up_with_a_sentence(owner: User) -> None:
    job = jobs.enqueue("sample.fails", by=owner, how="bug")
    Job._base_manager.update(
        status=JobStatus.RUNNING, attempts=2, claim=uuid.uuid4(), heartbeat_at=timezone.now() - timedelta(hours=1)
    )
    Job._base_manager.update(language="en")

    assert worker.claim() is None

    ended = state_of(job)
    assert (ended.status, ended.error) == (
        JobStatus.FAILED,
        "The work was broken off 2 times and has been given up. Start it again; if that happens once more, tell "
        f"the administrator job number {job.pk}.",
    )


def test_progress_is_seen_from_outside_and_a_wish_to_stop_is_heard(owner: User, tmp_path: Path) -> None:
    job = jobs.enqueue("sample.slow", by=owner, diary=str(tmp_path / "diary"), until=str(tmp_path / "go"))

    def do() -> None:
        claimed = worker.claim()
        assert claimed is not None
        worker.perform(claimed)
        connection.close()

    thread = threading.Thread(target=do)
    thread.start()
    until(lambda: state_of(job).progress > 3)
    seen = state_of(job)
    assert (seen.status, seen.progress_note.startswith("Bước ")) == (JobStatus.RUNNING, True)
    assert MadeFile._base_manager.count() == 0  # not before it is done

    jobs.cancel(job=job, by=owner)
    thread.join(timeout=10)

    assert state_of(job).status == JobStatus.CANCELLED
    assert MadeFile._base_manager.count() == 0


def test_a_killed_workers_job_is_done_by_the_next_one_once(
    owner: User, tmp_path: Path, start_worker: Callable[..., subprocess.Popen[bytes]]
) -> None:
    diary, go = tmp_path / "diary", tmp_path / "go"
    job = jobs.enqueue("sample.slow", by=owner, diary=str(diary), until=str(go))
    first = start_worker()
    until(lambda: lines(diary) == [f"begun {first.pid}"] and state_of(job).progress > 0)

    first.send_signal(signal.SIGKILL)
    first.wait()
    assert state_of(job).status == JobStatus.RUNNING
    go.touch()
    second = start_worker()
    until(lambda: state_of(job).is_over)

    ended = state_of(job)
    file = MadeFile._base_manager.get()
    assert (ended.status, ended.attempts, ended.result) == (JobStatus.DONE, 2, {"file": file.pk})
    assert lines(diary) == [f"begun {first.pid}", f"begun {second.pid}", f"ended {second.pid}"]


def test_asked_to_stop_a_worker_finishes_what_is_under_way(
    owner: User, tmp_path: Path, start_worker: Callable[..., subprocess.Popen[bytes]]
) -> None:
    diary, go = tmp_path / "diary", tmp_path / "go"
    job, waiting = (
        jobs.enqueue("sample.slow", by=owner, diary=str(diary), until=str(go)),
        jobs.enqueue("sample.quiet", by=owner),
    )
    process = start_worker()
    until(lambda: len(lines(diary)) == 1)

    process.terminate()
    go.touch()

    assert process.wait(timeout=20) == 0
    assert (state_of(job).status, state_of(waiting).status) == (JobStatus.DONE, JobStatus.QUEUED)


def test_asked_to_stop_without_time_a_worker_hands_the_job_back(
    owner: User, tmp_path: Path, start_worker: Callable[..., subprocess.Popen[bytes]]
) -> None:
    diary = tmp_path / "diary"
    job = jobs.enqueue("sample.slow", by=owner, diary=str(diary), until=str(tmp_path / "never"))
    process = start_worker("--grace", "0")
    until(lambda: len(lines(diary)) == 1)

    process.terminate()

    assert process.wait(timeout=20) == 0
    back = state_of(job)
    assert (back.status, back.attempts, back.progress) == (JobStatus.QUEUED, 0, 0)
    assert MadeFile._base_manager.count() == 0


def test_once_does_what_is_waiting_and_ends(owner: User) -> None:
    asked = [jobs.enqueue("sample.quiet", by=owner) for _number in range(3)]

    call_command("worker", "--once")

    assert [state_of(job).status for job in asked] == [JobStatus.DONE] * 3
