"""Selections other than by ticket alone, in exact whole numbers: systematic, and with probability proportional to size.

Both take the cases in which the points (u + i)·M/n fall, i = 0…n−1, when the cases are laid end to end, each as long as
its size (1 when systematic; M is their sum), and u comes from the seed. PPS lays them in ticket order, which is random:
that is randomised systematic sampling (Hartley and Rao 1962), whose variance `hartley_rao_variance` estimates.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction
from hashlib import sha256
from itertools import accumulate

import numpy as np
from numpy.typing import ArrayLike

_ONE = 1 << 64


def random_start(seed: str, label: str) -> int:
    """u·2^64: the first 16 hexadecimal digits of SHA-256 of `seed|start|label`, as a whole number."""
    return int(sha256(f"{seed}|start|{label}".encode()).hexdigest()[:16], 16)


def points(start: int, n: int, lengths: Sequence[int] | None, population: int) -> list[int]:
    """The indexes of the cases in which the n points fall, `start` being u·2^64; `lengths` of None are all 1."""
    if not n:
        return []
    total = population if lengths is None else sum(lengths)
    falls = [(start + i * _ONE) * total // (n * _ONE) for i in range(n)]
    if lengths is None:
        return falls
    ends = list(accumulate(lengths))
    return [bisect_right(ends, fall) for fall in falls]


def inclusion_probabilities(sizes: Sequence[int], n: int) -> list[Fraction]:
    """π = n·size/Σ size; a case whose share reaches 1 is certain, and the rest share what is left, until none does.

    >>> [float(p) for p in inclusion_probabilities([2, 2, 3, 5, 8, 100], 3)]
    [0.2, 0.2, 0.3, 0.5, 0.8, 1.0]
    """
    left, total = n, sum(sizes)
    by_size = sorted(range(len(sizes)), key=lambda i: -sizes[i])
    certain = 0
    while left and left * sizes[by_size[certain]] >= total:
        # The largest first: once it is no longer certain, no smaller one is.
        left, total, certain = left - 1, total - sizes[by_size[certain]], certain + 1
    chosen = set(by_size[:certain])
    return [Fraction(1) if i in chosen else Fraction(left * size, total) for i, size in enumerate(sizes)]


def pps(start: int, sizes: Sequence[int], n: int) -> tuple[list[int], list[Fraction]]:
    """The indexes selected, in the order given, and every case's inclusion probability."""
    chances = inclusion_probabilities(sizes, n)
    certain = [i for i, chance in enumerate(chances) if chance == 1]
    rest = [i for i, chance in enumerate(chances) if chance < 1]
    taken = points(start, n - len(certain), [sizes[i] for i in rest], len(rest))
    return sorted([*certain, *(rest[i] for i in taken)]), chances


def hartley_rao_variance(y: ArrayLike, chances: ArrayLike, sum_of_squares: float) -> float:
    """The variance of the total Σ y/π of a PPS sample; `sum_of_squares` is Σ π² over the whole stratum.

    Hartley and Rao (1962), which replaces the joint probabilities by their approximation to order N⁻⁴ for cases in
    random order: Σ_{k<l} (1 − π_k − π_l + Σπ²/n)·(y_k/π_k − y_l/π_l)² / (n − 1). Certain cases add nothing and are to
    be left out of all three.
    """
    values, pi = np.asarray(y, dtype=float), np.asarray(chances, dtype=float)
    n = len(values)
    if n < 2:
        return np.nan
    expanded = values / pi
    factor = 1 - pi[:, None] - pi[None, :] + sum_of_squares / n
    return float((factor * (expanded[:, None] - expanded[None, :]) ** 2).sum() / 2 / (n - 1))
