"""Taking reading workbooks back: received without a fault or not at all, looked at, then taken in case by case.

Nothing the server has is written over unless the coordinator chose that for the case; the same file again finds nothing
to do. Between receiving and the choice the answers wait in `WorkbookReturn`; afterwards only the receipts are kept.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from casereader import audit, readings
from casereader.errors import AbsentError, ConflictError, RefusedError, present
from casereader.instrument import Answer, missing
from casereader.models import Account, Inspection, ReadingWorkbook, WorkbookReturn
from casereader.programmes.inspections import Place
from casereader.readings import Change
from casereader.readings.saving import as_columns
from casereader.workbooks.answer_cells import CellFault
from casereader.workbooks.issuing import Instruments, expected_cases
from casereader.workbooks.layout import GUIDE
from casereader.workbooks.parsing import parse, workbook_named
from casereader.workbooks.previewing import CHOICES, NEW, CasePreview, preview, seen
from sampling.sheets import SheetCells

MOST_FAULTS = 1_000


class WorkbookFaultsError(RefusedError):
    """A workbook that cannot be taken back; `faults` holds every one, with its sheet and cell."""

    def __init__(self, faults: Sequence[CellFault]) -> None:
        self.faults = list(faults)
        super().__init__(*(f"{one.sheet} {one.cell}: {one.says}" for one in self.faults[:MOST_FAULTS]))


def receive(
    session: Session,
    *,
    place: Place,
    sheets: Sequence[SheetCells],
    file_sha256: str,
    instruments: Instruments,
    by: Account,
    at: datetime,
) -> WorkbookReturn:
    """Keep what a workbook says until somebody has looked at it; WorkbookFaultsError with every fault otherwise.

    A workbook that waits already is superseded by the one that came later.
    """
    workbook = _issued(session, place, sheets)
    cases = expected_cases(session, workbook=workbook, instruments=instruments)
    found = parse(sheets, workbook.facts, cases)
    if found.faults:
        raise WorkbookFaultsError(found.faults)
    for earlier in waiting(session, inspection=place.inspection):
        if earlier.workbook_id == workbook.id:
            _empty(earlier)
            earlier.dropped_at = at
            session.add(earlier)
    returned = WorkbookReturn(
        workbook_id=workbook.id or 0,
        file_sha256=file_sha256,
        answers={
            reading: {key: as_columns(answer) for key, answer in answers.items()}
            for reading, answers in found.answers.items()
        },
        notes=found.notes,
        received_at=at,
        received_by_id=by.id or 0,
    )
    session.add(returned)
    session.flush()
    counts = {reading: len(answers) for reading, answers in found.answers.items()}
    _audit(session, "workbook received", place, workbook, returned, by, at, {"answers": counts})
    return returned


def take(
    session: Session,
    *,
    place: Place,
    returned: WorkbookReturn,
    choices: Mapping[str, str],
    as_seen: str,
    instruments: Instruments,
    by: Account,
    at: datetime,
) -> WorkbookReturn:
    """Take in what was chosen for each case and leave a receipt for each; done once, it is not done again.

    `choices` are by reading, `as_seen` the digest of the preview they were made on. Raises ConflictError when something
    was saved since, RefusedError when a case is not decided.
    """
    if returned.taken_at is not None:
        return returned
    if returned.dropped_at is not None:
        raise ConflictError("This workbook was put aside. Send it again to take it in.")
    workbook = session.get_one(ReadingWorkbook, returned.workbook_id)
    cases = preview(session, returned=returned, workbook=workbook, instruments=instruments, to_change=True)
    if seen(cases) != as_seen:
        raise ConflictError("Answers were saved since this page was opened. Nothing was taken in: look at it again.")
    undecided = [one.expected.reference for one in cases if one.must_choose and choices.get(one.reading) not in CHOICES]
    if undecided:
        raise RefusedError(
            *(f"{reference}: choose what becomes of the answers the server has." for reference in undecided)
        )
    receipts = []
    for one in cases:
        receipt = _take_case(session, one, choices.get(one.reading, NEW), by=by, at=at)
        receipts.append(receipt | _standing(session, one, instruments))
    _empty(returned)
    returned.receipts = receipts
    returned.taken_at, returned.taken_by_id = at, by.id
    session.add(returned)
    body = {one["reading"]: {name: len(one[name]) for name in ("added", "over", "kept")} for one in receipts}
    _audit(session, "workbook taken in", place, workbook, returned, by, at, {"readings": body})
    return returned


def drop(session: Session, *, place: Place, returned: WorkbookReturn, by: Account, at: datetime) -> None:
    """Put a workbook aside: nothing of it is taken in, and nothing of it is kept.

    Raises ConflictError once it was taken in.
    """
    if returned.taken_at is not None:
        raise ConflictError("This workbook was taken in already: its receipts say what became of it.")
    if returned.dropped_at is not None:
        return
    _empty(returned)
    returned.dropped_at = at
    session.add(returned)
    workbook = session.get_one(ReadingWorkbook, returned.workbook_id)
    _audit(session, "workbook put aside", place, workbook, returned, by, at, {})


def find_return(session: Session, *, inspection: Inspection, public_id: str, to_change: bool = False) -> WorkbookReturn:
    """The workbook that came back under that name, in the inspection; AbsentError otherwise. `to_change` locks it."""
    query = (
        select(WorkbookReturn)
        .join(ReadingWorkbook, col(ReadingWorkbook.id) == WorkbookReturn.workbook_id)
        .where(WorkbookReturn.public_id == public_id, ReadingWorkbook.inspection_id == inspection.id)
    )
    if to_change:
        query = query.with_for_update(of=WorkbookReturn)
    return present(session.exec(query).first())


def returns_of(session: Session, *, inspection: Inspection) -> list[WorkbookReturn]:
    """What came back in the inspection and was not put aside, newest first."""
    query = (
        select(WorkbookReturn)
        .join(ReadingWorkbook, col(ReadingWorkbook.id) == WorkbookReturn.workbook_id)
        .where(ReadingWorkbook.inspection_id == inspection.id, col(WorkbookReturn.dropped_at).is_(None))
        .order_by(col(WorkbookReturn.id).desc())
    )
    return list(session.exec(query))


def waiting(session: Session, *, inspection: Inspection) -> list[WorkbookReturn]:
    """What came back and waits to be taken in."""
    return [one for one in returns_of(session, inspection=inspection) if one.taken_at is None]


def _issued(session: Session, place: Place, sheets: Sequence[SheetCells]) -> ReadingWorkbook:
    """The workbook that the file says it is, if this inspection issued it."""
    name = workbook_named(sheets)
    query = select(ReadingWorkbook).where(
        ReadingWorkbook.public_id == (name or "").strip()[:22], ReadingWorkbook.inspection_id == place.inspection.id
    )
    found = session.exec(query).first()
    if found is not None:
        return found
    says = (
        f"The sheet “{GUIDE}” does not say which workbook this is. Send the workbook that was issued here."
        if name is None
        else "No such workbook was issued in this inspection. Send the one that was, as it was given out."
    )
    raise WorkbookFaultsError([CellFault(GUIDE, "", "", says)])


def _take_case(session: Session, one: CasePreview, choice: str, *, by: Account, at: datetime) -> dict[str, Any]:
    """Save what was chosen, by the rules of the form, and say what was done."""
    keys = one.keys(choice)
    version = one.version
    if one.opened is not None and keys:
        changes = {key: _change(one.returned.get(key, Answer(None))) for key in keys}
        body = json.dumps([one.reading, version, changes], sort_keys=True)
        digest = hashlib.sha256(body.encode()).hexdigest()
        saved = readings.save(
            session,
            opened=one.opened,
            instrument=one.instrument,
            changes=changes,
            version=version,
            key=digest,
            digest=digest,
            by=by,
            at=at,
        )
        version = saved.reply["version"]
    compared = one.compared
    return {
        "reading": one.reading,
        "reference": one.expected.reference,
        "sheet_mark": one.expected.mark,
        "choice": choice if one.has_news else "",
        "closed": one.closed,
        "added": [key for key in compared.added if key in keys],
        "over": [key for key in compared.over if key in keys],
        "kept": [key for key in (*compared.added, *compared.over) if key not in keys] + list(compared.left),
        "same": len(compared.same),
        "version": version,
    }


def _standing(session: Session, one: CasePreview, instruments: Instruments) -> dict[str, Any]:
    """How the reading stands on the server, whether or not anything was taken in: what is missing, and its digest.

    Neither is told of a reading that is somebody else's by now, nor known of one whose instrument is not installed.
    """
    untold = {"missing": None, "digest": ""}
    if one.opened is None:
        return untold
    reading = one.opened.reading
    try:
        instrument = instruments(reading.instrument_id, reading.instrument_version)
    except AbsentError:
        return untold
    stored = readings.answers_of(session, one.opened.key)
    answers = readings.with_known_facts(instrument, one.opened, stored)
    lacking = missing(instrument, answers, stratum=one.opened.stratum(instrument))
    return {"missing": len(lacking), "digest": _digest_of(answers)}


def _digest_of(answers: Mapping[str, Answer]) -> str:
    """The SHA-256 of a reading's answers as they stand, so that a receipt can be held against them later."""
    plain = {key: as_columns(answer) for key, answer in answers.items()}
    return hashlib.sha256(json.dumps(plain, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _change(answer: Answer) -> Change:
    return {
        "value": answer.value,
        "note": answer.note,
        "sources": answer.sources,
        "ground": answer.ground,
        "discuss": answer.discuss,
    }


def _empty(returned: WorkbookReturn) -> None:
    returned.answers, returned.notes = {}, []


def _audit(
    session: Session,
    action: str,
    place: Place,
    workbook: ReadingWorkbook,
    returned: WorkbookReturn,
    by: Account,
    at: datetime,
    body: Mapping[str, Any],
) -> None:
    audit.record(
        session,
        action,
        by=by,
        at=at,
        kind="workbook",
        object_id=workbook.public_id,
        inspection_id=place.inspection.id,
        body={"return": returned.public_id, "file_sha256": returned.file_sha256, **body},
    )
