"""What one sheet of a workbook holds: its filled cells, and what its layout merges, hides or breaks."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sampling.errors import Fault
from sampling.frame.cells import Cells, Column, as_text

STORED_FORMULA, UNSTORED_FORMULA = 1, 2


@dataclass(slots=True)
class Sheet:
    """The filled cells of a sheet by column, with the numbers of the rows that hold any."""

    rows: list[int] = field(default_factory=list)
    texts: dict[int, list[str]] = field(default_factory=dict)
    kinds: dict[int, bytearray] = field(default_factory=dict)
    formulas: dict[int, dict[int, int]] = field(default_factory=dict)
    merged: list[str] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_spans: list[tuple[int, int]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether no row of it holds anything."""
        return not self.rows

    def headers(self) -> list[str]:
        """The texts of row 1, by column; none where row 1 is blank."""
        return self._row(0) if self.rows and self.rows[0] == 1 else []

    def first_rows(self, number: int) -> list[tuple[int, list[str]]]:
        """The number and texts of the first rows that hold anything."""
        return [(row, self._row(place)) for place, row in enumerate(self.rows[:number])]

    def hidden_columns(self) -> list[str]:
        """The letters of the filled columns that are hidden."""
        return [
            letters(column)
            for column in sorted(self.texts)
            if any(first <= column <= last for first, last in self.hidden_spans)
        ]

    def cells(self) -> Cells:
        """The rows under the header as columns."""
        count = len(self.rows)
        columns = []
        for place in range(max(self.texts) + 1):
            texts = self.texts.get(place, [])
            texts.extend([""] * (count - len(texts)))
            kinds = self.kinds.get(place, bytearray())
            kinds.extend(bytes(count - len(kinds)))
            formulas = self.formulas.get(place, {})
            columns.append(
                Column(
                    texts[0],
                    as_text(texts[1:]),
                    np.frombuffer(bytes(kinds[1:]), np.uint8),
                    letters(place),
                    formulas=[i - 1 for i, what in formulas.items() if what == STORED_FORMULA and i],
                    unstored_formulas=[i - 1 for i, what in formulas.items() if what == UNSTORED_FORMULA and i],
                )
            )
        return Cells(columns, np.array(self.rows[1:], dtype=np.int64))

    def _row(self, place: int) -> list[str]:
        width = max(self.texts) + 1 if self.texts else 0
        return [
            self.texts[column][place] if column in self.texts and place < len(self.texts[column]) else ""
            for column in range(width)
        ]


def letters(column: int) -> str:
    """The letters of a column counted from 0: A, B, … Z, AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name
