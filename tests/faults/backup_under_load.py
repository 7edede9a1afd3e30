"""Backups made while readers save, each restored elsewhere: all that was acknowledged before is in it, once.

The control copies the file of the SQLite database as it lies there; once nobody has it open, that lacks nothing.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from itertools import count as counting
from pathlib import Path

from casereader import sealed_files
from tests import readable
from tests.databases import address_of
from tests.faults.counting import Counted, count
from tests.faults.ground import KINDS, Ground, Place
from tests.faults.loader import Crowd, Log, saving
from tests.faults.outcome import Control, FoundBy, Outcome, is_quiet
from tests.faults.power_cut import look, together

ROUNDS, ROUNDS_QUICK, COPIES = {"SQLite": 10, "PostgreSQL": 5}, 2, 10
CONTROL = Control("the file is copied with cp", FoundBy.LOSS)
SAVES_BETWEEN = 40
FILE = "casereader.sqlite3"


def run(ground: Ground) -> Iterator[Outcome]:
    """So many backups of each database, and copies of a file."""
    for kind in KINDS:
        yield backed_up(ground, kind, ROUNDS_QUICK if ground.quick else ROUNDS[kind])
    for control in (CONTROL, CONTROL.quiet):
        yield copied(ground, COPIES, control)


def backed_up(ground: Ground, kind: str, rounds: int) -> Outcome:
    """What so many backups came to, and how long restoring them took."""
    place, folder, key = (
        ground.fresh(kind),
        ground.own_folder(f"backups-{next(_numbers)}"),
        ground.folder / "backups.key",
    )
    if not key.exists():
        sealed_files.write_key(key)
        readable.give(key, ground.reader)
    made: list[tuple[Path, list[Log]]] = []
    with ground.served(place) as server, saving(place.seats, server.port) as crowd:
        for number in range(rounds):
            crowd.wait_for(SAVES_BETWEEN)
            known, file = _told(crowd), folder / f"{number}.age"
            _command(ground, place, key, "backup", str(file))
            made.append((file, known))
    found, took = [], []
    for file, known in made:
        since = time.monotonic()
        url = _restored(ground, place, key, file)
        took.append(time.monotonic() - since)
        found.append(count(url, known))
    done = f"{rounds} backups, {len(place.seats)} readers saving, each restored elsewhere"
    return together(found).outcome(f"backup under load, {kind}", done, seconds=max(took))


def copied(ground: Ground, n: int, control: Control) -> Outcome:
    """What copies of the file came to, under load or once nobody has it open."""
    place = ground.fresh("SQLite")
    found: list[Counted] = []

    def copy(known: list[Log]) -> None:
        folder = ground.own_folder(f"copy-{next(_numbers)}")
        shutil.copy(place.data / FILE, folder)
        found.append(look(folder / FILE, known).counted)

    with ground.served(place) as server, saving(place.seats, server.port) as crowd:
        for _ in range(n):
            crowd.wait_for(SAVES_BETWEEN)
            if not is_quiet(control):
                copy(_told(crowd))
    if is_quiet(control):
        count(place.url, crowd.logs)  # the last to close the database puts its log into the file
        copy(crowd.logs)
    bad = sum(bool(each.lost or each.wrong) for each in found)
    done = f"{len(found)} copies of the file, {bad} of them bad"
    return together(found).outcome("backup under load, SQLite", done, seconds=None, control=control)


def _restored(ground: Ground, place: Place, key: Path, file: Path) -> str:
    data = ground.own_folder(f"restored-{next(_numbers)}")
    url = address_of(data / FILE) if place.kind == "SQLite" else ground.cluster.create(data.name)
    _command(ground, Place(place.kind, url, data, place.key, []), key, "restore", str(file))
    return url


def _command(ground: Ground, place: Place, key: Path, *words: str) -> None:
    ground.run(["-m", "flask", "--app", "app", *words], place.data, **place.settings, BACKUP_KEY_FILE=str(key))


def _told(crowd: Crowd) -> list[Log]:
    """What the readers have been told by now."""
    answers = {save.answer for log in crowd.logs for save in list(log.saves) if save.answer}
    return [log.as_told(answers) for log in crowd.logs]


_numbers = counting(1)
