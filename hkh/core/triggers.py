"""Triggers declared on models (django-pgtrigger), without its back door.

The stock trigger first asks a session variable whether it shall look away. A rule of ours must not be
waived so, and the question costs a caught exception, 0.7 ms a row: 10 s for the rows of one tree.
"""

from __future__ import annotations

import pgtrigger
from django.db import models
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
