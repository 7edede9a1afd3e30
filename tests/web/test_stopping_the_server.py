"""Whoever stops the server loses nothing: what came is answered, who comes later goes elsewhere, and it is said."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest
from flask import Flask

from casereader.cli.serve import THREADS, listen
from casereader.cli.until_stopped import UntilStopped
from casereader.schema import Standing
from casereader.web import starting
from casereader.web.access import Door, allow
from casereader.web.background import Background
from tests.ports import HOST
from tests.web.app import make_app

SLOWLY = 0.3


@pytest.fixture
def one(sqlite_url: str, tmp_path: Path) -> Iterator[Flask]:
    """An application with a page that takes its time."""
    app = make_app(sqlite_url, tmp_path)

    @app.get("/slowly")
    @allow(Door.ANYONE)
    def slowly() -> str:
        time.sleep(SLOWLY)
        return "answered"

    yield app
    app.extensions["casereader_engine"].dispose()


@contextmanager
def running(app: Flask, *, drain: float = 0) -> Iterator[tuple[UntilStopped, int]]:
    server = listen(app, app.extensions["casereader_settings"], host=HOST, port=0)
    serving = UntilStopped(app, server, drain_seconds=drain)
    thread = threading.Thread(target=serving.run)
    thread.start()
    try:
        yield serving, int(server.effective_port)
    finally:
        serving.stop()
        thread.join()


def asked(port: int, path: str) -> tuple[int, str]:
    connection = HTTPConnection(HOST, port, timeout=10)
    try:
        connection.request("GET", path, headers={"Connection": "close"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_what_is_at_work_and_what_waits_is_answered_and_whoever_comes_later_is_refused(one: Flask) -> None:
    with ThreadPoolExecutor(3 * THREADS) as pool:
        with running(one) as (serving, port):
            at_work = [pool.submit(asked, port, "/slowly") for _ in range(3 * THREADS)]
            time.sleep(SLOWLY / 2)  # eight are at work, and the others wait
            serving.stop()
        answers = [each.result() for each in at_work]

    assert answers == [(200, "answered")] * 3 * THREADS
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((HOST, port), timeout=1)


def test_told_to_stop_it_says_so_while_it_still_takes_requests(one: Flask) -> None:
    with running(one, drain=0.5) as (serving, port):
        assert asked(port, "/readyz")[0] == 200
        serving.stop()
        status, said = asked(port, "/readyz")
        page, _ = asked(port, "/sign-in")

    assert (status, page) == (503, 200)
    assert '"stopping"' in said


def test_work_beside_requests_is_let_end_and_what_takes_longer_is_cut_off_and_told() -> None:
    beside, ended, told = Background(patience=0), threading.Event(), []

    def long_work() -> None:
        with beside.to_be_ended(ended.set):
            ended.wait(10)
        told.append(beside.is_ended)

    beside.run(long_work)
    beside.run(lambda: told.append("short"))
    beside.wind_down(0.05)

    assert sorted(map(str, told)) == ["True", "short"]


def test_work_that_begins_as_the_server_stops_is_cut_off_too() -> None:
    beside, ended = Background(), threading.Event()
    beside.wind_down(0)

    with beside.to_be_ended(ended.set):
        assert ended.is_set()


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_no_requests_are_asked_for_where_the_schema_is_another(app: Flask) -> None:
    engine = app.extensions["casereader_engine"]

    assert app.test_client().get("/readyz").json == {"status": "ready", "database": "ok", "schema": "current"}
    for revision, standing, says in (("0001", Standing.OLD, "database upgrade"), ("9999", Standing.NEWER, "newer")):
        with engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{revision}'")
        answer = app.test_client().get("/readyz")
        assert (answer.status_code, answer.json) == (
            503,
            {"status": "failing", "database": "ok", "schema": standing.value},
        )
        with app.app_context():
            found = starting.look()
        assert not found.may_serve and says in found.says[0]


def test_no_requests_are_asked_for_where_the_database_does_not_answer(tmp_path: Path) -> None:
    app = make_app(f"postgresql://nobody@/nothing?host={tmp_path}", tmp_path)

    answer = app.test_client().get("/readyz")

    assert (answer.status_code, answer.json) == (
        503,
        {"status": "failing", "database": "failing", "schema": "unknown"},
    )
