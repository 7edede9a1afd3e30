"""Bringing back answers that waited while the server could not be reached: beside what is stored, one by one.

What a reading holds is never overwritten without being asked: where taking an answer would lose words that are stored,
its reader chooses. What is taken goes the way of every save, with its checks and revisions, and once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session

from casereader import audit
from casereader.errors import ConflictError, RefusedError
from casereader.instrument import Answer, Instrument, faults_of
from casereader.models import Account
from casereader.readings import notes
from casereader.readings.filling import arrived_of, with_known_facts
from casereader.readings.finding import Opened, answers_of
from casereader.readings.saving import Change, changed_by, refuse_closed, save

BLANK = Answer(None)


class Standing(StrEnum):
    """How a waiting answer stands to the stored one."""

    NEW = "new"  # taking it loses nothing that is stored
    SAME = "same"
    DIFFERS = "differs"
    REFUSED = "refused"  # it cannot be taken as it is


class Choice(StrEnum):
    """Which of two answers that differ is to stand."""

    STORED = "stored"
    WAITED = "waited"


@dataclass(frozen=True)
class Beside:
    """A waiting answer beside the stored one; `reasons` say why it cannot be taken."""

    key: str
    waited: Answer
    stored: Answer
    standing: Standing
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class BroughtBack:
    """What bringing answers back came to: the keys taken, and those left as stored."""

    taken: tuple[str, ...]
    kept: tuple[str, ...]


class UnchosenError(RefusedError):
    """Answers differ and nobody said which is to stand; `keys` names them."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        self.keys = keys
        super().__init__(*(f"{key}: choose which answer is to stand." for key in keys))


def beside_stored(
    session: Session, *, opened: Opened, instrument: Instrument, changes: Mapping[str, Change]
) -> list[Beside]:
    """Each waiting answer beside what the reading holds, in the order of the instrument, the notes last."""
    stored = answers_of(session, opened.key)
    stored = with_known_facts(instrument, opened, stored, records=arrived_of(session, opened))
    texts = notes.notes_of(session, opened.key)
    stored |= {notes.NOTES: Answer(texts.notes), notes.STORY: Answer(texts.story)}
    places = {key: place for place, key in enumerate((*instrument.parts, *notes.LONGEST))}
    stratum = opened.stratum(instrument)
    return [
        _beside(instrument, key, changes[key], stored.get(key, BLANK), stratum)
        for key in sorted(changes, key=lambda key: (places.get(key, len(places)), key))
    ]


def bring_back(
    session: Session,
    *,
    opened: Opened,
    instrument: Instrument,
    changes: Mapping[str, Change],
    choices: Mapping[str, Choice],
    version: int,
    source: str,
    by: Account,
    at: datetime,
) -> BroughtBack:
    """Take what loses nothing, and of what differs what `choices` say; `version` is the reading's as it was looked at.

    `source` is the SHA-256 of the file the answers waited in. The same again changes nothing. Raises UnchosenError,
    StaleError when the reading was changed since, and ConflictError when it takes no answers.
    """
    found = beside_stored(session, opened=opened, instrument=instrument, changes=changes)
    unchosen = tuple(one.key for one in found if one.standing is Standing.DIFFERS and one.key not in choices)
    if unchosen and version == opened.reading.version:
        refuse_closed(opened)
        raise UnchosenError(unchosen)
    taken = tuple(
        one.key
        for one in found
        if one.standing is Standing.NEW or (one.standing is Standing.DIFFERS and choices.get(one.key) is Choice.WAITED)
    )
    digest = _digest(opened, source, version, choices)
    before = opened.reading.version
    save(
        session,
        opened=opened,
        instrument=instrument,
        changes={key: changes[key] for key in taken},
        version=version,
        key=digest,
        digest=digest,
        by=by,
        at=at,
    )
    if opened.reading.version == before:  # nothing new, or it was sent before
        return BroughtBack((), ())
    kept = tuple(one.key for one in found if one.standing is Standing.DIFFERS and one.key not in taken)
    audit.record(
        session,
        "rescue file brought in",
        by=by,
        at=at,
        kind="reading",
        object_id=opened.reading.public_id,
        inspection_id=opened.place.inspection.id,
        body={"file": source, "taken": list(taken), "kept": list(kept)},
    )
    return BroughtBack(taken, kept)


def why_closed(opened: Opened) -> str:
    """Why the reading takes no answers, in words; blank when it does."""
    try:
        refuse_closed(opened)
    except ConflictError as error:
        return str(error)
    return ""


def note_foreign_file(session: Session, *, reading: str, source: str, by: Account, at: datetime) -> None:
    """Write down that somebody offered a rescue file that is not theirs; `reading` is the public id it names."""
    audit.record(session, "rescue file refused", by=by, at=at, kind="reading", object_id=reading, body={"file": source})


def _beside(instrument: Instrument, key: str, change: Change, stored: Answer, stratum: str) -> Beside:
    if key in notes.LONGEST:
        waited = Answer(notes.texts_in({key: change})[key])
        reasons = notes.faults_of_notes({key: change}).get(key, [])
    else:
        waited = changed_by(stored, change)
        reasons = faults_of(instrument, key, waited, stratum=stratum)
    if reasons:
        standing = Standing.REFUSED
    elif waited == stored:
        standing = Standing.SAME
    else:
        standing = Standing.DIFFERS if _loses(stored, waited) else Standing.NEW
    return Beside(key, waited, stored, standing, tuple(reasons))


def _loses(stored: Answer, waited: Answer) -> bool:
    """Whether anything that is stored would no longer stand."""
    pairs = ((stored.value, waited.value), (stored.note, waited.note), (stored.ground, waited.ground))
    return (
        any(was and was != now for was, now in pairs)
        or not set(stored.sources) <= set(waited.sources)
        or (stored.discuss and not waited.discuss)
    )


def _digest(opened: Opened, source: str, version: int, choices: Mapping[str, Choice]) -> str:
    said = repr((opened.reading.public_id, source, version, sorted(choices.items())))
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()
