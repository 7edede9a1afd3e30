"""What the demonstration holds none of that is somebody's here: one of each, made by the verbs that people use."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

from flask import Flask
from sqlmodel import Session, col, select

from casereader import concerns, issues, queries, readings, workbooks
from casereader.concerns import Told
from casereader.disclosure.policy import LEAST_THRESHOLD
from casereader.instrument import Instrument, Library
from casereader.issues import readiness
from casereader.issues.readiness import FEWEST
from casereader.issues.scope import narrowed
from casereader.models import Account, DrawRecord, Inspection, Programme, Reading, SampleCase
from casereader.moderating import unlocking
from casereader.people import conflicts, passwords
from casereader.programmes import inspections
from casereader.readings import Opened
from casereader.vocabulary import ConcernKind, ReadingKind, ReadingState, Role, Stage, ToldHow
from tests.workbooks import sheets_of


class MoreObjects:
    """Puts them where the addresses look: `of_stage` has the inspection that they take of each stage."""

    def __init__(self, session: Session, app: Flask, of_stage: dict[Stage, int]) -> None:
        self._session = session
        self._of_stage = of_stage
        self._instruments: dict[str, Instrument] = app.extensions["casereader_instruments"]
        self._at = datetime.now(UTC)

    def make(self) -> str:
        """All of them; the token of a link to set a password."""
        self._query_and_unlock()
        self._of_own_readings()
        self._conflict()
        self._workbook()
        self._issue_of_programme()
        return passwords.issue_link(self._session, account=self._person("inspector-14"), by=None, at=self._at)

    def _query_and_unlock(self) -> None:
        """About readings of people who are not of the demonstration's own; asked by a moderator who is not either."""
        place, asker = self._place(Stage.MODERATING), self._person("inspector-01")
        inspections.give_role(
            self._session,
            inspection=place.inspection,
            account=asker,
            role=Role.MODERATOR,
            by=self._person("coordinator"),
            at=self._at,
        )
        submitted = self._reading(place.inspection, "inspector-14", ReadingState.SUBMITTED)
        self._ask(place, submitted, asker)
        signed_off = self._reading(place.inspection, "inspector-07", ReadingState.SIGNED_OFF)
        unlocking.ask(
            self._session,
            place=place,
            public_id=signed_off.public_id,
            reason="The wrong plan was read.",
            by=asker,
            at=self._at,
        )

    def _of_own_readings(self) -> None:
        """A query and a matter of concern about readings of people who can sign in."""
        inspection = self._last_read("reviewer-2", ReadingState.SUBMITTED)
        place = inspections.place_of(self._session, inspection_id=inspection.id or 0)
        self._ask(place, self._reading(inspection, "reviewer-2", ReadingState.SUBMITTED), self._person("moderator"))
        opened = self._opened(inspection, "reviewer-1", ReadingState.IN_PROGRESS)
        concerns.raise_concern(
            self._session,
            opened=opened,
            instrument=self._instrument(opened.place.programme),
            told=Told("Lead", ToldHow.IN_PERSON, "At once"),
            kind=ConcernKind.IMMEDIATE,
            seen="Nobody visited for a month.",
            needed="A visit today.",
            by=self._person("reviewer-1"),
            at=self._at,
        )

    def _conflict(self) -> None:
        conflicts.declare(
            self._session,
            inspection=self._place(Stage.CHECKED).inspection,
            account=self._person("split"),
            case_ref="",
            with_all=True,
            reason="Worked there until last year.",
            by=self._person("coordinator"),
            at=self._at,
        )

    def _workbook(self) -> None:
        """One that came back as it was given out."""
        place, by = self._place(Stage.READING), self._person("coordinator")
        issued = workbooks.issue(
            self._session,
            place=place,
            reader=self._person("reviewer-2"),
            instruments=self._installed,
            by=by,
            at=self._at,
        )
        self._session.flush()
        content = workbooks.content_of(self._session, place=place, workbook=issued, instruments=self._installed, by=by)
        stream = BytesIO()
        workbooks.write(stream, content)
        workbooks.receive(
            self._session,
            place=place,
            sheets=sheets_of(stream.getvalue()),
            file_sha256="0" * 64,
            instruments=self._installed,
            by=by,
            at=self._at,
        )

    def _issue_of_programme(self) -> None:
        """Of three inspections, of one headline question; prepared by the coordinator and issued by the lead.

        The pages are the same as of all of them, in a third of the time.
        """
        programme = self._place(Stage.PUBLISHED).programme
        instrument = _of_one_headline(self._instrument(programme))
        whole = issues.of_programme(self._session, programme)
        final = readiness.final_of(self._session, scope=whole, instrument=instrument)
        scope = narrowed(final, final.places[:FEWEST])
        prepared = issues.prepare(
            self._session,
            scope=scope,
            instrument=instrument,
            library=Library([instrument]),
            by=self._person("coordinator"),
            at=self._at,
            threshold=LEAST_THRESHOLD,
        )
        issues.issue(
            self._session,
            scope=scope,
            public_id=prepared.public_id,
            instrument=instrument,
            by=self._person("lead"),
            at=self._at,
        )

    def _ask(self, place: inspections.Place, reading: Reading, by: Account) -> None:
        instrument = self._instrument(place.programme)
        queries.ask(
            self._session,
            place=place,
            public_id=reading.public_id,
            key="C9",
            instrument=instrument,
            question="Which entries show it?",
            by=by,
            at=self._at,
        )

    def _place(self, stage: Stage) -> inspections.Place:
        return inspections.place_of(self._session, inspection_id=self._of_stage[stage])

    def _instrument(self, programme: Programme) -> Instrument:
        return self._instruments[programme.instrument_id]

    def _installed(self, instrument_id: str, _version: str) -> Instrument:
        return self._instruments[instrument_id]

    def _person(self, name: str) -> Account:
        domain = "readers" if name.startswith("inspector") else "demo"
        return self._session.exec(select(Account).where(Account.email == f"{name}@{domain}.example")).one()

    def _last_read(self, name: str, state: ReadingState) -> Inspection:
        """The inspection of the last of somebody's readings in that state, but those that everybody has left."""
        query = (
            select(Inspection)
            .join(DrawRecord, col(DrawRecord.inspection_id) == Inspection.id)
            .join(SampleCase, col(SampleCase.draw_id) == DrawRecord.id)
            .join(Reading, col(Reading.sample_case_id) == SampleCase.id)
        )
        is_so = (Reading.reviewer_id == self._person(name).id, Reading.state == state)
        found = self._session.exec(query.where(*is_so).order_by(col(Reading.id).desc())).first()
        assert found is not None
        return found

    def _reading(self, inspection: Inspection, name: str, state: ReadingState) -> Reading:
        query = select(Reading).join(SampleCase).join(DrawRecord).where(DrawRecord.inspection_id == inspection.id)
        is_so = (
            Reading.reviewer_id == self._person(name).id,
            Reading.state == state,
            Reading.kind != ReadingKind.CONSENSUS,
        )
        found = self._session.exec(query.where(*is_so).order_by(col(Reading.id).desc())).first()
        assert found is not None
        return found

    def _opened(self, inspection: Inspection, name: str, state: ReadingState) -> Opened:
        reading = self._reading(inspection, name, state)
        return readings.find(self._session, public_id=reading.public_id, account=self._person(name))


def _of_one_headline(instrument: Instrument) -> Instrument:
    """The same with the first of its headline questions: by each of them an issue divides its records."""
    _, *others = (one.id for one in instrument.sections if one.headline)
    sections = (replace(one, headline=None) if one.id in others else one for one in instrument.sections)
    return replace(instrument, sections=tuple(sections))
