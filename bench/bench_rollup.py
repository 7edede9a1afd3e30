"""The roll-up of 100 full CRR-1 readings, beside the plain unweighted means of the same answers."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from bench.timing import Compared, compare
from casereader.instrument.load import load
from casereader.instrument.model import Instrument
from casereader.rollup import count_frame, roll_up
from casereader.scoring import y_of

INSTRUMENT = Path(__file__).parents[1] / "data" / "instruments" / "crr-1.toml"
LEVELS = {
    "age_band": ("0-4", "5-11", "12-15", "16-17"),
    "legal_basis": ("none", "cso_home", "cso_away"),
    "living": ("parents", "kinship", "foster", "residential"),
    "deprivation": ("1", "2", "3", "4", "5"),
}
STRATA = 6


def sampled_cases(inspections: int, cases: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sampled cases, a few of them not produced or ineligible, and the counts of a frame four times as large."""
    rng = np.random.default_rng(1)
    rows = inspections * cases * 4
    frame = pd.DataFrame(
        {
            "inspection": np.repeat([f"2026/P{place:02d}" for place in range(inspections)], cases * 4),
            "case_ref": [f"C{place:07d}" for place in range(rows)],
            "stratum": np.tile([f"{chr(97 + place % STRATA)}" for place in range(cases * 4)], inspections),
        }
        | {name: rng.choice(levels, rows) for name, levels in LEVELS.items()}
    )
    frame["population"] = frame.groupby(["inspection", "stratum"])["case_ref"].transform("size")
    sampled = frame.groupby("inspection").head(cases).reset_index(drop=True)
    status = ["read", "not produced", "ineligible"]
    sampled["status"] = rng.choice(status, len(sampled), p=[0.92, 0.05, 0.03])
    return sampled, count_frame(frame)


def full_answers(sampled: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    """An answer to every closed question of every case read, in the long form that readings are stored in."""
    rng = np.random.default_rng(2)
    read = sampled.loc[sampled["status"] == "read", ["inspection", "case_ref"]]
    parts = [instrument.part(key) for key in instrument.parts]
    given = [
        read.assign(key=part.key, value=rng.choice([choice.value for choice in part.choices], len(read)))
        for part in parts
        if part.choices
    ]
    return pd.concat(given).sort_values(["inspection", "case_ref"], kind="stable", ignore_index=True)


def plain_means(answers: pd.DataFrame, instrument: Instrument) -> pd.Series:
    """The floor: what anyone would write first, a mean of y per question with neither weights nor intervals."""
    counted = [
        (key, choice.value, y_of(instrument.part(key), choice.value))
        for key in instrument.parts
        for choice in instrument.part(key).choices
    ]
    table = answers.merge(pd.DataFrame(counted, columns=["key", "value", "y"]), on=["key", "value"])
    return table.groupby(["inspection", "key"])["y"].mean()


def run() -> list[Compared]:
    """The roll-up of one inspection of 100 readings, and of a programme of 30 such."""
    instrument = load(INSTRUMENT)
    found = []
    for name, inspections, turns in (("roll up 100 readings", 1, 5), ("roll up 3,000 readings", 30, 2)):
        sampled, counts = sampled_cases(inspections, 100)
        answers = full_answers(sampled, instrument)
        ours = partial(roll_up, sampled, answers, instrument, frame_counts=counts)
        floor = partial(plain_means, answers, instrument)
        found.append(compare(name, ours, floor, floor_name="unweighted means of the same answers", turns=turns))
    return found
