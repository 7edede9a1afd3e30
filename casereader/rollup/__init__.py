"""The roll-up: readings of sampled cases become weighted shares with their uncertainty. Pure: no database, no web.

One call rolls up one inspection or many; each keeps its own strata and weights, so that a programme is the
same arithmetic as a partnership.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from casereader.instrument.model import Instrument
from casereader.rollup.bands import standard_rows
from casereader.rollup.checks import ATTRIBUTES, WHOLE, RollUpError
from casereader.rollup.design import DOMAINS, build_design, count_frame
from casereader.rollup.distributions import distributions
from casereader.rollup.figures import COLUMNS, question_figures
from casereader.rollup.marks import mark_answers
from casereader.rollup.views import indicator_rows, opening_rows, section_rows
from casereader.words import WORDING, Wording
from sampling.estimation import DEFAULT
from sampling.estimation.shares import Method

__all__ = [
    "ATTRIBUTES",
    "COLUMNS",
    "DOMAINS",
    "WHOLE",
    "RollUp",
    "RollUpError",
    "count_frame",
    "roll_up",
]

CONFIDENCE = 0.90


@dataclass(frozen=True)
class RollUp:
    """The figures of one or more inspections; shares from 0 to 1, unrounded, blank where there is none.

    `questions`: the columns of questions.csv. `distributions`: every choice of every closed question.
    `opening`, `sections`: one row each per inspection. `by_qi`: each question under its quality indicator.
    `strata_left_out`: inspection, stratum, population, not_reached of strata with no case decided. `standards`:
    inspection, standard, label, band, question, share, for instruments that have bands.
    """

    questions: pd.DataFrame
    distributions: pd.DataFrame
    opening: pd.DataFrame
    sections: pd.DataFrame
    by_qi: pd.DataFrame
    strata_left_out: pd.DataFrame
    standards: pd.DataFrame
    confidence: float
    method: Method
    wording: Wording


def roll_up(
    cases: pd.DataFrame,
    answers: pd.DataFrame,
    instrument: Instrument,
    *,
    frame_counts: pd.DataFrame | None = None,
    confidence: float = CONFIDENCE,
    method: Method = DEFAULT,
    wording: Wording = WORDING,
) -> RollUp:
    """Roll up the counting readings of sampled cases into the figures of every question, group and choice.

    `cases`: one row per sampled case that was to be read (main cases, and reserves that replaced one):
    inspection, case_ref, stratum, population (its stratum's N in the frame), status (`CaseStatus`), and any of
    age_band, legal_basis, living, deprivation from the frame, blank allowed. Cases waiting or not reached only
    count as not reached. `answers`: inspection, case_ref, key, value of the one counting reading per case.
    `frame_counts`: inspection, domain, level, population, as `count_frame` makes them; without it N is known of
    the strata only. Raises `RollUpError` naming every fault.
    """
    design = build_design(cases, frame_counts)
    marks = mark_answers(design, answers, instrument)
    questions = question_figures(design, marks, instrument, confidence=confidence, method=method, wording=wording)
    inspections = sorted(cases["inspection"].astype(str).unique())
    return RollUp(
        questions=questions,
        distributions=distributions(design, marks, instrument),
        opening=opening_rows(questions, instrument, inspections),
        sections=section_rows(questions, instrument, inspections),
        by_qi=indicator_rows(questions, instrument),
        strata_left_out=design.strata_left_out,
        standards=standard_rows(questions, instrument, inspections, least_n=wording.least_n),
        confidence=confidence,
        method=method,
        wording=wording,
    )
