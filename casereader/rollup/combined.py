"""Partnerships together: the share over all of their lists by design, and the plain mean of their shares. Pure.

The strata of each partnership stay strata of the whole, each record with its weight N/n, so that a partnership counts
by the children on its list to whom the question applies. Nothing is carried to partnerships that are not in: the
variance is that of the samples within, and none is added for having other partnerships instead.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from enum import StrEnum

import numpy as np
import pandas as pd

from casereader.instrument.model import Instrument
from casereader.rollup.always_valid import METHOD
from casereader.rollup.checks import WHOLE
from casereader.rollup.design import Design, build_design
from casereader.rollup.figures import COLUMNS, share_figures
from casereader.rollup.marks import mark_answers, only_keys
from casereader.rollup.variation import effective_records, sampling_variance
from casereader.words import WORDING, Wording
from sampling.estimation import DEFAULT
from sampling.estimation.shares import Method
from sampling.intervals import quantile

TOGETHER = ""  # in the column inspection: all partnerships together
LEAST_PARTNERSHIPS = 2
MEANS = {
    "inspections": "Int64",
    "in_mean": "Int64",
    "mean": "float64",
    "mean_lower": "float64",
    "mean_upper": "float64",
}


class Scope(StrEnum):
    """Whom a figure of partnerships together speaks of."""

    INSPECTED = "the partnerships inspected"
    PROGRAMME = "the whole programme"


def scope_of(*, inspected: int, listed: int) -> Scope:
    """All that the programme lists, or only those that are in: nothing can say that these were drawn at random."""
    return Scope.PROGRAMME if inspected == listed else Scope.INSPECTED


def combined_figures(
    cases: pd.DataFrame,
    answers: pd.DataFrame,
    instrument: Instrument,
    *,
    keys: Collection[str],
    frame_counts: pd.DataFrame | None = None,
    confidence: float = 0.90,
    method: Method = DEFAULT,
    wording: Wording = WORDING,
) -> pd.DataFrame:
    """A row per question of `keys` with any y, of all these inspections as one population; none for a single one.

    The tables are those of `roll_up`. The columns are those of questions.csv but the section, `lowest` and `highest`
    what all records not produced leave open; then how many `inspections` have a record with an answer, and the `mean`
    of the shares of the `in_mean` that have `wording.least_n` of them, each counted alike, with its t limits; without
    any where the limits of one of them must hold at any time.
    """
    if cases["inspection"].nunique() < LEAST_PARTNERSHIPS:
        return pd.DataFrame(columns=[*(name for name in COLUMNS if name != "section"), *MEANS])
    design = build_design(cases, frame_counts)
    marks = only_keys(mark_answers(design, answers, instrument), keys)
    apart = share_figures(design, marks, (WHOLE,), confidence=confidence, method=method, wording=wording)
    one = _as_one(design)
    together = share_figures(one, marks, (WHOLE,), confidence=confidence, method=method, wording=wording)
    means = pd.DataFrame(
        [_mean(str(key), here, confidence, wording.least_n) for key, here in apart.groupby("question", sort=False)],
        columns=["question", *MEANS],
    ).astype(MEANS)
    table = together.merge(means, how="left", on="question")
    return table[table["inspections"] >= LEAST_PARTNERSHIPS].reset_index(drop=True)


def _as_one(design: Design) -> Design:
    """The same cases in their strata, of one population without a name."""
    whole = (TOGETHER, "")
    return replace(
        design,
        levels={**design.levels, WHOLE: [whole] * len(design.case_ref)},
        population={**design.population, WHOLE: {whole: sum(design.population[WHOLE].values())}},
        not_reached={**design.not_reached, WHOLE: {whole: sum(design.not_reached[WHOLE].values())}},
        always_valid=frozenset({TOGETHER}) if design.always_valid else frozenset(),
    )


def _mean(key: str, figures: pd.DataFrame, confidence: float, least_n: int) -> tuple[object, ...]:
    """The plain mean of the shares of one question and its limits, their variances added, and their records too."""
    enough = figures[figures["n"] >= least_n]
    if len(enough) < LEAST_PARTNERSHIPS:
        return key, len(figures), len(enough), np.nan, np.nan, np.nan
    share, se, n, listed = (enough[name].to_numpy(dtype=np.float64) for name in ("share", "se", "n", "population"))
    variance = sampling_variance(share, se, effective_records(share, se, n, listed))
    mean, error = float(share.mean()), float(np.sqrt(variance.sum())) / len(share)
    df = 0 if (enough["method"] == METHOD).any() else int(enough["df"].sum())
    half = float(quantile(confidence, df)) * error if df > 0 else np.nan
    return key, len(figures), len(enough), mean, mean - half, mean + half
