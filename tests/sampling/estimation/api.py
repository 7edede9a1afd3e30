"""The California schools data and R survey's values on them, as the reference tests use them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from sampling.estimation.figures import answering, figures, with_student_limits
from sampling.estimation.sample import Columns, Sample, read_sample
from sampling.estimation.shares import Method, shares

FOLDER = Path(__file__).parents[2] / "reference"
REFERENCE: dict[str, dict[str, Any]] = json.loads((FOLDER / "api_survey.json").read_text(encoding="utf-8"))["refs"]

# What the tool does not offer: beginnings of the identifiers, with the reason.
OUT_OF_SCOPE = (
    ("clus1_", "cluster samples: records are drawn one by one"),
    ("poststrat_", "post-stratification of a cluster sample; srs_poststrat_mean is checked"),
    ("rake_", "raking"),
    ("quantile", "quantiles: a rating scale has no use for them"),
    ("chisq_", "chi-square tests"),
    ("ranktest_", "rank tests"),
    ("svykappa_", "kappa of a sample; agreement has its own functions"),
)
# Intervals that the tool does not offer; the estimate and standard error beside them are checked.
OTHER_INTERVALS = ("likelihood", "asin")


def value(name: str) -> Any:
    return REFERENCE[name]["value"]


def stratified() -> pd.DataFrame:
    return _with_answers(pd.read_csv(FOLDER / "data" / "apistrat.csv"))


def simple() -> pd.DataFrame:
    return _with_answers(pd.read_csv(FOLDER / "data" / "apisrs.csv"))


def population() -> pd.DataFrame:
    return _with_answers(pd.read_csv(FOLDER / "data" / "apipop.csv"))


def _with_answers(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(
        one=1,
        wide=(table["sch.wide"] == "Yes").astype(int),
        improved=(table["comp.imp"] == "Yes").astype(int),
    )


def weighted(table: pd.DataFrame, *answers: str, by: Columns = None, fpc: bool = True, binary: bool = False) -> Sample:
    """The sample with the file's own rounded weights, as R's design has it."""
    one_stratum = table["fpc"].nunique() == 1
    return read_sample(
        table,
        answers,
        stratum=None if one_stratum else "stype",
        population="fpc" if fpc else None,
        by=by,
        binary=binary,
        weight="pw",
    )


def estimate(
    kind: Literal["mean", "total", "ratio"],
    table: pd.DataFrame,
    *answers: str,
    by: Columns = None,
    fpc: bool = True,
    confidence: float = 0.95,
    df: float | None = None,
) -> pd.DataFrame:
    sample = weighted(table, *answers, by=by, fpc=fpc)
    found = figures(sample, answering(sample, *answers), "adjust", total=kind == "total")
    return with_student_limits(sample, found, confidence, df)


def share(
    table: pd.DataFrame,
    y: str,
    *,
    by: Columns = None,
    confidence: float = 0.95,
    method: Method = "logit",
    df: float | None = None,
) -> pd.DataFrame:
    return shares(weighted(table, y, by=by, binary=True), y, confidence, method, "adjust", df)
