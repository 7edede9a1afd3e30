"""The hand-worked roll-up: its instrument, cases, answers and frame, read from tests/golden."""

from functools import cache
from pathlib import Path

import pandas as pd

from casereader.instrument.load import load
from casereader.rollup import RollUp, roll_up

GOLDEN = Path(__file__).parents[2] / "golden"
INSTRUMENT = load(GOLDEN / "instrument.toml")


def cases() -> pd.DataFrame:
    """The sampled cases, one row each."""
    return pd.read_csv(GOLDEN / "rollup_cases.csv", dtype=str).astype({"population": "int64"})


def answers() -> pd.DataFrame:
    """The answers of the counting readings, long."""
    wide = pd.read_csv(GOLDEN / "rollup_answers.csv", dtype=str).assign(inspection="2026/Ashfield")
    return wide.melt(["inspection", "case_ref"], var_name="key").dropna(ignore_index=True)


def frame_counts() -> pd.DataFrame:
    """The frame's N of each level it holds."""
    table = pd.read_csv(GOLDEN / "rollup_frame_counts.csv", dtype=str, keep_default_na=False)
    return table.astype({"population": "int64"})


def questions_csv() -> pd.DataFrame:
    """The expected figures."""
    text = dict.fromkeys(("inspection", "section", "question", "domain", "level", "method", "word", "also"), str)
    return pd.read_csv(GOLDEN / "questions.csv", dtype=text, keep_default_na=False)


@cache
def rolled_up() -> RollUp:
    """The roll-up under test, by the interval that R 4.1's survey also has."""
    return roll_up(cases(), answers(), INSTRUMENT, frame_counts=frame_counts(), method="logit")


def figure(result: RollUp, question: str, domain: str = "all", level: str = "") -> pd.Series:
    """One row of the questions."""
    table = result.questions
    rows = table[(table["question"] == question) & (table["domain"] == domain) & (table["level"] == level)]
    assert len(rows) == 1
    return rows.iloc[0]
