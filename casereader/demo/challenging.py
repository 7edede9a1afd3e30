"""Invented challenges: what the partnership says is wrong after the panel; all are answered before the final word."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from casereader import challenges
from casereader.challenges import Raised
from casereader.demo.inspecting import Inspecting, Step
from casereader.models import Challenge
from casereader.vocabulary import EvaluationStage

RAISED = (
    Raised(
        "Chief social work officer",
        "The draft says that two records held no chronology. Both were in the archive when you read.",
        "The archive's list of the two files.",
        "5.2",
    ),
    Raised(
        "Service manager, children’s services",
        "The number of records said to be not produced differs from ours by one.",
    ),
)
ANSWERS = (
    "Both files were looked at again in the archive: the chronologies end before the period, and the answers stand.",
    "The tracker shows when each record was asked for and that this one did not come. The number stands.",
)


@dataclass
class Challenging:
    """The challenges of one inspection in the making."""

    of: Inspecting
    _made: list[Challenge] = field(default_factory=list)

    def steps(self) -> list[Step]:
        """What is done, and when, as far as the inspection has come."""
        reached, weeks = self.of.invented.reach.evaluated, self.of.weeks
        if reached not in (EvaluationStage.PANEL, EvaluationStage.FINAL):
            return []
        found: list[Step] = [(weeks.panel + timedelta(weeks=1), self.enter)]
        if reached is EvaluationStage.FINAL:
            found.append((weeks.final - timedelta(days=2), self.answer))
        else:
            found.append((weeks.panel + timedelta(days=9), self.answer_first))
        return found

    def enter(self, at: datetime) -> None:
        """The coordinator enters what the partnership sent."""
        for raised in RAISED:
            self._made.append(
                challenges.enter(
                    self.of.session,
                    place=self.of.place,
                    raised=raised,
                    evaluated=self.of.place.programme.evaluated_qis,
                    by=self.of.people.coordinator,
                    at=at,
                )
            )

    def answer(self, at: datetime) -> None:
        """The lead answers each of them."""
        self._answer(self._made, at)

    def answer_first(self, at: datetime) -> None:
        """The lead answers one; the other waits."""
        self._answer(self._made[:1], at)

    def _answer(self, some: list[Challenge], at: datetime) -> None:
        for one, words in zip(some, ANSWERS, strict=False):
            challenges.answer(
                self.of.session,
                place=self.of.place,
                public_id=one.public_id,
                words=words,
                figure_changed=False,
                by=self.of.people.lead,
                at=at,
            )
