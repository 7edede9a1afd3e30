"""Readings made elsewhere and brought in: the same checks as in the browser, all faults at once, written in bulk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import insert
from sqlmodel import Session, col, select

from casereader import audit
from casereader.errors import RefusedError
from casereader.in_waves import looks
from casereader.instrument import Answer, Instrument, faults_of, tidied
from casereader.models import Account, AnswerRow, Reading, SampleCase
from casereader.models.columns import new_public_id
from casereader.readings.counting import AT_ONCE, settle_statuses
from casereader.readings.finding import stratum_of
from casereader.readings.handing_over import forget_reader
from casereader.vocabulary import CaseStatus, ReadingKind, ReadingState

MOST_FAULTS = 1_000


@dataclass(frozen=True)
class Imported:
    """One reading to bring in; `answers` by key. `group` is the case's group on the list."""

    sample_case: SampleCase
    case_ref: str
    group: str
    kind: ReadingKind
    reader: Account
    answers: Mapping[str, Answer]
    read_on: date
    row: int | None = None  # of the file, where it came in one
    needs_countersigning: bool = False

    @property
    def place(self) -> tuple[int, ReadingKind]:
        """The key of its case, and its kind: what there is one reading of."""
        return self.sample_case.id or 0, self.kind

    @property
    def where(self) -> str:
        """Where a fault of it is found."""
        return self.case_ref if self.row is None else f"row {self.row}, column case_ref: {self.case_ref}"

    def by_local_reviewer(self) -> Imported:
        """The same reading, which counts only once the paired inspector has countersigned it."""
        return replace(self, needs_countersigning=True)


Fresh = tuple[Imported, dict[str, Answer], Reading | None]


def record_imported(
    session: Session,
    *,
    readings: Sequence[Imported],
    instrument: Instrument,
    digest: str,
    inspection_id: int,
    by: Account | None,
    at: datetime,
) -> int:
    """Bring in readings as submitted and hand back how many were new; `digest` is the SHA-256 of their file.

    A reading that came in with the same file before is passed over, so the same file twice changes nothing; one that
    is only assigned is filled; anything else, and every answer that cannot be taken, is told at once in RefusedError.
    """
    faults = faults_of_imported(session, readings=readings, instrument=instrument, digest=digest)
    if faults:
        more = [f"… and {len(faults) - MOST_FAULTS:,} more."] if len(faults) > MOST_FAULTS else []
        raise RefusedError(*faults[:MOST_FAULTS], *more)
    known = _readings_of(session, readings)
    fresh: list[Fresh] = []
    for one in readings:
        there = known.get(one.place)
        if there is None or there.imported_from != digest:
            fresh.append((one, {key: tidied(answer) for key, answer in one.answers.items()}, there))
    if not fresh:
        return 0
    _write(session, fresh, instrument, digest, by, at)
    audit.record(
        session,
        "readings imported",
        by=by,
        at=at,
        kind="inspection",
        object_id=digest,
        inspection_id=inspection_id,
        body={"readings": len(fresh), "passed over": len(readings) - len(fresh)},
    )
    keys = sorted({one.sample_case.id or 0 for one, _, _ in fresh})
    settle_statuses(session, sample_case_ids=keys, by=by, at=at)
    return len(fresh)


