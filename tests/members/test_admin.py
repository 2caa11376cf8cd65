"""The administration: for administrators alone, saved by the verbs, round-trips by sheet."""

from __future__ import annotations

from datetime import date

import pytest
import tablib
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.urls import reverse

from members import actions
from members.models import Change, Decision, Grant, Place, Role, Tier, TitleTarget, Unit, User
from members.sheets.administration import GrantResource, PlaceResource, TierResource, UserResource
from members.sheets.units import UnitResource
from tests import cast

pytestmark = pytest.mark.django_db

#: Decisions have a sheet of their own.
WITHOUT_SHEETS = (Decision, Change)
OURS = [model for model in admin.site._registry if model._meta.app_label == "members"]


@pytest.fixture
def them() -> cast.Cast:
    return cast.a_province()


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_every_list_and_form_opens_for_administrators_and_nobody_else(
    client: Client, them: cast.Cast, model: type
) -> None:
    name = f"admin:members_{model.__name__.lower()}"
    by_sheet = () if model in WITHOUT_SHEETS else ("export", "import")
    for user, status in ((them.administrator, 200), (them.chair, 302), (them.clerk, 302)):
        client.force_login(user)
        for door in ("changelist", "add", *by_sheet):
            assert client.get(reverse(f"{name}_{door}")).status_code == status, (user, door)


def test_unit_is_founded_by_the_verb(client: Client, them: cast.Cast) -> None:
    client.force_login(them.administrator)
    said = {
        "name": "Chi hội khu 2",
        "code": "khu-2",
        "tier": them.branch.tier_id,
        "parent": them.here.pk,
        "founded_on": "01/02/2024",
        "kind": "residential",
        "place": "",
    }
    response = client.post(reverse("admin:members_unit_add"), {**said, **_no_versions()})
    assert response.status_code == 302, response.context["adminform"].form.errors
    unit = Unit.unscoped.get(name="Chi hội khu 2")
    assert (unit.parent, unit.versions.get().valid_from) == (them.here, date(2024, 2, 1))


def test_refusal_of_the_verb_shows_on_the_form(client: Client, them: cast.Cast) -> None:
    client.force_login(them.administrator)
    said = {
        "name": "Chi hội lạc",
        "code": "lac",
        "tier": them.branch.tier_id,
        "parent": them.province.pk,  # branches may not stand under the province
        "founded_on": "01/02/2024",
        "kind": "residential",
        "place": "",
    }
    response = client.post(reverse("admin:members_unit_add"), {**said, **_no_versions()})
    assert response.status_code == 200
    assert response.context["adminform"].form.errors
    assert not Unit.unscoped.filter(name="Chi hội lạc").exists()


def test_a_day_to_come_is_refused_at_its_field(client: Client, them: cast.Cast) -> None:
    client.force_login(them.administrator)
    said = {"name": "Chi hội mai sau", "code": "mai-sau", "tier": them.branch.tier_id, "parent": them.here.pk}
    said |= {"founded_on": "01/02/2099", "kind": "residential", "place": ""}
    response = client.post(reverse("admin:members_unit_add"), {**said, **_no_versions()})
    assert list(response.context["adminform"].form.errors) == ["founded_on"]


def test_role_is_given_and_taken_by_the_verbs(client: Client, them: cast.Cast) -> None:
    client.force_login(them.administrator)
    said = {"user": them.viewer.pk, "role": Role.CLERK, "unit": them.here.pk, "valid_from": "01/02/2024"}
    assert client.post(reverse("admin:members_grant_add"), {**said, "valid_until": ""}).status_code == 302
    grant = Grant.objects.get(user=them.viewer, role=Role.CLERK)

    client.post(reverse("admin:members_grant_delete", args=[grant.pk]), {"post": "yes"})

    grant.refresh_from_db()
    assert grant.valid_until is not None


def test_administrator_does_not_reach_the_keeper_s_account(client: Client, them: cast.Cast) -> None:
    keeper = User.objects.create_superuser("keeper", password="x")
    client.force_login(them.administrator)
    assert client.post(reverse("admin:auth_user_password_change", args=[keeper.pk]), {}).status_code in (302, 403)
    client.post(reverse("admin:members_user_change", args=[keeper.pk]), {"username": "mine", "is_active": "on"})
    keeper.refresh_from_db()
    assert keeper.username == "keeper"
    assert keeper.check_password("x")


def test_tiers_and_places_round_trip_by_sheet(them: cast.Cast) -> None:
    Place.objects.create(uid="p1", code="25", name="Tỉnh Phú Thọ", level="province")
    for resource in (TierResource(), PlaceResource()):
        sheet = resource.export()
        result = resource.import_data(sheet, dry_run=False, raise_errors=True)
        assert {row.import_type for row in result.rows} == {"skip"}
    names = tablib.Dataset(["BRANCH", 3, "Chi hội khuyến học"], headers=["code", "rank", "name_vi"])
    TierResource().import_data(names, dry_run=False, raise_errors=True)
    assert Tier.objects.get(code="BRANCH").name_vi == "Chi hội khuyến học"


