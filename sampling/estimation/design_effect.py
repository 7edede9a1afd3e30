"""What the design costs or saves: variance against that of a simple random sample of the same size.

As R survey's `svymean(deff=TRUE)`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sampling.estimation.figures import answering, figures
from sampling.estimation.sample import Columns, read_sample
from sampling.estimation.variance import Lonely


def design_effect(
    table: pd.DataFrame,
    y: str,
    *,
    stratum: Columns = None,
    population: str | None = None,
    by: Columns = None,
    lonely: Lonely = "adjust",
) -> pd.DataFrame:
    """The design effect of the mean (or share) of `y`, and the size of the simple random sample that would do as well.

    As R survey's `svymean(deff=TRUE)`: against a simple random sample without replacement from the domain's estimated
    number of cases, with replacement where no population is stated. The result has the `by` columns, then n, deff and
    effective_n (n over deff); NaN where the answers do not vary or every case was read.
    """
    sample = read_sample(table, [y], stratum=stratum, population=population, by=by)
    units = answering(sample, y)
    found = figures(sample, units, lonely)
    cases = units.sum(units.weight, sample.domains)
    with np.errstate(divide="ignore", invalid="ignore"):
        squares = units.sum(units.weight * np.square(units.y - found.estimate[units.domain]), sample.domains)
        spread = squares / cases * found.n / (found.n - 1)
        unread = 1.0 if population is None else (cases - found.n) / cases
        simple = spread * unread / found.n
        deff = found.variance / simple
        effective = np.where(deff > 0, found.n / deff, np.nan)
    result = sample.labels.copy()
    result["n"], result["deff"], result["effective_n"] = found.n.astype(np.int64), deff, effective
    return result
