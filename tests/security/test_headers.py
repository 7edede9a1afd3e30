"""Every answer carries every header: of every route and method, of every error, of files, JSON and redirects."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import default_exceptions
from werkzeug.test import TestResponse

from casereader.web.access import Door, allow
from casereader.web.errors import PAGES
from tests.databases import address_of
from tests.web.app import make_app
from tests.web.site import Site, path_of, rules

METHODS = ("GET", "HEAD", "POST", "OPTIONS", "TRACE", "PUT", "DELETE", "FOO")
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
PAGE_POLICY = {
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "font-src 'self'",
    "connect-src 'self'", "form-action 'self'", "base-uri 'none'", "object-src 'none'", "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
}  # fmt: skip
FILE_POLICY = {"default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'", "sandbox"}
ERRORS = sorted(code for code in {*default_exceptions, *PAGES} if 400 <= code <= 507)


def faults(answer: TestResponse, *, is_static: bool = False) -> Iterator[str]:
    """What is missing of the headers, told with the address."""
    said = f"{answer.request.method} {answer.request.path} ({answer.status_code})"
    headers = answer.headers
    for name, value in ALWAYS.items():
        if headers.getlist(name) != [value]:
            yield f"{said}: {name} is {headers.getlist(name)}"
    if "camera=()" not in headers.get("Permissions-Policy", ""):
        yield f"{said}: no Permissions-Policy"
    wanted = PAGE_POLICY if is_static or answer.mimetype == "text/html" else FILE_POLICY
    if set(headers.get("Content-Security-Policy", "").split("; ")) != wanted:
        yield f"{said}: {answer.mimetype} has the policy {headers.get('Content-Security-Policy')}"
    if headers.getlist("Cache-Control") != ["no-cache" if is_static else "no-store"]:
        yield f"{said}: it may be kept: {headers.getlist('Cache-Control')}"
    kind = headers.get("Content-Type", "")
    if (kind.startswith("text/") or "+xml" in kind or "javascript" in kind) and "charset=utf-8" not in kind.lower():
        yield f"{said}: {kind} without its charset"
    if not kind and answer.get_data():
        yield f"{said}: a body of no kind"
    if "Strict-Transport-Security" in headers:
        yield f"{said}: plain http on this machine must not ask for https"
    if any(name.startswith("Access-Control-") for name, _ in headers):
        yield f"{said}: another site may read it"
    if "Server" in headers or "X-Powered-By" in headers:
        yield f"{said}: it tells by what it is served"


@pytest.mark.parametrize(("who", "method"), [*(("nobody", method) for method in METHODS), ("coordinator", "POST")])
def test_every_route_answers_every_method_with_every_header(site: Site, who: str, method: str) -> None:
    wrong: list[str] = []
    for rule in rules(site):
        if rule.endpoint != "static":
            wrong += faults(site.ask(who, path_of(site, rule), method=method))

    assert wrong == []


def test_every_file_that_a_person_takes_away_has_every_header_and_is_kept_rather_than_shown(site: Site) -> None:
    wrong: list[str] = []
    read = set()
    for rule in rules(site, "GET"):
        if rule.arguments != {"public_id"} or not rule.rule.endswith((".csv", ".json", ".xlsx")):
            continue
        answer = site.ask("coordinator", path_of(site, rule, public_id=site.inspection))
        wrong += faults(answer)
        if answer.status_code == 200:
            read.add(answer.mimetype)
            disposition = answer.headers.get("Content-Disposition", "")
            if not disposition.startswith("attachment; filename="):
                wrong.append(f"{rule.rule} is shown in the browser, not kept: {disposition}")

    assert wrong == []
    assert len(read) >= 3, read


def test_static_files_redirects_and_addresses_that_lead_nowhere_have_every_header(site: Site) -> None:
    wrong: list[str] = []
    for path in ("/static/js/reading.js", "/static/css/case.css", "/static/css/covers.css"):
        with site.ask("reviewer", path) as answer:
            wrong += faults(answer, is_static=answer.status_code == 200)
    for path, status in (
        ("/static/js/nothing.js", 404),
        ("/accounts/", 308),
        ("/nowhere", 404),
        ("/readings", 303),
        ("/static/../app.py", 404),
        ("/%ff", 404),
    ):
        answer = site.ask("nobody", path)
        assert answer.status_code in (status, 404), path
        wrong += faults(answer)
    wrong += faults(site.ask("nobody", "/sign-in", headers={"Host": "evil.example"}))
    wrong += faults(site.ask("nobody", "/sign-in", headers={"Cookie": "a=1; " * 1000}))

    assert wrong == []


@pytest.fixture(scope="module")
def failing(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application with one more address, which answers with the error that is asked for."""
    app = make_app(address_of(migrated_sqlite), tmp_path_factory.mktemp("failing"))

    @allow(Door.ANYONE)
    def fail(code: str) -> object:
        raise default_exceptions[int(code)]

    app.add_url_rule("/fail/<code>", "fail", fail, methods=["GET", "POST"])
    yield app
    app.extensions["casereader_engine"].dispose()


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
@pytest.mark.parametrize("code", [code for code in ERRORS if code in default_exceptions])
def test_every_error_is_a_page_of_ours_or_its_json_twin_with_every_header(
    failing: Flask, code: int, accept: str
) -> None:
    answer = FlaskClient.open(failing.test_client(), f"/fail/{code}", headers={"Accept": accept})

    assert (answer.status_code, answer.mimetype) == (code, accept)
    assert list(faults(answer)) == []
    if accept == "application/json":
        assert set(answer.json or {}) >= {"error", "says"}


def test_off_loopback_every_answer_asks_for_https_for_a_year(
    migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    app = make_app(
        address_of(migrated_sqlite), tmp_path_factory.mktemp("far"), PROXY_HOPS="1", TRUSTED_HOSTS="cases.example"
    )
    client = app.test_client()
    for path in ("/sign-in", "/nowhere", "/static/js/reading.js", "/healthz", "/readings"):
        with FlaskClient.open(client, path, base_url="https://cases.example") as answer:
            asked = answer.headers["Strict-Transport-Security"]
            assert asked == "max-age=31536000; includeSubDomains", path
    app.extensions["casereader_engine"].dispose()
