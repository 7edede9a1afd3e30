"""Offline weeks: an inspection packed for the reading room's laptop, and brought together again when it comes back."""

from __future__ import annotations

from casereader.packing.conflicts import Conflict, conflicts_of, settle, to_choose, to_moderate, waiting_for
from casereader.packing.content import Content, Head, lines, read
from casereader.packing.leaving import begin, prepare
from casereader.packing.slips import slips
from casereader.packing.taking import Checked, Taken, check, take
from casereader.packing.weeks import end_without_laptop, files_of, week_here

__all__ = [
    "Checked",
    "Conflict",
    "Content",
    "Head",
    "Taken",
    "begin",
    "check",
    "conflicts_of",
    "end_without_laptop",
    "files_of",
    "lines",
    "prepare",
    "read",
    "settle",
    "slips",
    "take",
    "to_choose",
    "to_moderate",
    "waiting_for",
    "week_here",
]