def faults_of_imported(
    session: Session, *, readings: Sequence[Imported], instrument: Instrument, digest: str
) -> list[str]:
    """Why readings cannot be brought in, each with its case and, where the file has one, its row."""
    known = _readings_of(session, readings)
    looked = looks.who_looked_at(session, {one.sample_case.draw_id for one in readings})
    faults: list[str] = []
    seen: set[tuple[int, ReadingKind]] = set()
    readers = {place: there.reviewer_id for place, there in known.items()}
    readers |= {one.place: one.reader.id or 0 for one in readings}
    for one in readings:
        there = known.get(one.place)
        if there is not None and there.imported_from == digest:
            continue
        if one.kind is ReadingKind.SECOND and readers.get((one.place[0], ReadingKind.FIRST)) == one.reader.id:
            faults.append(f"{one.where}: {one.reader.email} has its first reading too. The two must be independent.")
        if one.place in seen:
            faults.append(f"{one.where}: the file holds two {one.kind} readings of it.")
        seen.add(one.place)
        if there is not None and there.state is not ReadingState.ASSIGNED:
            faults.append(
                f"{one.where}: there is a {one.kind} reading of it already ({there.state}). Take its lines out."
            )
        if one.reader.id in looked[one.sample_case.draw_id]:
            faults.append(
                f"{one.where}: {one.reader.email} has seen the figures after a wave, and reads no more of it."
            )
        if one.sample_case.status not in (CaseStatus.WAITING, CaseStatus.READ):
            faults.append(f"{one.where}: the case was decided already ({one.sample_case.status}). Take its lines out.")
        stratum = stratum_of(instrument, group=one.group, label=one.sample_case.stratum)
        for key, answer in one.answers.items():
            found = faults_of(instrument, key, tidied(answer), stratum=stratum)
            faults.extend(f"{one.where}, {key}: {says}" for says in found)
    return faults


def _write(
    session: Session,
    fresh: Sequence[Fresh],
    instrument: Instrument,
    digest: str,
    by: Account | None,
    at: datetime,
) -> None:
    changed_hands = [there.id or 0 for one, _, there in fresh if there and there.reviewer_id != one.reader.id]
    for start in range(0, len(changed_hands), AT_ONCE):
        forget_reader(session, reading_ids=changed_hands[start : start + AT_ONCE])
    names: dict[str, dict[str, Answer]] = {}
    rows = []
    for one, answers, there in fresh:
        if there is not None:
            there.state, there.submitted_at, there.started_at, there.saved_at = ReadingState.SUBMITTED, at, at, at
            there.first_submitted_at = at
            there.reviewer_id, there.read_on, there.imported_from = one.reader.id or 0, one.read_on, digest
            there.needs_countersigning = one.needs_countersigning
            there.handed_back_at, there.handed_back_reason = None, ""
            session.add(there)
            names[there.public_id] = answers
            continue
        name = new_public_id()
        names[name] = answers
        rows.append(
            {
                "public_id": name,
                "sample_case_id": one.sample_case.id,
                "kind": one.kind,
                "state": ReadingState.SUBMITTED,
                "reviewer_id": one.reader.id,
                "instrument_id": instrument.id,
                "instrument_version": instrument.version,
                "version": 1,
                "assigned_at": at,
                "assigned_by_id": by.id if by else one.reader.id,
                "assigned_reason": "",
                "handed_back_reason": "",
                "started_at": at,
                "saved_at": at,
                "submitted_at": at,
                "first_submitted_at": at,
                "needs_countersigning": one.needs_countersigning,
                "reopened_reason": "",
                "read_on": one.read_on,
                "imported_from": digest,
            }
        )
    session.flush()
    if rows:
        session.execute(insert(Reading), rows)
    keys = _keys_of(session, list(names))
    answer_rows = [
        {
            "reading_id": keys[name],
            "key": key,
            "value": answer.value,
            "note": answer.note,
            "sources": list(answer.sources),
            "ground": answer.ground,
            "discuss": answer.discuss,
            "saved_at": at,
        }
        for name, answers in names.items()
        for key, answer in answers.items()
    ]
    if answer_rows:
        session.execute(insert(AnswerRow), answer_rows)


def _readings_of(session: Session, readings: Sequence[Imported]) -> dict[tuple[int, ReadingKind], Reading]:
    ids = sorted({one.sample_case.id or 0 for one in readings})
    found = {}
    for start in range(0, len(ids), AT_ONCE):
        query = select(Reading).where(col(Reading.sample_case_id).in_(ids[start : start + AT_ONCE]))
        found.update({(one.sample_case_id, one.kind): one for one in session.exec(query)})
    return found


def _keys_of(session: Session, names: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for start in range(0, len(names), AT_ONCE):
        query = select(Reading.public_id, Reading.id).where(col(Reading.public_id).in_(names[start : start + AT_ONCE]))
        found.update({name: key or 0 for name, key in session.exec(query)})
    return found
