"""Shares of cases, and the interval that stands beside each.

The intervals are those of R survey's `svyciprop` (`sampling.intervals`), the exact ones where these break down:
docs/method/estimation.md.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from sampling import intervals
from sampling.estimation.figures import Figures, answering_in_groups, check_options, figures, result
from sampling.estimation.sample import Columns, Sample, read_sample
from sampling.estimation.variance import Lonely

Method = Literal["logit", "beta", "wilson", "wald"]
METHODS: tuple[Method, ...] = ("logit", "beta", "wilson", "wald")

# The narrowest that held 90% on average at every size, population, share and design simulated
# (docs/method/estimation.md).
DEFAULT: Method = "logit"


def estimate_share(
    table: pd.DataFrame,
    y: str,
    *,
    stratum: Columns = None,
    population: str | None = None,
    by: Columns = None,
    confidence: float = 0.90,
    method: Method = DEFAULT,
    lonely: Lonely = "adjust",
    post: Columns = None,
    post_population: str | None = None,
) -> pd.DataFrame:
    """The weighted share of 1 among the cases with an answer, by domain, with a confidence interval.

    One row per sampled case; a blank `y` is outside the domain and stays in its stratum's count. `population` is the N
    of the row's stratum; without it weights are 1. `confidence` and all shares are 0–1. The result has the `by`
    columns, then n, estimate, se, lower, upper and df, sorted; a domain without an answer is a row of NaN.
    Intervals are those of R survey's `svyciprop` (`logit` its xlogit, `wald` its mean); where they break down, at
    shares of 0 and 1 above all, exact ones stand in: see `share_limits`. Raises `DesignError` with every fault.
    """
    check_options(confidence, lonely, method, METHODS)
    sample = read_sample(
        table,
        [y],
        stratum=stratum,
        population=population,
        by=by,
        binary=True,
        post=post,
        post_population=post_population,
    )
    return shares(sample, y, confidence, method, lonely)


def shares(
    sample: Sample, y: str, confidence: float, method: Method, lonely: Lonely, df: float | None = None
) -> pd.DataFrame:
    """`estimate_share` on a checked sample, with its own weights; `df` replaces the degrees of freedom."""
    found = figures(sample, answering_in_groups(sample, y), lonely)
    lower, upper = share_limits(sample, found, confidence, method, df)
    return result(sample, found, lower, upper)


def share_limits(
    sample: Sample, found: Figures, confidence: float, method: Method, df: float | None = None
) -> intervals.Limits:
    """The interval by `method`, and an exact one where that has no finite limits or no width.

    Then: the point, where every stratum touched was read in full; the hypergeometric limits, where the domain is one
    whole stratum of known size; otherwise Clopper and Pearson's on the effective number of records, (Σw)²/Σw².
    """
    share, se, n = found.estimate, found.se, found.n
    freedom = found.df if df is None else np.full(len(n), df)
    width = intervals.quantile(confidence, freedom)
    with np.errstate(divide="ignore", invalid="ignore"):
        effective = share * (1 - share) / found.variance
        if method == "logit":
            lower, upper = intervals.logit(share, se, width)
        elif method == "wilson":
            lower, upper = intervals.wilson(share, effective, width)
        elif method == "beta":
            # Korn and Graubard's correction for the degrees of freedom, as svyciprop has it.
            effective = effective * np.square(
                intervals.quantile(confidence, n - 1) / intervals.quantile(confidence, found.df)
            )
            lower, upper = intervals.clopper_pearson(effective * share, effective, confidence)
        else:
            lower, upper = intervals.wald(share, se, width)
    broken = (n > 0) & ~((se > 0) & np.isfinite(lower) & np.isfinite(upper) & (lower < upper))
    if broken.any():
        exact_lower, exact_upper = _exact_limits(sample, found, confidence, broken)
        lower, upper = lower.copy(), upper.copy()
        lower[broken], upper[broken] = exact_lower, exact_upper
    return lower, upper


def _exact_limits(
    sample: Sample, found: Figures, confidence: float, broken: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> intervals.Limits:
    domains, units, cells, strata = sample.domains, found.units, found.cells, sample.strata
    touched = np.bincount(cells.domain, minlength=domains)
    unread = np.bincount(cells.domain, weights=~strata.fully_read[cells.stratum], minlength=domains)
    drawn = np.bincount(cells.domain, weights=strata.size[cells.stratum], minlength=domains)[broken]
    known = np.zeros(domains)
    known[cells.domain] = strata.population[cells.stratum]
    weights = units.sum(units.weight, domains)[broken]
    effective = np.square(weights) / units.sum(np.square(units.weight), domains)[broken]
    share, n, known = found.estimate[broken], found.n[broken], known[broken]
    lower, upper = intervals.clopper_pearson(effective * share, effective, confidence)
    whole = (touched[broken] == 1) & (drawn == n) & np.isfinite(known)
    if whole.any():
        ones = units.sum(units.y, domains)[broken]
        lower[whole], upper[whole] = intervals.hypergeometric(ones[whole], n[whole], known[whole], confidence)
    read = unread[broken] == 0
    return np.where(read, share, lower), np.where(read, share, upper)
