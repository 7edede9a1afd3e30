"""A topic that a reader named, given another name by the lead of an invented inspection."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from casereader.demo.inspecting import Inspecting, Step
from casereader.figures import topics
from casereader.moderating import moderation
from casereader.vocabulary import Stage


@dataclass
class Renaming:
    """The topics of one inspection, looked through by its lead."""

    of: Inspecting

    def steps(self) -> list[Step]:
        """Once the reading is over, where the people of the demonstration look on."""
        reach = self.of.invented.reach
        if reach.stage is not Stage.EVALUATED or not reach.of_cast:
            return []
        return [(self.of.weeks.proposed - timedelta(days=2), self.rename)]

    def rename(self, at: datetime) -> None:
        """Give the first topic of the first record that has one the name that follows it in the list."""
        place, instrument, lead = self.of.place, self.of.instrument, self.of.people.lead
        seen = {one.key: one for one in moderation.readings_in(self.of.session, place=place, account=lead)}
        found = topics.mentions(self.of.session, place=place, instrument=instrument)
        one = min(found, key=lambda one: (seen[one.reading_id].case_ref, one.key))
        offered = [choice.value for choice in instrument.part(one.key).choices]
        topics.recode(
            self.of.session,
            opened=seen[one.reading_id],
            instrument=instrument,
            topics={one.key: offered[(offered.index(one.topic) + 1) % len(offered)]},
            after=0,
            by=lead,
            at=at,
        )
