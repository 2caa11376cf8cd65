"""The statements behind the figures. Each reads one roll-up once, for the period and the same one last year.

Parameters: ``unit`` (id), ``tree_on`` (date or null), and of the period and of the same one last year (``ly_``):
``starts_on``, ``last_day``, ``ends_before``, ``tree`` (the day whose units are counted). ``via`` is the child
through which a row comes up, null for the unit's own rows. ``{below}`` stands for one of the two trees, of which
only what stood between ``since`` and ``until`` is asked; ``{among}`` keeps the scan of a roll-up to the units below,
and is empty for a unit at the top, which has all of them. All other braces are ``WHOLE_UNITS`` or ``SPLIT_UNITS``.
"""

from members.headcounts import GAP, LISTED, STANDING, SUMS, WHOLE

#: *As it was*: where each unit stood below the asked one, and when.
AS_IT_WAS = """
    below AS (
        SELECT unit_id, via_id, valid_from, valid_until, is_latest
        FROM members_unitancestor
        WHERE ancestor_id = %(unit)s AND valid_from < %(until)s AND (valid_until IS NULL OR valid_until > %(since)s)
    )"""

AMONG = "AND unit_id IN (SELECT unit_id FROM below)"

#: *Restated*: all through the tree of one day. What a unit that stood no more then had is carried by its successor; of
#: a split unit each successor carries its share, step by step, until units are met that stood. Who ended without a
#: successor is carried by the unit above; who was founded later by the main predecessor, else by the unit above. So
#: nothing is lost: all units together carry what there was.
#:
#: A split unit has a row for each ``part``, largest first, with the weights of all parts as ``shares`` (null: whole).
RESTATED = """
    RECURSIVE carried(unit_id, by_unit_id, share, steps) AS (
        SELECT id, id, 1::numeric, 0 FROM members_unit
        UNION ALL
        SELECT c.unit_id, s.unit_id, c.share * s.share, c.steps + 1
        FROM carried c
        JOIN members_unit u ON u.id = c.by_unit_id
        CROSS JOIN LATERAL (
            (SELECT successor_id AS unit_id, 1::numeric AS share FROM members_succession
             WHERE predecessor_id = u.id AND kind = 'whole' AND u.dissolved_on <= %(tree_on)s
             ORDER BY successor_id LIMIT 1)
            UNION ALL
            SELECT successor_id, share / sum(share) OVER () FROM members_succession
            WHERE predecessor_id = u.id AND kind = 'part' AND u.dissolved_on <= %(tree_on)s
              AND NOT EXISTS (SELECT FROM members_succession WHERE predecessor_id = u.id AND kind = 'whole')
            UNION ALL
            (SELECT predecessor_id, 1 FROM members_succession
             WHERE successor_id = u.id AND u.founded_on > %(tree_on)s
             ORDER BY share DESC, predecessor_id LIMIT 1)
            UNION ALL
            SELECT u.parent_id, 1
            WHERE u.parent_id IS NOT NULL AND NOT EXISTS (
                SELECT FROM members_succession
                WHERE predecessor_id = u.id AND u.dissolved_on <= %(tree_on)s
                   OR successor_id = u.id AND u.founded_on > %(tree_on)s)
        ) s
        WHERE c.steps < 8 AND (u.dissolved_on <= %(tree_on)s OR u.founded_on > %(tree_on)s)
    ),
    carriers(unit_id, by_unit_id, weight) AS (
        SELECT c.unit_id, c.by_unit_id, round(sum(c.share) * 1000000000)::bigint
        FROM carried c JOIN members_unit u ON u.id = c.by_unit_id
        WHERE u.founded_on <= %(tree_on)s AND (u.dissolved_on IS NULL OR u.dissolved_on > %(tree_on)s)
        GROUP BY c.unit_id, c.by_unit_id
    ),
    parts(unit_id, by_unit_id, part, shares) AS (
        SELECT unit_id, by_unit_id, row_number() OVER (PARTITION BY unit_id ORDER BY weight DESC, by_unit_id)::int,
               CASE WHEN count(*) OVER (PARTITION BY unit_id) > 1 THEN array_agg(weight) OVER (
                   PARTITION BY unit_id ORDER BY weight DESC, by_unit_id
                   ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) END
        FROM carriers
    ),
    below AS (
        SELECT c.unit_id, a.via_id, date '-infinity' AS valid_from, NULL::date AS valid_until, true AS is_latest,
               c.part, c.shares
        FROM parts c JOIN members_unitancestor a ON a.unit_id = c.by_unit_id
        WHERE a.ancestor_id = %(unit)s AND a.valid_from <= %(tree_on)s
          AND (a.valid_until IS NULL OR a.valid_until > %(tree_on)s)
    )"""

