"""The demonstration as the page tests use it: seeded once for each database and run, looked at and never changed."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from tests.web.app import make_app
from tests.web.client import PageClient

ACCOUNTS = (
    "coordinator",
    "reviewer-1",
    "reviewer-2",
    "local-reviewer",
    "moderator",
    "lead",
    "administrator",
    "outsider",
)
NOBODY = "nobody"
EVERYBODY = (*ACCOUNTS, NOBODY)
ON_SQLITE = pytest.param("sqlite", marks=pytest.mark.xdist_group("demonstration on sqlite"))
ON_POSTGRESQL = pytest.param("postgresql", marks=pytest.mark.xdist_group("demonstration on postgresql"))
PASSWORD = secrets.token_urlsafe(12)


@dataclass(frozen=True)
class Demonstration:
    """A seeded application."""

    app: Flask

    def browser_of(self, who: str) -> PageClient:
        """A browser in which one of `EVERYBODY` is signed in, or nobody."""
        client = self.app.test_client()
        assert isinstance(client, PageClient)
        if who != NOBODY:
            client.sign_in(f"{who}@demo.example", PASSWORD)
        return client


def seed(database_url: str, folder: Path) -> Demonstration:
    """Seed the demonstration into a migrated database, by the command that people use."""
    app = make_app(database_url, folder, CASEREADER_DEMO_PASSWORD=PASSWORD)
    done = app.test_cli_runner().invoke(args=["demo", "seed"])
    assert done.exit_code == 0, done.output
    return Demonstration(app)


@pytest.fixture(scope="session", params=[ON_SQLITE, ON_POSTGRESQL])
def demonstration(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    """The demonstration, once on each kind of database."""
    folder = tmp_path_factory.mktemp("demonstration")
    url: str = request.getfixturevalue(f"demonstration_on_{request.param}")
    made = seed(url, folder)
    yield made
    made.app.extensions["casereader_engine"].dispose()
