"""Fifty readers whose pages save at the same time, against the real server in a process of its own, on SQLite.

Each has a session, a connection and a reading of their own, and saves as the form's script does: what is answered with
503 is sent again with the same key, after the pause that the answer asks for, and its time runs on until it is taken.
The floor is a static file that the same people fetch from the same server at the same pace.
"""

from __future__ import annotations

import http.client
import json
import os
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask
from sqlmodel import select

from bench.timing import Compared
from casereader import create_app, readings, schema
from casereader.db import snapshot
from casereader.models import Account
from tests import readers

READERS, SAVES = 50, 6
SECONDS_BETWEEN = 1.0  # how long somebody who types fast takes from one save to the next
STATIC = "/static/icon.svg"
QUESTION = "C9"
NOTE = "The record shows this in entries of March and May."
STARTS_WITHIN = 30.0  # seconds
BUSY = 503
MOST_RETRIES = 3  # of one save; the form's script goes on for ever


@dataclass
class Reader:
    """One person's browser: the cookie, the reading on its page and that page's version; `value` was saved last."""

    cookie: str
    reading: str
    version: int = 1
    token: str = ""
    value: str = ""
    took: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    n_retries: int = 0

    def open(self, connection: http.client.HTTPConnection) -> None:
        """Ask for the token that every save carries, and keep the cookie that belongs to it."""
        connection.request("GET", "/readings/session", headers={"Cookie": self.cookie})
        response = connection.getresponse()
        self.cookie = str(response.headers["Set-Cookie"] or self.cookie).partition(";")[0]
        self.token = json.loads(response.read())["csrf_token"]

    def save(self, connection: http.client.HTTPConnection, n: int) -> None:
        """Save one answer with its evidence, as the n-th."""
        answer = {"value": str(n % 6 + 1), "note": f"{NOTE} ({n})", "sources": ["health"]}
        sent = {"version": self.version, "idempotency_key": secrets.token_hex(16), "answers": {QUESTION: answer}}
        headers = {"Cookie": self.cookie, "X-CSRFToken": self.token, "Content-Type": "application/json"}
        for tries_left in range(MOST_RETRIES, -1, -1):
            connection.request("POST", f"/readings/{self.reading}/answers", json.dumps(sent), headers)
            response = connection.getresponse()
            body = response.read()
            if response.status != BUSY or not tries_left:
                break
            self.n_retries += 1
            time.sleep(float(response.headers["Retry-After"]))
        if response.status != 200:
            self.errors.append(f"a save was answered with {response.status}")
            return
        self.version, self.value = json.loads(body)["version"], str(answer["value"])

    def fetch(self, connection: http.client.HTTPConnection, _n: int) -> None:
        """Fetch the floor."""
        connection.request("GET", STATIC)
        response = connection.getresponse()
        response.read()
        if response.status != 200:
            self.errors.append(f"the static file was answered with {response.status}")


Work = Callable[[Reader, http.client.HTTPConnection, int], None]


def run() -> Iterator[Compared]:
    """Saves at a human pace, then all at once; p50 and p95 of each."""
    with tempfile.TemporaryDirectory() as folder:
        settings = {
            "CASEREADER_DATA": folder,
            "SECRET_KEY": secrets.token_hex(32),
            "DATABASE_URL": f"sqlite:///{Path(folder) / 'casereader.sqlite3'}",
        }
        schema.upgrade(settings["DATABASE_URL"], at=datetime.now(UTC))
        app = create_app(settings)
        readers.prepare(app, READERS)
        people = [Reader(seat.cookie, seat.reading, seat.version) for seat in readers.seats(app)]
        with _serving(settings) as port:
            together(port, people, Reader.fetch, times=1, pause=0)  # the server's first turns do not count
            for pace, pause in (("a second apart", SECONDS_BETWEEN), ("one after another", 0.0)):
                floor = together(port, people, Reader.fetch, times=SAVES // 2, pause=pause)
                ours = together(port, people, Reader.save, times=SAVES, pause=pause)
                errors = [*floor.errors, *ours.errors, *_not_stored(app, people)]
                for name, percent in (("p50", 50), ("p95", 95)):
                    yield Compared(
                        f"{READERS} readers autosave, {pace}, {name}",
                        percentile(ours.took, percent),
                        percentile(floor.took, percent),
                        f"a static file likewise; {len(errors)} errors and {ours.n_retries} retries "
                        f"in {READERS * SAVES} saves",
                        errors=tuple(errors),
                    )
        app.extensions["casereader_engine"].dispose()


@dataclass(frozen=True)
class Crowd:
    """What everybody's turns took, in seconds, what went wrong, and how often a busy server was asked again."""

    took: list[float]
    errors: list[str]
    n_retries: int


def together(port: int, people: Sequence[Reader], work: Work, *, times: int, pause: float) -> Crowd:
    """Let everybody do `work` so many times at once, a thread each; with a pause their beats are spread evenly."""
    for one in people:
        one.took, one.errors, one.n_retries = [], [], 0
    start = time.monotonic() + 0.2

    def turns(one: Reader, offset: float) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
        try:
            if not one.token:
                one.open(connection)
            for n in range(times):
                time.sleep(max(0.0, start + offset + n * pause - time.monotonic()))
                began = time.perf_counter()
                work(one, connection, n)
                one.took.append(time.perf_counter() - began)
        except (OSError, http.client.HTTPException, ValueError, KeyError) as error:
            one.errors.append(f"{type(error).__name__}: {error}")
        finally:
            connection.close()

    offsets = [pause * place / len(people) for place in range(len(people))]
    with ThreadPoolExecutor(len(people)) as threads:
        list(threads.map(turns, people, offsets))
    return Crowd(
        [each for one in people for each in one.took],
        [says for one in people for says in one.errors],
        sum(one.n_retries for one in people),
    )


def percentile(took: Sequence[float], percent: int) -> float:
    """The percentile of times in seconds; not a number where fewer than two were taken."""
    return statistics.quantiles(took, n=100, method="inclusive")[percent - 1] if len(took) > 1 else float("nan")


def _not_stored(app: Flask, people: Sequence[Reader]) -> list[str]:
    """Readings that do not hold what their reader was told is saved."""
    with snapshot(app.extensions["casereader_engine"]) as session:
        held = {
            opened.reading.public_id: (opened.reading.version, readings.answers_of(session, opened.key))
            for account in session.exec(select(Account)).all()
            for opened in readings.mine(session, account=account)
        }
    return [
        "a reading does not hold what was saved last"
        for one in people
        if one.value and (held[one.reading][0] != one.version or held[one.reading][1][QUESTION].value != one.value)
    ]


@contextmanager
def _serving(settings: dict[str, str]) -> Iterator[int]:
    """The server as `make run` starts it, on a free port of this machine, until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = [sys.executable, "-m", "flask", "--app", "app", "serve"]
    environment = {**os.environ, **settings, "HOST": "127.0.0.1", "PORT": str(port)}
    log = Path(settings["CASEREADER_DATA"]) / "server.log"
    with (
        log.open("wb") as out,
        subprocess.Popen(
            command, cwd=Path(__file__).parents[1], env=environment, stdout=out, stderr=subprocess.STDOUT
        ) as server,
    ):
        try:
            if not _answers(server, port):
                raise RuntimeError(f"The server did not start:\n{log.read_text(encoding='utf-8')}")
            yield port
        finally:
            server.terminate()


def _answers(server: subprocess.Popen[bytes], port: int) -> bool:
    """Whether it takes connections, in time."""
    give_up = time.monotonic() + STARTS_WITHIN
    while server.poll() is None and time.monotonic() < give_up:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return True
    return False
