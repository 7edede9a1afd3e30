"""Settling by the two readers on their pages, what a moderator confirms, and opening a signed-off reading again."""

import pytest
from sqlmodel import select

from casereader.db import snapshot, transaction
from casereader.models import Account, Reading
from casereader.vocabulary import ReadingState
from tests.cast import SignIn
from tests.databases import ON_BOTH
from tests.web.client import PageClient, page_of
from tests.web.page import Page
from tests.web.reading_room import Room


def reader_of(room: Room, public_id: str) -> Account:
    with snapshot(room.app.extensions["casereader_engine"]) as session:
        found = session.exec(select(Reading).where(Reading.public_id == public_id)).one()
        return session.get_one(Account, found.reviewer_id)


def state_of(room: Room, public_id: str) -> ReadingState:
    with snapshot(room.app.extensions["casereader_engine"]) as session:
        return session.exec(select(Reading.state).where(Reading.public_id == public_id)).one()


def both_in(room: Room) -> tuple[str, str]:
    """Both submitted; they differ in C9 (5 and 3) and D1."""
    first, second = room.pair
    room.complete(first, C9="5", D1="yes")
    room.complete(second, C9="3", D1="cannot_tell")
    return first, second


def settle_page(room: Room, rest: str = "") -> str:
    return f"/inspections/{room.cast.place.inspection.public_id}/moderation/{room.pair[0]}/settle{rest}"


def home(room: Room, rest: str = "") -> str:
    return f"/inspections/{room.cast.place.inspection.public_id}{rest}"


def test_reopening_says_that_a_proposal_lapses_and_settling_says_that_a_reading_is_open_again(
    room: Room, sign_in: SignIn
) -> None:
    first, second = both_in(room)
    one, other = sign_in(reader_of(room, first)), sign_in(reader_of(room, second))
    moderator = sign_in(room.cast.moderator)
    assert "lapses" not in one.page(f"/readings/{first}/reopen").text
    one.submit(f"/readings/{first}/settle", {"C9__choice": "second", "D1__choice": "first"})
    assert "settled with the other reading lapses" in other.page(f"/readings/{second}/reopen").text
    other.submit(f"/readings/{second}/reopen", {"reason": "A page."})

    for client, path in ((one, f"/readings/{first}/settle"), (moderator, settle_page(room))):
        answer = client.get(path)
        assert answer.status_code == 404 and "is open again" in page_of(answer).text
    coordinator = sign_in(room.cast.coordinator)
    assert "is open again" not in coordinator.get(f"/readings/{first}/settle").text
    refused = page_of(coordinator.get(home(room, "/moderation")))
    assert refused.status == 403 and home(room) in refused.links, "the way back to the inspection"


@pytest.mark.parametrize("in_already", ["nothing", "first", "second", "both, one reopened"])
def test_until_both_are_in_neither_reader_is_told_that_there_are_two(
    room: Room, sign_in: SignIn, in_already: str
) -> None:
    first, second = room.pair
    for which, public_id in (("first", first), ("second", second)):
        if in_already in (which, "both, one reopened"):
            room.complete(public_id)
    if in_already == "both, one reopened":
        sign_in(reader_of(room, second)).submit(f"/readings/{second}/reopen", {"reason": "A page."})
    for public_id in (first, second):
        client = sign_in(reader_of(room, public_id))
        assert client.get(f"/readings/{public_id}/settle").status_code == 404
        told = client.page("/").text + client.page("/readings").text + client.page(f"/readings/{public_id}").text
        assert "other reader" not in told and "read this record too" not in told and "settle" not in told.casefold()


def test_the_pair_is_nobody_else_s_and_not_the_moderator_s_by_the_readers_door(room: Room, sign_in: SignIn) -> None:
    first, _ = both_in(room)
    mine = reader_of(room, first)
    path = f"/readings/{first}/settle"
    for who in ("reviewer", "second_reviewer", "local_reviewer", "moderator", "lead", "coordinator", "outsider"):
        account = getattr(room.cast, who)
        expected = 200 if account.id == mine.id else 404 if "reviewer" in who else 403
        assert sign_in(account).get(path).status_code == expected, who


