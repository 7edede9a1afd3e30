"""Moderation, countersigning and concerns on their pages; who may see what in which state."""

from datetime import timedelta

import pytest
from sqlmodel import select

from casereader import dated
from casereader.db import transaction
from casereader.models import Account, Reading
from casereader.programmes import inspections
from casereader.vocabulary import INELIGIBLE_REASONS, ReadingState, Role
from tests.cast import Cast, SignIn
from tests.databases import ON_BOTH
from tests.reading import STARTED
from tests.second_steps import give_sheets
from tests.web.client import page_of
from tests.web.reading_room import Room, address

NOBODY_ELSE = (
    "second_reviewer",
    "local_reviewer",
    "moderator",
    "lead",
    "coordinator",
    "administrator",
    "outsider",
    None,
)
IN_THE_ROOM = ("reviewer", "second_reviewer", "local_reviewer")


def moderation(room: Room, rest: str = "") -> str:
    return f"/inspections/{room.cast.place.inspection.public_id}/moderation{rest}"


def member(cast: Cast, name: str | None) -> Account | None:
    account: Account | None = getattr(cast, name) if name else None
    return account


@pytest.mark.parametrize("submitted", [False, True])
@pytest.mark.parametrize("name", NOBODY_ELSE)
def test_a_reading_s_pages_are_its_reader_s_alone(
    room: Room, sign_in: SignIn, name: str | None, submitted: bool
) -> None:
    opened = room.given(room.cast.reviewer)[0]
    if submitted:
        room.complete(opened.reading.public_id)
    client = sign_in(member(room.cast, name))
    expected = 303 if name is None else 404 if name in IN_THE_ROOM else 403
    for rest in ("", "/C", "/check", "/history", "/reopen", "/not-readable", "/concern"):
        path = f"/readings/{opened.reading.public_id}{rest}"
        response = client.get(path)
        assert response.status_code == expected, path
        assert opened.case_ref not in response.get_data(as_text=True)


@pytest.mark.parametrize(
    "name", ["reviewer", "second_reviewer", "local_reviewer", "coordinator", "administrator", "outsider"]
)
def test_moderation_is_for_moderators_and_leads(room: Room, sign_in: SignIn, name: str) -> None:
    assert sign_in(member(room.cast, name)).get(moderation(room)).status_code == 403


def test_the_second_reader_sees_nothing_of_the_first_reading_nor_that_there_is_one(room: Room, sign_in: SignIn) -> None:
    first, second = room.pair
    before = room.cast.reviewer, room.cast.second_reviewer
    texts = []
    for done in (False, True):
        if done:
            room.complete(first, C9="6")
        for account in before:
            client = sign_in(account)
            if client.get(f"/readings/{second}").status_code != 200:
                continue
            for rest in ("", "/C", "/check", "/history"):
                texts.append((done, rest, client.page(f"/readings/{second}{rest}").text))
            assert client.get(f"/readings/{first}").status_code == 404
    without = [text for done, _, text in texts if not done]
    after = [text for done, _, text in texts if done]
    assert without and without == after, "the first reading being in changes nothing for the second reader"
    assert not any("second reading" in text.casefold() or "another reviewer" in text.casefold() for text in after)


@pytest.mark.parametrize(
    ("values", "own"),
    [
        ({"way": "not produced", "reason": "Lost in a move."}, ("Not produced", "Lost in a move", "turned up")),
        ({"way": "ineligible", "listed": INELIGIBLE_REASONS[0]}, ("Not eligible", INELIGIBLE_REASONS[0], "confirm")),
    ],
)
@pytest.mark.parametrize("second_says", [False, True])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_one_reader_says_of_a_case_reaches_its_other_reader_as_not_read_and_no_more(
    room: Room, sign_in: SignIn, values: dict[str, object], own: tuple[str, ...], second_says: bool
) -> None:
    said, other = reversed(room.pair) if second_says else room.pair
    clients = [sign_in(room.cast.reviewer), sign_in(room.cast.second_reviewer), sign_in(room.cast.local_reviewer)]
    who, reader = (
        next(client for client in clients if client.get(f"/readings/{name}").status_code == 200)
        for name in (said, other)
    )
    who.submit(f"/readings/{said}/not-readable", values)

    mine = who.page(f"/readings/{said}").text
    assert all(words in mine for words in own)
    for text in (reader.page(f"/readings/{other}").text, reader.page("/readings").text):
        assert "not read" in text.casefold()
        assert not [words for words in own if words.casefold() in text.casefold()]
    assert "turned-up" not in reader.page(f"/readings/{other}").html
    assert reader.get(f"/readings/{other}/not-readable").status_code == 409


