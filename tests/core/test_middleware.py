"""What no honest address holds."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import a_province

SEARCHES = [
    "funds:donor-search",
    "funds:fund-search",
    "members:unit-search",
    "members:place-search",
    "members:member-list",
    "members:unit-list",
    "funds:donation-list",
    "scholarships:round-list",
]


@pytest.mark.django_db
@pytest.mark.parametrize("name", SEARCHES)
def test_a_character_that_no_database_holds_is_refused(client: Client, name: str) -> None:
    client.force_login(a_province().accountant)
    assert client.get(f"{reverse(name)}?q=a%00b").status_code == 400
    assert client.get(f"{reverse(name)}?q=ab").status_code == 200
