"""The demo's accounts in the database, with their rights."""

from __future__ import annotations

from datetime import date, datetime, time

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from hkh.demo.logins import ACCOUNTS, LOGINS, PASSWORD, Login
from hkh.demo.units import Tree, UnitRow
from members.models import Grant, Role, User

__all__ = ["LOGINS", "PASSWORD", "load_accounts", "logins_here"]

#: A fixed salt makes two builds alike, byte for byte.
SALT = "the-demo-province-of-phu-tho"
SINCE = date(2025, 7, 1)
#: Since when they have their rights where the demo ends before that day.
BEFORE = date(2024, 1, 2)


def load_accounts(tree: Tree, last_day: date) -> dict[str, int]:
    """Write the accounts with their rights: {role: user id}."""
    password = make_password(PASSWORD, salt=SALT)
    joined = timezone.make_aware(datetime.combine(SINCE, time(8)))
    ids: dict[str, int] = {}
    for number, login in enumerate(ACCOUNTS, start=1):
        family, _, given = login.full_name.rpartition(" ")
        user = User(
            id=number,
            username=login.username,
            password=password,
            full_name=login.full_name,
            first_name=given,
            last_name=family,
            is_staff=login.role == Role.ADMINISTRATOR,
            date_joined=joined,
        )
        user.save(force_insert=True)
        unit = tree.by_code.get(login.unit_code) or _before_reorganisations(login, tree)
        Grant.objects.create(
            id=number, user=user, role=login.role, unit_id=unit.id, valid_from=SINCE if last_day >= SINCE else BEFORE
        )
        ids[login.role] = number
    return ids


def logins_here() -> list[tuple[str, str, str, str]]:
    """``LOGINS`` with the units of the accounts in this database, which may end before the reorganisations. 1 query."""
    grants = Grant.objects.filter(user__username__in=[login.username for login in ACCOUNTS], valid_until=None)
    units = dict(grants.order_by("-pk").values_list("user__username", "unit__code"))
    return [(username, role, units.get(username, "–"), purpose) for username, role, _code, purpose in LOGINS]


def _before_reorganisations(login: Login, tree: Tree) -> UnitRow:
    """The unit of the place that was to give the login's unit its code."""
    code = login.unit_code.rpartition("-")[2]
    return next(unit for unit in tree.units if unit.place and unit.place.code == code and unit.dissolved is None)
