from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from members.models import Member, Membership, Unit, User
from tests.cast import Cast, make_unit
from tests.members.rows import JOINED_ON, make_member


@pytest.fixture(autouse=True)
def day(settings) -> None:
    settings.HKH_TODAY = "2026-06-30"
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def signed_in(cast: Cast, client: Client):
    def sign_in(user: User) -> Client:
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def register(cast: Cast) -> dict[str, Member]:
    """Six people of the branch, one of the other commune."""
    there = make_unit("Chi hội Tu Vũ", tier=cast.branch.tier, parent=cast.elsewhere)
    return {
        "an": make_member(cast.branch, "Nguyễn Văn Ân", sex="m", birth_year=1960, joined_on=date(2021, 1, 1)),
        "binh": make_member(cast.branch, "Lê Thị Bình", sex="f", birth_year=2000, card_number="PT7"),
        "anh": make_member(cast.branch, "Đỗ Thị Ánh", sex="f", birth_year=1985),
        "left": make_member(cast.branch, "Trần Văn Cường", left_on=date(2024, 1, 1), leave_reason="left"),
        "dead": make_member(cast.branch, "Vũ Văn Đạt", left_on=date(2024, 1, 1), leave_reason="deceased"),
        "moved": make_member(
            cast.branch, "Hà Văn Dũng", birth_year=1971, left_on=date(2024, 1, 1), leave_reason="transfer"
        ),
        "far": make_member(there, "Phan Văn Em"),
    }


def listed(response) -> list[str]:
    return [row.record.member.full_name for row in response.context["table"].rows]


AN, BINH, ANH, LEFT = "Nguyễn Văn Ân", "Lê Thị Bình", "Đỗ Thị Ánh", "Trần Văn Cường"
DEAD, MOVED = "Vũ Văn Đạt", "Hà Văn Dũng"


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({}, [ANH, AN, BINH]),
        ({"sort": "-name"}, [BINH, AN, ANH]),
        ({"sort": "-joined_on"}, [AN, ANH, BINH]),
        ({"q": "do anh"}, [ANH]),
        ({"q": "ng v"}, [AN]),
        ({"q": "PT7"}, [BINH]),
        ({"q": "guyen"}, []),
        ({"sex": "f"}, [ANH, BINH]),
        ({"sex": "none"}, []),
        ({"age": "60-over"}, [AN]),
        ({"age": "30-44"}, [ANH]),
        ({"age": "none"}, []),
        ({"joined": "2021"}, [AN]),
        ({"joined": "soon"}, [ANH, AN, BINH]),
        ({"state": "left"}, [LEFT]),
        ({"state": "deceased"}, [DEAD]),
        ({"state": "transferred"}, [MOVED]),
        ({"state": "ever"}, [ANH, AN, BINH, LEFT, DEAD]),
        ({"state": "ever", "q": "tran"}, [LEFT]),
        ({"sort": "joined_on", "q": "do anh"}, [ANH]),
    ],
)
def test_the_register_is_narrowed_by_what_the_address_says(
    cast: Cast, signed_in, register, asked: dict[str, str], names: list[str]
) -> None:
    assert listed(signed_in(cast.clerk).get(reverse("members:member-list"), asked)) == names


def test_of_who_went_on_out_of_sight_the_name_alone_is_shown(cast: Cast, signed_in, register) -> None:
    there = Unit.unscoped.get(name="Chi hội Tu Vũ")
    Membership.unscoped.create(member=register["moved"], unit=there, joined_on=date(2024, 1, 1))
    page = reverse("members:member-detail", args=[register["moved"].pk])
    for user, is_shown in ((cast.clerk, False), (cast.administrator, True)):
        asked = {"state": "transferred", "unit": cast.here.code}
        shown = signed_in(user).get(reverse("members:member-list"), asked).content.decode()
        assert (MOVED in shown, page in shown, "1971" in shown) == (True, is_shown, is_shown)


def test_the_register_is_that_of_the_unit_of_the_page(cast: Cast, signed_in, register) -> None:
    client = signed_in(cast.administrator)
    url = reverse("members:member-list")
    assert listed(client.get(url, {"unit": cast.elsewhere.code})) == ["Phan Văn Em"]
    assert listed(client.get(url, {"unit": cast.province.code})) == [ANH, AN, BINH, "Phan Văn Em"]


def test_the_register_is_read_page_by_page(cast: Cast, signed_in, monkeypatch) -> None:
    for n in range(60):
        make_member(cast.branch, f"Nguyễn Văn A{n:02}")
    client = signed_in(cast.clerk)
    first = client.get(reverse("members:member-list"))
    second = client.get(reverse("members:member-list"), {"after": first.context["page"].after})
    assert (len(listed(first)), listed(second)) == (50, [f"Nguyễn Văn A{n}" for n in range(50, 60)])
    assert first.content.decode().count("Nguyễn Văn A") == 50
    back = client.get(reverse("members:member-list"), {"before": second.context["page"].before})
    assert listed(back) == listed(first)


