"""Estimates from a checked sample: weighted sums by domain, their variance, and the table of results."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sampling.errors import DesignError, Fault
from sampling.estimation.poststratification import residuals
from sampling.estimation.sample import Sample
from sampling.estimation.variance import Cells, Codes, Floats, Lonely, sums, tally, variance
from sampling.intervals import quantile, wald


@dataclass(frozen=True, slots=True)
class Units:
    """Records that answer, or groups of equal ones: `count` records of one domain, stratum, answer and weight."""

    domain: Codes
    stratum: Codes
    y: Floats
    x: Floats | None
    weight: Floats
    count: Floats
    post: Codes | None = None

    def sum(self, values: Floats, domains: int) -> Floats:
        """The sum over each of so many domains of a value per unit, each as often as it counts."""
        return sums(self.domain, self.count * values, domains)


@dataclass(frozen=True, slots=True)
class Figures:
    """One estimate per domain, with what an interval needs to know of the records under it."""

    units: Units
    cells: Cells
    n: Floats
    estimate: Floats
    variance: Floats
    df: Floats

    @property
    def se(self) -> Floats:
        """The standard error of each domain's estimate."""
        return np.sqrt(self.variance)


def answering(sample: Sample, y: str, x: str | None = None) -> Units:
    """The records with an answer to `y` (and `x`), one unit each."""
    numbers = sample.answers[y]
    there = ~np.isnan(numbers)
    if x is not None:
        there &= ~np.isnan(sample.answers[x])
    rows = slice(None) if there.all() else np.flatnonzero(there)
    return Units(
        domain=sample.domain[rows],
        stratum=sample.stratum[rows],
        y=numbers[rows],
        x=None if x is None else sample.answers[x][rows],
        weight=sample.weight[rows],
        count=np.ones(int(there.sum())),
        post=None if sample.post is None else sample.post[rows],
    )


def answering_in_groups(sample: Sample, y: str) -> Units:
    """The same for answers of 0 and 1 and one weight per stratum: one unit per domain, stratum and answer."""
    if sample.own_weight is not None:
        return answering(sample, y)
    numbers, strata = sample.answers[y], max(len(sample.strata.size), 1)
    codes = sample.domain * (3 * strata)
    codes += sample.stratum * 3
    codes += np.where(np.isnan(numbers), 2, numbers == 1)
    distinct, count = tally(codes)
    kept = distinct % 3 != 2
    cell, answer = distinct[kept] // 3, (distinct[kept] % 3).astype(np.float64)
    stratum = cell % strata
    return Units(cell // strata, stratum, answer, None, sample.strata.weight[stratum], count[kept])


def figures(sample: Sample, units: Units, lonely: Lonely, *, total: bool = False) -> Figures:
    """Total, or else mean or ratio, of every domain, with its variance and degrees of freedom."""
    domains, w, y = sample.domains, units.weight, units.y
    n = units.sum(np.ones(len(y)), domains)
    cells = Cells.of(units.domain, units.stratum, len(sample.strata.size))
    df = n - np.bincount(cells.domain, minlength=domains)
    divisor = np.ones(domains)
    x = np.zeros(len(y))
    if not total:
        x = np.ones(len(y)) if units.x is None else units.x
        divisor = units.sum(w * x, domains)
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = units.sum(w * y, domains) / divisor
        magnitude = units.sum(np.abs(w * y), domains) / np.abs(divisor)
        z = w * (y - estimate[units.domain] * x) / divisor[units.domain]
    spread = variance(
        *_carried(sample, units, cells, z),
        domains=domains,
        strata=sample.strata,
        lonely=lonely,
        magnitude=magnitude,
    )
    nothing = n == 0
    return Figures(
        units,
        cells,
        n,
        np.where(nothing, np.nan, estimate),
        np.where(nothing | ~np.isfinite(estimate), np.nan, spread),
        np.where(nothing, np.nan, df),
    )


def _carried(sample: Sample, units: Units, cells: Cells, z: Floats) -> tuple[Cells, Floats, Floats]:
    """The values whose variance is wanted: as they are, or what post-stratification leaves of them."""
    if units.post is None or sample.post is None or sample.post_population is None:
        return cells, z, units.count
    return residuals(
        domain=units.domain,
        stratum=units.stratum,
        post=units.post,
        z=z,
        all_strata=sample.stratum,
        all_posts=sample.post,
        weight=sample.weight,
        known=sample.post_population,
        domains=sample.domains,
        strata=len(sample.strata.size),
    )


def result(sample: Sample, found: Figures, lower: Floats, upper: Floats) -> pd.DataFrame:
    """The table handed back: the `by` columns, then n, estimate, se, lower, upper, df."""
    table = sample.labels.copy()
    table["n"] = found.n.astype(np.int64)
    table["estimate"] = found.estimate
    table["se"] = found.se
    table["lower"] = lower
    table["upper"] = upper
    table["df"] = found.df
    return table


def with_student_limits(sample: Sample, found: Figures, confidence: float, df: float | None) -> pd.DataFrame:
    """Estimate ± t standard errors; NaN where no degree of freedom is left."""
    width = quantile(confidence, found.df if df is None else df)
    lower, upper = wald(found.estimate, found.se, width)
    return result(sample, found, lower, upper)


def check_options(confidence: float, lonely: str, method: str | None = None, methods: tuple[str, ...] = ()) -> None:
    """Raise `DesignError` for options that no estimate can use, all at once."""
    faults = []
    if not 0 < confidence < 1:
        faults.append(Fault(None, None, str(confidence), f"confidence is a fraction such as 0.90, not {confidence}"))
    if lonely not in ("adjust", "average", "remove"):
        faults.append(Fault(None, None, str(lonely), f"lonely is adjust, average or remove, not {lonely!r}"))
    if methods and method not in methods:
        faults.append(Fault(None, None, str(method), f"the method is {', '.join(methods)}, not {method!r}"))
    if faults:
        raise DesignError(faults)
