"""Nobody settles on what they never saw, and nothing that was typed or proposed is lost where somebody was quicker."""

import pytest

from casereader.vocabulary import ReadingState
from tests.cast import SignIn
from tests.web.client import PageClient, page_of
from tests.web.moderating.test_settling_pages import both_in, home, reader_of, seen_on, settle_page, state_of
from tests.web.reading_room import Room

TEXT = "J6.example"


def at_work(room: Room, sign_in: SignIn) -> tuple[PageClient, str]:
    """A moderator with the page of the pair open, and the mark that it carries."""
    both_in(room)
    moderator = sign_in(room.cast.moderator)
    return moderator, seen_on(moderator.page(settle_page(room)), settle_page(room))


def reopen(room: Room, sign_in: SignIn, public_id: str) -> None:
    reader = sign_in(reader_of(room, public_id))
    assert reader.submit(f"/readings/{public_id}/reopen", {"reason": "A page."}).status_code == 303


def test_a_moderator_does_not_settle_on_an_answer_that_they_never_saw(room: Room, sign_in: SignIn) -> None:
    moderator, seen = at_work(room, sign_in)
    reopen(room, sign_in, room.pair[0])
    room.complete(room.pair[0], C9="2", D1="yes")
    chosen = {"C9__choice": "first", "D1__choice": "second", "D1__reason": "It came in May."}

    refused = moderator.submit(settle_page(room), chosen | {"seen": seen})

    page = page_of(refused)
    assert refused.status_code == 422 and state_of(room, room.pair[0]) is ReadingState.SUBMITTED
    assert page.errors == ["C9: The first reading was changed here since you opened the page."]
    assert "First: 2 Weak" in page.text and "2 of 2 questions have a choice" in page.text
    assert "It came in May." in page.html
    assert moderator.submit(settle_page(room), chosen).status_code == 303, "looked at again"


def test_signing_off_meanwhile_changes_nothing_that_the_page_showed(room: Room, sign_in: SignIn) -> None:
    moderator, seen = at_work(room, sign_in)
    where = home(room, f"/moderation/{room.pair[0]}")
    assert sign_in(room.cast.lead).submit(where, action=f"{where}/sign-off").status_code == 303

    chosen = {"C9__choice": "first", "D1__choice": "second", "seen": seen}
    assert moderator.submit(settle_page(room), chosen).status_code == 303


@pytest.mark.parametrize("seen", ["", "1-2", "9" * 30 + "-1-", "0-0-"])
def test_a_page_that_does_not_say_what_it_showed_settles_nothing(room: Room, sign_in: SignIn, seen: str) -> None:
    moderator, _ = at_work(room, sign_in)

    refused = moderator.submit(settle_page(room), {"C9__choice": "first", "D1__choice": "second", "seen": seen})

    assert refused.status_code == 422 and state_of(room, room.pair[0]) is ReadingState.SUBMITTED


def test_a_moderator_who_settles_is_told_that_the_readers_agreed_meanwhile(room: Room, sign_in: SignIn) -> None:
    moderator, seen = at_work(room, sign_in)
    for public_id in room.pair:
        path = f"/readings/{public_id}/settle"
        sign_in(reader_of(room, public_id)).submit(path, {"C9__choice": "second", "D1__choice": "first"}, action=path)

    refused = moderator.submit(
        settle_page(room),
        {"C9__choice": "first", "D1__choice": "first", "seen": seen},
        action=settle_page(room),
    )

    assert refused.status_code == 422
    assert "What the readers agreed was changed since you opened the page." in page_of(refused).errors[0]


def test_what_was_typed_is_shown_where_the_pair_is_there_no_more(room: Room, sign_in: SignIn) -> None:
    moderator, seen = at_work(room, sign_in)
    token = moderator.csrf_token(settle_page(room))
    reopen(room, sign_in, room.pair[1])
    typed = {"C9__choice": "other", "C9": "4", "C9__reason": "The <b>analysis</b> is on page 12.", "seen": seen}

    refused = moderator.post(settle_page(room), data=typed | {"csrf_token": token})

    page = page_of(refused)
    assert refused.status_code == 404
    assert "open again" in page.text
    assert "The <b>analysis</b> is on page 12." in page.text and "C9, choice other" in page.text
    assert token not in page.text and seen not in page.text


def test_what_was_typed_is_shown_where_somebody_else_settled_first(room: Room, sign_in: SignIn) -> None:
    moderator, seen = at_work(room, sign_in)
    token = moderator.csrf_token(settle_page(room))
    chosen = {"C9__choice": "first", "D1__choice": "second"}
    assert sign_in(room.cast.lead).submit(settle_page(room), chosen).status_code == 303
    typed = chosen | {"C9__reason": "It is on page 12.", "seen": seen, "csrf_token": token}

    refused = moderator.post(settle_page(room), data=typed)

    assert refused.status_code == 422
    assert page_of(refused).errors == ["These readings are settled already."]
    assert "It is on page 12." in page_of(refused).text


def test_a_reader_who_proposes_is_told_what_the_other_proposed_meanwhile(room: Room, sign_in: SignIn) -> None:
    first, second = both_in(room)
    one, other = sign_in(reader_of(room, first)), sign_in(reader_of(room, second))
    path, theirs = f"/readings/{first}/settle", f"/readings/{second}/settle"
    seen = seen_on(one.page(path), path)
    other.submit(theirs, {"C9__choice": "first", "D1__choice": "first"})
    mine = {"C9__choice": "second", "D1__choice": "first", "C9__reason": "Page 12 says so.", "seen": seen}

    refused = one.submit(path, mine, action=path)

    page = page_of(refused)
    assert refused.status_code == 422
    assert "What was proposed was changed since you opened the page." in page.errors[0]
    assert "Page 12 says so." in page.html
    assert one.submit(path, mine | {"seen": seen_on(page, path)}, action=path).status_code == 303
    told = other.page(theirs).text
    assert "Proposed before, and changed since" in told and "The first reading’s answer" in told


def test_a_count_and_a_text_that_differ_are_chosen_too(room: Room, sign_in: SignIn) -> None:
    first, second = room.pair
    room.complete(first, F6="2", J6="yes", **{TEXT: "An example of April."})
    room.complete(second, F6="4", J6="yes", **{TEXT: "Another of May."})
    moderator = sign_in(room.cast.moderator)
    page = moderator.page(settle_page(room))
    assert "0 of 2 questions have a choice" in page.text
    refused = moderator.submit(settle_page(room))
    assert sorted(says.split(":")[0] for says in page_of(refused).errors) == sorted(["F6", TEXT])
    joined = {f"{TEXT}__choice": "both"}
    assert page_of(moderator.submit(settle_page(room), joined | {"F6__choice": "both"})).errors == [
        "F6: Only texts can be joined: choose one of the two answers."
    ]

    assert moderator.submit(settle_page(room), joined | {"F6__choice": "second"}).status_code == 303

    told = moderator.page(settle_page(room)).text
    assert "Both answers, joined" in told and "An example of April. Another of May." in told
