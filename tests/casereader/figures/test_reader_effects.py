"""How far readers move the headline shares, in the words that stand beside every interval."""

from __future__ import annotations

import io
from zipfile import ZipFile

from sqlalchemy import event
from sqlmodel import Session, select

from casereader.agreement import SAMPLING_ONLY, points
from casereader.exports import covers, workbook
from casereader.figures import reader_effects
from casereader.figures.whole_results import whole_results
from casereader.instrument import Library, load
from casereader.models import Reading
from casereader.vocabulary import CaseStatus, ReadingKind, ReadingState
from tests import read_twice
from tests.cast import Cast, gather
from tests.source import ROOT
from tests.worked import People

CRR = load(ROOT / "data" / "instruments" / "crr-1.toml")
LIBRARY = Library([CRR])


def read(session: Session, *, pairs: int = 14) -> Cast:
    cast = gather(session, instrument=CRR)
    people = People(cast.reviewer, cast.second_reviewer, cast.local_reviewer, cast.lead)
    read_twice.build(session, cast.place, people, pairs=pairs)
    return cast


def note(session: Session, cast: Cast) -> list[str]:
    return reader_effects.note(session, cast.place.programme, CRR, LIBRARY)


def test_the_note_says_what_the_interval_covers_and_how_far_readers_moved_each_headline(session: Session) -> None:
    """9 and 8 of 13 good: one pair gained, two lost; limits by Bonett and Price, (2 − 3) / 15 ± 1.645 · 0.148."""
    said = note(session, read(session))

    assert said[0] == SAMPLING_ONLY
    assert said[1].startswith("14 records of this programme were read twice")
    assert said[2:] == [
        "C9 Assessment: 69% and 62%, a difference of −8 points (90% interval −31 to +18 points; 13 pairs)."
    ]


def test_under_ten_pairs_it_says_that_they_are_too_few(session: Session) -> None:
    assert note(session, read(session, pairs=3))[1:] == [
        "3 records were read twice: too few to say how far readers move these shares."
    ]


def test_what_is_published_of_readers_does_not_tell_of_the_few_pairs_in_which_they_differ(session: Session) -> None:
    """Of 13 pairs, 8 points and an interval give away that 3 differ; at 10 pairs for each it is too few to be told."""
    programme = read(session).place.programme

    def published(threshold: int) -> list[str]:
        return reader_effects.note_to_publish(session, programme, CRR, LIBRARY, threshold=threshold)[1:]

    assert published(5) == ["Too few records were read twice to say how far readers move these shares."]
    (said,) = published(1)
    assert said.endswith("the share moved by less than 10 percentage points: C9 Assessment.")


def test_without_any_pair_it_says_that_this_is_not_known(session: Session) -> None:
    assert "not known" in note(session, read(session, pairs=0))[1]


def test_an_inspection_that_is_still_being_read_tells_nothing_of_its_second_readings(session: Session) -> None:
    cast = read(session)
    reading = session.exec(select(Reading).where(Reading.kind == ReadingKind.SECOND)).first()
    assert reading is not None
    reading.submitted_at, reading.state = None, ReadingState.IN_PROGRESS
    session.flush()

    assert "not known" in note(session, cast)[1]


def test_what_was_counted_is_not_counted_again_until_something_is_done_to_a_record(session: Session) -> None:
    cast, asked = read(session), []
    first = note(session, cast)
    event.listen(session.get_bind(), "before_cursor_execute", lambda _c, _u, said, *_: asked.append(said))

    assert note(session, cast) == first
    assert asked
    assert [said for said in asked if " answer" in said] == []

    sampled = read_twice.sampled_cases(session, cast.place)[0]
    sampled.status, sampled.reason = CaseStatus.INELIGIBLE, "Moved away before the period."
    session.flush()
    assert note(session, cast)[1].startswith("13 records of this programme were read twice")


def test_the_workbook_has_the_note_among_its_notes(session: Session) -> None:
    cast = read(session)
    found = whole_results(session, cast.place, CRR)
    said = reader_effects.moved(session, cast.place.programme, CRR, LIBRARY)
    book = io.BytesIO()

    workbook.write(book, found.results.figures, CRR, covers.cover_of(cast.place, found, reader_notes=said))

    with ZipFile(book) as parts:
        texts = parts.read("xl/sharedStrings.xml").decode()
    for sentence in (SAMPLING_ONLY, *said):
        assert sentence in texts


def test_the_method_says_it_in_the_same_words() -> None:
    assert SAMPLING_ONLY in (ROOT / "docs" / "method" / "readers.md").read_text(encoding="utf-8")


def test_points_are_rounded_away_from_zero_and_have_a_sign() -> None:
    assert [points(one) for one in (0.034, -0.034, 0.005, 0.004, -0.004, 0.0)] == [
        "+3 points",
        "−3 points",
        "+1 point",
        "0 points",
        "0 points",
        "0 points",
    ]
