"""Matters of concern: raised from a reading, received and followed to closure, and who may know what of them."""

from casereader.concerns.counting import n_raised
from casereader.concerns.finding import (
    Overdue,
    Raised,
    StepRow,
    find,
    minutes_waited,
    not_received,
    of_inspection,
    overdue,
)
from casereader.concerns.steps import NEXT, Told, follow, raise_concern, raised_by, raised_on, receive

__all__ = [
    "NEXT",
    "Overdue",
    "Raised",
    "StepRow",
    "Told",
    "find",
    "follow",
    "minutes_waited",
    "n_raised",
    "not_received",
    "of_inspection",
    "overdue",
    "raise_concern",
    "raised_by",
    "raised_on",
    "receive",
]