@ON_BOTH
def test_two_readers_settle_and_a_moderator_confirms_in_one_press(room: Room, sign_in: SignIn) -> None:
    first, second = both_in(room)
    one, other = sign_in(reader_of(room, first)), sign_in(reader_of(room, second))
    moderator = sign_in(room.cast.moderator)
    path = f"/readings/{first}/settle"
    page = one.page(path)
    assert "0 of 2 questions have a choice; 1 is in dispute" in page.text
    assert "in dispute when they lie two or more points apart, or on both sides of good" in page.text
    assert "First reading, " in page.text and "5 Very good" in page.text and "3 Adequate" in page.text
    assert page.text.index("C9") < page.text.index("D1") and "Questions that both answer alike" in page.text
    refused = one.submit(path, {"C9__choice": "other", "C9": "4", "D1__reason": "Half a thought."})
    assert refused.status_code == 422
    assert page_of(refused).errors == [
        "C9: Say why neither reader's answer is taken.",
        "D1: Choose one of the two answers, or give another with the reason.",
    ]
    assert "Half a thought." in page_of(refused).text and "1 of 2 questions" in page_of(refused).text

    assert "Settle 1 record with the other reader" in one.page("/").text, "nobody has proposed yet"
    told = one.page(f"/readings/{first}").text
    assert "to be settled with the other reader: nobody has proposed" in told and "nothing more to do" not in told
    assert one.submit(path, {"C9__choice": "second", "D1__choice": "first"}).status_code == 303

    assert "your proposal waits for the other reader" in one.page("/readings").text
    assert "Settle 1 record with the other reader" in other.page("/").text
    assert "a proposal waits for you" in other.page("/readings").text
    theirs = f"/readings/{second}/settle"
    assert "proposed this on" in other.page(theirs).text
    shown = other.get(theirs).text
    assert shown.count(">Agree to all of it<") == 2 and 'form="agree"' in shown, "above and, far below, again"
    shown = moderator.page(settle_page(room)).text
    assert "has not agreed yet" in shown and "2 of 2 questions have a choice" in shown, "what is proposed is filled in"
    assert "1 in dispute: proposed by a reader, settle" in moderator.page(home(room, "/moderation")).text
    assert "Confirm what readers agreed" not in moderator.page("/").text
    assert other.submit(theirs, action=f"{theirs}/agree").status_code == 303
    assert "agreed by both" in one.page("/readings").text

    assert settle_page(room) in moderator.page("/").links
    assert "Confirm what the readers of" in moderator.page(home(room, "/moderation")).text
    assert "1 in dispute: agreed, confirm" in moderator.page(home(room, "/moderation")).text
    assert "Both readers agreed on" in moderator.page(settle_page(room)).text
    assert moderator.submit(settle_page(room), action=settle_page(room, "/confirm")).status_code == 303
    for client, where in ((one, path), (other, theirs), (moderator, settle_page(room))):
        told = client.page(where).text
        assert "Settled by Morag Moderator" in told and "agreed on" in told and "Consensus" in told, where
    assert "See how it was settled" in one.page(f"/readings/{first}").text
    shown = moderator.page(home(room, f"/moderation/{first}")).text
    assert "How it was settled" in shown and "The second reading’s answer." in shown


def test_a_moderator_s_change_of_what_was_agreed_needs_its_reason_and_shows_afterwards(
    room: Room, sign_in: SignIn
) -> None:
    first, second = both_in(room)
    one, other, moderator = (
        sign_in(reader_of(room, first)),
        sign_in(reader_of(room, second)),
        sign_in(room.cast.moderator),
    )
    one.submit(f"/readings/{first}/settle", {"C9__choice": "second", "D1__choice": "first"})
    other.submit(f"/readings/{second}/settle", action=f"/readings/{second}/settle/agree")
    refused = moderator.submit(settle_page(room), {"C9__choice": "first"}, action=settle_page(room))
    assert page_of(refused).errors == ["C9: The two readers agreed otherwise: say why you change it."]
    changed = {"C9__choice": "first", "C9__reason": "It is on page 12."}
    assert moderator.submit(settle_page(room), changed, action=settle_page(room)).status_code == 303

    told = moderator.page(settle_page(room)).text
    assert "The readers had agreed on: the second reading’s answer." in told and "Why: It is on page 12." in told


