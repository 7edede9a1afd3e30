"""The head of an inspection moves with what is done to it, and with nothing else; every printed head is an anchor."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlmodel import Session

from casereader import audit
from casereader.db import transaction
from casereader.people import accounts
from tests.cast import BEGAN, Cast

LATER = BEGAN + timedelta(days=1)


def _head(session: Session, people: Cast) -> str:
    return audit.head_of(session, people.place.inspection.id or 0)


def _deed(session: Session, action: str, **more: object) -> str:
    audit.record(session, action, by=None, at=LATER, kind="draw", object_id="any", **more)  # type: ignore[arg-type]
    return audit.head(session)


def test_a_deed_elsewhere_leaves_the_head_where_it_is(session: Session, people: Cast) -> None:
    before = _head(session, people)

    accounts.create(session, email="eve@example.org", name="Eve", by=None, at=LATER)
    _deed(session, "access refused")

    assert _head(session, people) == before != audit.head(session)


def test_a_deed_in_the_inspection_moves_it(session: Session, people: Cast) -> None:
    assert _deed(session, "any deed", inspection_id=people.place.inspection.id) == _head(session, people)


def test_a_deed_to_the_whole_programme_moves_it(session: Session, people: Cast) -> None:
    place = people.place
    audit.record(session, "any deed", by=None, at=LATER, kind="programme", object_id=place.programme.public_id)

    deed = audit.head(session)
    assert _head(session, people) == deed
    assert audit.head_of_programme(session, place.programme.id or 0) == deed


@pytest.mark.parametrize("action", sorted(audit.LOOKS))
def test_looking_leaves_it(session: Session, people: Cast, action: str) -> None:
    before = _head(session, people)

    _deed(session, action, inspection_id=people.place.inspection.id)

    assert _head(session, people) == before


def test_the_head_of_a_programme_is_the_newest_of_its_inspections(session: Session, people: Cast) -> None:
    newest = _deed(session, "any deed", inspection_id=people.place.inspection.id)
    accounts.create(session, email="eve@example.org", name="Eve", by=None, at=LATER)

    assert audit.head_of_programme(session, people.place.programme.id or 0) == newest


def test_where_nothing_was_done_the_head_is_the_beginning(session: Session) -> None:
    assert audit.head_of(session, 1) == audit.head_of_programme(session, 1) == audit.FIRST


def test_whatever_head_was_printed_the_trail_is_checked_against_it(app: Flask) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        accounts.create(session, email="eve@example.org", name="Eve", by=None, at=BEGAN)
        printed = audit.head(session)
        accounts.create(session, email="ada@example.org", name="Ada", by=None, at=BEGAN)
    runner = app.test_cli_runner()

    held = runner.invoke(args=["audit", "verify", "--anchor", f"{printed[:32]} {printed[32:].upper()}"])
    assert (held.exit_code, "still holds the head" in held.output) == (0, True)
    lost = runner.invoke(args=["audit", "verify", "--anchor", "f" * 64])
    assert (lost.exit_code, "not in the chain" in lost.output) == (1, True)
    assert runner.invoke(args=["audit", "verify", "--anchor", printed[:60]]).exit_code == 2
