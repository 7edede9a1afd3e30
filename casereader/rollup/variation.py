"""How much partnerships differ beyond the chance of their samples: funnel limits, variation, shrunken shares. Pure.

Which children were on a list while it was drawn up is chance as well, so that a list read in full is no certainty here:
a partnership's share is that of `m` effective records without finite population correction, m = (Σw)²/Σw², which is
never more than were read. A partnership's own interval stays that of the children on its list (`effective_records`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtr, chdtri, ndtri  # type: ignore[import-untyped]

from casereader.rollup.design import Design
from casereader.rollup.marks import Marks

Floats = NDArray[np.float64]
USUAL, RARE = 0.95, 0.998  # the two pairs of funnel limits: about two and about three standard errors
LEAST_PARTNERSHIPS = 5  # under which the variation between them is not estimated
_LEAST_VARIANCE = 1e-9  # of one record, where every share is 0 or 1
_HALVINGS = 100  # past what a number can hold


def effective_records(share: ArrayLike, se: ArrayLike, n: ArrayLike, population: ArrayLike) -> Floats:
    """m of each share, of the children on its list: p(1 − p)/se², and n/(1 − n/N) at 0 and 1 and without an error.

    As many as a simple random sample without end would need for the same standard error: infinite of a list read in
    full.
    """
    p, error, read, listed = (np.asarray(one, dtype=np.float64) for one in (share, se, n, population))
    with np.errstate(divide="ignore", invalid="ignore"):
        plain = np.where(read >= listed, np.inf, read / (1 - read / listed))
        found: Floats = np.where((error > 0) & (p > 0) & (p < 1), p * (1 - p) / np.square(error), plain)
    return found


def sampling_variance(share: ArrayLike, se: ArrayLike, m: ArrayLike) -> Floats:
    """se² of each share; at 0 and 1, where se says nothing, that of a share with one more record of either kind.

    So p̃(1 − p̃)/(m + 2) with p̃ = (mp + 1)/(m + 2) (Agresti and Caffo 2000), and none where m is all there are.
    """
    p, error, records = (np.asarray(one, dtype=np.float64) for one in (share, se, m))
    with np.errstate(invalid="ignore"):
        more = (records * p + 1) / (records + 2)
        at_end = np.where(np.isinf(records), 0.0, more * (1 - more) / (records + 2))
    found: Floats = np.where((p <= 0) | (p >= 1), at_end, np.square(error))
    return found


def records_behind(design: Design, marks: Marks, key: str) -> dict[str, float]:
    """Of each inspection the effective records with an answer, (Σw)²/Σw², whatever the length of its list."""
    if key not in marks.keys:
        return {}
    table = pd.DataFrame({"inspection": design.inspection, "weight": design.weight})
    table = table[~np.isnan(marks.y[:, marks.keys.index(key)])]
    sums = table.assign(squared=np.square(table["weight"])).groupby("inspection")[["weight", "squared"]].sum()
    return dict(zip(sums.index, (np.square(sums["weight"]) / sums["squared"]).tolist(), strict=True))


def funnel_limits(target: float, m: ArrayLike, level: float) -> tuple[Floats, Floats]:
    """Where a share of `m` effective records lies if the true one is `target`: target ± z·√(target(1 − target)/m).

    The limits of the Office for Health Improvement and Disparities (Wilson's score interval turned round), which are
    the normal ones at the target; not cut off at 0 and 1. `level` is central, 0.95 or 0.998 as a rule.
    """
    with np.errstate(divide="ignore"):
        half = ndtri((1 + level) / 2) * np.sqrt(target * (1 - target) / np.asarray(m, dtype=np.float64))
    return target - half, target + half


@dataclass(frozen=True)
class Variation:
    """The mean of the partnerships and the standard deviation between them, with their limits.

    `between`, `lower` and `upper` are shares (0.1: ten percentage points); `p` is of no variation at all (Cochran's Q).
    """

    mean: float
    mean_se: float
    between: float
    lower: float
    upper: float
    p: float


def variation(share: ArrayLike, variance: ArrayLike, *, confidence: float = 0.90) -> Variation | None:
    """The standard deviation between partnerships by Paule and Mandel (1982), limits by Q-profile (Viechtbauer 2007).

    `variance` is each share's own by sampling, above 0. None for fewer than `LEAST_PARTNERSHIPS`.
    """
    p, v = np.asarray(share, dtype=np.float64), np.asarray(variance, dtype=np.float64)
    if len(p) < LEAST_PARTNERSHIPS:
        return None
    df = len(p) - 1

    def q(between: float) -> float:
        weight = 1 / (v + between)
        return float(weight @ np.square(p - weight @ p / weight.sum()))

    squared = _where(q, df)
    lower = _where(q, float(chdtri(df, (1 - confidence) / 2)))
    upper = _where(q, float(chdtri(df, (1 + confidence) / 2)))
    weight = 1 / (v + squared)
    return Variation(
        mean=float(weight @ p / weight.sum()),
        mean_se=float(weight.sum() ** -0.5),
        between=squared**0.5,
        lower=lower**0.5,
        upper=upper**0.5,
        p=1 - float(chdtr(df, q(0.0))),
    )


def _where(falling: Callable[[float], float], value: float) -> float:
    """Where a function that falls from 0 on comes down to the value; 0 where it begins below."""
    if falling(0.0) <= value:
        return 0.0
    high = 1.0
    while falling(high) > value:
        high *= 2
    low = 0.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if falling(middle) > value else (low, middle)
    return (low + high) / 2


def shrunken(
    share: ArrayLike, variance: ArrayLike, found: Variation, *, confidence: float = 0.90
) -> tuple[Floats, Floats, Floats]:
    """Each share drawn towards the mean by how little its sample can tell, with normal limits: estimate, lower, upper.

    B·p + (1 − B)·mean with B = between²/(between² + variance); the variance is B·variance + (1 − B)²·mean_se².
    """
    p, v = np.asarray(share, dtype=np.float64), np.asarray(variance, dtype=np.float64)
    squared = found.between**2
    kept = squared / (squared + v)
    estimate = kept * p + (1 - kept) * found.mean
    half = ndtri((1 + confidence) / 2) * np.sqrt(kept * v + np.square((1 - kept) * found.mean_se))
    return estimate, estimate - half, estimate + half


@dataclass(frozen=True)
class Beside:
    """One question in several partnerships, beside each other.

    `rows`: inspection, share, lower, upper, n, k, population, m (effective records), outside (0, 1 past the usual
    funnel limits, 2 past the rare ones too), shrunken, shrunken_lower, shrunken_upper (blank without `found`).
    `target` is the share of all of them together; `too_few` holds the inspections with fewer records.
    """

    rows: pd.DataFrame
    target: float
    found: Variation | None
    too_few: list[str]


def beside(
    figures: pd.DataFrame,
    behind: Mapping[str, float],
    *,
    least_n: int,
    together: float | None = None,
    confidence: float = 0.90,
) -> Beside:
    """Set a question's whole-sample rows of `RollUp.questions`, one of each inspection, beside each other.

    `behind` are the `records_behind` them.
    `together` is their share in `combined_figures`; without it each share weighs as its list is long.
    """
    enough = figures[figures["n"] >= least_n].reset_index(drop=True)
    too_few = figures.loc[figures["n"] < least_n, "inspection"].tolist()
    names = ["inspection", "share", "lower", "upper", "n", "k", "population"]
    if enough.empty:
        return Beside(enough.loc[:, names], float("nan"), None, too_few)
    share, listed = (enough[name].to_numpy(dtype=np.float64) for name in ("share", "population"))
    target = float(listed @ share / listed.sum()) if together is None else together
    m = np.array([behind[path] for path in enough["inspection"]])
    outside = np.zeros(len(enough), dtype=np.int64)
    for level in (USUAL, RARE):
        low, high = funnel_limits(target, m, level)
        outside += (share < low) | (share > high)
    variance = np.maximum(target * (1 - target), _LEAST_VARIANCE) / m
    found = variation(share, variance, confidence=confidence)
    rows = enough.loc[:, names].assign(m=m, outside=outside)
    limits = shrunken(share, variance, found, confidence=confidence) if found else (np.nan, np.nan, np.nan)
    rows["shrunken"], rows["shrunken_lower"], rows["shrunken_upper"] = limits
    return Beside(rows, target, found, too_few)
