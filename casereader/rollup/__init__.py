"""The roll-up: readings of sampled cases become weighted shares with their uncertainty. Pure: no database, no web.

One call rolls up one inspection or many; each keeps its own strata and weights, so that a programme is the
same arithmetic as a partnership.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from casereader.instrument.model import Instrument
from casereader.rollup.bands import standard_rows
from casereader.rollup.checks import ALWAYS_VALID, ATTRIBUTES, PLANNED, WHOLE, RollUpError
from casereader.rollup.design import DOMAINS, Design, build_design, count_frame
from casereader.rollup.distributions import distributions
from casereader.rollup.figures import COLUMNS, question_figures
from casereader.rollup.marks import LookedUp, Marks, mark_answers, only_keys
from casereader.rollup.views import indicator_rows, opening_rows, section_rows
from casereader.words import WORDING, Wording
from sampling.estimation import DEFAULT
from sampling.estimation.shares import Method

__all__ = [
    "ALWAYS_VALID",
    "ATTRIBUTES",
    "COLUMNS",
    "DOMAINS",
    "PLANNED",
    "WHOLE",
    "LookedUp",
    "Marks",
    "RollUp",
    "RollUpError",
    "build_design",
    "count_frame",
    "only_keys",
    "roll_up",
]

CONFIDENCE = 0.90


@dataclass(frozen=True)
class RollUp:
    """The figures of one or more inspections; shares from 0 to 1, unrounded, blank where there is none.

    `questions`: the columns of questions.csv. `strata_left_out`: inspection, stratum, population, not_reached of strata
    with no case decided. The other tables are made when they are asked for: no page needs them all.
    """

    questions: pd.DataFrame
    strata_left_out: pd.DataFrame
    confidence: float
    method: Method
    wording: Wording
    inspections: Sequence[str]
    instrument: Instrument
    design: Design
    marks: Marks

    @cached_property
    def distributions(self) -> pd.DataFrame:
        """Every choice of every closed question."""
        return distributions(self.design, self.marks, self.instrument)

    @cached_property
    def opening(self) -> pd.DataFrame:
        """The questions that a roll-up opens with: a row each per inspection."""
        return opening_rows(self.questions, self.instrument, self.inspections)

    @cached_property
    def sections(self) -> pd.DataFrame:
        """Each section's headline question: a row per inspection."""
        return section_rows(self.questions, self.instrument, self.inspections)

    @cached_property
    def by_qi(self) -> pd.DataFrame:
        """Each question under its quality indicator."""
        return indicator_rows(self.questions, self.instrument)

    @cached_property
    def standards(self) -> pd.DataFrame:
        """inspection, standard, label, band, question, share, for instruments that have bands."""
        return standard_rows(self.questions, self.instrument, self.inspections, least_n=self.wording.least_n)


def roll_up(
    cases: pd.DataFrame,
    answers: pd.DataFrame | Marks,
    instrument: Instrument,
    *,
    frame_counts: pd.DataFrame | None = None,
    domains: Sequence[str] = DOMAINS,
    confidence: float = CONFIDENCE,
    method: Method = DEFAULT,
    wording: Wording = WORDING,
) -> RollUp:
    """Roll up the counting readings of sampled cases into the figures of every question, group and choice.

    `cases`: one row per sampled case that was to be read (main cases, and reserves that replaced one):
    inspection, case_ref, stratum, population (its stratum's N in the frame), status (`CaseStatus`), and any of
    age_band, legal_basis, living, deprivation from the frame, blank allowed; where its limits must hold at any time,
    always_valid (true) and planned (cases that the plan reads of the stratum). Cases waiting or not reached only
    count as not reached. `answers`: inspection, case_ref, key, value of the one counting reading per case.
    `frame_counts`: inspection, domain, level, population, as `count_frame` makes them; without it N is known of
    the strata only. Marks in place of `answers` are those of the decided cases, in their order, which were made
    before; a figure is the same however few `domains` or keys stand beside it. Raises `RollUpError` naming every fault.
    """
    design = build_design(cases, frame_counts)
    marks = answers if isinstance(answers, Marks) else mark_answers(design, answers, instrument)
    questions = question_figures(
        design, marks, instrument, domains=domains, confidence=confidence, method=method, wording=wording
    )
    return RollUp(
        questions=questions,
        strata_left_out=design.strata_left_out,
        confidence=confidence,
        method=method,
        wording=wording,
        inspections=sorted(cases["inspection"].astype(str).unique()),
        instrument=instrument,
        design=design,
        marks=marks,
    )
