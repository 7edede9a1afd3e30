"""How far the headline shares of a programme move between first and second readers, for the notes of its figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd
from sqlmodel import Session, select

from casereader.agreement import SAMPLING_ONLY, Counts, both_counted, moves_in_words, moves_of
from casereader.figures import double_readings
from casereader.figures.double_readings import standings
from casereader.instrument import Instrument, Library
from casereader.models import Inspection, Programme

MOST_KNOWN = 2_000  # inspections whose counts are kept
ROUGH = 0.10  # to less than this no difference between readers is published


def headline_keys(instrument: Instrument) -> list[str]:
    """The headline questions of the sections, and those that the roll-up opens with, in the instrument's order."""
    found = {one.headline for one in instrument.sections} | {one.question for one in instrument.opening}
    return [key for key in instrument.parts if key in found and instrument.part(key).has_y]


class _Counted(NamedTuple):
    """What was counted of the double readings of one inspection."""

    counts: Counts
    n_pairs: int


# Counts by the mark of an inspection, which is another after any save: some thirty small numbers that every page of
# figures needs of every inspection of its programme. Nobody's answer is in them that is not in the page.
_KNOWN: dict[tuple[object, ...], _Counted] = {}


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
    labels = {key: f"{key} {instrument.part(key).label}" for key in keys}
    counted = _counted(session, ids, instrument, library, keys)
    together = {key: sum((one.counts[key] for one in counted), Counter[tuple[int, int]]()) for key in keys}
    return _Moves(moves_of(together, keys), sum(one.n_pairs for one in counted), labels)


def _counted(
    session: Session, ids: Sequence[int], instrument: Instrument, library: Library, keys: Sequence[str]
) -> list[_Counted]:
    """Of each of these inspections whose reading is over; counted anew where anything was done to a reading since."""
    version = instrument.id, instrument.version, tuple(keys)
    over = {key: (version, one.mark) for key, one in standings(session, ids).items() if one.is_over}
    known = {key: _KNOWN[mark] for key, mark in over.items() if mark in _KNOWN}
    new = [key for key in over if key not in known]
    loaded = double_readings.load(session, new, instrument, library, only=keys)
    inspection_of = {one.pair: one.inspection_id for one in loaded.pairs}
    n_pairs = Counter(inspection_of.values())
    answers = dict(tuple(loaded.answers.groupby(loaded.answers["pair"].map(inspection_of))))
    for key in new:
        counts = both_counted(answers.get(key, loaded.answers[:0]), instrument, keys)
        known[key] = _KNOWN[over[key]] = _Counted(counts, n_pairs[key])
    for old in [*_KNOWN][: max(0, len(_KNOWN) - MOST_KNOWN)]:
        _KNOWN.pop(old, None)
    return [known[key] for key in over]