@pytest.mark.parametrize("member_count", [1, 3])
def test_the_register_does_not_ask_more_for_more_members(
    cast: Cast, signed_in, member_count: int, django_assert_num_queries
) -> None:
    for n in range(member_count):
        make_member(cast.branch, f"Nguyễn Văn {n}")
    client = signed_in(cast.clerk)
    with django_assert_num_queries(8):
        response = client.get(reverse("members:member-list"), {"q": "nguyen"})
    assert len(listed(response)) == member_count


def test_the_page_of_a_member(cast: Cast, signed_in, register) -> None:
    client = signed_in(cast.clerk)
    response = client.get(reverse("members:member-detail", args=[register["left"].pk]))
    assert (response.context["badge"], response.context["may"]) == (
        "Left the association",
        {"edit": True, "move": False, "readmit": True, "appoint": False},
    )
    assert client.get(reverse("members:member-detail", args=[register["moved"].pk])).status_code == 404
    assert client.get(reverse("members:member-detail", args=[register["far"].pk])).status_code == 404
    picked = client.get(reverse("members:member-detail", args=[register["an"].pk]), {"unit": cast.here.code})
    assert picked.headers["Location"] == f"/hoi-vien/?unit={cast.here.code}"


def entry(cast: Cast, **typed: str) -> dict[str, str]:
    return {
        "unit": cast.branch.code,
        "full_name": "Lê Văn Tám",
        "birth": "1958",
        "sex": "m",
        "joined_on": "5/9/2024",
        "idempotency_key": str(uuid4()),
        **typed,
    }


def test_a_member_is_admitted(cast: Cast, signed_in) -> None:
    typed = entry(cast, birth="2/9/1958", phone="0912 345 678")
    response = signed_in(cast.clerk).post(reverse("members:member-add"), typed)
    assert response.headers["Location"] == f"/hoi-vien/?unit={cast.branch.code}"
    member = Member.unscoped.get()
    assert (member.birth_date, member.birth_year, member.phone) == (date(1958, 9, 2), 1958, "0912 345 678")
    assert Membership.unscoped.get().joined_on == date(2024, 9, 5)


def test_a_form_sent_twice_enters_one_member(cast: Cast, signed_in) -> None:
    client, typed = signed_in(cast.clerk), entry(cast)
    first = client.post(reverse("members:member-add"), typed)
    second = client.post(reverse("members:member-add"), typed)
    assert (first.status_code, second.status_code, Member.unscoped.count()) == (302, 302, 1)


def test_save_and_enter_another_keeps_unit_and_date(cast: Cast, signed_in) -> None:
    client = signed_in(cast.clerk)
    response = client.post(reverse("members:member-add"), entry(cast, again="1"), follow=True)
    form = response.context["form"]
    assert (form["unit"].value(), form["joined_on"].value(), form["full_name"].value()) == (
        cast.branch.code,
        "05/09/2024",
        None,
    )


def test_a_namesake_is_asked_about(cast: Cast, signed_in) -> None:
    make_member(cast.branch, "Lê Văn Tám", birth_year=1958)
    client, typed = signed_in(cast.clerk), entry(cast)
    assert 'type="checkbox"' not in client.get(reverse("members:member-add")).content.decode()
    response = client.post(reverse("members:member-add"), typed)
    assert list(response.context["form"].errors) == ["is_another"]
    assert 'type="checkbox" name="is_another"' in response.content.decode()
    assert client.post(reverse("members:member-add"), {**typed, "is_another": "on"}).status_code == 302
    assert Member.unscoped.count() == 2


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"full_name": ""}, "full_name"),
        ({"birth": "31/2/1958"}, "birth"),
        ({"birth": "2030"}, "birth"),
        ({"birth": "1/1/2030"}, "birth"),
        ({"birth": "2024"}, None),
        ({"birth": "2025"}, "joined_on"),
        ({"joined_on": "1/7/2026"}, "joined_on"),
        ({"joined_on": "31/12/1999"}, "joined_on"),
        ({"phone": "chín một hai"}, "phone"),
        ({"email": "nobody"}, "email"),
        ({"card_number": "PT7"}, "card_number"),
        ({"unit": "NOWHERE"}, "unit"),
        ({"unit": ""}, "unit"),
        ({"sex": "x"}, "sex"),
    ],
)
def test_what_is_refused_is_said_at_its_field_and_stays_typed(
    cast: Cast, signed_in, register, typed: dict[str, str], field: str | None
) -> None:
    before = Member.unscoped.count()
    said = entry(cast, **typed)
    response = signed_in(cast.clerk).post(reverse("members:member-add"), said)
    if field is None:
        assert response.status_code == 302
        return
    form = response.context["form"]
    assert list(form.errors) == [field]
    assert {name: form[name].value() for name in said} == said
    assert Member.unscoped.count() == before


