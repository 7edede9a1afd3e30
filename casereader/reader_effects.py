"""How far the headline shares of a programme move between first and second readers, for the notes of its figures."""

from __future__ import annotations

from sqlmodel import Session, select

from casereader import double_readings
from casereader.agreement import SAMPLING_ONLY, moves, moves_in_words
from casereader.instrument import Instrument, Library
from casereader.models import Inspection, Programme


def headline_keys(instrument: Instrument) -> list[str]:
    """The headline questions of the sections, and those that the roll-up opens with, in the instrument's order."""
    found = {one.headline for one in instrument.sections} | {one.question for one in instrument.opening}
    return [key for key in instrument.parts if key in found and instrument.part(key).has_y]


def moved(session: Session, programme: Programme, instrument: Instrument, library: Library) -> list[str]:
    """How far readers move the headline shares of a programme, in sentences.

    Of all its inspections whose reading is over: the pairs of one are too few to say, and until an inspection is over
    nothing of its second readings may be known.
    """
    ids = [key or 0 for key in session.exec(select(Inspection.id).where(Inspection.programme_id == programme.id))]
    keys = headline_keys(instrument)
    over = double_readings.over(session, ids)
    found = double_readings.load(session, over, instrument, library, only=keys)
    labels = {key: f"{key} {instrument.part(key).label}" for key in keys}
    return moves_in_words(moves(found.answers, instrument, keys), len(found.pairs), labels)


def note(session: Session, programme: Programme, instrument: Instrument, library: Library) -> list[str]:
    """What stands beside every interval: that it covers sampling only, and how far readers move the shares."""
    return [SAMPLING_ONLY, *moved(session, programme, instrument, library)]
