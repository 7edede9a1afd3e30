"""Giving out reading workbooks: whose cases go in, what identifies them, and the same file again whenever it is asked.

A workbook is one reader's: the readings given to them and still open, first and second alike and not told apart.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session, col, func, select

from casereader import assignments, audit, dated, readings
from casereader.errors import ConflictError, RefusedError, present
from casereader.instrument import Answer, Instrument
from casereader.models import Account, AnswerRevision, Inspection, ReadingWorkbook
from casereader.programmes import contacts
from casereader.programmes.inspections import Place
from casereader.readings import Opened
from casereader.vocabulary import BANNERS
from casereader.workbooks.layout import MARK, REFERENCE, SHEET_MARK, TO_TELL, WORKBOOK, sheet_name
from casereader.workbooks.parsing import ExpectedCase
from casereader.workbooks.writing import CaseContent, Content

Instruments = Callable[[str, str], Instrument]  # the instrument of an id and a version


def readers(session: Session, *, place: Place) -> list[tuple[Account, int]]:
    """Who reads in the inspection, by name, each with how many of their readings are still open."""
    people = {account.id: account for account, _ in assignments.readers(session, inspection=place.inspection)}
    return [(account, len(_open_of(session, place, account))) for account in people.values()]


def issue(
    session: Session, *, place: Place, reader: Account, instruments: Instruments, by: Account, at: datetime
) -> ReadingWorkbook:
    """Fix what a workbook for the reader holds: every reading of theirs still open. RefusedError without any."""
    opened = _open_of(session, place, reader)
    if not opened:
        raise RefusedError(f"{reader.name} has no reading that is still open: there is nothing to put in a workbook.")
    _refuse_own_cases(session, opened, reader=reader, by=by)
    workbook = ReadingWorkbook(
        inspection_id=place.inspection.id or 0,
        reader_id=reader.id or 0,
        salt=secrets.token_hex(32),
        mark="",
        issued_at=at,
        issued_by_id=by.id or 0,
    )
    last = _last_revisions(session, [one.key for one in opened])
    sheets: list[str] = []
    for number, one in enumerate(opened, start=1):
        sheets.append(sheet_name(number, one.case_ref, sheets))
        reading = one.reading
        instruments(reading.instrument_id, reading.instrument_version)  # AbsentError where it is not installed
        workbook.cases.append(
            {
                "sheet": sheets[-1],
                "reading": reading.public_id,
                "reference": one.case_ref,
                "version": reading.version,
                "revision": last.get(one.key, 0),
                "instrument": reading.instrument_id,
                "instrument_version": reading.instrument_version,
            }
        )
    to_tell = contacts.in_words(contacts.contacts(session, inspection=place.inspection, at=at))
    workbook.facts = _facts(workbook, place, reader, to_tell)
    workbook.mark = _mark(workbook, place, reader)
    workbook.facts.append([MARK, workbook.mark])
    session.add(workbook)
    session.flush()
    audit.record(
        session,
        "workbook issued",
        by=by,
        at=at,
        kind="workbook",
        object_id=workbook.public_id,
        inspection_id=place.inspection.id,
        body={
            "reader": reader.public_id,
            "mark": workbook.mark,
            "readings": {case["reading"]: case["version"] for case in workbook.cases},
        },
    )
    return workbook


def of_inspection(session: Session, *, inspection: Inspection) -> list[tuple[ReadingWorkbook, Account]]:
    """The workbooks issued in the inspection with their readers, newest first."""
    query = (
        select(ReadingWorkbook, Account)
        .join(Account, col(Account.id) == ReadingWorkbook.reader_id)
        .where(ReadingWorkbook.inspection_id == inspection.id)
        .order_by(col(ReadingWorkbook.id).desc())
    )
    return [(workbook, reader) for workbook, reader in session.exec(query)]


def find(session: Session, *, inspection: Inspection, public_id: str) -> ReadingWorkbook:
    """The workbook of that name, if it was issued in the inspection; AbsentError otherwise."""
    query = select(ReadingWorkbook).where(
        ReadingWorkbook.public_id == public_id, ReadingWorkbook.inspection_id == inspection.id
    )
    return present(session.exec(query).first())


def content_of(
    session: Session, *, place: Place, workbook: ReadingWorkbook, instruments: Instruments, by: Account
) -> Content:
    """What the workbook's file holds: the same whenever it is asked for, whatever was saved since.

    Raises RefusedError for whoever still has to read a case of it.
    """
    expected = expected_cases(session, workbook=workbook, instruments=instruments)
    opened = readings.by_names(session, [case["reading"] for case in workbook.cases])
    _refuse_own_cases(session, opened.values(), reader=session.get_one(Account, workbook.reader_id), by=by)
    first = expected[0].instrument
    return Content(
        title=f"Reading workbook: {place.name}",
        banner=BANNERS.get(place.programme.data_kind, ""),
        facts=[(label, value) for label, value in workbook.facts],
        instrument=first,
        cases=[
            CaseContent(
                sheet=case["sheet"],
                top=_top(opened[case["reading"]], known),
                stratum=known.stratum,
                instrument=known.instrument,
                answers=known.answers,
            )
            for case, known in zip(workbook.cases, expected, strict=True)
        ],
        issued_at=workbook.issued_at,
    )


def expected_cases(session: Session, *, workbook: ReadingWorkbook, instruments: Instruments) -> list[ExpectedCase]:
    """The cases of a workbook as they were issued, each with what its sheet held."""
    opened = readings.by_names(session, [case["reading"] for case in workbook.cases])
    found = []
    for case in workbook.cases:
        one = opened.get(case["reading"])
        if one is None:
            raise ConflictError("The sample that this workbook was issued for was voided: issue a new one.")
        instrument = instruments(case["instrument"], case["instrument_version"])
        found.append(
            ExpectedCase(
                reading=case["reading"],
                reference=case["reference"],
                mark=sheet_mark(workbook, case),
                stratum=one.stratum(instrument),
                instrument=instrument,
                answers=_answers_then(session, one, instrument, case["revision"]),
            )
        )
    return found


def sheet_mark(workbook: ReadingWorkbook, case: Mapping[str, Any]) -> str:
    """What stands on a case's sheet, so that a sheet moved from one workbook to another is told."""
    text = f"{workbook.salt}|{workbook.mark}|{case['reading']}|{case['version']}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _open_of(session: Session, place: Place, reader: Account) -> list[Opened]:
    mine = readings.mine(session, account=reader)
    return [one for one in mine if one.place.inspection.id == place.inspection.id and one.is_open]


