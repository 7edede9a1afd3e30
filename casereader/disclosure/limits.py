"""Limits of hidden numbers by arithmetic, on one statement after another: what needs no search. Pure."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

TOLERANCE = 1e-6
_PASSES = 30


def drawn(matrix: Floats, row_low: Floats, row_high: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Narrower limits: what a statement leaves to one number when the others are at their limits."""
    up, down = np.maximum(matrix, 0.0), np.minimum(matrix, 0.0)
    rising, falling = up > 0, down < 0
    for _ in range(_PASSES):
        least, most = up @ low + down @ high, up @ high + down @ low
        slack_up, slack_down = (row_high - least)[:, None], (row_low - most)[:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            above = np.minimum(
                np.where(rising, low + slack_up / up, np.inf).min(axis=0, initial=np.inf),
                np.where(falling, low + slack_down / down, np.inf).min(axis=0, initial=np.inf),
            )
            below = np.maximum(
                np.where(rising, high + slack_down / up, -np.inf).max(axis=0, initial=-np.inf),
                np.where(falling, high + slack_up / down, -np.inf).max(axis=0, initial=-np.inf),
            )
        new_high = np.minimum(high, np.floor(above + TOLERANCE))
        new_low = np.maximum(low, np.ceil(below - TOLERANCE))
        if (new_low == low).all() and (new_high == high).all():
            break
        low, high = new_low, new_high
    return low, high
