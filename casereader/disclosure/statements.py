"""Statements about numbers by their places, as the solver and arithmetic take them: each is put so once. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import LinearConstraint  # type: ignore[import-untyped]
from scipy.sparse import csr_array  # type: ignore[import-untyped]
from scipy.sparse.csgraph import connected_components  # type: ignore[import-untyped]

from casereader.disclosure import limits
from casereader.disclosure.knowledge import Row
from casereader.disclosure.limits import TOLERANCE, Floats, Places, Terms

Flags = npt.NDArray[np.bool_]

SHORT = 8  # numbers in a statement; the sums over all partnerships are longer


@dataclass(frozen=True, slots=True)
class _Placed:
    """A statement with places for names; `row` is kept, so that nothing else has its identity meanwhile."""

    row: Row
    number: Places
    factor: Floats
    low: float
    high: float
    divided: list[int]


class Statements:
    """Statements about these numbers: of all that are set one time, all but a few are set the next time as well."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._place = {name: at for at, name in enumerate(names)}
        self._known: dict[int, _Placed] = {}

    def of(self, rows: Sequence[Row]) -> Stated:
        """These statements together."""
        placed = [self._placed(row) for row in rows]
        low, high = (np.array([getattr(one, name) for one in placed], dtype=float) for name in ("low", "high"))
        statement = np.repeat(np.arange(len(rows)), [len(one.number) for one in placed])
        number = np.concatenate([one.number for one in placed]) if placed else np.zeros(0, dtype=int)
        factor = np.concatenate([one.factor for one in placed]) if placed else np.zeros(0)
        matrix: Any = csr_array((factor, (statement, number)), shape=(len(rows), len(self._names)))
        divided = {place for one in placed for place in one.divided}
        return Stated(
            rows=rows,
            low=low,
            high=high,
            terms=Terms(statement, number, factor),
            matrix=matrix,
            constraint=LinearConstraint(matrix.tocsc(), low, high) if rows else None,
            divided=np.array(sorted(divided, key=self._names.__getitem__), dtype=int),
        )

    def _placed(self, row: Row) -> _Placed:
        found = self._known.get(id(row))
        if found is None:
            factors: dict[int, float] = {}
            for name, factor in row.terms:
                factors[self._place[name]] = factors.get(self._place[name], 0.0) + factor
            number = sorted(place for place, factor in factors.items() if factor)
            found = self._known[id(row)] = _Placed(
                row=row,
                number=np.array(number, dtype=int),
                factor=np.array([factors[place] for place in number], dtype=float),
                low=-np.inf if row.low is None else row.low,
                high=np.inf if row.high is None else row.high,
                divided=[self._place[name] for name, _ in row.terms[1:]] if row.terms[0][1] != 1.0 else [],
            )
        return found


@dataclass(frozen=True)
class Stated:
    """What is stated, a row for each statement and a column for each number.

    `divided` are the numbers of which another is said to be a part; they are what keeps corners from being whole.
    """

    rows: Sequence[Row]
    low: Floats
    high: Floats
    terms: Terms
    matrix: Any
    constraint: Any
    divided: Places

    def which_agree(self, points: Floats, lowest: Floats, highest: float) -> Flags:
        """Which of these points, a row each, agree with all of it and lie within limits."""
        total = self.matrix @ points.T
        found: Flags = (
            (total >= self.low[:, np.newaxis] - TOLERANCE).all(axis=0)
            & (total <= self.high[:, np.newaxis] + TOLERANCE).all(axis=0)
            & (points >= lowest).all(axis=1)
            & (points <= highest).all(axis=1)
        )
        return found

    def around(self, at: int) -> tuple[list[int], list[Row]]:
        """The numbers that short statements join to the one at a place, by place, and these statements."""
        of_number, of_row = self._parts
        rows = np.flatnonzero(of_row == of_number[at]).tolist()
        return np.flatnonzero(of_number == of_number[at]).tolist(), [self.rows[row] for row in rows]

    @cached_property
    def _parts(self) -> tuple[Places, Places]:
        """By number and by statement the part that it belongs to, without the long statements, which are in none."""
        sizes = np.bincount(self.terms.statement, minlength=len(self.rows))
        is_short = sizes[self.terms.statement] <= SHORT
        edges = (self.terms.statement[is_short], self.terms.number[is_short] + len(self.rows))
        n = len(self.rows) + self.matrix.shape[1]
        _, parts = connected_components(csr_array((np.ones(len(edges[0])), edges), shape=(n, n)), directed=False)
        of_row = np.where(sizes <= SHORT, parts[: len(self.rows)], -1)
        return parts[len(self.rows) :], of_row

    def drawn(self, low: Floats, high: Floats) -> tuple[Floats, Floats]:
        """Narrower limits by arithmetic."""
        return limits.drawn(self.terms, self.low, self.high, low, high)
