"""The line that a programme draws: whether a question's agreement comes up to it, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pandas as pd

from casereader.agreement.tables import LEAST_PAIRS


class Verdict(StrEnum):
    """How a question stands to the threshold, the one that needs work most first."""

    BELOW = "below"  # with all of both intervals
    PERHAPS_BELOW = "perhaps below"  # an interval reaches it
    MET = "met"
    TOO_FEW = "too few"


@dataclass(frozen=True, slots=True)
class Threshold:
    """A question meets it by its coefficient, one of kappa, alpha and ac, or by its exact agreement: either will do."""

    coefficient: str
    least_coefficient: float
    least_agreement: float


def verdict(row: Mapping[str, Any], threshold: Threshold) -> Verdict:
    """How a row of `by_question` stands to the threshold.

    Where every rating is the same there is no coefficient, and exact agreement alone decides. A count has alpha.
    """
    if row["n"] < LEAST_PAIRS:
        return Verdict.TOO_FEW
    by = ((coefficient_of(row, threshold), threshold.least_coefficient), ("exact", threshold.least_agreement))
    if any(_reaches(row[name], least) for name, least in by):
        return Verdict.MET
    if any(_reaches(row[f"{name}_upper"], least) for name, least in by):
        return Verdict.PERHAPS_BELOW
    return Verdict.BELOW


def coefficient_of(row: Mapping[str, Any], threshold: Threshold) -> str:
    """The coefficient that decides of a question: the programme's; alpha where only that is defined, as of counts."""
    return "alpha" if pd.isna(row[threshold.coefficient]) and not pd.isna(row["alpha"]) else threshold.coefficient


def _reaches(value: float, least: float) -> bool:
    return not pd.isna(value) and value >= least - 1e-12
