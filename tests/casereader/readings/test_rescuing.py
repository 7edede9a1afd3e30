"""Answers brought back after the server was away: nothing stored is lost unasked, and twice changes nothing."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from casereader import readings
from casereader.errors import ConflictError
from casereader.instrument import Answer, Instrument
from casereader.models import AnswerRevision, AuditEvent
from casereader.readings import BroughtBack, Change, Choice, Opened, StaleError, Standing, UnchosenError
from tests.cast import Cast
from tests.reading import STARTED, again, complete, save
from tests.trail import said

LATER = STARTED + timedelta(hours=1)
FILE = "f" * 64


class Desk:
    """One reader with one reading."""

    def __init__(self, session: Session, opened: Opened, instrument: Instrument, people: Cast) -> None:
        self.session, self.instrument, self.reader = session, instrument, people.reviewer
        self._opened = opened

    @property
    def opened(self) -> Opened:
        """The reading as it stands."""
        return again(self.session, self._opened, self.reader)

    def save(self, changes: Mapping[str, Change]) -> None:
        save(self.session, self.opened, self.instrument, changes, by=self.reader)

    def look(self, changes: Mapping[str, Change]) -> dict[str, Standing]:
        found = readings.beside_stored(self.session, opened=self.opened, instrument=self.instrument, changes=changes)
        return {one.key: one.standing for one in found}

    def bring(
        self, changes: Mapping[str, Change], *, version: int | None = None, source: str = FILE, **choices: Choice
    ) -> BroughtBack:
        opened = self.opened
        return readings.bring_back(
            self.session,
            opened=opened,
            instrument=self.instrument,
            changes=changes,
            choices=choices,
            version=version or opened.reading.version,
            source=source,
            by=self.reader,
            at=LATER,
        )

    @property
    def stored(self) -> dict[str, Answer]:
        return readings.answers_of(self.session, self._opened.key)

    @property
    def n_revisions(self) -> int:
        return len(self.session.exec(select(AnswerRevision)).all())

    def audited(self, action: str) -> list[AuditEvent]:
        query = select(AuditEvent).where(AuditEvent.action == action).order_by(col(AuditEvent.n))
        return list(self.session.exec(query))


@pytest.fixture
def desk(session: Session, opened: Opened, instrument: Instrument, people: Cast) -> Desk:
    return Desk(session, opened, instrument, people)


def test_an_answer_is_new_as_long_as_taking_it_loses_nothing_that_is_stored(desk: Desk) -> None:
    desk.save(
        {
            "C1": {"value": "yes"},
            "C2": {"value": "yes"},
            "C3": {"value": "yes", "note": "Seen in March."},
            "C4": {"value": "yes", "sources": ("health",), "discuss": True},
            "_notes": {"value": "Read to May."},
        }
    )

    assert desk.look(
        {
            "C1": {"value": "yes"},
            "C2": {"value": "yes", "note": "And more.", "sources": ("health",)},
            "C3": {"value": "yes", "note": "Seen in May."},
            "C4": {"value": "yes", "sources": ("police",), "discuss": True},
            "C5": {"value": "no"},
            "C9": {"value": "7"},
            "Q1": {"value": "yes"},
            "_notes": {"value": "Read to June."},
            "_story": {"value": "Two moves."},
        }
    ) == {
        "C1": Standing.SAME,
        "C2": Standing.NEW,
        "C3": Standing.DIFFERS,
        "C4": Standing.DIFFERS,
        "C5": Standing.NEW,
        "C9": Standing.REFUSED,
        "_notes": Standing.DIFFERS,
        "_story": Standing.NEW,
        "Q1": Standing.REFUSED,
    }
    assert desk.look({"C4": {"discuss": False}}) == {"C4": Standing.DIFFERS}, "a mark taken away is something lost"
    assert desk.look({"C1": {"value": ""}}) == {"C1": Standing.DIFFERS}, "so is an answer"


def test_what_is_refused_comes_with_the_reason_and_the_words(desk: Desk) -> None:
    (found,) = readings.beside_stored(
        desk.session,
        opened=desk.opened,
        instrument=desk.instrument,
        changes={"C9": {"value": "7", "note": "Kept up to May."}},
    )

    assert found.waited == Answer("7", "Kept up to May.")
    assert "is not an answer here" in found.reasons[0]


def test_what_is_new_is_taken_and_what_differs_only_as_chosen(desk: Desk) -> None:
    desk.save({"C1": {"value": "yes"}, "C2": {"value": "yes"}})
    waited: dict[str, Change] = {
        "C1": {"value": "no"},
        "C2": {"value": "no"},
        "C3": {"value": "no"},
        "C9": {"value": "7"},
    }

    brought = desk.bring(waited, C1=Choice.WAITED, C2=Choice.STORED)

    assert brought == BroughtBack(taken=("C1", "C3"), kept=("C2",))
    assert {key: desk.stored[key].value for key in ("C1", "C2", "C3")} == {"C1": "no", "C2": "yes", "C3": "no"}
    assert "C9" not in desk.stored
    (event,) = desk.audited("rescue file brought in")
    assert said(event) == {"file": FILE, "taken": ["C1", "C3"], "kept": ["C2"]}
    assert event.object_id == desk.opened.reading.public_id


def test_nothing_is_taken_while_one_answer_that_differs_is_not_chosen(desk: Desk) -> None:
    desk.save({"C1": {"value": "yes"}, "C2": {"value": "yes"}})
    waited: dict[str, Change] = {"C1": {"value": "no"}, "C2": {"value": "no"}, "C3": {"value": "no"}}

    with pytest.raises(UnchosenError) as caught:
        desk.bring(waited, C1=Choice.WAITED)

    assert caught.value.keys == ("C2",)
    assert desk.stored["C1"].value == "yes" and "C3" not in desk.stored


def test_the_same_file_twice_changes_nothing(desk: Desk) -> None:
    desk.save({"C1": {"value": "yes"}})
    version = desk.opened.reading.version
    waited: dict[str, Change] = {"C1": {"value": "no"}, "C3": {"value": "no"}, "_notes": {"value": "Read to June."}}
    desk.bring(waited, version=version, C1=Choice.WAITED)
    then = desk.opened.reading.version, desk.n_revisions

    assert desk.bring(waited, version=version, C1=Choice.WAITED) == BroughtBack((), ()), "the page sent twice"
    assert set(desk.look(waited).values()) == {Standing.SAME}
    assert desk.bring(waited) == BroughtBack((), ()), "the file chosen again"
    assert (desk.opened.reading.version, desk.n_revisions) == then
    assert len(desk.audited("rescue file brought in")) == 1


def test_a_reading_that_changed_since_it_was_looked_at_is_looked_at_again(desk: Desk) -> None:
    version = desk.opened.reading.version
    desk.save({"C3": {"value": "yes"}})

    with pytest.raises(StaleError):
        desk.bring({"C3": {"value": "no"}}, version=version)

    assert desk.stored["C3"].value == "yes"


def test_what_the_list_knows_is_not_overwritten_unasked_either(desk: Desk) -> None:
    (key, answer) = next(iter(readings.known_facts(desk.instrument, desk.opened).items()))
    other = next(one.value for one in desk.instrument.part(key).choices if one.value != answer.value)

    assert desk.opened.reading.started_at is None
    assert desk.look({key: {"value": other}, "C1": {"value": "yes"}}) == {key: Standing.DIFFERS, "C1": Standing.NEW}
    desk.bring({key: {"value": other}, "C1": {"value": "yes"}}, **{key: Choice.STORED})
    assert (desk.stored[key].value, desk.stored["C1"].value) == (answer.value, "yes")


def test_a_submitted_reading_takes_nothing_and_says_why(desk: Desk) -> None:
    assert readings.why_closed(desk.opened) == ""
    complete(desk.session, desk.opened, desk.instrument, by=desk.reader)

    assert "Reopen it with a reason" in readings.why_closed(desk.opened)
    with pytest.raises(ConflictError):
        desk.bring({"C9": {"value": "1"}}, C9=Choice.WAITED)
    with pytest.raises(ConflictError):
        desk.bring({"C9": {"value": "1"}})
    assert desk.stored["C9"].value == "4"