@ON_BOTH
def test_a_submitted_reading_is_looked_over_and_signed_off(room: Room, sign_in: SignIn) -> None:
    opened = room.given(room.cast.reviewer)[0]
    moderator = sign_in(room.cast.moderator)
    assert "No reading has been submitted yet." in moderator.page(moderation(room)).text
    assert moderator.get(moderation(room, f"/{opened.reading.public_id}")).status_code == 404
    room.complete(opened.reading.public_id, C9="5")

    assert opened.case_ref in moderator.page(moderation(room)).text
    path = moderation(room, f"/{opened.reading.public_id}")
    page = moderator.page(path)
    assert "5 Very good" in page.text and "entries of March and May" in page.text
    assert moderator.submit(path, action=f"{path}/sign-off").status_code == 303
    assert room.now(opened).reading.state is ReadingState.SIGNED_OFF
    assert "It is signed off already." in moderator.page(path).text


@ON_BOTH
def test_what_has_waited_longest_to_be_signed_off_stands_first(room: Room, sign_in: SignIn) -> None:
    later, earlier = room.given(room.cast.reviewer)[:2]
    room.complete(later.reading.public_id, at=STARTED + timedelta(days=2))
    room.complete(earlier.reading.public_id, at=STARTED)
    moderator = sign_in(room.cast.moderator)

    rows = moderator.page(moderation(room)).rows(0)[1:]

    assert [row[0].split(" ")[0] for row in rows] == [earlier.case_ref, later.case_ref]
    assert f"since {dated.day(STARTED)}" in rows[0][3]
    path = moderation(room, f"/{earlier.reading.public_id}")
    assert moderator.submit(path, action=f"{path}/sign-off").status_code == 303
    rows = moderator.page(moderation(room)).rows(0)[1:]
    assert [row[0].split(" ")[0] for row in rows] == [later.case_ref, earlier.case_ref], "what is done comes last"


@ON_BOTH
def test_two_readings_are_settled_question_by_question(room: Room, sign_in: SignIn) -> None:
    first, second = room.pair
    moderator = sign_in(room.cast.moderator)
    room.complete(first, C9="5", D1="yes")
    assert moderator.get(moderation(room, f"/{first}/settle")).status_code == 404, "blind until both are in"
    assert "settle" not in moderator.page(moderation(room)).html.split("<table")[1]
    room.complete(second, C9="3", D1="cannot_tell")

    assert "1 in dispute: settle" in moderator.page(moderation(room)).text
    path = moderation(room, f"/{first}/settle")
    page = moderator.page(path)
    assert "In dispute" in page.text and "First: 5 Very good" in page.text and "Second: 3 Adequate" in page.text
    refused = moderator.submit(path, {"C9__choice": "other", "C9": "4"})
    assert refused.status_code == 422
    assert page_of(refused).errors == [
        "C9: Say why neither reader's answer is taken.",
        "D1: Choose one of the two answers, or give another with the reason.",
    ]
    settled = moderator.submit(
        path, {"C9__choice": "other", "C9": "4", "C9__reason": "<b>Talked over.</b>", "D1__choice": "second"}
    )
    assert settled.status_code == 303
    rows = {(row[1], row[3]) for row in moderator.page(moderation(room)).rows()[1:]}
    assert rows == {("First", "Settled"), ("Second", "Settled"), ("Consensus", "Settled")}
    told = moderator.page(path).text
    assert "Settled by Morag Moderator on" in told and "First reading, " in told and "5 Very good" in told
    assert "4 Good" in told and "Another answer." in told and "Why: <b>Talked over.</b>" in told
    assert "The second reading’s answer." in told, "whose answer was taken, question by question"
    lead = sign_in(room.cast.lead)
    consensus = next(link for link in lead.page(moderation(room)).links if "/moderation/" in link)
    assert "4 Good" in lead.page(consensus).text and "<b>Talked over.</b>" in lead.page(consensus).text


