"""The quick part of the power cuts: the disk's own rules, and cuts of a short run with the program's settings."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from casereader.db import SQLITE_PRAGMAS, make_engine
from tests.databases import address_of
from tests.faults.power import recording
from tests.faults.power.disk import SECTOR, Disk, Left
from tests.faults.power.disk import put as put_files
from tests.faults.power.recording import Kind, Note

COMMITS, CUTS = 20, 20
COMMITTING = """
import socket, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
for pragma in sys.argv[3:]:
    connection.execute(f"PRAGMA {pragma}")
ours, theirs = socket.socketpair()
for n in range(int(sys.argv[2])):
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO saved VALUES (?, ?)", (n, "written " * 1000))
    connection.execute("COMMIT")
    ours.send(b"%d is saved" % n)
    theirs.recv(100)
"""


def test_a_disk_keeps_what_was_synced_and_any_sectors_of_what_was_not(tmp_path: Path) -> None:
    database = tmp_path / "data" / "file"
    database.parent.mkdir()
    database.write_bytes(b"a" * 2 * SECTOR)
    inode, disk = database.stat().st_ino, Disk(database)
    disk.take(Note(Kind.WROTE, inode, 0, b"b" * 2 * SECTOR))
    disk.take(Note(Kind.SYNC_BEGAN, inode, 0, b""))
    disk.take(Note(Kind.WROTE, inode, SECTOR, b"c" * 2 * SECTOR))
    assert disk.after_cut(Left.NOTHING, Random(1)) == {"file": b"a" * 2 * SECTOR}, "a sync that began has not ended"

    disk.take(Note(Kind.SYNC_ENDED, inode, 1, b""))

    assert disk.after_cut(Left.NOTHING, Random(1)) == {"file": b"b" * 2 * SECTOR}, "not what came after it began"
    assert disk.after_cut(Left.ALL, Random(1)) == {"file": b"b" * SECTOR + b"c" * 2 * SECTOR}
    left = {bytes(disk.after_cut(Left.SOME, Random(seed))["file"]) for seed in range(20)}
    assert b"b" * 2 * SECTOR + b"c" * SECTOR in left and b"b" * SECTOR + b"c" * SECTOR in left


def test_a_name_is_safe_once_its_folder_was_synced(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    disk = Disk(folder / "file")
    disk.take(Note(Kind.OPENED, 7, 1, b"/data/file-wal"))
    disk.take(Note(Kind.WROTE, 7, 0, b"ours"))
    disk.take(Note(Kind.SYNC_ENDED, 7, 2, b""))
    assert disk.after_cut(Left.NOTHING, Random(1)) == {}

    disk.take(Note(Kind.OPENED, 9, 0, b"/data"))
    disk.take(Note(Kind.SYNC_ENDED, 9, 4, b""))
    assert disk.after_cut(Left.NOTHING, Random(1)) == {"file-wal": b"ours"}

    disk.take(Note(Kind.REMOVED, 0, 0, b"/data/file-wal"))
    assert disk.after_cut(Left.NOTHING, Random(1)) == {"file-wal": b"ours"}
    assert disk.after_cut(Left.ALL, Random(1)) == {}


def test_with_the_programs_settings_no_cut_takes_a_commit_that_was_answered_and_without_syncs_it_does(
    tmp_path: Path,
) -> None:
    database, record = tmp_path / "data" / "casereader.sqlite3", tmp_path / "record"
    database.parent.mkdir()
    engine = make_engine(address_of(database))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE saved (n INTEGER, note TEXT)"))
    engine.dispose()
    before, unsynced = Disk(database), Disk(database)
    told = recording.surroundings(recording.build(tmp_path), database=database, record=record)
    command = [sys.executable, "-c", COMMITTING, str(database), str(COMMITS), *SQLITE_PRAGMAS]
    subprocess.run(command, env=os.environ | told, check=True)
    notes = list(recording.read(record))
    assert sum(note.kind is Kind.ANSWERED for note in notes) == COMMITS

    assert _lost(before, notes, tmp_path) == 0
    assert _lost(unsynced, [note for note in notes if note.kind is not Kind.SYNC_ENDED], tmp_path) > COMMITS


def _lost(disk: Disk, notes: list[Note], folder: Path) -> int:
    """How many answered commits are missing after cuts here and there, in all."""
    chance, n_answered, lost = Random(CUTS), 0, 0
    moments = set(chance.sample(range(len(notes)), CUTS))
    for number, note in enumerate(notes):
        disk.take(note)
        n_answered += note.kind is Kind.ANSWERED
        if number in moments:
            left = folder / f"{number}-{len(notes)}"
            left.mkdir()
            put_files(disk.after_cut(chance.choice(list(Left)), chance), left)
            lost += n_answered - _found(left / "casereader.sqlite3", n_answered)
    return lost


def _found(database: Path, n_answered: int) -> int:
    engine = make_engine(address_of(database))
    try:
        with engine.connect() as connection:
            if connection.execute(text("PRAGMA integrity_check")).scalar() != "ok":
                return 0
            return connection.execute(text("SELECT count(*) FROM saved WHERE n < :n"), {"n": n_answered}).scalar_one()
    except DatabaseError:
        return 0
    finally:
        engine.dispose()


@pytest.mark.parametrize("length", [0, 10, recording.HEAD.size + 3])
def test_a_note_that_was_being_written_is_none(tmp_path: Path, length: int) -> None:
    whole = recording.HEAD.pack(Kind.WROTE, 4, 7, 0) + b"ours"
    record = tmp_path / "record"
    record.write_bytes(whole + whole[:length])

    assert list(recording.read(record)) == [Note(Kind.WROTE, 7, 0, b"ours")]
