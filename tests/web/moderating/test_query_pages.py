"""Queries on their pages: asked, found, answered, changed, resolved; who may see what; and what blocks the sign-off."""

from datetime import UTC, datetime, timedelta

import pytest

from casereader import queries, readings
from casereader.db import transaction
from casereader.models import Account
from casereader.programmes import inspections
from casereader.vocabulary import ReadingKind, ReadingState, Role
from tests.cast import Cast, SignIn
from tests.reading import save
from tests.second_steps import give_sheets
from tests.web.client import PageClient, page_of
from tests.web.page import words
from tests.web.reading_room import Room

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

QUESTION = "Which entries show the lived experience?"


def home(room: Room, rest: str) -> str:
    return f"/inspections/{room.cast.place.inspection.public_id}{rest}"


def member(cast: Cast, name: str) -> Account:
    account: Account = getattr(cast, name)
    return account


def link_to(client: PageClient, page: str, part: str) -> str:
    return next(link for link in client.page(page).links if part in link)


def asked(room: Room, client: PageClient, reading: str, key: str = "C9") -> str:
    """The address of a query that the moderator asked."""
    path = home(room, f"/moderation/{reading}/ask/{key}")
    assert client.submit(path, {"text": QUESTION}).status_code == 303
    return link_to(client, home(room, f"/moderation/{reading}"), "/queries/")


def mark(room: Room, reading: str, *keys: str) -> None:
    """Reopen the reviewer's reading, mark these answers to discuss, and submit it again."""
    account = room.cast.reviewer
    at = datetime.now(UTC) + timedelta(seconds=1)
    with transaction(room.app.extensions["casereader_engine"]) as session:
        opened = readings.find(session, public_id=reading, account=account)
        readings.reopen(session, opened=opened, reason="Marks.", by=account, at=at)
        save(session, opened, room.instrument, {key: {"discuss": True} for key in keys}, by=account, at=at)
        readings.submit(
            session, opened=opened, instrument=room.instrument, declared=True, keep_marks=True, by=account, at=at
        )


def test_a_moderator_asks_the_reader_answers_and_the_moderator_resolves_and_signs_off(
    room: Room, sign_in: SignIn
) -> None:
    opened = room.given(room.cast.reviewer)[0]
    name = opened.reading.public_id
    room.complete(name, C9="5")
    moderator, reader = sign_in(room.cast.moderator), sign_in(room.cast.reviewer)
    seen = home(room, f"/moderation/{name}")
    assert home(room, f"/moderation/{name}/ask/C9") in moderator.page(seen).links
    query = asked(room, moderator, name)

    assert "1 query about its answers is not resolved yet" in moderator.page(seen).text
    assert f"{seen}/sign-off" not in moderator.page(seen).html
    token = moderator.csrf_token(seen)
    assert moderator.post(f"{seen}/sign-off", data={"csrf_token": token}).status_code == 422
    assert moderator.get(home(room, f"/moderation/{name}/ask/C9")).location == query, "one at a time"
    assert "1 open" in moderator.page(home(room, "/moderation")).text

    assert "Answer a query" in reader.page("/").text and "1 waits for you" in reader.page("/readings").text
    assert QUESTION in reader.page("/queries").text and f"/readings/{name}/check#r-C9" in reader.page("/queries").links
    assert QUESTION in reader.page(f"/readings/{name}/check").text
    assert "Queries that wait for you: 1" in reader.page(f"/readings/{name}").text
    mine = link_to(reader, "/queries", f"/readings/{name}/queries/")
    assert "5 Very good" in reader.page(mine).text
    refused = reader.submit(mine, {"text": " "}, action=f"{mine}/reply")
    assert refused.status_code == 422 and page_of(refused).errors == ["Write your answer."]
    assert reader.submit(mine, {"text": "Those of May."}, action=f"{mine}/reply").status_code == 303

    assert "Nothing waits for you." in reader.page("/queries").text
    assert "Look at a query" in moderator.page("/").text
    assert (
        "Those of May." in moderator.page(seen).text and "1 answered" in moderator.page(home(room, "/moderation")).text
    )
    assert "Look at C9 of" in moderator.page(home(room, "/queries")).text
    assert moderator.submit(query, {"text": "And June?"}, action=f"{query}/say").location.endswith("#r-C9")
    assert "And June?" in reader.page(mine).text
    said = moderator.submit(query, {"text": ""}, action=f"{query}/say")
    assert page_of(said).errors == ["Write what you say."]
    token = moderator.csrf_token(query)
    assert moderator.post(f"{query}/resolve", data={"csrf_token": token, "text": ""}).status_code == 303
    assert "Resolved by" in moderator.page(seen).text
    assert moderator.submit(seen, action=f"{seen}/sign-off").status_code == 303
    assert room.now(opened).reading.state is ReadingState.SIGNED_OFF
    assert moderator.get(home(room, f"/moderation/{name}/ask/C10")).status_code == 409


