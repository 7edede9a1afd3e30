"""One look at 6 questions over 8 strata of up to 500 cases, as after a wave; the floor tries every total of each.

The floor is the sequence that issue 10 tried, ones and zeros by themselves: one sort of 4,000 numbers for each.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.special import betaln  # type: ignore[import-untyped]

from bench.sequences import kept_totals
from bench.timing import Compared, compare
from sampling.sequential import share_limits

SIZES = np.array([500, 400, 300, 200, 200, 150, 100, 50])
QUESTIONS = 6
ALPHA = 0.10
LIMIT = 100
MOST_PROCESSOR = 0.05
TURNS = 10


def run() -> Iterator[Compared]:
    """Some 190 records read, a tenth of them blank."""
    chance = np.random.default_rng(1)
    read = SIZES // 10
    blanks = chance.binomial(read, 0.1, (QUESTIONS, len(SIZES)))
    ones = chance.binomial(read - blanks, np.linspace(0.4, 0.95, QUESTIONS)[:, None])
    zeros = read - blanks - ones

    def floor() -> object:
        return [
            kept_totals(SIZES, yes, read - yes, betaln(yes + 1, read - yes + 1).sum(axis=-1), ALPHA / 2)
            for yes in (ones.astype(np.float64), zeros.astype(np.float64))
        ]

    yield compare(
        "limits of 6 questions over 8 strata",
        lambda: share_limits(SIZES, ones, zeros, blanks, alpha=ALPHA),
        floor,
        floor_name="every total of ones and of zeros by a sort",
        limit=LIMIT,
        most_processor=MOST_PROCESSOR,
        turns=TURNS,
    )
