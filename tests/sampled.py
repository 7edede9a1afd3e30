"""An inspection taken as far as a test needs it, by the verbs that people use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlmodel import Session

from casereader import assignments
from casereader.drawing import draws, plans
from casereader.drawing.choices import Choices, IndependentCount
from casereader.instrument import Instrument
from casereader.models import Account, DrawRecord, SamplingFrame, SamplingPlan
from casereader.returns import frames
from casereader.returns.frames import Source
from sampling.check import CheckedList
from tests.cast import Cast
from tests.lists import GROUPS, write_list

AT = datetime(2026, 6, 2, 9, 0, tzinfo=UTC)
SALT = "5a" * 16
VALUE = "4 8 15 16 23 42"
CHOICES = Choices(size=20, minimum=2)
PLAN_TYPED = {  # into the form of a plan
    "strata": "group",
    "by": "number",
    "size": "20",
    "confidence": "90",
    "margin": "15",
    "ineligible": "0",
    "method": "proportional",
    "minimum": "2",
    "reserve": "50",
    "second_share": "10",
}


def receive(
    session: Session, cast: Cast, instrument: Instrument, *, groups: Mapping[str, int] = GROUPS
) -> SamplingFrame:
    """The cast's list, received."""
    checked = _checked(tuple(groups.items()), instrument)
    return frames.receive(
        session,
        inspection=cast.place.inspection,
        instrument=instrument,
        checked=replace(checked),
        source=Source(Path("list"), "list.csv"),
        file_bytes=1000,
        by=cast.coordinator,
        at=AT,
    )


def no_source(session: Session, frame: SamplingFrame) -> list[IndependentCount]:
    """For every group: no independent source exists."""
    return [IndependentCount(group, n, no_source=True) for group, n in frames.counts(session, frame=frame)]


def fix(session: Session, cast: Cast, frame: SamplingFrame, *, choices: Choices = CHOICES) -> SamplingPlan:
    """List and plan fixed by the coordinator."""
    return plans.fix(
        session,
        inspection=cast.place.inspection,
        frame=frame,
        choices=choices,
        independent_counts=no_source(session, frame),
        public_value_source="Dice thrown in front of both sides",
        public_value_due_at=None,
        salt=SALT,
        with_share=choices.waves.questions if choices.waves else (),
        by=cast.coordinator,
        at=AT + timedelta(hours=1),
    )


def draw(
    session: Session,
    cast: Cast,
    instrument: Instrument,
    *,
    choices: Choices = CHOICES,
    groups: Mapping[str, int] = GROUPS,
) -> DrawRecord:
    """The sample drawn, after the lead confirmed."""
    fix(session, cast, receive(session, cast, instrument, groups=groups), choices=choices)
    plans.confirm(session, inspection=cast.place.inspection, by=cast.lead, at=AT + timedelta(hours=2))
    return draws.make(
        session,
        inspection=cast.place.inspection,
        public_value=VALUE,
        by=cast.coordinator,
        at=AT + timedelta(hours=3),
    )


def assign(
    session: Session,
    cast: Cast,
    instrument: Instrument,
    *,
    to: list[Account] | None = None,
    groups: Mapping[str, int] = GROUPS,
) -> DrawRecord:
    """The cases drawn and dealt to the cast's reviewers."""
    record = draw(session, cast, instrument, groups=groups)
    assignments.assign(
        session,
        inspection=cast.place.inspection,
        instrument=(instrument.id, instrument.version),
        chosen=to or [cast.reviewer, cast.second_reviewer, cast.local_reviewer],
        by=cast.coordinator,
        at=AT + timedelta(hours=4),
    )
    return record


@cache
def _checked(groups: tuple[tuple[str, int], ...], instrument: Instrument) -> CheckedList:
    """Checked once a run: the child process takes most of a second."""
    with TemporaryDirectory() as folder:
        source = Source(write_list(Path(folder), dict(groups)), "list.csv")
        return frames.check(source, instrument=instrument, today=date(2026, 6, 1))
