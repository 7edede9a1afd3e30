"""One's own sign-in methods: made, shown once, warned of, taken away; and taken away by an administrator."""

import re

import pytest
from flask import Flask
from sqlmodel import select, update

from casereader.db import transaction
from casereader.models import AuditEvent, Authenticator, RecoveryCode
from tests.cast import PASSWORD, Cast, SignIn
from tests.second_steps import line
from tests.web.client import PageClient, page_of
from tests.web.second_steps import long_ago
from tests.web.signing.test_second_step import BY_LINE, halfway, set_up_app

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SHEET, REMOVE_SHEET = "/sign-in-methods/sheet", "/sign-in-methods/sheet/remove"


def done_in(app: Flask) -> list[str]:
    with transaction(app.extensions["casereader_engine"]) as session:
        return [event.action for event in session.exec(select(AuditEvent).order_by(AuditEvent.n))]  # type: ignore[arg-type]


def test_a_new_sheet_is_shown_once_voids_the_old_one_and_ends_every_other_sign_in(
    app: Flask, cast: Cast, sign_in: SignIn, client: PageClient
) -> None:
    here, there = sign_in(cast.lead), sign_in(cast.lead)

    page = page_of(here.submit("/sign-in-methods", action=SHEET))

    lines = re.findall(r"\b(\d+ (?:[A-Z2-9]{4}-){3}[A-Z2-9]{4})\b", page.text)
    assert len(lines) == 10 and cast.lead.email in page.text
    assert "The sheet you had before opens nothing any more" in page.text
    assert lines[0] not in here.page("/sign-in-methods").text
    assert there.get("/").status_code == 303
    halfway(client, cast.lead)
    assert client.submit("/second-step", {"line": line(1)}, action=BY_LINE).status_code == 422
    assert client.submit("/second-step", {"line": lines[0]}, action=BY_LINE).status_code == 303
    assert done_in(app).count("second factor added") == 1


def test_few_lines_left_are_warned_of_at_signing_in_and_none_at_all_leads_to_a_new_sheet(
    app: Flask, client: PageClient, cast: Cast
) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        session.exec(update(RecoveryCode).where(RecoveryCode.number < 9).values(used_at=cast.lead.created_at))  # type: ignore[arg-type]
    halfway(client, cast.lead)
    client.submit("/second-step", {"line": line(9)}, action=BY_LINE)
    assert "Line 9 of your recovery sheet is used: cross it out. One line is left. Make a new" in client.page("/").text
    client.submit("/", action="/sign-out")
    halfway(client, cast.lead)

    assert client.submit("/second-step", {"line": line(10)}, action=BY_LINE).location == "/sign-in-methods"

    assert "Your recovery sheet has no line left" in client.page("/sign-in-methods").text
    client.submit("/sign-in-methods", action="/sign-out")
    assert "ask your administrator" in halfway(client, cast.lead).page("/second-step").text


def test_the_last_method_of_who_needs_one_is_not_removed_and_of_a_reviewer_it_is(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    lead, reviewer = sign_in(cast.lead), sign_in(cast.reviewer)
    refused = lead.submit("/sign-in-methods", action=REMOVE_SHEET)
    assert refused.status_code == 422 and "add another method" in page_of(refused).text

    for client in (lead, reviewer):
        set_up_app(client)
    lead.submit("/sign-in-methods", action=REMOVE_SHEET)
    with transaction(app.extensions["casereader_engine"]) as session:
        names = [one.public_id for one in session.exec(select(Authenticator))]
    theirs = next(name for name in names if name in reviewer.page("/sign-in-methods").html)
    reviewer.submit("/sign-in-methods", action=f"/sign-in-methods/{theirs}/remove")

    token = reviewer.csrf_token("/sign-in-methods")
    other = next(name for name in names if name != theirs)
    assert reviewer.post(f"/sign-in-methods/{other}/remove", data={"csrf_token": token}).status_code == 404
    assert done_in(app).count("second factor removed") == 2
    reviewer.submit("/sign-in-methods", action="/sign-out")
    assert reviewer.sign_in(cast.reviewer.email, PASSWORD).location == "/"


def test_whoever_has_the_password_alone_is_not_told_of_a_step_that_nobody_asks_for(cast: Cast, sign_in: SignIn) -> None:
    alone, with_sheet = sign_in(cast.reviewer).get("/sign-in-methods"), sign_in(cast.lead).get("/sign-in-methods")

    assert "You sign in with your password alone" in alone.text
    assert "After your password you are asked for one of these" in with_sheet.text


def test_no_method_is_added_by_somebody_who_has_not_proved_lately_who_they_are(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    client = sign_in(cast.reviewer)
    long_ago(app)

    asked = client.submit("/sign-in-methods", action=SHEET)

    assert asked.status_code == 401 and page_of(asked).heading == "Confirm it is you"
    assert client.get("/sign-in-methods/app").status_code == 401


def test_an_administrator_takes_somebodys_methods_away_who_begins_again_by_a_new_link(
    app: Flask, cast: Cast, sign_in: SignIn, client: PageClient
) -> None:
    theirs, administrator = sign_in(cast.lead), sign_in(cast.administrator)

    address = f"/accounts/{cast.lead.public_id}/remove-methods"
    page = page_of(administrator.submit(address, action=address))

    link = re.search(r"/set-password/[\w-]+", page.text)
    assert link is not None
    assert theirs.get("/").status_code == 303
    refused = client.submit("/sign-in", {"email": cast.lead.email, "password": PASSWORD})
    assert refused.status_code == 422, "a password that somebody else may know does not set up a new method"
    word = "some other unrelated word"
    client.submit(link[0], {"password": word, "again": word})
    client.sign_in(cast.lead.email, word)
    assert client.get("/").location == "/sign-in-methods?next=/"
    assert "second factors removed" in done_in(app)


def test_nobody_takes_their_own_methods_away_as_an_administrator(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.administrator)
    address = f"/accounts/{cast.administrator.public_id}/remove-methods"

    assert address not in client.page("/accounts").html
    assert client.post(address, data={"csrf_token": client.csrf_token("/accounts")}).status_code == 422


def test_the_command_line_takes_methods_away_where_no_administrator_can_sign_in(
    app: Flask, client: PageClient, cast: Cast
) -> None:
    done = app.test_cli_runner().invoke(args=["account", "remove-methods", cast.administrator.email])

    assert "/set-password/" in done.output
    assert client.submit("/sign-in", {"email": cast.administrator.email, "password": PASSWORD}).status_code == 422


def test_somebody_who_gave_the_password_and_no_second_step_is_seen_by_the_owner(
    client: PageClient, cast: Cast, sign_in: SignIn
) -> None:
    owner = sign_in(cast.lead)
    halfway(client, cast.lead)

    assert "Gave the password, not the second step" in owner.page("/sign-ins").text


def test_where_passkeys_do_not_work_the_page_leads_to_where_they_do(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in(cast.lead).page("/sign-in-methods/passkey")

    assert "http://localhost:8000/" in page.links and "You sign in again there." in page.text
