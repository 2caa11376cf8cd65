"""What some officers of the demo were honoured with: titles of the learning society, medals, letters.

Chosen by checksums of their ids, so that they are the same each time. A list by name, as small as such lists are; what
the units declare of titles (``hkh.demo.declared``) is told apart from it.
"""

from __future__ import annotations

from django.db import connection

from hkh.demo.copying import reset_sequences, settle
from hkh.demo.declared import FIRST_YEAR_OF_TITLES
from hkh.demo.spec import Years
from members.models import Recognition

#: So many officers are looked at; of a hundred, so many were honoured with each.
OFFICERS = 240
SHARES = {"citizen": 60, "family": 30, "medal": 15, "merit": 12, "commendation": 40, "other": 8}

# Awards are given on the day of promoting learning, 2 October; of titles the year is known. The names of givers are
# those that the units had on that day.
_LOAD = """
    WITH officer AS (
        SELECT member_id FROM members_appointment
        GROUP BY member_id ORDER BY md5('officer ' || member_id), member_id LIMIT %(officers)s
    ),
    drawn AS (
        SELECT officer.member_id, kind, (('x' || md5(kind || officer.member_id))::bit(28)::int) AS lot,
               %(first_year)s + (('x' || md5('year ' || kind || officer.member_id))::bit(28)::int) %% %(years)s AS year,
               share
        FROM officer CROSS JOIN unnest(%(kinds)s::text[], %(shares)s::int[]) AS kinds(kind, share)
    ),
    honoured AS (
        SELECT drawn.member_id, kind, lot, year, make_date(year, 10, 2) AS day, above.name AS base
        FROM drawn
        JOIN members_membership stay ON stay.member_id = drawn.member_id AND stay.left_on IS NULL
         AND stay.joined_on <= make_date(year, 10, 2)
        JOIN members_unitversion own ON own.unit_id = stay.unit_id AND own.valid_from <= make_date(year, 10, 2)
         AND (own.valid_until IS NULL OR own.valid_until > make_date(year, 10, 2))
        JOIN members_unitversion above ON above.unit_id = own.parent_id AND above.valid_from <= make_date(year, 10, 2)
         AND (above.valid_until IS NULL OR above.valid_until > make_date(year, 10, 2))
        WHERE lot %% 100 < share
    ),
    given AS (
        SELECT honoured.*, CASE
            WHEN kind IN ('citizen', 'family') THEN
                CASE WHEN base ~ '^Hội Khuyến học (xã|phường|thị trấn) '
                THEN 'UBND ' || substr(base, length('Hội Khuyến học ') + 1) ELSE '' END
            WHEN kind = 'medal' THEN 'Trung ương Hội Khuyến học Việt Nam'
            WHEN kind = 'merit' THEN 'Chủ tịch UBND tỉnh Phú Thọ'
            ELSE base END AS giver
        FROM honoured
    )
    INSERT INTO members_recognition
        (id, member_id, kind, wording, year, recognised_on, given_by, decision, entered_at, entered_by_id)
    SELECT row_number() OVER (ORDER BY year, kind, member_id), member_id, kind,
           CASE WHEN kind = 'other' THEN
               CASE lot %% 2 WHEN 0 THEN 'Gia đình hiếu học tiêu biểu'
               ELSE 'Người tốt, việc tốt trong phong trào khuyến học' END
           ELSE '' END,
           year, CASE WHEN kind IN ('medal', 'merit', 'commendation') THEN day END, giver,
           CASE WHEN giver = '' OR kind = 'other' THEN '' ELSE
               10 + (('x' || md5(giver || year || kind))::bit(28)::int) %% 900 || CASE
                   WHEN giver ~ 'UBND' THEN '/QĐ-UBND' WHEN kind = 'medal' THEN '/QĐ-KHVN' ELSE '/QĐ-HKH' END
           END,
           (day + 30 + time '08:00') AT TIME ZONE 'Asia/Ho_Chi_Minh', %(clerk)s
    FROM given
"""


def load_recognitions(years: Years, clerk: int) -> None:
    """A few hundred titles and commendations of the years that are over. 1 statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            _LOAD,
            {
                "officers": OFFICERS,
                "first_year": FIRST_YEAR_OF_TITLES,
                "years": years.last_day.year - FIRST_YEAR_OF_TITLES,
                "kinds": list(SHARES),
                "shares": list(SHARES.values()),
                "clerk": clerk,
            },
        )
    reset_sequences(Recognition)
    settle(Recognition)
