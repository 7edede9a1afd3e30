"""Guessing passwords: it stops soon, is noted without what was typed, and never keeps out who knows the right one."""

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Lock

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import col, select
from werkzeug.test import TestResponse

from casereader import audit
from casereader.db import transaction
from casereader.models import Account, Allowance, AuditEvent, Inspection
from casereader.models import SignIn as Entry
from casereader.people import allowances, passwords, sessions
from tests.cast import BEGAN, PASSWORD, Cast, SignIn
from tests.second_steps import line
from tests.web.client import PageClient, page_of

WRONG = "no such password here"


def attempt(client: PageClient, email: str, password: str, token: str, *, at: str = "192.0.2.7") -> TestResponse:
    data = {"email": email, "password": password, "csrf_token": token}
    return FlaskClient.open(
        client, "/sign-in", method="POST", data=data, environ_overrides={"REMOTE_ADDR": at}
    )  # the same page each time: not looked over


def later(app: Flask, minutes: int) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        for row in session.exec(select(Allowance)):
            row.counted_at -= timedelta(minutes=minutes)


def events(app: Flask, action: str) -> list[AuditEvent]:
    with transaction(app.extensions["casereader_engine"]) as session:
        query = select(AuditEvent).where(AuditEvent.action == action).order_by(col(AuditEvent.n))
        return list(session.exec(query))


