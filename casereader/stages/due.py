"""What of an inspection's dates is late and what comes next, by the stage that it has reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from casereader.programmes.calendars import WORDS, Calendar
from casereader.stages.stages import Standing
from casereader.vocabulary import Stage

DONE_AT: Mapping[str, Stage] = {
    "list_due_on": Stage.CHECKED,
    "reading_starts": Stage.READING,
    "reading_ends": Stage.MODERATING,
    "panel_on": Stage.EVALUATED,
    "publish_on": Stage.PUBLISHED,
}
"""The stage by which what falls due on a date is done."""
SAYS: Mapping[str, str] = {
    "list_due_on": "the list",
    "reading_starts": "the start of the reading",
    "reading_ends": "the end of the reading",
    "panel_on": "the evaluation for the panel",
    "publish_on": "publication",
}
ORDER = list(Stage)


@dataclass(frozen=True)
class Late:
    """Something that should be done by now."""

    what: str
    since: date


def late(calendar: Calendar, standing: Standing, *, today: date) -> list[Late]:
    """What is late on that day, oldest first: its date is past, and the inspection has not come so far."""
    found = [Late(SAYS[name], on) for name, on in _open(calendar, standing) if on < today]
    return sorted(found, key=lambda one: one.since)


def following(calendar: Calendar, standing: Standing, *, today: date) -> tuple[str, date] | None:
    """The next date that is not past, with its words; None after the last, or where none is agreed."""
    coming = [(WORDS[name], on) for name, on in _open(calendar, standing) if on >= today]
    return min(coming, key=lambda one: one[1], default=None)


def _open(calendar: Calendar, standing: Standing) -> list[tuple[str, date]]:
    """The dates by which something is still to be done."""
    reached = ORDER.index(standing.stage)
    return [
        (name, on)
        for name, needed in DONE_AT.items()
        if (on := getattr(calendar, name)) is not None
        and reached < ORDER.index(needed)
        and not (name == "panel_on" and standing.panel_met)
    ]
