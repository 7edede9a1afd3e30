"""By which names the service is called, whom it believes about who asks, and where it sends people on to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import delete, select, update

from casereader.db import snapshot, transaction
from casereader.models import Allowance, RecoveryCode
from casereader.models import SignIn as SignInRow
from casereader.web import signed_in
from tests.cast import PASSWORD, gather
from tests.second_steps import line
from tests.web.app import make_app
from tests.web.client import PageClient
from tests.web.served import behind_the_server
from tests.web.site import Site

ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "http:evil.example",
    "http://evil.example",
    "https:///evil.example",
    "/%09/evil.example",
    "/\t/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/ /evil.example",
    "@evil.example",
    "/@evil.example:80/",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "evil.example",
    "/\r\nLocation: https://evil.example",
    "/readings\n",
    "/ｅvil",
    "",
]
FORWARDED = {
    "X-Forwarded-For": "198.51.100.7, 203.0.113.9",
    "X-Forwarded-Proto": "http, https",
    "X-Forwarded-Host": "evil.example, cases.example",
    "X-Forwarded-Prefix": "/evil",
    "X-Forwarded-Port": "666",
    "Forwarded": "for=198.51.100.7;host=evil.example;proto=http",
    "X-Real-IP": "198.51.100.7",
}


@contextmanager
def behind(url: str, folder: Path, **settings: str) -> Iterator[tuple[Flask, str]]:
    app = make_app(url, folder, **settings)
    with transaction(app.extensions["casereader_engine"]) as session:
        email = gather(session, instrument=app.extensions["casereader_instruments"]["CRR-1"]).reviewer.email
    yield app, email
    app.extensions["casereader_engine"].dispose()


def over_http(
    where: tuple[str, int], method: str, path: str, *, headers: dict[str, str], fields: dict[str, str] | None = None
) -> tuple[int, Message, str]:
    """What a proxy gets: status, headers and page."""
    connection = HTTPConnection(*where, timeout=60)
    kind = {"Content-Type": "application/x-www-form-urlencoded"} if fields else {}
    connection.request(method, path, body=urlencode(fields) if fields else None, headers={**headers, **kind})
    answer = connection.getresponse()
    page = answer.read().decode()
    connection.close()
    return answer.status, answer.headers, page


def networks(app: Flask) -> list[str]:
    with snapshot(app.extensions["casereader_engine"]) as session:
        return list(session.exec(select(SignInRow.network)))


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "EVIL.EXAMPLE:80",
        "localhost.evil.example",
        "evil.example@localhost",
        "localhost:80@evil.example",
        "localhost/evil.example",
        "127.0.0.1.evil.example",
        "[::2]",
        "a b",
        "",
    ],
)
def test_a_host_that_is_not_ours_is_400_everywhere_and_never_repeated(site: Site, host: str) -> None:
    for path in ("/", "/sign-in", "/healthz", "/static/js/reading.js", "/accounts/", "/nowhere"):
        answer = site.ask("nobody", path, headers={"Host": host}, environ_overrides={"SERVER_NAME": "evil.example"})
        assert answer.status_code == 400, path
        assert "evil" not in answer.get_data(as_text=True).lower() + str(answer.headers).lower()
        assert answer.headers["Cache-Control"] == "no-store"


def test_without_a_proxy_what_a_client_says_of_one_changes_nothing(sqlite_url: str, tmp_path: Path) -> None:
    with behind(sqlite_url, tmp_path) as (app, email):
        client = app.test_client()
        assert isinstance(client, PageClient)
        token = client.csrf_token("/sign-in")
        sent = {"csrf_token": token, "email": email, "password": PASSWORD}
        entered = FlaskClient.open(
            client,
            "/sign-in",
            method="POST",
            data=sent,
            headers=FORWARDED,
            environ_overrides={"REMOTE_ADDR": "192.0.2.1"},
        )

        assert (entered.status_code, entered.location) == (303, "/")
        assert "Secure" not in entered.headers["Set-Cookie"]
        assert networks(app) == ["192.0.2.0/24"], "not what the client says of itself"


@pytest.mark.parametrize(("hops", "network"), [("1", "203.0.113.0/24"), ("2", "198.51.100.0/24")])
def test_behind_proxies_only_what_the_last_of_them_say_is_believed(
    sqlite_url: str, tmp_path: Path, hops: str, network: str
) -> None:
    hosts = "cases.example" if hops == "1" else "cases.example,evil.example"
    with behind(sqlite_url, tmp_path, PROXY_HOPS=hops, TRUSTED_HOSTS=hosts) as (app, email):
        client = app.test_client()
        said = {"X-Forwarded-For": f"192.0.2.66, {FORWARDED['X-Forwarded-For']}", "X-Forwarded-Host": "cases.example"}
        if hops == "2":
            said |= {"X-Forwarded-Host": "cases.example, cases.example", "X-Forwarded-Proto": "https, https"}
        headers = FORWARDED | said | ({"X-Forwarded-Proto": "http, https"} if hops == "1" else {})
        page = FlaskClient.open(client, "/sign-in", headers=headers, base_url="https://cases.example")
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.get_data(as_text=True))
        assert found, page.status_code
        sent = {"csrf_token": found[1], "email": email, "password": PASSWORD}
        entered = FlaskClient.open(
            client,
            "/sign-in",
            method="POST",
            data=sent,
            headers=headers | {"Referer": "https://cases.example/sign-in"},
            base_url="https://cases.example",
        )

        assert (entered.status_code, entered.location) == (303, "/"), entered.get_data(as_text=True)
        cookie = next(one for one in entered.headers.getlist("Set-Cookie") if one.startswith("__Host-casereader="))
        assert "Secure" in cookie and "Domain" not in cookie and "Path=/" in cookie
        assert "HttpOnly" in cookie and "SameSite=Lax" in cookie
        assert networks(app) == [network]


def test_the_server_that_people_run_passes_on_what_the_proxy_says(sqlite_url: str, tmp_path: Path) -> None:
    said = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "read.example"}
    with (
        behind(sqlite_url, tmp_path, PROXY_HOPS="1", TRUSTED_HOSTS="read.example") as (app, email),
        behind_the_server(app) as where,
    ):
        status, headers, page = over_http(where, "GET", "/sign-in", headers=said)
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert found, status
        sent = {"csrf_token": found[1], "email": email, "password": PASSWORD}
        cookie = headers["Set-Cookie"].partition(";")[0]
        said |= {"Origin": "https://read.example", "Referer": "https://read.example/sign-in", "Cookie": cookie}
        status, headers, page = over_http(where, "POST", "/sign-in", headers=said, fields=sent)

        assert (status, headers["Location"]) == (303, "/"), page
        assert networks(app) == ["203.0.113.0/24"]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.66", "192.0.2.0/24"),
        ("::ffff:192.0.2.66", "192.0.2.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/48"),
        ("unknown", ""),
    ],
)
def test_an_address_is_kept_by_its_network_in_its_own_version(site: Site, address: str, network: str) -> None:
    with site.app.test_request_context("/sign-in", environ_base={"REMOTE_ADDR": address}):
        assert signed_in.network() == network


def test_behind_a_proxy_a_host_that_it_does_not_pass_on_as_ours_is_refused(sqlite_url: str, tmp_path: Path) -> None:
    with behind(sqlite_url, tmp_path, PROXY_HOPS="1", TRUSTED_HOSTS="cases.example") as (app, _):
        client = app.test_client()
        for said, status in (
            ({"X-Forwarded-Host": "cases.example, evil.example"}, 400),
            ({"X-Forwarded-Host": "evil.example, cases.example"}, 200),
            ({}, 400),
        ):
            answer = FlaskClient.open(client, "/sign-in", headers=said, base_url="http://evil.example")
            assert answer.status_code == status, said


@pytest.mark.parametrize("where", ELSEWHERE)
def test_nobody_is_sent_on_to_another_site_whoever_asks_for_it(site: Site, where: str) -> None:
    client = site.browsers["reviewer"]
    asked = site.ask("reviewer", "/sign-in", query_string={"next": where})
    assert (asked.status_code, asked.location) == (303, "/")

    token = client.csrf_token("/")
    sent = {"csrf_token": token, "password": PASSWORD, "next": where}
    unlocked = site.ask("reviewer", "/unlock", method="POST", data=sent)
    assert (unlocked.status_code, unlocked.location) == (303, "/")

    visitor = site.app.test_client()
    assert isinstance(visitor, PageClient)
    sent = {"csrf_token": visitor.csrf_token("/sign-in"), "email": site.cast.reviewer.email}
    entered = FlaskClient.open(visitor, "/sign-in", method="POST", data=sent | {"password": PASSWORD, "next": where})
    assert (entered.status_code, entered.location) == (303, "/")


@pytest.mark.parametrize("where", ELSEWHERE)
def test_nobody_is_sent_on_to_another_site_after_confirming_or_after_the_second_step(site: Site, where: str) -> None:
    client = site.browsers["reviewer"]
    sent = {"csrf_token": client.csrf_token("/"), "password": PASSWORD, "next": where}
    confirmed = site.ask("reviewer", "/confirm", method="POST", data=sent)
    assert (confirmed.status_code, confirmed.location) == (303, "/")
    kept = site.ask("reviewer", "/confirm", method="POST", data=sent | {"kept": "eJyLjgUAARUAuQ=="})
    assert (kept.status_code, kept.location) == (303, "/")

    visitor = site.app.test_client()
    assert isinstance(visitor, PageClient)
    sent = {"csrf_token": visitor.csrf_token("/sign-in"), "email": site.cast.lead.email, "password": PASSWORD}
    asked = FlaskClient.open(visitor, "/sign-in", method="POST", data=sent | {"next": where})
    assert (asked.status_code, asked.location) == (303, "/second-step?next=/")
    token = visitor.csrf_token("/second-step")
    wrong = {"csrf_token": token, "next": where, "line": "1 AAAA-AAAA-AAAA-AAAA"}
    shown = FlaskClient.open(visitor, "/second-step/line", method="POST", data=wrong)
    assert shown.status_code == 422 and shown.location is None
    with transaction(site.app.extensions["casereader_engine"]) as session:
        session.exec(update(RecoveryCode).values(used_at=None))
        session.exec(delete(Allowance))
    done = FlaskClient.open(visitor, "/second-step/line", method="POST", data=wrong | {"line": line(1)})
    assert (done.status_code, done.location) == (303, "/")
    again = FlaskClient.open(visitor, "/second-step", query_string={"next": where})
    assert (again.status_code, again.location) == (303, "/")


def test_a_path_of_ours_is_where_people_are_sent_on_to(site: Site) -> None:
    for where in ("/readings", "/readings?state=open&page=2", "/inspections/a-b_c/roll-up"):
        asked = site.ask("reviewer", "/sign-in", query_string={"next": where})
        assert (asked.status_code, asked.location) == (303, where)
