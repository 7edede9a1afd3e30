"""The factual-accuracy log as a table: every challenge, its evidence, the answer, and whether a figure changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import IO

import pandas as pd

from casereader.exports import tables

HEADINGS = {
    "number": "Number",
    "about": "About",
    "raised_by": "Raised by",
    "says": "What is said to be wrong",
    "evidence": "Evidence",
    "entered": "Entered",
    "entered_by": "Entered by",
    "answer": "Answer",
    "figure_changed": "Did a figure change?",
    "answered": "Answered",
    "answered_by": "Answered by",
}


@dataclass(frozen=True)
class ChallengeRow:
    """One challenge in words; what is not answered yet is blank."""

    number: str
    about: str
    raised_by: str
    says: str
    evidence: str
    entered: str
    entered_by: str
    answer: str
    figure_changed: str
    answered: str
    answered_by: str


def write_csv(target: IO[str], rows: Sequence[ChallengeRow], *, banner: str = "", head: str = "") -> None:
    """Write them as CSV."""
    table = pd.DataFrame([astuple(row) for row in rows], columns=list(HEADINGS), dtype="str")
    tables.write_table(target, table, banner=banner, head=head)