#: What a statement needs of its tree besides ``below``. ``split`` and ``by`` enclose an amount of which a split unit
#: brings in its part; a unit itself is ``counted`` with its largest part. ``reported`` is divided as what is listed and
#: what is reported beyond, so that a part differs as its unit does. ``outgo`` of a part is what its opening, income and
#: closing leave, so that each account holds and its closing is what ``_over_time`` says.
WHOLE_UNITS = {
    **WHOLE,
    "outgo": "own.outgo",
    "ly_outgo": "own.ly_outgo",
    "over_time": "GROUP BY e.n",
}


def _part(amount: str) -> str:
    return f"members_divided(({amount})::bigint, a.shares, a.part)"


def _outgo(prefix: str) -> str:
    columns = {name: f"coalesce(own.{prefix}{name}, 0)" for name in ("opening", "income", "outgo")}
    columns |= {name: f"coalesce(own.{prefix}{name}, 0)" for name in ("passed_in", "passed_out")}
    closing = "{opening} + {income} - {outgo} + {passed_in} - {passed_out}".format(**columns)
    parts = {name: _part(column) for name, column in columns.items()}
    rest = "{opening} + {income} + {passed_in} - {passed_out}".format(**parts)
    return f"(CASE WHEN a.shares IS NULL THEN own.{prefix}outgo ELSE {rest} - {_part(closing)} END)"


SPLIT_UNITS = {
    "split": "members_divided((",
    "by": ")::bigint, a.shares, a.part)",
    "reported": f"{_part(LISTED)} + {_part(GAP)}",
    "counted": "(a.part = 1)::int",
    "outgo": _outgo(""),
    "ly_outgo": _outgo("ly_"),
    "over_time": """
        AND a.shares IS NULL GROUP BY e.n
        UNION ALL
        SELECT n, members_divided(amount, shares, part)
        FROM (
            SELECT e.n, a.shares, a.part, sum(own.amount)::bigint AS amount
            FROM ends e
            JOIN own ON own.n <= e.n
            JOIN below a ON a.unit_id = own.unit_id AND a.shares IS NOT NULL
            GROUP BY e.n, a.unit_id, a.shares, a.part
        ) split""",
}

#: The split units whose parts the unit and all below it carry, that were there in the period or in that of last year.
SPLIT_NAMES = f"""
    WITH {RESTATED}
    SELECT u.name FROM members_unit u
    WHERE u.id IN (SELECT unit_id FROM below WHERE shares IS NOT NULL)
      AND u.founded_on <= %(last_day)s AND u.dissolved_on > %(since)s
    ORDER BY u.title_key, u.id"""

#: A flow counts where its unit stood at the end of the month, or stood last if it was dissolved in it.
STOOD_IN_MONTH = """
    a.valid_from < m.next_month
    AND (a.valid_until IS NULL OR a.valid_until >= m.next_month OR (a.is_latest AND a.valid_until > m.month))"""

MONTHS = """
    months(month, next_month, bucket) AS (
        SELECT month::date, (month + interval '1 month')::date, 'now'
        FROM generate_series(%(starts_on)s::date, %(last_day)s::date, '1 month') month
        UNION ALL
        SELECT month::date, (month + interval '1 month')::date, 'last_year'
        FROM generate_series(%(ly_starts_on)s::date, %(ly_last_day)s::date, '1 month') month
    )"""


def _stood_on(day: str) -> str:
    return f"a.valid_from <= %({day})s::date AND (a.valid_until IS NULL OR a.valid_until > %({day})s::date)"


def _stood_last(prefix: str) -> str:
    """Where a unit stood at the period's end or, dissolved during the period, stood last. One that ended on the
    period's first day counts too: it brought its balance into the period and handed it over there.

    Stocks and what belongs to their account (opening + in − out = closing) go by this one place, so that the sum
    holds in every row even where units moved during the period.
    """
    return (
        f"({_stood_on(f'{prefix}last_day')}"
        f" OR (a.is_latest AND a.valid_until >= %({prefix}starts_on)s AND a.valid_until <= %({prefix}last_day)s))"
    )


#: Where a unit stood last in the period.
STOOD_LAST = _stood_last("")

