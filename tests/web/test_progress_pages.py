"""What waits for somebody in the reading week: shown on their home page, called by one word, settled on the pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlmodel import Session, select

from casereader import inspections, readings
from casereader.db import transaction
from casereader.models import Account, Reading
from casereader.readings import Opened
from casereader.vocabulary import ReadingKind, Role
from tests import sampled
from tests.cast import SignIn
from tests.web.reading_room import Room

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def home_of(room: Room) -> str:
    return f"/inspections/{room.cast.place.inspection.public_id}"


def by_its_reader(room: Room, public_id: str, act: Callable[[Session, Opened, Account], object]) -> tuple[str, Account]:
    """Have the reading's own reviewer do something with it; the case's reference, and who that is."""
    with transaction(room.app.extensions["casereader_engine"]) as session:
        reading = session.exec(select(Reading).where(Reading.public_id == public_id)).one()
        reader = session.get_one(Account, reading.reviewer_id)
        opened = readings.find(session, public_id=public_id, account=reader)
        act(session, opened, reader)
        return opened.case_ref, reader


def _join(room: Room, account: Account) -> None:
    with transaction(room.app.extensions["casereader_engine"]) as session:
        inspections.give_role(
            session,
            inspection=room.cast.place.inspection,
            account=account,
            role=Role.REVIEWER,
            by=room.cast.coordinator,
            at=sampled.AT,
        )


def hand_back(session: Session, opened: Opened, reader: Account) -> None:
    readings.hand_back(session, opened=opened, reason="I worked with the family.", by=reader, at=sampled.AT)


def say_ineligible(session: Session, opened: Opened, reader: Account) -> None:
    reason = "Listed twice under two references"
    readings.propose_ineligible(session, opened=opened, reason=reason, by=reader, at=sampled.AT)


def test_a_second_reading_that_was_handed_back_goes_to_somebody_by_name_even_after_the_first_was_submitted(
    room: Room, sign_in: SignIn
) -> None:
    first, second = room.pair
    case_ref, _ = by_its_reader(room, second, hand_back)
    room.complete(first)
    coordinator = sign_in(room.cast.coordinator)

    waits = coordinator.page("/").text
    sealed = coordinator.page(f"{home_of(room)}/progress/second-readings")
    nobody = coordinator.page(f"{home_of(room)}/give/{second}")
    _join(room, room.cast.outsider)
    give = coordinator.page(f"{home_of(room)}/give/{second}")

    assert "1 reading was handed back" in waits
    assert f"{home_of(room)}/give/{second}" in sealed.links
    assert give.heading == f"Give {case_ref} to another reviewer"
    assert f"{home_of(room)}/people" in nobody.links  # both inspectors are on the case: somebody has to be found
    assert [option.text for option in give.root.iter("option")] == ["Choose a reviewer", room.cast.outsider.name]


def test_a_case_that_is_given_to_another_is_theirs_and_waits_for_nobody_else(room: Room, sign_in: SignIn) -> None:
    first, _ = room.pair
    case_ref, reader = by_its_reader(room, first, hand_back)
    coordinator = sign_in(room.cast.coordinator)
    takes = room.cast.local_reviewer if reader.id != room.cast.local_reviewer.id else room.cast.reviewer
    path = f"{home_of(room)}/give/{first}"

    refused = coordinator.submit(path, {"reader": takes.public_id})
    given = coordinator.submit(path, {"reader": takes.public_id, "reason": "A conflict of interest"})

    assert refused.status_code == 422
    assert given.status_code == 303
    assert case_ref in sign_in(takes).page("/readings").text
    assert "handed back" not in coordinator.page("/").text


def test_a_case_said_to_be_ineligible_waits_for_lead_and_moderator_and_is_no_longer_counted_as_to_be_read(
    room: Room, sign_in: SignIn
) -> None:
    first, _ = room.pair
    _, reader = by_its_reader(room, first, say_ineligible)
    given = len(room.given(reader)) + len(room.given(reader, kind=ReadingKind.SECOND))
    progress = f"{home_of(room)}/progress"

    for account in (room.cast.lead, room.cast.moderator):
        home = sign_in(account).page("/")
        assert "1 case is said to be ineligible" in home.text
        assert progress in home.links
    assert f"Read {given - 1} records" in sign_in(reader).page("/").text
    assert ["Said to be ineligible", "1"] in sign_in(room.cast.lead).page(progress).rows()

    moderator = sign_in(room.cast.moderator)
    page = moderator.page(progress)
    confirm = next(form.get("action", "") for form in page.root.iter("form") if "confirm" in form.get("action", ""))
    assert moderator.submit(progress, action=confirm).status_code == 303

    after = moderator.page(progress)
    assert ["Ineligible", "1"] in after.rows()
    assert "0 of 20 readings submitted" in after.text
    assert "said to be ineligible" not in moderator.page("/").text


def test_cases_are_counted_by_the_same_words_that_each_of_them_bears(room: Room, sign_in: SignIn) -> None:
    page = sign_in(room.cast.coordinator).page(f"{home_of(room)}/progress")

    assert page.rows()[1:] == [["Assigned", "20"]]
    assert {row[3] for row in page.rows(2)[1:]} == {"assigned"}


def test_an_inspector_is_told_of_what_their_local_reviewer_submitted(room: Room, sign_in: SignIn) -> None:
    own = room.given(room.cast.local_reviewer)[0]
    room.complete(own.reading.public_id)

    assert "Countersign 1 reading" in sign_in(room.cast.reviewer).page("/").text
    assert "Countersign" not in sign_in(room.cast.second_reviewer).page("/").text


def test_somebody_with_nothing_to_do_is_led_to_their_inspections_and_an_outsider_told_how_one_comes(
    room: Room, sign_in: SignIn
) -> None:
    assert "/programmes" in sign_in(room.cast.moderator).page("/").links
    assert "When a coordinator gives you a role" in sign_in(room.cast.outsider).page("/").text