def test_a_reason_that_looks_as_if_it_named_somebody_is_kept_only_where_it_was_looked_at(
    room: Room, sign_in: SignIn
) -> None:
    first, _ = both_in(room)
    client = sign_in(reader_of(room, first))
    path = f"/readings/{first}/settle"
    typed = {"C9__choice": "other", "C9": "4", "C9__reason": "Born 03/04/2015.", "D1__choice": "first"}
    refused = client.submit(path, typed)
    assert refused.status_code == 422 and "I have looked at the reasons" in page_of(refused).text
    again = {"csrf_token": client.csrf_token(path), "seen": seen_on(client.page(path), path), "keep_signs": "y"}
    assert client.post(path, data=typed | again).status_code == 303


@ON_BOTH
def test_a_signed_off_reading_is_opened_again_by_two(room: Room, sign_in: SignIn) -> None:
    opened = room.given(room.cast.reviewer)[0]
    name = opened.reading.public_id
    room.complete(name)
    moderator, lead, coordinator = (sign_in(getattr(room.cast, who)) for who in ("moderator", "lead", "coordinator"))
    shown = home(room, f"/moderation/{name}")
    assert "Ask that it be opened again" not in moderator.page(shown).text
    moderator.submit(shown, action=f"{shown}/sign-off")
    assert "tell the moderator" in sign_in(room.cast.reviewer).page(f"/readings/{name}").text
    ask = home(room, f"/unlocking/readings/{name}")
    assert ask in moderator.page(shown).links and ask in coordinator.page(home(room, "/unlocking")).links
    assert moderator.submit(ask, {"reason": " "}).status_code == 422
    assert moderator.submit(ask, {"reason": "A record turned up."}).status_code == 303
    assert "Decide whether a signed-off reading is opened again" in lead.page("/").text
    assert "Decide whether" not in moderator.page("/").text + coordinator.page("/").text
    decide = next(link for link in moderator.page(shown).links if "/unlocking/" in link)
    assert "somebody else must agree" in moderator.page(decide).text
    assert "must be a lead" in coordinator.page(decide).text

    assert lead.submit(decide, {"answer": "Yes."}, action=f"{decide}/decide").status_code == 422
    granted = lead.submit(decide, {"decision": "grant", "answer": "Read it again."}, action=f"{decide}/decide")

    assert granted.status_code == 303 and state_of(room, name) is ReadingState.IN_PROGRESS
    assert "Granted by Leslie Lead" in moderator.page(home(room, "/unlocking")).text
    assert "Read it again." in moderator.page(decide).text
    says = "as Morag Moderator asked, because: A record turned up."
    reader = sign_in(room.cast.reviewer)
    assert "it was opened again" in reader.page("/").text
    for path in ("/", "/readings", f"/readings/{name}", f"/readings/{name}/C", f"/readings/{name}/history"):
        assert says in reader.page(path).text, path


def test_who_asked_is_told_with_a_word_that_it_was_refused(room: Room, sign_in: SignIn) -> None:
    name = room.given(room.cast.reviewer)[0].reading.public_id
    room.complete(name)
    moderator, lead = sign_in(room.cast.moderator), sign_in(room.cast.lead)
    shown = home(room, f"/moderation/{name}")
    moderator.submit(shown, action=f"{shown}/sign-off")
    moderator.submit(home(room, f"/unlocking/readings/{name}"), {"reason": "A record turned up."})
    decide = next(link for link in moderator.page(shown).links if "/unlocking/" in link)
    lead.submit(decide, {"decision": "refuse", "answer": "It changes nothing."}, action=f"{decide}/decide")

    assert "Leslie Lead refused what you asked: It changes nothing." in moderator.page("/").text
    assert "refused what you asked" not in lead.page("/").text
    assert "opened again" not in sign_in(room.cast.reviewer).page("/").text


