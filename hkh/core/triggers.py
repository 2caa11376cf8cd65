"""Triggers declared on models (django-pgtrigger), without its back door; whether they all stand.

The stock trigger first asks a session variable whether it shall look away. A rule of ours must not be
waived so, and the question costs a caught exception, 0.7 ms a row: 10 s for the rows of one tree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pgtrigger
from django.apps import apps
from django.db import connection, models
from pgtrigger import compiler


class RuleSql(compiler.UpsertTriggerSql):
    """The SQL of a rule. Migrations name this class: what the template says may not change any more."""

    def get_template(self) -> str:
        return """
            CREATE OR REPLACE FUNCTION {pgid}()
            RETURNS TRIGGER AS $$
                {declare}
                BEGIN
                    {func}
                END;
            $$ LANGUAGE plpgsql;

            DROP TRIGGER IF EXISTS {pgid} ON {table};
            CREATE {constraint} TRIGGER {pgid}
                {when} {operation} ON {table}
                {timing}
                {referencing}
                FOR EACH {level} {condition}
                EXECUTE FUNCTION {execute};

            COMMENT ON TRIGGER {pgid} ON {table} IS '{hash}';
        """


class Rule(pgtrigger.Trigger):
    """A ``pgtrigger.Trigger`` that always acts."""

    def compile(self, model: models.Model) -> compiler.Trigger:
        stock = super().compile(model)
        kwargs = {key: value for key, value in stock.sql.kwargs.items() if key != "ignore_func_name"}
        return compiler.Trigger(name=stock.name, sql=RuleSql(**kwargs))


#: Where the functions of triggers look for names: a temporary table of the same name does not stand before ours.
SEARCH_PATH = "pg_catalog, public, pg_temp"

#: Our functions of triggers that look elsewhere yet.
_LOOKING_ELSEWHERE = f"""
    SELECT proc.oid::regprocedure::text FROM pg_proc proc
    WHERE proc.prorettype = 'trigger'::regtype AND proc.pronamespace = 'public'::regnamespace
      AND NOT 'search_path={SEARCH_PATH}' = ANY (coalesce(proc.proconfig, '{{}}'))
      AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = proc.oid AND deptype = 'e')
    ORDER BY 1
"""


def fix_search_paths(**kwargs: Any) -> None:
    """Let the functions of triggers find our tables and no others. After each ``migrate``, which may make them anew.

    What they call looks where they look. Two queries, and one a function made since.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOOKING_ELSEWHERE)
        for (function,) in cursor.fetchall():
            cursor.execute(f"ALTER FUNCTION {function} SET search_path = {SEARCH_PATH}")


@dataclass(frozen=True)
class Aside:
    """A trigger that does not stand as it should."""

    table: str
    name: str
    fault: str

    def __str__(self) -> str:
        return f"{self.table} {self.name}: {self.fault}" if self.table else f"{self.name}: {self.fault}"


def declared() -> set[tuple[str, str]]:
    """(table, name) of every trigger there must be: those of the models, and those that an app's migrations wrote."""
    found = {
        (model._meta.db_table, trigger.get_pgid(model))
        for model in apps.get_models(include_auto_created=True)
        for trigger in getattr(model._meta, "triggers", ())
    }
    return found.union(*(getattr(config, "triggers_by_hand", ()) for config in apps.get_app_configs()))


def check() -> list[Aside]:
    """Triggers that are missing or switched off, those of foreign keys too; functions of theirs that can be misled.

    Many rules are kept by nothing else. 2 queries.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT class.relname, coalesce(held.conname, stands.tgname), stands.tgenabled IN ('O', 'A')
            FROM pg_trigger stands JOIN pg_class class ON class.oid = stands.tgrelid
            LEFT JOIN pg_constraint held ON held.oid = stands.tgconstraint
            WHERE class.relnamespace = 'public'::regnamespace AND (NOT stands.tgisinternal OR held.contype = 'f')
            """
        )
        standing = set(cursor.fetchall())
        cursor.execute(_LOOKING_ELSEWHERE)
        misled = [Aside("", function, "its search_path is not fixed") for (function,) in cursor.fetchall()]
    off = {(table, name) for table, name, is_on in standing if not is_on}
    missing = declared() - {(table, name) for table, name, _is_on in standing}
    return [
        *(Aside(table, name, "missing") for table, name in sorted(missing)),
        *(Aside(table, name, "switched off") for table, name in sorted(off)),
        *misled,
    ]
