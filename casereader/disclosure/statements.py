"""Statements about numbers by their places, as the solver and arithmetic take them: each is put so once. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array  # type: ignore[import-untyped]
from scipy.sparse.csgraph import connected_components  # type: ignore[import-untyped]

from casereader.disclosure import limits
from casereader.disclosure.knowledge import Row
from casereader.disclosure.limits import TOLERANCE, Floats, Places, Terms

Flags = npt.NDArray[np.bool_]

SHORT = 8  # numbers in a statement; the sums over all partnerships are longer


class Statements:
    """Statements about these numbers: of all that are set one time, all but a few are set the next time as well.

    Each is put in a row of one table when it is first met; what is set at a time is a choice of rows.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._place = {name: at for at, name in enumerate(names)}
        self._rank = np.argsort(np.argsort(np.array(names)))
        self._at: dict[int, int] = {}
        self._rows: list[Row] = []  # kept, so that nothing else has their identity meanwhile
        self._low, self._high = np.zeros(0), np.zeros(0)
        self._size, self._start = np.zeros(0, dtype=int), np.zeros(0, dtype=int)
        self._number, self._factor = np.zeros(0, dtype=int), np.zeros(0)
        self._is_divided = np.zeros(0, dtype=bool)

    def of(self, rows: Sequence[Row]) -> Stated:
        """These statements together."""
        self._put([row for row in rows if id(row) not in self._at])
        chosen = np.array([self._at[id(row)] for row in rows], dtype=int)
        size = self._size[chosen]
        begins = np.concatenate([[0], np.cumsum(size)])
        terms = np.arange(begins[-1]) + np.repeat(self._start[chosen] - begins[:-1], size)
        number, factor = self._number[terms], self._factor[terms]
        divided = np.unique(number[self._is_divided[terms]])
        return Stated(
            rows=rows,
            low=self._low[chosen],
            high=self._high[chosen],
            terms=Terms(np.repeat(np.arange(len(rows)), size), number, factor),
            matrix=csr_array(
                (factor, number.astype(np.int32), begins.astype(np.int32)), shape=(len(rows), len(self._names))
            ),
            divided=divided[np.argsort(self._rank[divided])],
        )

    def _put(self, rows: Sequence[Row]) -> None:
        if not rows:
            return
        placed = [self._placed(row) for row in rows]
        for row in rows:
            self._at[id(row)] = len(self._rows)
            self._rows.append(row)
        size = np.array([len(one) for one in placed])
        terms = [term for one in placed for term in one]
        self._start = np.concatenate([self._start, len(self._number) + np.cumsum(size) - size])
        self._size = np.concatenate([self._size, size])
        self._number = np.concatenate([self._number, np.array([place for place, _, _ in terms], dtype=int)])
        self._factor = np.concatenate([self._factor, np.array([factor for _, factor, _ in terms], dtype=float)])
        self._is_divided = np.concatenate([self._is_divided, np.array([is_it for _, _, is_it in terms], dtype=bool)])
        self._low = np.concatenate([self._low, [-np.inf if row.low is None else row.low for row in rows]])
        self._high = np.concatenate([self._high, [np.inf if row.high is None else row.high for row in rows]])

    def _placed(self, row: Row) -> list[tuple[int, float, bool]]:
        """By place what each number is taken times, and whether another is said to be a part of it."""
        factors: dict[int, float] = {}
        for name, factor in row.terms:
            factors[self._place[name]] = factors.get(self._place[name], 0.0) + factor
        divided = {self._place[name] for name, _ in row.terms[1:]} if row.terms[0][1] != 1.0 else set()
        return [(place, factors[place], place in divided) for place in sorted(factors) if factors[place]]


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
    divided: Places

    @cached_property
    def constraint(self) -> Any:
        """As the solver takes it; None where nothing is stated."""
        from scipy.optimize import LinearConstraint  # type: ignore[import-untyped]  # nobody who starts the program waits for the solver

        return LinearConstraint(self.matrix.tocsc(), self.low, self.high) if len(self.rows) else None

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