def test_changing_the_answer_reopens_the_reading_and_lands_on_the_question(room: Room, sign_in: SignIn) -> None:
    opened = room.given(room.cast.reviewer)[0]
    name = opened.reading.public_id
    room.complete(name, C9="5")
    moderator, reader = sign_in(room.cast.moderator), sign_in(room.cast.reviewer)
    query = asked(room, moderator, name)
    mine = link_to(reader, "/queries", f"/readings/{name}/queries/")

    changed = reader.submit(mine, action=f"{mine}/change")

    assert changed.location == f"/readings/{name}/C#q-C9"
    assert room.now(opened).reading.state is ReadingState.IN_PROGRESS
    for view in ("", "/check"):
        assert f"/readings/{name}/C#q-C9" in reader.page(f"/readings/{name}{view}").links
        assert "Queries about this reading" in reader.page(f"/readings/{name}{view}").text
    assert f"/readings/{name}/C#q-C9" in reader.page(mine).links
    (beneath,) = reader.page(f"/readings/{name}/C").with_class("cr_item__asked")
    assert QUESTION in words(beneath) and "then check and submit it" in words(beneath)
    assert "has the reading open again" in moderator.page(query).text
    assert "open again" in moderator.page(home(room, "/queries")).text
    token = moderator.csrf_token("/")
    assert moderator.post(f"{query}/resolve", data={"csrf_token": token}).status_code == 422
    section = f"/readings/{name}/C"
    assert reader.submit(section, {"C9": "4"}, action=section).status_code == 303
    form = {"declared": "y"}
    assert reader.submit(f"/readings/{name}/check", form, action=f"/readings/{name}/submit").status_code == 303

    assert "The answer was 5 Very good, and is 4 Good now." in moderator.page(query).text
    assert "To look again at C9, as asked." in moderator.page(home(room, f"/moderation/{name}")).text


def test_marks_to_discuss_wait_for_a_moderator_and_are_resolved_in_one_press(room: Room, sign_in: SignIn) -> None:
    name = room.given(room.cast.reviewer)[0].reading.public_id
    room.complete(name)
    mark(room, name, "C9", "C10")
    moderator = sign_in(room.cast.moderator)
    seen = home(room, f"/moderation/{name}")
    page = moderator.page(seen)
    assert "Queries not resolved: 2" in page.text and "Resolve the 2 marks to discuss" in page.text
    refused = moderator.submit(f"{seen}/marks", {"text": ""})
    assert page_of(refused).errors == ["Say what came of talking the marks over."]
    named = moderator.submit(f"{seen}/marks", {"text": "Mrs Campbell agreed."})
    assert named.status_code == 422 and "keep_signs" in named.get_data(as_text=True)

    done = moderator.submit(f"{seen}/marks", {"text": "Talked over at the briefing; both stand."})

    assert done.status_code == 303 and moderator.page(seen).text.count("both stand") == 2
    assert moderator.submit(seen, action=f"{seen}/sign-off").status_code == 303
    assert "No mark of this reading waits" in moderator.page(f"{seen}/marks").text


def test_queries_are_counted_filtered_and_searched(room: Room, sign_in: SignIn) -> None:
    name = room.given(room.cast.reviewer)[0].reading.public_id
    room.complete(name)
    moderator = sign_in(room.cast.moderator)
    assert "Nothing was asked yet" in moderator.page(home(room, "/queries")).text
    asked(room, moderator, name)
    asked(room, moderator, name, "D11")
    index = home(room, "/queries")

    page = moderator.page(index)
    assert len(page.rows(0)) == 3 and page.rows(1)[-1] == ["All", "2", "0", "0"]
    for query, n in (("question=D11", 1), ("state=answered", 0), ("words=LIVED", 2), ("begun=discuss", 0)):
        assert f"{n} of 2 queries." in moderator.page(f"{index}?{query}").text, query
    assert len(moderator.page(f"{index}?state=nonsense").rows(0)) == 3, "what is not known asks for nothing"


def test_the_paired_inspector_reads_the_conversation_on_the_page_where_they_countersign(
    room: Room, sign_in: SignIn
) -> None:
    opened = room.given(room.cast.local_reviewer)[0]
    room.complete(opened.reading.public_id)
    asked(room, sign_in(room.cast.moderator), opened.reading.public_id)

    page = sign_in(room.cast.reviewer).page(home(room, f"/countersigning/{opened.reading.public_id}"))

    assert QUESTION in page.text and "Waits for the reader" in page.text
    assert not [link for link in page.links if "/queries/" in link]


