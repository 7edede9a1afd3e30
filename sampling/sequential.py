"""Limits of a share that hold at every moment of reading at once, so that whoever looks may stop.

A fixed-sample interval is right for one moment chosen beforehand. These limits hold the share of the whole list at all
moments together with probability 1 − alpha, whatever is decided from them on the way (docs/method/sequential.md).
Cases of each stratum must be read in ticket order, or whole waves of it; what was read so far is all that counts.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaln, gammaln  # type: ignore[import-untyped]

from sampling.intervals import Limits

_PSEUDO = 2.0  # how many records' worth of all strata together stands behind what each stratum is expected to say
Floats = NDArray[np.float64]


def share_limits(
    population: ArrayLike, ones: ArrayLike, zeros: ArrayLike, blanks: ArrayLike, *, alpha: float
) -> Limits:
    """The limits of ones / (ones + zeros) of all cases, from what was read so far; the last axis is strata.

    `blanks` are cases that were decided without an answer. Nothing read: 0 and 1. All read: the share itself, NaN
    where no case has an answer.
    """
    whole, a, b, c = _counts(population, ones, zeros, blanks)
    most_ones, least_ones = _totals(whole, a, b + c, alpha / 2)
    most_zeros, least_zeros = _totals(whole, b, a + c, alpha / 2)
    with np.errstate(invalid="ignore"):
        lower = least_ones / (least_ones + most_zeros)
        upper = most_ones / (most_ones + least_zeros)
    done = (whole == a + b + c).all(axis=-1)
    return np.where(np.isnan(lower) & ~done, 0.0, lower), np.where(np.isnan(upper) & ~done, 1.0, upper)


def is_settled(limits: Limits, thresholds: Sequence[float]) -> NDArray[np.bool_]:
    """Whether all that the share can be lies between two neighbouring thresholds, or is one value."""
    lower, upper = limits
    within = [(lower <= threshold) & (threshold <= upper) for threshold in thresholds]
    return np.asarray((lower == upper) | ~np.any([np.zeros_like(lower, dtype=bool), *within], axis=0))


def chance_settled(
    population: ArrayLike,
    ones: ArrayLike,
    zeros: ArrayLike,
    blanks: ArrayLike,
    next_wave: ArrayLike,
    *,
    thresholds: Sequence[float],
    alpha: float,
    rng: np.random.Generator,
    draws: int = 200,
) -> Floats:
    """The chance that the question is settled once `next_wave` more cases of each stratum are read.

    What these would say is drawn from a posterior predictive: a Dirichlet for all strata together (half a record of
    each outcome beforehand), and around it one for each stratum with its own records and two records' worth of all.
    """
    whole, a, b, c = _counts(population, ones, zeros, blanks)
    more = np.broadcast_to(np.asarray(next_wave, dtype=np.int64), whole.shape)
    more = np.minimum(more, (whole - a - b - c).astype(np.int64))
    seen = np.stack([a, b, c], axis=-1)
    common = _dirichlet(rng, np.broadcast_to(seen.sum(axis=-2) + 0.5, (draws, *whole.shape[:-1], 3)))
    own = _dirichlet(rng, seen + _PSEUDO * common[..., None, :])
    told = seen + rng.multinomial(more, own)
    limits = share_limits(whole, told[..., 0], told[..., 1], told[..., 2], alpha=alpha)
    return np.asarray(is_settled(limits, thresholds).mean(axis=0), dtype=np.float64)


def _dirichlet(rng: np.random.Generator, parameters: Floats) -> Floats:
    """A draw for each row of parameters; one that is all but nil in every outcome gets the first."""
    parts = np.maximum(rng.standard_gamma(parameters), 1e-300)
    return np.asarray(parts / parts.sum(axis=-1, keepdims=True))


def _counts(*given: ArrayLike) -> tuple[Floats, Floats, Floats, Floats]:
    whole, a, b, c = np.broadcast_arrays(*(np.asarray(each, dtype=np.float64) for each in given))
    if any((each != np.floor(each)).any() or (each < 0).any() for each in (whole, a, b, c)):
        raise ValueError("Cases are counted in whole numbers from 0.")
    if (a + b + c > whole).any():
        raise ValueError("More cases were read of a stratum than it has.")
    return whole, a, b, c


def _totals(whole: Floats, yes: Floats, no: Floats, alpha: float) -> tuple[Floats, Floats]:
    """The largest and the smallest number of cases that say yes which the sequence does not reject.

    The likelihood of a stratum is log-concave in its number, so that the likeliest way to share out a total takes the
    steepest rises first: all totals at once by sorting the rises of all strata.
    """
    read = yes + no
    marginal = betaln(yes + 1, no + 1).sum(axis=-1)
    start = -_log_falling(whole, read).sum(axis=-1) + (_log_falling(yes, yes) + _log_falling(whole - yes, no)).sum(-1)
    unread = whole - read
    step = np.arange(int(unread.max(initial=0)), dtype=np.float64)
    there = step < unread[..., None]
    with np.errstate(divide="ignore", invalid="ignore"):
        rise = np.log((yes[..., None] + step + 1) / (step + 1)) + np.log(
            (unread[..., None] - step) / (unread[..., None] + no[..., None] - step)
        )
    rise = np.where(there, rise, -np.inf).reshape(*whole.shape[:-1], -1)
    likelihood = start[..., None] + np.concatenate(
        [np.zeros((*start.shape, 1)), np.cumsum(-np.sort(-rise, axis=-1), axis=-1)], axis=-1
    )
    kept = likelihood > marginal[..., None] + np.log(alpha)
    first = kept.argmax(axis=-1)
    last = kept.shape[-1] - 1 - kept[..., ::-1].argmax(axis=-1)
    known = yes.sum(axis=-1)
    return known + last, known + first


def _log_falling(of: Floats, take: Floats) -> Floats:
    ways: Floats = gammaln(of + 1) - gammaln(of - take + 1)
    return ways