def test_t27_of_two_hundred_wrong_tries_ten_are_checked_and_later_the_right_one_opens(
    app: Flask, client: PageClient, cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    token = client.csrf_token("/sign-in")
    with caplog.at_level(logging.WARNING, logger="casereader"):
        answers = [attempt(client, cast.lead.email, WRONG, token) for _ in range(200)]

    assert [answer.status_code for answer in answers] == [422] * 10 + [429] * 190
    said = [record.getMessage() for record in caplog.records if record.name == "casereader"]
    assert said.count("failed try: signing in") == 10 and said.count("no tries left: signing in") == 190
    last = answers[-1]
    assert 300 < int(last.headers["Retry-After"]) <= 360
    assert page_of(last).errors == [
        "There were too many tries. Nothing was checked this time: wait 6 minutes, then try again."
    ]
    assert attempt(client, cast.lead.email, PASSWORD, token).status_code == 429

    later(app, 7)

    assert attempt(client, cast.lead.email, PASSWORD, token).status_code == 303
    (ran_out,) = events(app, "tries ran out")
    assert ran_out.object_id == cast.lead.public_id and ran_out.inspection_id is None
    assert ran_out.body == {"what": "signing in", "network": "192.0.2.0/24", "whose": "one name"}
    failed = events(app, "failed try")
    assert len(failed) == 10 and {event.actor_id for event in failed} == {None}


def test_of_a_name_that_is_nobody_s_only_the_network_is_noted(app: Flask, client: PageClient) -> None:
    token = client.csrf_token("/sign-in")
    for _ in range(11):
        answer = attempt(client, "a.secret.typed.here@cast.example", WRONG, token)
    assert answer.status_code == 429

    noted = [*events(app, "failed try"), *events(app, "tries ran out")]

    assert {(event.object_kind, event.object_id) for event in noted} == {("name", "unknown")}
    assert "secret" not in repr([event.body for event in noted]) and len(noted) == 11


def test_strangers_keep_nobody_out_of_a_network_in_which_they_work(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(None)
    token = client.csrf_token("/sign-in")
    assert attempt(client, cast.reviewer.email, PASSWORD, token, at="10.9.8.7").status_code == 303
    stranger = sign_in(None)
    token = stranger.csrf_token("/sign-in")
    for _ in range(12):
        attempt(stranger, cast.reviewer.email, WRONG, token)

    assert attempt(stranger, cast.reviewer.email, PASSWORD, token).status_code == 429
    assert attempt(stranger, cast.reviewer.email, PASSWORD, token, at="10.9.8.200").status_code == 303


def test_those_who_know_their_password_use_up_nothing(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    for _ in range(12):
        client = sign_in(None)
        done = attempt(client, cast.reviewer.email, PASSWORD, client.csrf_token("/sign-in"), at="192.0.2.7")
        assert done.status_code == 303

    with transaction(app.extensions["casereader_engine"]) as session:
        assert {round(row.tries) for row in session.exec(select(Allowance))} == {10, 20, 600}


@pytest.mark.parametrize(
    ("address", "field"), [("/confirm", "password"), ("/unlock", "password"), ("/change-password", "current_password")]
)
def test_the_password_given_again_is_counted_with_the_tries_of_the_name(
    app: Flask, cast: Cast, sign_in: SignIn, address: str, field: str
) -> None:
    client = sign_in(cast.lead)
    sent = {"password": "five other unrelated words", "again": "five other unrelated words"}
    sent |= {"csrf_token": client.csrf_token("/change-password")}

    def give(password: str) -> TestResponse:
        return client.post(address, data=sent | {field: password})

    assert [give(WRONG).status_code for _ in range(11)] == [422] * 10 + [429]
    refused = give(PASSWORD)
    assert refused.status_code == 429 and "too many tries" in page_of(refused).text
    later(app, 7)
    assert give(PASSWORD).status_code in (200, 303)
    assert {event.actor_id for event in events(app, "failed try")} == {cast.lead.id}


def test_the_second_step_is_counted_with_the_tries_of_the_name_and_where_it_waits_no_network_is_known(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    client = sign_in(None)
    token = client.csrf_token("/sign-in")
    assert attempt(client, cast.lead.email, PASSWORD, token).location == "/second-step?next=/"
    sent = {"csrf_token": client.csrf_token("/second-step"), "next": "/"}

    def give(typed: str) -> TestResponse:
        return client.post("/second-step/line", data=sent | {"line": typed})

    assert [give(f"{n % 10 + 1} AAAA-AAAA-AAAA-AAAA").status_code for n in range(11)] == [422] * 10 + [429]
    later(app, 7)
    assert give(line(3)).location == "/"


def test_guessing_one_time_links_stops_too(client: PageClient) -> None:
    found = [client.open(f"/set-password/guess-{n}").status_code for n in range(21)]

    assert found == [404] * 20 + [429]


def test_a_sign_in_that_waits_for_its_second_step_makes_no_network_known(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    sign_in(cast.lead)
    with transaction(app.extensions["casereader_engine"]) as session:
        entry = session.exec(select(Entry)).one()
        assert allowances.is_known_place(session, account=cast.lead, network=entry.network, at=entry.created_at)
        entry.is_waiting = True
        session.flush()

        assert not allowances.is_known_place(session, account=cast.lead, network=entry.network, at=entry.created_at)


def test_an_account_takes_so_many_files_away_in_an_hour(
    cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allowances, "WORK", 3)
    client, other = sign_in(cast.lead), sign_in(cast.coordinator)
    wanted = f"/inspections/{cast.place.inspection.public_id}/roll-up/tables.xlsx"

    assert [client.open(wanted).status_code for _ in range(4)] == [409, 409, 409, 429]
    assert other.open(wanted).status_code == 409


def test_an_administrator_sees_where_tries_ran_out_and_no_name_that_is_nobody_s(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(None)
    token = client.csrf_token("/sign-in")
    assert "there is nothing to do" in sign_in(cast.administrator).page("/accounts/tries").text
    for email in (cast.moderator.email, "typed.by.mistake@cast.example"):
        for _ in range(10):
            attempt(client, email, WRONG, token, at=f"192.0.2.{len(email)}")

    text = sign_in(cast.administrator).page("/accounts/tries").text

    assert "Morag Moderator" in text and "Nobody’s account" in text and "192.0.2.0/24" in text
    assert "20 tries failed" in text and "One network" in text and "mistake" not in text


def test_refused_rights_are_in_the_trail_as_often_an_hour_as_helps_and_move_no_inspection(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    client = sign_in(cast.reviewer)
    for _ in range(allowances.REFUSALS + 5):
        FlaskClient.open(client, "/accounts")
    FlaskClient.open(client, f"/inspections/{cast.place.inspection.public_id}/concerns/AAAA")

    noted = events(app, "access refused")

    assert len(noted) == allowances.REFUSALS
    assert {(event.actor_id, event.inspection_id, event.object_id) for event in noted} == {
        (cast.reviewer.id, None, "admin.index")
    }


def test_coordinator_and_lead_settle_how_readers_sign_in(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    address = f"/inspections/{cast.place.inspection.public_id}/reader-sign-ins"
    page = sign_in(cast.lead)
    assert "240" in page.page(address).html

    wrong = page.submit(address, {"idle_minutes": "14"})
    assert page_of(wrong).errors == ["Enter 15 to 720 minutes; 240 are four hours."]
    assert page.submit(address, {"idle_minutes": "90", "need_second_step": "y"}).status_code == 303

    with transaction(app.extensions["casereader_engine"]) as session:
        inspection = session.get_one(Inspection, cast.place.inspection.id)
        assert (inspection.reader_idle_minutes, inspection.readers_need_second_factor) == (90, True)
    (event,) = events(app, "readers' sign-ins settled")
    assert event.body == event.body | {"idle_minutes": [240, 90], "second_step": [False, True]}


def test_t28_a_refusal_hashes_once_whoever_it_names_and_says_the_same(
    app: Flask, cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        session.get_one(Account, cast.outsider.id).ends_on = date(2020, 1, 1)
        audit.record(session, "account ended", by=None, at=BEGAN, kind="account", object_id=cast.outsider.public_id)
        sessions.disable(session, account=session.get_one(Account, cast.deputy.id), by=None, at=BEGAN)
    hashed: list[str] = []
    verify = PasswordHasher.verify

    def counted(hasher: PasswordHasher, stored: str, typed: str) -> bool:
        hashed.append(typed)
        return verify(hasher, stored, typed)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    client = sign_in(None)
    token = client.csrf_token("/sign-in")

    tried = [
        (cast.lead.email, WRONG),
        ("nobody@cast.example", WRONG),
        ("no address", WRONG),
        (cast.outsider.email, PASSWORD),  # past its last day
        (cast.deputy.email, PASSWORD),  # disabled
    ]
    answers = [attempt(client, email, password, token) for email, password in tried]

    assert hashed == [password for _, password in tried]
    assert {answer.status_code for answer in answers} == {422}
    assert len({tuple(page_of(answer).errors) for answer in answers}) == 1


def test_no_more_than_two_passwords_are_hashed_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    at_work, most, lock = 0, 0, Lock()

    def slow(_hasher: PasswordHasher, _stored: str, _typed: str) -> bool:
        nonlocal at_work, most
        with lock:
            at_work += 1
            most = max(most, at_work)
        time.sleep(0.02)
        with lock:
            at_work -= 1
        return True

    monkeypatch.setattr(PasswordHasher, "verify", slow)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: passwords.is_right(None, WRONG), range(8)))

    assert most == 2
