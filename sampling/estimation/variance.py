"""Variance of linearised totals by domain, for stratified samples without replacement.

The method is Taylor linearisation as in R `survey` (`svyrecvar`, single stage): each record carries the value that it
adds to the estimate, z; a domain's variance is Σ_h (1 − n_h/N_h)·n_h/(n_h − 1)·Σ(z − z̄_h)², where records of the
stratum outside the domain count with z = 0. Everything is computed for all domains at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Lonely = Literal["adjust", "average", "remove"]

# A stratum read but for less than this share counts as fully read (R survey's own bound).
_FULLY_READ = 1e-7
# A standard error below this share of the estimate's own size is what rounding leaves of zero.
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Strata:
    """The strata as drawn: records in the table, and cases in the population (infinite where not stated)."""

    size: Floats
    population: Floats

    @property
    def unread(self) -> Floats:
        """1 − n/N: the finite population correction."""
        return 1 - self.size / self.population

    @property
    def weight(self) -> Floats:
        """Cases that one record stands for; 1 where the population is not stated."""
        return np.where(np.isinf(self.population), 1.0, self.population / self.size)

    @property
    def fully_read(self) -> NDArray[np.bool_]:
        """Of each stratum, whether every case of it was read."""
        return self.unread < _FULLY_READ


@dataclass(frozen=True, slots=True)
class Cells:
    """Where domains and strata meet: one entry per pair that holds a record, and which entry each unit belongs to."""

    domain: Codes
    stratum: Codes
    of_unit: Codes

    @classmethod
    def of(cls, domain: Codes, stratum: Codes, strata: int) -> Cells:
        """The cells of units, given the domain and the stratum of each, of so many strata."""
        codes, of_unit = compress(domain * strata + stratum)
        return cls(codes // max(strata, 1), codes % max(strata, 1), of_unit)

    def add(self, values: Floats) -> Floats:
        """Sum of a value per unit over each cell."""
        return sums(self.of_unit, values, len(self.domain))


def sums(codes: Codes, values: Floats, groups: int) -> Floats:
    """Sum of the values of each code."""
    return np.bincount(codes, weights=values, minlength=groups).astype(np.float64, copy=False)


def tally(codes: Codes) -> tuple[Codes, Floats]:
    """The distinct codes in order, and how often each occurs."""
    if len(codes) and int(codes.max()) <= 4 * len(codes) + 65_536:
        counts = np.bincount(codes)
        distinct = np.flatnonzero(counts)
        return distinct, counts[distinct].astype(np.float64)
    distinct, counts = np.unique(codes, return_counts=True)
    return distinct, counts.astype(np.float64)


def compress(codes: Codes) -> tuple[Codes, Codes]:
    """The distinct codes in order, and for each entry its place among them."""
    if not len(codes):
        return codes, codes
    top = int(codes.max()) + 1
    if top > 4 * len(codes) + 65_536:
        distinct, place = np.unique(codes, return_inverse=True)
        return distinct, place.astype(np.int64)
    distinct = np.flatnonzero(np.bincount(codes, minlength=top))
    if len(distinct) == top:
        return distinct, codes
    lookup = np.empty(top, dtype=np.int64)
    lookup[distinct] = np.arange(len(distinct))
    return distinct, lookup[codes]


def variance(
    cells: Cells, z: Floats, count: Floats, *, domains: int, strata: Strata, lonely: Lonely, magnitude: Floats
) -> Floats:
    """Variance of Σ count·z in each domain; rounding is judged against `magnitude`, the estimate's own size."""
    n, unread = strata.size[cells.stratum], strata.unread[cells.stratum]
    records = cells.add(count)
    total = cells.add(count * z)
    mean = total / n
    squares = cells.add(count * np.square(z - mean[cells.of_unit])) + (n - records) * np.square(mean)
    single = n == 1
    # A fully read stratum adds nothing, even one of a single case.
    waiting = single & ~strata.fully_read[cells.stratum]
    part = np.where(strata.fully_read[cells.stratum], 0.0, unread * n / np.where(single, 1, n - 1) * squares)
    part = np.where(single, 0.0, part)
    if lonely == "adjust":
        centre = _per_domain(cells, total, domains) / np.maximum(_per_domain(cells, n, domains), 1)
        part = np.where(waiting, unread * np.square(total - centre[cells.domain]), part)
    result = _per_domain(cells, part, domains)
    if lonely == "average":
        touched = np.bincount(cells.domain, minlength=domains).astype(np.float64)
        known = touched - _per_domain(cells, waiting.astype(np.float64), domains)
        with np.errstate(divide="ignore", invalid="ignore"):
            result = np.where(touched == known, result, np.where(known > 0, result * touched / known, np.nan))
    return np.where(np.sqrt(result) <= _ROUNDING * magnitude, 0.0, result)


def _per_domain(cells: Cells, values: Floats, domains: int) -> Floats:
    return sums(cells.domain, values, domains)
