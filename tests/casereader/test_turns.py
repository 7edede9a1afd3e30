"""Writers of one process take turns at SQLite: in the order of asking, never two at once, and nobody keeps a turn."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from casereader import db
from casereader.db import at_once, make_engine, open_session, snapshot, transaction
from casereader.people import accounts
from casereader.turns import Turns

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
AT = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)

SOON = 60.0  # seconds in which anything here is long done, however busy the machine


def in_a_thread(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def write_at_once(engine: Engine) -> None:
    """Fails where anybody else still has the turn."""
    with at_once(engine) as session:
        session.connection()


def test_turns_come_in_the_order_of_asking_and_whoever_gave_up_is_passed_over() -> None:
    turns, asked = Turns(), threading.Semaphore(0)
    order: list[int] = []
    assert turns.take(0)
    assert not turns.take(0.01)

    def ask(place: int) -> None:
        asked.release()
        assert turns.take(SOON)
        order.append(place)
        turns.give_back()

    threads = []
    for place in range(5):
        threads.append(in_a_thread(partial(ask, place)))
        asked.acquire()
        while turns.n_waiting <= place:
            time.sleep(0.001)
    turns.give_back()
    for thread in threads:
        thread.join(SOON)

    assert order == [0, 1, 2, 3, 4]
    assert turns.take(0)


def test_a_writer_that_never_pauses_lets_whoever_waits_in_after_the_write_it_is_at(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    n_written, stop, turns = 0, threading.Event(), Turns()
    monkeypatch.setattr(db, "Turns", lambda: turns)  # so that it is seen when somebody waits
    engine = make_engine(sqlite_url)

    def write_on() -> None:
        nonlocal n_written
        while not stop.is_set():
            with transaction(engine) as session:
                session.connection()
                n_written += 1
                while not (turns.n_waiting or stop.is_set()):
                    time.sleep(0.001)

    thread = in_a_thread(write_on)
    passed_over = []
    try:
        for _ in range(5):
            before = n_written
            with transaction(engine) as session:
                session.connection()
                passed_over.append(n_written - before)
    finally:
        stop.set()
        thread.join(SOON)
        engine.dispose()

    assert max(passed_over) <= 1


@ON_SQLITE
def test_a_turn_ends_with_an_error_and_with_a_beginning_that_failed(engine: Engine) -> None:
    with pytest.raises(KeyError), transaction(engine) as session:
        session.connection()
        raise KeyError
    write_at_once(engine)

    with pytest.raises(OperationalError, match="no such table"), transaction(engine) as session:
        session.execute(text("INSERT INTO nowhere VALUES (1)"))
    write_at_once(engine)

    process = make_engine(engine.url.render_as_string(hide_password=False))  # another process has turns of its own
    with transaction(process) as session:
        session.connection()
        with pytest.raises(OperationalError, match="locked"):
            write_at_once(engine)
    process.dispose()
    write_at_once(engine)


@ON_SQLITE
def test_a_connection_that_broke_ends_its_turn(engine: Engine) -> None:
    with open_session(engine, write=True) as session:
        session.connection().invalidate()
    write_at_once(engine)


@ON_SQLITE
def test_whoever_commits_in_the_middle_lets_others_in_and_goes_on_after_them(engine: Engine) -> None:
    with open_session(engine, write=True) as session:
        session.connection()
        session.commit()
        write_at_once(engine)
        session.connection()
        with pytest.raises(OperationalError, match="locked"):
            write_at_once(engine)
        session.rollback()
        write_at_once(engine)
        session.connection()
    write_at_once(engine)


@ON_SQLITE
def test_one_connection_writes_twice_in_one_turn(engine: Engine) -> None:
    with engine.execution_options(write=True).connect() as connection:
        for _ in range(2):
            connection.execute(text("SELECT 1"))
            connection.commit()
    write_at_once(engine)


@ON_SQLITE
def test_whoever_only_reads_waits_for_no_turn(engine: Engine) -> None:
    with transaction(engine) as writing:
        writing.connection()
        with snapshot(engine) as reading:
            assert reading.execute(text("SELECT 1")).scalar_one() == 1


def test_what_is_written_at_once_is_kept(engine: Engine) -> None:
    with at_once(engine) as session:
        accounts.create(session, email="at@once.example", name="At Once", by=None, at=AT)

    with snapshot(engine) as session:
        assert accounts.by_email(session, email="at@once.example").name == "At Once"


@ON_POSTGRESQL
def test_what_is_written_at_once_hardly_waits_for_another_writer_of_the_same(engine: Engine) -> None:
    with transaction(engine) as first:
        accounts.create(first, email="at@once.example", name="First", by=None, at=AT)
        with pytest.raises(OperationalError, match="lock timeout"), at_once(engine) as session:
            accounts.create(session, email="at@once.example", name="Second", by=None, at=AT)