@ON_BOTH
def test_the_paired_inspector_countersigns(room: Room, sign_in: SignIn) -> None:
    opened = room.given(room.cast.local_reviewer)[0]
    reviewer = sign_in(room.cast.reviewer)
    path = f"/inspections/{room.cast.place.inspection.public_id}/countersigning/{opened.reading.public_id}"
    assert reviewer.get(path).status_code == 404
    room.complete(opened.reading.public_id)

    assert path in reviewer.page("/readings").links
    assert sign_in(room.cast.second_reviewer).get(path).status_code == 404
    assert reviewer.submit(path, action=path).status_code == 303
    assert room.now(opened).reading.state is ReadingState.COUNTERSIGNED
    assert "You countersigned it" in reviewer.page(path).text
    local = sign_in(room.cast.local_reviewer)
    assert "Countersigned" in local.page("/readings").text

    moderator = sign_in(room.cast.moderator)
    seen = f"{moderation(room)}/{opened.reading.public_id}"
    before = f"It was countersigned before by {room.cast.reviewer.name} on "
    assert before not in reviewer.page(path).text and before not in moderator.page(seen).text
    form = f"{address(opened)}/reopen"
    assert local.submit(form, {"reason": "One date was wrong."}).status_code == 303
    room.complete(opened.reading.public_id)
    for client, where in ((reviewer, path), (moderator, seen)):
        text = client.page(where).text
        assert before in text and "and reopened since, because: One date was wrong." in text, where
        assert "It must be countersigned again before it counts." in text, where
    assert reviewer.submit(path, action=path).status_code == 303
    text = moderator.page(seen).text
    assert text.count(before) == 1 and "again before it counts" not in text


def test_pair_moderation_is_kept_and_shown_to_the_pair_and_to_the_moderator(room: Room, sign_in: SignIn) -> None:
    opened = room.given(room.cast.local_reviewer)[0]
    public_id = opened.reading.public_id
    room.complete(public_id, C9="5")
    local, inspector = sign_in(room.cast.local_reviewer), sign_in(room.cast.reviewer)
    path = f"/inspections/{room.cast.place.inspection.public_id}/countersigning/{public_id}"
    page = inspector.page(path)
    assert page.heading == f"Pair moderation of {opened.case_ref}" and "No answer was changed since." in page.text
    local.submit(f"{address(opened)}/reopen", {"reason": "We talked."})
    room.complete(public_id, at=STARTED + timedelta(hours=1), C9="3")

    changed = "C9 Assessment 5 Very good 3 Adequate"
    assert changed in inspector.page(path).text
    text = "<b>The weight</b> of the strengths, with Morag."
    refused = inspector.submit(path, {"talked_over": text}, action=path)
    assert refused.status_code == 422
    assert page_of(refused).errors == ["This looks like a name. Put it right, or say that you looked."]
    token = inspector.csrf_token(path)
    sent = {"csrf_token": token, "talked_over": text, "keep_signs": "y"}
    assert inspector.post(path, data=sent).status_code == 303

    moderator = sign_in(room.cast.moderator)
    for client, where in (
        (inspector, path),
        (moderator, moderation(room, f"/{public_id}")),
        (local, f"{address(opened)}/history"),
        (local, f"{address(opened)}/history?question=C9"),
    ):
        page = client.page(where)
        assert f"Countersigned by {room.cast.reviewer.name} on " in page.text and text in page.text, where
        assert changed in page.text, where
    assert "No answer was changed between" in local.page(f"{address(opened)}/history?question=C10").text
    assert local.submit(f"{address(opened)}/reopen", {"reason": "One date."}).status_code == 303
    assert text in local.page(f"{address(opened)}/history").text, "kept after a reopening"
    room.complete(public_id, at=STARTED + timedelta(hours=2), C9="3")
    assert "Pair moderation so far" in inspector.page(path).text