def _refuse_own_cases(session: Session, opened: Iterable[Opened], *, reader: Account, by: Account) -> None:
    """Whoever still reads one of these cases may not hold another's answers to it: a second reading stays blind."""
    if reader.id == by.id:
        return
    own = {one.reading.sample_case_id for one in readings.mine(session, account=by) if not one.reading.submitted_at}
    if any(one.reading.sample_case_id in own for one in opened):
        raise RefusedError(
            "You still have to read a case of this workbook yourself, and must not see another’s answers to it: ask "
            "another coordinator to issue it, or submit your own reading first."
        )


def _last_revisions(session: Session, reading_ids: Sequence[int]) -> dict[int, int]:
    query = (
        select(AnswerRevision.reading_id, func.max(AnswerRevision.id))
        .where(col(AnswerRevision.reading_id).in_(reading_ids))
        .group_by(col(AnswerRevision.reading_id))
    )
    return {reading_id: last or 0 for reading_id, last in session.exec(query)}


def _answers_then(session: Session, opened: Opened, instrument: Instrument, revision: int) -> dict[str, Answer]:
    """The answers after a revision; before the first, what the list knows."""
    if not revision:
        return readings.known_facts(instrument, opened)
    query = (
        select(AnswerRevision.key, AnswerRevision.after)
        .where(AnswerRevision.reading_id == opened.key, col(AnswerRevision.id) <= revision)
        .order_by(col(AnswerRevision.id))
    )
    return {
        key: Answer(after["value"], after["note"], tuple(after["sources"]), after["ground"], after["discuss"])
        for key, after in session.exec(query)
    }


def _facts(workbook: ReadingWorkbook, place: Place, reader: Account, to_tell: str) -> list[list[str]]:
    versions = Counter(f"{case['instrument']}, version {case['instrument_version']}" for case in workbook.cases)
    return [
        [WORKBOOK, workbook.public_id],
        ["Inspection", place.name],
        ["Reader", reader.name],
        ["Instrument", "; ".join(versions)],
        [TO_TELL, to_tell],
        ["Issued", dated.moment(workbook.issued_at.astimezone(UTC))],
        *(
            [f"Case {number}", f"{case['reference']}, as saved in version {case['version']}"]
            for number, case in enumerate(workbook.cases, start=1)
        ),
    ]


def _mark(workbook: ReadingWorkbook, place: Place, reader: Account) -> str:
    """The digest of inspection, reader, instrument, cases and their versions, under a salt that stays here."""
    whole = {
        "schema": "casereader/reading-workbook/1",
        "salt": workbook.salt,
        "inspection": place.inspection.public_id,
        "reader": reader.public_id,
        "facts": workbook.facts,
        "cases": workbook.cases,
    }
    canonical = json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _top(opened: Opened, known: ExpectedCase) -> list[tuple[str, str]]:
    instrument, inspection = known.instrument, opened.place.inspection
    code = instrument.stratum_code(known.stratum)
    label = next((one.label for one in instrument.strata if one.code == code), known.stratum)
    agencies = {agency.value: agency.label for agency in instrument.agencies}
    expected = [agencies[value] for value in instrument.records_expected(known.stratum)]
    return [
        (REFERENCE, known.reference),
        ("Stratum", label),
        ("Reading period", dated.period(inspection.period_from, inspection.period_to)),
        ("Records expected", ", ".join(expected)),
        (SHEET_MARK, known.mark),
    ]
