"""What difference was made, on its page: clear improvement with what stands beside it, and what is demonstrated."""

from flask import Flask
from sqlmodel import select

from casereader.db import transaction
from casereader.models import AnswerRow, Reading, SampleCase
from casereader.vocabulary import ReadingKind
from tests import worked
from tests.cast import Cast, SignIn
from tests.web.evaluation.test_roll_up_pages import at, people_of


def build(app: Flask, cast: Cast, answers: dict[str, str]) -> None:
    """The worked inspection, whose first readings all say this too."""
    with transaction(app.extensions["casereader_engine"]) as session:
        worked.build(session, cast.place, people_of(cast))
        query = select(Reading).join(SampleCase).where(Reading.kind == ReadingKind.FIRST, SampleCase.stratum == "b")
        for reading in session.exec(query).all():
            for key, value in answers.items():
                session.add(AnswerRow(reading_id=reading.id or 0, key=key, value=value, saved_at=worked.READ))


def test_the_page_counts_clear_improvement_and_too_early_and_says_what_is_demonstrated(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    build(app, cast, {"G1.safe": "some", "G1.active": "too_early", "G2": "some", "G3": "confirmed"})

    page = sign_in(cast.moderator).page(at(cast, "roll-up/difference"))

    rows = {row[0]: row[1:] for row in page.rows(0)[1:]}
    assert rows["Safe"] == [
        "too few",
        "0 of 5",
        "no word under 10 records",
        "5",
        "0",
        "0",
        "1",
    ]
    assert rows["Active"][:2] == ["none yet", "0 of 0"]
    assert rows["Active"][3:6] == ["0", "5", "0"]
    demonstrated = next(row for table in (1, 2) for row in page.rows(table) if row[0] == "Improvement demonstrated")
    assert demonstrated[1:3] == ["too few", "5 of 5"]


def test_before_anything_is_answered_the_page_says_so(cast: Cast, sign_in: SignIn) -> None:
    assert "No figures yet" in sign_in(cast.lead).page(at(cast, "roll-up/difference")).text
