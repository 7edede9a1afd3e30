"""The exact interval of a count against R samplingbook, SciPy, and sums over whole numbers."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest

from sampling.hypergeometric import _first_kept, interval
from tests.sampling.lists import references

INTERVALS = references("binomial_ci")


@pytest.mark.parametrize(
    ("k", "n", "population"),
    [
        *[(45, 60, 200), (60, 60, 200), (0, 60, 200), (59, 60, 64)],
        *[(30, 60, 1000), (12, 20, 25), (5, 9, 9), (170, 200, 3000)],
    ],
)
def test_the_exact_interval_is_that_of_samplingbook(k: int, n: int, population: int) -> None:
    expected = INTERVALS[f"finite_{k}_{n}_{population}"]["nr"]["exact"]

    assert list(interval(k, n, population, Fraction("0.95"))) == expected


@pytest.mark.parametrize(
    ("k", "n", "population", "limits"),
    [
        (0, 1_000, 1_000_000, (0, 3_681)),
        (500, 1_000, 1_000_000, (468_564, 531_436)),
        (37, 400, 9_000, (598, 1_121)),
        (2_500, 10_000, 40_000, (9_706, 10_299)),
        (900, 1_000, 1_001, (900, 901)),
    ],
)
def test_the_interval_of_large_samples_is_that_of_scipys_distribution(
    k: int, n: int, population: int, limits: tuple[int, int]
) -> None:
    # By scipy.stats.hypergeom: the counts next to those that leave 2.5% or more in each tail.
    assert interval(k, n, population, Fraction("0.95")) == limits


def chance_of_at_most(k: int, n: int, good: int, population: int) -> Fraction:
    ways = sum(comb(good, x) * comb(population - good, n - x) for x in range(k + 1))
    return Fraction(ways, comb(population, n))


def by_counting(k: int, n: int, population: int, level: Fraction) -> tuple[int, int]:
    """The limits by trying every count in whole numbers."""
    tail = (1 - level) / 2
    possible = range(k, population - n + k + 1)
    kept = [
        good
        for good in possible
        if chance_of_at_most(k, n, good, population) >= tail
        and chance_of_at_most(n - k, n, population - good, population) >= tail
    ]
    return max(kept[0] - 1, possible[0]), min(kept[-1] + 1, possible[-1])


@pytest.mark.parametrize("population", [1, 2, 9, 14, 31])
@pytest.mark.parametrize("level", ["0.8", "0.95"])
def test_the_exact_interval_agrees_with_sums_over_whole_numbers(population: int, level: str) -> None:
    for n in {1, 2, population // 2, population - 1, population} & set(range(1, population + 1)):
        for k in range(n + 1):
            expected = by_counting(k, n, population, Fraction(level))
            assert interval(k, n, population, Fraction(level)) == expected
            for near in ((-3, 40), (expected[0], expected[1]), (population, 0), (k, k)):
                assert interval(k, n, population, Fraction(level), near=near) == expected


@pytest.mark.parametrize("step", [0, Fraction(1, 10**15), Fraction(-1, 10**15)])
def test_a_tail_of_exactly_half_the_error_is_not_rejected_and_one_a_hair_smaller_is(step: Fraction | int) -> None:
    # Levels made so that P(X ≤ 2) is just the tail, which float arithmetic cannot tell.
    for good in range(4, 13):
        level = 1 - 2 * chance_of_at_most(2, 5, good, 15) * (1 + step)
        if 0 < level < 1:
            assert interval(2, 5, 15, level) == by_counting(2, 5, 15, level)
            assert interval(3, 5, 15, level) == by_counting(3, 5, 15, level)


def test_a_good_guess_takes_few_tries_and_a_bad_one_does_no_harm() -> None:
    for first in (0, 1, 700, 999, 1_000):
        for distance in (-1_500, -60, -2, -1, 0, 1, 2, 60, 1_500):
            tried: list[int] = []

            def rejected(count: int, first: int = first, tried: list[int] = tried) -> bool:
                tried.append(count)
                return count < first

            assert _first_kept(rejected, 0, 1_000, first + distance) == first
            assert all(0 <= count <= 1_000 for count in tried)
            assert len(tried) <= 2 * abs(distance).bit_length() + 3