UNITS = f"""
    SELECT t.code, t.rank, t.name_vi, t.name_en, t.name_id, t.holds_funds, u.kind,
           count(*) FILTER (WHERE {_stood_on("tree")}) AS now,
           count(*) FILTER (WHERE {_stood_on("ly_tree")}) AS last_year,
           count(*) FILTER (WHERE {_stood_on("tree")} AND f.now) AS funds_now,
           count(*) FILTER (WHERE {_stood_on("ly_tree")} AND f.last_year) AS funds_last_year
    FROM members_unitancestor a
    JOIN members_unit u ON u.id = a.unit_id
    JOIN members_tier t ON t.id = a.tier_id
    LEFT JOIN (
        SELECT unit_id,
               bool_or(opened_on <= %(last_day)s AND (closed_on IS NULL OR closed_on > %(last_day)s)) AS now,
               bool_or(opened_on <= %(ly_last_day)s AND (closed_on IS NULL OR closed_on > %(ly_last_day)s))
                   AS last_year
        FROM funds_fund GROUP BY unit_id
    ) f ON f.unit_id = a.unit_id
    WHERE a.ancestor_id = %(unit)s AND a.valid_from <= greatest(%(tree)s::date, %(ly_tree)s::date)
      AND (a.valid_until IS NULL OR a.valid_until > least(%(tree)s::date, %(ly_tree)s::date))
    GROUP BY t.id, u.kind
    ORDER BY t.rank, t.code, now DESC, u.kind"""


def _carried(prefix: str, columns: str) -> str:
    """``columns`` of the per-unit sums, carried to where the unit stood last in the period."""
    amounts = {column: f"{{split}}own.{prefix}{column}{{by}}" for column in columns.split()}
    if "outgo" in amounts:
        amounts["outgo"] = f"{{{prefix}outgo}}"
    return ", ".join(
        f"coalesce(sum({amount}) FILTER (WHERE {_stood_last(prefix)}), 0)::bigint AS {prefix}{column}"
        for column, amount in amounts.items()
    )


#: Stocks are summed per unit first: far fewer rows go up the tree.
MEMBERS = f"""
    WITH {{below}},
    own AS (
        SELECT unit_id,
               sum(joined - "left") AS members,
               sum(joined) FILTER (WHERE month >= %(starts_on)s) AS joined,
               sum("left") FILTER (WHERE month >= %(starts_on)s) AS gone,
               sum(joined - "left") FILTER (WHERE month < %(ly_ends_before)s) AS ly_members,
               sum(joined) FILTER (WHERE month >= %(ly_starts_on)s AND month < %(ly_ends_before)s) AS ly_joined,
               sum("left") FILTER (WHERE month >= %(ly_starts_on)s AND month < %(ly_ends_before)s) AS ly_gone
        FROM members_membermonth
        WHERE month < %(ends_before)s {{among}}
        GROUP BY unit_id
    )
    SELECT a.via_id AS via, {_carried("", "members joined gone")}, {_carried("ly_", "members joined gone")}
    FROM own JOIN below a ON a.unit_id = own.unit_id
    GROUP BY a.via_id"""

#: One row a unit (or part of one) that holds members on the period's last day. ``below`` is asked for the place on
#: that day.
_STANDING = "WITH {below} " + STANDING.format(
    columns="a.via_id AS via,",
    where="WHERE a.valid_from <= %(last_day)s AND (a.valid_until IS NULL OR a.valid_until > %(last_day)s)",
    **{name: f"{{{name}}}" for name in ("among", *WHOLE)},
)
#: What stands below of each unit, and the sums by child.
HEADCOUNTS_BY_UNIT = f"""
    SELECT unit, sum(registered)::bigint AS registered, sum(reported)::bigint AS reported, sum(women)::bigint AS women,
           sum(minority)::bigint AS minority, counted_on
    FROM ({_STANDING}) own GROUP BY unit, counted_on"""
HEADCOUNTS = f"SELECT via, {SUMS} FROM ({_STANDING}) own GROUP BY via"

#: Both in one question, by child; ``headcount`` is null where no unit holds members on that day.
_MEMBER_COLUMNS = ", ".join(
    f"coalesce(m.{prefix}{name}, 0) AS {prefix}{name}"
    for prefix in ("", "ly_")
    for name in ("members", "joined", "gone")
)
MEMBERS_AND_HEADCOUNTS = f"""
    SELECT coalesce(m.via, h.via) AS via, {_MEMBER_COLUMNS}, to_jsonb(h) - 'via' AS headcount
    FROM ({MEMBERS}) m FULL JOIN ({HEADCOUNTS}) h ON coalesce(m.via, 0) = coalesce(h.via, 0)"""