def test_a_unit_out_of_scope_cannot_be_typed_in(cast: Cast, signed_in, register) -> None:
    there = Unit.unscoped.get(name="Chi hội Tu Vũ")
    response = signed_in(cast.clerk).post(reverse("members:member-add"), entry(cast, unit=there.code))
    assert list(response.context["form"].errors) == ["unit"]
    assert "Tu Vũ" not in response.content.decode()


def test_a_member_is_corrected_and_the_second_to_save_is_told(cast: Cast, signed_in, register) -> None:
    client, member = signed_in(cast.clerk), register["an"]
    url = reverse("members:member-edit", args=[member.pk])
    shown = client.get(url).context["form"]
    typed = {name: shown[name].value() or "" for name in shown.fields}
    assert typed["birth"] == 1960
    assert client.post(url, {**typed, "occupation": "Giáo viên"}).status_code == 302
    response = client.post(url, {**typed, "occupation": "Kế toán"})
    assert list(response.context["form"].errors) == ["__all__"]
    assert response.context["form"]["occupation"].value() == "Kế toán"
    member.refresh_from_db()
    assert (member.occupation, member.revision) == ("Giáo viên", 2)


def test_transfer_leave_and_return(cast: Cast, signed_in, register) -> None:
    client, member = signed_in(cast.clerk), register["an"]
    second = make_unit("Chi hội khu 2", tier=cast.branch.tier, parent=cast.here)

    def post(verb: str, **typed: str) -> int:
        return client.post(reverse(f"members:member-{verb}", args=[member.pk]), typed).status_code

    assert post("transfer", to=second.code, on="1/7/2023") == 302
    assert post("end", reason="left", on="1/7/2024") == 302
    assert post("readmit", to=cast.branch.code, on="1/7/2025") == 302
    rows = member.memberships.order_by("joined_on").values_list("unit__name", "joined_on", "leave_reason")
    assert list(rows) == [
        ("Chi hội khu 1", date(2021, 1, 1), "transfer"),
        ("Chi hội khu 2", date(2023, 7, 1), "left"),
        ("Chi hội khu 1", date(2025, 7, 1), ""),
    ]


@pytest.mark.parametrize(
    ("verb", "typed", "field"),
    [
        ("transfer", {"to": "branch", "on": "1/7/2023"}, "to"),
        ("transfer", {"to": "", "on": "1/7/2023"}, "to"),
        ("transfer", {"to": "second", "on": "14/3/2020"}, "on"),
        ("end", {"reason": "left", "on": "14/3/2020"}, "on"),
        ("end", {"reason": "", "on": "1/7/2023"}, "reason"),
        ("end", {"reason": "transfer", "on": "1/7/2023"}, "reason"),
        ("readmit", {"to": "second", "on": "1/7/2023"}, "on"),
    ],
)
def test_refused_steps_leave_the_membership_as_it_was(
    cast: Cast, signed_in, verb: str, typed: dict[str, str], field: str
) -> None:
    member = make_member(cast.branch)
    second = make_unit("Chi hội khu 2", tier=cast.branch.tier, parent=cast.here)
    codes = {"branch": cast.branch.code, "second": second.code}
    typed = {name: codes.get(value, value) for name, value in typed.items()}
    response = signed_in(cast.clerk).post(reverse(f"members:member-{verb}", args=[member.pk]), typed)
    assert list(response.context["form"].errors) == [field]
    rows = Membership.unscoped.values_list("unit", "joined_on", "left_on")
    assert list(rows) == [(cast.branch.pk, JOINED_ON, None)]


def test_who_is_transferred_out_of_sight_leads_back_to_the_list(cast: Cast, signed_in, register) -> None:
    from members.models import Grant, Role

    Grant.objects.create(user=cast.clerk, role=Role.CLERK, unit=cast.elsewhere, valid_from=date(2000, 1, 1))
    there = Unit.unscoped.get(name="Chi hội Tu Vũ")
    client, member = signed_in(cast.clerk), register["an"]
    url = reverse("members:member-transfer", args=[member.pk])
    assert client.post(url, {"to": there.code, "on": "1/7/2023"}).headers["Location"] == f"/hoi-vien/{member.pk}/"
