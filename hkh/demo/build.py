"""Building the demo province: the plan, then the rows, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from time import perf_counter

from django.apps import apps
from django.core.management.base import CommandError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from funds.models import Account
from hkh.demo.accounts import load_accounts
from hkh.demo.bank import load_bank
from hkh.demo.copying import reset_sequences
from hkh.demo.declared import load_headcounts, load_titles
from hkh.demo.examples import load_examples
from hkh.demo.loading import load_giving, load_money
from hkh.demo.offices import load_offices
from hkh.demo.people import load_people
from hkh.demo.places import load_places
from hkh.demo.recognitions import load_recognitions
from hkh.demo.spec import read_province
from hkh.demo.story import Story, tell
from hkh.demo.units import load_units
from hkh.demo.vouchers import close_quarters
from members.models import Unit, User

#: Set on a database that the demo fills: only such a one is ever emptied, and takes ``HKH_TODAY`` for today when that
#: is the later day (``members_today()``).
MARK = "demo province"
_MARKED_TABLE = Unit._meta.db_table

Say = Callable[[str, float], None]


def build(
    scale: str, *, replace: bool = False, until: date | None = None, say: Say = lambda step, seconds: None
) -> Story:
    """The demo province of ``scale`` ("full" or "small"); ``say`` hears of each step and its seconds.

    With ``until`` it ends with that day: what happened later, reorganisations too, has not happened. All or nothing.
    Raises: CommandError where the database holds units, unless they are the demo's own and ``replace`` is set.
    """
    with transaction.atomic():
        if Unit.unscoped.exists():
            if not replace:
                raise CommandError(_("This database holds units already; the demo only fills an empty one."))
            if not is_demo():
                raise CommandError(_("This database was not filled by the demo, so it is not emptied for it."))
            with _timed(say, "empty"):
                _empty()
        _set_mark()
        province = read_province(scale, until=until)
        with _timed(say, "plan"):
            story = tell(province)
        with _timed(say, "places and units"):
            load_places(story.places)
            load_units(story.tree)
            users = load_accounts(story.tree, province.years.last_day)
            reset_sequences(User)
        with _timed(say, "members"):
            load_people(story.tree, story.names, province.years)
        with _timed(say, "offices"):
            load_offices(story.tree, province.years, users["administrator"])
            load_recognitions(province.years, users["clerk"])
        with _timed(say, "numbers reported"):
            load_headcounts(province.years, users["clerk"])
            load_titles(province.years, users["clerk"])
        with _timed(say, "gifts and books"):
            load_money(story, users)
        with _timed(say, "awards"):
            load_giving(story, users)
            load_bank(users)
        with _timed(say, "examples"):
            load_examples(story, users)
        with _timed(say, "closed periods"):
            close_quarters(users, story.province.years.last_day)
        reset_sequences(*(model for model in apps.get_models() if model._meta.managed))
    return story


def is_demo() -> bool:
    """Whether the demo filled this database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description(%s::regclass)", [_MARKED_TABLE])
        return bool(cursor.fetchone()[0] == MARK)


def _set_mark() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"COMMENT ON TABLE {_MARKED_TABLE} IS '{MARK}'")


def _empty() -> None:
    """Take out all that the demo put in, and what was entered in it since: all tables but those of the framework.

    The triggers by which facts are kept for ever stand aside for it; the accounts of outside parties stay.
    """
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT quote_ident(relname) FROM pg_class
            WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
              AND relname ~ '^(members|funds|scholarships)_' ORDER BY relname
            """
        )
        names = [name for (name,) in cursor.fetchall()]
        for name in names:
            cursor.execute(f"ALTER TABLE {name} DISABLE TRIGGER USER")
        account = Account._meta.db_table
        cursor.execute(
            f"CREATE TEMPORARY TABLE outside ON COMMIT DROP AS SELECT * FROM {account} WHERE fund_id IS NULL"
        )
        cursor.execute(f"TRUNCATE {', '.join(names)} RESTART IDENTITY CASCADE")
        cursor.execute(f"INSERT INTO {account} SELECT * FROM outside")
        cursor.execute("DROP TABLE outside")
        connection.check_constraints()
        for name in names:
            cursor.execute(f"ALTER TABLE {name} ENABLE TRIGGER USER")
    reset_sequences(Account)


@contextmanager
def _timed(say: Say, step: str) -> Iterator[None]:
    started = perf_counter()
    yield
    say(step, perf_counter() - started)
