"""From a figure to its readings and notes: which are shown to whom. The inspection is that of `tests/worked.py`."""

from collections.abc import Iterable
from typing import Any

import pytest
from sqlmodel import Session, col, select

from casereader.figures import evidence
from casereader.figures.evidence import Behind
from casereader.instrument import load
from casereader.models import Account, AnswerRow, Case, Reading, SampleCase
from casereader.people import conflicts
from casereader.vocabulary import ReadingKind, ReadingState
from tests import worked
from tests.cast import Cast, gather
from tests.source import ROOT
from tests.worked import People

CRR = load(ROOT / "data" / "instruments" / "crr-1.toml")


@pytest.fixture
def cast(session: Session) -> Cast:
    """The cast and the worked inspection; every rating has a note that names its case and kind of reading."""
    made = gather(session, instrument=CRR)
    worked.build(session, made.place, People(made.reviewer, made.second_reviewer, made.local_reviewer, made.lead))
    for row, reading, ref in session.exec(answers_query()).all():
        if row.key == "C9":
            row.note = f"{reading.kind} reading of {ref}"
            row.sources = ["health"]
            session.add(row)
    session.flush()
    return made


def answers_query() -> Any:
    """Every answer with its reading and reference."""
    return (
        select(AnswerRow, Reading, Case.case_ref)
        .join(Reading, col(Reading.id) == AnswerRow.reading_id)
        .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
        .join(Case, col(Case.id) == SampleCase.case_id)
    )


def reading_of(session: Session, ref: str, kind: ReadingKind = ReadingKind.FIRST) -> Reading:
    """The reading of a case."""
    found = [one for _, one, its in session.exec(answers_query()) if its == ref and one.kind == kind]
    return found[0]


def behind(session: Session, cast: Cast, account: Account, key: str = "C9") -> list[Behind]:
    """What the account finds under a question."""
    return evidence.behind(session, place=cast.place, instrument=CRR, account=account, key=key)


def refs(found: Iterable[Behind]) -> list[str]:
    """The references, in order."""
    return [one.opened.case_ref for one in found]


def test_the_readings_that_count_stand_in_the_order_of_the_scale(session: Session, cast: Cast) -> None:
    found = behind(session, cast, cast.moderator)

    assert [(one.opened.case_ref, one.value) for one in found] == [
        ("b05", "6"), ("a03", "5"), ("b01", "5"), ("a01", "4"), ("a02", "4"), ("b02", "4"),
        ("a04", "3"), ("b03", "3"), ("a05", "2"), ("b04", "2"), ("a08", "1"), ("a06", "cannot_be_evaluated"),
    ]  # fmt: skip
    notes = {one.opened.case_ref: one.evidence.note for one in found}
    assert notes["a01"] == "consensus reading of a01"
    assert notes["b01"] == "first reading of b01"
    assert (found[0].levels["stratum"], found[0].levels["age_band"], found[0].levels["deprivation"]) == (
        "b",
        "12-15",
        "1",
    )


def test_an_answer_that_skip_logic_closed_stands_under_no_figure(session: Session, cast: Cast) -> None:
    assert behind(session, cast, cast.lead, "I8") == []


def test_whoever_has_a_reading_of_a_case_to_submit_finds_no_other_of_it(session: Session, cast: Cast) -> None:
    second = reading_of(session, "b01", ReadingKind.SECOND)
    second.state, second.submitted_at, second.reviewer_id = ReadingState.IN_PROGRESS, None, cast.moderator.id or 0
    session.add(second)
    session.flush()

    assert "b01" not in refs(behind(session, cast, cast.moderator))
    assert "b01" in refs(behind(session, cast, cast.lead))
    counted = evidence.notes_counted(session, place=cast.place, instrument=CRR, account=cast.moderator)
    assert counted == {"C9": 11}


def test_a_conflict_of_interest_covers_the_readings_of_its_case(session: Session, cast: Cast) -> None:
    conflicts.declare(
        session,
        account=cast.moderator,
        inspection=cast.place.inspection,
        case_ref="b02",
        with_all=False,
        reason="Knows the family",
        by=cast.moderator,
        at=worked.READ,
    )

    assert "b02" not in refs(behind(session, cast, cast.moderator))
    assert "b02" in refs(behind(session, cast, cast.lead))


def test_a_note_counts_where_it_was_written(session: Session, cast: Cast) -> None:
    reading = reading_of(session, "b01")
    pointing = AnswerRow(reading_id=reading.id or 0, key="C10", value="4", note="see C9", saved_at=worked.READ)
    session.add(pointing)
    session.flush()

    counted = evidence.notes_counted(session, place=cast.place, instrument=CRR, account=cast.lead)
    assert counted == {"C9": 12}
    (under,) = behind(session, cast, cast.lead, "C10")
    assert (under.evidence.note, under.evidence.of) == ("first reading of b01", "C9")


def test_an_atypical_record_is_marked_and_still_there(session: Session, cast: Cast) -> None:
    reading = reading_of(session, "b04")
    session.add(AnswerRow(reading_id=reading.id or 0, key="J5", value="atypical", saved_at=worked.READ))
    session.flush()

    found = behind(session, cast, cast.lead)
    assert [one.opened.case_ref for one in found if one.is_atypical] == ["b04"]
    assert len(found) == 12


def test_only_the_counting_reading_of_a_case_leads_to_figures(session: Session, cast: Cast) -> None:
    seen = {
        (one.case_ref, one.reading.kind): evidence.counts_in_figures(session, one)
        for one in evidence.moderation.readings_in(session, place=cast.place, account=cast.lead)
    }

    assert seen["a01", ReadingKind.CONSENSUS]
    assert not seen["a01", ReadingKind.FIRST]
    assert not seen["b01", ReadingKind.SECOND]
    assert seen["b01", ReadingKind.FIRST]
    assert not seen["c01", ReadingKind.FIRST]  # it waits to be countersigned
