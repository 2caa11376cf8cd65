"""Where a test's database comes from: nothing of one test is left for the next."""

import threading

import pytest
from django.db import connection

from members.models import Unit, User


def people() -> list[str]:
    return list(User.objects.order_by("username").values_list("username", flat=True))


@pytest.mark.parametrize("turn", [1, 2])
def test_what_a_test_writes_is_gone_for_the_next(db, turn):
    assert people() == []
    User.objects.create(username="hà", full_name="Hà")


@pytest.mark.parametrize("turn", [1, 2])
def test_what_a_test_commits_is_gone_for_the_next(transactional_db, turn):
    assert people() == []
    User.objects.create(username="hà", full_name="Hà")


def test_what_a_test_commits_is_seen_by_others(transactional_db):
    User.objects.create(username="hà", full_name="Hà")
    seen: list[str] = []

    def look() -> None:
        seen.extend(people())
        connection.close()

    other = threading.Thread(target=look)
    other.start()
    other.join()
    assert seen == ["hà"]


def test_the_province_is_there_when_asked_for(province):
    assert Unit.unscoped.filter(parent=None, dissolved_on=None).count() == 1
    assert Unit.unscoped.count() > 50


def test_the_province_is_there_for_what_commits_too(province, transactional_db):
    assert Unit.unscoped.count() > 50
    User.objects.create(username="hà", full_name="Hà")


@pytest.mark.province
@pytest.mark.django_db
def test_the_province_is_as_it_was_afterwards():
    assert "hà" not in people()


def test_others_do_not_see_the_province(db):
    assert Unit.unscoped.count() == 0