def test_unit_s_name_is_not_changed_by_sheet(them: cast.Cast) -> None:
    sheet = UnitResource(user=them.administrator).export()
    row = dict(zip(sheet.headers, sheet[0], strict=True)) | {"name": "Tên khác"}
    changed = tablib.Dataset(list(row.values()), headers=list(row))
    result = UnitResource(user=them.administrator).import_data(changed, dry_run=False)
    assert result.has_errors() or result.has_validation_errors()
    assert not Unit.unscoped.filter(name="Tên khác").exists()


def test_accounts_and_roles_come_by_sheet_without_passwords(them: cast.Cast) -> None:
    people = tablib.Dataset(["moi", "Người Mới"], headers=["username", "full_name"])
    UserResource().import_data(people, dry_run=False, raise_errors=True)
    user = User.objects.get(username="moi")
    assert not user.has_usable_password()
    roles = tablib.Dataset(
        ["moi", "clerk", them.here.code, "2024-01-01"], headers=["account", "role", "unit", "valid_from"]
    )
    GrantResource(user=them.administrator).import_data(roles, dry_run=False, raise_errors=True)
    assert Grant.objects.get(user=user).unit == them.here


def test_units_are_found_as_their_names_are_written(client: Client, them: cast.Cast) -> None:
    client.force_login(them.administrator)
    for typed in ("Tu Vũ", "tu vu", them.elsewhere.code):
        found = client.get(reverse("admin:members_unit_changelist"), {"q": typed}).context["cl"].result_list
        assert list(found) == [them.elsewhere], typed
    asked = {"app_label": "members", "model_name": "grant", "field_name": "unit", "term": "Tu Vũ"}
    results = client.get(reverse("admin:autocomplete"), asked).json()["results"]
    assert [result["text"] for result in results] == ["Hội xã Tu Vũ"]


def test_units_are_found_by_names_they_once_had(client: Client, them: cast.Cast) -> None:
    actions.rename_unit(unit=them.elsewhere, name="Hội xã Tu Vũ mới", on=date(2020, 1, 1), by=them.administrator)
    actions.rename_unit(unit=them.elsewhere, name="Hội phường Sông Đà", on=date(2021, 1, 1), by=them.administrator)
    client.force_login(them.administrator)
    found = client.get(reverse("admin:members_unit_changelist"), {"q": "Tu Vũ"}).context["cl"].result_list
    assert [unit.name for unit in found] == ["Hội phường Sông Đà"]


def test_accounts_are_found_by_names_with_marks(client: Client, them: cast.Cast) -> None:
    User.objects.filter(pk=them.clerk.pk).update(full_name="Nguyễn Thị Hường")
    client.force_login(them.administrator)
    for door in ("user", "grant"):
        found = client.get(reverse(f"admin:members_{door}_changelist"), {"q": "Hường"}).context["cl"].result_list
        assert len(found) == 1, door


def test_a_tier_in_use_is_not_taken_apart_and_what_was_typed_stays(client: Client, them: cast.Cast) -> None:
    connection.check_constraints()
    client.force_login(them.administrator)
    tier = them.branch.tier
    names = {"code": tier.code, "rank": "3", "name_vi": "Chi hội khuyến học", "name_en": "Branch", "name_id": "Cabang"}
    path = reverse("admin:members_tier_change", args=[tier.pk])
    response = client.post(path, {**names, "holds_members": "on", "may_stand_under": []})
    form = response.context["adminform"].form
    assert list(form.errors) == ["__all__"]
    assert "Chi hội khu 1" in str(form.errors)
    assert form["name_vi"].value() == "Chi hội khuyến học"
    tier.refresh_from_db()
    assert (tier.name_vi, list(tier.may_stand_under.all())) == ("Chi hội", [them.here.tier])


def tier_form(tier: Tier | None = None, **said: object) -> dict[str, object]:
    """The form of a tier as the browser would send it."""
    shown: dict[str, object] = {
        "code": "CLUSTER",
        "rank": 3,
        "name_vi": "Cụm",
        "name_en": "Cluster",
        "name_id": "Klaster",
    }
    if tier is not None:
        shown = {name: getattr(tier, name) for name in ("code", "rank", "name_vi", "name_en", "name_id")}
        shown["may_stand_under"] = [above.pk for above in tier.may_stand_under.all()]
        shown |= {name: "on" for name in ("holds_members", "holds_funds", "owes_returns") if getattr(tier, name)}
    return {**shown, **said}


