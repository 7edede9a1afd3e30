"""Invented figures published of a partnership before, where evaluations are written: one the same, others less so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from casereader.demo.inspecting import Inspecting, Step
from casereader.demo.invented.chance import Chance
from casereader.figures import rounds
from casereader.vocabulary import Comparability

SOURCE = "Invented report of an earlier inspection"
YEARS_AGO = 5
SPREAD = Decimal("0.1")
ASKED = (
    ("C9", "Was the assessment of need and risk good or better?", Comparability.SAME, 80),
    ("D11", "Was there a good plan?", Comparability.SIMILAR, 80),
    ("E7", "Was the child's case reviewed in time?", Comparability.NOT_COMPARABLE, None),
)


@dataclass
class Before:
    """The earlier figures of one inspection in the making."""

    of: Inspecting

    def steps(self) -> list[Step]:
        """They are entered while the coordinator waits for the list."""
        return [(self.of.weeks.after(2), self.enter)] if self.of.invented.reach.evaluated is not None else []

    def enter(self, at: datetime) -> None:
        """Enter each of them, around the share that is invented for now."""
        chance = Chance(self.of.seed, "published before", self.of.invented.name)
        for question, asked, comparability, n in ASKED:
            share = Decimal(str(self.of.invented.good.get(question, 0.6))) + SPREAD * Decimal(str(chance.normal()))
            rounds.enter(
                self.of.session,
                place=self.of.place,
                instrument=self.of.instrument,
                entry=rounds.Entry(
                    source=SOURCE,
                    asked=asked,
                    per_cent=Decimal(round(min(max(share, Decimal("0.05")), Decimal("0.95")) * 100)),
                    comparability=comparability,
                    question=None if comparability is Comparability.NOT_COMPARABLE else question,
                    published_on=date(at.year - YEARS_AGO, 5, 1),
                    n=n,
                ),
                by=self.of.people.coordinator,
                at=at,
            )
