"""Signing in with a second step: what is asked for, what a sign-in that waits opens, and who is led to set one up."""

import re
import time
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlmodel import Session, col, delete, select, update
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from casereader.db import transaction
from casereader.models import Account, Authenticator, RecoveryCode
from casereader.models import SignIn as Entry
from casereader.people import sessions
from casereader.vocabulary import Factor
from casereader.web.access import Door
from tests.addresses import UNKNOWN
from tests.cast import PASSWORD, Cast, SignIn
from tests.second_steps import CODES, code_of_now, line
from tests.web.client import PageClient, filled_in, page_of
from tests.web.second_steps import next_code, set_up_app

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

BY_LINE, BY_APP = "/second-step/line", "/second-step/app"


def path_of(app: Flask, rule: Rule) -> str:
    """The address of a rule, about something that never was."""
    return app.url_map.bind("127.0.0.1").build(rule.endpoint, dict.fromkeys(rule.arguments, UNKNOWN))


def in_database(app: Flask) -> Session:
    return transaction(app.extensions["casereader_engine"])  # type: ignore[return-value]


def halfway(client: PageClient, account: Account) -> PageClient:
    """Somebody who has given the password, and nothing else."""
    asked = client.submit("/sign-in", {"email": account.email, "password": PASSWORD})
    assert asked.location == "/second-step?next=/"
    return client


def send_line(client: PageClient, asked: TestResponse, typed: str) -> TestResponse:
    """Send a line in the form of a page that keeps something."""
    action = next(
        form.get("action", "") for form in page_of(asked).root.iter("form") if BY_LINE in form.get("action", "")
    )
    return client.post(action, data=filled_in(page_of(asked).form(action)) | {"line": typed})


def without_methods(app: Flask, account: Account) -> None:
    with in_database(app) as session:
        session.exec(delete(RecoveryCode).where(col(RecoveryCode.account_id) == account.id))


def test_a_moderator_with_nothing_but_a_sheet_signs_in_and_each_line_opens_once(client: PageClient, cast: Cast) -> None:
    halfway(client, cast.moderator)
    before = client.get_cookie("casereader")

    done = client.submit("/second-step?next=/settings", {"line": line(3)}, action=BY_LINE)

    assert done.location == "/settings" and cast.moderator.name in client.page("/").text
    after = client.get_cookie("casereader")
    assert before and after and before.value != after.value
    client.submit("/", action="/sign-out")
    halfway(client, cast.moderator)
    again = client.submit("/second-step", {"line": line(3)}, action=BY_LINE)
    assert again.status_code == 422 and "was used already" in page_of(again).errors[0]
    client.set_cookie("casereader", before.value)
    assert client.get("/settings").location == "/sign-in?next=/settings", "the token that waited is dead"


def test_a_line_of_another_number_an_unprinted_one_and_one_of_somebody_else_are_refused_alike(
    client: PageClient, cast: Cast
) -> None:
    halfway(client, cast.lead)

    for typed in (f"4 {CODES[5]}", "4 ABCD-EFGH-JKLM-NPQR"):
        refused = client.submit("/second-step", {"line": typed}, action=BY_LINE)
        assert refused.status_code == 422
        assert page_of(refused).errors == [
            "The line is not right, or was used already. Check its number, or take another line."
        ]
    assert client.get("/").status_code == 303


