"""The limits again, from every whole number of ones and zeros that each stratum could have, one at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import inf, log

from scipy.special import gammaln, logsumexp

from sampling.evidence import ODDS, STAKES

Stratum = tuple[int, int, int, int]  # population, ones, zeros, blanks
MakeUp = Sequence[tuple[float, float]]  # ones and zeros of each stratum
Weights = Sequence[float] | None  # of each stratum; None: all alike
MOST = 0.98


def weights_of(strata: Sequence[Stratum], planned: Sequence[int]) -> list[float]:
    """N over the planned n of each stratum, 1 on average of the planned records; a plan of none counts as one."""
    stands_for = [cases / max(n, 1) for (cases, *_), n in zip(strata, planned, strict=True)]
    mean = sum(each * n for each, n in zip(stands_for, planned, strict=True)) / sum(planned)
    return [each / mean for each in stands_for]


def limits(strata: Sequence[Stratum], alpha: float, weights: Weights = None) -> tuple[float, float]:
    """The least and the greatest share whose evidence stays below 2 / alpha on either side."""
    kept = [
        share
        for make_up in make_ups(strata)
        if (share := _share(make_up)) is not None
        and evidence(strata, make_up, share, weights) < log(2 / alpha)
        and evidence(_turned(strata), [(zeros, ones) for ones, zeros in make_up], 1 - share, weights) < log(2 / alpha)
    ]
    return min(kept), max(kept)


def least_evidence(strata: Sequence[Stratum], share: float, *, parts: int = 1, weights: Weights = None) -> float:
    """The least evidence against at most `share` over every make-up of it, each wager at its own worst.

    `parts` of a case are moved at a time; 1 leaves whole cases.
    """
    possible = [each for each in make_ups(strata, parts=parts) if _is_at_most(each, share)]
    wagers = [min((_wager(strata, each, share, odds, weights) for each in possible), default=inf) for odds in ODDS]
    return float(logsumexp([each + log(stake) for each, stake in zip(wagers, STAKES, strict=True)]))


def evidence(strata: Sequence[Stratum], make_up: MakeUp, share: float, weights: Weights = None) -> float:
    """The logarithm of the evidence against one make-up of the list."""
    wagers = [_wager(strata, make_up, share, odds, weights) for odds in ODDS]
    return float(logsumexp([each + log(stake) for each, stake in zip(wagers, STAKES, strict=True)]))


def make_ups(strata: Sequence[Stratum], *, parts: int = 1) -> Iterator[MakeUp]:
    """Every number of ones and of zeros in each stratum that what was read allows."""
    return product(*(_of_one(each, parts) for each in strata))


def _of_one(stratum: Stratum, parts: int) -> list[tuple[float, float]]:
    cases, ones, zeros, blanks = stratum
    unread = (cases - ones - zeros - blanks) * parts
    return [
        (ones + good / parts, zeros + poor / parts) for good in range(unread + 1) for poor in range(unread - good + 1)
    ]


def _wager(strata: Sequence[Stratum], make_up: MakeUp, share: float, odds: float, weights: Weights) -> float:
    r = max(share, 1e-9)
    ratio = 2.718281828459045**odds
    total = 0.0
    for (cases, ones, zeros, blanks), (k, m), weight in zip(
        strata, make_up, weights or [1.0] * len(strata), strict=True
    ):
        stake = min((ratio - 1) / (1 + r * (ratio - 1)) * weight, MOST / r)
        rest, read = cases - k - m, ones + zeros + blanks
        paid = ones * log(1 + stake * (1 - r)) + zeros * log(1 - stake * r)
        expected = 1 + stake * ((1 - r) * k - r * m) / cases
        again = sum(count * log(of / cases) for count, of in ((ones, k), (zeros, m), (blanks, rest)) if count)
        without = sum(_log_falling(of, count) for count, of in ((ones, k), (zeros, m), (blanks, rest)))
        total += paid - read * log(expected) + again - without + _log_falling(cases, read)
    return total


def _log_falling(of: float, take: int) -> float:
    return float(gammaln(of + 1) - gammaln(of - take + 1))


def _share(make_up: MakeUp) -> float | None:
    ones, zeros = sum(k for k, _ in make_up), sum(m for _, m in make_up)
    return ones / (ones + zeros) if ones + zeros else None


def _is_at_most(make_up: MakeUp, share: float) -> bool:
    ones, zeros = sum(k for k, _ in make_up), sum(m for _, m in make_up)
    return (1 - share) * ones <= share * zeros + 1e-9


def _turned(strata: Sequence[Stratum]) -> list[Stratum]:
    return [(cases, zeros, ones, blanks) for cases, ones, zeros, blanks in strata]
