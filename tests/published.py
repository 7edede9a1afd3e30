"""The worked inspection with nothing left to do but to publish: read, signed off, finally evaluated."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache

from sqlmodel import Session, col, select

from casereader.figures import results
from casereader.instrument import Instrument, load
from casereader.models import DrawRecord, Evaluation, Reading, SampleCase
from casereader.programmes import adding, inspections
from casereader.programmes.inspections import Place
from casereader.vocabulary import EvaluationStage, ReadingState, Role
from tests import read_twice
from tests.cast import BEGAN, Cast
from tests.source import ROOT
from tests.worked import READ, People

OUT = datetime(2026, 10, 5, 10, 0, tzinfo=UTC)


def build(session: Session, cast: Cast, *, place: Place | None = None) -> Place:
    """Every record read once and signed off, every quality indicator finally rated 4."""
    here = place or cast.place
    people = People(cast.reviewer, cast.second_reviewer, cast.local_reviewer, cast.lead)
    read_twice.build(session, here, people, pairs=0)
    for reading in readings_of(session, here):
        reading.state = ReadingState.SIGNED_OFF
        reading.signed_off_at, reading.signed_off_by_id = READ, cast.moderator.id
    session.flush()
    evaluate(session, cast, here)
    return here


def ready(session: Session, cast: Cast, instrument: Instrument) -> Place:
    """`build` as a beginning of tests, on the questionnaire of their programme."""
    assert instrument.id == crr_1().id
    return build(session, cast)


def evaluate(session: Session, cast: Cast, place: Place) -> None:
    """The final evaluation of every quality indicator, with the figures as they stand."""
    figures = results.results_for(session, [place], crr_1(), by=()).figures.by_qi
    for qi in place.programme.evaluated_qis:
        session.add(
            Evaluation(
                inspection_id=place.inspection.id or 0,
                qi=qi,
                stage=EvaluationStage.FINAL,
                rating=4,
                reason="Records, survey and groups point the same way.",
                figures=results.plain_rows(figures[figures["qi"] == qi].drop(columns=["qi", "qi_label"])),
                made_at=READ,
                made_by_id=cast.lead.id or 0,
            )
        )
    session.flush()


@cache
def crr_1() -> Instrument:
    """The default instrument."""
    return load(ROOT / "data/instruments/crr-1.toml")


def another(session: Session, cast: Cast, *, name: str = "Strath Other") -> Place:
    """A second inspection of the same programme, as far as the first."""
    inspection = adding.add_partnership(
        session,
        programme=cast.place.programme,
        name=name,
        period_from=date(2025, 1, 1),
        period_to=date(2026, 3, 31),
        lead=cast.lead,
        by=cast.coordinator,
        at=BEGAN,
    )
    inspections.give_role(
        session, inspection=inspection, account=cast.moderator, role=Role.MODERATOR, by=cast.coordinator, at=BEGAN
    )
    place = inspections.place_of(session, inspection_id=inspection.id or 0)
    return build(session, cast, place=place)


def readings_of(session: Session, place: Place) -> list[Reading]:
    """Every reading of the inspection."""
    query = (
        select(Reading)
        .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .where(DrawRecord.inspection_id == place.inspection.id)
        .order_by(col(Reading.id))
    )
    return list(session.exec(query))
