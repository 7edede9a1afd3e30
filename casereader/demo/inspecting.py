"""One invented inspection, step by step through the verbs that people use, as far as it has come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlmodel import Session

from casereader import assignments
from casereader.assignments import availability
from casereader.assignments.availability import Given
from casereader.demo.invented.chance import Chance
from casereader.demo.invented.lists import list_of
from casereader.demo.invented.partnerships import Invented
from casereader.demo.invented.weeks import Weeks, period_before
from casereader.demo.people import People, reader
from casereader.drawing import draws, plans
from casereader.drawing.choices import Choices, IndependentCount
from casereader.instrument import Instrument
from casereader.models import Account, Programme
from casereader.people import conflicts
from casereader.programmes import adding, contacts, inspections, joining
from casereader.programmes.calendars import Calendar
from casereader.programmes.inspections import Place
from casereader.returns import frames
from casereader.vocabulary import Role, Stage

Step = tuple[datetime, Callable[[datetime], None]]
KNOWN_ELSEWHERE = {"b": "Child protection register statistics", "e": "Children's reporter's statistics"}
MISCOUNTED = 0.3
FEW_CASES, READERS, FEW_READERS = 40, 6, 3
STAGES = list(Stage)
PER_DAY, LOCAL_PER_DAY = "4", "5"
LEAD_S_TELEPHONE, DEPUTY_S_TELEPHONE = "01632 960001", "01632 960002"  # kept for fiction: nobody answers


@dataclass
class Inspecting:
    """One inspection in the making; each method is one deed at its moment."""

    session: Session
    instrument: Instrument
    programme: Programme
    people: People
    invented: Invented
    weeks: Weeks
    seed: str
    place: Place = field(init=False)
    readers: list[Account] = field(init=False, default_factory=list)
    local: Account | None = field(init=False, default=None)

    @property
    def chance(self) -> Chance:
        """Chance for the deeds of this inspection, the same for each deed whenever it is asked for."""
        return Chance(self.seed, "inspection", self.invented.name)

    def steps(self) -> list[Step]:
        """What is done, and when, as far as the inspection has come."""
        every = [
            (Stage.LIST_AWAITED, self.weeks.notified, self.begin),
            (Stage.CHECKED, self.weeks.list_in, self.receive),
            (Stage.FIXED, self.weeks.fixed, self.fix),
            (Stage.CONFIRMED, self.weeks.confirmed, self.confirm),
            (Stage.DRAWN, self.weeks.drawn, self.draw),
        ]
        reach = self.invented.reach
        found: list[Step] = [(at, run) for stage, at, run in every if STAGES.index(stage) <= STAGES.index(reach.stage)]
        if STAGES.index(reach.stage) > STAGES.index(Stage.DRAWN) or (reach.stage is Stage.DRAWN and reach.of_cast):
            found.append((self.weeks.assigned, self.assign))
        return found

    def begin(self, at: datetime) -> None:
        """Add the partnership and name the people."""
        starts, ends = self.weeks.reading_days
        period_from, period_to = period_before(at)
        inspection = adding.add_partnership(
            self.session,
            programme=self.programme,
            name=self.invented.name,
            period_from=period_from,
            period_to=period_to,
            calendar=Calendar(notified_on=at.date(), reading_starts=starts, reading_ends=ends).completed(),
            lead=self.people.lead,
            by=self.people.coordinator,
            at=at,
        )
        self.place = inspections.place_of(self.session, inspection_id=inspection.id or 0)
        self._give(self.people.moderator, Role.MODERATOR, at)
        self._give(self.people.deputy, Role.DEPUTY, at)
        for account, telephone in ((self.people.lead, LEAD_S_TELEPHONE), (self.people.deputy, DEPUTY_S_TELEPHONE)):
            contacts.set_telephone(
                self.session,
                inspection=inspection,
                account=account,
                telephone=telephone,
                by=self.people.coordinator,
                at=at + timedelta(hours=1),
            )
        if self.invented.reach.stage in (Stage.LIST_AWAITED, Stage.CHECKED):
            return
        self.readers = self._inspectors()
        for account in self.readers:
            self._give(account, Role.REVIEWER, at)
        self.local = self._local_reader(at)
        if self.local is not None:
            self._give(self.local, Role.LOCAL_REVIEWER, at, paired_with=self.readers[0])
            self.readers.append(self.local)

    def receive(self, at: datetime) -> None:
        """Check the list by the same rules as an upload, and keep it."""
        content = list_of(self.invented, seed=self.seed)
        with TemporaryDirectory() as folder:
            path = Path(folder) / "list.csv"
            path.write_bytes(content)
            source = frames.Source(path=path, filename=f"{self.invented.name.lower()}-list.csv")
            checked = frames.check(source, instrument=self.instrument, today=at.date(), apart=False)
        frames.receive(
            self.session,
            inspection=self.place.inspection,
            instrument=self.instrument,
            checked=checked,
            source=source,
            file_bytes=len(content),
            by=self.people.coordinator,
            at=at,
        )

    def fix(self, at: datetime) -> None:
        """Fix list and plan."""
        frame = frames.current(self.session, inspection=self.place.inspection)
        assert frame is not None
        chance = self.chance
        plans.fix(
            self.session,
            inspection=self.place.inspection,
            frame=frame,
            choices=Choices(
                margin=self.invented.margin,
                minimum=2,
                reserve="50%",
                comparison_column="legal_basis",
                comparison_values=("CSO at home",),
            ),
            independent_counts=[
                self._count(group, listed, chance) for group, listed in frames.counts(self.session, frame=frame)
            ],
            public_value_source="Six dice thrown at the joint meeting, read out by both sides and written down.",
            public_value_due_at=None,  # thrown in front of both sides; what is bound is the same whenever it is seeded
            salt=chance.hexadecimal(64),
            by=self.people.coordinator,
            at=at,
        )

    def confirm(self, at: datetime) -> None:
        """The lead agrees."""
        plans.confirm(self.session, inspection=self.place.inspection, by=self.people.lead, at=at)

    def draw(self, at: datetime) -> None:
        """Draw the sample from six dice."""
        chance = Chance(self.seed, "dice", self.invented.name)
        draws.make(
            self.session,
            inspection=self.place.inspection,
            public_value=" ".join(str(chance.whole(1, 6)) for _ in range(6)),
            by=self.people.coordinator,
            at=at,
        )

    def assign(self, at: datetime) -> None:
        """Say who reads on which days, keep a conflict of interest, and deal the cases."""
        inspection, by = self.place.inspection, self.people.coordinator
        days = [day.isoformat() for day in availability.days_of(inspection)]
        local = self.local.id if self.local else None
        availability.set_days(
            self.session,
            inspection=inspection,
            given=[Given(account, days, PER_DAY if account.id != local else LOCAL_PER_DAY) for account in self.readers],
            by=by,
            at=at - timedelta(hours=2),
        )
        self._conflict(at - timedelta(hours=1))
        assignments.assign(
            self.session,
            inspection=inspection,
            instrument=(self.instrument.id, self.instrument.version),
            by=by,
            at=at,
        )

    def _conflict(self, at: datetime) -> None:
        """The local reviewer worked on one of the cases drawn."""
        record = draws.current(self.session, inspection=self.place.inspection)
        if self.local is None or record is None:
            return
        _, case = draws.sampled(self.session, draw_record=record)[0]
        conflicts.declare(
            self.session,
            inspection=self.place.inspection,
            account=self.local,
            case_ref=case.case_ref,
            with_all=False,
            reason="Worked in the team that held this case until last year.",
            by=self.local,
            at=at,
        )

    def _inspectors(self) -> list[Account]:
        n = FEW_READERS if self.invented.n_cases < FEW_CASES else READERS
        invented = self.chance.shuffled(self.people.inspectors)
        return [*(self.people.reviewers if self.invented.reach.of_cast else ()), *invented][:n]

    def _local_reader(self, at: datetime) -> Account | None:
        if self.invented.reach.local:
            return self.people.local_reviewer
        if self.invented.n_cases < FEW_CASES:
            return None
        return reader(
            self.session,
            email=f"local-{self.invented.code.lower()}",
            name=f"Invented local reader, {self.invented.name}",
            at=at,
            last_day=joining.default_end(self.place.inspection),
        )

    def _give(self, account: Account, role: Role, at: datetime, *, paired_with: Account | None = None) -> None:
        inspections.give_role(
            self.session,
            inspection=self.place.inspection,
            account=account,
            role=role,
            paired_with=paired_with,
            by=self.people.coordinator,
            at=at + timedelta(hours=1),
        )

    def _count(self, group: str, listed: int, chance: Chance) -> IndependentCount:
        source = KNOWN_ELSEWHERE.get(group)
        if source is None:
            return IndependentCount(group=group, listed=listed, no_source=True)
        if not chance.happens(MISCOUNTED):
            return IndependentCount(group=group, listed=listed, count=listed, source=source)
        return IndependentCount(
            group=group,
            listed=listed,
            count=max(listed + chance.pick((-2, -1, 1, 2)), 0),
            source=source,
            reason="The other source was counted on another day.",
        )
