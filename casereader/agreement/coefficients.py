"""How far readers of the same records agree: coefficients, each with its interval and the number of records behind it.

Pure functions of ratings; blanks (None, NaN) are ratings not given. Definitions, variances and the t interval on
n − 1 are those of R irrCAC (Gwet, Handbook of Inter-Rater Reliability), alpha itself Krippendorff's. Under two
usable records, and where chance alone would agree always, there is no coefficient: NaN.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sampling.intervals import quantile

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


class Agreement(NamedTuple):
    """A coefficient with its interval, its standard error, and the records it rests on."""

    estimate: float
    lower: float
    upper: float
    se: float
    n: int


def percent_agreement(a: Iterable[Any], b: Iterable[Any], *, within: float = 0, confidence: float = 0.95) -> Agreement:
    """The share of records rated by both on which the two readers agree, or differ by no more than `within` points.

    irrCAC's `pa.coeff` on the records with both ratings. Raises ValueError for readers of different length, and for
    ratings that are not numbers where `within` is above 0.
    """
    first, second = _pairs(a, b)
    if within:
        apart = np.abs(_numbers(first) - _numbers(second))
        agree = (apart <= within).astype(np.float64)
    else:
        agree = np.asarray(first == second, dtype=np.float64)
    n = len(agree)
    if n < 2:
        return _none(n)
    estimate = float(agree.mean())
    variance = float(np.square(agree - estimate).sum()) / (n * (n - 1))
    return _with_interval(estimate, variance, n, confidence)


def weighted_kappa(
    a: Iterable[Any],
    b: Iterable[Any],
    *,
    levels: Sequence[Hashable],
    weights: Literal["quadratic", "linear"] | None = "quadratic",
    confidence: float = 0.95,
) -> Agreement:
    """Cohen's kappa of two readers over the records rated by both; without weights, only equal ratings agree.

    irrCAC's `kappa2.table`. `levels` lists every rating that can be given, in order; a rating outside them raises
    ValueError.
    """
    if weights not in ("quadratic", "linear", None):
        raise ValueError(f"the weights are quadratic, linear or None, not {weights!r}")
    first, second = _pairs(a, b)
    q, n = len(levels), len(first)
    agree = _weights(levels, weights)
    cell = _codes(first, levels) * q + _codes(second, levels)
    if n < 2:
        return _none(n)
    table = np.bincount(cell, minlength=q * q).reshape(q, q) / n
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    observed = float((agree * table).sum())
    chance = float(rows @ agree @ columns)
    if _certain(chance):
        return _none(n)
    kappa = (observed - chance) / (1 - chance)
    margins = (agree @ columns)[:, None] + (agree.T @ rows)[None, :]
    parts = agree - (1 - kappa) * margins
    spread = float((table * np.square(parts - (table * parts).sum())).sum())
    return _with_interval(kappa, spread / (n * (1 - chance) ** 2), n, confidence)


def krippendorff_alpha(
    ratings: Any, *, metric: Literal["nominal", "ordinal", "interval"] = "nominal", confidence: float = 0.95
) -> Agreement:
    """Krippendorff's alpha for any number of readers with ratings missing: one row per record, one column per reader.

    Ordinal distances are Krippendorff's own, from the ranks that the data give, not Gwet's fixed ordinal weights. The
    variance is irrCAC's with the weights 1 − δ²/δ²max of the metric taken as fixed. Records with one rating or none do
    not count. Ordinal and interval ratings must be numbers (ValueError).
    """
    if metric not in ("nominal", "ordinal", "interval"):
        raise ValueError(f"the metric is nominal, ordinal or interval, not {metric!r}")
    table = _table(ratings)
    given = ~pd.isna(table)
    usable = given.sum(axis=1) >= 2
    table, given = table[usable], given[usable]
    n = len(table)
    if metric == "nominal":
        values: list[Any] = list(dict.fromkeys(table[given]))
    else:
        numbers = _numbers(table[given])
        table = table.copy()
        table[given] = numbers
        values = np.unique(numbers).tolist()
    if n < 2 or len(values) < 2:
        return _none(n)
    counts = _counts(table, given, values)
    agree = 1 - _distances(counts.sum(axis=0), values, metric)
    return _alpha(counts, agree, confidence)


def gwet_ac(
    ratings: Any,
    *,
    levels: Sequence[Hashable],
    weights: Literal["linear", "quadratic", "ordinal"] | None = None,
    confidence: float = 0.95,
) -> Agreement:
    """Gwet's AC1, or AC2 with weights, for any number of readers with ratings missing: one row per record.

    irrCAC's `gwet.ac1.raw`: records with one rating count towards chance, so `n` is of records with at least one.
    `levels` lists every rating that can be given, in order; a rating outside them raises ValueError.
    """
    table = _table(ratings)
    given = ~pd.isna(table)
    q = len(levels)
    agree = _weights(levels, weights)
    counts = _counts(table, given, levels)
    raters = counts.sum(axis=1)
    counts, raters = counts[raters > 0], raters[raters > 0]
    n, double = len(raters), raters >= 2
    if n < 2 or not double.any():
        return _none(n)
    pairs = np.where(double, raters * (raters - 1), 1)
    own = np.where(double, (counts * (counts @ agree.T - 1)).sum(axis=1) / pairs, 0.0)
    observed = float(own[double].mean())
    prevalence = (counts / raters[:, None]).mean(axis=0)
    scale = float(agree.sum()) / (q * (q - 1))
    chance = scale * float((prevalence * (1 - prevalence)).sum())
    if _certain(chance):
        return _none(n)
    estimate = (observed - chance) / (1 - chance)
    part = n / double.sum() * (own - chance * double) / (1 - chance)
    by_chance = scale * (counts @ (1 - prevalence)) / raters
    part = part - 2 * (1 - estimate) * (by_chance - chance) / (1 - chance)
    return _with_interval(estimate, float(np.square(part - estimate).sum()) / (n * (n - 1)), n, confidence)


def _alpha(counts: Floats, agree: Floats, confidence: float) -> Agreement:
    """irrCAC's `krippen.alpha.raw` from the number of raters per record and value."""
    n, raters = len(counts), counts.sum(axis=1)
    usual = float(raters.mean())
    small = 1 / float(raters.sum())
    own = (counts * (counts @ agree.T - 1)).sum(axis=1) / (usual * (raters - 1))
    uncorrected = float(own.mean())
    observed = (1 - small) * uncorrected + small
    prevalence = (counts / usual).mean(axis=0)
    chance = float(prevalence @ agree @ prevalence)
    if _certain(chance):
        return _none(n)
    alpha, plain = (observed - chance) / (1 - chance), (uncorrected - chance) / (1 - chance)
    excess = (raters - usual) / usual
    part = (own - observed * excess - chance) / (1 - chance)
    by_chance = (counts @ ((agree + agree.T) @ prevalence / 2)) / usual - chance * excess
    part = part - 2 * (1 - plain) * (by_chance - chance) / (1 - chance)
    return _with_interval(alpha, float(np.square(part - plain).sum()) / (n * (n - 1)), n, confidence)


