"""How far readers of the same records agree: coefficients, and the tables of double readings that are made of them.

Pure functions of ratings: no database, no web.
"""

from casereader.agreement.coefficients import Agreement, gwet_ac, krippendorff_alpha, percent_agreement, weighted_kappa
from casereader.agreement.moves import Counts, both_counted, moves, moves_of
from casereader.agreement.sections import by_section
from casereader.agreement.tables import (
    LEAST_PAIRS,
    MEASURES,
    by_question,
    coefficients,
    confusion,
    is_compared,
    rating_of,
    share_of,
)
from casereader.agreement.thresholds import Threshold, Verdict, coefficient_of, verdict
from casereader.agreement.words import SAMPLING_ONLY, between, moves_in_words, points

__all__ = [
    "LEAST_PAIRS",
    "MEASURES",
    "SAMPLING_ONLY",
    "Agreement",
    "Counts",
    "Threshold",
    "Verdict",
    "between",
    "both_counted",
    "by_question",
    "by_section",
    "coefficient_of",
    "coefficients",
    "confusion",
    "gwet_ac",
    "is_compared",
    "krippendorff_alpha",
    "moves",
    "moves_in_words",
    "moves_of",
    "percent_agreement",
    "points",
    "rating_of",
    "share_of",
    "verdict",
    "weighted_kappa",
]
