"""A disk that is full while readers save: they are told so, reading goes on, and saves are taken once there is room.

Twice: a small file system that is filled to its last byte, with the server's own log on it, which needs root; and a
server that the system lets write no longer file, as a quota does. Nothing is started again. A list that is sent
meanwhile is refused and nothing of it is kept. The control answers saves before it stores them.
"""

from __future__ import annotations

import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import requests

from tests import readable, readers
from tests.faults.counting import count
from tests.faults.ground import Ground, Place, Served
from tests.faults.loader import Crowd, saving
from tests.faults.mounts import on_small
from tests.faults.outcome import Outcome
from tests.lists import list_csv
from tests.ports import HOST
from tests.throwaway import app_of

ROUNDS, ROUNDS_QUICK, ROUNDS_OF_CONTROL = 20, 3, 2
SAVES_BETWEEN, REFUSALS = 20, 12
FULL = 507
FEW_BYTES = "1024"
HEADING = "No room left to save"
Fill = Callable[[Served], None]


@dataclass(frozen=True)
class Way:
    """A way to take a server's room, and to give it back."""

    place: Place
    fill: Fill
    clear: Fill


def run(ground: Ground) -> Iterator[Outcome]:
    """Both ways, and a planted server."""
    rounds = ROUNDS_QUICK if ground.quick else ROUNDS
    yield filled(ground, "no longer file", kept_short, rounds)
    yield filled(ground, "no longer file", kept_short, ROUNDS_OF_CONTROL, app="planted_answers_first")
    yield filled(ground, "tmpfs", filled_up, rounds)


@contextmanager
def kept_short(ground: Ground, place: Place) -> Iterator[Way]:
    """The system refuses to write beyond the first bytes of any file."""

    def limit(server: Served, size: str) -> None:
        command = ["prlimit", f"--pid={server.process.pid}", f"--fsize={size}:"]
        subprocess.run(command, check=True, capture_output=True, **ground.reader.owner)  # as whoever may

    yield Way(place, lambda server: limit(server, FEW_BYTES), lambda server: limit(server, "unlimited"))


@contextmanager
def filled_up(ground: Ground, place: Place) -> Iterator[Way]:
    """A file system of its own, with something else on it that takes all its room."""
    with on_small(ground, place) as (moved, small):
        yield Way(moved, lambda _: small.fill(), lambda _: small.clear())


def filled(
    ground: Ground,
    how: str,
    way: Callable[[Ground, Place], AbstractContextManager[Way]],
    rounds: int,
    *,
    app: str = "app",
) -> Outcome:
    """What running out of room so often came to."""
    place = ground.fresh("SQLite")
    sender = Sender(ground, place)
    took, wrong, answers = [], list[str](), Counter[int]()
    with way(ground, place) as room, ground.served(room.place, app) as server:
        process = server.process
        with saving(place.seats, server.port) as crowd:
            for _ in range(rounds):
                crowd.wait_for(SAVES_BETWEEN)
                room.fill(server)
                if app == "app":
                    _wait_for_refusals(crowd)
                    wrong += sender.meets(server.port, room.place.data, is_full=True)
                else:
                    crowd.wait_for(SAVES_BETWEEN)
                since = time.monotonic()
                room.clear(server)
                took.append(crowd.recovered_after(since))
        if server.process is not process or process.poll() is not None:
            wrong.append("the server had to be started again")
        if app == "app":
            wrong += sender.meets(server.port, room.place.data, is_full=False)
        for log in crowd.logs:
            answers += log.refusals
        counted = count(room.place.url, crowd.logs)
    told = ", ".join(f"{n:,} with {status}" for status, n in sorted(answers.items()))
    counted = replace(counted, wrong=(*counted.wrong, *dict.fromkeys(wrong)))
    return counted.outcome(
        f"disk full, SQLite, {how}",
        f"{rounds} times, not started again; refused: {told}"
        if app == "app"
        else f"{rounds} times; answers before it stores",
        seconds=max(took),
        is_control=app != "app",
    )


def _wait_for_refusals(crowd: Crowd) -> None:
    """Come back once the readers were told several times that there is no room."""
    wanted = _refused(crowd) + REFUSALS
    until = time.monotonic() + 60
    while _refused(crowd) < wanted:
        if time.monotonic() > until:
            raise RuntimeError("the disk was filled, and saves were not refused")
        time.sleep(0.02)


def _refused(crowd: Crowd) -> int:
    return sum(log.refusals[FULL] + log.refusals[503] for log in crowd.logs)


class Sender:
    """A coordinator who sends a list, and a reader who looks at a reading."""

    def __init__(self, ground: Ground, place: Place) -> None:
        app = app_of(place.settings)
        self._cookie, self._inspection = readers.coordinator(app)
        app.extensions["casereader_engine"].dispose()
        readable.give(place.data, ground.reader)
        self._seat = place.seats[0]

    def meets(self, port: int, data: Path, *, is_full: bool) -> list[str]:
        """What goes otherwise than it should on a full disk, or on one with room."""
        there = f"http://{HOST}:{port}"
        wrong = []
        reading = _get(f"{there}/readings/{self._seat.reading}", self._seat.cookie)
        if reading.status_code >= 400:
            wrong.append(f"reading was answered with {reading.status_code}")
        path = f"{there}/inspections/{self._inspection}/list"
        page = _get(path, self._cookie)
        if page.status_code != 200:
            return [*wrong, f"the page of the list was answered with {page.status_code}"]
        cookie = page.headers.get("Set-Cookie", self._cookie).partition(";")[0]
        token = page.text.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
        answer = requests.post(
            path,
            data={"csrf_token": token},
            files={"file": ("list.csv", list_csv({"a": 9_000, "b": 9_000}), "text/csv")},
            headers={"Cookie": cookie},
            allow_redirects=False,
            timeout=60,
        )
        if not is_full:
            return wrong if answer.status_code == 303 else [*wrong, f"a list was answered with {answer.status_code}"]
        if answer.status_code not in (FULL, 503) or (answer.status_code == FULL and HEADING not in answer.text):
            wrong.append(f"a list sent to a full disk was answered with {answer.status_code}")
        left = [each.name for each in data.rglob("*") if each.name.startswith(("incoming-", "arriving-"))]
        return [*wrong, *(["part of a list was left lying"] if left else [])]


def _get(address: str, cookie: str) -> requests.Response:
    return requests.get(address, headers={"Cookie": cookie}, allow_redirects=False, timeout=60)
