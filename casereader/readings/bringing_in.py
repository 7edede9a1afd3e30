"""Bringing a file of readings into the inspections it belongs to: whose cases they are, who read them, what they say.

Everything wrong is told at once, and then nothing is written; the same file a second time changes nothing.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlmodel import Session, col, select

from casereader.errors import AbsentError, RefusedError
from casereader.identifying import signs_in
from casereader.instrument import Answer, Instrument, Library, faults_of, missing
from casereader.models import Account, DrawRecord, Membership, Reading, SampleCase
from casereader.programmes import contacts
from casereader.programmes.inspections import Place
from casereader.readings.finding import stratum_of
from casereader.readings.importing import MOST_FAULTS, Imported, faults_of_imported, record_imported
from casereader.readings.placing import Found, case_of, faults_of_unknown, readers_of, sampled_under
from casereader.readings.reading_file import Line, parse, part_called, sources_in, value_and_ground
from casereader.vocabulary import READER_ROLES, DataKind, ReadingKind, Role, SampleRole


@dataclass(frozen=True)
class Brought:
    """What came of a file: new readings and their answers, those that were there already, and what to look at."""

    readings: int
    passed_over: int
    answers: int
    inspections: Sequence[str]
    warnings: Sequence[str] = ()


@dataclass
class _Made:
    """One reading of the file while its lines are gathered."""

    found: Found
    row: int
    reader: str
    read_on: date
    kind: ReadingKind
    answers: dict[str, Answer] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)


def bring_in(
    session: Session,
    *,
    content: bytes,
    places: Sequence[Place],
    instruments: Library,
    by: Account | None,
    at: datetime,
) -> Brought:
    """Bring in the readings of a file for sampled cases of `places`; RefusedError with every fault otherwise.

    `content` are the bytes of a CSV file with the columns of `reading_file.COLUMNS`; `instruments` are by id.
    AbsentError where an instrument is not installed.
    """
    lines, faults = parse(content, today=at.date())
    by_key = {place.inspection.id or 0: place for place in places}
    cases = sampled_under(session, by_key, {line.case_ref for line in lines})
    readers = readers_of(session, lines, faults)
    made: dict[tuple[int, ReadingKind], _Made] = {}
    for line in lines:
        found = case_of(line, cases, by_key, faults)
        if found is not None:
            _gather(line, found, made, _instrument(by_key[found[2]], instruments), faults)
    faults += faults_of_unknown(session, [line for line in lines if line.case_ref not in cases], by_key)
    for key in sorted({one.found[2] for one in made.values()}):
        faults += _why_not_open(session, by_key[key], at)
    digest = hashlib.sha256(content).hexdigest()
    ready = _by_inspection(made.values(), readers)
    roles = _roles(session, by_key)
    for key, readings in ready.items():
        readings[:] = [_countersigned(one, roles.get((key, one.reader.id or 0))) for one in readings]
        instrument = _instrument(by_key[key], instruments)
        faults += faults_of_imported(session, readings=readings, instrument=instrument, digest=digest)
    if faults:
        raise _refusal(faults)
    counts = {
        key: record_imported(
            session,
            readings=readings,
            instrument=_instrument(by_key[key], instruments),
            digest=digest,
            inspection_id=key,
            by=by,
            at=at,
        )
        for key, readings in ready.items()
    }
    new = sum(counts.values())
    every = [one for readings in ready.values() for one in readings]
    return Brought(
        readings=new,
        passed_over=len(every) - new,
        answers=sum(len(one.answers) for one in every) if new else 0,
        inspections=[by_key[key].name for key in sorted(counts) if counts[key]],
        warnings=_warnings(ready, by_key, instruments, roles) if new else (),
    )


def _why_not_open(session: Session, place: Place, at: datetime) -> list[str]:
    """Why the first reading cannot come into an inspection: as for giving out its cases, somebody must be told.

    What was read elsewhere may show a matter of concern too. Published evaluations are no reading of records.
    """
    if place.programme.data_kind is DataKind.PUBLISHED:
        return []
    query = (
        select(Reading.id)
        .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .where(DrawRecord.inspection_id == place.inspection.id, col(DrawRecord.voided_at).is_(None))
    )
    if session.exec(query.limit(1)).first() is not None:
        return []
    lacking = contacts.lacking(session, inspection=place.inspection, at=at)
    return [f"{place.name} is not open for reading. On its people page: {says}" for says in lacking]


def _gather(
    line: Line, found: Found, made: dict[tuple[int, ReadingKind], _Made], instrument: Instrument, faults: list[str]
) -> None:
    """Put a line to its reading, or say why it cannot be."""

    def fault(column: str, says: str) -> None:
        faults.append(f"row {line.row}, column {column}: {says}")

    drawn, case, _ = found
    place = (drawn.id or 0, line.kind)
    if place not in made:
        made[place] = _Made(found, line.row, line.reader, line.read_on, line.kind)
        if drawn.role is SampleRole.RESERVE and not drawn.called_on:
            fault("case_ref", f"{line.case_ref} is a reserve that replaces no case. Leave it out.")
    one = made[place]
    if line.reader.casefold() != one.reader.casefold():
        fault("reader", f"row {one.row} says that {one.reader} made this reading. A reading has one reader.")
    if line.read_on != one.read_on:
        fault("read_on", f"row {one.row} says {one.read_on} for this reading. Give one day.")
    part = part_called(instrument, line.question)
    if part is None:
        fault("question", f"there is no question “{line.question[:60]}” in {instrument.id} {instrument.version}.")
        return
    if part.key in one.rows:
        fault("question", f"{part.key} of this reading was answered in row {one.rows[part.key]} already. Keep one.")
        return
    one.rows[part.key] = line.row
    sources, unknown = sources_in(instrument, line.sources)
    for name in unknown:
        listed = "; ".join(source.value for source in instrument.sources) or "none"
        fault("sources", f"there is no source “{name[:60]}”. Use {listed}, separated by semicolons.")
    value, ground = value_and_ground(part, line.answer) if line.answer else (None, None)
    answer = Answer(value, note=line.note, sources=sources, ground=ground)
    says = faults_of(
        instrument, part.key, answer, stratum=stratum_of(instrument, group=case.group, label=drawn.stratum)
    )
    for reason in says:
        fault("answer", f"{part.key}: {reason}")
    if not says and answer != Answer(None):
        one.answers[part.key] = answer


def _by_inspection(made: Iterable[_Made], readers: Mapping[str, Account]) -> dict[int, list[Imported]]:
    ready: dict[int, list[Imported]] = defaultdict(list)
    for one in made:
        drawn, case, key = one.found
        reader = readers.get(one.reader)
        if reader is not None:
            ready[key].append(
                Imported(drawn, case.case_ref, case.group, one.kind, reader, one.answers, one.read_on, row=one.row)
            )
    return ready


def _roles(session: Session, places: Mapping[int, Place]) -> dict[tuple[int, int], Role]:
    """Who reads in these inspections, and as what, by inspection and account."""
    query = select(Membership).where(col(Membership.inspection_id).in_(places), col(Membership.role).in_(READER_ROLES))
    return {(entry.inspection_id, entry.account_id): entry.role for entry in session.exec(query)}


def _countersigned(one: Imported, role: Role | None) -> Imported:
    return one.by_local_reviewer() if role is Role.LOCAL_REVIEWER else one


def _warnings(
    ready: Mapping[int, Sequence[Imported]],
    places: Mapping[int, Place],
    instruments: Library,
    roles: Mapping[tuple[int, int], Role],
) -> list[str]:
    """What does not stop an import but should be looked at."""
    incomplete, strangers, waiting, telling = [], set(), 0, []
    for key, readings in ready.items():
        instrument = _instrument(places[key], instruments)
        for one in readings:
            stratum = stratum_of(instrument, group=one.group, label=one.sample_case.stratum)
            if missing(instrument, one.answers, stratum=stratum):
                incomplete.append(one.case_ref)
            if (key, one.reader.id or 0) not in roles:
                strangers.add(f"{one.reader.email} is no reviewer of {places[key].name}.")
            waiting += one.needs_countersigning
            if any(answer.note and signs_in(answer.note) for answer in one.answers.values()):
                telling.append(one.case_ref)
    found = sorted(strangers)
    if incomplete:
        found.append(
            f"{len(incomplete)} readings lack answers, notes or grounds that the instrument asks for "
            f"(first: {incomplete[0]}). They count with what they hold."
        )
    if waiting:
        found.append(f"{waiting} readings are by local reviewers: they count once the paired inspector countersigns.")
    if telling:
        found.append(
            f"{len(telling)} readings hold a note that looks as if it told who somebody is (first: {telling[0]}). "
            "Have them opened again and written without."
        )
    return found


def _instrument(place: Place, instruments: Library) -> Instrument:
    found = instruments.find(place.programme.instrument_id, place.programme.instrument_version)
    if found is None:
        raise AbsentError(f"The instrument {place.programme.instrument_id} is not installed in its version.")
    return found


def _refusal(faults: Sequence[str]) -> RefusedError:
    more = [f"… and {len(faults) - MOST_FAULTS:,} more."] if len(faults) > MOST_FAULTS else []
    return RefusedError(*faults[:MOST_FAULTS], *more)
