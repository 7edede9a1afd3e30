"""What the invented leads say of their partnerships as a whole; one of them has only begun."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean

from casereader import own_instrument
from casereader.demo.inspecting import Inspecting, Step
from casereader.demo.invented.chance import Chance
from casereader.instrument import Answer, Instrument, Library
from casereader.own_instrument import mark_of
from casereader.vocabulary import Stage

JUDGEMENTS = ("strength", "variable", "area_for_improvement", "not_enough_evidence")
USUAL = {"P1": 0.62, "P2": 0.7, "P3": 0.4, "P4": 0.35, "P5": 0.35, "P6": 0.5, "P7": 0.42, "P8": 0.3, "P9": 0.38}
USUAL_OTHERWISE = 0.4  # invented, as is all here
MIDDLE_GOOD = 0.61  # of the simulated shares good or better
UNSEEN = 0.05
BEGUN = 4  # questions answered where the lead has only begun
REASONS = {
    "strength": "Groups and records show the same in every locality, and the partnership's own data bear it out.",
    "variable": "Some localities do this well and others late; records and staff groups agree on where.",
    "area_for_improvement": "Seldom seen in records, and staff in most groups could not say how it is meant to work.",
    "not_enough_evidence": "Too few records and no group touched on it: the inspection cannot say.",
}
REFERENCES = ("Minutes of the chief officers group, last quarter", "Self-evaluation of the partnership, section 4", "")


@dataclass
class Leading:
    """The lead's answers about one partnership."""

    of: Inspecting
    library: Library

    def steps(self) -> list[Step]:
        """When the lead answers: before the team proposes its evaluations."""
        reach, weeks = self.of.invented.reach, self.of.weeks
        if reach.evaluated is not None:
            return [(weeks.proposed - timedelta(hours=20), self.answer)]
        if reach.stage is Stage.MODERATING and reach.of_cast:
            return [(weeks.settled + timedelta(hours=6), self.begin)]
        return []

    def answer(self, at: datetime) -> None:
        """Answer every question."""
        self._save(at, None)

    def begin(self, at: datetime) -> None:
        """Answer the first few."""
        self._save(at, BEGUN)

    def _save(self, at: datetime, most: int | None) -> None:
        found = own_instrument.answered(self.of.session, place=self.of.place, library=self.library)
        asked = found.instrument.questions[:most]
        typed: dict[str, Answer] = {}
        for question in asked:
            part, *more = question.parts
            chance = Chance(self.of.seed, self.of.invented.name, "own instrument", question.id)
            typed[part.key] = self._judged(found.instrument, question.id, chance)
            typed |= {one.key: Answer(chance.pick(REFERENCES) or None) for one in more}
        own_instrument.save(
            self.of.session,
            place=self.of.place,
            library=self.library,
            typed=typed,
            seen={question.id: mark_of(question, found.answers) for question in asked},
            by=self.of.people.lead,
            at=at,
        )

    def _judged(self, own: Instrument, question: str, chance: Chance) -> Answer:
        strong = USUAL.get(question, USUAL_OTHERWISE) + fmean(self.of.invented.good.values()) - MIDDLE_GOOD
        strong = min(max(strong, 0.05), 0.85)
        weights = (strong, (1 - strong) * 0.6, (1 - strong) * 0.4, UNSEEN)
        judgement = chance.weighted(dict(zip(JUDGEMENTS, weights, strict=True)))
        kinds = {source.value for source in chance.shuffled(own.sources)[: chance.whole(1, 3)]}
        sources = tuple(source.value for source in own.sources if source.value in kinds)
        return Answer(judgement, REASONS[judgement], () if judgement == "not_enough_evidence" else sources)
