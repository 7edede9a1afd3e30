"""What taking a workbook in would do, case by case, as things stand now."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from casereader import readings
from casereader.errors import AbsentError, ConflictError
from casereader.instrument import Answer, Instrument
from casereader.models import Account, ReadingWorkbook, WorkbookReturn
from casereader.readings import Opened
from casereader.readings.saving import refuse_closed
from casereader.workbooks.comparing import Compared, compare
from casereader.workbooks.issuing import Instruments, expected_cases
from casereader.workbooks.layout import answer_lines
from casereader.workbooks.parsing import ExpectedCase

ALL, NEW, NONE = "all", "new", "none"  # what a coordinator may choose for a case
CHOICES = (NEW, ALL, NONE)


@dataclass(frozen=True)
class CasePreview:
    """One case of a workbook that came back.

    `closed` says why nothing of it can be taken in; blank where it can. `opened` is None where the reading is not the
    reader's any more. `returned` holds what the sheet says, `saved_at` when the server's answers were last saved.
    """

    expected: ExpectedCase
    opened: Opened | None
    closed: str
    is_there: bool
    compared: Compared
    returned: Mapping[str, Answer]
    saved_at: Mapping[str, datetime]

    @property
    def reading(self) -> str:
        """The reading's name."""
        return self.expected.reading

    @property
    def instrument(self) -> Instrument:
        """The instrument the case was issued on."""
        return self.expected.instrument

    @property
    def has_news(self) -> bool:
        """Whether there is anything that could be taken in."""
        return not self.closed and bool(self.compared.added or self.compared.over)

    @property
    def must_choose(self) -> bool:
        """Whether something the server has would be written over, so that somebody must say so."""
        return not self.closed and bool(self.compared.over)

    @property
    def version(self) -> int:
        """The reading's version now; 0 where it is not the reader's any more."""
        return self.opened.reading.version if self.opened is not None else 0

    def keys(self, choice: str) -> tuple[str, ...]:
        """The answers that a choice takes in, in the order of the sheet."""
        if self.closed or choice == NONE:
            return ()
        return (*self.compared.added, *(self.compared.over if choice == ALL else ()))


def preview(
    session: Session,
    *,
    returned: WorkbookReturn,
    workbook: ReadingWorkbook,
    instruments: Instruments,
    to_change: bool = False,
) -> list[CasePreview]:
    """Every case of the workbook, held against what the server has now; `to_change` locks the readings."""
    reader = session.get_one(Account, workbook.reader_id)
    if to_change:
        readings.hold_cases_of(session, [case["reading"] for case in workbook.cases])
    found = []
    for known in expected_cases(session, workbook=workbook, instruments=instruments):
        sheet = returned.answers.get(known.reading)
        answers = {key: _answer(columns) for key, columns in (sheet or {}).items()}
        opened, closed = _opened(session, known, reader, to_change=to_change)
        compared, saved_at = Compared(), dict[str, datetime]()
        if sheet is None:
            closed = closed or "The workbook came back without its sheet."
        elif opened is not None and not closed:
            saved_at = readings.saved_at(session, opened.key)
            stored = readings.with_known_facts(known.instrument, opened, readings.answers_of(session, opened.key))
            keys = [line.part.key for line in answer_lines(known.instrument, known.stratum)]
            compared = compare(
                known.instrument,
                keys,
                issued=known.answers,
                returned=answers,
                stored=stored,
                saved=saved_at.keys(),
            )
        found.append(CasePreview(known, opened, closed, sheet is not None, compared, answers, saved_at))
    return found


def seen(cases: Sequence[CasePreview]) -> str:
    """A digest of what a preview showed: taking in is refused when something was saved since."""
    shown = [(one.reading, one.version, one.closed, one.compared.added, one.compared.over) for one in cases]
    return hashlib.sha256(json.dumps(shown).encode()).hexdigest()


def _opened(session: Session, known: ExpectedCase, reader: Account, *, to_change: bool) -> tuple[Opened | None, str]:
    """The reading as it stands, and why it takes no answers from this workbook, if it does not."""
    try:
        opened = readings.find(session, public_id=known.reading, account=reader, to_change=to_change)
    except AbsentError:
        return None, f"This reading is not with {reader.name} any more."
    reading = opened.reading
    now = f"{reading.instrument_id} {reading.instrument_version}"
    if now != f"{known.instrument.id} {known.instrument.version}":
        says = f"The workbook was issued on {known.instrument.id} {known.instrument.version}, and the reading is on"
        return opened, f"{says} {now} now. Issue a new workbook."
    try:
        refuse_closed(opened)
    except ConflictError as error:
        return opened, str(error)
    return opened, ""


def _answer(columns: Mapping[str, object]) -> Answer:
    sources = columns["sources"]
    return Answer(
        value=None if columns["value"] is None else str(columns["value"]),
        note=str(columns["note"]),
        sources=tuple(map(str, sources)) if isinstance(sources, list) else (),
        ground=None if columns["ground"] is None else str(columns["ground"]),
        discuss=bool(columns["discuss"]),
    )
