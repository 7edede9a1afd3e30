"""The reading week of one invented inspection: who answered what, and which cases could not be read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlmodel import col, select

from casereader import audit, readings
from casereader.after_the_draw import replacements
from casereader.demo.incidents import is_concerned, leave_open, raise_concerns
from casereader.demo.inspecting import Inspecting, Step
from casereader.demo.invented.answers import answers_from
from casereader.demo.invented.chance import Chance
from casereader.demo.invented.records import record_of, refusing_na
from casereader.demo.invented.second import second_values
from casereader.demo.invented.severe import as_seen_by
from casereader.demo.invented.values import first_values
from casereader.demo.room import bring_records
from casereader.demo.writing import Written, write
from casereader.instrument import Answer
from casereader.models import Account, Case, DrawRecord, Reading, SampleCase
from casereader.readings import Opened
from casereader.vocabulary import INELIGIBLE_REASONS, ReadingKind, ReadingState, RecordState, Stage

INELIGIBLE, NOT_PRODUCED = 0.06, 0.035
MINUTES = (70, 190)
NOT_PRODUCED_REASON = "Asked for twice; the partnership answered that the record could not be found."
SUBMITTED_BY_NOW, IN_PROGRESS = 0.5, 1  # of each reader's cases, in a week still under way; how many are begun
SIGNED_OFF_OF_READ = 0.7  # where the team has not yet proposed an evaluation


@dataclass
class ReadingWeek:
    """The readings of one inspection in the making."""

    of: Inspecting
    _refusing: dict[str, frozenset[str]] = field(default_factory=dict)
    _come: dict[int, dict[str, RecordState]] = field(default_factory=dict)

    def steps(self) -> list[Step]:
        """What is done, and when, as far as the inspection has come."""
        stage, weeks = self.of.invented.reach.stage, self.of.weeks
        if stage not in (Stage.READING, Stage.MODERATING, Stage.EVALUATED, Stage.PUBLISHED):
            return []
        found: list[Step] = [
            (weeks.on_reading_day(0), self.set_aside),
            (weeks.on_reading_day(1, minutes=500), self.read),
        ]
        if stage is Stage.READING:
            found.append((weeks.on_reading_day(0, minutes=-30), self.bring_records))
            found.append((weeks.on_reading_day(1, minutes=520), self.leave_open))
        return found

    def bring_records(self, at: datetime) -> None:
        """Say which records are in the room when it opens."""
        bring_records(self.of, at)

    def set_aside(self, at: datetime) -> None:
        """Say which cases are not eligible, and replace them, and which were not produced."""
        chance = self._chance("set aside")
        for opened in list(self._opened([ReadingKind.FIRST])):
            reader = self._account(opened.reading.reviewer_id)
            if chance.happens(INELIGIBLE):
                reason = chance.pick(INELIGIBLE_REASONS)
                proposed = readings.propose_ineligible(self.of.session, opened=opened, reason=reason, by=reader, at=at)
                replacements.confirm(
                    self.of.session,
                    inspection=self.of.place.inspection,
                    replacement=proposed,
                    by=self.of.people.moderator,
                    at=at + timedelta(minutes=20),
                )
            elif chance.happens(NOT_PRODUCED):
                readings.say_not_produced(self.of.session, opened=opened, reason=NOT_PRODUCED_REASON, by=reader, at=at)

    def read(self, at: datetime) -> None:
        """Write the week's readings: all of them, or as many as are done by now."""
        is_over = self.of.invented.reach.stage is not Stage.READING
        by_reader = self._by_reader()
        cases = {one.sample_case.id or 0 for reader in by_reader for one in reader}
        self._come = readings.arrived(self.of.session, cases)
        done = [one for reader in by_reader for one in self._work_of(reader, is_over)]
        n_answers = write(self.of.session, done, inspection_id=self.of.place.inspection.id)
        audit.record(
            self.of.session,
            "demonstration readings made",
            by=None,
            at=at,
            kind="inspection",
            object_id=self.of.place.inspection.public_id,
            inspection_id=self.of.place.inspection.id,
            body={"readings": len(done), "answers": n_answers},
        )
        keys = sorted({one.reading.sample_case_id for one in done})
        readings.settle_statuses(self.of.session, sample_case_ids=keys, by=None, at=at)
        raise_concerns(self.of, (one for reader in by_reader for one in reader), done)

    def leave_open(self, at: datetime) -> None:
        """Leave something for others to decide, in a week under way."""
        leave_open(self.of, list(self._opened([ReadingKind.FIRST])), at)

    def _work_of(self, readings_of_one: Sequence[Opened], is_over: bool) -> Iterable[Written]:
        n_done = len(readings_of_one) if is_over else round(SUBMITTED_BY_NOW * len(readings_of_one))
        days = 3 if is_over else 2  # the third day is today
        a_day = max(-(-min(len(readings_of_one), n_done + IN_PROGRESS) // days), 1)
        for place, opened in enumerate(readings_of_one):
            if place >= n_done + IN_PROGRESS:
                return
            day, turn = divmod(place, a_day)
            begun = self.of.weeks.on_reading_day(day, minutes=10 + 75 * turn)
            chance = self._chance("reading", opened.case_ref, opened.reading.kind)
            minutes = chance.whole(*MINUTES)
            answers = self._answers(opened, minutes)
            ended = begun + timedelta(minutes=minutes)
            if place >= n_done:
                yield Written(opened.reading, _begun(answers, chance), begun, begun + timedelta(minutes=40))
                continue
            written = Written(
                opened.reading,
                answers,
                started_at=begun,
                saved_at=ended,
                submitted_at=ended,
                minutes=minutes,
                needs_countersigning=self._is_local(opened),
            )
            yield self._after_submission(written, chance, is_over, is_first=place == 0)

    def _after_submission(self, written: Written, chance: Chance, is_over: bool, *, is_first: bool) -> Written:
        assert written.submitted_at is not None
        if written.needs_countersigning:
            if not is_over and not is_first:
                return written  # waits for the paired inspector
            at = written.submitted_at + timedelta(minutes=30)
            written = replace(written, countersigned_at=at, countersigned_by=self.of.readers[0])
        reach = self.of.invented.reach
        if is_over and (reach.evaluated is not None or chance.happens(SIGNED_OFF_OF_READ)):
            return replace(written, signed_off_at=self.of.weeks.signed_off, signed_off_by=self.of.people.moderator)
        return written

    def _answers(self, opened: Opened, minutes: int) -> dict[str, Answer]:
        """What this reader says of this record; a second reader's answers are near what a first reader's would be."""
        instrument = self.of.instrument
        stratum = opened.stratum(instrument)
        chance = self._chance("record", opened.case_ref)
        facts = readings.known_facts(instrument, opened, self._come.get(opened.sample_case.id or 0))
        record = record_of(
            facts,
            stratum=instrument.stratum_code(stratum) or "",
            has_concern=is_concerned(self.of, opened.case_ref),
            chance=chance,
        )
        values = first_values(
            instrument,
            record,
            good=as_seen_by(self._account(opened.reading.reviewer_id), self.of.invented.good),
            refusing=self._refusing_na(stratum),
            minutes=minutes,
            chance=chance,
        )
        if opened.reading.kind is ReadingKind.SECOND:
            chance = self._chance("second", opened.case_ref)
            values = second_values(instrument, values, minutes=minutes, chance=chance)
        return answers_from(instrument, values, stratum=stratum, chance=chance)

    def _refusing_na(self, stratum: str) -> frozenset[str]:
        if stratum not in self._refusing:
            self._refusing[stratum] = refusing_na(self.of.instrument, stratum=stratum)
        return self._refusing[stratum]

    def _by_reader(self) -> list[list[Opened]]:
        """The readings that can be made, first readings before second ones, by reader.

        In a week under way each begins with the records that are read twice, so that some are in from both.
        """
        found: dict[int, list[Opened]] = {account.id or 0: [] for account in self.of.readers}
        every = [one for one in self._opened([ReadingKind.FIRST, ReadingKind.SECOND]) if not one.is_set_aside]
        if self.of.invented.reach.stage is Stage.READING:
            twice = {one.sample_case.id for one in every if one.reading.kind is ReadingKind.SECOND}
            every.sort(key=lambda one: one.sample_case.id not in twice)
        for opened in every:
            found[opened.reading.reviewer_id].append(opened)
        return list(found.values())

    def _opened(self, kinds: Sequence[ReadingKind]) -> Iterable[Opened]:
        query = (
            select(Reading, SampleCase, Case)
            .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
            .join(Case, col(Case.id) == SampleCase.case_id)
            .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
            .where(
                DrawRecord.inspection_id == self.of.place.inspection.id,
                col(Reading.kind).in_(kinds),
                col(Reading.state) == ReadingState.ASSIGNED,
            )
            .order_by(col(Reading.kind), SampleCase.stratum, col(SampleCase.order))
        )
        for reading, sample_case, case in self.of.session.exec(query).all():
            yield Opened(reading, sample_case, case, self.of.place)

    def _is_local(self, opened: Opened) -> bool:
        local = self.of.local
        return local is not None and opened.reading.reviewer_id == local.id

    def _account(self, key: int) -> Account:
        return next(account for account in self.of.readers if account.id == key)

    def _chance(self, *names: str) -> Chance:
        return Chance(self.of.seed, self.of.invented.name, *names)


def _begun(answers: dict[str, Answer], chance: Chance) -> dict[str, Answer]:
    """The answers of a reading that is under way: as far as one has come, with one marked to talk over."""
    kept = list(answers)[: chance.whole(25, 70)]
    marked = chance.pick([key for key in kept if key[0] in "BCD"] or kept)
    return {key: replace(answers[key], discuss=key == marked) for key in kept}
