"""A workbook of the reviewer's cases, as the tests of the room need it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from sqlmodel import Session

from casereader import readings, workbooks
from casereader.errors import AbsentError
from casereader.instrument import Answer, Instrument
from casereader.models import Account, DrawRecord, ReadingWorkbook, WorkbookReturn
from casereader.readings import Opened
from casereader.workbooks import CasePreview
from tests.beginnings import Deal
from tests.cast import Cast
from tests.reading import given_to
from tests.workbooks import Edit, deal_few, edited, sheets_of

ISSUED = datetime(2026, 6, 8, 8, 0, tzinfo=UTC)
BACK = datetime(2026, 6, 10, 16, 0, tzinfo=UTC)


@dataclass
class Desk:
    """The coordinator's desk: gives out workbooks and takes them back."""

    session: Session
    people: Cast
    instrument: Instrument

    def installed(self, name: str, version: str) -> Instrument:
        """The one instrument there is."""
        if (name, version) != (self.instrument.id, self.instrument.version):
            raise AbsentError
        return self.instrument

    def issue(self, reader: Account, *, at: datetime = ISSUED) -> ReadingWorkbook:
        """Give out a workbook."""
        return workbooks.issue(
            self.session,
            place=self.people.place,
            reader=reader,
            instruments=self.installed,
            by=self.people.coordinator,
            at=at,
        )

    def file(self, workbook: ReadingWorkbook, edit: Edit | None = None) -> bytes:
        """Its file, filled in by `edit`."""
        content = workbooks.content_of(
            self.session,
            place=self.people.place,
            workbook=workbook,
            instruments=self.installed,
            by=self.people.coordinator,
        )
        stream = BytesIO()
        workbooks.write(stream, content)
        return stream.getvalue() if edit is None else edited(stream.getvalue(), edit)

    def receive(self, content: bytes, *, at: datetime = BACK) -> WorkbookReturn:
        """Have it come back."""
        return workbooks.receive(
            self.session,
            place=self.people.place,
            sheets=sheets_of(content),
            file_sha256="f" * 64,
            instruments=self.installed,
            by=self.people.coordinator,
            at=at,
        )

    def look(self, returned: WorkbookReturn) -> list[CasePreview]:
        """What it would do."""
        workbook = self.session.get_one(ReadingWorkbook, returned.workbook_id)
        return workbooks.preview(self.session, returned=returned, workbook=workbook, instruments=self.installed)

    def take(
        self, returned: WorkbookReturn, choices: Mapping[str, str] | None = None, *, as_seen: str | None = None
    ) -> WorkbookReturn:
        """Take it in as it stands now."""
        return workbooks.take(
            self.session,
            place=self.people.place,
            returned=returned,
            choices=choices or {},
            as_seen=workbooks.seen(self.look(returned)) if as_seen is None else as_seen,
            instruments=self.installed,
            by=self.people.coordinator,
            at=BACK + timedelta(minutes=5),
        )

    def stored(self, opened: Opened) -> dict[str, Answer]:
        """What the server has of a reading."""
        return readings.answers_of(self.session, opened.key)

    def refused(self, content: bytes) -> list[tuple[str, str, str]]:
        """What is wrong with it: sheet, cell and words."""
        with pytest.raises(workbooks.WorkbookFaultsError) as error:
            self.receive(content)
        return [(one.sheet, one.cell, one.says) for one in error.value.faults]


@pytest.fixture
def deal() -> Deal:
    """A small sample, dealt to the two reviewers."""
    return deal_few


@pytest.fixture
def desk(session: Session, people: Cast, instrument: Instrument, record: DrawRecord) -> Desk:
    """The desk, with the cases dealt out and nothing read."""
    assert record.id
    return Desk(session, people, instrument)


@pytest.fixture
def cases(desk: Desk) -> list[Opened]:
    """The reviewer's first readings."""
    return given_to(desk.session, desk.people.reviewer)
