"""The log: JSON lines that say when, where and by whom, and hold nothing that was asked, typed or stored."""

import json
import logging
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from casereader.db import transaction
from casereader.models import Partnership
from casereader.web.access import Door, allow
from casereader.web.gunicorn_worker import OF_THE_SERVER
from casereader.web.logs import JsonLines
from casereader.web.request_session import db
from tests.cast import Cast, SignIn
from tests.databases import ON_BOTH
from tests.web.client import PageClient, page_of

PLANTED = "Planted-7731"
ALL_FIELDS = {"at", "level", "logger", "process", "says", "request", "account", "route", "method", "status", "ms"}


class Kept(logging.Handler):
    """What would have been written."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonLines())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line."""
        self.lines.append(self.format(record))

    def read(self) -> list[dict[str, Any]]:
        """Each line as what it holds."""
        return [json.loads(line) for line in self.lines]


@pytest.fixture
def kept() -> Iterator[Kept]:
    handler = Kept()
    root, ours = logging.getLogger(), logging.getLogger("casereader")
    root.addHandler(handler)
    before, _ = ours.level, ours.setLevel(logging.INFO)
    yield handler
    ours.setLevel(before)
    root.removeHandler(handler)


def test_an_answer_leaves_one_line_of_when_who_where_and_how(cast: Cast, sign_in: SignIn, kept: Kept) -> None:
    client = sign_in(cast.coordinator)
    kept.lines.clear()

    answer = client.get(f"/inspections/{cast.place.inspection.public_id}?search={PLANTED}")

    (line,) = kept.read()
    assert line.keys() == ALL_FIELDS
    assert line["request"] == answer.headers["X-Request-Id"]
    assert (line["account"], line["route"]) == (cast.coordinator.public_id, "programmes.inspection")
    assert (line["level"], line["method"], line["status"]) == ("INFO", "GET", 200)
    assert datetime.fromisoformat(line["at"]).utcoffset() == timedelta(0)
    assert PLANTED not in kept.lines[0]
    assert cast.place.inspection.public_id not in kept.lines[0]


def test_of_others_the_sentences_about_the_server_alone_keep_their_values() -> None:
    line = JsonLines(whole=OF_THE_SERVER)
    told, kept_out = (
        json.loads(line.format(logging.LogRecord("gunicorn.error", logging.INFO, "", 1, says, (PLANTED,), None)))
        for says in ("Handling signal: %s", "Invalid request: %s")
    )

    assert told["says"] == f"Handling signal: {PLANTED}"
    assert kept_out["says"] == "Invalid request: %s"


def test_each_request_has_a_number_of_its_own_which_nobody_can_choose(client: PageClient) -> None:
    given = [
        client.get("/sign-in", headers={"X-Request-Id": PLANTED}).headers["X-Request-Id"],
        client.get("/sign-in").headers["X-Request-Id"],
        client.get("/static/nothing.css").headers["X-Request-Id"],
        client.get("/sign-in", headers={"Host": "evil.example"}).headers["X-Request-Id"],
    ]

    assert all(re.fullmatch("[0-9a-f]{16}", number) for number in given)
    assert len(set(given)) == 4


def test_refused_access_is_a_line_with_who_and_where(cast: Cast, sign_in: SignIn, kept: Kept) -> None:
    client = sign_in(cast.reviewer)
    kept.lines.clear()

    client.get("/accounts")
    client.get("/readings/AAAAAAAAAAAAAAAAAAAAAA")

    assert [(line["status"], line["route"], line["account"]) for line in kept.read()] == [
        (403, "admin.index", cast.reviewer.public_id),
        (404, "reading.tasks", cast.reviewer.public_id),
    ]


def test_nothing_that_is_sent_breaks_a_line_or_steers_a_terminal(client: PageClient, kept: Kept) -> None:
    odd = "a\r\nb\x1b[31m\x00\x7f\x85\u2028\u202e{}"
    client.open(f"/sign-in?{odd}", method="BREW\x1b", headers={"User-Agent": "x\x1b[2J", "Host": "localhost"})
    logging.getLogger("casereader").warning("fields that are not taken: %s", odd)
    logging.getLogger("casereader").warning(odd)

    assert len(kept.lines) >= 3
    assert all(re.fullmatch(r"[ -~]+", line) for line in kept.lines)
    assert kept.read()[0]["method"] == "other"
    assert kept.read()[-1]["says"] == odd


def test_what_a_library_puts_into_its_words_is_left_out(kept: Kept) -> None:
    logging.getLogger("waitress").error("Exception while serving %s", f"/readings/{PLANTED}")

    assert kept.read()[-1]["says"] == "Exception while serving %s"
    assert PLANTED not in "".join(kept.lines)


@ON_BOTH
def test_an_error_leaves_its_kind_and_place_and_the_number_on_the_page_but_no_value(
    database_url: str, app: Flask, kept: Kept
) -> None:
    app.testing = False

    def break_down() -> str:
        try:
            with transaction(app.extensions["casereader_engine"]) as session:
                session.add(Partnership(name=PLANTED, slug=PLANTED))
                session.add(Partnership(name=PLANTED, slug=PLANTED))
                session.flush()
        except Exception as error:
            raise ValueError(f"{PLANTED} again") from error
        return ""

    app.add_url_rule("/broken", "broken", allow(Door.ANYONE)(break_down))
    answer = app.test_client().get("/broken")

    assert answer.status_code == 500
    number = answer.headers["X-Request-Id"]
    assert number in page_of(answer).text
    unhandled, answered = [line for line in kept.read() if line["request"] == number]
    assert (unhandled["says"], answered["says"], answered["status"]) == ("unhandled", "answered", 500)
    assert unhandled["error"][:2] == [
        "builtins.ValueError",
        "sqlalchemy.exc.IntegrityError " + ("23505" if "postgres" in database_url else "SQLITE_CONSTRAINT_UNIQUE"),
    ]
    assert any(re.fullmatch(r"tests/web/test_logs\.py:\d+ break_down", place) for place in unhandled["where"])
    assert PLANTED not in "".join(kept.lines)


def test_an_error_of_the_commit_still_names_who_asked(app: Flask, cast: Cast, sign_in: SignIn, kept: Kept) -> None:
    app.testing = False

    def raced() -> str:
        db().add(Partnership(name="", slug=PLANTED))
        return ""

    app.add_url_rule("/raced", "raced", allow(Door.SIGNED_IN)(raced), methods=["POST"])
    client = sign_in(cast.coordinator)
    token = client.csrf_token("/settings")
    kept.lines.clear()
    answer = client.post("/raced", data={"csrf_token": token})

    assert answer.status_code == 409
    assert {line["account"] for line in kept.read()} == {cast.coordinator.public_id}
    assert PLANTED not in "".join(kept.lines)
