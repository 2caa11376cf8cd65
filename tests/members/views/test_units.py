from __future__ import annotations

from datetime import date
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from members.actions import rename_unit
from members.models import Grant, Place, Succession, Unit, User
from tests.cast import Cast, make_unit, make_user
from tests.members.rows import make_member, versions

REFORM = date(2025, 7, 1)


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


def page(unit: Unit, verb: str = "detail") -> str:
    return reverse(f"members:unit-{verb}", args=[unit.code])


def listed(response) -> list[str]:
    return [row.record.name for row in response.context["table"].rows]


def test_the_list_goes_down_step_by_step(cast: Cast, signed_in) -> None:
    client = signed_in(cast.administrator)
    url = reverse("members:unit-list")
    assert listed(client.get(url)) == ["Hội xã Hy Cương", "Hội xã Tu Vũ"]
    assert listed(client.get(url, {"unit": cast.here.code})) == ["Chi hội khu 1"]


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"q": "khu 1"}, ["Chi hội khu 1"]),
        ({"q": "xa", "state": "there"}, ["Hội xã Hy Cương", "Hội xã Tu Vũ"]),
        ({"kind": "residential"}, ["Chi hội khu 1"]),
        ({"reach": "all"}, ["Tỉnh hội", "Hội xã Hy Cương", "Hội xã Tu Vũ", "Chi hội khu 1"]),
        ({"q": "xa", "reach": "children"}, ["Hội xã cũ", "Hội xã Hy Cương", "Hội xã Tu Vũ"]),
        ({"sort": "-name", "reach": "all"}, ["Tỉnh hội", "Hội xã Tu Vũ", "Hội xã Hy Cương", "Chi hội khu 1"]),
        ({"state": "dissolved"}, ["Hội xã cũ"]),
        ({"q": "xa cu"}, ["Hội xã cũ", "Hội xã Hy Cương"]),
        ({"state": "ever", "q": "xa cu"}, ["Hội xã cũ", "Hội xã Hy Cương"]),
        ({"tier": "0", "kind": "nonsense", "sort": "pk", "after": "***"}, ["Hội xã Hy Cương", "Hội xã Tu Vũ"]),
        ({"q": "không có"}, []),
    ],
)
def test_the_list_is_narrowed_by_what_the_address_says(
    cast: Cast, signed_in, asked: dict[str, str], names: list[str]
) -> None:
    make_unit("Hội xã cũ", tier=cast.here.tier, parent=cast.province, dissolved_on=REFORM)
    response = signed_in(cast.administrator).get(reverse("members:unit-list"), asked)
    assert listed(response) == names


def test_a_hit_says_its_earlier_name_and_where_it_went(cast: Cast, signed_in) -> None:
    old = make_unit("Hội xã Tuy Lộc", tier=cast.here.tier, parent=cast.province, dissolved_on=REFORM)
    Succession.objects.create(predecessor=old, successor=cast.here, effective_on=REFORM)
    rename_unit(unit=cast.elsewhere, name="Hội phường Sông Đà", on=REFORM, by=cast.administrator)
    client = signed_in(cast.administrator)

    text = client.get(reverse("members:unit-list"), {"q": "tuy loc"}).content.decode()
    assert f'now: <a href="{page(cast.here)}">Hội xã Hy Cương</a>' in text
    assert "carries on for Hội xã Tuy Lộc" in text
    assert "formerly Hội xã Tu Vũ" in client.get(reverse("members:unit-list"), {"q": "tu vu"}).content.decode()

    picked = client.get(reverse("members:unit-search"), {"q": "tuy loc"}).content.decode()
    assert "now: Hội xã Hy Cương" in picked
    assert "formerly Hội xã Tu Vũ" in client.get(reverse("members:unit-search"), {"q": "tu vu"}).content.decode()


def test_an_old_name_leads_the_clerk_to_the_unit_that_carries_on(cast: Cast, signed_in) -> None:
    """Tuy Lộc itself is out of the clerk's sight; that his own unit took it over is not."""
    old = make_unit("Hội xã Tuy Lộc", tier=cast.here.tier, parent=cast.province, dissolved_on=REFORM)
    Succession.objects.create(predecessor=old, successor=cast.here, effective_on=REFORM)
    client = signed_in(cast.clerk)
    assert listed(client.get(reverse("members:unit-list"), {"q": "tuy loc"})) == ["Hội xã Hy Cương"]
    assert old.code not in client.get(reverse("members:unit-search"), {"q": "tuy loc"}).content.decode()


