"""Odd methods, hosts, headers and cookies, item by item as the list of bad inputs numbers them.

What the server in front refuses (C09, C19, C20) is tried on waitress with the bounds that it is started with.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlmodel import func, select

from casereader.cli.serve import LIMITS
from casereader.db import at_once, transaction
from casereader.models import Account, SignIn
from casereader.people import accounts
from casereader.web.request_session import aside, db
from tests import worked
from tests.web.client import page_of
from tests.web.served import behind_the_server
from tests.web.site import Site, path_of, readable, rules, see_all, seen_by

METHODS = ["OPTIONS", "TRACE", "PUT", "PATCH", "DELETE", "PROPFIND", "FOO"]


@pytest.mark.parametrize("method", METHODS)
def test_c11_a_method_that_no_route_names_is_405_with_those_it_takes(site: Site, method: str) -> None:
    wrong = []
    for rule in rules(site):
        answer = site.ask(
            "nobody", path_of(site, rule), method=method, headers={"X-Echo": "echoed", "Cookie": "a=echoed"}
        )
        if answer.status_code != 405 or "echoed" in answer.text or not answer.headers.get("Allow"):
            wrong.append(f"{rule.rule}: {answer.status_code}, {answer.headers.get('Allow')}")
        assert set(answer.headers["Allow"].split(", ")) <= {"GET", "HEAD", "POST"}

    assert wrong == []


def test_c11_head_is_answered_as_get_is_without_the_page(site: Site) -> None:
    for path in readable(site, "reviewer"):
        answer = site.ask("reviewer", path, method="HEAD")
        assert (answer.status_code, answer.get_data()) == (200, b"")


def test_c12_c13_looking_at_what_takes_forms_changes_nothing_whatever_a_header_says(site: Site) -> None:
    before = _without_idle_clocks(site)
    looked = {path_of(site, rule) for rule in rules(site, "GET")}
    for rule in rules(site, "POST"):
        path = path_of(site, rule)
        if path in looked:
            continue
        for method in ("GET", "HEAD"):
            answer = site.ask(site.opens(rule), path, method=method, headers={"X-HTTP-Method-Override": "POST"})
            refused = answer.status_code, answer.headers.get("Allow")
            assert refused in ((405, "POST"), (404, None)), path  # 404: a section or a case of that name, which is none
    for method in ("DELETE", "PUT", "POST"):
        answer = site.ask("reviewer", f"/readings/{site.reading}", headers={"X-HTTP-Method-Override": method})
        assert answer.status_code == 200

    assert _without_idle_clocks(site) == before


def _without_idle_clocks(site: Site) -> list[str]:
    """What is stored, bar when each person was last seen: it moves once a minute, whatever is asked for."""
    return [line for line in site.stored() if not line.startswith('INSERT INTO "sign_in"')]


def test_c12_a_page_that_is_looked_at_moves_the_idle_clock_and_counts_and_nothing_else(site: Site) -> None:
    with transaction(site.app.extensions["casereader_engine"]) as session:
        for entry in session.exec(select(SignIn)):
            entry.last_seen_at -= timedelta(minutes=2)
    before = site.stored()
    assert see_all(site, "reviewer") and see_all(site, "coordinator")

    changed = set(before) ^ set(site.stored())
    moved = ('INSERT INTO "sign_in"', 'INSERT INTO "allowance"')  # a file that was taken away counts as one
    told = [line for line in changed if line.startswith('INSERT INTO "audit_event"')]
    noted = {line for line in told if "access refused" in line or "file taken" in line}
    assert changed and all(line.startswith(moved) for line in changed - noted)


def test_e22_e23_health_says_three_words_and_no_page_tells_of_metrics(site: Site) -> None:
    health = site.ask("nobody", "/healthz")
    assert health.status_code == 200
    assert health.json == {"status": "ok", "database": "ok", "schema": "current"}
    for path in ("/metrics", "/status", "/debug", "/console", "/server-status"):
        for who in ("nobody", "administrator"):
            assert site.ask(who, path).status_code == 404


@pytest.mark.parametrize(
    "host", ["evil.example", "EVIL.EXAMPLE", "evil.example:80", "localhost.evil.example", "a b", ""]
)
def test_c14_a_host_that_is_not_ours_is_refused_and_not_repeated(site: Site, host: str) -> None:
    answer = site.ask("nobody", "/sign-in", headers={"Host": host}, environ_overrides={"SERVER_NAME": "evil.example"})

    assert answer.status_code == 400
    assert "evil" not in answer.text.lower()


def test_c15_what_a_client_says_of_a_proxy_is_passed_over_unless_one_is_set_up(site: Site) -> None:
    said = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": "192.0.2.9",
        "X-Forwarded-Prefix": "/evil",
        "Forwarded": "host=evil.example;proto=https",
    }
    for path, status in (("/sign-in", 200), ("/readings", 303), ("/accounts/", 404)):
        answer = site.ask("nobody", path, headers=said)
        assert answer.status_code == status
        assert "evil" not in answer.text + str(answer.headers)


@pytest.mark.parametrize(
    "wanted", ["bytes=0-0", "bytes=" + ",".join(f"{n}-{n}" for n in range(100)), "bytes=9-1", "x", "bytes=-"]
)
def test_c16_a_part_of_a_file_is_the_whole_or_the_right_part(site: Site, wanted: str) -> None:
    if "files" not in site.seen:
        site.seen["files"] = [path for path, _ in seen_by(site, "coordinator", ending=(".csv", ".json", ".xlsx"))]
    files = site.seen["files"]
    assert files
    for path in files:
        answer = site.ask("coordinator", path, headers={"Range": wanted})
        assert answer.status_code in (200, 206, 416), path
        if answer.status_code == 206:
            assert len(answer.get_data()) == 1


@pytest.mark.parametrize("who", ["reviewer", "coordinator", "lead"])
def test_c17_no_page_of_somebody_signed_in_is_answered_by_what_a_cache_holds(site: Site, who: str) -> None:
    for path, kept in seen_by(site, who):
        tag = kept.headers.get("ETag", '"x"')
        answer = site.ask(
            who, path, headers={"If-None-Match": f"{tag}, *", "If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}
        )
        assert answer.status_code == 200, path
        assert "no-store" in answer.headers["Cache-Control"]


def test_c17_a_page_of_an_error_is_not_kept_even_where_files_are(site: Site) -> None:
    assert site.ask("reviewer", "/static/nothing.css").headers["Cache-Control"] == "no-store"
    with site.ask("reviewer", "/static/js/reading.js") as script:
        assert script.headers["Cache-Control"] == "no-cache"


def test_c18_a_page_is_a_page_whatever_language_and_kind_is_asked_for(site: Site) -> None:
    plain = site.browsers["reviewer"].page("/readings").text
    for headers in ({"Accept": "application/json"}, {"Accept": "x"}, {"Accept-Language": "gd," * 3333}):
        assert page_of(site.browsers["reviewer"].get("/readings", headers=headers)).text == plain


@pytest.mark.parametrize(
    ("odd", "status"),
    [("casereader=", 303), ("casereader=x", 303), ("=;;;\xff", 303), ("a=1; " * 1000, 400)],
    ids=["empty", "x", "signs", "1000"],
)
def test_c19_odd_cookies_are_nobody_s(site: Site, odd: str, status: int) -> None:
    with site.app.test_client(use_cookies=False) as client:
        assert FlaskClient.open(client, "/readings", headers={"Cookie": odd}).status_code == status


def test_c19_of_two_sessions_in_one_request_neither_is_taken(site: Site) -> None:
    both = [site.browsers[who].get_cookie("casereader") for who in ("reviewer", "coordinator")]
    cookie = "; ".join(f"casereader={each.value}" for each in both if each)
    with site.app.test_client(use_cookies=False) as client:
        for path in ("/", "/readings", "/sign-in", "/nowhere"):
            refused = FlaskClient.open(client, path, headers={"Cookie": cookie})
            assert refused.status_code == 400, path
            assert site.cast.reviewer.name not in refused.text and site.cast.coordinator.name not in refused.text


@pytest.fixture(scope="module")
def served(site: Site) -> Iterator[tuple[str, int]]:
    """The same application behind the server that people run."""
    with behind_the_server(site.app) as address:
        yield address


def answer_of(served: tuple[str, int], request: bytes) -> bytes:
    with socket.create_connection(served, timeout=60) as connection:
        with suppress(OSError):  # the server may have answered and gone before the end of what is sent
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
        return connection.recv(4096)


def first_line(served: tuple[str, int], request: bytes) -> str:
    return answer_of(served, request).split(b"\r\n", 1)[0].decode()


POST = b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"


@pytest.mark.parametrize(
    "request_sent",
    [
        POST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding: gzip\r\n\r\n",
        POST + b"Content-Length: -1\r\n\r\n",
        POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
        b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\nCookie: " + b"a=1; " * 1000 + b"\r\n\r\n",
        POST + b"Content-Length: 30000000\r\n\r\n",
        b"nonsense\r\n\r\n",
    ],
    ids=["C20 two lengths", "C20 bad chunk", "C20 coding", "C20 minus", "C20 lengths differ", "C14 two hosts",
         "C19 1000 cookies", "a body larger than any", "no HTTP"],
)  # fmt: skip
def test_c20_the_server_refuses_a_request_with_two_meanings_or_without_end(
    served: tuple[str, int], request_sent: bytes
) -> None:
    assert first_line(served, request_sent).split()[1] in {"400", "413", "414", "431", "501"}


@pytest.mark.parametrize(
    "request_sent",
    [
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\nCookie: a=" + b"x" * 100_000 + b"\r\n\r\n",
    ],
    ids=["C09 address", "C19 cookies"],
)
def test_c09_c19_the_server_reads_no_head_of_100_000_characters(served: tuple[str, int], request_sent: bytes) -> None:
    with socket.create_connection(served, timeout=60) as connection:
        # No more than it takes in at a time: what it left unread would cut its answer off.
        most = LIMITS["max_request_header_size"]
        for start in range(0, most + 8192, 1024):
            try:
                connection.sendall(request_sent[start : start + 1024])
            except OSError:
                break
            connection.settimeout(0.005 if start < most else 10)  # from there on it has to answer
            with suppress(TimeoutError):
                assert connection.recv(4096).split()[1] in {b"414", b"431"}
                return
    raise AssertionError("it read on")


def test_c09_an_address_of_8_000_characters_is_answered_by_a_page(served: tuple[str, int]) -> None:
    for path, status in ((b"/sign-in?x=", "200"), (b"/", "404")):
        request = b"GET " + path + b"a" * 8_000 + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        assert first_line(served, request).split()[1] == status


@pytest.mark.parametrize(("most", "status"), [(64_000, "400"), (65_537, "413")])
def test_c20_a_body_in_chunks_is_held_to_the_limit_of_its_route_though_it_names_no_length(
    served: tuple[str, int], most: int, status: str
) -> None:
    body = b"email=" + b"a" * (most - 6)
    chunks = b"".join(
        b"%x\r\n%b\r\n" % (len(part), part) for part in (body[at : at + 8192] for at in range(0, most, 8192))
    )
    kind = b"Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n"

    assert first_line(served, POST + kind + chunks + b"0\r\n\r\n").split()[1] == status


def test_c20_a_chunk_that_never_comes_is_never_handed_on(served: tuple[str, int]) -> None:
    assert first_line(served, POST + b"Transfer-Encoding: chunked\r\n\r\nffffffff\r\nabc") == ""


def test_c10_two_slashes_before_a_host_lead_nowhere_else(served: tuple[str, int]) -> None:
    request = b"GET //evil.example/accounts HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    assert first_line(served, request).split()[1] in {"303", "308", "404"}
    assert b"ocation: //" not in answer_of(served, request)
    assert b"ocation: http://evil" not in answer_of(served, request)


def test_nobody_waits_to_write_while_a_request_that_writes_reads_aside(app: Flask) -> None:
    engine = app.extensions["casereader_engine"]
    with app.test_request_context("/", method="POST"):
        db().execute(text("SELECT 1"))  # on SQLite this takes the write lock
        with aside() as session:
            before = session.scalar(select(func.count()).select_from(Account))
            with at_once(engine) as other:
                accounts.create(other, email="late@example.org", name="Late", by=None, at=worked.READ)
            assert session.scalar(select(func.count()).select_from(Account)) == before
        assert db().scalar(select(func.count()).select_from(Account)) == (before or 0) + 1
