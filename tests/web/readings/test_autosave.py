"""Autosave over HTTP: the contract to the byte, and everything that is not it refused with nothing stored."""

import gzip
import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from werkzeug.test import TestResponse

from casereader.db import transaction
from casereader.models import SavedReply
from casereader.readings.replies import MOST_SAVES
from tests.cast import PASSWORD, SignIn
from tests.databases import ON_BOTH
from tests.web.client import PageClient
from tests.web.reading_room import Room, address

KEY = "0123456789abcdef"


def body(answers: Any = None, **more: Any) -> dict[str, Any]:
    return {"version": 1, "idempotency_key": KEY, "answers": answers or {"C9": {"value": "5"}}, **more}


class Saver:
    """A page's script: signed in, with its token."""

    def __init__(self, room: Room, client: PageClient) -> None:
        self.room, self.client = room, client
        self.opened = room.given(room.cast.reviewer)[0]
        self.path = address(self.opened, "/answers")
        self.token = client.csrf_token("/readings")

    def send(self, sent: Any, **options: Any) -> TestResponse:
        data = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
        headers = {"X-CSRFToken": self.token, "Accept": "application/json", **options.pop("headers", {})}
        kind = options.pop("content_type", "application/json")
        return self.client.post(self.path, data=data, content_type=kind, headers=headers, **options)

    @property
    def is_untouched(self) -> bool:
        return self.room.stored(self.opened) == {} and self.room.now(self.opened).reading.version == 1


@pytest.fixture
def saver(room: Room, reviewer: PageClient) -> Saver:
    return Saver(room, reviewer)


@ON_BOTH
def test_a_save_is_answered_with_the_version_and_the_moment(saver: Saver) -> None:
    sent = body(
        {"C9": {"value": "5", "note": "Kept up to May.", "sources": ["health"]}, "H4.present": {"value": "yes"}}
    )

    response = saver.send(sent)

    assert response.status_code == 200
    assert response.json and response.json["version"] == 2
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", response.json["saved_at"])
    assert "H4.recognised" in response.json["open"] and "H5.recognised" not in response.json["open"]
    stored = saver.room.stored(saver.opened)
    assert (stored["C9"].value, stored["C9"].note, stored["C9"].sources) == ("5", "Kept up to May.", ("health",))
    assert response.headers["Content-Type"].startswith("application/json")


@ON_BOTH
def test_the_same_key_again_gets_the_first_reply_to_the_byte(saver: Saver) -> None:
    first = saver.send(body())
    saver.send(body({"C9": {"value": "1"}}, version=2, idempotency_key="f" * 32))

    repeated = saver.send(body())

    assert (repeated.status_code, repeated.get_data()) == (200, first.get_data())
    assert saver.room.answers(saver.opened)["C9"] == "1"
    assert saver.send(body({"C9": {"value": "2"}})).status_code == 422, "a key is for one save only"


@ON_BOTH
def test_a_stale_save_is_told_the_version_and_who(saver: Saver) -> None:
    saver.send(body())

    response = saver.send(body({"C9": {"value": "1"}}, idempotency_key="f" * 32))

    assert response.status_code == 409
    assert response.json and (response.json["version"], response.json["who"]) == (2, saver.room.cast.reviewer.name)
    assert response.json["answers"]["C9"]["value"] == "5", "what is stored comes along, to stand beside what was typed"
    assert saver.room.answers(saver.opened)["C9"] == "5"


def test_a_page_loaded_again_is_told_what_is_stored_and_which_saves_were_taken(saver: Saver, sign_in: SignIn) -> None:
    path = address(saver.opened, "/saves")
    saved = saver.send(body({"C9": {"value": "5"}, "_notes": {"value": "Seen in May."}}))
    assert saved.json

    asked = saver.client.get(f"{path}?keys={KEY},{'f' * 32}")

    assert asked.json
    assert (asked.json["version"], asked.json["taken"]) == (saved.json["version"], [KEY])
    assert asked.json["answers"]["C9"]["value"] == "5"
    assert asked.json["answers"]["_notes"] == {"value": "Seen in May."}
    assert asked.headers["Cache-Control"] == "no-store"
    other = address(saver.room.given(saver.room.cast.reviewer)[1], "/saves")
    assert saver.client.get(f"{other}?keys={KEY}").json["taken"] == [], "a key is of one reading"
    assert sign_in(saver.room.cast.second_reviewer).get(f"{path}?keys={KEY}").status_code == 404
    longest = ",".join(["k" * 64] * 5)
    assert saver.client.get(f"{path}?keys={longest}").status_code == 200
    assert saver.client.get(f"{path}?keys={longest},{longest}").status_code == 400, "no page asks about as many"


