"""What every test stands on. ``tests/databases.py`` says where its database comes from."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.conf import settings
from django.core.signals import setting_changed
from django.test import TransactionTestCase
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker
from pytest_django.plugin import blocking_manager_key

from hkh.core import embedded
from hkh.core.catalogs import compile_catalogs
from tests.cluster import TEST_CLUSTER
from tests.databases import Databases
from tests.settings import STARTS_TEST_CLUSTER

# The same examples in every run. For others: pytest --hypothesis-profile=default
hypothesis_settings.register_profile("the same each time", derandomize=True)
hypothesis_settings.load_profile("the same each time")

DATABASES = pytest.StashKey[Databases]()
SERVER = pytest.StashKey[ExitStack]()

#: A test that asks for one of these writes for good, as seen from other connections.
COMMITTING_FIXTURES = {"transactional_db", "live_server", "django_db_reset_sequences"}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "province: the database holds the small demo province")
    worker = getattr(config, "workerinput", {}).get("workerid", "main")
    config.stash[DATABASES] = Databases(worker=worker, rebuild=config.getoption("create_db"))
    server = config.stash[SERVER] = ExitStack()
    if STARTS_TEST_CLUSTER:
        server.enter_context(embedded.running(TEST_CLUSTER, options=embedded.NOTHING_TO_LOSE))
    if worker == "main" and compile_catalogs(settings.LOCALE_PATHS):
        # Setting Django up has read the catalogues already, and found none on a fresh checkout.
        setting_changed.send(type(config), setting="LOCALE_PATHS", value=settings.LOCALE_PATHS, enter=True)
    # A test that committed had a database of its own, so there is nothing to empty after it.
    setattr(TransactionTestCase, "_fixture_teardown", lambda self: None)  # noqa: B010 (not in the stubs)


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[SERVER].close()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Lead the connection to the database that this test wants, before any fixture opens a transaction."""
    fixtures = set(getattr(item, "fixturenames", ()))
    mark = item.get_closest_marker("django_db")
    wants_province = "province" in fixtures or item.get_closest_marker("province") is not None
    commits = bool(fixtures & COMMITTING_FIXTURES or (mark and mark.kwargs.get("transaction")))
    if mark or commits or wants_province or "db" in fixtures:
        with item.config.stash[blocking_manager_key].unblock():
            item.config.stash[DATABASES].use("province" if wants_province else "empty", commits=commits)


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """pytest-django's own would create one database a worker; ours are made above, test by test."""
    yield
    with django_db_blocker.unblock():
        request.config.stash[DATABASES].drop()


@pytest.fixture
def server_folder() -> Iterator[Path]:
    """A folder for a database server. Into ``tmp_path`` its user cannot walk: pytest keeps that to itself."""
    with tempfile.TemporaryDirectory(prefix="hkh-test-") as folder:
        yield Path(folder)


@pytest.fixture
def province(db: None) -> None:
    """The small demo province: one district of it, with every kind of fact."""
