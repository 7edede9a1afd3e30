"""The exact, equal-tailed interval for a count in a finite population: the hypergeometric tails, inverted.

The convention is that of R `samplingbook::Sprop`, whose values are the reference: each limit is the first count K that
the sample rejects (a tail below α/2), or the last that the cases read allow, whichever is nearer.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np

_NEGLIGIBLE_SD = 14  # beyond this many binomial standard deviations from the mode a term is under 1e-40 of it
_DOUBT = 1e-10  # nearer than this to α/2, relatively, the sum is done again in whole numbers


def interval(
    k: int, n: int, population: int, confidence: Fraction, *, near: tuple[int, int] | None = None
) -> tuple[int, int]:
    """The limits of K when k of n read are good; `near` is a guess at them that saves time.

    >>> interval(60, 60, 200, Fraction("0.95"))
    (189, 200)
    """
    tail = (1 - confidence) / 2
    guess, mirrored = (None, None) if near is None else (near[0], population - near[1])
    lower = _lower(k, n, population, tail, guess)
    return lower, population - _lower(n - k, n, population, tail, mirrored)


def _lower(k: int, n: int, population: int, tail: Fraction, near: int | None) -> int:
    kept = _first_kept(
        lambda good: _tail_below(n - k, n, population - good, population, tail), k, population - n + k, near
    )
    return max(kept - 1, k)


def _first_kept(rejected: Callable[[int], bool], low: int, high: int, near: int | None) -> int:
    """The first whole number in low..high that is not rejected, where the rejected ones all come first."""
    if near is not None:
        near = min(max(near, low), high)
        step = 1
        if rejected(near):
            low = near
            while low + step < high and rejected(low + step):
                low, step = low + step, step * 2
            low, high = low + 1, min(low + step, high)
        else:
            high = near
            while high - step > low and not rejected(high - step):
                high, step = high - step, step * 2
            low = max(high - step, low)
    while low < high:
        middle = (low + high) // 2
        if rejected(middle):
            low = middle + 1
        else:
            high = middle
    return low


def _tail_below(k: int, n: int, good: int, population: int, tail: Fraction) -> bool:
    """Whether P(X ≤ k) is below `tail`, X counting the good among n drawn from `population` with `good`."""
    chance, bound = _at_most(k, n, good, population), float(tail)
    if abs(chance - bound) > _DOUBT * bound:
        return chance < bound
    ways = sum(math.comb(good, x) * math.comb(population - good, n - x) for x in range(k + 1))
    return Fraction(ways, math.comb(population, n)) < tail


def _at_most(k: int, n: int, good: int, population: int) -> float:
    """P(X ≤ k), by ratios of neighbouring terms outward from the mode (no logarithm of a large factorial)."""
    least, most = max(0, n + good - population), min(n, good)
    mode = min(max(((n + 1) * (good + 1)) // (population + 2), least), most)
    share = good / population
    reach = int(_NEGLIGIBLE_SD * math.sqrt(n * share * (1 - share))) + 60
    first, last = max(least, mode - reach), min(most, mode + reach)
    if k < first:
        return 0.0
    up = np.arange(mode, last, dtype=float)
    down = np.arange(mode, first, -1, dtype=float)
    rising = np.cumprod((good - up) * (n - up) / ((up + 1) * (population - good - n + up + 1)))
    falling = np.cumprod(down * (population - good - n + down) / ((good - down + 1) * (n - down + 1)))
    terms = np.concatenate([falling[::-1], [1.0], rising])
    return float(terms[: k - first + 1].sum() / terms.sum())
