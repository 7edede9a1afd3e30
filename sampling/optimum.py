"""The arithmetic of allocation: the best sizes within bounds, as real numbers and as whole ones.

All methods minimise Σ a²/n over the strata with Σ n fixed and every n in its bounds; they differ in the measure a only.
Real optimum: n = λ·a cut to the bounds (Stenger and Gabler 2005; stratallo's `opt` gives the same). Whole optimum:
the next case always goes where it lowers the sum most, a²/(n(n+1)) (Wright 2014). All in exact fractions, so that
ties are ties: they go to the larger population, then to the label that comes first by its bytes.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

# Irrational measures (a square root) are compared on this many decimals, so that equal strata tie in spite of rounding.
_DECIMALS = 10**30


@dataclass(frozen=True, slots=True)
class Stratum:
    """One stratum as allocation sees it: its population N, its measure a ≥ 0, and the bounds of its size."""

    label: str
    population: int
    measure: Fraction
    lower: int
    upper: int

    @property
    def precedence(self) -> tuple[int, bytes]:
        """Sorts the strata that win a tie first."""
        return -self.population, self.label.encode()


def real_sizes(strata: Sequence[Stratum], size: int) -> list[Fraction]:
    """The sizes that minimise Σ a²/n in the box, summing to `size`; needs Σ lower ≤ size ≤ Σ upper."""
    low = sum(s.lower for s in strata)
    turns = sorted(
        (Fraction(bound) / s.measure, rank, index)
        for index, s in enumerate(strata)
        if s.measure
        for rank, bound in enumerate((s.lower, s.upper))
    )
    fixed, slope, factor = Fraction(low), Fraction(0), Fraction(0)
    for turn, rank, index in turns:
        if fixed + slope * turn > size:
            factor = (size - fixed) / slope
            break
        stratum = strata[index]
        if rank == 0:
            fixed, slope = fixed - stratum.lower, slope + stratum.measure
        else:
            fixed, slope = fixed + stratum.upper, slope - stratum.measure
        factor = turn
    sizes = [min(max(factor * s.measure, Fraction(s.lower)), Fraction(s.upper)) for s in strata]
    left = size - sum(sizes)
    for index in sorted(range(len(strata)), key=lambda i: strata[i].precedence):
        # What is left, once every measured stratum is full, can only go to strata without measure.
        if not strata[index].measure:
            taken = min(left, strata[index].upper - sizes[index])
            sizes[index] += taken
            left -= taken
    return sizes


def largest_remainder(strata: Sequence[Stratum], sizes: Sequence[Fraction]) -> list[int]:
    """Whole sizes with the same sum: each rounded down, then one more for the largest remainders (bounds stay kept)."""
    scaled = [round(size * _DECIMALS) for size in sizes]
    whole = [value // _DECIMALS for value in scaled]
    left = round(sum(sizes)) - sum(whole)
    by_remainder = sorted(range(len(strata)), key=lambda i: (-(scaled[i] % _DECIMALS), strata[i].precedence))
    for index in by_remainder[:left]:
        whole[index] += 1
    return whole


def whole_sizes(strata: Sequence[Stratum], size: int) -> list[int]:
    """The whole numbers that minimise Σ a²/n in the box: the exact integer optimum.

    A stratum that would have none counts as infinitely bad; where some must, those with the smallest measure do.
    """
    sizes = _certain_start(strata, size)
    left = size - sum(sizes)
    queue = [(*_gain(s, n), i) for i, (s, n) in enumerate(zip(strata, sizes, strict=True)) if n < s.upper]
    heapq.heapify(queue)
    for _ in range(left):
        index = queue[0][-1]
        sizes[index] += 1
        if sizes[index] < strata[index].upper:
            heapq.heapreplace(queue, (*_gain(strata[index], sizes[index]), index))
        else:
            heapq.heappop(queue)
    return sizes


def _gain(stratum: Stratum, n: int) -> tuple[bool, Fraction, tuple[int, bytes]]:
    """What one case more is worth, as a key that sorts the best first."""
    square = stratum.measure**2
    first = n == 0 and square > 0
    return not first, -square if n == 0 else -square / (n * (n + 1)), stratum.precedence


def _certain_start(strata: Sequence[Stratum], size: int) -> list[int]:
    """Sizes that the case-by-case search is sure to pass, a few cases short of its end.

    With threshold 1/λ² a stratum takes every case with a²/(n(n+1)) ≥ 1/λ²: at most one more than λ·a. λ is that of a
    sample smaller by one case a stratum, so the sum cannot pass `size`.
    """
    short = size - len(strata)
    lower = [s.lower for s in strata]
    if short <= sum(lower) or any(not s.measure for s in strata):
        return lower
    real = real_sizes(strata, short)
    inner = [r / s.measure for s, r in zip(strata, real, strict=True) if s.lower < r < s.upper]
    if not inner:
        return lower
    square = inner[0] ** 2
    reach = [(1 + math.isqrt(1 + 4 * math.floor(square * s.measure**2))) // 2 for s in strata]
    return [min(max(n, s.lower), s.upper) for s, n in zip(strata, reach, strict=True)]
