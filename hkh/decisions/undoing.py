"""A decision undone to the letter, as long as nothing was built on it: by the trace that carrying it out left.

What the books hold of it is taken back by reversals of the same day, so all figures are as if it had never been.
A fund that it opened stays as a closed, empty one of the unit within which was decided: what stands in the books is
never deleted.
"""

from __future__ import annotations

from datetime import timedelta

from django.apps import apps
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from funds.actions import lock_accounts
from funds.models import Appeal, Fund, Movement
from hkh.core.acting import act_as
from hkh.core.dates import format_date
from hkh.core.money import dong, format_number
from hkh.decisions.carrying_out import OFFICES, execute
from hkh.decisions.trace import WATCHED, object_of
from hkh.decisions.world import listed, rows
from members.models import Decision, DecisionEffect, Deed, Unit, User

#: Follow from facts by trigger, or are looked at in another way.
_DERIVED = {
    "members_unitancestor",
    "members_membermonth",
    "members_headcountspan",
    "members_unit",
    "funds_account",
    "funds_stockitem",
    "funds_fundmonth",
    "funds_donationmonth",
    "scholarships_givenmonth",
    "scholarships_fundowed",
}


def obstacles(decision: Decision) -> list[str]:
    """What was built on a decision that was carried out, a sentence each; empty when it can be undone.

    About 30 queries, however much it did.
    """
    found = _changed_since(decision)
    units = _made(decision, "members_unit")
    named = dict(Unit.unscoped.filter(pk__in=units).values_list("pk", "name"))
    found += _built_on(decision, Unit, named)
    funds = dict(Fund.unscoped.filter(pk__in=_made(decision, "funds_fund")).values_list("pk", "name"))
    found += _built_on(decision, Fund, funds)
    appeals = dict(Appeal.unscoped.filter(pk__in=_made(decision, "funds_appeal")).values_list("pk", "name"))
    found += _built_on(decision, Appeal, appeals)
    return [*found, *_booked_since(decision), *_spent(decision), *_shut(decision), *_parents_gone(decision)]


def undo(decision: Decision, *, by: User) -> None:
    """All rows as they were; the caller has seen that nothing stands in the way and holds the locks."""
    act_as(by, decision.number)
    _take_back_money(decision, by)
    # Units live again before anything goes back into them.
    _delete(decision, "members_succession")
    _delete(decision, "members_membership")
    _delete(decision, "members_unitversion")
    _restore(decision, "members_unitversion")
    _restore(decision, "members_unit", also=", revision = kept.revision + 1")
    _restore(decision, "members_membership")
    _restore_removed(decision)
    for table in (*OFFICES, "scholarships_round", "scholarships_award", "funds_donor"):
        _restore(decision, table)
    _delete(decision, "funds_appealpartner")
    _delete(decision, "funds_appeal")
    _restore(decision, "funds_appeal")
    moved = rows(
        "SELECT DISTINCT unit_id FROM members_unitversion WHERE id IN (SELECT row_id FROM members_decisioneffect"
        " WHERE decision_id = %s AND table_name = 'members_unitversion' AND deed = 'changed')",
        [decision.pk],
    )
    closed = _rows_of(decision, "members_unit", Deed.CHANGED)
    execute(
        "UPDATE members_unit SET revision = revision + 1 WHERE id = ANY (%s) AND id <> ALL (%s)",
        [[pk for (pk,) in moved], closed],
    )
    _unfound(decision)


def _rows_of(decision: Decision, table: str, deed: Deed) -> list[int]:
    effects = DecisionEffect.objects.filter(decision=decision, table_name=table, deed=deed)
    return list(effects.order_by("row_id").values_list("row_id", flat=True))


def _made(decision: Decision, table: str) -> list[int]:
    return _rows_of(decision, table, Deed.MADE)


# -- what stands in the way ----------------------------------------------------------------------------------------


def _changed_since(decision: Decision) -> list[str]:
    """Rows that are not as the decision left them."""
    sentences = []
    for table in WATCHED:
        [(count,)] = rows(
            f"""
            SELECT count(*) FROM members_decisioneffect effect LEFT JOIN {table} now_is ON now_is.id = effect.row_id
            WHERE effect.decision_id = %s AND effect.table_name = %s AND effect.deed <> 'removed'
              AND (now_is.id IS NULL OR NOT {object_of("now_is", WATCHED[table])} @> effect.after)
            """,
            [decision.pk, table],
        )
        if count:
            model = _model_of(table)
            sentences.append(
                _("Changed since then: %(what)s (%(count)s).")
                % {"what": model._meta.verbose_name_plural, "count": format_number(count)}
            )
    return sentences


def _model_of(table: str) -> type[models.Model]:
    return next(model for model in apps.get_models() if model._meta.db_table == table)


