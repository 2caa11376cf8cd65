from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from members.models import Tier
from tests.cast import Cast, make_unit

PAGE = "/to-chuc/cap-hoi/"


@pytest.fixture(autouse=True)
def day(settings) -> None:
    settings.HKH_TODAY = "2026-06-30"
    settings.LANGUAGE_CODE = "en"


def test_the_tiers_are_told_with_what_stands_in_them_below_the_unit(cast: Cast, client: Client) -> None:
    make_unit("Hội xã cũ", tier=cast.here.tier, parent=cast.province, dissolved_on=date(2025, 7, 1))
    client.force_login(cast.administrator)

    def told(unit) -> list[tuple[str, list[str], list[str], int]]:
        tiers = client.get(PAGE, {"unit": unit.code}).context["tiers"]
        return [(one.tier.code, one.under, one.holds, one.units) for one in tiers]

    assert told(cast.province) == [
        ("PROVINCE", [], ["Cơ sở"], 1),
        ("GRASSROOTS", ["Tỉnh"], ["Chi hội"], 2),
        ("BRANCH", ["Cơ sở"], [], 1),
    ]
    assert [units for *_rest, units in told(cast.here)] == [0, 1, 1]


def test_the_drawing_has_an_arrow_for_each_rule(cast: Cast, client: Client) -> None:
    cast.branch.tier.may_stand_under.add(cast.province.tier)
    cast.here.tier.may_stand_under.add(cast.here.tier)  # told in words alone
    client.force_login(cast.viewer)
    drawing = client.get(PAGE).context["drawing"]
    assert [box.name for box in drawing.boxes] == ["Tỉnh", "Cơ sở", "Chi hội"]
    assert len(drawing.arrows) == 3


def test_administrators_alone_are_led_to_where_tiers_change(cast: Cast, client: Client) -> None:
    for user, is_led in ((cast.administrator, True), (cast.chair, False)):
        client.force_login(user)
        response = client.get(PAGE)
        assert (reverse("admin:members_tier_changelist") in response.content.decode()) == is_led


@pytest.mark.parametrize("extra", [0, 4])
def test_the_page_asks_as_much_with_many_tiers(
    cast: Cast, client: Client, extra: int, django_assert_num_queries
) -> None:
    for n in range(extra):
        tier = Tier.objects.create(code=f"T{n}", rank=9, name_vi=f"Cụm {n}", name_en="", name_id="")
        tier.may_stand_under.add(cast.here.tier)
    client.force_login(cast.administrator)
    client.get(PAGE)
    with django_assert_num_queries(9):
        client.get(PAGE)
