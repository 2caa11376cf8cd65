"""Donors who are likely one: same tax code, same telephone, or the same name where that says enough."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet

from funds.models import Donor

MOST_PAIRS = 200
#: What a firm's name may begin with, and what says nothing of which firm it is.
_FORMS = r"^(cong ty|cty|ct|tong cong ty)( (tnhh|co phan|cp|trach nhiem huu han|mtv|mot thanh vien|tm|dv|sx|va|&))* "


@dataclass(frozen=True)
class Pair:
    """Two donors, the one known longer first, and why they look like one."""

    first: Donor
    second: Donor
    reasons: tuple[str, ...]


def likely_twins(donors: QuerySet[Donor]) -> list[Pair]:
    """Pairs among ``donors`` (scoped), the surest first; those decided to be different left out. 2 queries.

    A name alone is enough for firms, offices, clans and foreign organisations; people of one name are a pair where
    the same unit knows them, or a telephone agrees. Looks at sets, so half a million donors are one pass.
    """
    scope, params = donors.filter(merged_into=None).order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_PAIRS % {"scope": scope, "forms": _FORMS.replace("%", "%%"), "most": MOST_PAIRS}, params)
        found = cursor.fetchall()
    ids = {pk for first, second, _reasons in found for pk in (first, second)}
    rows = Donor.unscoped.select_related("unit").in_bulk(ids)
    return [Pair(rows[first], rows[second], tuple(reasons)) for first, second, reasons in found]


_PAIRS = r"""
    WITH seen AS (
        SELECT id, unit_id, kind, member_id, nullif(regexp_replace(phone, '\D', '', 'g'), '') AS phone,
               nullif(regexp_replace(tax_code, '\W', '', 'g'), '') AS tax_code,
               regexp_replace(search_key, '%(forms)s', '') AS name
        FROM funds_donor WHERE id IN (%(scope)s)
    ),
    alike AS (
        SELECT a.id AS first, b.id AS second, 'tax_code' AS reason, 4 AS weight FROM seen a
        JOIN seen b ON b.tax_code = a.tax_code AND b.id > a.id
        UNION ALL
        SELECT a.id, b.id, 'member', 4 FROM seen a JOIN seen b ON b.member_id = a.member_id AND b.id > a.id
        UNION ALL
        SELECT a.id, b.id, 'phone', 2 FROM seen a
        JOIN seen b ON b.phone = a.phone AND b.id > a.id WHERE length(a.phone) >= 9
        UNION ALL
        SELECT a.id, b.id, 'name', 3 FROM seen a
        JOIN seen b ON b.name = a.name AND b.kind = a.kind AND b.id > a.id
        WHERE a.name <> '' AND a.kind NOT IN ('person', 'member')
        UNION ALL
        SELECT a.id, b.id, 'name', 1 FROM seen a
        JOIN seen b ON b.name = a.name AND b.id > a.id AND (b.unit_id = a.unit_id OR b.phone = a.phone)
        WHERE a.name <> '' AND a.kind IN ('person', 'member') AND b.kind IN ('person', 'member')
    )
    SELECT first, second, array_agg(DISTINCT reason ORDER BY reason) FROM alike
    WHERE NOT EXISTS (SELECT FROM funds_donorsdistinct d WHERE d.first_id = first AND d.second_id = second)
    GROUP BY first, second ORDER BY sum(weight) DESC, first, second LIMIT %(most)s
"""