def test_an_app_is_set_up_by_its_first_code_then_asked_for_and_no_code_opens_twice(
    app: Flask, client: PageClient, cast: Cast, sign_in: SignIn
) -> None:
    codes = set_up_app(sign_in(cast.reviewer))
    halfway(client, cast.reviewer)
    with in_database(app) as session:  # the code that set it up may be of the step before by now
        session.exec(update(Authenticator).values(last_step=int(time.time()) // 30 + 1))
    replayed = client.submit("/second-step", {"code": code_of_now(codes)}, action=BY_APP)
    assert replayed.status_code == 422 and "was used already" in page_of(replayed).errors[0]
    slow = client.submit("/second-step", {"code": codes.at(time.time() - 300)}, action=BY_APP)
    assert slow.status_code == 422 and "is about 5 minutes slow" in page_of(slow).errors[0]

    done = client.submit("/second-step", {"code": next_code(app, codes)}, action=BY_APP)

    assert done.location == "/" and "Ruaridh" in client.page("/").text
    with in_database(app) as session:
        entry = session.exec(select(Entry).where(col(Entry.ended_at).is_(None))).all()[-1]
    assert (entry.factor, entry.is_waiting) == (Factor.APP, False)


def test_a_sign_in_that_waits_opens_nothing_but_its_second_step_and_signing_out(
    app: Flask, client: PageClient, cast: Cast
) -> None:
    halfway(client, cast.lead)
    token = client.csrf_token("/second-step")
    opened = set()
    for rule in app.url_map.iter_rules():
        roles = app.view_functions[rule.endpoint].roles  # type: ignore[attr-defined]
        if Door.ANYONE in roles:
            continue
        path, methods = path_of(app, rule), rule.methods or set()
        if "GET" in methods:
            answer = client.get(path)
            if answer.status_code != 303 or not (answer.location or "").startswith("/second-step?next="):
                opened.add(rule.endpoint)
            assert client.get(path, headers={"Accept": "application/json"}).status_code in (200, 401)
        elif rule.endpoint != "account.sign_out":
            answer = client.post(path, data={"csrf_token": token})
            if answer.status_code != 401 or page_of(answer).heading != "The second step comes first":
                opened.add(rule.endpoint)

    steps = {"second_step", "by_app", "by_line", "by_passkey", "passkey_options"}
    assert opened == {f"signing.{one}" for one in steps}
    assert client.get("/readings/session").get_json()["person"] is None
    client.submit("/second-step", action="/sign-out")
    assert client.get("/").location == "/sign-in?next=/"


def test_a_sign_in_waits_for_ten_minutes(app: Flask, client: PageClient, cast: Cast) -> None:
    halfway(client, cast.lead)
    with in_database(app) as session:
        entry = session.exec(select(Entry)).one()
        entry.created_at -= sessions.WAITING_LIMIT + timedelta(seconds=1)

    assert client.get("/second-step").location.startswith("/sign-in")


def test_a_form_sent_after_the_session_ended_is_kept_through_both_steps(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    client = sign_in(cast.lead)
    sent = filled_in(client.page("/settings").form())
    with in_database(app) as session:
        session.exec(update(Entry).values(ended_at=datetime.now(UTC)))

    form = page_of(client.post("/settings", data=sent | {"preferences": "list"})).form()
    who = {"email": cast.lead.email, "password": PASSWORD}
    asked = client.post(form.get("action") or "", data=filled_in(form) | who)
    wrong = send_line(client, asked, "7 A")
    done = send_line(client, wrong, line(7))

    assert wrong.status_code == 422
    assert filled_in(page_of(done).form("/settings"))["preferences"] == "list"


def test_who_needs_a_second_step_and_has_none_is_led_to_it_and_opens_nothing_else(
    app: Flask, client: PageClient, cast: Cast
) -> None:
    without_methods(app, cast.lead)
    client.sign_in(cast.lead.email, PASSWORD)
    assert client.get("/").location == "/sign-in-methods?next=/"
    page = client.page("/sign-in-methods")
    assert page.heading == "Set up a second step" and cast.place.name not in page.text
    opened = set()
    for rule in app.url_map.iter_rules():
        roles = app.view_functions[rule.endpoint].roles  # type: ignore[attr-defined]
        if Door.ANYONE in roles or not roles & {Door.SIGNED_IN, *(role for role in roles if role == "lead")}:
            continue
        methods = rule.methods or set()
        if "GET" in methods and not (client.get(path_of(app, rule)).location or "").startswith("/sign-in-methods?"):
            opened.add(rule.endpoint)
        if "POST" in methods and not getattr(app.view_functions[rule.endpoint], "is_for_setting_up", False):
            refused = client.post(path_of(app, rule), data={"csrf_token": client.csrf_token("/sign-in-methods")})
            assert (refused.status_code, page_of(refused).heading) == (403, "Set up a second step first"), rule
    help_to_it = {"help.index", "help.show", "help.picture"}
    assert opened == {"signing.methods", "signing.set_up_app", "signing.new_passkey"} | help_to_it
    assert client.get("/readings/session").get_json()["person"] is None

    first = client.submit("/sign-in-methods", action="/sign-in-methods/sheet")

    assert "The sheet you had before" not in page_of(first).text
    assert cast.lead.name in client.page("/").text


def test_readers_need_one_where_their_inspection_says_so(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(None)
    client.sign_in(cast.reviewer.email, PASSWORD)
    client.page("/readings")
    with in_database(app) as session:
        inspection = session.merge(cast.place.inspection)
        inspection.readers_need_second_factor = True

    assert client.get("/readings").location == "/sign-in-methods?next=/readings"


def test_an_account_of_the_demonstration_needs_none(app: Flask, client: PageClient, cast: Cast) -> None:
    without_methods(app, cast.lead)
    with in_database(app) as session:
        session.exec(update(Account).where(col(Account.id) == cast.lead.id).values(is_demo=True))

    assert client.sign_in(cast.lead.email, PASSWORD).location == "/"
    client.page("/")


def test_a_fresh_installation_is_usable_from_the_first_link_on(app: Flask, client: PageClient) -> None:
    command = ["account", "create", "first@body.example", "--name", "First Person", "--administrator"]
    printed = app.test_cli_runner().invoke(args=command)
    link = re.search(r"/set-password/\S+", printed.output)
    assert link is not None, printed.output
    word = "some other unrelated word"
    client.submit(link[0], {"password": word, "again": word})
    client.sign_in("first@body.example", word)
    assert client.get("/accounts").location == "/sign-in-methods?next=/accounts"

    codes = set_up_app(client)

    assert client.page("/accounts").heading == "Accounts"
    client.submit("/", action="/sign-out")
    client.submit("/sign-in", {"email": "first@body.example", "password": word})
    assert client.submit("/second-step", {"code": next_code(app, codes)}, action=BY_APP).location == "/"
