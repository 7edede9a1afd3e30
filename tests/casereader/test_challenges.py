"""The factual-accuracy log: entered for the partnership, answered once by the lead; the final evaluation waits."""

from datetime import date, timedelta

import pytest
from sqlmodel import Session, col, select

from casereader import challenges, evaluations
from casereader.challenges import Raised
from casereader.errors import AbsentError, ConflictError, FormError, RefusedError
from casereader.instrument import Instrument
from casereader.models import AuditEvent, Challenge, Evaluation
from casereader.vocabulary import EvaluationStage
from tests.cast import BEGAN, EVALUATED, Cast
from tests.databases import ON_BOTH

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

WRONG = Raised(
    raised_by="Chief  social work officer",
    says="Page 4 says that nine chronologies were missing. Two were in the archive.",
    evidence="The archive's receipt of 4 May.",
    qi="5.2",
)
ANSWER = "Both were read again in the archive. The share of C1 is 60% and was 52%."


def enter(session: Session, cast: Cast, raised: Raised = WRONG, *, looked: bool = False) -> Challenge:
    """Enter one, a day after the beginning."""
    return challenges.enter(
        session,
        place=cast.place,
        raised=raised,
        evaluated=EVALUATED,
        by=cast.coordinator,
        at=BEGAN + timedelta(days=1),
        looked=looked,
    )


def answer(session: Session, cast: Cast, one: Challenge, words: str = ANSWER, *, changed: bool | None = True) -> None:
    """Answer one, two days after the beginning."""
    challenges.answer(
        session,
        place=cast.place,
        public_id=one.public_id,
        words=words,
        figure_changed=changed,
        by=cast.lead,
        at=BEGAN + timedelta(days=2),
    )


def evaluate(session: Session, cast: Cast, instrument: Instrument, stage: EvaluationStage, qi: str = "5.2") -> None:
    """Write the evaluation of an indicator at a stage."""
    newest = next((one.row.public_id for one in evaluations.history(session, place=cast.place) if one.row.qi == qi), "")
    evaluations.write(
        session,
        place=cast.place,
        instrument=instrument,
        qi=qi,
        stage=stage,
        rating=4,
        reason="Strengths outweigh.",
        figures=[],
        after=newest,
        by=cast.lead,
        at=BEGAN + timedelta(days=3),
    )


@ON_BOTH
def test_a_challenge_is_entered_answered_once_and_never_changed(session: Session, cast: Cast) -> None:
    one = enter(session, cast)
    assert enter(session, cast).id == one.id, "the same sent twice is one"
    answer(session, cast, one)
    answer(session, cast, one)

    with pytest.raises(ConflictError):
        answer(session, cast, one, "Something else.", changed=False)

    (found,) = challenges.log(session, place=cast.place)
    assert (found.row.raised_by, found.row.qi) == ("Chief social work officer", "5.2")
    assert (found.row.answer, found.row.figure_changed, found.answered_by) == (ANSWER, True, "Leslie Lead")
    assert (found.entered_by, found.is_open) == ("Catriona Coordinator", False)


@ON_BOTH
def test_open_ones_come_first_and_the_trail_tells_of_every_step(session: Session, cast: Cast) -> None:
    first = enter(session, cast)
    answer(session, cast, first)
    second = enter(session, cast, Raised("Chief nurse", "The number of records is wrong."))

    assert [one.row.id for one in challenges.log(session, place=cast.place)] == [second.id, first.id]
    exported = challenges.export(session, place=cast.place, by=cast.lead, at=BEGAN)
    assert [(one.number, one.row.id) for one in exported] == [(1, first.id), (2, second.id)]
    query = select(AuditEvent.action).where(col(AuditEvent.action).startswith("challenge"))
    told = session.exec(query.order_by(col(AuditEvent.n))).all()
    assert told == ["challenge entered", "challenge answered", "challenge entered", "challenges exported"]


@ON_SQLITE
def test_every_fault_of_a_challenge_is_told_at_once(session: Session, cast: Cast) -> None:
    with pytest.raises(FormError) as refused:
        enter(session, cast, Raised("x" * 201, " ", qi="9.9"))

    assert list(refused.value.faults) == ["raised_by", "qi", "says"]
    one = enter(session, cast)
    with pytest.raises(FormError) as refused:
        answer(session, cast, one, " ", changed=None)
    assert list(refused.value.faults) == ["answer", "figure_changed"]
    assert challenges.find(session, place=cast.place, public_id=one.public_id).is_open


@ON_SQLITE
def test_a_text_that_looks_as_if_it_named_somebody_is_taken_after_a_look(session: Session, cast: Cast) -> None:
    named = Raised("Chief social work officer", "Mrs Donaldson was never a social worker here.")

    with pytest.raises(FormError) as refused:
        enter(session, cast, named)

    assert list(refused.value.faults) == ["says"]
    assert enter(session, cast, named, looked=True).says == named.says


@ON_SQLITE
def test_the_final_evaluation_waits_for_what_is_open_on_its_indicator_or_on_everything(
    session: Session, cast: Cast, instrument: Instrument
) -> None:
    here, everywhere = enter(session, cast), enter(session, cast, Raised("Chief nurse", "The dates are wrong."))
    enter(session, cast, Raised("Chief nurse", "Another page is wrong.", qi="5.3"))
    evaluate(session, cast, instrument, EvaluationStage.PROPOSED)
    evaluate(session, cast, instrument, EvaluationStage.PANEL)

    with pytest.raises(RefusedError, match="2 challenges of the partnership must be answered first"):
        evaluate(session, cast, instrument, EvaluationStage.FINAL)
    answer(session, cast, here)
    with pytest.raises(RefusedError, match="1 challenge of the partnership must be answered first"):
        evaluate(session, cast, instrument, EvaluationStage.FINAL)
    answer(session, cast, everywhere, "The dates are right: shown in the tracker.", changed=False)
    evaluate(session, cast, instrument, EvaluationStage.FINAL)

    assert session.exec(select(Evaluation).where(Evaluation.stage == EvaluationStage.FINAL)).one()


@ON_SQLITE
def test_after_publication_nothing_is_entered_and_one_of_another_inspection_is_not_there(
    session: Session, cast: Cast
) -> None:
    cast.place.inspection.published_on, cast.place.inspection.published_by_id = date(2026, 5, 31), cast.lead.id

    with pytest.raises(ConflictError, match="published"):
        enter(session, cast)
    with pytest.raises(AbsentError):
        challenges.find(session, place=cast.place, public_id="AAAAAAAAAAAAAAAAAAAAAA")
