"""The share of each of 32 partnerships from 200,000 rows, beside a weighted mean by group as NumPy alone has it.

Ours checks every row and gives interval, standard error and degrees of freedom. The floor finds the groups among the
labels and divides two sums; the last line gives it whole numbers from 0 as labels, so that nothing is left to find.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from bench.timing import Compared, compare
from sampling.estimation import estimate_share

ROWS, PARTNERSHIPS, STRATA = 200_000, 32, 24
LIMIT = 3
TURNS = 40  # a turn takes milliseconds, and one of them meets a quiet machine


def rows(labels: np.ndarray) -> pd.DataFrame:
    """Rows in so many partnerships of so many strata each, a twentieth of the answers blank."""
    chance = np.random.default_rng(1)
    place, cell = chance.integers(0, PARTNERSHIPS, ROWS), chance.integers(0, STRATA, ROWS)
    answer = np.where(chance.random(ROWS) < 0.05, np.nan, (chance.random(ROWS) < 0.6).astype(float))
    table = pd.DataFrame({"partnership": labels[place], "cell": cell, "y": answer})
    table["N"] = table.groupby(["partnership", "cell"])["cell"].transform("size") * 10
    return table


def plain_means(table: pd.DataFrame, *, groups_known: bool = False) -> Callable[[], object]:
    """A weighted mean by partnership in NumPy and nothing else."""
    labels, answers, weight = (table[name].to_numpy() for name in ("partnership", "y", "N"))

    def work() -> object:
        names, place = (range(PARTNERSHIPS), labels) if groups_known else np.unique(labels, return_inverse=True)
        there = ~np.isnan(answers)
        group, w = place[there], weight[there]
        return np.bincount(group, w * answers[there], len(names)) / np.bincount(group, w, len(names))

    return work


def run() -> Iterator[Compared]:
    """With names for the partnerships, and with numbers, which both find faster."""
    numbers = rows(np.arange(PARTNERSHIPS))
    names = rows(np.array([f"Partnership {number:02}" for number in range(PARTNERSHIPS)]))
    for kind, table in (("names", names), ("numbers", numbers)):
        yield _compared(kind, table, plain_means(table), "a NumPy weighted mean by group", LIMIT)
    yield _compared("numbers", numbers, plain_means(numbers, groups_known=True), "the same, its groups known", None)


def _compared(
    kind: str, table: pd.DataFrame, floor: Callable[[], object], floor_name: str, limit: float | None
) -> Compared:
    return compare(
        f"{ROWS:,} rows, {PARTNERSHIPS} domains by {kind}",
        lambda: estimate_share(table, "y", stratum=["partnership", "cell"], population="N", by="partnership"),
        floor,
        floor_name=floor_name,
        limit=limit,
        turns=TURNS,
    )
