"""Collects what is wrong with a list, or worth a warning, so that its sender hears everything at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from sampling.errors import Fault, FrameError
from sampling.frame.cells import Cells, Column

LISTED = 1000
SHOWN = 60


def show(value: str) -> str:
    """A value as a message may hold it: cut at 60 characters, what does not print written as an escape."""
    cut = value if len(value) <= SHOWN else value[: SHOWN - 1] + "…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in cut)


class Findings:
    """Faults and warnings as they are found; at most so many of each are listed, the rest counted."""

    def __init__(self, listed: int = LISTED) -> None:
        self.listed = listed
        self._faults: list[Fault] = []
        self._warnings: list[Fault] = []
        self._faults_unlisted = 0
        self._warnings_unlisted = 0

    def fault(self, says: str, *, row: int | None = None, column: str | None = None, value: str | None = None) -> None:
        """Note one thing that keeps the list from being used."""
        if len(self._faults) < self.listed:
            self._faults.append(Fault(row, column, value, says))
        else:
            self._faults_unlisted += 1

    def warn(self, says: str, *, row: int | None = None, column: str | None = None, value: str | None = None) -> None:
        """Note one thing that a person should look at before the list is used."""
        if len(self._warnings) < self.listed:
            self._warnings.append(Fault(row, column, value, says))
        else:
            self._warnings_unlisted += 1

    def at(
        self,
        cells: Cells,
        column: Column,
        indexes: Sequence[int] | np.ndarray[Any, Any],
        says: str | Callable[[str], str],
        *,
        warning: bool = False,
        echo: bool = True,
    ) -> None:
        """Note the same thing for many cells of one column; `says` may be made from the cell's shown value."""
        if not len(indexes):
            return
        note = self.warn if warning else self.fault
        room = self.listed - len(self._warnings if warning else self._faults)
        for index in indexes[:room]:
            row = int(cells.rows[index])
            value = show(column.text[int(index)].as_py().strip())
            words = says if isinstance(says, str) else says(value)
            if column.letter:
                words += f" (cell {column.letter}{row})"
            note(words, row=row, column=column.name, value=value if echo else None)
        if warning:
            self._warnings_unlisted += len(indexes[room:])
        else:
            self.uncounted(len(indexes[room:]))

    def uncounted(self, number: int) -> None:
        """Count faults of a kind already listed, without listing them."""
        self._faults_unlisted += max(0, number)

    @property
    def is_full(self) -> bool:
        """Whether as many faults are listed as ever are; further ones need not be told apart."""
        return len(self._faults) >= self.listed

    @property
    def faults(self) -> list[Fault]:
        """All faults that are listed, in the order of the rows, those of no row first."""
        return _listed(self._faults, 0)

    @property
    def n_faults(self) -> int:
        """How many faults there are, listed or only counted."""
        return len(self._faults) + self._faults_unlisted

    @property
    def warnings(self) -> list[Fault]:
        """All warnings in the order of the rows, those of no row first."""
        return _listed(self._warnings, self._warnings_unlisted)

    def take(self, error: FrameError) -> None:
        """Note what an error says; one of `refuse` holds again what was noted before it."""
        for fault in error.faults:
            if fault not in self._faults:
                self.fault(fault.says, row=fault.row, column=fault.column, value=fault.value)

    def stop(self) -> None:
        """Raise `FrameError` with every fault found so far, if there is one."""
        if self._faults:
            raise FrameError(_listed(self._faults, self._faults_unlisted))

    def refuse(self, says: str) -> FrameError:
        """The error to raise where nothing further can be read, with every earlier fault beside `says`."""
        self.fault(says)
        return FrameError(_listed(self._faults, self._faults_unlisted))


def _listed(notes: list[Fault], unlisted: int) -> list[Fault]:
    in_order = sorted(notes, key=lambda note: -1 if note.row is None else note.row)
    if unlisted:
        in_order.append(Fault(None, None, None, f"… and {unlisted:,} more like these."))
    return in_order
