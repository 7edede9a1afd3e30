"""Limits of hidden numbers by arithmetic, on one statement after another: what needs no search. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

TOLERANCE = 1e-6
_PASSES = 30


@dataclass(frozen=True, slots=True)
class Terms:
    """Statements as one list of terms: the statement and the number of each, and its factor; never 0."""

    statement: Places
    number: Places
    factor: Floats


def drawn(terms: Terms, row_low: Floats, row_high: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Narrower limits: what a statement leaves to one number when the others are at their limits."""
    rises = terms.factor > 0
    for _ in range(_PASSES):
        at_low, at_high = terms.factor * low[terms.number], terms.factor * high[terms.number]
        least, most = (
            np.bincount(terms.statement, np.where(rises, one, other), len(row_low))
            for one, other in ((at_low, at_high), (at_high, at_low))
        )
        up = (row_high - least)[terms.statement] / terms.factor
        down = (row_low - most)[terms.statement] / terms.factor
        above, below = np.full(len(low), np.inf), np.full(len(low), -np.inf)
        np.minimum.at(above, terms.number, low[terms.number] + np.where(rises, up, down))
        np.maximum.at(below, terms.number, high[terms.number] + np.where(rises, down, up))
        new_high = np.minimum(high, np.floor(above + TOLERANCE))
        new_low = np.maximum(low, np.ceil(below - TOLERANCE))
        if (new_low == low).all() and (new_high == high).all():
            break
        low, high = new_low, new_high
    return low, high
