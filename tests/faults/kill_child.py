"""Work that is killed while it goes on: the process that reads a list, the server meanwhile, the server in a download.

Whoever sent the list is told in plain words that it was not read, nothing of it is left in the tables or the folder,
and the same list sent again is taken. `kill_export` does the same to the processes that make files. There is no PDF:
what is printed is a page. The control is a server that never says of broken work that it has ended; of work that is not
killed nothing is missing there.
"""

from __future__ import annotations

import io
import os
import random
import signal
import threading
import time
import zipfile
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path

from flask import Flask
from sqlmodel import select

from casereader import audit
from casereader.db import snapshot, transaction
from casereader.models import AuditEvent, Inspection
from tests.cast import gather
from tests.faults.forms import Person, signed_in
from tests.faults.ground import KINDS, Ground, Served
from tests.faults.outcome import Control, FoundBy, Outcome, build_of, is_quiet
from tests.lists import list_csv
from tests.throwaway import app_of

ROUNDS, ROUNDS_QUICK = 10, 1
CONTROL = Control("broken work is never said to have ended", FoundBy.LOSS, "planted_never_told")
TAKEN = "list received"  # as the trail calls it
SAID = ("needs more memory or time", "The server stopped before this was done", "The checking stopped before")
TOLD_WITHIN = 60.0  # seconds: what must come is waited for on a busy machine too
APPEARS_WITHIN = 300.0


def with_nothing_sent(app: Flask) -> None:
    """The cast, who wait for the partnership's list."""
    with transaction(app.extensions["casereader_engine"]) as session:
        gather(session, instrument=app.extensions["casereader_instruments"]["CRR-1"])


def run(ground: Ground) -> Iterator[Outcome]:
    """Each kind of it so many times on each database, and once on a planted server."""
    rounds = ROUNDS_QUICK if ground.quick else ROUNDS
    for kind in KINDS:
        yield broken_off(ground, kind, rounds)
    for control in (CONTROL, CONTROL.quiet):
        yield broken_off(ground, KINDS[0], 1, control)


@dataclass
class Tally:
    """What came of it so far."""

    taken: int = 0  # as it was told
    harmed: list[str] = field(default_factory=list)
    took: list[float] = field(default_factory=list)


def broken_off(ground: Ground, kind: str, rounds: int, control: Control | None = None) -> Outcome:
    """What so many rounds of each came to."""
    place, tally, chance = ground.fresh(kind, with_nothing_sent), Tally(), random.Random(rounds)
    inside = app_of(place.settings)
    with snapshot(inside.extensions["casereader_engine"]) as session:
        home = f"/inspections/{session.exec(select(Inspection)).one().public_id}"
    with ground.served(place, build_of(control), starts_often=True) as server:
        for _ in range(rounds):
            coordinator = signed_in(inside, "catriona", server.port)
            if is_quiet(control):
                _sent(coordinator, home, tally, "nothing was killed")
                continue
            _child_killed(server, coordinator, home, tally)
            if control is None:
                _server_killed(server, coordinator, home, tally)
                _killed_in_download(server, coordinator, f"{home}/list/template.xlsx", tally, chance)
    with snapshot(inside.extensions["casereader_engine"]) as session:
        n_there = len(session.exec(select(AuditEvent.n).where(AuditEvent.action == TAKEN)).all())
        wrong = [*audit.verify(session), *audit.compare(session)] if control is None or is_quiet(control) else []
    inside.extensions["casereader_engine"].dispose()
    each = "the reading process, the server while it reads, and the server in a download"
    how = f"{rounds} times each: {each}" if control is None else "the reading process, once"
    done = "nothing killed; a list sent" if is_quiet(control) else f"{how}; {tally.taken} lists sent again and taken"
    return Outcome(
        f"work killed, {kind}",
        tally.taken,
        min(tally.taken, n_there),
        max(0, tally.taken - n_there) + len(tally.harmed),
        max(0, n_there - tally.taken),
        max(tally.took, default=None),
        done,
        wrong=(*tally.harmed, *wrong),
        control=control,
    )


