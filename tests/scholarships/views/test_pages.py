"""Every page of giving: opens for who may, does not exist for the outsider, costs the same however much there is."""

from __future__ import annotations

import pytest
from django.urls import reverse

from members.models import Role
from tests.cast import make_fund, make_user
from tests.scholarships.rows import hand_out, make_approved, make_award, make_round

LISTS = ["round-list", "distribution-list"]
ROLES = ("chair", "accountant", "cashier", "officer", "clerk", "viewer")


@pytest.fixture
def pages(award, distribution, round_):
    """Each page by name, with the key it needs and who may open it, of those who belong here."""
    everyone, opening = set(ROLES), {"chair", "officer"}
    return {
        "round-list": ([], everyone),
        "round-detail": ([round_.pk], everyone),
        "round-add": ([], opening),
        "round-edit": ([round_.pk], opening),
        "round-close": ([round_.pk], opening),
        "round-reopen": ([round_.pk], opening),
        "award-propose": ([round_.pk], {"officer", "clerk"}),
        "unit-search": ([round_.pk], {"officer", "clerk"}),
        "award-approve": ([round_.pk], {"chair"}),
        "award-cancel": ([round_.pk], {"chair", "officer", "clerk"}),
        "distribution-list": ([], everyone),
        "distribution-add": ([], {"cashier", "officer", "clerk"}),
        "distribution-detail": ([distribution.pk], everyone),
        "distribution-void": ([distribution.pk], {"chair", "accountant"}),
        "distribution-trace": ([distribution.pk], everyone),
        "round-trace": ([round_.pk], everyone),
    }


def test_each_page_opens_for_who_may_and_is_refused_to_the_others(client, cast, pages):
    for role in ROLES:
        client.force_login(getattr(cast, role))
        opened = {
            name: client.get(reverse(f"scholarships:{name}", args=args)).status_code
            for name, (args, _roles) in pages.items()
        }
        assert opened == {name: 200 if role in roles else 403 for name, (_args, roles) in pages.items()}, role


@pytest.mark.parametrize("role", [Role.CHAIR, Role.PROGRAMME_OFFICER, Role.CASHIER, Role.ACCOUNTANT])
def test_what_belongs_here_does_not_exist_for_the_outsider(client, cast, pages, round_, role):
    client.force_login(make_user("other", role=role, unit=cast.elsewhere))
    for name, (args, _roles) in pages.items():
        if args:
            address = reverse(f"scholarships:{name}", args=args)
            assert client.get(address).status_code == 404, name
            # Pages that only show anything take no post at all.
            assert client.post(address).status_code == (405 if name in READ_ONLY else 404), name
    if role == Role.PROGRAMME_OFFICER:
        address = reverse("scholarships:distribution-add")
        assert client.get(address, {"round": round_.pk}).status_code == 404
        assert client.post(f"{address}?round={round_.pk}").status_code == 404


READ_ONLY = {"round-detail", "distribution-detail", "unit-search", "distribution-trace", "round-trace"}


def test_the_visitor_is_sent_to_sign_in(client, pages):
    for name, (args, _roles) in pages.items():
        answer = client.get(reverse(f"scholarships:{name}", args=args))
        assert answer.status_code == 302, name
        assert answer["Location"].startswith(reverse("login"))


@pytest.mark.parametrize("name", [*LISTS, "distribution-add"])
def test_lists_show_nothing_of_another_commune(client, cast, pages, name):
    client.force_login(make_user("other", role=Role.PROGRAMME_OFFICER, unit=cast.elsewhere))
    page = client.get(reverse(f"scholarships:{name}")).content.decode()
    for secret in ("Tiếp sức năm học 2023-2024", "Hội xã Hy Cương", "Nhà văn hóa xã"):
        assert secret not in page


@pytest.mark.parametrize("name", [*LISTS, "round-add", "distribution-add"])
def test_a_unit_out_of_scope_is_not_found(client, cast, name):
    client.force_login(cast.officer)
    assert client.get(reverse(f"scholarships:{name}"), {"unit": cast.elsewhere.code}).status_code == 404


@pytest.mark.parametrize("name", [*LISTS, "round-add", "distribution-add"])
def test_who_has_no_unit_is_told_so(client, db, name):
    client.force_login(make_user("nobody"))
    answer = client.get(reverse(f"scholarships:{name}"))
    assert answer.status_code == 200
    assert answer.templates[0].name == "funds/no_unit.html"


def test_a_round_shows_the_awards_of_its_own_alone(client, cast, fund, round_):
    make_award(round_, recipient_name="Bùi Thị Hương", count=1)
    make_award(make_round(fund), recipient_name="Hà Văn Lặng", count=1)
    client.force_login(cast.viewer)
    page = client.get(reverse("scholarships:round-detail", args=[round_.pk])).content.decode()
    assert ("Bùi Thị Hương" in page, "Hà Văn Lặng" in page) == (True, False)
    assert 'type="checkbox"' not in page


QUERIES = {"round-list": 8, "distribution-list": 8, "distribution-add": 7}


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("name", QUERIES)
def test_lists_cost_the_same_however_long(client, cast, name, count, django_assert_num_queries):
    for n in range(count):
        round_ = make_round(make_fund(cast.here, f"Quỹ {n}", holds_vnd=1_000_000), name=f"Đợt {n}")
        hand_out(round_, (make_approved(round_), 1))
    client.force_login(cast.cashier)
    with django_assert_num_queries(QUERIES[name]):
        response = client.get(reverse(f"scholarships:{name}"))
    assert len(response.context["page"].rows) == count


PAGE_QUERIES = {
    "round-detail": ("officer", 8),
    "award-propose": ("officer", 11),
    "award-approve": ("chair", 8),
    "distribution-detail": ("cashier", 6),
}


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("name", PAGE_QUERIES)
def test_pages_of_one_thing_cost_the_same_however_much_hangs_on_it(
    client, cast, round_, name, count, django_assert_num_queries
):
    lines = [(make_approved(round_, recipient_name=f"Em {n}", count=1), 1) for n in range(count)]
    held = hand_out(round_, *lines)
    for _n in range(count):
        make_award(round_)
    role, queries = PAGE_QUERIES[name]
    client.force_login(getattr(cast, role))
    key = held.pk if name == "distribution-detail" else round_.pk
    address = reverse(f"scholarships:{name}", args=[key])
    with django_assert_num_queries(queries):
        assert client.get(address, {"all": "1"}).status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_a_distribution_form_costs_the_same_however_many_lines(client, cast, round_, count, django_assert_num_queries):
    for _n in range(count):
        make_approved(round_)
    client.force_login(cast.cashier)
    with django_assert_num_queries(8):
        response = client.get(reverse("scholarships:distribution-add"), {"round": round_.pk})
    assert [field.value() for _award, field in response.context["form"].rows] == [10] * count