@pytest.mark.parametrize(
    "name", ["reviewer", "second_reviewer", "local_reviewer", "coordinator", "deputy", "administrator", "outsider"]
)
def test_a_query_is_for_its_reader_and_for_moderators_and_nobody_else(room: Room, sign_in: SignIn, name: str) -> None:
    reading = room.given(room.cast.reviewer)[0].reading.public_id
    room.complete(reading)
    query = asked(room, sign_in(room.cast.moderator), reading)
    client = sign_in(member(room.cast, name))

    for path in (query, home(room, "/queries"), home(room, f"/moderation/{reading}/ask/D11")):
        assert client.get(path).status_code == 403
    mine = f"/readings/{reading}/queries/{query.rpartition('/')[2]}"
    in_the_room = name in ("second_reviewer", "local_reviewer")
    assert client.get(mine).status_code == (200 if name == "reviewer" else 404 if in_the_room else 403)
    if in_the_room:
        assert QUESTION not in client.page("/queries").text


def test_a_query_about_one_reading_changes_nothing_for_the_case_s_other_reader(room: Room, sign_in: SignIn) -> None:
    first, second = room.pair
    clients = [sign_in(room.cast.reviewer), sign_in(room.cast.second_reviewer), sign_in(room.cast.local_reviewer)]
    other = next(client for client in clients if client.get(f"/readings/{second}").status_code == 200)
    room.complete(first)
    pages = ("/", "/readings", "/queries", f"/readings/{second}", f"/readings/{second}/C", f"/readings/{second}/check")
    before = [other.page(path).text for path in pages]

    query = asked(room, sign_in(room.cast.moderator), first)

    assert [other.page(path).text for path in pages] == before
    assert other.get(f"/readings/{second}/queries/{query.rpartition('/')[2]}").status_code == 404


def test_a_moderator_who_reads_the_case_too_sees_no_query_of_it_till_theirs_is_in(room: Room, sign_in: SignIn) -> None:
    first, second = room.pair
    with transaction(room.app.extensions["casereader_engine"]) as session:
        reader = next(
            account
            for account in (room.cast.reviewer, room.cast.second_reviewer, room.cast.local_reviewer)
            if any(
                one.reading.public_id == second
                for one in readings.mine(session, account=account)
                if one.reading.kind is ReadingKind.SECOND
            )
        )
        inspections.give_role(
            session,
            inspection=room.cast.place.inspection,
            account=reader,
            role=Role.MODERATOR,
            paired_with=None,
            by=room.cast.coordinator,
            at=datetime.now(UTC),
        )
        give_sheets(session, reader, at=reader.created_at)
    room.complete(first)
    query = asked(room, sign_in(room.cast.moderator), first)
    client = sign_in(reader)

    assert "Nothing was asked yet" in client.page(home(room, "/queries")).text
    for path in (query, home(room, f"/moderation/{first}/ask/D11"), home(room, f"/moderation/{first}/marks")):
        assert client.get(path).status_code == 404
    token = client.csrf_token("/")
    for deed in ("say", "resolve"):
        sent = client.post(f"{query}/{deed}", data={"csrf_token": token, "text": "Words."})
        assert sent.status_code == 404
    room.complete(second)
    assert client.get(query).status_code == 200
    with transaction(room.app.extensions["casereader_engine"]) as session:
        key = room.cast.place.inspection.id or 0
        assert not queries.waiting(session, inspection_ids=[key], account=reader)


def test_what_was_written_for_a_conversation_that_moved_on_is_shown_again(room: Room, sign_in: SignIn) -> None:
    opened = room.given(room.cast.reviewer)[0]
    name = opened.reading.public_id
    room.complete(name)
    home = f"/inspections/{room.cast.place.inspection.public_id}"
    ask = f"{home}/moderation/{name}/ask/C9"
    moderator, lead = sign_in(room.cast.moderator), sign_in(room.cast.lead)
    token = moderator.csrf_token(ask)
    lead.submit(ask, {"text": "Why not 3?"})

    refused = moderator.post(ask, data={"csrf_token": token, "text": "What of the plan of May?"})

    page = page_of(refused)
    assert refused.status_code == 422 and "What of the plan of May?" in page.html
    assert page.errors == ["There is a conversation about this answer already: go on with it."]
    assert "Why not 3?" in page.text, "the conversation that stands, to go on with"
    query = next(link for link in lead.page(f"{home}/queries").links if "/queries/" in link)
    token = moderator.csrf_token(query)
    assert lead.post(f"{query}/resolve", data={"csrf_token": lead.csrf_token(query)}).status_code == 303
    for rest in ("say", "resolve"):
        late = moderator.post(f"{query}/{rest}", data={"csrf_token": token, "text": "One thing more."})
        assert late.status_code == 422 and "One thing more." in page_of(late).text, rest
