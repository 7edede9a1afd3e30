"""One's own sign-ins: looked over, ended, locked and uncovered, and a token that is new when roles have changed."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlmodel import select
from werkzeug.test import TestResponse

from casereader.db import transaction
from casereader.models import Account, Inspection, Reading
from casereader.models import SignIn as Entry
from casereader.people import passwords, sessions
from casereader.programmes import inspections
from casereader.vocabulary import ReadingState, Role
from tests.cast import PASSWORD, Cast, SignIn
from tests.web.client import PageClient, filled_in, page_of
from tests.web.reading_room import Room

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


SCRIPT = {"Accept": "application/json"}


def cookie(client: PageClient) -> str:
    found = client.get_cookie("casereader")
    assert found is not None
    return found.value


def test_somebody_sees_where_they_are_signed_in_and_ends_what_they_do_not_know(cast: Cast, sign_in: SignIn) -> None:
    here, there = sign_in(cast.reviewer), sign_in(cast.reviewer)
    sign_in(cast.lead)
    page = here.page("/sign-ins")
    ends = sorted(set(re.findall(r"/sign-ins/[\w-]{22}/end", page.html)))
    assert len(ends) == 2 and page.text.count("This browser") == 1

    here.submit("/sign-ins", action="/sign-ins/end-others")

    assert there.get("/").status_code == 303
    assert here.page("/sign-ins").html.count("/end") == 1
    assert here.submit(
        "/sign-ins", action=next(end for end in ends if end in here.page("/sign-ins").html)
    ).location == ("/sign-in")
    assert here.get("/").status_code == 303


def test_nobody_ends_a_sign_in_of_somebody_else(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    theirs, mine = sign_in(cast.lead), sign_in(cast.reviewer)
    with transaction(app.extensions["casereader_engine"]) as session:
        entry = session.exec(select(Entry).where(Entry.account_id == cast.lead.id)).one()

    refused = mine.post(f"/sign-ins/{entry.public_id}/end", data={"csrf_token": mine.csrf_token("/sign-ins")})

    assert refused.status_code == 404
    theirs.page("/")


def test_an_administrator_ends_every_sign_in_of_somebody_who_may_sign_in_again(cast: Cast, sign_in: SignIn) -> None:
    theirs = sign_in(cast.lead)

    sign_in(cast.administrator).submit("/accounts", action=f"/accounts/{cast.lead.public_id}/end-sign-ins")

    assert theirs.get("/").status_code == 303
    sign_in(cast.lead).page("/")


def test_a_changed_password_needs_the_one_before_and_ends_every_other_sign_in(
    client: PageClient, cast: Cast, sign_in: SignIn
) -> None:
    here, there = sign_in(cast.lead), sign_in(cast.lead)
    new = {"password": "five entirely unrelated words", "again": "five entirely unrelated words"}

    wrong = here.submit("/change-password", {"current_password": "not the password", **new})
    assert wrong.status_code == 422 and there.get("/").status_code == 200
    assert here.submit("/change-password", {"current_password": PASSWORD, **new}).location == "/sign-ins"

    here.page("/")
    assert there.get("/").status_code == 303
    client.sign_in(cast.lead.email, new["password"])


def test_a_password_of_the_lists_is_refused_on_both_pages_that_take_a_new_one(
    app: Flask, client: PageClient, cast: Cast, sign_in: SignIn
) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        account = session.get_one(Account, cast.reviewer.id)
        link = passwords.issue_link(session, account=account, by=None, at=datetime.now(UTC))
    new = {"password": "Manchester United 2026", "again": "Manchester United 2026"}

    changed = sign_in(cast.lead).submit("/change-password", {"current_password": PASSWORD, **new})
    set_first = client.submit(f"/set-password/{link}", new)

    for refused in (changed, set_first):
        assert refused.status_code == 422
        assert "on the lists that attackers try first" in page_of(refused).errors[0]
    client.sign_in(cast.lead.email, PASSWORD)


def test_a_locked_browser_opens_nothing_until_the_password_is_given_and_then_the_page_asked_for(
    cast: Cast, sign_in: SignIn
) -> None:
    client = sign_in(cast.lead)
    wanted = f"/inspections/{cast.place.inspection.public_id}"
    client.submit("/", action="/lock")

    covered = client.get(wanted)
    assert covered.status_code == 423 and cast.place.name not in page_of(covered).text
    assert client.get("/readings/session").get_json()["person"] is None
    assert client.get(wanted, headers=SCRIPT).status_code == 423
    fields = filled_in(page_of(covered).form())
    assert client.post("/unlock", data=fields | {"password": "not the password"}).status_code == 422
    assert client.get(wanted).status_code == 423

    assert client.post("/unlock", data=fields | {"password": PASSWORD}).location == wanted
    client.page(wanted)


def unlock_as_the_script(client: PageClient, person: str, password: str) -> TestResponse:
    token = client.get("/readings/session").get_json()["csrf_token"]
    sent = {"csrf_token": token, "person": person, "password": password}
    return client.post("/unlock", data=sent, headers=SCRIPT)


def test_the_script_is_told_whose_page_may_be_shown_and_of_nothing_else_that_it_may(
    cast: Cast, sign_in: SignIn
) -> None:
    mine, theirs, nobodys = sign_in(cast.lead), sign_in(cast.coordinator), sign_in(None)
    lead, coordinator = cast.lead.public_id, cast.coordinator.public_id
    mine.submit("/", action="/lock")
    assert mine.get("/readings/session").get_json()["locked"] is True

    refused = [
        (unlock_as_the_script(mine, lead, "garbage"), 422),
        (unlock_as_the_script(mine, coordinator, PASSWORD), 401),
        (unlock_as_the_script(theirs, lead, PASSWORD), 401),
        (unlock_as_the_script(nobodys, lead, PASSWORD), 401),
    ]
    for answer, status in refused:
        assert (answer.status_code, answer.headers.get("Casereader-Uncovered")) == (status, None)
    opened = unlock_as_the_script(mine, lead, PASSWORD)

    assert (opened.status_code, opened.headers.get("Casereader-Uncovered")) == (204, lead)
    assert mine.get("/readings/session").get_json()["locked"] is False


def test_once_the_sign_in_has_ended_no_password_uncovers_it_and_what_was_kept_goes_on_by_signing_in(
    cast: Cast, sign_in: SignIn
) -> None:
    client = sign_in(cast.reviewer)
    sent = filled_in(client.page("/settings").form())
    client.submit("/", action="/lock")
    asked = page_of(client.post("/settings", data=sent | {"preferences": "list"})).form()
    sign_in(cast.reviewer).submit("/sign-ins", action="/sign-ins/end-others")

    assert unlock_as_the_script(client, cast.reviewer.public_id, PASSWORD).status_code == 401
    ended = client.post(asked.get("action") or "", data=filled_in(asked) | {"password": "garbage"})

    assert (ended.status_code, page_of(ended).heading) == (401, "Sign in")
    form = page_of(ended).form()
    who = {"email": cast.reviewer.email, "password": PASSWORD}
    done = client.post(form.get("action") or "", data=filled_in(form) | who)
    assert filled_in(page_of(done).form("/settings"))["preferences"] == "list"


def test_whoever_comes_next_to_a_locked_browser_can_sign_it_out(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.lead)
    client.submit("/", action="/lock")
    covered = page_of(client.get("/"))
    assert "What they had saved is kept" in covered.text

    out = client.post("/sign-out", data=filled_in(covered.form("/sign-out")))

    assert out.location == "/sign-in"
    assert page_of(client.get("/sign-in")).heading == "Sign in"
    with transaction(app.extensions["casereader_engine"]) as session:
        assert session.exec(select(Entry)).one().ended_at is not None


def test_a_form_sent_while_the_browser_is_locked_is_kept_in_the_page_and_can_be_sent_on(
    cast: Cast, sign_in: SignIn
) -> None:
    client = sign_in(cast.reviewer)
    sent = filled_in(client.page("/settings").form())
    client.submit("/", action="/lock")

    covered = client.post("/settings", data=sent | {"preferences": "list"})
    assert covered.status_code == 423
    asked = page_of(covered).form()
    assert "What you wrote in this page is lost" in page_of(covered).text
    done = client.post(asked.get("action") or "", data=filled_in(asked) | {"password": PASSWORD})

    assert filled_in(page_of(done).form("/settings"))["preferences"] == "list"


def test_the_first_request_after_a_change_of_roles_brings_a_new_token_and_the_old_one_works_a_minute_longer(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    client, copy = sign_in(cast.outsider), app.test_client()
    client.page("/")
    before = cookie(client)
    client.page("/settings")
    assert cookie(client) == before
    with transaction(app.extensions["casereader_engine"]) as session:
        inspections.give_role(
            session,
            inspection=session.get_one(Inspection, cast.place.inspection.id),
            account=session.get_one(Account, cast.outsider.id),
            role=Role.MODERATOR,
            by=session.get_one(Account, cast.coordinator.id),
            at=datetime.now(UTC),
        )

    client.page("/")

    assert cookie(client) != before
    copy.set_cookie("casereader", before)
    assert copy.get("/settings").status_code == 200
    with transaction(app.extensions["casereader_engine"]) as session:
        entry = session.exec(select(Entry)).one()
        assert entry.renewed_at is not None
        entry.renewed_at -= timedelta(seconds=61)
    copy.set_cookie("casereader", before)
    assert copy.get("/settings").status_code == 303
    client.page("/settings")


def test_without_agreed_days_the_longer_limit_holds_while_a_record_is_begun(room: Room) -> None:
    engine = room.app.extensions["casereader_engine"]
    with transaction(engine) as session:
        reader, at = session.get_one(Account, room.cast.reviewer.id), datetime.now(UTC)
        inspection = session.get_one(Inspection, room.cast.place.inspection.id)
        inspection.reading_starts = inspection.reading_ends = None
        inspection.reader_idle_minutes = 100
        reading = session.exec(select(Reading).where(Reading.reviewer_id == reader.id)).first()
        assert reading is not None and reading.state is ReadingState.ASSIGNED
        session.flush()
        assert sessions.idle_limit(session, reader, at=at) == timedelta(minutes=30)

        reading.state = ReadingState.IN_PROGRESS
        session.flush()

        assert sessions.idle_limit(session, reader, at=at) == timedelta(minutes=100)