DONATIONS = f"""
    WITH {{below}}, {MONTHS}
    SELECT m.bucket, r.is_pass_through, a.via_id AS via, r.form, r.donor_kind,
           grouping(a.via_id, r.form, r.donor_kind) AS level,
           sum({{split}}r.count{{by}})::bigint AS count, sum({{split}}r.value_vnd{{by}})::bigint AS value_vnd
    FROM months m
    JOIN funds_donationmonth r ON r.month = m.month
    JOIN below a ON a.unit_id = r.unit_id
    WHERE {STOOD_IN_MONTH}
    GROUP BY m.bucket, r.is_pass_through, GROUPING SETS ((a.via_id), (r.form), (r.donor_kind))"""

GIVEN = f"""
    WITH {{below}}, {MONTHS}
    SELECT m.bucket, r.kind, a.via_id AS via, p.code AS programme, p.name AS programme_name,
           r.beneficiary_group AS "group", grouping(a.via_id, p.code, r.beneficiary_group) AS level,
           sum({{split}}r.count{{by}})::bigint AS count, sum({{split}}r.value_vnd{{by}})::bigint AS value_vnd
    FROM months m
    JOIN scholarships_givenmonth r ON r.month = m.month
    JOIN scholarships_programme p ON p.id = r.programme_id
    JOIN below a ON a.unit_id = r.unit_id
    WHERE {STOOD_IN_MONTH}
    GROUP BY m.bucket, r.kind, GROUPING SETS ((a.via_id), (p.code, p.name), (r.beneficiary_group))"""


def _flows(prefix: str) -> str:
    """Sums per unit or fund of one period. What was brought forward into the system is opening, not income; what
    funds passed on to each other is kept apart, to be left out where both stand below the same unit."""
    starts, ends = f"%({prefix}starts_on)s", f"%({prefix}ends_before)s"
    during = f"month >= {starts} AND month < {ends} AND kind NOT IN ('opening', 'transfer', 'handover')"
    passed_on = f"month >= {starts} AND month < {ends} AND kind IN ('transfer', 'handover')"
    return f"""
        sum(in_vnd - out_vnd) FILTER (WHERE month < {starts} OR (kind = 'opening' AND month < {ends}))
            AS {prefix}opening,
        sum(in_vnd) FILTER (WHERE {during}) AS {prefix}income,
        sum(out_vnd) FILTER (WHERE {during}) AS {prefix}outgo,
        sum(in_vnd) FILTER (WHERE {passed_on}) AS {prefix}passed_in,
        sum(out_vnd) FILTER (WHERE {passed_on}) AS {prefix}passed_out,
        sum(out_vnd) FILTER (WHERE {during} AND kind IN ('payment', 'expense')) AS {prefix}spent,
        sum(committed_vnd) FILTER (WHERE month < {ends}) AS {prefix}committed,
        sum(transit_vnd) FILTER (WHERE month < {ends}) AS {prefix}transit"""


_FLOW_COLUMNS = "opening income outgo passed_in passed_out spent committed transit"

MONEY = f"""
    WITH {{below}},
    own AS (
        SELECT unit_id, {_flows("")}, {_flows("ly_")}
        FROM funds_fundmonth
        WHERE month < %(ends_before)s {{among}}
        GROUP BY unit_id
    )
    SELECT a.via_id AS via, {_carried("", _FLOW_COLUMNS)}, {_carried("ly_", _FLOW_COLUMNS)}
    FROM own JOIN below a ON a.unit_id = own.unit_id
    GROUP BY a.via_id"""

OWN_FUNDS = f"""
    SELECT f.id, f.code, f.name, coalesce(s.opening, 0)::bigint AS opening, coalesce(s.income, 0)::bigint AS income,
           coalesce(s.outgo, 0)::bigint AS outgo, coalesce(s.passed_in, 0)::bigint AS passed_in,
           coalesce(s.passed_out, 0)::bigint AS passed_out, coalesce(s.committed, 0)::bigint AS committed,
           coalesce(s.transit, 0)::bigint AS transit
    FROM funds_fund f
    LEFT JOIN (
        SELECT fund_id, {_flows("")} FROM funds_fundmonth
        WHERE month < %(ends_before)s AND unit_id = %(unit)s GROUP BY fund_id
    ) s ON s.fund_id = f.id
    WHERE f.unit_id = %(unit)s AND f.opened_on <= %(last_day)s
      AND (f.closed_on IS NULL OR f.closed_on > %(starts_on)s)
    ORDER BY coalesce(s.opening, 0) + coalesce(s.income, 0) + coalesce(s.passed_in, 0) DESC, f.title_key"""


