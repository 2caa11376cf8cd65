"""Asking for jobs, doing them here, and what their owner is told."""

from __future__ import annotations

import hashlib
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.utils import timezone, translation
from pytest_django import Settings

from hkh.core import jobs, worker
from hkh.core.models import Job, JobStatus, MadeFile
from members.models import User
from tests.core import sample_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _settings(settings: Settings, tmp_path: Path) -> None:
    settings.JOB_MODULES = [sample_jobs.__name__]
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def owner() -> User:
    return User.objects.create_user("owner")


@pytest.fixture
def stranger() -> User:
    return User.objects.create_user("stranger")


def done_now(kind: str, by: User | None, **payload: Any) -> Job:
    return worker.run_now(jobs.enqueue(kind, by=by, **payload))


# Asking


def test_a_job_waits_with_all_that_its_handler_needs(owner: User) -> None:
    with translation.override("en"):
        job = jobs.enqueue("sample.file", by=owner, title="Báo cáo quý III", text="số liệu")

    assert (job.kind, job.payload, job.owner, job.status) == (
        "sample.file",
        {"text": "số liệu"},
        owner,
        JobStatus.QUEUED,
    )
    assert (job.title, job.language, job.attempts, job.progress) == ("Báo cáo quý III", "en", 0, 0)


def test_a_kind_without_handler_is_refused_at_once(owner: User) -> None:
    with pytest.raises(jobs.UnknownKind):
        jobs.enqueue("sample.unheard", by=owner)


def test_one_kind_has_one_handler() -> None:
    with pytest.raises(ValueError, match=r"sample\.file"):

        @jobs.job("sample.file")
        def other(context: jobs.JobContext) -> None: ...


def test_asking_twice_with_one_key_asks_once(owner: User) -> None:
    first = jobs.enqueue("sample.file", by=owner, key="report 7", text="a")

    assert jobs.enqueue("sample.file", by=owner, key="report 7", text="a") == first
    assert Job.objects.visible_to(owner).count() == 1


def test_a_key_is_its_owners_alone(owner: User, stranger: User) -> None:
    mine = jobs.enqueue("sample.file", by=owner, key="report 7", text="a")

    assert jobs.enqueue("sample.file", by=stranger, key="report 7", text="a") != mine


def test_a_key_answers_with_the_job_that_is_done(owner: User) -> None:
    job = worker.run_now(jobs.enqueue("sample.file", by=owner, key="report 7", text="a"))

    assert jobs.enqueue("sample.file", by=owner, key="report 7", text="a") == job


def test_a_failed_job_gives_its_key_up(owner: User) -> None:
    job = worker.run_now(jobs.enqueue("sample.fails", by=owner, key="report 7", how="refused"))

    assert jobs.enqueue("sample.fails", by=owner, key="report 7", how="refused") != job


# Doing


def test_a_done_job_has_its_result_and_its_file(owner: User) -> None:
    job = done_now("sample.file", owner, text="số liệu")

    file = MadeFile.objects.visible_to(owner).get()
    assert (job.status, job.result, job.progress, job.progress_note) == (JobStatus.DONE, {"file": file.pk}, 100, "")
    assert (job.attempts, job.error, job.finished_at is not None) == (1, "", True)
    content = "số liệu".encode()
    assert file.full_path.read_bytes() == content
    assert (file.name, file.content_type, file.job) == ("Báo cáo quý III.txt", "text/plain", job)
    assert (file.size, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())


def test_a_handler_without_result_is_done_too() -> None:
    job = done_now("sample.quiet", None)

    assert (job.status, job.result) == (JobStatus.DONE, None)


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        ("refused", "Đơn vị đã giải thể, không lập được báo cáo."),
        ("invalid", "Kỳ chưa mở. Chọn kỳ khác."),
        ("denied", "Your account no longer has the right to do this, so it was not done."),
    ],
)
def test_a_refusal_is_told_in_its_own_words_and_nothing_stays(owner: User, how: str, sentence: str) -> None:
    with translation.override("en"):
        job = done_now("sample.fails", owner, how=how)

    assert (job.status, job.error, job.attempts) == (JobStatus.FAILED, sentence, 1)
    assert not MadeFile.objects.visible_to(owner).exists()


