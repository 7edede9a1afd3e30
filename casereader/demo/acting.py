"""Invented actions, where the people of the demonstration read: one in each state, and one that is late."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from casereader import actions
from casereader.actions import Step as ActionStep
from casereader.demo.inspecting import Inspecting, Step
from casereader.models import Account, Action
from casereader.moderating import moderation
from casereader.vocabulary import ActionState, ReadingKind, Stage

FOUND = (
    ("D4", "The plan does not say what happens if it does not work: add a contingency, agreed with every agency."),
    ("C1", "The chronology ends a year ago: bring it up to date, and say who keeps it."),
    ("E1", "The review is four months overdue: hold it, and say why it was late."),
    ("F5", "No advocate was offered: offer one, and record the answer."),
)
GIVEN_TO = ("Service manager, children’s services", "Team manager, locality team", "Lead nurse, child protection")
REPORTED = "The partnership’s lead wrote that it is done, and named the entry in the record."
SEEN = "Seen in the record: the entry is there and answers what was asked."
NOT_NEEDED = "Need not be done: the order has ended, and the case closed for good reasons."
SOON, LATER = timedelta(days=10), timedelta(weeks=14)


@dataclass
class Acting:
    """The actions of one inspection in the making."""

    of: Inspecting
    _made: list[Action] = field(default_factory=list)

    def steps(self) -> list[Step]:
        """What is done, and when, as far as the inspection has come."""
        stage, weeks = self.of.invented.reach.stage, self.of.weeks
        if not self.of.invented.reach.of_cast or stage not in (Stage.READING, Stage.MODERATING, Stage.EVALUATED):
            return []
        found: list[Step] = [(weeks.on_reading_day(1, minutes=530), self.record)]
        if stage is not Stage.READING:
            found += [(weeks.after(8.2), self.give), (weeks.after(9.5), self.report)]
        if stage is Stage.EVALUATED:
            found.append((weeks.after(15), self.close))
        return found

    def record(self, at: datetime) -> None:
        """Readers record what some of the records they have submitted show."""
        place, moderator = self.of.place, self.of.people.moderator
        submitted = moderation.submitted(self.of.session, place=place, instrument=self.of.instrument, account=moderator)
        first = sorted(
            (one.opened for one in submitted if one.opened.reading.kind is ReadingKind.FIRST),
            key=lambda one: one.case_ref,
        )
        for opened, (question, what) in zip(first, FOUND, strict=False):
            self._made.append(
                actions.record(
                    self.of.session,
                    opened=opened,
                    instrument=self.of.instrument,
                    what=what,
                    question=question,
                    by=self.of.session.get_one(Account, opened.reading.reviewer_id),
                    at=at,
                )
            )

    def give(self, at: datetime) -> None:
        """The coordinator gives all but the last: the first two soon, the other with time."""
        for action, given_to, within in zip(self._made, GIVEN_TO, (SOON, SOON, LATER), strict=False):
            due_on = (at + within).date()
            self._step(action, ActionStep(ActionState.GIVEN, given_to=given_to, due_on=due_on), at)

    def report(self, at: datetime) -> None:
        """The partnership reports that the second is done; the first goes past its date."""
        for action in self._made[1:2]:
            self._step(action, ActionStep(ActionState.DONE, REPORTED), at)

    def close(self, at: datetime) -> None:
        """The lead has seen what was reported, and lets one be."""
        for action, words in zip(self._made[:2], (NOT_NEEDED, SEEN), strict=False):
            self._step(action, ActionStep(ActionState.CLOSED, words), at)

    def _step(self, action: Action, step: ActionStep, at: datetime) -> None:
        by = self.of.people.lead if step.to is ActionState.CLOSED else self.of.people.coordinator
        actions.follow(self.of.session, public_id=action.public_id, step=step, by=by, at=at)