def _distances(marginals: Floats, values: Sequence[Any], metric: str) -> Floats:
    """δ² of the metric between every two values, over the largest."""
    if metric == "nominal":
        return 1 - np.eye(len(values))
    places = np.cumsum(marginals) - marginals / 2 if metric == "ordinal" else np.asarray(values, dtype=np.float64)
    squares = np.square(places[:, None] - places[None, :])
    distances: Floats = squares / squares.max()
    return distances


def _weights(levels: Sequence[Hashable], weights: str | None) -> Floats:
    """How far two levels agree, 0 to 1: by their values where all are numbers, else by their places."""
    q = len(levels)
    if q < 2 or len(set(levels)) != q:
        raise ValueError("levels lists every rating that can be given, each once, and at least two")
    if weights is None:
        return np.eye(q)
    if weights == "ordinal":
        steps = np.abs(np.subtract.outer(np.arange(q), np.arange(q))).astype(np.float64)
        return 1 - steps * (steps + 1) / (q * (q - 1))
    if weights not in ("linear", "quadratic"):
        raise ValueError(f"the weights are linear, quadratic, ordinal or None, not {weights!r}")
    numeric = all(isinstance(level, int | float | np.number) for level in levels)
    places = np.asarray(levels if numeric else range(q), dtype=np.float64)
    apart = np.abs(np.subtract.outer(places, places)) / (places.max() - places.min())
    distances: Floats = apart if weights == "linear" else np.square(apart)
    return 1 - distances


def _pairs(a: Iterable[Any], b: Iterable[Any]) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """The ratings of both readers on the records that both rated."""
    first, second = _column(a), _column(b)
    if len(first) != len(second):
        raise ValueError(f"the readers rated {len(first)} and {len(second)} records; both lists need every record")
    both = ~(pd.isna(first) | pd.isna(second))
    return first[both], second[both]


def _column(values: Iterable[Any]) -> NDArray[np.object_]:
    listed = list(values)
    column = np.empty(len(listed), dtype=object)
    column[:] = listed
    return column


def _table(ratings: Any) -> NDArray[np.object_]:
    table = np.asarray(ratings, dtype=object)
    if table.ndim != 2:
        raise ValueError("ratings need one row per record and one column per reader")
    return table


def _numbers(values: NDArray[np.object_]) -> Floats:
    try:
        return values.astype(np.float64)
    except (TypeError, ValueError):
        raise ValueError("distances between ratings need ratings that are numbers") from None


def _codes(values: NDArray[np.object_], levels: Sequence[Hashable]) -> Codes:
    """The place of each rating among the levels."""
    places = {level: place for place, level in enumerate(levels)}
    outside = sorted({repr(value) for value in values if value not in places})
    if outside:
        raise ValueError(f"ratings outside the levels {list(levels)}: {', '.join(outside)}")
    return np.fromiter((places[value] for value in values), dtype=np.int64, count=len(values))


def _counts(table: NDArray[np.object_], given: NDArray[np.bool_], levels: Sequence[Hashable]) -> Floats:
    """How many readers gave each record each level."""
    q = len(levels)
    cell = np.nonzero(given)[0] * q + _codes(table[given], levels)
    return np.bincount(cell, minlength=len(table) * q).reshape(len(table), q).astype(np.float64)


def _certain(chance: float) -> bool:
    """Whether chance alone agrees always, so that nothing is left to measure."""
    return 1 - chance < 1e-12


def _with_interval(estimate: float, variance: float, n: int, confidence: float) -> Agreement:
    se = max(variance, 0.0) ** 0.5
    half = float(quantile(confidence, n - 1)) * se
    return Agreement(estimate, estimate - half, min(1.0, estimate + half), se, n)


def _none(n: int) -> Agreement:
    return Agreement(float("nan"), float("nan"), float("nan"), float("nan"), n)
