"""Power cuts of a SQLite database at arbitrary moments: what was acknowledged before is there afterwards, once.

All that the server asks of the disk is written down while readers save, beside its answers and in the order of both.
Then the disk is built as a cut after any of these notes leaves it, and opened by the program. The controls let SQLite
sync less: NORMAL, which is whole after a cut and lacks what was saved last, and OFF. At the end of the record, with
all of it kept, they lack nothing.
"""

from __future__ import annotations

import random
import re
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import DatabaseError

from casereader import schema
from casereader.db import make_engine
from tests.databases import address_of
from tests.faults.counting import Counted, count
from tests.faults.ground import Ground
from tests.faults.loader import Log, saving
from tests.faults.outcome import Control, FoundBy, Outcome, build_of
from tests.faults.power import recording
from tests.faults.power.disk import Disk, Left, put
from tests.faults.power.recording import Kind, Note

CUTS, CUTS_QUICK, CUTS_OF_CONTROL = 210, 30, 40
SAVES, SAVES_QUICK = 600, 200
AFTER_ANSWERS = 3  # one cut in so many falls right after an answer, where most is at stake
ANSWER = re.compile(rb"X-Request-Id: ([0-9a-f]{16})", re.IGNORECASE)
CONTROLS = (
    Control("synchronous=NORMAL", FoundBy.LOSS, "planted_commits_unsynced"),
    Control("synchronous=OFF", FoundBy.LOSS, "planted_nothing_synced"),
)


def run(ground: Ground) -> Iterator[Outcome]:
    """The program, and two that sync less."""
    yield from cut(ground, CUTS_QUICK if ground.quick else CUTS)
    for control in CONTROLS:
        yield from cut(ground, CUTS_OF_CONTROL, control)


def cut(ground: Ground, n_cuts: int, control: Control | None = None) -> Iterator[Outcome]:
    """What so many cuts of one recorded run came to, each with nothing, some and all left of what was not synced."""
    n_saves = SAVES_QUICK if ground.quick or control else SAVES
    disk, notes, logs = recorded(ground, n_saves, build_of(control))
    found = [*cuts(disk, notes, logs, n_cuts)]
    harmed = sum(bool(each.counted.lost) for each in found)
    broken = sum(each.broken for each in found)
    n_saved = sum(len(log.acknowledged) for log in logs)
    name = "power cut, SQLite" + (f", {control.says}" if control else "")
    done = (
        f"{n_cuts} cuts in {len(notes):,} steps of {n_saved:,} saves, each with nothing, some sectors or all kept of "
        f"what was not synced; {harmed} of {len(found)} disks lack something, {broken} are broken"
    )
    seconds = max(each.seconds for each in found)
    yield together([each.counted for each in found]).outcome(name, done, seconds=seconds, control=control)
    if control is not None:
        last = _looked_at(disk, Left.ALL, random.Random(0), logs)
        done = f"the disk at the end of the {len(notes):,} steps, with all of them kept"
        yield last.counted.outcome(name, done, seconds=last.seconds, control=control.quiet)


@dataclass(frozen=True)
class Found:
    """What the program found on one disk, and how soon it could be used."""

    counted: Counted
    seconds: float
    broken: bool = False


def recorded(ground: Ground, n_saves: int, app: str) -> tuple[Disk, list[Note], list[Log]]:
    """So many saves: the disk as it was before, what was done to it, and what the readers were told."""
    place = ground.fresh("SQLite")
    database, record = place.data / "casereader.sqlite3", place.data / "record"
    before, replayed = Disk(database), Disk(database)
    recorder = recording.build(place.data)
    told = recording.surroundings(recorder, database=database, record=record)
    with ground.served(place, app, surroundings=told) as server:
        with saving(place.seats, server.port, pace=0.0) as crowd:
            crowd.wait_for(n_saves, within=300)
        server.kill()
    notes = list(recording.read(record))
    for note in notes:
        replayed.take(note)
    for name, content in replayed.after_cut(Left.ALL, random.Random(0)).items():
        if (place.data / name).read_bytes() != content:
            raise RuntimeError(f"the record does not hold all that was done to {name}")
    return before, notes, crowd.logs


def cuts(disk: Disk, notes: Sequence[Note], logs: Sequence[Log], n_cuts: int) -> Iterator[Found]:
    """Cut so many times, and look at what each cut leaves."""
    chance = random.Random(n_cuts)
    answers = {index: found[1].decode() for index, note in enumerate(notes) if (found := _answer(note))}
    begins = next(iter(answers))
    moments = {chance.choice([*answers]) for _ in range(n_cuts // AFTER_ANSWERS)}
    while len(moments) < n_cuts:
        moments.add(chance.randrange(begins, len(notes)))
    told: set[str] = set()
    for index, note in enumerate(notes):
        disk.take(note)
        if index in answers:
            told.add(answers[index])
        if index in moments:
            known = [log.as_told(told) for log in logs]
            for left in Left:
                yield _looked_at(disk, left, chance, known)


def _looked_at(disk: Disk, left: Left, chance: random.Random, logs: Sequence[Log]) -> Found:
    with tempfile.TemporaryDirectory() as folder:
        put(disk.after_cut(left, chance), Path(folder))
        return look(Path(folder) / "casereader.sqlite3", logs)


def look(database: Path, logs: Sequence[Log]) -> Found:
    """Open a database as the program does, and hold it against what had been acknowledged."""
    url, since, seconds = address_of(database), time.monotonic(), float("nan")
    acknowledged = sum(len(log.acknowledged) for log in logs)
    try:
        engine = make_engine(url)
        try:
            is_current = schema.is_current(engine)
            seconds = time.monotonic() - since
            with engine.connect() as connection:
                says = [*connection.exec_driver_sql("PRAGMA integrity_check").scalars()]
                says += [f"no parent: {row}" for row in connection.exec_driver_sql("PRAGMA foreign_key_check")]
        finally:
            engine.dispose()
        wrong = tuple(each for each in says if each != "ok")
        if not wrong and is_current:
            return Found(count(url, logs), seconds)
    except (DatabaseError, sqlite3.DatabaseError, LookupError) as error:
        wrong = (f"the database cannot be read: {type(error).__name__}",)
    return Found(Counted(acknowledged, 0, acknowledged, 0, 0, wrong or ("the tables are gone",)), seconds, True)


def together(parts: Sequence[Counted]) -> Counted:
    """The sums."""
    return Counted(
        *(
            sum(getattr(part, name) for part in parts)
            for name in ("acknowledged", "found", "lost", "duplicated", "false_conflicts")
        ),
        tuple(dict.fromkeys(says for part in parts for says in part.wrong)),
    )


def _answer(note: Note) -> re.Match[bytes] | None:
    return ANSWER.search(note.content) if note.kind is Kind.ANSWERED else None
