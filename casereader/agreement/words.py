"""What a share's interval leaves out, said in one place for every page, paper and file that shows one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from casereader.agreement.tables import LEAST_PAIRS

SAMPLING_ONLY = (
    "The interval covers sampling only: another fair sample would have given a somewhat different share. "
    "It does not cover that another reader would have judged some of the same records differently."
)


def moves_in_words(moves: pd.DataFrame, n_pairs: int, labels: Mapping[str, str]) -> list[str]:
    """How far the headline shares move between first and second readers, in sentences; `labels` by question."""
    if n_pairs == 0:
        return ["No record was read twice yet, so it is not known how far readers move these shares."]
    if n_pairs < LEAST_PAIRS:
        times = "record was" if n_pairs == 1 else "records were"
        return [f"{n_pairs} {times} read twice: too few to say how far readers move these shares."]
    said = [
        f"{n_pairs} records of this programme were read twice, by readers who knew nothing of each other. "
        "Of the records that both could judge, these shares counted for the first and for the second readers:"
    ]
    rows: Sequence[Mapping[str, Any]] = moves.to_dict("records")  # type: ignore[assignment]
    return said + [_moved(row, labels[row["question"]]) for row in rows]


def _moved(row: Mapping[str, Any], label: str) -> str:
    n = int(row["n"])
    if math.isnan(row["difference"]):
        return f"{label}: {n} pairs, too few to say."
    return (
        f"{label}: {row['first']:.0%} and {row['second']:.0%}, a difference of {points(row['difference'])} "
        f"(90% interval {between(row['lower'], row['upper'])}; {n} pairs)."
    )


def points(difference: float) -> str:
    """A difference of shares in percentage points, with its sign."""
    said = _signed(difference)
    return f"{said} {'point' if said in ('+1', '−1') else 'points'}"


def between(lower: float, upper: float) -> str:
    """The limits of a difference of shares, in percentage points."""
    return f"{_signed(lower)} to {points(upper)}"


def _signed(difference: float) -> str:
    whole = math.floor(abs(difference) * 100 + 0.5)
    return f"{'−' if difference < 0 else '+'}{whole}" if whole else "0"