def test_a_tier_is_added_renamed_and_retired_without_a_developer(client: Client, them: cast.Cast) -> None:
    connection.check_constraints()
    client.force_login(them.administrator)
    said = tier_form(may_stand_under=[them.here.tier_id])
    assert client.post(reverse("admin:members_tier_add"), said).status_code == 302
    tier = Tier.objects.get(code="CLUSTER")
    path = reverse("admin:members_tier_change", args=[tier.pk])
    assert client.post(path, tier_form(tier, name_vi="Cụm dân cư", retired_on="01/07/2025")).status_code == 302
    tier.refresh_from_db()
    assert (tier.name_vi, tier.retired_on, list(tier.may_stand_under.all())) == (
        "Cụm dân cư",
        date(2025, 7, 1),
        [them.here.tier],
    )


def test_a_tier_is_not_retired_under_its_units_and_the_form_says_which(client: Client, them: cast.Cast) -> None:
    connection.check_constraints()
    client.force_login(them.administrator)
    tier = them.branch.tier
    path = reverse("admin:members_tier_change", args=[tier.pk])
    response = client.post(path, tier_form(tier, retired_on="01/07/2025"))
    form = response.context["adminform"].form
    assert "Chi hội khu 1" in str(form.errors)
    assert form["retired_on"].value() == "01/07/2025"
    tier.refresh_from_db()
    assert tier.retired_on is None


def test_ranks_are_changed_in_the_list_all_at_once(client: Client, them: cast.Cast) -> None:
    connection.check_constraints()
    client.force_login(them.administrator)
    tiers = list(Tier.objects.all())

    def ranks(*wanted: int) -> list[int]:
        said: dict[str, object] = {"form-TOTAL_FORMS": 3, "form-INITIAL_FORMS": 3, "_save": "1"}
        for n, (tier, rank) in enumerate(zip(tiers, wanted, strict=True)):
            said |= {f"form-{n}-id": tier.pk, f"form-{n}-rank": rank}
        client.post(reverse("admin:members_tier_changelist"), said)
        return list(Tier.objects.order_by("code").values_list("rank", flat=True))

    assert [tier.code for tier in tiers] == ["PROVINCE", "GRASSROOTS", "BRANCH"]
    assert ranks(1, 3, 5) == [5, 3, 1]  # by code: BRANCH, GRASSROOTS, PROVINCE
    assert ranks(2, 1, 5) == [5, 3, 1]


def test_a_tier_is_deleted_only_before_it_ever_had_units(client: Client, them: cast.Cast) -> None:
    client.force_login(them.administrator)
    mistake = Tier.objects.create(code="OOPS", rank=9, name_vi="Nhầm", name_en="Mistake", name_id="Salah")
    for tier, status in ((them.branch.tier, 403), (mistake, 302)):
        path = reverse("admin:members_tier_delete", args=[tier.pk])
        assert client.post(path, {"post": "yes"}).status_code == status
    assert sorted(Tier.objects.values_list("code", flat=True)) == ["BRANCH", "GRASSROOTS", "PROVINCE"]


def test_an_administrator_of_one_tree_sees_no_other(client: Client, them: cast.Cast) -> None:
    other = cast.make_unit("Tỉnh hội khác", tier=them.province.tier)
    far = cast.make_user("far", role=Role.ADMINISTRATOR, unit=other)
    client.force_login(far)
    units = client.get(reverse("admin:members_unit_changelist")).context["cl"].result_list
    grants = client.get(reverse("admin:members_grant_changelist")).context["cl"].result_list
    assert (list(units), [grant.user for grant in grants]) == ([other], [far])
    assert client.get(reverse("admin:members_unit_change", args=[them.here.pk])).status_code == 302


def _no_versions() -> dict[str, str]:
    return {"versions-TOTAL_FORMS": "0", "versions-INITIAL_FORMS": "0"}


def test_a_target_is_set_and_changed_without_a_developer(client: Client, them: cast.Cast) -> None:
    client.force_login(them.administrator)
    said = {"title": "family", "year": "2030", "value_percent": "80", "basis": "387/QĐ-TTg", "unit": "", "place": ""}
    for value in ("80", "85.5"):
        target = TitleTarget.objects.first()
        door = "change" if target else "add"
        address = reverse(f"admin:members_titletarget_{door}", args=[target.pk] if target else [])
        response = client.post(address, {**said, "value_percent": value})
        assert response.status_code == 302, response.context["adminform"].form.errors
    assert str(TitleTarget.objects.get().value_percent) == "85.50"
    response = client.post(reverse("admin:members_titletarget_add"), {**said, "value_percent": "101", "year": "2031"})
    assert response.status_code == 200
    assert TitleTarget.objects.count() == 1
