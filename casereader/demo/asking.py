"""Queries in an inspection that is being moderated: a few in each state, asked and answered by the verbs people use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle

from sqlmodel import col, select

from casereader import queries, readings
from casereader.demo.inspecting import Inspecting, Step
from casereader.instrument import open_keys
from casereader.models import Account, DrawRecord, Query, Reading, SampleCase
from casereader.readings import Change, Opened, answers_of
from casereader.vocabulary import ReadingKind, ReadingState, Stage

WEEKS = 9.5  # after notification: when the two readings that are settled are
MARKED = ("D12", "F3")


@dataclass
class Asking:
    """What a moderator asks about the answers of one inspection, and what its readers say."""

    of: Inspecting

    def steps(self) -> list[Step]:
        """In an inspection that is being moderated, in which the people of the demonstration read."""
        reach = self.of.invented.reach
        if reach.stage is not Stage.MODERATING or reach.evaluated is not None or not reach.of_cast:
            return []
        return [(self.of.weeks.after(WEEKS), self.ask_and_answer)]

    def ask_and_answer(self, at: datetime) -> None:
        """One query that is open, some that are answered, one resolved, and marks to discuss."""
        every = cycle(self._to_sign_off())
        deeds = (self._open, self._answered, self._changed, self._resolved, self._marked, self._asked_again)
        for place, (opened, deed) in enumerate(zip(every, deeds, strict=False)):
            deed(opened, at + timedelta(hours=place))

    def _open(self, opened: Opened, at: datetime) -> None:
        self._ask(opened, "C9", "Which entries show the child’s lived experience?", at)

    def _answered(self, opened: Opened, at: datetime) -> None:
        query = self._ask(opened, "D11", "Is this the plan of the last review, or the one before?", at)
        self._reply(opened, query, "The last one: the plan dated after the second review.", at)

    def _changed(self, opened: Opened, at: datetime) -> None:
        query = self._ask(opened, "C10", "Is the chronology analysed, or only a list of dates?", at)
        reader, moment = self._reader(opened), at + timedelta(minutes=40)
        queries.reopen_to_change(
            self.of.session, opened=opened, public_id=query.public_id, by=reader, at=moment - timedelta(minutes=10)
        )
        given = answers_of(self.of.session, opened.key)[query.key].value
        self._save(opened, {query.key: {"value": "4" if given != "4" else "3"}}, moment)

    def _resolved(self, opened: Opened, at: datetime) -> None:
        query = self._ask(opened, "E7", "Was the child’s view at the review, or only reported?", at)
        self._reply(opened, query, "It was read out by the advocate; the minute says so.", at)
        place, by = self.of.place, self.of.people.moderator
        queries.resolve(
            self.of.session,
            place=place,
            public_id=query.public_id,
            note="That bears the rating out.",
            by=by,
            at=at + timedelta(minutes=50),
        )

    def _marked(self, opened: Opened, at: datetime) -> None:
        reader = self._reader(opened)
        reason = "Two answers to talk over."
        readings.reopen(self.of.session, opened=opened, reason=reason, by=reader, at=at)
        asked = self._asked(opened)
        self._save(opened, {key: {"discuss": True} for key in MARKED if key in asked}, at + timedelta(minutes=20))

    def _asked_again(self, opened: Opened, at: datetime) -> None:
        query = self._ask(opened, "F9", "What shows that the child’s view changed a decision?", at)
        self._reply(opened, query, "Contact was changed as the child had asked.", at)
        queries.say(
            self.of.session,
            place=self.of.place,
            public_id=query.public_id,
            text="Which agency recorded that?",
            by=self.of.people.moderator,
            at=at + timedelta(minutes=45),
        )

    def _ask(self, opened: Opened, key: str, question: str, at: datetime) -> Query:
        """Ask about the question, or about the assessment where it was not asked."""
        return queries.ask(
            self.of.session,
            place=self.of.place,
            public_id=opened.reading.public_id,
            key=key if key in self._asked(opened) else "C9",
            instrument=self.of.instrument,
            question=question,
            by=self.of.people.moderator,
            at=at,
        )

    def _reply(self, opened: Opened, query: Query, text: str, at: datetime) -> None:
        moment = at + timedelta(minutes=25)
        queries.reply(
            self.of.session,
            opened=opened,
            public_id=query.public_id,
            text=text,
            by=self._reader(opened),
            at=moment,
        )

    def _save(self, opened: Opened, changes: dict[str, Change], at: datetime) -> None:
        """Save the changes and submit again."""
        reading, reader = opened.reading, self._reader(opened)
        readings.save(
            self.of.session,
            opened=opened,
            instrument=self.of.instrument,
            changes=changes,
            version=reading.version,
            key=f"demonstration-{reading.public_id}-{min(changes)}",
            digest="0" * 64,
            by=reader,
            at=at,
        )
        readings.submit(
            self.of.session,
            opened=opened,
            instrument=self.of.instrument,
            declared=True,
            keep_marks=True,
            keep_signs=True,
            minutes=reading.minutes,
            by=reader,
            at=at + timedelta(minutes=1),
        )

    def _asked(self, opened: Opened) -> Sequence[str]:
        instrument = self.of.instrument
        return list(open_keys(instrument, answers_of(self.of.session, opened.key), stratum=opened.stratum(instrument)))

    def _reader(self, opened: Opened) -> Account:
        return next(account for account in self.of.readers if account.id == opened.reading.reviewer_id)

    def _to_sign_off(self) -> list[Opened]:
        """The first readings by inspectors that are not signed off, those of the demonstration's own people first."""
        query = (
            select(Reading.public_id, Reading.reviewer_id)
            .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
            .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
            .where(
                DrawRecord.inspection_id == self.of.place.inspection.id,
                Reading.kind == ReadingKind.FIRST,
                Reading.state == ReadingState.SUBMITTED,
                col(Reading.needs_countersigning).is_(False),
            )
            .order_by(SampleCase.stratum, col(SampleCase.order))
        )
        own = {account.id for account in self.of.people.reviewers}
        found = sorted(self.of.session.exec(query), key=lambda row: row[1] not in own)
        accounts = {account.id: account for account in self.of.readers}
        return [
            readings.find(self.of.session, public_id=public_id, account=accounts[reviewer_id])
            for public_id, reviewer_id in found
        ]