def test_the_coordinator_is_told_what_an_inspector_s_conflict_stops_and_where_to_free_it(
    room: Room, sign_in: SignIn
) -> None:
    opened = room.given(room.cast.local_reviewer)[0]
    room.complete(opened.reading.public_id)
    home = f"/inspections/{room.cast.place.inspection.public_id}"
    said = {"inspection": room.cast.place.inspection.public_id, "case_ref": opened.case_ref, "reason": "My nephew."}
    inspector, coordinator = sign_in(room.cast.reviewer), sign_in(room.cast.coordinator)
    coordinator.page(f"{home}/conflicts").text.index("None is declared.")
    assert inspector.submit("/conflicts", said).status_code == 303

    assert "1 reading stands still" in coordinator.page("/").text
    page = coordinator.page(f"{home}/conflicts")
    assert f"submitted; it is {room.cast.local_reviewer.name}’s, to be countersigned" in page.text
    assert "Pair with another inspector" in page.text and f"{home}/people" in page.links


def test_t09_a_moderator_declares_a_conflict_and_is_shown_nothing_of_the_case(room: Room, sign_in: SignIn) -> None:
    opened = room.given(room.cast.reviewer)[0]
    room.complete(opened.reading.public_id)
    where = moderation(room, f"/{opened.reading.public_id}")
    moderator, lead = sign_in(room.cast.moderator), sign_in(room.cast.lead)
    assert moderator.get(where).status_code == 200
    said = {"inspection": room.cast.place.inspection.public_id, "case_ref": opened.case_ref, "reason": "A neighbour."}

    assert moderator.submit("/conflicts", said).status_code == 303

    assert opened.case_ref not in moderator.page(moderation(room)).text
    assert moderator.get(where).status_code == 404
    token = moderator.csrf_token("/conflicts")
    assert moderator.post(f"{where}/sign-off", data={"csrf_token": token}).status_code == 404
    assert sign_in(room.cast.reviewer).submit("/conflicts", said).status_code == 303
    assert "Declared a conflict of interest since" in lead.page(moderation(room)).text
    assert f"{room.cast.reviewer.name} has since declared" in lead.page(where).text
    assert lead.submit(where, action=f"{where}/sign-off").status_code == 303


def test_once_the_only_pair_is_settled_its_readings_can_be_locked(room: Room, sign_in: SignIn) -> None:
    first, second = room.pair
    lead = sign_in(room.cast.lead)
    room.complete(first, C9="5")
    room.complete(second, C9="3")
    assert lead.submit(moderation(room, f"/{first}/settle"), {"C9__choice": "first"}).status_code == 303

    page = lead.page(moderation(room))
    assert "2 of 2 submitted readings are signed off. Nothing is left to do here." in page.text
    assert "3 readings are signed off or settled" in page.text
    assert lead.submit(moderation(room), action=moderation(room, "/lock")).status_code == 303
    assert {row[3] for row in lead.page(moderation(room)).rows()[1:]} == {"Locked"}


def test_whoever_reads_and_moderates_is_not_told_whether_their_own_reading_is_the_second(
    room: Room, sign_in: SignIn
) -> None:
    first, second = room.pair
    room.complete(second)
    with transaction(room.app.extensions["casereader_engine"]) as session:
        reader_id = session.exec(select(Reading.reviewer_id).where(Reading.public_id == second)).one()
        reader = session.get_one(Account, reader_id)
        inspections.give_role(
            session,
            inspection=room.cast.place.inspection,
            account=reader,
            role=Role.MODERATOR,
            by=room.cast.lead,
            at=STARTED,
        )
        give_sheets(session, reader, at=STARTED)
        for other in session.exec(select(Reading).where(Reading.reviewer_id == reader_id, Reading.public_id != second)):
            session.delete(other)  # they have nothing else to read
    client = sign_in(reader)

    listed = client.page(moderation(room))
    page = client.page(moderation(room, f"/{second}"))

    assert [row[1] for row in listed.rows(0)[1:]] == ["Your own"]
    assert "Your own reading of" in page.text
    for words in ("second reading", "first reading"):
        assert words not in page.html.split("<main")[1].casefold()
    assert first not in listed.html + page.html
