"""The pages of jobs and made files: each to its owner alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from hkh.core import jobs, worker
from hkh.core.models import Job, JobStatus, MadeFile
from members.models import User
from tests.core import sample_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _settings(settings: Settings, tmp_path: Path) -> None:
    settings.JOB_MODULES = [sample_jobs.__name__]
    settings.MEDIA_ROOT = tmp_path
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def owner() -> User:
    return User.objects.create_user("owner")


@pytest.fixture
def signed_in(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


@pytest.fixture
def outsider() -> Client:
    client = Client()
    client.force_login(User.objects.create_user("outsider"))
    return client


def a_file(owner: User, *, content_type: str = "application/pdf", days: int = 30) -> MadeFile:
    return jobs.keep_file(
        owner=owner, name="Báo cáo quý III.pdf", content=b"%PDF-1.7", content_type=content_type, days=days
    )


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_however_long(
    signed_in: Client, owner: User, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        worker.run_now(jobs.enqueue("sample.file", by=owner, title=f"Báo cáo {number}", text="a"))

    with django_assert_num_queries(4):  # session, account, jobs, files
        response = signed_in.get(reverse("core:job-list"))

    assert [card["label"] for card in response.context["cards"]] == [f"Báo cáo {n}" for n in reversed(range(count))]
    assert [len(card["files"]) for card in response.context["cards"]] == [1] * count


def test_the_list_shows_nobody_elses_jobs(signed_in: Client, outsider: Client, owner: User) -> None:
    jobs.enqueue("sample.quiet", by=owner)

    assert [len(who.get(reverse("core:job-list")).context["cards"]) for who in (signed_in, outsider)] == [1, 0]


def test_a_waiting_job_asks_again_and_a_done_one_offers_its_file(signed_in: Client, owner: User) -> None:
    job = jobs.enqueue("sample.file", by=owner, text="a")
    url = reverse("core:job-status", args=[job.pk])

    assert f'hx-get="{url}"' in signed_in.get(url).content.decode()
    worker.run_now(job)
    done = signed_in.get(url).content.decode()

    assert "hx-get" not in done
    assert reverse("core:file-download", args=[MadeFile._base_manager.get().pk]) in done


def test_a_done_job_leads_to_the_page_that_shows_what_came_of_it(signed_in: Client, owner: User) -> None:
    job = jobs.enqueue("sample.file", by=owner, text="a")
    Job._base_manager.filter(pk=job.pk).update(result={"page": "/hoi-vien/nghi-trung/"})
    assert 'href="/hoi-vien/nghi-trung/"' not in signed_in.get(reverse("core:job-list")).content.decode()
    done = {"status": JobStatus.DONE, "finished_at": timezone.now(), "progress": 100}
    Job._base_manager.filter(pk=job.pk).update(**done)
    assert 'href="/hoi-vien/nghi-trung/"' in signed_in.get(reverse("core:job-list")).content.decode()


def test_a_failed_job_says_why(signed_in: Client, owner: User) -> None:
    job = worker.run_now(jobs.enqueue("sample.fails", by=owner, how="refused"))

    shown = signed_in.get(reverse("core:job-status", args=[job.pk])).content.decode()

    assert "Đơn vị đã giải thể, không lập được báo cáo." in shown
    assert "Traceback" not in shown


def test_calling_off_leads_back_to_the_list(signed_in: Client, owner: User) -> None:
    job = jobs.enqueue("sample.quiet", by=owner)

    response = signed_in.post(reverse("core:job-cancel", args=[job.pk]))

    assert (response.status_code, response.headers["Location"]) == (302, reverse("core:job-list"))
    assert Job._base_manager.get().status == JobStatus.CANCELLED


def test_a_file_is_saved_under_its_name_and_a_pdf_may_be_looked_at(signed_in: Client, owner: User) -> None:
    url = reverse("core:file-download", args=[a_file(owner).pk])

    saved, seen = signed_in.get(url), signed_in.get(url, {"xem": "1"})

    name = "filename*=utf-8''B%C3%A1o%20c%C3%A1o%20qu%C3%BD%20III.pdf"
    assert b"".join(saved.streaming_content) == b"%PDF-1.7"  # type: ignore[attr-defined]
    assert saved.headers["Content-Disposition"] == f"attachment; {name}"
    assert seen.headers["Content-Disposition"] == f"inline; {name}"
    assert saved.headers["Content-Type"] == "application/pdf"
    assert saved.headers["X-Content-Type-Options"] == "nosniff"
    assert saved.headers["Cache-Control"] == "private, no-store"


def test_only_a_pdf_is_shown_in_place(signed_in: Client, owner: User) -> None:
    url = reverse("core:file-download", args=[a_file(owner, content_type="text/html").pk])

    assert signed_in.get(url, {"xem": "1"}).headers["Content-Disposition"].startswith("attachment")


def test_a_file_past_its_date_or_gone_from_the_disk_is_not_found(signed_in: Client, owner: User) -> None:
    past, gone = a_file(owner, days=-1), a_file(owner)
    gone.full_path.unlink()

    for file in (past, gone):
        assert signed_in.get(reverse("core:file-download", args=[file.pk])).status_code == 404


@pytest.mark.parametrize(
    ("ask", "name"),
    [(Client.get, "core:job-status"), (Client.post, "core:job-cancel"), (Client.get, "core:file-download")],
)
def test_others_find_nothing_and_visitors_must_sign_in(
    owner: User, outsider: Client, ask: Callable[..., object], name: str
) -> None:
    job = jobs.enqueue("sample.quiet", by=owner)
    target = a_file(owner) if name == "core:file-download" else job
    url = reverse(name, args=[target.pk])

    assert getattr(ask(outsider, url), "status_code", None) == 404
    visitor = ask(Client(), url)
    assert getattr(visitor, "status_code", None) == 302
    assert Job._base_manager.get().status == JobStatus.QUEUED


def test_a_file_is_kept_a_month(owner: User) -> None:
    kept_until = a_file(owner).expires_at

    assert kept_until is not None
    assert timedelta(days=29) < kept_until - timezone.now() <= timedelta(days=30)


def test_the_administrator_finds_a_job_by_its_number_and_reads_why_it_failed(owner: User, client: Client) -> None:
    job = worker.run_now(jobs.enqueue("sample.fails", by=owner, how="bug"))
    client.force_login(User.objects.create_superuser("root"))

    found = client.get(reverse("admin:core_job_changelist"), {"q": str(job.pk)})
    read = client.get(reverse("admin:core_job_change", args=[job.pk]))

    assert list(found.context["cl"].queryset) == [job]
    assert "KeyError: &#x27;unit&#x27;" in read.content.decode()
    assert client.post(reverse("admin:core_job_change", args=[job.pk]), {"status": "done"}).status_code == 403
