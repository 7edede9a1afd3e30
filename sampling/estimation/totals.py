"""Means, totals and ratios, with t intervals: R survey's `svymean`, `svytotal` and `svyratio`."""

from __future__ import annotations

import pandas as pd

from sampling.errors import DesignError
from sampling.estimation.figures import answering, check_options, figures, with_student_limits
from sampling.estimation.sample import Columns, read_sample
from sampling.estimation.variance import Lonely


def estimate_mean(
    table: pd.DataFrame,
    y: str,
    *,
    stratum: Columns = None,
    population: str | None = None,
    by: Columns = None,
    confidence: float = 0.90,
    lonely: Lonely = "adjust",
    post: Columns = None,
    post_population: str | None = None,
) -> pd.DataFrame:
    """The weighted mean of `y` over the cases with an answer, by domain; rows and columns as in `estimate_share`.

    Limits are t on the degrees of freedom of the domain (records less strata touched), NaN where none is left. Raises
    `DesignError` likewise.
    """
    check_options(confidence, lonely)
    sample = read_sample(
        table, [y], stratum=stratum, population=population, by=by, post=post, post_population=post_population
    )
    return with_student_limits(sample, figures(sample, answering(sample, y), lonely), confidence, None)


def estimate_total(
    table: pd.DataFrame,
    y: str,
    *,
    stratum: Columns = None,
    population: str | None = None,
    by: Columns = None,
    confidence: float = 0.90,
    lonely: Lonely = "adjust",
    post: Columns = None,
    post_population: str | None = None,
) -> pd.DataFrame:
    """The weighted total of `y`, by domain, as in `estimate_mean`; without `population` `DesignError` is raised."""
    check_options(confidence, lonely)
    if population is None:
        raise DesignError("a total needs the number of cases in each stratum: name the column in population")
    sample = read_sample(
        table, [y], stratum=stratum, population=population, by=by, post=post, post_population=post_population
    )
    return with_student_limits(sample, figures(sample, answering(sample, y), lonely, total=True), confidence, None)


def estimate_ratio(
    table: pd.DataFrame,
    y: str,
    x: str,
    *,
    stratum: Columns = None,
    population: str | None = None,
    by: Columns = None,
    confidence: float = 0.90,
    lonely: Lonely = "adjust",
    post: Columns = None,
    post_population: str | None = None,
) -> pd.DataFrame:
    """The weighted total of `y` over that of `x`, among the cases with both, by domain, as in `estimate_mean`."""
    check_options(confidence, lonely)
    sample = read_sample(
        table, [y, x], stratum=stratum, population=population, by=by, post=post, post_population=post_population
    )
    return with_student_limits(sample, figures(sample, answering(sample, y, x), lonely), confidence, None)
