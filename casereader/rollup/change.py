"""What changed since an earlier round: a question's share now less its share then, where both ask the same. Pure.

Two rounds of our own are two samples, drawn apart: the difference of the weighted shares has the standard error of
`sampling.compare`. Of a figure that somebody published only the share and the number of records are known: it is taken
as of a simple random sample of so many. Either way the verdicts on all questions of one page hold together, by Holm's
step-down at 1 − confidence, and nothing is compared under ten records of either side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from casereader.instrument.model import Instrument
from casereader.rollup.design import build_design
from casereader.rollup.marks import mark_answers
from casereader.rollup.peers import LEAST_N, holm, two_sided
from casereader.rollup.variation import effective_records, sampling_variance
from sampling.estimation import compare
from sampling.intervals import quantile

NOW, THEN = "now", "then"
COLUMNS = (
    "question", "n_now", "n_then", "k_now", "k_then", "share_now", "share_then", "difference", "se", "lower", "upper",
    "df", "p", "p_adjusted", "compared", "verdict",
)  # fmt: skip


class Verdict(StrEnum):
    """What can be said of a change, all looked at together."""

    IMPROVED = "improved"
    NO_CLEAR_CHANGE = "no clear change"
    DECLINED = "declined"
    TOO_FEW = "too few records to compare"


@dataclass(frozen=True)
class Round:
    """The sampled cases and the answers of one inspection, as `roll_up` takes them, and what was asked."""

    cases: pd.DataFrame
    answers: pd.DataFrame
    instrument: Instrument


def change_figures(
    now: Round, then: Round, same: Mapping[str, str], *, keys: Sequence[str], confidence: float = 0.90
) -> pd.DataFrame:
    """A row per question of `keys` that is mapped the same and has an answer in both rounds, in the order of `keys`.

    `same` holds questions of now, each with its key then. `p_adjusted` is Holm's over the `compared` questions.
    """
    asked = [key for key in keys if key in same]
    if not asked or now.cases.empty or then.cases.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    stacked = pd.concat(
        [_marked(now, {key: key for key in asked}, NOW), _marked(then, {key: same[key] for key in asked}, THEN)],
        ignore_index=True,
    )
    if stacked.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    found = compare(
        stacked,
        "y",
        group="round",
        a=NOW,
        b=THEN,
        stratum=["round", "stratum", "question"],
        population="population",
        by=["question"],
        confidence=confidence,
    ).rename(columns={"n_a": "n_now", "n_b": "n_then", "estimate": "difference"})
    for name in (NOW, THEN):
        found = found.merge(_shares(stacked[stacked["round"] == name], name), how="left", on="question")
    found = found[(found["n_now"] > 0) & (found["n_then"] > 0)]
    place = {key: at for at, key in enumerate(asked)}
    found = found.sort_values("question", key=lambda column: column.map(place)).reset_index(drop=True)
    return _judged(found, 1 - confidence).loc[:, list(COLUMNS)].astype({"k_now": "int64", "k_then": "int64"})


def change_since_published(figures: pd.DataFrame, *, confidence: float = 0.90) -> pd.DataFrame:
    """Shares of ours less published ones of the same question, a row for each in the order given.

    `figures`: question; share_now, se_now, df_now, n_now and population of ours; share_then and n_then as published.
    The variance of the published share is p(1 − p)/(n − 1). A share of 0 or 1 has no standard error of its own: its
    variance is that of a share with one more record of either kind (Agresti and Caffo 2000).
    """
    now, then = figures["share_now"].to_numpy(dtype=np.float64), figures["share_then"].to_numpy(dtype=np.float64)
    n_then = figures["n_then"].to_numpy(dtype=np.float64)
    se_now = figures["se_now"].to_numpy(dtype=np.float64)
    m = effective_records(now, se_now, figures["n_now"], figures["population"])
    with np.errstate(divide="ignore", invalid="ignore"):
        se_then = np.sqrt(then * (1 - then) / (n_then - 1))
    found = figures.assign(
        difference=now - then,
        se=np.sqrt(sampling_variance(now, se_now, m) + sampling_variance(then, se_then, n_then)),
        df=figures["df_now"].to_numpy(dtype=np.float64) + n_then - 1,
    )
    half = quantile(confidence, found["df"]) * found["se"]
    found = found.assign(lower=found["difference"] - half, upper=found["difference"] + half)
    names = [name for name in COLUMNS if name not in ("k_now", "k_then")]
    return _judged(found, 1 - confidence).loc[:, names].reset_index(drop=True)


def _marked(read: Round, wanted: Mapping[str, str], name: str) -> pd.DataFrame:
    """A row per decided case and question: y, its stratum with N and weight, the question under its present key."""
    design = build_design(read.cases)
    marks = mark_answers(design, read.answers, read.instrument)
    column = {key: place for place, key in enumerate(marks.keys)}
    answered = {key: column[was] for key, was in wanted.items() if was in column}
    n = len(design.case_ref)
    return pd.DataFrame(
        {
            "y": marks.y[:, list(answered.values())].ravel(),
            "question": np.tile(np.array(list(answered), dtype=object), n),
            "round": name,
            "stratum": np.repeat(design.stratum_code, len(answered)),
            "population": np.repeat(design.stratum_size, len(answered)),
            "weight": np.repeat(design.weight, len(answered)),
        }
    )


def _shares(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    answered = rows[rows["y"].notna()]
    weighted = answered.assign(good=answered["weight"] * answered["y"])
    sums = weighted.groupby("question", as_index=False).agg(
        good=("good", "sum"), weight=("weight", "sum"), k=("y", "sum")
    )
    sums[f"share_{name}"] = sums["good"] / sums["weight"]
    return sums.rename(columns={"k": f"k_{name}"}).drop(columns=["good", "weight"])


def _judged(table: pd.DataFrame, alpha: float) -> pd.DataFrame:
    """The p of each difference, Holm's of them all, how many they are, and the verdict."""
    enough = (table["n_now"] >= LEAST_N) & (table["n_then"] >= LEAST_N)
    tests = enough & table["lower"].notna()
    p = np.where(tests, two_sided(table), np.nan)
    table = table.assign(p=p, p_adjusted=np.nan, compared=int(tests.sum()), verdict=Verdict.TOO_FEW.value)
    table.loc[tests, "p_adjusted"] = holm(p[tests.to_numpy()])
    sure = table["p_adjusted"] <= alpha
    table.loc[enough, "verdict"] = Verdict.NO_CLEAR_CHANGE.value
    table.loc[sure & (table["difference"] > 0), "verdict"] = Verdict.IMPROVED.value
    table.loc[sure & (table["difference"] < 0), "verdict"] = Verdict.DECLINED.value
    return table
