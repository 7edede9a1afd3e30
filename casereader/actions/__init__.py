"""Actions: what a reading showed must be put right, given to somebody with a date and followed to closure."""

from casereader.actions.finding import FOLLOWS, Followed, LateHere, StepTaken, find, late, of_inspection, of_reading
from casereader.actions.steps import LONGEST_GIVEN_TO, NEXT, Step, export, follow, record

__all__ = [
    "FOLLOWS",
    "LONGEST_GIVEN_TO",
    "NEXT",
    "Followed",
    "LateHere",
    "Step",
    "StepTaken",
    "export",
    "find",
    "follow",
    "late",
    "of_inspection",
    "of_reading",
    "record",
]
