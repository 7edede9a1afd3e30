"""Inspections with every record read in full, put into a database in bulk: what the pages of figures are timed on.

The verbs that people use would take an hour for 3,000 readings. What they write is written here: the list, the draw,
the sampled cases, each reading with its answers, notes and revisions, and a second reading of every tenth record.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, insert
from sqlmodel import Session, SQLModel, col, select

from casereader.instrument import Answer, Instrument, open_keys
from casereader.models import (
    AnswerRevision,
    AnswerRow,
    Case,
    DrawRecord,
    Programme,
    Reading,
    SampleCase,
    SamplingFrame,
    SamplingPlan,
)
from casereader.programmes import adding, inspections, programmes
from casereader.programmes.inspections import Place
from casereader.vocabulary import CaseStatus, FrameState, ReadingKind, ReadingState, Role, SampleRole
from tests.cast import Cast

BEGAN = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
READ = BEGAN + timedelta(days=14)
GROUPS = ("CPR", "CPI", "VYP", "CARM")
LEVELS = {
    "age_band": ("0-4", "5-11", "12-15", "16-17"),
    "legal_basis": ("none", "cso_home", "cso_away"),
    "living": ("parents", "kinship", "foster", "residential"),
    "deprivation": ("1", "2", "3", "4", "5"),
}
PLAN = {
    "choices": {"strata": ["group"], "comparison_column": "legal_basis", "comparison_values": ["cso_home"]},
}
LISTED, RECORDS, EVERY = 400, 100, 10  # children on a list, records read of it, one in so many read twice
KINDS_OF_RECORD = 25  # different sets of answers of a group, dealt to the records in another order each time
NOTE = "Entries of March and May show this, and the plan of April takes it up."
NOTED = 0.4


@contextmanager
def in_bulk(engine: Engine) -> Iterator[Session]:
    """A transaction that the trail is told nothing of: half a million rows would be as many events."""
    with Session(engine.execution_options(write=True), expire_on_commit=False) as session:
        yield session
        session.commit()


def build(session: Session, cast: Cast, instrument: Instrument, *, name: str, inspections_of_it: int) -> list[Place]:
    """A programme of inspections, 100 records read in each."""
    return extend(
        session, cast, instrument, begin(session, cast, instrument, name=name), range(1, inspections_of_it + 1)
    )


def begin(session: Session, cast: Cast, instrument: Instrument, *, name: str) -> Programme:
    """A programme without an inspection."""
    return programmes.begin(
        session, name=name, instrument=instrument, evaluated_qis=("2.1", "5.1"), by=cast.coordinator, at=BEGAN
    )


def extend(
    session: Session, cast: Cast, instrument: Instrument, programme: Programme, numbers: Iterable[int]
) -> list[Place]:
    """Inspections of these numbers, with every record read."""
    chance = random.Random(programme.name)
    templates = {group: [_answers(instrument, group, chance) for _ in range(KINDS_OF_RECORD)] for group in GROUPS}
    places = []
    for number in numbers:
        inspection = adding.add_partnership(
            session,
            programme=programme,
            name=f"Glen {number}",
            period_from=date(2025, 1, 1),
            period_to=date(2026, 3, 31),
            lead=cast.lead,
            by=cast.coordinator,
            at=BEGAN,
        )
        for account in (cast.reviewer, cast.second_reviewer):
            inspections.give_role(
                session, inspection=inspection, account=account, role=Role.REVIEWER, by=cast.coordinator, at=BEGAN
            )
        place = inspections.place_of(session, inspection_id=inspection.id or 0)
        _read(session, place, cast, instrument, templates, chance)
        places.append(place)
    return places


def _answers(instrument: Instrument, group: str, chance: random.Random) -> dict[str, str]:
    """Every part that a record of this group is asked."""
    given: dict[str, Answer] = {}
    while True:
        asked = [instrument.part(key) for key in open_keys(instrument, given, stratum=group)]
        new = [part for part in asked if part.key not in given and part.rating is None and part.overrides is None]
        if not new:
            return {key: answer.value for key, answer in given.items() if answer.value is not None}
        for part in new:
            if part.choices:
                good = [choice.value for choice in part.choices if choice.y == 1]
                every = [choice.value for choice in part.choices]
                given[part.key] = Answer(chance.choice(good if good and chance.random() < 0.5 else every))
            else:
                given[part.key] = Answer(str(part.scale.minimum) if part.scale.kind == "count" else "Nothing to add.")


def _read(
    session: Session,
    place: Place,
    cast: Cast,
    instrument: Instrument,
    templates: Mapping[str, Sequence[dict[str, str]]],
    chance: random.Random,
) -> None:
    draw = _draw(session, place, cast, chance)
    cases = session.exec(select(Case.id, Case.group).where(Case.frame_id == draw.frame_id)).all()
    sampled = [
        {
            "draw_id": draw.id,
            "case_id": key,
            "stratum": group,
            "role": SampleRole.MAIN,
            "order": at + 1,
            "ticket": f"{key:064x}",
            "status": CaseStatus.READ,
            "decided_at": READ,
            "decided_by_id": cast.reviewer.id,
        }
        for wanted in GROUPS
        for at, (key, group) in enumerate([one for one in cases if one[1] == wanted][: RECORDS // len(GROUPS)])
    ]
    _put(session, SampleCase, sampled)
    records = session.exec(select(SampleCase.id, SampleCase.stratum).where(SampleCase.draw_id == draw.id)).all()
    order = {group: chance.sample(kinds, len(kinds)) for group, kinds in templates.items()}
    answers = {key or 0: order[group].pop() for key, group in records}
    readings = [_reading(key or 0, cast, instrument, ReadingKind.FIRST) for key, _ in records]
    readings += [_reading(key or 0, cast, instrument, ReadingKind.SECOND) for key, _ in records[::EVERY]]
    _put(session, Reading, readings)
    made = session.exec(
        select(Reading.id, Reading.sample_case_id, Reading.reviewer_id).where(col(Reading.sample_case_id).in_(answers))
    ).all()
    rows = [row for reading, case, _ in made for row in _rows(reading or 0, answers[case], chance)]
    _put(session, AnswerRow, rows)
    by = {reading: reader for reading, _, reader in made}
    _put(session, AnswerRevision, [_revision(row, by[row["reading_id"]]) for row in rows])


class _Draw:
    """The active draw of an inspection and the list that it is of."""

    def __init__(self, id: int, frame_id: int) -> None:
        self.id, self.frame_id = id, frame_id


def _draw(session: Session, place: Place, cast: Cast, chance: random.Random) -> _Draw:
    inspection_id = place.inspection.id or 0
    frame = SamplingFrame(
        inspection_id=inspection_id,
        version=1,
        state=FrameState.COMMITTED,
        file_sha256="0" * 64,
        file_bytes=1,
        n_cases=LISTED,
        received_at=BEGAN,
        received_by_id=cast.coordinator.id or 0,
    )
    session.add(frame)
    session.flush()
    groups = [GROUPS[at * len(GROUPS) // LISTED] for at in range(LISTED)]
    _put(
        session,
        Case,
        [
            {"frame_id": frame.id, "case_ref": f"{place.partnership.slug}-{at:03}", "group": group}
            | {name: chance.choice(levels) for name, levels in LEVELS.items()}
            for at, group in enumerate(groups)
        ],
    )
    plan = SamplingPlan(inspection_id=inspection_id, frame_id=frame.id or 0, plan=PLAN, plan_sha256="0" * 64)
    session.add(plan)
    session.flush()
    counts = [{"stratum": group, "population": LISTED // len(GROUPS)} for group in GROUPS]
    draw = DrawRecord(
        inspection_id=inspection_id,
        plan_id=plan.id or 0,
        public_value="1 2 3",
        seed="seed",
        certificate=json.dumps({"strata_counts": counts}),
        certificate_sha256="0" * 64,
        drawn_at=BEGAN,
        drawn_by_id=cast.coordinator.id or 0,
    )
    session.add(draw)
    session.flush()
    return _Draw(draw.id or 0, frame.id or 0)


def _reading(case: int, cast: Cast, instrument: Instrument, kind: ReadingKind) -> dict[str, Any]:
    reader = cast.reviewer if kind is ReadingKind.FIRST else cast.second_reviewer
    return {
        "sample_case_id": case,
        "kind": kind,
        "state": ReadingState.SUBMITTED,
        "reviewer_id": reader.id,
        "instrument_id": instrument.id,
        "instrument_version": instrument.version,
        "version": 2,
        "assigned_at": BEGAN,
        "assigned_by_id": cast.coordinator.id,
        "started_at": READ,
        "saved_at": READ,
        "submitted_at": READ,
        "first_submitted_at": READ,
        "minutes": 200,
    }


def _rows(reading: int, answers: Mapping[str, str], chance: random.Random) -> Iterator[dict[str, Any]]:
    for key, value in answers.items():
        noted = chance.random() < NOTED
        yield {
            "reading_id": reading,
            "key": key,
            "value": value,
            "note": NOTE if noted else "",
            "sources": ["social_work"] if noted else [],
            "saved_at": READ,
        }


def _revision(row: Mapping[str, Any], reader: int) -> dict[str, Any]:
    said = {name: row[name] for name in ("value", "note", "sources")}
    return {
        "reading_id": row["reading_id"],
        "key": row["key"],
        "before": None,
        "after": said,
        "saved_at": READ,
        "saved_by_id": reader,
    }


def _put(session: Session, model: type[SQLModel], rows: list[dict[str, Any]]) -> None:
    session.execute(insert(model), rows)
