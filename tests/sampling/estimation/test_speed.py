"""Estimates of many domains at once take no longer than they must."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from sampling.estimation import estimate_share


def roll_up(rows: int) -> pd.DataFrame:
    """Rows in 32 partnerships of 24 strata each, a twentieth of the answers blank."""
    chance = np.random.default_rng(1)
    place, cell = chance.integers(0, 32, rows), chance.integers(0, 24, rows)
    names = np.array([f"Partnership {number:02d}" for number in range(32)])
    table = pd.DataFrame({"partnership": names[place], "cell": cell, "y": (chance.random(rows) < 0.6).astype(float)})
    table.loc[chance.random(rows) < 0.05, "y"] = np.nan
    table["N"] = table.groupby(["partnership", "cell"])["cell"].transform("size") * 10
    return table


def least(call: Callable[[], object], times: int = 7) -> float:
    """The shortest of several runs, in seconds of processor time."""
    taken = []
    for _ in range(times):
        started = time.process_time()
        call()
        taken.append(time.process_time() - started)
    return min(taken)


def plain_means(table: pd.DataFrame) -> Callable[[], object]:
    """A weighted mean by partnership in NumPy and nothing else."""
    weight = (table["N"] / 10).to_numpy()
    answers = table["y"].to_numpy()

    def call() -> object:
        names, place = np.unique(table["partnership"].to_numpy(), return_inverse=True)
        there = ~np.isnan(answers)
        weights = np.bincount(place[there], weights=weight[there], minlength=len(names))
        return np.bincount(place[there], weights=weight[there] * answers[there], minlength=len(names)) / weights

    return call


def test_two_thousand_cases_in_thirty_two_partnerships_take_milliseconds() -> None:
    table = roll_up(2_000)
    taken = least(
        lambda: estimate_share(table, "y", stratum=["partnership", "cell"], population="N", by="partnership"), 15
    )
    # Under 3 ms on an idle machine; the room is for a busy one.
    assert taken < 0.010


def test_two_hundred_thousand_cases_take_at_most_three_times_a_plain_weighted_mean() -> None:
    table = roll_up(200_000)
    taken = least(lambda: estimate_share(table, "y", stratum=["partnership", "cell"], population="N", by="partnership"))
    assert taken <= 3 * least(plain_means(table), 3)
