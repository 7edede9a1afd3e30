"""`demo seed` and `demo services`: only into a database that is empty, and a password that only its owner reads."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlmodel import select

from casereader.db import snapshot, transaction
from casereader.models import Account, Programme
from casereader.people import accounts, passwords
from tests.cast import BEGAN as AT
from tests.cast import gather
from tests.web.app import make_app

ROLES = {
    "coordinator",
    "reviewer-1",
    "reviewer-2",
    "local-reviewer",
    "moderator",
    "lead",
    "administrator",
    "outsider",
}


@pytest.fixture
def app(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The application on an empty database."""
    monkeypatch.delenv("CASEREADER_DEMO_PASSWORD", raising=False)
    made = make_app(sqlite_url, tmp_path)
    yield made
    made.extensions["casereader_engine"].dispose()


def run(app: Flask, *words: str) -> Result:
    """Run a command as people type it."""
    return app.test_cli_runner().invoke(args=list(words))


def n_programmes(app: Flask) -> int:
    with snapshot(app.extensions["casereader_engine"]) as session:
        return len(session.exec(select(Programme)).all())


def opens(app: Flask, who: str, password: str) -> bool:
    """Whether the password opens a person's account."""
    with snapshot(app.extensions["casereader_engine"]) as session:
        email = f"{who}@demo.example"
        return passwords.opens(passwords.account_named(session, email), password, at=AT)


def test_seeding_makes_eight_accounts_with_one_password_kept_for_its_owner_alone(app: Flask, tmp_path: Path) -> None:
    done = run(app, "demo", "seed", "--partnerships", "1")

    assert (done.exit_code, done.stderr) == (0, "")
    assert "Made 1 partnerships" in done.stdout
    path = tmp_path / "data" / "demo-password"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with snapshot(app.extensions["casereader_engine"]) as session:
        people = session.exec(select(Account)).all()
    assert {one.email.removesuffix("@demo.example") for one in people if one.is_demo} == ROLES
    assert {one.password_hash for one in people if not one.is_demo} == {None}
    password = path.read_text(encoding="utf-8").strip()
    assert opens(app, "lead", password)
    assert not opens(app, "lead", password + "x")
    assert password not in done.output


def test_the_password_that_is_set_is_used_and_not_kept(sqlite_url: str, tmp_path: Path) -> None:
    app = make_app(sqlite_url, tmp_path, CASEREADER_DEMO_PASSWORD="short")

    assert run(app, "demo", "seed", "--partnerships", "1").exit_code == 0

    assert opens(app, "administrator", "short")
    assert not (tmp_path / "data" / "demo-password").exists()
    app.extensions["casereader_engine"].dispose()


@pytest.mark.parametrize("words", [("demo", "seed"), ("demo", "services")])
def test_a_database_with_something_in_it_is_left_alone(app: Flask, words: tuple[str, ...]) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        gather(session, instrument=app.extensions["casereader_instruments"]["CRR-1"])

    done = run(app, *words)

    assert (done.exit_code, "holds programmes or accounts already" in done.stderr) == (2, True)
    assert n_programmes(app) == 1


def test_seeding_if_empty_adds_nothing_to_an_account(app: Flask) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        accounts.create(session, email="first@x.org", name="First", by=None, at=AT)

    done = run(app, "demo", "seed", "--if-empty")

    assert (done.exit_code, done.stdout) == (0, "The database holds data already: nothing was added.\n")
    assert n_programmes(app) == 0


def test_a_database_that_is_not_there_is_refused_without_a_traceback(tmp_path: Path) -> None:
    app = make_app(f"sqlite:///{tmp_path / 'none.sqlite3'}", tmp_path)

    done = run(app, "demo", "seed", "--if-empty")

    assert (done.exit_code, "database upgrade" in done.stderr) == (2, True)
    app.extensions["casereader_engine"].dispose()
