"""The partnership's own instrument: saved by its rules, never over somebody else's, counted by partnership."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from casereader import audit, own_instrument
from casereader.errors import AbsentError
from casereader.instrument import Answer, Library, load, load_all
from casereader.models import AuditEvent, PartnershipAnswer
from casereader.own_instrument import MeanwhileError, mark_of
from casereader.readings import RefusedAnswersError
from tests.cast import Cast
from tests.reading import STARTED
from tests.source import ROOT
from tests.trail import said

FOLDER = ROOT / "data" / "instruments"
LIBRARY = load_all(FOLDER)
CRR_P = load(FOLDER / "crr-p.toml")
REASON = "Records and groups show the same in all localities."
QUESTIONS = [question.id for question in CRR_P.questions]


def judged(value: str, note: str = REASON, sources: tuple[str, ...] = ("records", "groups")) -> Answer:
    return Answer(value, note, sources)


def every(value: str = "strength") -> dict[str, Answer]:
    return {key: judged(value) for key in QUESTIONS}


def marks(answers: Mapping[str, Answer], questions: list[str] | None = None) -> dict[str, str]:
    """What a page holds that shows these answers."""
    return {key: mark_of(CRR_P.question(key), answers) for key in questions or QUESTIONS}


def save(
    session: Session, people: Cast, typed: Mapping[str, Answer], seen: Mapping[str, str], **more: object
) -> list[str]:
    given = {"by": people.lead, "at": STARTED} | more
    return own_instrument.save(session, place=people.place, library=LIBRARY, typed=typed, seen=seen, **given)  # type: ignore[arg-type]


def stands(session: Session, people: Cast) -> own_instrument.Answered:
    return own_instrument.answered(session, place=people.place, library=LIBRARY)


def test_nothing_is_answered_at_first_and_every_judgement_is_missing(session: Session, people: Cast) -> None:
    found = stands(session, people)

    assert (found.instrument.id, found.answers, found.is_complete, found.saved_at) == ("CRR-P", {}, False, None)
    assert [one.key for one in found.missing] == QUESTIONS


def test_answers_are_kept_with_reason_evidence_and_reference_and_who_saved_them(session: Session, people: Cast) -> None:
    typed = {"P1": judged("variable"), "P1.reference": Answer("Audit report, page 4")}

    assert save(session, people, typed, marks({}, ["P1"])) == ["P1"]

    found = stands(session, people)
    assert found.answers == typed
    assert (found.saved_by, found.saved_at) == ("Leslie Lead", STARTED)
    assert "P1" not in {one.key for one in found.missing}
    row = session.exec(select(PartnershipAnswer).where(PartnershipAnswer.key == "P1")).one()
    assert (row.instrument_id, row.instrument_version) == ("CRR-P", CRR_P.version)


def test_it_is_complete_once_every_judgement_has_its_reason_and_its_kind_of_evidence(
    session: Session, people: Cast
) -> None:
    without_source = every() | {"P4": judged("strength", sources=())}
    save(session, people, without_source, marks({}))
    assert [one.key for one in stands(session, people).missing] == ["P4"]

    save(session, people, every(), marks(without_source))

    assert stands(session, people).is_complete


def test_not_enough_evidence_needs_a_note_and_no_source(session: Session, people: Cast) -> None:
    save(session, people, every() | {"P5": judged("not_enough_evidence", "Not asked.", ())}, marks({}))

    assert stands(session, people).is_complete


def test_a_judgement_that_is_not_offered_is_refused_and_nothing_of_the_page_is_saved(
    session: Session, people: Cast
) -> None:
    with pytest.raises(RefusedAnswersError) as refused:
        save(
            session,
            people,
            every() | {"P2": judged("excellent"), "P3": judged("strength", sources=("rumour",))},
            marks({}),
        )

    assert set(refused.value.faults) == {"P2", "P3"}
    assert stands(session, people).answers == {}


def test_a_reason_that_looks_as_if_it_named_somebody_is_asked_after_once(session: Session, people: Cast) -> None:
    typed = {"P1": judged("strength", "Seen in the records of Mrs Campbell and others.")}
    with pytest.raises(RefusedAnswersError, match="looks like"):
        save(session, people, typed, marks({}, ["P1"]))

    assert save(session, people, typed, marks({}, ["P1"]), looked=True) == ["P1"]
    again = typed | {"P1": judged("variable", typed["P1"].note)}
    assert save(session, people, again, marks(typed, ["P1"]), looked=True) == ["P1"]


def test_what_somebody_answered_in_the_meantime_is_not_written_over(session: Session, people: Cast) -> None:
    save(session, people, {"P1": judged("variable")}, marks({}, ["P1"]))
    with pytest.raises(MeanwhileError, match="Leslie Lead answered P1 in the meantime") as crossed:
        save(session, people, {"P1": judged("strength"), "P2": judged("strength")}, marks({}, ["P1", "P2"]))

    assert crossed.value.questions == ["P1"]
    assert set(stands(session, people).answers) == {"P1"}


def test_two_people_may_answer_different_questions_of_pages_loaded_together(session: Session, people: Cast) -> None:
    empty = {key: Answer(None) for key in QUESTIONS}
    save(session, people, empty | {"P1": judged("variable")}, marks({}))

    assert save(session, people, empty | {"P2": judged("strength")}, marks({})) == ["P2"]

    assert {key: one.value for key, one in stands(session, people).answers.items() if one.value} == {
        "P1": "variable",
        "P2": "strength",
    }


def test_the_same_answer_given_twice_is_no_conflict_and_changes_nothing(session: Session, people: Cast) -> None:
    typed = {"P1": judged("variable")}
    save(session, people, typed, marks({}, ["P1"]))
    before = len(session.exec(select(AuditEvent)).all())

    assert save(session, people, typed, marks({}, ["P1"]), at=STARTED + timedelta(hours=1)) == []

    assert len(session.exec(select(AuditEvent)).all()) == before


def test_the_audit_names_what_was_answered_and_holds_no_judgement_in_clear(session: Session, people: Cast) -> None:
    first = {"P1": judged("variable"), "P1.reference": Answer("Page 4")}
    save(session, people, first, marks({}, ["P1"]))
    save(session, people, {"P1": judged("strength", REASON + " Again.", ("data",))}, marks(first, ["P1"]))

    events = session.exec(select(AuditEvent).where(AuditEvent.action == "partnership's own instrument answered")).all()
    assert said(events[1]) == {
        "answered": ["P1"],
        "complete": False,
    }
    assert events[0].body["answered"] == ["P1", "P1.reference"]
    assert not any(word in str(one.body) for one in events for word in ("variable", "strength", "records", "Page 4"))
    assert audit.verify(session) == []


def test_partnerships_are_counted_complete_of_all_that_the_programme_lists(session: Session, people: Cast) -> None:
    assert own_instrument.n_complete(session, programme=people.place.programme, library=LIBRARY) == (0, 1)
    save(session, people, every(), marks({}))

    assert own_instrument.n_complete(session, programme=people.place.programme, library=LIBRARY) == (1, 1)


def test_without_an_instrument_about_partnerships_the_page_says_whom_to_ask(session: Session, people: Cast) -> None:
    with pytest.raises(AbsentError, match="whoever runs the service"):
        own_instrument.answered(session, place=people.place, library=Library([load(FOLDER / "crr-1.toml")]))


def test_every_judgement_counts_partnerships_and_not_records() -> None:
    inspected = [every("strength"), every("variable") | {"P3": judged("strength")}, every("variable")]
    found = {one.question.id: one for one in own_instrument.counts(CRR_P, inspected)}

    assert list(found) == QUESTIONS
    assert found["P1"].counts == {"strength": 1, "variable": 2, "area_for_improvement": 0, "not_enough_evidence": 0}
    assert found["P3"].counts["strength"] == 2
    assert found["P3"].n == 3


def test_quality_assurance_stands_beside_the_shares_of_those_with_enough_records() -> None:
    inspected = {
        "Ash": every("strength"),
        "Birch": every("strength"),
        "Cedar": every("strength"),
        "Elm": every("variable"),
    }
    rows = {
        "Ash": {"share": 0.5, "n": 20},
        "Birch": {"share": 0.2, "n": 30},
        "Cedar": {"share": 1.0, "n": 9},
        "Elm": {"share": 0.3, "n": 40},
    }
    strength, variable, area, _ = own_instrument.quality_assurance(CRR_P, inspected, rows, least_n=10)

    assert (strength.n, strength.shares) == (3, (0.2, 0.35, 0.5))
    assert (variable.n, variable.shares) == (1, (0.3, 0.3, 0.3))
    assert (area.n, area.shares) == (0, None)
