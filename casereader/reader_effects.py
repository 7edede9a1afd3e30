"""How far the headline shares of a programme move between first and second readers, for the notes of its figures."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from sqlmodel import Session, select

from casereader import double_readings
from casereader.agreement import SAMPLING_ONLY, moves, moves_in_words
from casereader.instrument import Instrument, Library
from casereader.models import Inspection, Programme

ROUGH = 0.10  # to less than this no difference between readers is published


def headline_keys(instrument: Instrument) -> list[str]:
    """The headline questions of the sections, and those that the roll-up opens with, in the instrument's order."""
    found = {one.headline for one in instrument.sections} | {one.question for one in instrument.opening}
    return [key for key in instrument.parts if key in found and instrument.part(key).has_y]


@dataclass(frozen=True)
class _Moves:
    """How far each headline share moved, of how many pairs, and what its question is called."""

    table: pd.DataFrame
    n_pairs: int
    labels: dict[str, str]


def moved(session: Session, programme: Programme, instrument: Instrument, library: Library) -> list[str]:
    """How far readers move the headline shares of a programme, in sentences.

    Of all its inspections whose reading is over: the pairs of one are too few to say, and until an inspection is over
    nothing of its second readings may be known.
    """
    found = _moved(session, programme, instrument, library)
    return moves_in_words(found.table, found.n_pairs, found.labels)


def note(session: Session, programme: Programme, instrument: Instrument, library: Library) -> list[str]:
    """What stands beside every interval: that it covers sampling only, and how far readers move the shares."""
    return [SAMPLING_ONLY, *moved(session, programme, instrument, library)]


def note_to_publish(
    session: Session, programme: Programme, instrument: Instrument, library: Library, *, threshold: int
) -> list[str]:
    """The same for whoever reads an issue: by less than ten points or by more, where as many records are too many.

    A difference in points and its interval give the few pairs away in which the readers differ. Within ten points up
    or down lie, of ten times the threshold of pairs, twice the threshold of records.
    """
    found = _moved(session, programme, instrument, library)
    rows = [row for row in found.table.to_dict("records") if row["n"] * ROUGH >= threshold]
    if not rows:
        return [SAMPLING_ONLY, "Too few records were read twice to say how far readers move these shares."]
    kinds: dict[str, list[str]] = {
        "by less than 10 percentage points": [],
        "up by 10 or more": [],
        "down by 10 or more": [],
    }
    for row in rows:
        kind = 0 if abs(row["difference"]) < ROUGH else 1 if row["difference"] > 0 else 2
        list(kinds.values())[kind].append(found.labels[row["question"]])
    said = "; ".join(f"{how}: {', '.join(of)}" for how, of in kinds.items() if of)
    begins = (
        "Some records of this programme were read twice, by readers who knew nothing of each other. From the first to "
        "the second readers the share moved "
    )
    return [SAMPLING_ONLY, f"{begins}{said}."]


def _moved(session: Session, programme: Programme, instrument: Instrument, library: Library) -> _Moves:
    ids = [key or 0 for key in session.exec(select(Inspection.id).where(Inspection.programme_id == programme.id))]
    keys = headline_keys(instrument)
    over = double_readings.over(session, ids)
    found = double_readings.load(session, over, instrument, library, only=keys)
    labels = {key: f"{key} {instrument.part(key).label}" for key in keys}
    return _Moves(moves(found.answers, instrument, keys), len(found.pairs), labels)
