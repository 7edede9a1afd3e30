"""The bench of the load: what it would not notice would look like speed."""

import secrets
from collections.abc import Iterator
from contextlib import closing

import pytest
from flask import Flask

from bench.report import Circumstances
from bench.web.browser import Browser, UnexpectedError
from bench.web.ledger import Ledger, percentile
from bench.web.machine import Use
from bench.web.tables import Measured, table
from bench.web.world import not_stored
from tests import readers
from tests.readers import Seat
from tests.web.served import behind_the_server


@pytest.fixture
def seat(app: Flask) -> Seat:
    readers.prepare(app, 1)
    return readers.seats(app)[0]


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def browser(app: Flask, seat: Seat, ledger: Ledger) -> Iterator[Browser]:
    with behind_the_server(app) as (_, port), closing(Browser(port, seat.cookie, ledger)) as opened:
        yield opened


def save(browser: Browser, seat: Seat, note: str) -> int:
    answer = {"value": "4", "note": note, "sources": ["health"]}
    sent = {"version": seat.version, "idempotency_key": secrets.token_hex(16), "answers": {"C9": answer}}
    return browser.saved("save an answer", f"/readings/{seat.reading}/answers", sent)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_refused_is_an_error_and_what_was_acknowledged_must_be_there(
    app: Flask, seat: Seat, ledger: Ledger, browser: Browser
) -> None:
    told = {seat.reading: (save(browser, seat, "Seen in March."), "Seen in March.")}
    assert not ledger.errors
    assert not_stored(app, told, "C9") == []
    assert len(not_stored(app, {seat.reading: (told[seat.reading][0], "Seen in May.")}, "C9")) == 1

    with pytest.raises(UnexpectedError):
        save(browser, seat, "Against a version that is past.")

    assert dict(ledger.errors) == {"save an answer was answered with 409": 1}
    assert len(ledger.seconds("save an answer")) == 1


def test_the_table_sets_saves_beside_those_while_a_document_is_made(ledger: Ledger) -> None:
    for place in range(100):
        ledger.note("save an answer", float(place), 0.2 if place < 10 else 0.01)
    ledger.made(0.0, 9.5)
    ledger.again("save an answer")
    ledger.wrong("hand a reading in was answered with 500", "hand a reading in")

    shown = table(Measured("SQLite", 1, 60, 60, Circumstances("1 May"), ledger, Use(()), 1.0, ())).shown()
    said = "\n".join(shown)

    assert said.startswith("#### SQLite: 1 readers\n\n1 May.")
    assert "| save an answer | 100 | 10.0 | 200 | 200 | 200 | 1 | 0 |" in said
    assert "| – while a document is made | 10 | 200 | 200 | 200 | 200 | | |" in said
    assert "| – while none is | 90 | 10.0 | 10.0 | 10.0 | 10.0 | | |" in said
    assert "| hand a reading in | 0 | – | – | – | – | 0 | 1 |" in said
    assert "errors: 1 × hand a reading in was answered with 500; sent again" in said
    assert percentile([0.5], 95) == 0.5
