"""D24: a crowd that signs in at once keeps nobody's page waiting; whoever is sent away is told when to come again."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from casereader.cli.serve import listen
from casereader.cli.until_stopped import UntilStopped
from casereader.people import allowances
from casereader.web.every_request.crowds import AGAIN, AHEAD, BEHIND, SHARE, Share
from tests.ports import HOST
from tests.web.app import make_app
from tests.web.client import page_of

CROWD = 300  # connections at once
WITHIN = 2.0  # seconds of the processor, half of what all their passwords take; the clock is other people's as well
SENT = b"email=nobody@crowd.example&password=four+unrelated+words+of+nobody"
REQUEST = (
    b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(SENT), SENT)
)


@pytest.fixture
def one(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """An application in which nobody runs out of tries, so that it is not this which keeps the crowd out."""
    for name in ("A_NAME", "A_NETWORK", "EVERYBODY"):
        monkeypatch.setattr(allowances, name, 10 * CROWD)
    made = make_app(sqlite_url, tmp_path)
    made.config["WTF_CSRF_ENABLED"] = False
    yield made
    made.extensions["casereader_engine"].dispose()


def test_d24_a_page_is_there_soon_while_hundreds_sign_in_at_once(one: Flask) -> None:
    server = listen(one, one.extensions["casereader_settings"], host=HOST, port=0)
    serving = UntilStopped(one, server)
    thread = threading.Thread(target=serving.run)
    thread.start()
    try:
        with ExitStack() as leaving:
            port = int(server.effective_port)
            crowd = [leaving.enter_context(socket.create_connection((HOST, port), timeout=10)) for _ in range(CROWD)]
            for each in crowd:
                each.sendall(REQUEST)
            began = time.process_time()
            with socket.create_connection((HOST, port), timeout=10) as other:
                other.sendall(b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\n\r\n")
                page = other.recv(12)
            took = time.process_time() - began
            answers = Counter(each.recv(12) for each in crowd)
    finally:
        serving.stop()
        thread.join()

    assert page == b"HTTP/1.1 200" and took < WITHIN, f"{took:.2f} s"
    assert answers.keys() == {b"HTTP/1.1 422", b"HTTP/1.1 429"} and answers[b"HTTP/1.1 422"] >= 8
    assert answers[b"HTTP/1.1 429"] > CROWD / 2


def test_whoever_is_sent_away_is_told_in_words_when_to_come_again_and_no_try_is_counted(
    one: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allowances, "A_NETWORK", 1)
    client = one.test_client()
    one.extensions["casereader_share_of_sign_ins"].take(AHEAD + BEHIND)

    away = [FlaskClient.post(client, "/sign-in", data={"email": "a@b.example", "password": "p"}) for _ in range(3)]

    assert [(answer.status_code, answer.headers["Retry-After"]) for answer in away] == [(429, str(AGAIN))] * 3
    page = page_of(away[0])
    assert page.heading == "Many people are signing in" and "Wait ten seconds" in page.text
    assert client.get("/sign-in").status_code == 200
    monkeypatch.setattr(Share, "is_open", lambda _: True)
    assert client.post("/sign-in", data={"email": "a@b.example", "password": "p"}).status_code == 422


def test_what_somebody_wrote_is_given_back_to_them_in_a_crowd(one: Flask) -> None:
    client = one.test_client()
    asked = client.post(
        "/settings", data={"words": "What I wrote at length"}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    address, kept = (
        re.search(pattern, asked.text) for pattern in (r'action="([^"]+)"', r'name="kept" value="([^"]+)"')
    )
    assert address and kept and "room=" in address[1]
    one.extensions["casereader_share_of_sign_ins"].take(AHEAD + BEHIND)

    answer = client.post(address[1], data={"email": "a@b.example", "password": "p", "kept": kept[1]})

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, str(AGAIN))
    page = page_of(answer)
    assert page.errors == [
        "Many people are signing in at this moment. Nothing was checked: wait ten seconds, then press “Sign in” again."
    ]
    assert f'value="{kept[1]}"' in answer.text


def test_the_share_is_taken_by_what_signing_in_takes_and_comes_back_by_itself() -> None:
    at = [0.0]
    share = Share(lambda: at[0])
    for _ in range(100):  # one after the other, as long as it may last
        assert share.is_open()
        at[0] += 0.5
        share.take(0.5)

    assert share.is_open()
    share.take(AHEAD + BEHIND + 100.0)
    at[0] += BEHIND / SHARE - 0.01
    assert not share.is_open(), "what the crowd took is made up for first"
    at[0] += 0.02
    assert share.is_open(), "but for no longer than that"