def test_refused_answers_come_back_with_reasons_by_question(saver: Saver) -> None:
    response = saver.send(
        body({"C9": {"value": "7"}, "Q1": {"value": "x"}, "C1": {"value": "yes"}, "C10": {"note": "\ud800"}})
    )

    assert response.status_code == 422
    assert response.json and set(response.json["reasons"]) == {"C9", "Q1", "C10"}
    assert saver.is_untouched


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        "5",
        {"value": 5},
        {"value": True},
        {"value": ["5"]},
        {"note": None},
        {"sources": "health"},
        {"sources": [1]},
        {"discuss": 1},
        {"role": "lead"},
        {"ground": 1},
        {"value": "5", "sources": ["rumour"]},
    ],
)
def test_an_answer_of_another_shape_is_refused_by_question(saver: Saver, answer: Any) -> None:
    response = saver.send(body({"C9": answer}))

    assert response.status_code == 422
    assert response.json and list(response.json["reasons"]) == ["C9"]
    assert saver.is_untouched


@pytest.mark.parametrize(
    "sent",
    [
        [],
        None,
        "x",
        1,
        {},
        body(version=True),
        body(version=1.0),
        body(version="1"),
        body(version=0),
        body(version=-1),
        body(version=None),
        body(version=2**31),
        body(idempotency_key=None),
        body(idempotency_key="short77"),
        body(idempotency_key="k" * 65),
        body(idempotency_key=16),
        body(idempotency_key="k" * 15 + "\n"),
        body(answers=[]) | {"answers": []},
        body() | {"answers": None},
        body() | {"answers": {str(number): {} for number in range(1001)}},
    ],
)
def test_a_body_of_another_shape_is_refused(saver: Saver, sent: Any) -> None:
    response = saver.send(sent)

    assert response.status_code == 400
    assert response.json and response.json["says"]
    assert saver.is_untouched


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b'{"version":1,"version":2,"idempotency_key":"0123456789abcdef","answers":{}}',
        b'{"version":1,"idempotency_key":"0123456789abcdef","answers":{"C9":{"value":"1","value":"6"}}}',
        b'{"version":NaN,"idempotency_key":"0123456789abcdef","answers":{}}',
        b'{"version":Infinity,"idempotency_key":"0123456789abcdef","answers":{}}',
        b'{"version":1e999,"idempotency_key":"0123456789abcdef","answers":{}}',
        b'{"version":-0,"idempotency_key":"0123456789abcdef","answers":{}}',
        b'{"version":' + b"9" * 5000 + b',"idempotency_key":"0123456789abcdef","answers":{}}',
        b'{"answers":' * 100_000 + b"1" + b"}" * 100_000,
        b"[" * 100_000,
        json.dumps(body()).encode("utf-16"),
        b"\xef\xbb\xbf" + json.dumps(body()).encode(),
        b'{"version":1,"idempotency_key":"0123456789abcdef","answers":{"C9":{"note":"\xff"}}}',
    ],
)
def test_json_with_no_one_meaning_is_refused(saver: Saver, data: bytes) -> None:
    assert saver.send(data).status_code == 400
    assert saver.is_untouched


def test_only_plain_json_with_the_token_is_taken(saver: Saver) -> None:
    sent = json.dumps(body()).encode()

    assert saver.send(sent, headers={"X-CSRFToken": ""}).status_code == 400
    assert saver.send(sent, headers={"X-CSRFToken": "wrong"}).status_code == 400
    assert saver.send(sent, content_type="text/plain").status_code == 415
    assert saver.send(gzip.compress(sent), headers={"Content-Encoding": "gzip"}).status_code == 415
    assert saver.client.get(saver.path).status_code in (404, 405)
    assert saver.is_untouched


def test_fields_beside_the_contract_s_are_passed_over(saver: Saver) -> None:
    assert saver.send(body(owner="me", role="lead", locked=0)).status_code == 200