def _built_on(decision: Decision, model: type[models.Model], named: dict[int, str]) -> list[str]:
    """What has come to hang since on the rows of ``model`` that the decision made: asked of every table there is."""
    if not named:
        return []
    sentences = []
    for other, table, column in _references(model):
        own = "AND newer.decision_id <> %(decision)s" if table == "members_change" else ""
        hanging = rows(
            f"""
            SELECT newer.{column}, count(*) FROM {table} newer
            WHERE newer.{column} = ANY (%(ids)s) {own} AND NOT EXISTS (
                SELECT FROM members_decisioneffect effect WHERE effect.decision_id = %(decision)s
                AND effect.table_name = %(table)s AND effect.row_id = newer.id
            )
            GROUP BY 1 ORDER BY 1
            """,
            {"ids": list(named), "decision": decision.pk, "table": table},
        )
        for row_id, count in hanging:
            what = other._meta.verbose_name if count == 1 else other._meta.verbose_name_plural
            sentences.append(
                _("“%(name)s” has since: %(what)s (%(count)s).")
                % {"name": named[row_id], "what": what, "count": format_number(count)}
            )
    return sentences


def _references(model: type[models.Model]) -> list[tuple[type[models.Model], str, str]]:
    """Which model, table and column refer to rows of ``model`` by a foreign key that the database keeps."""
    found = []
    for relation in model._meta.get_fields(include_hidden=True):
        field = getattr(relation, "field", None)
        if isinstance(field, models.ForeignKey) and relation.auto_created and vars(field)["db_constraint"]:
            table = field.model._meta.db_table
            if table not in _DERIVED:
                found.append((field.model, table, field.column))
    return found


def _booked_since(decision: Decision) -> list[str]:
    """Movements in funds that the decision opened, lots of their goods, and handovers taken back since."""
    booked = rows(
        """
        SELECT fund.name, count(*) FROM funds_movement moved
        JOIN funds_account account ON account.id IN (moved.source_id, moved.target_id)
        JOIN funds_fund fund ON fund.id = account.fund_id
        WHERE fund.id = ANY (%s) AND moved.id <> ALL (%s) GROUP BY fund.id ORDER BY fund.id
        """,
        [_made(decision, "funds_fund"), _made(decision, "funds_movement")],
    )
    taken_back = rows(
        "SELECT count(*) FROM funds_movement WHERE reverses_id = ANY (%s)", [_made(decision, "funds_movement")]
    )[0][0]
    issued = rows(
        """
        SELECT fund.name, count(*) FROM funds_goodsissue lot JOIN funds_stockitem item ON item.id = lot.item_id
        JOIN funds_fund fund ON fund.id = item.fund_id WHERE fund.id = ANY (%s) GROUP BY fund.id ORDER BY fund.id
        """,
        [_made(decision, "funds_fund")],
    )
    booked += issued
    sentences = [
        _("In the books of “%(fund)s” stand %(count)s entries made since.")
        % {"fund": name, "count": format_number(count)}
        for name, count in booked
    ]
    if taken_back:
        sentences.append(
            ngettext(
                "%(count)s handover was taken back since.", "%(count)s handovers were taken back since.", taken_back
            )
            % {"count": format_number(taken_back)}
        )
    return sentences


def _spent(decision: Decision) -> list[str]:
    """Funds that do not hold any more what was handed over to them."""
    short = rows(
        """
        SELECT fund.name, sum(moved.amount_vnd)::bigint, account.balance_vnd FROM funds_movement moved
        JOIN funds_account account ON account.id = moved.target_id JOIN funds_fund fund ON fund.id = account.fund_id
        WHERE moved.id = ANY (%s) GROUP BY fund.id, account.id HAVING sum(moved.amount_vnd) > account.balance_vnd
        ORDER BY fund.id
        """,
        [_made(decision, "funds_movement")],
    )
    return [
        _("“%(fund)s” took up %(taken)s and holds only %(left)s.")
        % {"fund": name, "taken": dong(taken), "left": dong(left)}
        for name, taken, left in short
    ]


def _shut(decision: Decision) -> list[str]:
    """Units whose books of the day have been closed since, so that nothing of it can be taken back."""
    shut = rows(
        """
        SELECT DISTINCT unit.title_key, unit.name FROM funds_movement moved
        JOIN funds_account account ON account.id IN (moved.source_id, moved.target_id)
        JOIN funds_fund fund ON fund.id = account.fund_id JOIN members_unit unit ON unit.id = fund.unit_id
        WHERE moved.id = ANY (%s) AND funds_is_closed(unit.id, moved.occurred_on) ORDER BY 1
        """,
        [_made(decision, "funds_movement")],
    )
    if not shut:
        return []
    said = {"day": format_date(decision.effective_on), "units": listed([name for _key, name in shut])}
    return [_("The books of %(day)s are closed (%(units)s). Have the period reopened.") % said]


