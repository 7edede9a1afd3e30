"""The cells of a list as text, whatever file they came from: what the readers hand to the checks.

Text is kept in Arrow arrays, so that a million cells are checked without a Python loop over them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
from numpy.typing import NDArray


class Kind(IntEnum):
    """What a cell was in its file, beside its text."""

    TEXT = 0
    NUMBER = 1
    DATE = 2  # the text is the ISO date
    TIMED = 3  # the text is the ISO date; the cell also held a time of day
    NO_DATE = 4  # a cell that is styled as a date and holds no day of the calendar; the text is its number
    FLAG = 5  # TRUE or FALSE
    ERROR = 6  # such as #N/A


@dataclass(slots=True)
class Column:
    """One column: its header as written, one text for each row (blank is ''), and where it stands."""

    header: str
    text: Any
    kinds: NDArray[np.uint8] | None = None
    letter: str = ""
    name: str = ""
    type_name: str = ""
    formulas: list[int] = field(default_factory=list)
    unstored_formulas: list[int] = field(default_factory=list)

    def is_kind(self, *kinds: Kind) -> NDArray[np.intp]:
        """The indexes of the cells of these kinds."""
        if self.kinds is None:
            return np.arange(len(self.text)) if Kind.TEXT in kinds else np.empty(0, np.intp)
        return np.flatnonzero(np.isin(self.kinds, kinds))

    def take(self, kept: NDArray[np.bool_]) -> Column:
        """The column with only the rows for which `kept` holds."""
        place = np.cumsum(kept) - 1
        return Column(
            self.header,
            self.text.filter(pa.array(kept)),
            None if self.kinds is None else self.kinds[kept],
            self.letter,
            self.name,
            self.type_name,
            [int(place[i]) for i in self.formulas if kept[i]],
            [int(place[i]) for i in self.unstored_formulas if kept[i]],
        )


@dataclass(slots=True)
class Cells:
    """A list as columns, with each row's number as its sender counts it."""

    columns: list[Column]
    rows: NDArray[np.int64]

    def without_blank_rows(self) -> Cells:
        """The list without the rows in which no cell of any column holds anything."""
        if not self.columns or not len(self.rows):
            return self
        blank = np.ones(len(self.rows), dtype=np.bool_)
        for column in self.columns:
            maybe = np.flatnonzero(blank)
            if not len(maybe):
                return self
            blank[maybe] = is_blank(column.text.take(pa.array(maybe)))
            for unstored in column.unstored_formulas:
                blank[unstored] = False
        if not blank.any():
            return self
        return Cells([column.take(~blank) for column in self.columns], self.rows[~blank])


def as_text(values: list[str]) -> Any:
    """An Arrow array of these texts."""
    return pa.array(values, type=pa.string())


def is_ascii(text: Any) -> bool:
    """Whether every character of every text is ASCII, by one look at the bytes they share."""
    data = text.buffers()[2]
    if data is None or not len(text):
        return True
    offsets = np.frombuffer(text.buffers()[1], np.int32, len(text) + 1, text.offset * 4)
    used = np.frombuffer(data, np.uint8)[offsets[0] : offsets[-1]]
    return used.size == 0 or int(used.max()) < 128


def is_blank(text: Any) -> NDArray[np.bool_]:
    """For each text whether it holds nothing but blanks."""
    return np.asarray(pc.equal(pc.binary_length(pc.utf8_trim_whitespace(text)), 0))


def matches(text: Any, pattern: str) -> NDArray[np.intp]:
    """The indexes of the texts in which the RE2 pattern is found."""
    return np.flatnonzero(np.asarray(pc.match_substring_regex(text, pattern)))
