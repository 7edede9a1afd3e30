"""The notes pane: what a reader writes down while reading, before there is an answer to put it to.

Both texts are saved like answers, under keys of their own that no question can have; they are no answers, keep no
history, and are erased when the reading is locked.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, col

from casereader.instrument import text_faults
from casereader.models import RunningNotes

NOTES, STORY = "_notes", "_story"
LONGEST = {NOTES: 20_000, STORY: 2_000}
NAMES = {NOTES: "The running notes", STORY: "The child's story"}


@dataclass(frozen=True)
class Notes:
    """The running notes of a reading, and the child's story."""

    notes: str = ""
    story: str = ""


def notes_of(session: Session, reading_id: int) -> Notes:
    """What stands in the notes pane of a reading."""
    found = session.get(RunningNotes, reading_id)
    return Notes(found.notes, found.story) if found else Notes()


def texts_in(changes: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """What a save says about the notes pane, by key, with LF line ends."""
    said = {key: changes[key].get("value") or "" for key in LONGEST if key in changes}
    return {key: text.replace("\r\n", "\n").replace("\r", "\n") for key, text in said.items()}


def faults_of_notes(changes: Mapping[str, Mapping[str, Any]]) -> dict[str, list[str]]:
    """Why a text of the notes pane cannot be kept, by key."""
    faults = {key: text_faults(NAMES[key], text, LONGEST[key]) for key, text in texts_in(changes).items()}
    for key in faults:
        if others := sorted(changes[key].keys() - {"value"}):
            faults[key].append(f"{NAMES[key]} has no {', '.join(others)}: send its words as “value”.")
    return {key: found for key, found in faults.items() if found}


def keep(session: Session, *, reading_id: int, texts: Mapping[str, str], at: datetime) -> list[str]:
    """Keep the texts that differ from those kept; the keys of those that did."""
    if not texts:
        return []
    before = notes_of(session, reading_id)
    after = replace(before, notes=texts.get(NOTES, before.notes), story=texts.get(STORY, before.story))
    if after == before:
        return []
    row = session.get(RunningNotes, reading_id) or RunningNotes(reading_id=reading_id, saved_at=at)
    row.notes, row.story, row.saved_at = after.notes, after.story, at
    session.add(row)
    return [
        key for key, was, now in ((NOTES, before.notes, after.notes), (STORY, before.story, after.story)) if was != now
    ]


def erase(session: Session, *, reading_ids: Collection[int]) -> None:
    """Erase the notes of these readings."""
    session.execute(delete(RunningNotes).where(col(RunningNotes.reading_id).in_(reading_ids)))
