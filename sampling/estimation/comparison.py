"""Differences between two groups of one table: domains, or rounds stacked in one table.

The two means are linearised together (`sampling.estimation.variance`), so that what they share counts; limits are t's,
or Newcombe's (1998, method 10) of the exact ones where t's have no width. Of rounds: `sampling.estimation.overlap`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sampling.errors import DesignError
from sampling.estimation.figures import answering, check_options, figures
from sampling.estimation.overlap import covariance
from sampling.estimation.sample import Columns, Sample, read_sample
from sampling.estimation.shares import share_limits
from sampling.estimation.variance import Cells, Floats, Lonely, sums, variance
from sampling.intervals import Limits, difference, quantile, wald


def compare(
    table: pd.DataFrame,
    y: str,
    *,
    group: str,
    a: object,
    b: object,
    stratum: Columns = None,
    population: str | None = None,
    by: Columns = None,
    confidence: float = 0.90,
    lonely: Lonely = "adjust",
    case: str | None = None,
) -> pd.DataFrame:
    """The mean (or share) of `y` in group `a` less that in group `b`, by domain, with their covariance.

    Table and arguments as in `estimate_share`. Rows in neither group stay in their stratum's count. The result has the
    `by` columns, then n_a, n_b, estimate, se, lower, upper and df; t limits on the records of the two groups less the
    strata they touch. Where these have no width though not every case was read, as when all of both groups are 1, the
    limits of a difference of shares are made of the exact ones of each. A domain that lacks one of the groups is a row
    of NaN. Rounds are stacked with the round in `stratum` and `group`; they count as independent unless `case` names
    the column that tells the same case in both, drawn by the same permanent tickets. Raises `DesignError` with every
    fault.
    """
    check_options(confidence, lonely)
    if group not in table.columns:
        raise DesignError(f"the table has no column {group}")
    if a == b:
        raise DesignError(f"a comparison needs two different groups, not {a!r} twice")
    sample = read_sample(table, [y], stratum=stratum, population=population, by=by)
    domains = sample.domains
    side = np.where(_is(table[group], a), 0, np.where(_is(table[group], b), 1, 2))
    rows = np.flatnonzero(~np.isnan(sample.answers[y]) & (side < 2))
    w, numbers = sample.weight[rows], sample.answers[y][rows]
    place = sample.domain[rows] * 2 + side[rows]
    n = np.bincount(place, minlength=2 * domains)
    with np.errstate(invalid="ignore"):
        weights = sums(place, w, 2 * domains)
        mean = sums(place, w * numbers, 2 * domains) / weights
        magnitude = sums(place, w * np.abs(numbers), 2 * domains) / weights
    z = np.zeros(len(table))
    z[rows] = np.where(side[rows] == 0, 1.0, -1.0) * w * (numbers - mean[place]) / weights[place]
    cells = Cells.of(sample.domain[rows], sample.stratum[rows], len(sample.strata.size))
    spread = variance(
        cells,
        z[rows],
        np.ones(len(rows)),
        domains=domains,
        strata=sample.strata,
        lonely=lonely,
        magnitude=magnitude[::2] + magnitude[1::2],
    )
    if case is not None:
        spread = np.maximum(spread + 2 * _in_common(table, case, sample, side, z), 0.0)
    both = (n[::2] > 0) & (n[1::2] > 0)
    estimate = np.where(both, mean[::2] - mean[1::2], np.nan)
    se = np.where(both, np.sqrt(spread), np.nan)
    df = np.where(both, n[::2] + n[1::2] - np.bincount(cells.domain, minlength=domains), np.nan)
    lower, upper = wald(estimate, se, quantile(confidence, df))
    flat = (se == 0) & (df > 0)
    if flat.any() and np.isin(numbers, (0, 1)).all():
        exact_lower, exact_upper = _exact_limits(sample, y, side, confidence, lonely)
        lower, upper = np.where(flat, exact_lower, lower), np.where(flat, exact_upper, upper)
    found = sample.labels.copy()
    found["n_a"], found["n_b"] = n[::2], n[1::2]
    found["estimate"], found["se"], found["lower"], found["upper"], found["df"] = estimate, se, lower, upper, df
    return found


def _exact_limits(sample: Sample, y: str, side: NDArray[np.int64], confidence: float, lonely: Lonely) -> Limits:
    """The limits of a difference of shares from those of the shares, by domain."""
    groups = replace(
        sample,
        domain=np.where(side < 2, sample.domain * 2 + side, 0),
        labels=pd.DataFrame(index=pd.RangeIndex(2 * sample.domains)),
        answers={y: np.where(side < 2, sample.answers[y], np.nan)},
    )
    found = figures(groups, answering(groups, y), lonely)
    lower, upper = share_limits(groups, found, confidence, "logit")
    share = found.estimate
    return difference((share[::2], lower[::2], upper[::2]), (share[1::2], lower[1::2], upper[1::2]))


def _in_common(table: pd.DataFrame, case: str, sample: Sample, side: NDArray[np.int64], z: Floats) -> Floats:
    """The covariance through the cases that both groups read."""
    if case not in table.columns:
        raise DesignError(f"the table has no column {case}")
    first, second = np.flatnonzero(side == 0), np.flatnonzero(side == 1)
    if np.intersect1d(sample.stratum[first], sample.stratum[second]).size:
        raise DesignError("a stratum holds cases of both rounds: put the round in stratum as well")
    codes = pd.factorize(table[case])[0]
    for rows in (first, second):
        known = codes[rows][codes[rows] >= 0]
        if len(np.unique(known)) < len(known):
            raise DesignError(f"{case}: a case stands twice in one round")
    first, second = first[codes[first] >= 0], second[codes[second] >= 0]
    _, at_first, at_second = np.intersect1d(codes[first], codes[second], return_indices=True)
    return covariance(
        first[at_first],
        second[at_second],
        stratum=sample.stratum,
        strata=sample.strata,
        domain=sample.domain,
        z=z,
        domains=sample.domains,
    )


def _is(column: pd.Series, value: object) -> NDArray[np.bool_]:
    """Rows whose value is this one; a blank is neither."""
    return (column == value).fillna(False).to_numpy(dtype=bool)
