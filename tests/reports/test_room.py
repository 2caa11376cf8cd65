from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.test import Client
from pypdf import PdfReader

from hkh.core.dates import Period
from hkh.core.models import Job, MadeFile
from hkh.indicators.lens import Lens
from hkh.indicators.queries import picture
from hkh.reports.actions import ask_for_documents, save_draft
from hkh.reports.drafts import draft_of
from hkh.reports.models import ReportDraft
from hkh.reports.periodic import funds_table
from members.models import Grant
from tests import cast
from tests.indicators.test_queries import give

pytestmark = pytest.mark.django_db

H1 = Period.parse("2024-H1")
ROOM = "/bao-cao/"


@pytest.fixture
def them() -> cast.Cast:
    return cast.a_province()


def asked(them: cast.Cast, client: Client, **typed: str) -> dict[str, str]:
    form = client.get(ROOM, {"unit": them.here.code, "period": "2024-H1"}).context["form"]
    values = {field.html_name: "" if field.value() is None else str(field.value()) for field in form}
    return {**values, "day": "05/07/2024", **typed}


def test_what_is_written_is_kept_and_shown_in_the_document(client: Client, them: cast.Cast) -> None:
    client.force_login(them.chair)
    address = f"{ROOM}?unit={them.here.code}&period=2024-H1"

    response = client.post(address, asked(them, client, shortcomings="Kinh phí còn hạn chế.", save="1"))

    assert response.status_code == 302
    kept = ReportDraft.unscoped.get()
    assert (kept.unit, kept.period, kept.revision, kept.saved_by) == (them.here, "2024-H1", 1, them.chair)
    assert "Kinh phí còn hạn chế." in client.get("/bao-cao/xem-truoc/").content.decode()


def test_second_of_two_writers_is_told_and_keeps_the_text(client: Client, them: cast.Cast) -> None:
    client.force_login(them.chair)
    address = f"{ROOM}?unit={them.here.code}&period=2024-H1"
    first, second = asked(them, client, signer="Ông A"), asked(them, client, signer="Bà B")
    client.post(address, first)

    response = client.post(address, second)

    assert response.status_code == 200
    assert response.context["form"].non_field_errors()
    assert "Bà B" in response.content.decode()
    assert ReportDraft.unscoped.get().signer == "Ông A"


def test_stale_draft_is_refused_by_the_verb(them: cast.Cast) -> None:
    draft = draft_of(Lens(them.here, H1))
    save_draft(draft=draft, revision=0, values={"signer": "Ông A"}, by=them.chair)
    with pytest.raises(ValidationError):
        save_draft(draft=draft, revision=0, values={"signer": "Bà B"}, by=them.chair)


def test_viewer_makes_documents_and_writes_nothing(client: Client, them: cast.Cast) -> None:
    draft = draft_of(Lens(them.here, H1))
    with pytest.raises(PermissionDenied):
        save_draft(draft=draft, revision=0, values={"signer": "Ông A"}, by=them.viewer)
    client.force_login(them.viewer)
    client.post(f"{ROOM}?unit={them.here.code}&period=2024-H1", asked(them, client, signer="X", make="1"))
    assert not ReportDraft.unscoped.exists()
    assert Job.objects.get().owner == them.viewer


def test_double_click_makes_one_job(client: Client, them: cast.Cast) -> None:
    client.force_login(them.chair)
    posted = asked(them, client, make="1", signer="Ông A")
    for _n in range(2):
        response = client.post(f"{ROOM}?unit={them.here.code}&period=2024-H1", posted)
        assert response.status_code == 302
    assert Job.objects.count() == 1
    assert ReportDraft.unscoped.get().revision == 1


def test_wrong_date_is_refused_with_a_sentence_and_nothing_is_made(client: Client, them: cast.Cast) -> None:
    client.force_login(them.chair)
    response = client.post(
        f"{ROOM}?unit={them.here.code}&period=2024-H1", asked(them, client, make="1") | {"day": "31/02/2024"}
    )
    assert response.context["form"]["day"].errors
    assert "31/02/2024" in response.content.decode()
    assert not Job.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_right_lost_meanwhile_fails_the_job_with_a_sentence(them: cast.Cast) -> None:
    ask_for_documents(lens=Lens(them.here, H1), tree="then", key="1", by=them.chair)
    Grant.objects.filter(user=them.chair).delete()

    call_command("worker", "--once")

    job = Job.objects.get()
    assert job.status == "failed"
    assert job.error
    assert not MadeFile.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_pdf_holds_the_workbook_and_only_our_fonts(them: cast.Cast) -> None:
    give(them.here, 24_600_000, date(2024, 5, 1), them.clerk)
    ask_for_documents(lens=Lens(them.here, H1), tree="then", key="1", by=them.chair)

    call_command("worker", "--once")

    job = Job.objects.get()
    assert job.status == "done", job.error_detail
    pdf = PdfReader(MadeFile.objects.get(content_type="application/pdf").full_path)
    book = MadeFile.objects.exclude(content_type="application/pdf").get().full_path.read_bytes()
    assert [content for contents in pdf.attachments.values() for content in contents] == [book]
    resources: list[Any] = [page["/Resources"].get_object() for page in pdf.pages]
    fonts = {
        str(font.get_object()["/BaseFont"]).split("+")[-1]
        for resource in resources
        for font in resource.get("/Font", {}).values()
    }
    assert fonts
    assert all(name.startswith(("Tinos", "Be-Vietnam-Pro", "BeVietnamPro")) for name in fonts), fonts


def test_table_of_funds_adds_up_to_all_funds_without_what_they_passed_on(them: cast.Cast) -> None:
    top = cast.make_fund(them.province, "Quỹ tỉnh", holds_vnd=900_000)
    low = cast.make_fund(them.here, "Quỹ xã")
    give(them.here, 50_000, date(2024, 5, 1), them.clerk, fund=low)
    cast.make_transfer(top, low, 400_000, date(2024, 6, 1))

    table = funds_table(picture(Lens(them.province, H1)))

    figures = [tuple(row[key] for key in ("opening", "income", "outgo", "closing")) for row in table.rows]
    assert figures == [(900_000, 0, 400_000, 500_000), (0, 450_000, 0, 450_000), (0, -400_000, -400_000, 0)]
    assert table.total is not None
    total = tuple(table.total[key] for key in ("opening", "income", "outgo", "closing"))
    assert total == (900_000, 50_000, 0, 950_000) == tuple(map(sum, zip(*figures, strict=True)))
