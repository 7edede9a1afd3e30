"""The agreement of 100 double readings of CRR-1, every answerable part, beside cross-tables of the same answers."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from bench.timing import Compared, compare
from casereader.agreement import by_question, is_compared
from casereader.instrument.load import load
from casereader.instrument.model import Instrument

INSTRUMENT = Path(__file__).parents[1] / "data" / "instruments" / "crr-1.toml"
PAIRS = 100
ALIKE = 0.7


def double_readings(instrument: Instrument, pairs: int) -> pd.DataFrame:
    """Two readers' answers to every part that readers answer, alike in most places."""
    rng = np.random.default_rng(3)
    tables = []
    for key in instrument.parts:
        part = instrument.part(key)
        if is_compared(part):
            values = np.array([choice.value for choice in part.choices] or ["0", "1", "2", "3"], dtype=object)
            first, other = rng.choice(values, pairs), rng.choice(values, pairs)
            second = np.where(rng.random(pairs) < ALIKE, first, other)
            tables.append(pd.DataFrame({"pair": np.arange(pairs), "key": key, "first": first, "second": second}))
    return pd.concat(tables, ignore_index=True)


def cross_tables(answers: pd.DataFrame) -> list[pd.DataFrame]:
    """The floor: first by second reader, which every coefficient begins with."""
    return [pd.crosstab(rows["first"], rows["second"]) for _, rows in answers.groupby("key")]


def run() -> list[Compared]:
    """Every coefficient with its interval, of every part.

    Held to half a second of processor time, and to no more than the cross-tables alone, whatever else the machine does.
    """
    instrument = load(INSTRUMENT)
    answers = double_readings(instrument, PAIRS)
    return [
        compare(
            f"agreement of {PAIRS} double readings, {answers['key'].nunique()} parts",
            partial(by_question, answers, instrument),
            partial(cross_tables, answers),
            floor_name="cross-tables of the same answers",
            limit=1,
            most_processor=0.5,
        )
    ]
