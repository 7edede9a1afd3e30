"""Taking away every answer and note of an inspection; the trail tells who did, and of how many readings.

Whoever asks gets what they may look at themselves: nothing of a case of which they have a reading to submit, or which a
conflict of interest of theirs covers. Each reading apart is for the lead alone, once reading is over: as agreement is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from casereader import audit
from casereader.errors import ConflictError
from casereader.exports.flat import Beside, Layer, ReadingFacts, Tables, build
from casereader.figures import double_readings, material, results
from casereader.instrument import Instrument
from casereader.models import Account, AnswerRow, Case, DrawRecord, Reading, SampleCase
from casereader.programmes.inspections import Place
from casereader.readings import counting
from casereader.vocabulary import CaseStatus, ReadingKind

AT_ONCE = 500  # keys in one query: well under what SQLite takes
ENOUGH = 8  # hex digits of a reader's code


@dataclass(frozen=True)
class TakenAway:
    """The tables, the latest moment at which anything in them changed, and how many records are withheld."""

    tables: Tables
    data_time: datetime
    n_readings: int
    n_withheld: int
    head: str  # of the inspection in the audit trail


def take_answers(
    session: Session,
    place: Place,
    instrument: Instrument,
    *,
    apart: bool,
    texts: bool,
    by: Account,
) -> TakenAway:
    """Every answer of the readings that count, or of each reading `apart`; without notes and texts unless asked for.

    ConflictError while its figures are held back. It only reads, and at length: `note_taken` is for a session of its
    own.
    """
    inspection_id = place.inspection.id or 0
    results.refuse_held_back(session, place)
    if apart and not may_be_apart(session, place):
        raise ConflictError("Reading is not over: until then no two readings of a record are told apart.")
    refs = _references(session, inspection_id)
    open_cases = double_readings.open_to(session, [inspection_id], account=by)
    chosen = _each(session, inspection_id) if apart else {None: counting(session, inspection_id)}
    withheld = {refs[one.sample_case_id] for some in chosen.values() for one in some} - {
        refs[key] for key in open_cases if key in refs
    }
    shown = {kind: [one for one in some if one.sample_case_id in open_cases] for kind, some in chosen.items()}
    loaded = [material.load(session, [place], instrument, only=None, readings=some) for some in shown.values()]
    cases = loaded[0].cases
    if not (cases["status"] == CaseStatus.READ.value).any():
        raise ConflictError(f"No record of {place.name} is read yet: there are no answers.")
    layers = [_layer(session, some, one, refs, place) for some, one in zip(shown.values(), loaded, strict=True) if some]
    tables = build(cases, layers, instrument, withheld=frozenset(withheld), texts=texts)
    n_readings = sum(len(some) for some in shown.values())
    moments = [one.data_time for one in loaded if one.data_time is not None]
    return TakenAway(tables, max(moments), n_readings, len(withheld), audit.head_of(session, inspection_id))


def note_taken(
    session: Session, place: Place, *, n_readings: int, apart: bool, texts: bool, by: Account, at: datetime
) -> None:
    """Keep in the trail that somebody took these answers: before they are handed out."""
    audit.record_of_inspection(
        session,
        "answers exported",
        place.inspection,
        by=by,
        at=at,
        body={"readings": n_readings, "apart": apart, "texts": texts},
    )


def may_be_apart(session: Session, place: Place) -> bool:
    """Whether reading is over, so that the two readings of a record may be told apart."""
    return bool(double_readings.over(session, [place.inspection.id or 0]))


def _references(session: Session, inspection_id: int) -> dict[int, str]:
    """The reference of each sampled case of the draw that stands."""
    query = (
        select_columns(col(SampleCase.id), col(Case.case_ref))
        .join(Case, col(Case.id) == SampleCase.case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .where(col(DrawRecord.inspection_id) == inspection_id, col(DrawRecord.voided_at).is_(None))
    )
    return {row.id: row.case_ref for row in session.execute(query)}


def _each(session: Session, inspection_id: int) -> dict[ReadingKind | None, Sequence[Reading]]:
    """Every reading that was handed in of a record that is read, by kind."""
    query = (
        select(Reading)
        .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .where(
            col(DrawRecord.inspection_id) == inspection_id,
            col(DrawRecord.voided_at).is_(None),
            SampleCase.status == CaseStatus.READ,
            col(Reading.submitted_at).is_not(None),
        )
        .order_by(col(Reading.sample_case_id))
    )
    found = session.exec(query).all()
    return {kind: [one for one in found if one.kind is kind] for kind in ReadingKind}


def _layer(
    session: Session, readings: Sequence[Reading], loaded: material.Material, refs: Mapping[int, str], place: Place
) -> Layer:
    codes = _reader_codes(session, readings, place)
    ref_of = {one.id or 0: refs[one.sample_case_id] for one in readings}
    return Layer(
        {refs[one.sample_case_id]: ReadingFacts(one.kind.value, codes[one.reviewer_id], _day(one)) for one in readings},
        loaded.answers,
        _beside(session, ref_of),
    )


def _day(reading: Reading) -> str:
    if reading.read_on is not None:
        return reading.read_on.isoformat()
    return reading.submitted_at.date().isoformat() if reading.submitted_at else ""


def _reader_codes(session: Session, readings: Sequence[Reading], place: Place) -> dict[int, str]:
    """A code for each reader that stays within an inspection, and cannot be joined with that of another one."""
    query = select(Account.id, Account.public_id).where(col(Account.id).in_({one.reviewer_id for one in readings}))
    return {
        key or 0: "R" + hashlib.sha256(f"{place.inspection.public_id}|{name}".encode()).hexdigest()[:ENOUGH].upper()
        for key, name in session.exec(query)
    }


def _beside(session: Session, ref_of: Mapping[int, str]) -> dict[tuple[str, str], Beside]:
    """What stands beside every answer of these readings, by reference and key."""
    keys = list(ref_of)
    table: Any = AnswerRow.__table__  # type: ignore[attr-defined]
    columns = [table.c[name] for name in ("reading_id", "key", "value", "note", "ground", "sources")]
    found = {}
    for start in range(0, len(keys), AT_ONCE):
        query = select_columns(*columns).where(table.c.reading_id.in_(keys[start : start + AT_ONCE]))
        for reading_id, key, value, note, ground, sources in session.execute(query):
            found[ref_of[reading_id], key] = Beside(value, note, ground or "", tuple(sources))
    return found