def _parents_gone(decision: Decision) -> list[str]:
    """Units that would stand again under one that was dissolved since."""
    gone = rows(
        """
        SELECT version.name, above.name, above.dissolved_on FROM members_decisioneffect effect
        JOIN members_unitversion version ON version.id = effect.row_id
        JOIN members_unit above ON above.id = coalesce((effect.before ->> 'parent_id')::bigint, version.parent_id)
        WHERE effect.decision_id = %(decision)s AND effect.table_name = 'members_unitversion'
          AND effect.deed = 'changed' AND above.dissolved_on IS NOT NULL AND above.id NOT IN (
              SELECT row_id FROM members_decisioneffect WHERE decision_id = %(decision)s
              AND table_name = 'members_unit' AND deed = 'changed'
          )
        ORDER BY 1, 2
        """,
        {"decision": decision.pk},
    )
    return [
        _("“%(unit)s” would stand again under “%(parent)s”, which was dissolved on %(day)s.")
        % {"unit": unit, "parent": parent, "day": format_date(day)}
        for unit, parent, day in gone
    ]


# -- undoing -------------------------------------------------------------------------------------------------------


def _take_back_money(decision: Decision, by: User) -> None:
    """Old funds open again, handovers reversed, new funds closed on the day after they opened."""
    moved = list(Movement.objects.filter(pk__in=_made(decision, "funds_movement")).order_by("pk"))
    opened = _made(decision, "funds_fund")
    closed = _rows_of(decision, "funds_fund", Deed.CHANGED)
    lock_accounts(Fund.unscoped.filter(pk__in=[*opened, *closed]))
    _restore(decision, "funds_fund", also=", revision = kept.revision + 1")
    Movement.objects.bulk_create(
        Movement(
            source_id=movement.target_id,
            target_id=movement.source_id,
            amount_vnd=movement.amount_vnd,
            kind=movement.kind,
            occurred_on=movement.occurred_on,
            document=movement.document,
            note=_("Decision undone"),
            reverses=movement,
            recorded_by=by,
        )
        for movement in moved
    )
    execute(
        "UPDATE funds_fund SET closed_on = %s, unit_id = %s, revision = revision + 1 WHERE id = ANY (%s)",
        [decision.effective_on + timedelta(days=1), decision.unit_id, opened],
    )
    execute(
        "UPDATE funds_fundmonth SET unit_id = %s WHERE fund_id = ANY (%s) AND unit_id <> %s",
        [decision.unit_id, opened, decision.unit_id],
    )


def _restore(decision: Decision, table: str, *, also: str = "") -> None:
    """The changed columns of the rows of ``table`` as they were. One statement for each set of columns."""
    sets = rows(
        """
        SELECT DISTINCT (SELECT string_agg(key, ',' ORDER BY key) FROM jsonb_object_keys(before) key)
        FROM members_decisioneffect WHERE decision_id = %s AND table_name = %s AND deed = 'changed'
        """,
        [decision.pk, table],
    )
    for (names,) in sets:
        columns = names.split(",")
        again = ", ".join(f"{column} = was.{column}" for column in columns)
        execute(
            f"""
            UPDATE {table} kept SET {again} {also}
            FROM members_decisioneffect effect
            CROSS JOIN LATERAL jsonb_populate_record(NULL::{table}, effect.before) was
            WHERE effect.decision_id = %s AND effect.table_name = %s AND effect.deed = 'changed'
              AND kept.id = effect.row_id AND effect.before ?& %s AND NOT effect.before - %s::text[] <> '{{}}'
            """,
            [decision.pk, table, columns, columns],
        )


def _restore_removed(decision: Decision) -> None:
    for (table,) in rows(
        "SELECT DISTINCT table_name FROM members_decisioneffect WHERE decision_id = %s AND deed = 'removed'",
        [decision.pk],
    ):
        execute(
            f"""
            INSERT INTO {table} SELECT was.* FROM members_decisioneffect effect
            CROSS JOIN LATERAL jsonb_populate_record(NULL::{table}, effect.before) was
            WHERE effect.decision_id = %s AND effect.table_name = %s AND effect.deed = 'removed'
            """,
            [decision.pk, table],
        )


def _delete(decision: Decision, table: str) -> None:
    execute(f"DELETE FROM {table} WHERE id = ANY (%s)", [_made(decision, table)])


def _unfound(decision: Decision) -> None:
    """The units that were founded are no more, nor is what was counted of them: it came to nothing."""
    units = _made(decision, "members_unit")
    execute(
        "UPDATE members_change SET unit_id = NULL WHERE unit_id = ANY (%s) AND decision_id = %s", [units, decision.pk]
    )
    touched = rows(
        "SELECT DISTINCT unit_id FROM members_membership WHERE id = ANY (%s)",
        [_rows_of(decision, "members_membership", Deed.CHANGED)],
    )
    gone = [*units, *(pk for (pk,) in touched)]
    execute('DELETE FROM members_membermonth WHERE unit_id = ANY (%s) AND joined = 0 AND "left" = 0', [gone])
    for table in ("funds_donationmonth", "scholarships_givenmonth"):
        execute(f"DELETE FROM {table} WHERE unit_id = ANY (%s)", [units])
    execute("DELETE FROM members_unit WHERE id = ANY (%s)", [units])
