"""Where PostgreSQL would let the program change its own trail, whoever starts it and the administrator are told."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask

from casereader.web import starting
from tests.cast import Cast, SignIn
from tests.ports import HOST
from tests.web.app import make_app

OWNER = "The program runs as the owner of its tables, or may act as the owner"
OFF_LOOPBACK = {"PROXY_HOPS": "1", "TRUSTED_HOSTS": "read.example"}
ON_BOTH = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


@contextmanager
def installed(url: str, folder: Path, **settings: object) -> Iterator[Flask]:
    app = make_app(url, folder, **settings)
    with app.app_context():
        yield app
    app.extensions["casereader_engine"].dispose()


def test_the_owner_serves_no_pages_that_leave_the_machine(postgres_url: str, tmp_path: Path) -> None:
    with (
        socket.create_server((HOST, 0)) as taken,  # or it would go on and serve, were it not stopped before
        installed(postgres_url, tmp_path, PORT=taken.getsockname()[1], **OFF_LOOPBACK) as app,
    ):
        done = app.test_cli_runner().invoke(args=["serve"])

    assert done.exit_code == 2
    assert OWNER in done.stderr and "database grants --to ROLE" in done.stderr
    assert "Pages that leave this machine are not served like that." in done.stderr


def test_the_owner_serves_on_this_machine_and_is_warned(postgres_url: str, tmp_path: Path) -> None:
    with installed(postgres_url, tmp_path):
        found = starting.look()

    (said,) = found.says
    assert found.may_serve
    assert OWNER in said and "database grants --to ROLE" in said


@pytest.mark.parametrize("database", ["granted_url", "sqlite_url"])
def test_a_role_of_its_own_serves_anywhere_and_so_does_sqlite(
    request: pytest.FixtureRequest, database: str, tmp_path: Path
) -> None:
    with installed(request.getfixturevalue(database), tmp_path, **OFF_LOOPBACK):
        assert starting.look() == starting.Look((), may_serve=True)


@ON_BOTH
def test_the_page_of_the_trail_says_to_the_administrator_where_nothing_guards_it(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    page = sign_in(cast.administrator).page("/trail").text

    is_guarded = app.extensions["casereader_engine"].dialect.name == "sqlite"
    assert (OWNER in page) is not is_guarded
    assert ("that nothing in the program can change" in page) is is_guarded