def test_a_fault_of_ours_is_told_without_code_and_noted_with_it(owner: User) -> None:
    with translation.override("en"):
        job = done_now("sample.fails", owner, how="bug")

    assert job.error == (
        "This could not be done because of a fault in the program; nothing was changed. Try once more, and if it "
        f"happens again tell the administrator job number {job.pk}."
    )
    assert job.error_detail.rstrip().endswith("KeyError: 'unit'")
    assert not MadeFile.objects.visible_to(owner).exists()


def test_a_database_that_falls_away_is_tried_again_later_then_given_up(owner: User) -> None:
    job = jobs.enqueue("sample.fails", by=owner, how="outage")

    first = worker.run_now(job)
    assert (first.status, first.attempts) == (JobStatus.QUEUED, 1)
    assert first.not_before is not None
    assert first.not_before > timezone.now() + timedelta(seconds=1)

    second = worker.run_now(first)
    assert (second.status, second.attempts) == (JobStatus.FAILED, 2)


def test_the_work_of_a_closed_account_is_not_done(owner: User) -> None:
    job = jobs.enqueue("sample.file", by=owner, text="a")
    owner.is_active = False
    owner.save()

    with translation.override("en"):
        Job._base_manager.update(language="en")
        ended = worker.run_now(job)

    assert (ended.status, ended.error) == (
        JobStatus.FAILED,
        "The account that asked for this has been closed, so it was not done.",
    )
    assert not MadeFile._base_manager.exists()


# Calling off


def test_a_waiting_job_is_called_off_at_once(owner: User) -> None:
    job = jobs.cancel(job=jobs.enqueue("sample.file", by=owner, key="k", text="a"), by=owner)

    assert (job.status, job.idempotency_key, job.finished_at is not None) == (JobStatus.CANCELLED, None, True)


def test_a_running_job_ends_at_its_next_sign_of_life(owner: User) -> None:
    job = jobs.enqueue("sample.file", by=owner, text="a")
    Job._base_manager.filter(pk=job.pk).update(status=JobStatus.RUNNING)

    assert jobs.cancel(job=job, by=owner).cancel_requested is True
    ended = worker.run_now(job)

    assert ended.status == JobStatus.CANCELLED
    assert not MadeFile._base_manager.exists()


def test_a_job_that_is_over_stays_as_it_ended(owner: User) -> None:
    job = done_now("sample.quiet", owner)

    after = jobs.cancel(job=job, by=owner)

    assert (after.status, after.cancel_requested) == (JobStatus.DONE, False)


def test_nobody_calls_off_the_job_of_another(owner: User, stranger: User) -> None:
    job = jobs.enqueue("sample.file", by=owner, text="a")

    with pytest.raises(Job.DoesNotExist):
        jobs.cancel(job=job, by=stranger)


# Seeing


def test_jobs_and_files_are_their_owners_alone_and_a_superusers(owner: User, stranger: User) -> None:
    job = done_now("sample.file", owner, text="a")
    file = MadeFile._base_manager.get()
    root = User.objects.create_superuser("root")
    closed = User.objects.create_superuser("closed", is_active=False)

    seen = {
        user.username: (
            list(Job.objects.visible_to(user)),
            list(MadeFile.objects.visible_to(user)),
        )
        for user in (owner, stranger, root, closed)
    }

    both = ([job], [file])
    assert seen == {"owner": both, "stranger": ([], []), "root": both, "closed": ([], [])}


# Tidying


def test_sweeping_takes_what_is_past_its_date_and_nothing_else(owner: User) -> None:
    kept = done_now("sample.file", owner, text="kept")
    past = jobs.keep_file(owner=owner, name="a", content=b"a", content_type="text/plain", days=-1)
    orphan, fresh = (Path(configured.MEDIA_ROOT) / "made" / "00" / name for name in ("orphan", "fresh"))
    orphan.parent.mkdir(parents=True, exist_ok=True)
    orphan.write_bytes(b"")
    fresh.write_bytes(b"")
    two_days_ago = (timezone.now() - timedelta(days=2)).timestamp()
    os.utime(orphan, (two_days_ago, two_days_ago))
    old = done_now("sample.quiet", owner)
    Job._base_manager.filter(pk=old.pk).update(finished_at=timezone.now() - timedelta(days=91))

    assert jobs.sweep() == 3

    assert list(Job._base_manager.all()) == [kept]
    assert [file.full_path.exists() for file in MadeFile._base_manager.all()] == [True]
    assert (past.full_path.exists(), orphan.exists(), fresh.exists()) == (False, False, True)