def test_texts_are_kept_up_to_four_megabytes_a_save(saver: Saver) -> None:
    note = "æ" * 20_000
    keys = ["C1", "C2", "C3", "C4", "C9", "C10", "D1", "D2"]

    assert saver.send(body({key: {"note": note} for key in keys})).status_code == 200
    assert saver.send(b'{"version":2,"x":"' + b"x" * 4 * 1024 * 1024 + b'"}').status_code == 413
    assert saver.room.stored(saver.opened)["D2"].note == note


def test_whoever_is_not_its_reader_gets_nothing(saver: Saver, sign_in: SignIn) -> None:
    cast = saver.room.cast
    for account, status in ((cast.second_reviewer, 404), (cast.local_reviewer, 404)):
        other = sign_in(account)
        token = other.csrf_token("/readings")
        response = other.post(saver.path, json=body(), headers={"X-CSRFToken": token})
        assert response.status_code == status
    for account in (cast.moderator, cast.lead, cast.coordinator, cast.administrator, cast.outsider):
        other = sign_in(account)
        response = other.post(saver.path, json=body(), headers={"X-CSRFToken": other.csrf_token("/")})
        assert response.status_code == 403, account.name
    assert sign_in(None).post(saver.path, json=body()).status_code == 401
    assert saver.is_untouched


def test_a_submitted_reading_takes_no_more(saver: Saver) -> None:
    saver.room.complete(saver.opened.reading.public_id)

    response = saver.send(body(version=3))

    assert response.status_code == 409
    assert response.json and "submitted" in response.json["says"][0]


def test_a_page_asks_whether_it_is_signed_in_and_gets_a_token_that_works(saver: Saver, sign_in: SignIn) -> None:
    reply = saver.client.get("/readings/session").json
    assert reply and reply["person"] == saver.room.cast.reviewer.public_id

    assert saver.send(body(), headers={"X-CSRFToken": reply["csrf_token"]}).status_code == 200
    nobody = sign_in(None).get("/readings/session").json
    assert nobody and nobody["person"] is None and nobody["csrf_token"], "signed out: a token to sign in again with"
    again = saver.client
    again.post("/sign-out", data={"csrf_token": reply["csrf_token"]})
    assert saver.send(body(idempotency_key="f" * 16)).status_code == 401
    again.sign_in(saver.room.cast.reviewer.email, PASSWORD)


@ON_BOTH
def test_too_many_saves_in_a_few_seconds_wait(saver: Saver) -> None:
    first = saver.send(body())
    assert first.status_code == 200
    with transaction(saver.room.app.extensions["casereader_engine"]) as session:
        at = saver.room.now(saver.opened).reading.saved_at
        assert at is not None
        session.add_all(
            SavedReply(
                account_id=saver.room.cast.reviewer.id or 0,
                idempotency_key=f"{number:016}",
                reading_id=saver.opened.key,
                body_sha256="0" * 64,
                reply={},
                saved_at=at,
            )
            for number in range(MOST_SAVES)
        )

    response = saver.send(body({"C9": {"value": "1"}}, version=2, idempotency_key="f" * 16))

    assert (response.status_code, response.headers["Retry-After"]) == (429, "2")


@ON_BOTH
def test_of_two_saves_at_once_one_wins_and_the_other_is_told(saver: Saver, sign_in: SignIn) -> None:
    clients = [saver.client, sign_in(saver.room.cast.reviewer)]
    tokens = [client.csrf_token(address(saver.opened, "/C")) for client in clients]

    def send(which: int, version: int) -> TestResponse:
        sent = body({"C9": {"value": str(which + 1), "note": f"{version}"}}, version=version)
        sent["idempotency_key"] = f"{which}-of-version-{version:08}"
        return clients[which].post(saver.path, json=sent, headers={"X-CSRFToken": tokens[which]})

    with ThreadPoolExecutor(2) as threads:
        for version in range(1, 11):
            replies = list(threads.map(send, (0, 1), (version, version)))
            assert sorted(reply.status_code for reply in replies) == [200, 409]
            winner = next(which for which, reply in enumerate(replies) if reply.status_code == 200)
            assert saver.room.answers(saver.opened)["C9"] == str(winner + 1)
    assert saver.room.now(saver.opened).reading.version == 11