def _child_killed(server: Served, coordinator: Person, home: str, tally: Tally) -> None:
    before = children_of(server.process.pid)
    with _sending(coordinator, home):
        os.kill(new_child_of(server.process.pid, before), signal.SIGKILL)
        since = time.monotonic()
    _told_and_clean(server, coordinator, home, tally, since, "the reading process was killed")


def _server_killed(server: Served, coordinator: Person, home: str, tally: Tally) -> None:
    before = children_of(server.process.pid)
    with _sending(coordinator, home):
        child = new_child_of(server.process.pid, before)
        server.kill()
    since = time.monotonic()
    server.start()
    _told_and_clean(server, coordinator, home, tally, since, "the server was killed")
    until = time.monotonic() + APPEARS_WITHIN
    while Path(f"/proc/{child}").exists() and time.monotonic() < until:
        time.sleep(0.05)
    if Path(f"/proc/{child}").exists():
        tally.harmed.append("the reading process went on without its server")


def _killed_in_download(server: Served, coordinator: Person, path: str, tally: Tally, chance: random.Random) -> None:
    with meanwhile(lambda: coordinator.download(path)):
        time.sleep(chance.uniform(0.0, 0.1))
        server.kill()
    since = time.monotonic()
    server.start()
    if not zipfile.is_zipfile(io.BytesIO(coordinator.download(path))):
        tally.harmed.append("a file could not be had again")
    tally.took.append(time.monotonic() - since)
    tally.harmed += _left_in(server.place.data)


def _told_and_clean(server: Served, coordinator: Person, home: str, tally: Tally, since: float, what: str) -> None:
    """Look whether it is said, nothing is left, and the list sent again is taken."""
    until, told = time.monotonic() + TOLD_WITHIN, coordinator.last
    while not any(words in told for words in SAID) and time.monotonic() < until:
        time.sleep(0.1)
        told = coordinator.page(f"{home}/list").text
    if not any(words in told for words in SAID):
        tally.harmed.append(f"{what} and nobody was told")
    tally.took.append(time.monotonic() - since)
    tally.harmed += _left_in(server.place.data)
    _sent(coordinator, home, tally, what)


def _sent(coordinator: Person, home: str, tally: Tally, what: str) -> None:
    status = coordinator.upload(f"{home}/list", list_csv().encode(), "list.csv")
    if status == 303 and _is_taken(coordinator, home):
        tally.taken += 1
    else:
        tally.harmed.append(f"{what} and the list sent was answered with {status}")


def _is_taken(coordinator: Person, home: str) -> bool:
    """Whether it is said of the list that it was read, once that has ended."""
    until = time.monotonic() + APPEARS_WITHIN
    while time.monotonic() < until:
        coordinator.download(f"{home}/return")  # which leads back to the list, and says there what came of it
        if "was read without a fault" in coordinator.page(f"{home}/list").text:
            return True
        time.sleep(0.2)
    return False


def _left_in(data: Path) -> list[str]:
    """What of a file that was sent lies in the folder still."""
    found = [*data.glob("incoming-*"), *data.glob("returns/*"), *data.glob("tmp*")]
    return [f"{path.name} was left" for path in found]


@contextmanager
def meanwhile(ask: Callable[[], object]) -> Iterator[None]:
    """Ask for something while the block runs; whether it broke off is looked at afterwards."""

    def run() -> None:
        with suppress(OSError, HTTPException):
            ask()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    yield
    thread.join(60)


def _sending(coordinator: Person, home: str) -> AbstractContextManager[None]:
    coordinator.last = ""
    return meanwhile(lambda: coordinator.upload(f"{home}/list", list_csv().encode(), "list.csv"))


def children_of(pid: int) -> set[int]:
    """The processes that a process began and that are there."""
    found: set[int] = set()
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found |= {int(each) for each in children.read_text().split()}
    return found


def new_child_of(pid: int, before: Collection[int]) -> int:
    """The process that does the server's long work, as soon as there is one; one that is about to end is another."""
    until = time.monotonic() + APPEARS_WITHIN
    while time.monotonic() < until:
        if found := children_of(pid) - set(before):
            return found.pop()
        time.sleep(0.002)
    raise RuntimeError("no process was begun for the long work")
