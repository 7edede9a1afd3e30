"""Issues of two invented inspections: one prepared for the lead to look over, one looked over and issued."""

from __future__ import annotations

from datetime import datetime

from casereader import issues
from casereader.demo.inspecting import Inspecting, Step
from casereader.instrument import Library


def prepared(of: Inspecting, moment: datetime) -> list[Step]:
    """The coordinator prepares it."""

    def prepare(at: datetime) -> None:
        issues.prepare(
            of.session,
            scope=issues.of_place(of.place),
            instrument=of.instrument,
            library=Library([of.instrument]),
            by=of.people.coordinator,
            at=at,
        )

    return [(moment, prepare)]


def issued(of: Inspecting, moment: datetime) -> list[Step]:
    """The lead issues it, having read what is withheld."""

    def issue(at: datetime) -> None:
        scope = issues.of_place(of.place)
        row = issues.waiting(of.session, scope=scope)
        assert row is not None
        issues.issue(
            of.session, scope=scope, public_id=row.public_id, instrument=of.instrument, by=of.people.lead, at=at
        )

    return [(moment, issue)]
