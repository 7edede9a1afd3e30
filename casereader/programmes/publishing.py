"""Versions of instruments that are in use: what a programme began on never changes.

The digest of an instrument is kept the first time a programme uses that version, and whatever is installed later under
the same number must have it.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from casereader import dated
from casereader.errors import ConflictError
from casereader.instrument import Instrument, Library, version_of
from casereader.models import PublishedInstrument


def publish(session: Session, *, instrument: Instrument, at: datetime) -> PublishedInstrument:
    """Keep what this version says, for ever. Raises ConflictError where programmes use it and it said otherwise."""
    found = session.exec(
        select(PublishedInstrument).where(
            PublishedInstrument.instrument_id == instrument.id, PublishedInstrument.version == instrument.version
        )
    ).first()
    if found is None:
        found = PublishedInstrument(
            instrument_id=instrument.id, version=instrument.version, digest=instrument.digest, published_at=at
        )
        session.add(found)
        session.flush()
    elif found.digest != instrument.digest:
        raise ConflictError(changed_words(found))
    return found


def changed(session: Session, library: Library) -> list[str]:
    """What was changed after a programme used it, a line for each version with its remedy."""
    return [
        changed_words(one)
        for one in _published(session)
        if (installed := library.find(one.instrument_id, one.version)) and installed.digest != one.digest
    ]


def missing(session: Session, library: Library) -> list[str]:
    """The versions that programmes use and whose files are not installed, a line for each with its remedy."""
    return [
        f"{one.instrument_id} {one.version} is in use, but its file is not in data/instruments: put it back, "
        "or its readings cannot be opened."
        for one in _published(session)
        if library.find(one.instrument_id, one.version) is None
    ]


def changed_words(one: PublishedInstrument) -> str:
    """That a version in use is no longer what it was, and what to do."""
    whole, fix = version_of(one.version)
    return (
        f"{one.instrument_id} {one.version} is in use since {dated.day(one.published_at)}, and its file was changed. "
        f"Put it back as it was. What was changed is the next version: {whole}.{fix + 1} where only wording was, "
        f"{whole + 1}.0 otherwise."
    )


def _published(session: Session) -> list[PublishedInstrument]:
    query = select(PublishedInstrument).order_by(
        col(PublishedInstrument.instrument_id), col(PublishedInstrument.published_at)
    )
    return list(session.exec(query))
