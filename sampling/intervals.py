"""Confidence limits for one share: pure functions of numbers, nothing of tables or designs.

Every function takes scalars or arrays that broadcast and returns two float arrays, lower and upper limit, as shares.
Where a limit is not defined it is NaN; the caller decides what stands there instead. Wald, logit, Wilson (1927) and
Clopper and Pearson (1934, at effective counts Korn and Graubard 1998) are those of R survey's `svyciprop`, differences
are Newcombe's (1998, method 10), hypergeometric limits those of R samplingbook; docs/method/estimation.md says which is
used where.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import (  # type: ignore[import-untyped]
    betaincinv,
    expit,
    gammaln,
    ndtri,
    stdtrit,
)
from scipy.special import logit as log_odds

Limits = tuple[NDArray[np.float64], NDArray[np.float64]]

# What rounding leaves of a tail probability that equals its bound exactly.
_TIE = 1e-9


def quantile(confidence: float, df: ArrayLike = np.inf) -> NDArray[np.float64]:
    """Half-width of a central interval in standard errors: t on `df`, normal at infinite df, NaN at df ≤ 0."""
    freedom = np.asarray(df, dtype=np.float64)
    tail = (1 + confidence) / 2
    usable = np.isfinite(freedom) & (freedom > 0)
    student = stdtrit(np.where(usable, freedom, 1.0), tail)
    return np.where(usable, student, np.where(freedom == np.inf, ndtri(tail), np.nan))


def wald(share: ArrayLike, se: ArrayLike, width: ArrayLike) -> Limits:
    """Estimate ± `width` standard errors, not clipped to 0–1."""
    share, half = np.asarray(share, dtype=np.float64), np.asarray(width) * np.asarray(se)
    return share - half, share + half


def logit(share: ArrayLike, se: ArrayLike, width: ArrayLike) -> Limits:
    """Wald limits on the log-odds, carried back (survey's `xlogit`); NaN at shares of 0 and 1."""
    share, se = np.asarray(share, dtype=np.float64), np.asarray(se, dtype=np.float64)
    inside = (share > 0) & (share < 1)
    safe = np.where(inside, share, 0.5)
    centre, half = log_odds(safe), np.asarray(width) * se / (safe * (1 - safe))
    return np.where(inside, expit(centre - half), np.nan), np.where(inside, expit(centre + half), np.nan)


def wilson(share: ArrayLike, size: ArrayLike, width: ArrayLike) -> Limits:
    """Wilson's score limits for a share of `size` (effective) cases, `width` the normal or t quantile."""
    share, size, squared = np.asarray(share), np.asarray(size), np.square(width)
    usable = np.isfinite(size) & (size > 0)
    n = np.where(usable, size, 1.0)
    centre = (n * share + squared / 2) / (n + squared)
    half = np.sqrt(squared * n * share * (1 - share) + squared**2 / 4) / (n + squared)
    # At n of n the score limit is the end itself; only rounding could move it (at 0 of n it cannot).
    upper = np.where(share == 1, 1.0, centre + half)
    return np.where(usable, centre - half, np.nan), np.where(usable, upper, np.nan)


def clopper_pearson(count: ArrayLike, size: ArrayLike, confidence: float) -> Limits:
    """The exact binomial limits, half of the error in each tail; counts and sizes may be effective ones."""
    x, n = np.broadcast_arrays(np.asarray(count, dtype=np.float64), np.asarray(size, dtype=np.float64))
    usable = np.isfinite(x) & np.isfinite(n) & (n > 0) & (x >= 0) & (x <= n)
    x, n, tail = np.where(usable, x, 0.5), np.where(usable, n, 1.0), (1 - confidence) / 2
    at_zero, at_all = x <= 0, x >= n
    lower = np.where(at_zero, 0.0, betaincinv(np.where(at_zero, 1.0, x), n - x + 1, tail))
    upper = np.where(at_all, 1.0, betaincinv(x + 1, np.where(at_all, 1.0, n - x), 1 - tail))
    return np.where(usable, lower, np.nan), np.where(usable, upper, np.nan)


def difference(a: tuple[ArrayLike, ArrayLike, ArrayLike], b: tuple[ArrayLike, ArrayLike, ArrayLike]) -> Limits:
    """Limits of a − b from estimate, lower and upper limit of each (Newcombe 1998, method 10; independent samples).

    Made of Wilson's limits it is the interval that Newcombe recommends; of exact ones it is wider.
    """
    (p, p_low, p_high), (q, q_low, q_high) = ([np.asarray(each, dtype=np.float64) for each in part] for part in (a, b))
    lower = p - q - np.hypot(p - p_low, q_high - q)
    upper = p - q + np.hypot(p_high - p, q - q_low)
    return lower, upper


def hypergeometric(count: ArrayLike, size: ArrayLike, population: ArrayLike, confidence: float) -> Limits:
    """The exact limits for the share of a finite population, from `count` of `size` cases drawn without replacement.

    Equal tails. Each limit is the first number of cases K that the sample rejects at half of the error, or the last
    that the cases read allow, whichever is nearer: the convention of R samplingbook's `Sprop`, whose values are the
    reference (60 of 60 out of 200 at 95%: 0.945 to 1). The set of K not rejected is one narrower at each end.
    """
    k, n, whole = np.broadcast_arrays(*(np.asarray(a, dtype=np.float64) for a in (count, size, population)))
    tail = (1 - confidence) / 2
    upper = _most_cases(k, n, whole, tail)
    lower = whole - _most_cases(n - k, n, whole, tail)
    return lower / whole, upper / whole


def _most_cases(
    k: NDArray[np.float64], n: NDArray[np.float64], whole: NDArray[np.float64], tail: float
) -> NDArray[np.float64]:
    """The upper limit of K: bisection on the largest K with P(X ≤ k | K) ≥ tail, for all entries at once."""
    top = whole - n + k
    low, high = k.copy(), top.copy()
    open_entries = low < high
    while open_entries.any():
        middle = np.where(open_entries, np.ceil((low + high) / 2), low)
        kept = np.zeros(middle.shape, dtype=bool)
        kept[open_entries] = _at_most(
            k[open_entries], n[open_entries], middle[open_entries], whole[open_entries]
        ) >= tail * (1 - _TIE)
        low = np.where(open_entries & kept, middle, low)
        high = np.where(open_entries & ~kept, middle - 1, high)
        open_entries = low < high
    return np.minimum(low + 1, top)


def _at_most(
    k: NDArray[np.float64], n: NDArray[np.float64], cases: NDArray[np.float64], whole: NDArray[np.float64]
) -> NDArray[np.float64]:
    """P(X ≤ k) for X hypergeometric: n drawn from `whole`, of which `cases` count; summed term by term."""
    x = np.arange(int(k.max()) + 1, dtype=np.float64)
    n, cases, whole = n[..., None], cases[..., None], whole[..., None]
    possible = (x <= k[..., None]) & (x <= cases) & (n - x <= whole - cases)
    safe = np.where(possible, x, 0.0)
    rest = np.where(possible, n - x, 0.0)
    terms = _log_choose(cases, safe) + _log_choose(whole - cases, rest) - _log_choose(whole, n)
    total: NDArray[np.float64] = np.where(possible, np.exp(terms), 0.0).sum(axis=-1)
    return total


def _log_choose(of: NDArray[np.float64], take: NDArray[np.float64]) -> NDArray[np.float64]:
    ways: NDArray[np.float64] = gammaln(of + 1) - gammaln(take + 1) - gammaln(of - take + 1)
    return ways
