"""The disk as a power cut leaves it: what was synced is there; of what was not, all, nothing, or any 512 bytes of it.

A file's bytes are safe once a sync of it that began after they were written has ended. Its name is safe once its folder
was synced; names that were not synced are lost from the newest back, as in a file system that keeps a journal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from random import Random

from tests.faults.power.recording import Kind, Note

SECTOR = 512  # bytes that a disk writes whole or not at all


class Left(StrEnum):
    """What a cut leaves of what was not synced."""

    NOTHING = "nothing"
    SOME = "some sectors"
    ALL = "everything"


@dataclass
class _File:
    safe: bytearray
    waiting: list[tuple[int, Note]] = field(default_factory=list)

    def sync(self, since: int) -> None:
        for number, note in self.waiting:
            if number < since:
                _apply(self.safe, note)
        self.waiting = [(number, note) for number, note in self.waiting if number >= since]

    def after_cut(self, left: Left, chance: Random) -> bytearray:
        content = bytearray(self.safe)
        for _, note in self.waiting:
            if left is Left.ALL:
                _apply(content, note)
            elif left is Left.SOME:
                for part in _sectors(note):
                    if chance.random() < 0.5:
                        _apply(content, part)
        return content


@dataclass(frozen=True, slots=True)
class _Naming:
    """A file made, renamed or removed."""

    number: int
    note: Note
    file: _File | None = None

    def apply(self, names: dict[str, _File]) -> None:
        if self.note.kind is Kind.RENAMED:
            before, after = (Path(path).name for path in self.note.content.decode().split("\n"))
            names[after] = names.pop(before)
        elif self.file is None:
            names.pop(self.note.name, None)
        else:
            names[self.note.name] = self.file


class Disk:
    """A database's files as they are now, and then note by note."""

    def __init__(self, database: Path) -> None:
        self._folder = database.parent.name
        self._files: dict[int, _File] = {}  # by inode: a number is given again once its file is removed
        self._names: dict[str, _File] = {}
        self._waiting: list[_Naming] = []
        self._n = 0
        for path in sorted(database.parent.glob(f"{database.name}*")):
            if not path.name.endswith("-shm"):
                self._files[path.stat().st_ino] = self._names[path.name] = _File(bytearray(path.read_bytes()))

    def take(self, note: Note) -> None:
        """Go on by one note."""
        match note.kind:
            case Kind.OPENED if note.number and note.name != self._folder:
                made = self._files[note.inode] = _File(bytearray())
                self._waiting.append(_Naming(self._n, note, made))
            case Kind.REMOVED | Kind.RENAMED:
                self._waiting.append(_Naming(self._n, note))
            case Kind.WROTE | Kind.CUT:
                self._files[note.inode].waiting.append((self._n, note))
            case Kind.SYNC_ENDED if note.inode in self._files:
                self._files[note.inode].sync(note.number)
            case Kind.SYNC_ENDED:  # of the folder
                for change in self._waiting:
                    if change.number < note.number:
                        change.apply(self._names)
                self._waiting = [change for change in self._waiting if change.number >= note.number]
        self._n += 1

    def after_cut(self, left: Left, chance: Random) -> dict[str, bytearray]:
        """The files by name, were the power cut now."""
        names = dict(self._names)
        kept = {Left.NOTHING: 0, Left.ALL: len(self._waiting), Left.SOME: chance.randint(0, len(self._waiting))}[left]
        for change in self._waiting[:kept]:
            change.apply(names)
        return {name: file.after_cut(left, chance) for name, file in names.items()}


def put(files: dict[str, bytearray], folder: Path) -> None:
    """Write the files into a folder."""
    for name, content in files.items():
        (folder / name).write_bytes(content)


def _apply(content: bytearray, note: Note) -> None:
    if note.kind is Kind.CUT:
        del content[note.number :]
        content.extend(bytes(note.number - len(content)))
        return
    end = note.number + len(note.content)
    content.extend(bytes(max(0, end - len(content))))
    content[note.number : end] = note.content


def _sectors(note: Note) -> Iterable[Note]:
    if note.kind is Kind.CUT:
        return [note]
    first = SECTOR - note.number % SECTOR
    starts = [0, *range(first, len(note.content), SECTOR)]
    ends = [*starts[1:], len(note.content)]
    return [
        Note(Kind.WROTE, note.inode, note.number + start, note.content[start:end])
        for start, end in zip(starts, ends, strict=True)
    ]
