"""What changed since an earlier round: a question's share now less its share then, where both ask the same. Pure.

Two rounds of our own are two samples, drawn apart, and are tested as `two_shares` does it, interval and verdict alike.
Of a figure that somebody published only the share and the number of records are known: it is taken
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
from casereader.rollup.peers import LEAST_N, holm
from casereader.rollup.two_shares import Side, set_apart, two_shares
from casereader.rollup.variation import effective_records

NOW, THEN = "now", "then"
COLUMNS = (
    "question", "n_now", "n_then", "k_now", "k_then", "share_now", "share_then", "difference", "lower", "upper",
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
    found = two_shares(
        stacked,
        side="round",
        names=(NOW, THEN),
        stratum=("round", "stratum", "question"),
        by=("question",),
        confidence=confidence,
    )
    place = {key: at for at, key in enumerate(asked)}
    found = found.sort_values("question", key=lambda column: column.map(place)).reset_index(drop=True)
    return _judged(found, 1 - confidence).loc[:, list(COLUMNS)].astype({"k_now": "int64", "k_then": "int64"})


def change_since_published(figures: pd.DataFrame, *, confidence: float = 0.90) -> pd.DataFrame:
    """Shares of ours less published ones of the same question, a row for each in the order given.

    `figures`: question; share_now, se_now, df_now, n_now and population of ours; share_then and n_then as published.
    The published share is that of a simple random sample of n; either is tested as `two_shares` does it.
    """
    now, se, n, listed, df = (
        figures[name].to_numpy(dtype=np.float64) for name in ("share_now", "se_now", "n_now", "population", "df_now")
    )
    then, n_then = (figures[name].to_numpy(dtype=np.float64) for name in ("share_then", "n_then"))
    ours = Side(now, effective_records(now, se, n, listed), df)
    test = set_apart(ours, Side(then, n_then, n_then - 1), confidence=confidence)
    found = figures.assign(difference=now - then, **test._asdict())
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


def _judged(table: pd.DataFrame, alpha: float) -> pd.DataFrame:
    """Holm's p of each difference among them all, how many they are, and the verdict."""
    enough = (table["n_now"] >= LEAST_N) & (table["n_then"] >= LEAST_N)
    tests = enough & table["lower"].notna()
    p = np.where(tests, table["p"], np.nan)
    table = table.assign(p=p, p_adjusted=np.nan, compared=int(tests.sum()), verdict=Verdict.TOO_FEW.value)
    table.loc[tests, "p_adjusted"] = holm(p[tests.to_numpy()])
    sure = table["p_adjusted"] <= alpha
    table.loc[enough, "verdict"] = Verdict.NO_CLEAR_CHANGE.value
    table.loc[sure & (table["difference"] > 0), "verdict"] = Verdict.IMPROVED.value
    table.loc[sure & (table["difference"] < 0), "verdict"] = Verdict.DECLINED.value
    return table
