"""The limits of a share over every make-up of whole cases, where so few are left that each can be tried.

`sampling.evidence` lets a make-up hold parts of cases, which late in a small population is a little too generous
(docs/method/sequential.md).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, logsumexp  # type: ignore[import-untyped]

from sampling.evidence import STAKES, stakes

Floats = NDArray[np.float64]
MOST_WAYS = 4000


def are_few(unread: Floats) -> bool:
    """Whether so few cases are unread (one number for each stratum) that every make-up of the list can be tried."""
    return math.prod(int((left + 1) * (left + 2)) // 2 for left in unread) <= MOST_WAYS


def whole_limits(population: Floats, counts: Floats, weights: Floats, bar: float) -> tuple[float, float] | None:
    """The least and the greatest share whose make-up has less evidence than `bar` against it on either side.

    `counts` are ones, zeros and blanks by stratum. None where evidence is against every make-up.
    """
    unread = population - counts.sum(axis=0)
    still_open = np.flatnonzero(unread)
    ways = [_ways(int(unread[stratum])) for stratum in still_open]
    chosen = np.indices([len(each) for each in ways]).reshape(len(ways), -1)
    cases = np.repeat(counts[:, None, :], chosen.shape[1], axis=1)
    for stratum, each, at in zip(still_open, ways, chosen, strict=True):
        cases[:, :, stratum] += each[at].T
    ones, zeros = cases[0].sum(axis=-1), cases[1].sum(axis=-1)
    cases = cases[:, ones + zeros > 0]
    ones, zeros = cases[0].sum(axis=-1), cases[1].sum(axis=-1)
    share = ones / (ones + zeros)
    again = _again(population, counts, cases)
    turned = [1, 0, 2]
    kept = _paid(population, counts, cases, weights, share) + again < bar
    kept &= _paid(population, counts[turned], cases[turned], weights, 1 - share) + again < bar
    return (float(share[kept].min()), float(share[kept].max())) if kept.any() else None


def _ways(left: int) -> Floats:
    """Every way in which `left` cases are ones, zeros and blanks: ways by kind."""
    ones, zeros = np.nonzero(np.add.outer(np.arange(left + 1), np.arange(left + 1)) <= left)
    return np.stack([ones, zeros, left - ones - zeros], axis=-1).astype(np.float64)


def _again(population: Floats, counts: Floats, cases: Floats) -> Floats:
    """The logarithm of the odds of drawing with against without replacement, by make-up."""
    read = counts.sum(axis=0)
    counts = counts[:, None, :]
    with_it = (counts * np.log(np.maximum(cases, 1) / population)).sum(axis=(0, -1))
    without = (gammaln(cases + 1) - gammaln(cases - counts + 1)).sum(axis=(0, -1))
    total = (gammaln(population + 1) - gammaln(population - read + 1)).sum()
    return np.asarray(with_it - without + total)


def _paid(population: Floats, counts: Floats, cases: Floats, weights: Floats, share: Floats) -> Floats:
    """The logarithm of what the wagers paid over what they would pay on average of a make-up."""
    r = np.maximum(share, 1e-9)[:, None, None]
    stake = stakes(r, weights)
    expected = np.log1p(stake * ((1 - r) * cases[0][:, None, :] - r * cases[1][:, None, :]) / population)
    paid = counts[0] * np.log1p(stake * (1 - r)) + counts[1] * np.log1p(-stake * r) - counts.sum(axis=0) * expected
    return np.asarray(logsumexp(paid.sum(axis=-1) + np.log(STAKES), axis=-1))