def test_an_inspection_read_before_stays_in_moderation_while_a_reading_is_opened_again(
    room: Room, sign_in: SignIn
) -> None:
    with transaction(room.app.extensions["casereader_engine"]) as session:
        names = session.exec(select(Reading.public_id).order_by(Reading.kind)).all()
    for name in names:
        room.complete(name)
    moderator, lead = sign_in(room.cast.moderator), sign_in(room.cast.lead)
    name = room.given(room.cast.reviewer)[0].reading.public_id
    shown = home(room, f"/moderation/{name}")
    assert moderator.submit(shown, action=f"{shown}/sign-off").status_code == 303
    moderator.submit(home(room, f"/unlocking/readings/{name}"), {"reason": "A record turned up."})
    decide = next(link for link in moderator.page(shown).links if "/unlocking/" in link)
    lead.submit(decide, {"decision": "grant", "answer": "Yes."}, action=f"{decide}/decide")

    page = lead.page(home(room)).text
    assert "A reading was opened again" in page and f"It waits for {room.cast.reviewer.name}" in page
    assert "Prepare the morning briefing" not in page
    progress = lead.page(home(room, "/progress")).text
    assert f"opened again, to be submitted anew by {room.cast.reviewer.name}" in progress
    assert "reading day left" not in progress


def test_what_opening_again_brings_is_said_before(room: Room, sign_in: SignIn) -> None:
    first, _ = both_in(room)
    moderator = sign_in(room.cast.moderator)
    moderator.submit(settle_page(room), {"C9__choice": "first", "D1__choice": "first"})
    ask = home(room, f"/unlocking/readings/{first}")

    assert "the consensus comes apart" in moderator.page(ask).text
    moderator.submit(ask, {"reason": "A record turned up."})
    lead = sign_in(room.cast.lead)
    decide = next(link for link in lead.page(home(room, "/unlocking")).links if "/unlocking/" in link)
    assert "the consensus comes apart" in lead.page(decide).text
    assert moderator.submit(decide, action=f"{decide}/take-back").status_code == 303
    assert "Nobody asks" in lead.page(home(room, "/unlocking")).text


def test_what_was_undone_is_told_where_it_is_settled_anew(room: Room, sign_in: SignIn) -> None:
    first, _ = both_in(room)
    moderator, lead = sign_in(room.cast.moderator), sign_in(room.cast.lead)
    moderator.submit(settle_page(room), {"C9__choice": "first", "D1__choice": "first"})
    moderator.submit(home(room, f"/unlocking/readings/{first}"), {"reason": "A record turned up."})
    decide = next(link for link in lead.page(home(room, "/unlocking")).links if "/unlocking/" in link)
    lead.submit(decide, {"decision": "grant", "answer": "Yes."}, action=f"{decide}/decide")
    reader: PageClient = sign_in(reader_of(room, first))
    assert reader.get(f"/readings/{first}/settle").status_code == 404
    room.complete(first, C9="6")

    told = moderator.page(settle_page(room)).text

    assert "That was undone on" in told and "by Leslie Lead" in told and "6 Excellent" in told


def test_a_locked_reading_says_that_it_never_opens_again(room: Room, sign_in: SignIn) -> None:
    first, _ = both_in(room)
    with transaction(room.app.extensions["casereader_engine"]) as session:
        found = session.exec(select(Reading).where(Reading.public_id == first)).one()
        found.state, found.signed_off_at = ReadingState.LOCKED, found.submitted_at
        found.signed_off_by_id = room.cast.lead.id
    lead = sign_in(room.cast.lead)

    assert "never opens again" in lead.page(home(room, f"/moderation/{first}")).text
    assert "never opens again" in lead.page(home(room, f"/unlocking/readings/{first}")).text
    assert "nothing in it changes any more" in sign_in(reader_of(room, first)).page(f"/readings/{first}").text
    beside = sign_in(reader_of(room, first)).page(f"/readings/{first}/settle")
    assert "These readings are locked" in beside.text and "Propose" not in beside.text


def seen_on(page: Page, action: str) -> str:
    """What a page of settling says that it showed."""
    (field,) = (one for one in page.form(action).iter("input") if one.get("name") == "seen")
    return field.get("value", "")
