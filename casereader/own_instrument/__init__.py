"""The partnership's own instrument: what the lead answers once per inspection, about the partnership as a whole."""

from casereader.own_instrument.answering import MeanwhileError, save
from casereader.own_instrument.counting import Asked, Judged, counts, quality_assurance
from casereader.own_instrument.finding import Answered, answered, answered_in, mark_of, n_complete

__all__ = [
    "Answered",
    "Asked",
    "Judged",
    "MeanwhileError",
    "answered",
    "answered_in",
    "counts",
    "mark_of",
    "n_complete",
    "quality_assurance",
    "save",
]
