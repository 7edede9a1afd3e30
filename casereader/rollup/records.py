"""What became of the records themselves: how many were not produced, and whose records were supplied. Pure.

Both are findings of their own, each with its own denominator. *Not produced* is a share of the eligible records that
are decided: read or not produced. *Supplied* is, for each agency, a share of the records read in which its record was
expected; an agency whose record was not expected is outside.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from casereader.instrument.model import Instrument, Part
from casereader.rollup.checks import STRATUM, WHOLE
from casereader.rollup.design import Design, build_design
from casereader.rollup.figures import share_figures
from casereader.rollup.marks import Marks, counted_as, mark_answers, with_columns
from casereader.words import WORDING, Wording
from sampling.estimation import DEFAULT
from sampling.estimation.shares import Method

NOT_PRODUCED = "not produced"  # in the column question; every other row names a part
SEEN, NOT_SUPPLIED = "seen", "not_supplied"
DOMAINS = (WHOLE, STRATUM)


def record_figures(
    cases: pd.DataFrame,
    answers: pd.DataFrame,
    instrument: Instrument,
    *,
    frame_counts: pd.DataFrame | None = None,
    confidence: float = 0.90,
    method: Method = DEFAULT,
    wording: Wording = WORDING,
) -> pd.DataFrame:
    """Figures of all records and of each stratum: first `NOT_PRODUCED`, then each agency's part, as the question.

    The tables are those of `roll_up`, the columns those of questions.csv but the section. `lowest` and `highest` of an
    agency are its share were the records not produced without, and with, its own; of `NOT_PRODUCED` they are blank.
    """
    design = build_design(cases, frame_counts)
    marks = _marks(design, mark_answers(design, answers, instrument), instrument)
    table = share_figures(design, marks, DOMAINS, confidence=confidence, method=method, wording=wording)
    table.loc[table["question"] == NOT_PRODUCED, ["lowest", "highest"]] = np.nan
    return table


def agency_parts(instrument: Instrument) -> list[Part]:
    """The parts that say whether an agency's record was seen."""
    return [part for part in instrument.filled_from("agency") if part.choice(SEEN) and part.choice(NOT_SUPPLIED)]


def _marks(design: Design, answered: Marks, instrument: Instrument) -> Marks:
    """A column for what became of each record, and one for each agency."""
    produced = np.where(design.is_not_produced, 1.0, np.where(design.is_read, 0.0, np.nan))
    supplied = {
        part.key: counted_as(answered, instrument, part.key, {SEEN: 1.0, NOT_SUPPLIED: 0.0})
        for part in agency_parts(instrument)
    }
    return with_columns(answered, {NOT_PRODUCED: produced, **supplied})
