"""The limits again, from every whole number of ones and zeros that each stratum could have, one at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import inf, log

from scipy.special import gammaln, logsumexp

from sampling.evidence import ODDS, STAKES

Stratum = tuple[int, int, int, int]  # population, ones, zeros, blanks
MOST = 0.98


def limits(strata: Sequence[Stratum], alpha: float) -> tuple[float, float]:
    """The least and the greatest share whose evidence stays below 2 / alpha on either side."""
    kept = [
        share
        for make_up in make_ups(strata)
        if (share := _share(make_up)) is not None
        and evidence(strata, make_up, share) < log(2 / alpha)
        and evidence(_turned(strata), [(zeros, ones) for ones, zeros in make_up], 1 - share) < log(2 / alpha)
    ]
    return min(kept), max(kept)


def least_evidence(strata: Sequence[Stratum], share: float) -> float:
    """The least evidence against at most `share` over every make-up of it, each wager at its own worst."""
    wagers = [
        min((_wager(strata, each, share, odds) for each in make_ups(strata) if _is_at_most(each, share)), default=inf)
        for odds in ODDS
    ]
    return float(logsumexp([each + log(stake) for each, stake in zip(wagers, STAKES, strict=True)]))


def evidence(strata: Sequence[Stratum], make_up: Sequence[tuple[int, int]], share: float) -> float:
    """The logarithm of the evidence against one make-up of the list."""
    wagers = [_wager(strata, make_up, share, odds) for odds in ODDS]
    return float(logsumexp([each + log(stake) for each, stake in zip(wagers, STAKES, strict=True)]))


def make_ups(strata: Sequence[Stratum]) -> Iterator[tuple[tuple[int, int], ...]]:
    """Every number of ones and of zeros in each stratum that what was read allows."""
    return product(
        *(
            [(k, m) for k in range(ones, cases - zeros - blanks + 1) for m in range(zeros, cases - blanks - k + 1)]
            for cases, ones, zeros, blanks in strata
        )
    )


def _wager(strata: Sequence[Stratum], make_up: Sequence[tuple[int, int]], share: float, odds: float) -> float:
    r = max(share, 1e-9)
    ratio = 2.718281828459045**odds
    stake = min((ratio - 1) / (1 + r * (ratio - 1)), MOST / r)
    total = 0.0
    for (cases, ones, zeros, blanks), (k, m) in zip(strata, make_up, strict=True):
        rest, read = cases - k - m, ones + zeros + blanks
        paid = ones * log(1 + stake * (1 - r)) + zeros * log(1 - stake * r)
        expected = 1 + stake * ((1 - r) * k - r * m) / cases
        again = sum(count * log(of / cases) for count, of in ((ones, k), (zeros, m), (blanks, rest)) if count)
        without = sum(_log_falling(of, count) for count, of in ((ones, k), (zeros, m), (blanks, rest)))
        total += paid - read * log(expected) + again - without + _log_falling(cases, read)
    return total


def _log_falling(of: int, take: int) -> float:
    return float(gammaln(of + 1) - gammaln(of - take + 1))


def _share(make_up: Sequence[tuple[int, int]]) -> float | None:
    ones, zeros = sum(k for k, _ in make_up), sum(m for _, m in make_up)
    return ones / (ones + zeros) if ones + zeros else None


def _is_at_most(make_up: Sequence[tuple[int, int]], share: float) -> bool:
    ones, zeros = sum(k for k, _ in make_up), sum(m for _, m in make_up)
    return (1 - share) * ones <= share * zeros + 1e-9


def _turned(strata: Sequence[Stratum]) -> list[Stratum]:
    return [(cases, zeros, ones, blanks) for cases, ones, zeros, blanks in strata]
