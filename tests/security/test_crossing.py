"""A form is taken from a page of ours and whoever it was given to: no other site's, no other person's, no older one."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.cast import PASSWORD, SignIn
from tests.web.client import PageClient, page_of
from tests.web.reading_room import Room, address
from tests.web.site import Site, path_of, rules

FROM_ELSEWHERE = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
    {"Sec-Fetch-Site": "nonsense"},
    {"Origin": "https://evil.example"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "https://localhost"},
    {"Origin": "http://localhost:81"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
]
FROM_HERE: list[dict[str, str]] = [
    {},
    {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost", "Sec-Fetch-Mode": "navigate"},
    {"Origin": "http://localhost"},
    {"Sec-Fetch-Site": "none"},
]


def test_no_route_takes_what_another_site_had_a_browser_send_not_even_with_the_right_token(site: Site) -> None:
    token = site.browsers["coordinator"].csrf_token("/")
    before = site.stored()
    wrong = []
    for rule in rules(site, "POST"):
        said = FROM_ELSEWHERE[hash(rule.rule) % len(FROM_ELSEWHERE)] if rule.arguments else FROM_ELSEWHERE[0]
        sent = {"X-CSRFToken": token, **said}
        answer = site.ask("coordinator", path_of(site, rule), method="POST", data={"csrf_token": token}, headers=sent)
        if answer.status_code != 400:
            wrong.append(f"{rule.rule}: {answer.status_code}")

    assert wrong == []
    assert site.stored() == before


@pytest.mark.parametrize("said", FROM_ELSEWHERE, ids=str)
def test_signing_in_and_out_is_not_done_by_another_site(site: Site, said: dict[str, str]) -> None:
    signed_in, visitor = site.browsers["reviewer"], site.app.test_client()
    for client, path in ((signed_in, "/sign-out"), (visitor, "/sign-in")):
        assert isinstance(client, PageClient)
        token = client.csrf_token("/" if client is signed_in else "/sign-in")
        sent = {"csrf_token": token, "email": site.cast.lead.email, "password": PASSWORD}
        refused = client.post(path, data=sent, headers=said)
        assert refused.status_code == 400
        assert "another site" in page_of(refused).text and site.cast.reviewer.name not in refused.text

    assert signed_in.get("/readings").status_code == 200
    assert visitor.get("/readings").status_code == 303


@pytest.mark.parametrize("said", FROM_HERE, ids=str)
def test_a_form_of_ours_is_taken_whether_or_not_the_browser_says_where_it_is_from(
    site: Site, said: dict[str, str]
) -> None:
    client = site.browsers["lead"]
    sent = {"csrf_token": client.csrf_token("/settings")}

    assert client.post("/settings", data=sent, headers=said).status_code == 303


def test_a_link_from_elsewhere_leads_to_a_page_and_nothing_else_from_elsewhere_is_answered(site: Site) -> None:
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    for path in ("/sign-in", "/readings", f"/readings/{site.reading}"):
        assert site.ask("reviewer", path, headers=link).status_code in (200, 303), path
        for odd in (
            {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
            {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"},
            {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
            {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
        ):
            assert site.ask("reviewer", path, headers=link | odd).status_code == 400, (path, odd)


def test_a_token_is_of_one_session_another_s_and_that_of_before_signing_in_are_refused(
    room: Room, sign_in: SignIn
) -> None:
    account = room.cast.reviewer
    client = sign_in(None)
    before = client.csrf_token("/sign-in")
    client.sign_in(account.email, PASSWORD)
    own = client.csrf_token("/readings")
    theirs = sign_in(room.cast.second_reviewer).csrf_token("/readings")
    elsewhere = sign_in(account).csrf_token("/readings")
    opened = room.given(account)[0]
    page, saves = address(opened, "/C"), address(opened, "/answers")
    saved = {"version": 1, "idempotency_key": "0123456789abcdef", "answers": {"C9": {"value": "5"}}}

    for token in (before, theirs, elsewhere, own[:-1], own.swapcase(), "", None):
        field = {} if token is None else {"csrf_token": token}
        header = {} if token is None else {"X-CSRFToken": token}
        form = {"version": "1", "C9": "5", "go": "stay"} | field
        assert FlaskClient.open(client, page, method="POST", data=form).status_code == 400
        assert FlaskClient.open(client, saves, method="POST", json=saved, headers=header).status_code == 400
    assert room.answers(opened) == {}

    assert FlaskClient.open(client, saves, method="POST", json=saved, headers={"X-CSRFToken": own}).status_code == 200
    client.submit("/", action="/sign-out")
    client.sign_in(account.email, PASSWORD)
    again = client.post("/settings", data={"csrf_token": own})
    assert again.status_code == 400, "the token ended with its session"


def test_a_json_route_takes_no_form_in_its_place(room: Room, reviewer: PageClient) -> None:
    """A page of another site can post a form or plain text, and only JSON has to be asked for first."""
    opened = room.given(room.cast.reviewer)[0]
    token = reviewer.csrf_token("/readings")
    text = '{"version":1,"idempotency_key":"0123456789abcdef","answers":{"C9":{"value":"5"}}}'
    for route in ("/answers", "/active"):
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", ""):
            refused = FlaskClient.open(
                reviewer,
                address(opened, route),
                method="POST",
                data=text,
                content_type=kind,
                headers={"X-CSRFToken": token},
            )
            assert refused.status_code in (400, 415), (route, kind)
    assert room.answers(opened) == {}