def test_the_list_counts_what_stands_below_and_its_members(cast: Cast, signed_in) -> None:
    make_member(cast.branch)
    make_member(cast.branch, left_on=date(2022, 1, 1), leave_reason="left")
    text = signed_in(cast.administrator).get(reverse("members:unit-list")).content.decode()
    row = text[text.index("Hội xã Hy Cương</a>") :]
    cells = [cell.split(">")[1].split("<")[0] for cell in row.split('data-label="')[1:7]]
    assert cells[-2:] == ["1", "1"]


@pytest.mark.parametrize("unit_count", [1, 3])
def test_the_list_does_not_ask_more_for_more_units(
    cast: Cast, signed_in, unit_count: int, django_assert_num_queries
) -> None:
    for n in range(unit_count):
        make_unit(f"Hội xã {n}", tier=cast.here.tier, parent=cast.province)
    client = signed_in(cast.administrator)
    with django_assert_num_queries(11):
        response = client.get(reverse("members:unit-list"), {"q": "hoi xa"})
    assert len(listed(response)) == unit_count + 2


def test_the_picker_answers_within_the_scope(cast: Cast, signed_in) -> None:
    url = reverse("members:unit-search")
    found = signed_in(cast.clerk).get(url, {"q": "hoi"}).content.decode()
    assert [found.count(name) for name in ("Hội xã Hy Cương", "Chi hội khu 1", "Tu Vũ", "Tỉnh hội")] == [3, 2, 0, 0]
    assert f'data-value="{cast.branch.code}"' in found


@pytest.mark.parametrize(
    ("who", "purpose", "codes"),
    [
        ("clerk", "members", ["branch"]),
        ("viewer", "members", []),
        ("clerk", "parents", []),
        ("administrator", "parents", ["province", "here", "elsewhere", "branch"]),
        ("viewer", "nonsense", ["here", "branch"]),
    ],
)
def test_the_picker_offers_what_serves_its_purpose(
    cast: Cast, signed_in, who: str, purpose: str, codes: list[str]
) -> None:
    client = signed_in(getattr(cast, who))
    found = client.get(reverse("members:unit-search"), {"q": "hoi", "for": purpose}).content.decode()
    everywhere = ("province", "here", "elsewhere", "branch")
    assert [name for name in everywhere if f'"{getattr(cast, name).code}"' in found] == codes


def test_the_picker_finds_by_an_old_name_and_at_most_twenty(cast: Cast, signed_in) -> None:
    rename_unit(unit=cast.branch, name="Chi hội mới", on=REFORM, by=cast.administrator)
    client = signed_in(cast.administrator)
    assert cast.branch.code in client.get(reverse("members:unit-search"), {"q": "khu 1"}).content.decode()
    for n in range(25):
        make_unit(f"Chi hội {n}", tier=cast.branch.tier, parent=cast.here)
    answer = client.get(reverse("members:unit-search"), {"q": "chi hoi"}).content.decode()
    assert answer.count('role="option"') == 20


def test_places_are_found_without_marks(cast: Cast, signed_in) -> None:
    Place.objects.create(uid="p1", code="1", name="Xã Phù Ninh", level="commune")
    found = signed_in(cast.viewer).get(reverse("members:place-search"), {"q": "phu ninh"}).content.decode()
    assert 'data-value="p1"' in found


def test_the_page_tells_what_a_unit_is_and_was(cast: Cast, signed_in) -> None:
    rename_unit(unit=cast.branch, name="Chi hội khu phố 1", on=REFORM, by=cast.administrator)
    response = signed_in(cast.clerk).get(page(cast.branch))
    text = response.content.decode()
    events = [(event.on, event.what) for event in response.context["history"]]
    assert events == [
        (date(2000, 1, 1), "Founded as “Chi hội khu 1”, under Hội xã Hy Cương"),
        (REFORM, "Renamed to “Chi hội khu phố 1”"),
    ]
    assert "01/07/2025" in text
    assert [event.x for event in response.context["history"]] == [12.0, 912.8]


def test_units_out_of_sight_stay_unnamed_in_the_history(cast: Cast, signed_in) -> None:
    Succession.objects.create(predecessor=cast.here, successor=cast.elsewhere, effective_on=REFORM)
    response = signed_in(cast.chair).get(page(cast.here))
    assert [event.what for event in response.context["history"]] == [
        "Founded as “Hội xã Hy Cương”, under another unit",
        "Carried on by another unit",
    ]
    text = response.content.decode()
    assert ("Tu Vũ" in text, "Tỉnh hội" in text) == (False, False)


def test_the_page_names_who_acts_there(cast: Cast, signed_in) -> None:
    Grant.objects.filter(user=cast.cashier).update(valid_until=date(2020, 1, 1))
    names = [grant.user.username for grant in signed_in(cast.chair).get(page(cast.here)).context["grants"]]
    assert names == ["accountant", "chair", "clerk", "officer", "viewer"]