def _population(place: str) -> str:
    """People in ``place`` in the period's year, by the latest count until then; null where it was no place then."""
    return f"""(
        SELECT n.people FROM members_placepopulation n JOIN members_place q ON q.id = n.place_id
        WHERE q.id = {place} AND n.year <= extract(year FROM %(last_day)s::date)
          AND (q.valid_from IS NULL OR q.valid_from <= %(last_day)s)
          AND (q.valid_until IS NULL OR q.valid_until > %(starts_on)s)
        ORDER BY n.year DESC LIMIT 1
    )"""


#: One row a child; one row with null ``id`` where there is none, so that the unit's own population comes in any case.
CHILDREN = f"""
    SELECT v.unit_id AS id, u.code, v.name, t.code AS tier, u.kind, v.valid_until, p.latitude, p.longitude,
           {_population("p.id")} AS population, {_population("%(place)s::bigint")} AS own_population,
           EXISTS (SELECT FROM funds_fund f WHERE f.unit_id = u.id AND f.opened_on <= %(last_day)s
                   AND (f.closed_on IS NULL OR f.closed_on > %(last_day)s)) AS has_fund,
           EXISTS (SELECT FROM members_unitversion c WHERE c.parent_id = u.id AND c.valid_from <= %(last_day)s
                   AND (c.valid_until IS NULL OR c.valid_until > %(starts_on)s)) AS has_children
    FROM (SELECT) one
    LEFT JOIN (
        SELECT DISTINCT ON (unit_id) * FROM members_unitversion
        WHERE parent_id = %(unit)s AND valid_from <= %(tree)s
          AND (valid_until IS NULL OR valid_until > %(tree_from)s)
        ORDER BY unit_id, valid_from DESC
    ) v ON true
    LEFT JOIN members_unit u ON u.id = v.unit_id
    LEFT JOIN members_tier t ON t.id = v.tier_id
    LEFT JOIN members_place p ON p.id = u.place_id
    ORDER BY t.rank, v.valid_until IS NOT NULL AND v.valid_until <= %(last_day)s,
             u.kind <> 'territorial', u.title_key"""

#: Flows month by month, for charts; ``m`` is the row's own month.
_FLOW_SPAN = f"""
    JOIN below a ON a.unit_id = r.unit_id
    CROSS JOIN LATERAL (SELECT r.month, (r.month + interval '1 month')::date AS next_month) m
    WHERE r.month >= %(starts_on)s AND r.month < %(ends_before)s AND {STOOD_IN_MONTH}"""

RAISED_BY_MONTH = f"""
    WITH {{below}}
    SELECT r.month, r.donor_kind, sum({{split}}r.value_vnd{{by}})::bigint AS value_vnd
    FROM funds_donationmonth r {_FLOW_SPAN} AND NOT r.is_pass_through
    GROUP BY r.month, r.donor_kind"""

GIVEN_BY_MONTH = f"""
    WITH {{below}}
    SELECT r.month, sum({{split}}r.count{{by}})::bigint AS count
    FROM scholarships_givenmonth r {_FLOW_SPAN} AND r.kind = ANY(%(kinds)s)
    GROUP BY r.month"""


def _over_time(table: str, amount: str) -> str:
    """A stock at the end of each of the periods that end before ``ends``, each through the tree of its last day."""
    return f"""
    WITH {{below}},
    ends AS (SELECT n, ends_before FROM unnest(%(ends)s::date[]) WITH ORDINALITY AS e(ends_before, n)),
    own AS (
        SELECT unit_id, (SELECT min(n) FROM ends WHERE ends_before > month) AS n, sum({amount}) AS amount
        FROM {table}
        WHERE month < %(ends_before)s {{among}}
        GROUP BY 1, 2
    )
    SELECT n, sum(value)::bigint AS value
    FROM (
        SELECT e.n, sum(own.amount) AS value
        FROM ends e
        JOIN own ON own.n <= e.n
        JOIN below a ON a.unit_id = own.unit_id
        WHERE a.valid_from < e.ends_before AND (a.valid_until IS NULL OR a.valid_until >= e.ends_before)
        {{over_time}}
    ) stock GROUP BY n"""


MEMBERS_OVER_TIME = _over_time("members_membermonth", 'joined - "left"')
BALANCE_OVER_TIME = _over_time("funds_fundmonth", "in_vnd - out_vnd")
