"""The limits themselves hold the truth at every look, where a stratum is read further because of what was seen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sampling.sequential import share_limits

RUNS, ALPHA = 60, 0.3  # milder than anybody would be, so that 60 runs can tell
SIZES, PLANNED = np.array([40, 15, 8]), np.array([12, 6, 2])
ONES, ZEROS = [22, 9, 2], [14, 4, 4]  # the rest are blank
TRUTH = sum(ONES) / (sum(ONES) + sum(ZEROS))


def test_the_truth_stays_within_while_strata_are_made_longer_as_it_pleases_whoever_looks() -> None:
    chance = np.random.default_rng(11)
    made_of = [[good, poor, n - good - poor] for good, poor, n in zip(ONES, ZEROS, SIZES.tolist(), strict=True)]
    drawn = [np.stack([chance.permutation(np.repeat([1, 0, 2], one)) for _ in range(RUNS)]) for one in made_of]

    def look(read: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The limits of every run, of whose strata so many are read."""
        counts = [
            np.stack(
                [
                    ((said == kind) & (np.arange(said.shape[1]) < n[:, None])).sum(axis=1)
                    for said, n in zip(drawn, read.T, strict=True)
                ],
                axis=-1,
            )
            for kind in (1, 0, 2)
        ]
        return share_limits(SIZES, *counts, alpha=ALPHA, planned=PLANNED)

    read = np.tile(PLANNED // 2, (RUNS, 1))
    first = look(read)
    is_low = (first[0] + first[1]) / 2 < TRUTH
    read = np.tile(PLANNED, (RUNS, 1)) + np.where(is_low[:, None], [16, 0, 0], [0, 0, 4])
    last = look(read)

    held = [(lower <= TRUTH) & (upper >= TRUTH) for lower, upper in (first, last)]
    assert is_low.any() and not is_low.all()
    assert np.all(held, axis=0).mean() >= 1 - ALPHA
    assert (last[1] - last[0]).mean() < 0.5, "not by holding everything"