@pytest.mark.parametrize("child_count", [1, 3])
def test_the_page_does_not_ask_more_for_more_children(
    cast: Cast, signed_in, child_count: int, django_assert_num_queries
) -> None:
    for n in range(child_count):
        make_unit(f"Chi hội {n}", tier=cast.branch.tier, parent=cast.here)
    client = signed_in(cast.chair)
    with django_assert_num_queries(18):
        response = client.get(page(cast.here))
    assert len(response.context["children"].rows) == child_count + 1


def test_the_picker_at_the_top_leads_to_another_unit(cast: Cast, signed_in) -> None:
    response = signed_in(cast.chair).get(page(cast.here), {"unit": cast.branch.code})
    assert response.headers["Location"] == page(cast.branch)


def test_a_unit_is_founded_renamed_moved_and_dissolved(cast: Cast, signed_in) -> None:
    client = signed_in(cast.administrator)
    founding = {"name": "Chi hội khu 2", "code": "khu-2", "kind": "residential", "founded_on": "1/7/2020"}
    response = client.post(page(cast.here, "add"), {**founding, "tier": cast.branch.tier_id})
    assert response.headers["Location"] == page(cast.here)
    unit = Unit.unscoped.get(code="KHU-2")

    assert client.post(page(unit, "rename"), {"name": "Chi hội phố 2", "on": "1/7/2021"}).status_code == 302
    assert client.post(page(unit, "move"), {"parent": cast.elsewhere.code, "on": "1/7/2022"}).status_code == 302
    assert client.post(page(unit, "dissolve"), {"on": "01072023"}).status_code == 302
    assert versions(unit) == [
        ("Chi hội khu 2", "Hội xã Hy Cương", date(2020, 7, 1), date(2021, 7, 1)),
        ("Chi hội phố 2", "Hội xã Hy Cương", date(2021, 7, 1), date(2022, 7, 1)),
        ("Chi hội phố 2", "Hội xã Tu Vũ", date(2022, 7, 1), date(2023, 7, 1)),
    ]


@pytest.mark.parametrize(
    ("verb", "typed", "field"),
    [
        ("add", {"name": "A", "code": "A", "kind": "other", "founded_on": "1/7/1999"}, "founded_on"),
        ("add", {"name": "A", "code": "hai chữ", "kind": "other", "founded_on": "1/7/2020"}, "code"),
        ("add", {"name": "A", "code": "A", "kind": "other", "founded_on": "1/7/2027"}, "founded_on"),
        ("add", {"name": "", "code": "A", "kind": "other", "founded_on": "1/7/2020"}, "name"),
        ("rename", {"name": "A", "on": "31/12/1999"}, "on"),
        ("move", {"parent": "NOWHERE", "on": "1/7/2020"}, "parent"),
        ("move", {"parent": "branch", "on": "1/7/2020"}, "parent"),
        ("dissolve", {"on": "1/7/2020"}, "on"),
        ("dissolve", {"on": "30/2/2020"}, "on"),
    ],
)
def test_what_is_refused_is_said_at_its_field_and_stays_typed(
    cast: Cast, signed_in, verb: str, typed: dict[str, str], field: str
) -> None:
    before = versions(cast.here), Unit.unscoped.count()
    typed = {name: cast.branch.code if value == "branch" else value for name, value in typed.items()}
    typed |= {"tier": str(cast.branch.tier_id)} if verb == "add" else {}
    response = signed_in(cast.administrator).post(page(cast.here, verb), typed)
    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    assert {name: response.context["form"][name].value() for name in typed} == typed
    assert (versions(cast.here), Unit.unscoped.count()) == before


def test_two_people_save_one_form_and_the_second_is_told(cast: Cast, signed_in) -> None:
    client = signed_in(cast.chair)
    shown = {"code": cast.branch.code, "kind": "school", "place": "", "revision": 1}
    assert client.post(page(cast.branch, "edit"), shown).status_code == 302
    response = client.post(page(cast.branch, "edit"), {**shown, "kind": "clan"})
    assert list(response.context["form"].errors) == ["__all__"]
    cast.branch.refresh_from_db()
    assert (cast.branch.kind, cast.branch.revision) == ("school", 2)


def test_who_has_no_unit_is_told_so(cast: Cast, signed_in) -> None:
    response = signed_in(make_user("nobody")).get(reverse("members:unit-list"))
    assert response.templates[0].name == "members/no_unit.html"


def test_a_code_with_signs_is_part_of_the_address(cast: Cast, signed_in) -> None:
    unit = make_unit("Chi hội", tier=cast.branch.tier, parent=cast.here, code="A.B+C-1")
    assert signed_in(cast.clerk).get(f"/to-chuc/{quote('A.B+C-1')}/").context["unit"] == unit
