"""Which unit a page begins with."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.test import RequestFactory

from members.here import unit_here
from tests.cast import a_province, make_unit

pytestmark = pytest.mark.django_db


def test_a_page_begins_with_the_topmost_unit_that_still_lives() -> None:
    cast = a_province()
    make_unit("Hội cũ", tier=cast.here.tier, parent=cast.province, dissolved_on=date(2010, 1, 1))
    request = RequestFactory().get("/tong-quan/")
    request.session = SessionStore()
    request.user = cast.administrator
    assert unit_here(request) == cast.province
