"""A disk that is full while readers save: they are told so, reading goes on, and saves are taken once there is room.

SQLite twice: a server that the system lets write no longer file, as a quota does; and a small file system that is
filled to its last byte, with the server's own log on it. PostgreSQL twice, its own disk being filled: as its tables
need room, and as its log does, upon which it ends itself. What needs a file system of its own needs root. The program
is never started again. A list that is sent meanwhile is refused and nothing of it is kept. The control answers saves
before it stores them; where the disk is not full it stores all.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from tests import readable, readers
from tests.faults.counting import count
from tests.faults.forms import Person
from tests.faults.ground import Ground, Place
from tests.faults.loader import Crowd, saving
from tests.faults.outcome import Control, FoundBy, Outcome, build_of, is_quiet
from tests.faults.rooms import Kept, filled_up, kept_short, log_without_room, tables_without_room
from tests.lists import list_csv
from tests.throwaway import app_of

ROUNDS, ROUNDS_QUICK, ROUNDS_OF_CONTROL = 20, 3, 2
SAVES_BETWEEN, REFUSALS = 20, 12
CONTROL = Control("answers before it stores", FoundBy.LOSS, "planted_answers_first")
FULL, BUSY, SENT, MOVED_ON = 507, 503, 303, 409
HEADINGS = {FULL: "No room left to save", BUSY: "Busy"}


def run(ground: Ground) -> Iterator[Outcome]:
    """All ways, and a planted server."""
    rounds = ROUNDS_QUICK if ground.quick else ROUNDS
    yield filled(ground, "SQLite, no longer file", kept_short, rounds)
    for control in (CONTROL, CONTROL.quiet):
        yield filled(ground, "SQLite, no longer file", kept_short, ROUNDS_OF_CONTROL, control)
    yield filled(ground, "SQLite, tmpfs", filled_up, rounds)
    yield filled(ground, "PostgreSQL, tmpfs, its tables", tables_without_room, rounds)
    yield filled(ground, "PostgreSQL, tmpfs, its log", log_without_room, rounds)


def filled(ground: Ground, how: str, way: Kept, rounds: int, control: Control | None = None) -> Outcome:
    """What running out of room so often came to."""
    took, wrong, answers = [], list[str](), Counter[int]()
    with way(ground) as room:
        sender = Sender(ground, room.place, reads=room.reads)
        with ground.served(room.place, build_of(control)) as server:
            process = server.process
            with saving(room.place.seats, server.port) as crowd:
                for _ in range(rounds):
                    crowd.wait_for(SAVES_BETWEEN)
                    if is_quiet(control):
                        continue
                    room.fill(server)
                    if control is None:
                        _wait_for_refusals(crowd)
                        wrong += sender.meets_no_room(server.port)
                    else:
                        crowd.wait_for(SAVES_BETWEEN)
                    since = time.monotonic()
                    room.clear(server)
                    took.append(crowd.recovered_after(since))
            if server.process is not process or process.poll() is not None:
                wrong.append("the server had to be started again")
            if control is None:
                wrong += sender.meets_room(server.port)
        for log in crowd.logs:
            answers += log.refusals
        counted = count(room.place.url, crowd.logs)
    told = ", ".join(f"{n:,} with {status}" for status, n in sorted(answers.items()))
    times = "never filled" if is_quiet(control) else f"{len(took)} times"
    done = f"{times}, the program not started again" + (f"; refused: {told}" if told else "") + room.says()
    return replace(counted, wrong=(*counted.wrong, *dict.fromkeys(wrong))).outcome(
        f"disk full, {how}", done, seconds=max(took, default=None), control=control
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
    return sum(log.refusals[FULL] + log.refusals[BUSY] for log in crowd.logs)


class Sender:
    """A coordinator who sends a list, and a reader who looks at a reading."""

    def __init__(self, ground: Ground, place: Place, *, reads: bool) -> None:
        app = app_of(place.settings)
        self._cookie, inspection = readers.coordinator(app)
        app.extensions["casereader_engine"].dispose()
        readable.give(place.data, ground.reader)
        self._place, self._list, self._reads = place, f"/inspections/{inspection}/list", reads
        self._is_there = False  # a list that was sent and taken to be read

    def meets_no_room(self, port: int) -> list[str]:
        """What goes otherwise than it should where there is no room."""
        wrong = []
        status, said = self._look(port)
        if status != 200 if self._reads else status not in (200, BUSY):
            wrong.append(f"reading was answered with {status}")
        status, said = self._send(port)
        if not self._reads and status in (SENT, MOVED_ON):  # PostgreSQL had come back, with a little room in its log
            self._is_there = True
        elif HEADINGS.get(status, "?") not in said:
            wrong.append(f"a list sent to a full disk was answered with {status}")
        left = [each.name for each in self._place.data.rglob("*") if each.name.startswith(("incoming-", "arriving-"))]
        return [*wrong, *(["part of a list was left lying"] if left else [])]

    def meets_room(self, port: int) -> list[str]:
        """What goes otherwise than it should where there is room again."""
        status, _ = self._send(port)
        is_taken = status == SENT or (self._is_there and status == MOVED_ON)
        return [] if is_taken else [f"a list was answered with {status}"]

    def _look(self, port: int) -> tuple[int, str]:
        seat = self._place.seats[0]
        return Person(seat.cookie, port).asked(f"/readings/{seat.reading}")

    def _send(self, port: int) -> tuple[int, str]:
        person = Person(self._cookie, port)
        status, said = person.asked(self._list)
        if status != 200:
            return status, said
        return person.upload(self._list, list_csv({"a": 9_000, "b": 9_000}).encode(), "list.csv"), person.last
