"""Whatever breaks, wherever: a page of ours with a number that the log has too, and no value, no SQL, no inside."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask, Response, render_template_string, request
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import default_exceptions
from werkzeug.test import TestResponse

from casereader.errors import AbsentError, ConflictError, RefusedError
from casereader.models import Partnership
from casereader.web.access import Door, allow
from casereader.web.logs import JsonLines
from casereader.web.request_session import db
from tests.databases import address_of
from tests.web.app import make_app
from tests.web.site import Site

PLANTED = "Planted-Name-4711"
NUMBER = re.compile(r"[0-9a-f]{16}")
INSIDE = re.compile(r"Traceback|File \"|sqlalchemy|SELECT|INSERT|sqlite|psycopg|jinja|werkzeug|\.py\b", re.IGNORECASE)


def in_view() -> str:
    raise ValueError(PLANTED)


def in_query() -> str:
    db().execute(text("SELECT :name FROM nowhere"), {"name": PLANTED})
    return ""


def in_template() -> str:
    return render_template_string("{{ name.nothing.more }} {{ 1 // 0 }}", name=PLANTED)


def in_commit() -> str:
    db().add(Partnership(name=PLANTED, slug=None))
    return ""


def in_flush() -> str:
    db().add(Partnership(name=PLANTED, slug=PLANTED))
    db().add(Partnership(name=PLANTED, slug=PLANTED))
    db().flush()
    return ""


def after_request() -> str:
    return "BREAK AFTER"


LAYERS: dict[str, Callable[[], str]] = {
    "view": in_view,
    "query": in_query,
    "template": in_template,
    "commit": in_commit,
    "flush": in_flush,
    "after": after_request,
}


@pytest.fixture(scope="module")
def broken(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application with addresses that break in every layer, and one for each error that can be raised."""
    app = make_app(address_of(migrated_sqlite), tmp_path_factory.mktemp("broken"), TESTING="no")
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    for name, view in LAYERS.items():
        app.add_url_rule(f"/broken/{name}", f"broken.{name}", allow(Door.ANYONE)(view), methods=["GET", "POST"])

    @app.after_request
    def _break(response: Response) -> Response:
        if request.endpoint == "broken.after" and response.status_code == 200:
            raise KeyError(PLANTED)
        return response

    @allow(Door.ANYONE)
    def fail(code: str) -> object:
        raise default_exceptions[int(code)](description=PLANTED)

    @allow(Door.ANYONE)
    def fact(kind: str) -> object:
        raise {"absent": AbsentError, "conflict": ConflictError, "refused": RefusedError}[kind]("Said in words.")

    app.add_url_rule("/fail/<code>", "fail", fail, methods=["GET", "POST"])
    app.add_url_rule("/fact/<kind>", "fact", fact, methods=["GET", "POST"])
    yield app
    app.extensions["casereader_engine"].dispose()


@pytest.fixture
def logged() -> Iterator[Callable[[], list[dict[str, object]]]]:
    """What the process logs meanwhile, as it would be written."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    logger = logging.getLogger("casereader")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logger.removeHandler(handler)
    logger.setLevel(level)


def number_told(answer: TestResponse) -> str:
    """The number that an error answer tells: in words on a page, and in its JSON twin."""
    if answer.mimetype == "application/json":
        return str((answer.json or {})["request"])
    found = NUMBER.findall(re.sub(r"<input[^>]*>", "", answer.get_data(as_text=True)))
    assert len(found) == 1, found
    return str(found[0])


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_breaks_in_any_layer_is_told_by_a_number_that_the_log_has_too_and_by_nothing_else(
    broken: Flask, logged: Callable[[], list[dict[str, object]]], layer: str, accept: str, method: str
) -> None:
    if method == "GET" and layer == "commit":
        return  # what is only looked at is never committed
    answer = FlaskClient.open(broken.test_client(), f"/broken/{layer}", method=method, headers={"Accept": accept})

    said = answer.get_data(as_text=True)
    assert answer.status_code in (409, 500, 503), said
    assert answer.mimetype == accept
    assert PLANTED not in said + str(answer.headers) and not INSIDE.search(said)
    number = number_told(answer)
    assert answer.headers["X-Request-Id"] == number
    lines = [line for line in logged() if line.get("request") == number]
    assert lines and PLANTED not in json.dumps(lines)
    assert [line["status"] for line in lines if line["says"] == "answered"] == [answer.status_code]


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_every_error_answer_tells_the_number_of_its_log_line(
    broken: Flask, logged: Callable[[], list[dict[str, object]]], accept: str
) -> None:
    client = broken.test_client()
    paths = [f"/fail/{code}" for code in default_exceptions if 400 <= code <= 507]
    paths += ["/fact/absent", "/fact/conflict", "/fact/refused", "/nowhere"]
    for path in paths:
        answer = FlaskClient.open(client, path, method="POST", headers={"Accept": accept})
        assert answer.status_code >= 400
        assert answer.headers["X-Request-Id"] == number_told(answer), path
        assert PLANTED not in answer.get_data(as_text=True)
        assert logged()[-1]["request"] == number_told(answer)


def test_the_wrong_host_is_told_the_number_too(site: Site) -> None:
    answer = site.ask("nobody", "/", headers={"Host": "evil.example"})

    assert answer.headers["X-Request-Id"] == number_told(answer)


def test_where_the_database_is_gone_there_is_still_an_answer_of_ours_with_every_header(
    broken: Flask, logged: Callable[[], list[dict[str, object]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when PostgreSQL is stopped: the page that would say so cannot ask who is signed in."""
    client = broken.test_client()
    with client.session_transaction() as session:
        session["token"] = PLANTED

    def gone(*_: object, **__: object) -> None:
        raise OperationalError(f"SELECT '{PLANTED}'", {"name": PLANTED}, OSError(PLANTED))

    monkeypatch.setattr(broken.extensions["casereader_engine"].dialect, "do_begin", gone)
    monkeypatch.setattr(broken.extensions["casereader_engine"].dialect, "do_execute", gone)
    for path in ("/", "/readings", "/nowhere"):
        answer = FlaskClient.open(client, path)
        said = answer.get_data(as_text=True)
        assert answer.status_code == (404 if path == "/nowhere" else 503)
        assert number_told(answer) == answer.headers["X-Request-Id"]
        assert PLANTED not in said and not INSIDE.search(said)
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
    assert PLANTED not in json.dumps(logged())


@pytest.mark.parametrize(("path", "status"), [("/broken/view", 500), ("/nowhere", 503)])
def test_where_not_even_the_error_page_can_be_made_plain_words_and_the_number_are_left(
    broken: Flask,
    logged: Callable[[], list[dict[str, object]]],
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    status: int,
) -> None:
    def fails(*_: object, **__: object) -> str:
        raise RuntimeError(PLANTED)

    monkeypatch.setattr("casereader.web.errors.render_template", fails)
    answer = FlaskClient.open(broken.test_client(), path)

    assert (answer.status_code, answer.content_type) == (status, "text/plain; charset=utf-8")
    assert number_told(answer) == answer.headers["X-Request-Id"]
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert PLANTED not in answer.get_data(as_text=True) + json.dumps(logged())
    assert any(line["says"] == "error page: RuntimeError" for line in logged())
