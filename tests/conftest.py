"""What every test may ask for; the fixtures live in the modules named here, by task."""

import gc

import pytest
from hypothesis import HealthCheck, Phase, settings

import tests.arranging  # noqa: F401  # what tests write by hand is recorded
from tests.databases import (
    database_url,
    engine,
    granted_url,
    is_for_slow_runs,
    migrated_postgres,
    migrated_sqlite,
    postgres_url,
    role_url,
    session,
    shared_postgres,
    sqlite_url,
    unmigrated_url,
)
from tests.demonstration import demonstration, demonstration_on_postgresql, demonstration_on_sqlite, seeded
from tests.long import is_long
from tests.postgres import postgres
from tests.sampling.engines.spark import spark
from tests.web.app import app, client

__all__ = [
    "app",
    "client",
    "database_url",
    "demonstration",
    "demonstration_on_postgresql",
    "demonstration_on_sqlite",
    "engine",
    "granted_url",
    "migrated_postgres",
    "migrated_sqlite",
    "postgres",
    "postgres_url",
    "role_url",
    "seeded",
    "session",
    "shared_postgres",
    "spark",
    "sqlite_url",
    "unmigrated_url",
]

# The same examples on every run, and none failed for a machine that was busy.
for name, examples in (("quick", 25), ("thorough", 1000)):
    settings.register_profile(
        name,
        max_examples=examples,
        derandomize=True,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
# A change to the code need only be noticed, not shown in its smallest example.
settings.register_profile(
    "mutation", settings.get_profile("quick"), max_examples=25, phases=[Phase.explicit, Phase.generate]
)
settings.load_profile("quick")


@pytest.hookimpl(tryfirst=True)  # before those that are slow are left out
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Hold what the verbs do to one kind of database in quick runs, to both in slow ones; leave out what is long."""
    for item in items:
        if is_for_slow_runs(item):
            item.add_marker(pytest.mark.slow)
    if config.getoption("everyday"):
        left_out = [item for item in items if is_long(item.nodeid)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not is_long(item.nodeid)]


def pytest_collection_finish() -> None:
    """Let what was imported and collected be: to look through it for rubbish takes a quarter of a run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a run leave out the tests that are long, and keep pictures of the pages that the browser tests look over."""
    parser.addoption("--everyday", action="store_true", help="leave out the tests of tests/long.txt")
    parser.addoption("--pictures", metavar="FOLDER", help="keep a picture of every page looked over in FOLDER")
