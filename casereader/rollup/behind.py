"""What stands behind a figure: what each record counts with, after skip logic and computed ratings. Pure."""

from __future__ import annotations

import pandas as pd

from casereader.instrument.model import Instrument
from casereader.rollup.design import build_design
from casereader.rollup.marks import BLANK, mark_answers

Values = dict[tuple[str, str], str]  # by inspection and reference


def values_behind(cases: pd.DataFrame, answers: pd.DataFrame, instrument: Instrument, key: str) -> Values:
    """The answer to one part that each record read counts with; the tables are those of `roll_up`."""
    design = build_design(cases)
    marks = mark_answers(design, answers, instrument)
    place = instrument.parts.index(key)
    codes = marks.chosen[:, place].tolist()
    refs = zip(design.inspection, design.case_ref, codes, strict=True)
    return {(path, ref): marks.values[place][code] for path, ref, code in refs if code != BLANK}
