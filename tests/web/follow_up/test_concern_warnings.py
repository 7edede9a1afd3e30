"""What is answered of a matter of concern beside whether one was raised: said at the question, the check and after."""

import pytest

from casereader import concerns
from casereader.concerns import Told
from casereader.db import transaction
from casereader.readings import Opened
from casereader.vocabulary import ConcernKind, ToldHow
from tests.reading import STARTED
from tests.web.client import PageClient
from tests.web.page import Page, words
from tests.web.reading_room import Room, address

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NONE = "This says that a matter of concern was raised, but none was raised from this reading."
SOME = "A matter of concern was raised from this reading, but this says that none was."


def warned(page: Page, opened: Opened) -> list[str]:
    """The warnings of a page that lead to raising a concern."""
    found = [one for one in page.root.iter("p") if one.find("a") is not None and "or change the answer" in words(one)]
    assert all(address(opened, "/concern") in [link.get("href") for link in one.iter("a")] for one in found)
    return [words(one) for one in found]


def raise_one(room: Room, opened: Opened) -> None:
    with transaction(room.app.extensions["casereader_engine"]) as session:
        concerns.raise_concern(
            session,
            opened=room.now(opened),
            instrument=room.instrument,
            told=Told(room.cast.lead.name, ToldHow.TELEPHONE, "at once"),
            kind=ConcernKind.IMMEDIATE,
            seen="Visits stopped.",
            needed="A check.",
            by=room.cast.reviewer,
            at=STARTED,
        )


def test_yes_though_none_was_raised_warns_at_the_question_the_check_and_after_and_bars_nothing(
    room: Room, reviewer: PageClient
) -> None:
    opened = room.given(room.cast.reviewer)[0]
    section = address(opened, "/J")

    reviewer.submit(section, {"J7": "yes"}, action=section, button="stay")

    assert any(NONE in one for one in warned(reviewer.page(section), opened))
    check = reviewer.page(address(opened, "/check"))
    assert any("J7 " in one and NONE in one for one in warned(check, opened))
    room.complete(opened.reading.public_id, J7="yes")
    assert room.now(opened).reading.submitted_at is not None
    assert any("J7 " in one and NONE in one for one in warned(reviewer.page(address(opened)), opened))


def test_no_though_one_was_raised_warns_too_and_what_agrees_warns_of_nothing(room: Room, reviewer: PageClient) -> None:
    opened = room.given(room.cast.reviewer)[0]
    section = address(opened, "/J")
    reviewer.submit(section, {"J7": "no"}, action=section, button="stay")
    assert warned(reviewer.page(section), opened) == []

    raise_one(room, opened)
    reviewer.submit(section, {"J7": "no"}, action=section, button="stay")

    assert any(SOME in one for one in warned(reviewer.page(section), opened))
    reviewer.submit(section, {"J7": "yes"}, action=section, button="stay")
    assert warned(reviewer.page(section), opened) == []
