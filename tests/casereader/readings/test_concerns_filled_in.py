"""A matter of concern raised before the reading is begun is answered for the reader once it is."""

import pytest
from sqlmodel import Session

from casereader import concerns, readings
from casereader.concerns import Told
from casereader.instrument import Instrument
from casereader.readings import Change, Opened
from casereader.vocabulary import ConcernKind, ToldHow
from tests.cast import Cast
from tests.reading import STARTED, save

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def raised(session: Session, people: Cast, instrument: Instrument, opened: Opened) -> Opened:
    concerns.raise_concern(
        session,
        opened=opened,
        instrument=instrument,
        told=Told(people.lead.name, ToldHow.IN_PERSON, "at once"),
        kind=ConcernKind.PROLONGED,
        seen="Visits stopped.",
        needed="A check.",
        by=people.reviewer,
        at=STARTED,
    )
    assert readings.answers_of(session, opened.key) == {}
    return opened


def test_it_is_filled_in_where_the_reading_is_started(
    session: Session, people: Cast, instrument: Instrument, raised: Opened
) -> None:
    readings.begin(session, opened=raised, instrument=instrument, by=people.reviewer, at=STARTED)

    assert readings.answers_of(session, raised.key)["J7"].value == "yes"


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"C9": {"value": "5"}}, ("yes", "")),
        ({"J7": {"note": "Raised at once."}}, ("yes", "Raised at once.")),
        ({"J7": {"value": "yes"}}, ("yes", "")),
        ({"J7": {"value": "no"}}, ("no", "")),
    ],
)
def test_it_is_filled_in_at_the_first_save_unless_that_answers_it(
    session: Session,
    people: Cast,
    instrument: Instrument,
    raised: Opened,
    changes: dict[str, Change],
    answer: tuple[str, str],
) -> None:
    save(session, raised, instrument, changes, by=people.reviewer)

    stored = readings.answers_of(session, raised.key)["J7"]
    assert (stored.value, stored.note) == answer
    assert len(readings.history(session, reading_id=raised.key, question_keys=["J7"])) == 1


def test_a_reading_without_one_starts_with_nothing_said_of_it(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    readings.begin(session, opened=opened, instrument=instrument, by=people.reviewer, at=STARTED)

    assert "J7" not in readings.answers_of(session, opened.key)
