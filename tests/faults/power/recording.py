"""What a process asked of the disk for one database, and what it answered meanwhile, in the order in which it was done.

recorder.c writes it down; here it is built and read.
"""

from __future__ import annotations

import struct
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from tests.programs import find_compiler

SOURCE = Path(__file__).with_name("recorder.c")
HEAD = struct.Struct("=IIQQ")


class Kind(IntEnum):
    """As in recorder.c."""

    OPENED = 1
    WROTE = 2
    CUT = 3
    SYNC_BEGAN = 4
    SYNC_ENDED = 5
    REMOVED = 6
    RENAMED = 7
    ANSWERED = 8


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that was done."""

    kind: Kind
    inode: int
    number: int
    content: bytes

    @property
    def name(self) -> str:
        """The file's name, of what was opened or removed."""
        return Path(self.content.decode()).name


def build(folder: Path) -> Path:
    """The recorder, built in this folder."""
    built = folder / "recorder.so"
    command = [find_compiler() or "cc", "-O2", "-fPIC", "-shared", "-o", built, SOURCE, "-ldl", "-lpthread"]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return built


def surroundings(recorder: Path, *, database: Path, record: Path) -> dict[str, str]:
    """What a process is told whose use of this database is to be written to `record`."""
    return {"LD_PRELOAD": str(recorder), "RECORDED": str(database), "RECORD": str(record)}


def read(record: Path) -> Iterator[Note]:
    """The notes, in order; one that was being written when the process was killed is no note yet."""
    with record.open("rb") as file:
        while len(head := file.read(HEAD.size)) == HEAD.size:
            kind, length, inode, number = HEAD.unpack(head)
            content = file.read(length)
            if len(content) < length:
                return
            yield Note(Kind(kind), inode, number, content)
