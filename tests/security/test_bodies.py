"""No route takes a larger body, more fields or more parts than it says, nor JSON of more than one meaning."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from werkzeug.routing import Rule

from tests.web.client import PageClient
from tests.web.reading_room import Room, address
from tests.web.site import Site, path_of, rules

KB, MB = 1024, 1024 * 1024
USUAL = 64 * KB
FORM = "application/x-www-form-urlencoded"
# By contract: reading pages 4 MB and 1,000 fields, the upload routes 20 MB (and a little, so that a page says so).
LARGER = {
    "account.sign_in_post": 6 * MB,  # where its address is signed by us: with what was written before a session ended
    "signing.unlock": 6 * MB,
    "signing.by_app": 6 * MB,
    "signing.by_line": 6 * MB,
    "signing.by_passkey": 6 * MB,
    "signing.confirm": 6 * MB,
    "autosave.save": 4 * MB,
    "certificates.check": 21 * MB,
    "evaluation.answer_own": 2 * MB,
    "frames.receive": 21 * MB,
    "joining.check": 2 * MB,
    "notes.save": 1 * MB,
    "practice.save": 4 * MB,
    "reading.submit": 1 * MB,
    "records.mark": 1 * MB,
    "rescue.look": 4 * MB,
    "rescue.save": 4 * MB,
    "returns.change": 1 * MB,
    "returns.map_it": 1 * MB,
    "section.save": 4 * MB,
    "settling.settle": 4 * MB,
    "settling_by_readers.propose": 4 * MB,
    "workbooks.receive": 21 * MB,
}


def posting(site: Site) -> Iterator[tuple[Rule, str]]:
    for rule in rules(site, "POST"):
        yield rule, site.opens(rule)


def limit_of(site: Site, rule: Rule) -> tuple[int, int] | None:
    found = getattr(site.app.view_functions[rule.endpoint], "body_limit", None)
    return found and found[:2]


def test_only_the_routes_listed_take_more_than_64_kilobytes(site: Site) -> None:
    found = {rule.endpoint: limit[0] for rule, _ in posting(site) if (limit := limit_of(site, rule))}

    assert found == LARGER


@pytest.mark.parametrize("kind", [FORM, "multipart/form-data; boundary=b"])
def test_every_route_refuses_a_body_of_a_byte_too_many_before_it_is_read(site: Site, kind: str) -> None:
    wrong = []
    for rule, who in posting(site):
        limit = limit_of(site, rule)
        most = limit[0] if limit and rule.endpoint not in ("account.sign_in_post", "signing.unlock") else USUAL
        if rule.endpoint in ("autosave.save", "time_spent.note"):
            continue  # JSON: below
        if most > MB and rule.endpoint != "section.save":
            continue  # what is larger is tried on one of them
        head = b'--b\r\nContent-Disposition: form-data; name="x"; filename="x"\r\n\r\n'
        body = (head if "multipart" in kind else b"x=") + b"a" * most
        status = site.ask(who, path_of(site, rule), method="POST", data=body, content_type=kind).status_code
        if status != 413:
            wrong.append(f"{who}: {rule.rule}: {status}")

    assert wrong == []


def test_100_000_fields_are_never_read(site: Site) -> None:
    many = b"&".join(b"x=" for _ in range(100_000))
    wrong = []
    for rule, who in posting(site):
        if rule.endpoint in ("autosave.save", "time_spent.note"):
            continue
        answer = site.ask(who, path_of(site, rule), method="POST", data=many, content_type=FORM)
        if answer.status_code != 413:
            wrong.append(f"{rule.rule}: {answer.status_code}")

    assert wrong == []


def test_a_form_in_parts_has_no_more_parts_than_its_route_says(site: Site) -> None:
    part = b'--b\r\nContent-Disposition: form-data; name="x%d"\r\n\r\n1\r\n'
    wrong = []
    for rule, who in posting(site):
        if rule.endpoint in ("autosave.save", "time_spent.note"):
            continue
        limit = limit_of(site, rule)
        most = limit[1] if limit and rule.endpoint not in ("account.sign_in_post", "signing.unlock") else 200
        if most > 1000:
            continue
        body = b"".join(part % number for number in range(most + 1)) + b"--b--\r\n"
        answer = site.ask(
            who, path_of(site, rule), method="POST", data=body, content_type="multipart/form-data; boundary=b"
        )
        if answer.status_code != 413:
            wrong.append(f"{rule.rule}: {answer.status_code}")

    assert wrong == []


DEEP = "[" * 100_000
ODD_JSON = {
    "nested without end": '{"version":' + DEEP,
    "nested and closed": '{"version":' + DEEP + "]" * 100_000 + "}",
    "objects without end": '{"a":' * 50_000,
    "NaN": '{"version":NaN}',
    "Infinity": '{"version":Infinity}',
    "too large": '{"version":1e999}',
    "minus nothing": '{"version":-0}',
    "5,000 digits": '{"version":' + "9" * 5_000 + "}",
    "twice": '{"version":1,"version":2}',
    "a list": "[1]",
    "nothing": "",
    "null": "null",
    "true for 1": '{"version":true,"minutes_ago":[true],"idempotency_key":"0123456789abcdef","answers":{}}',
    "1.0 for 1": '{"version":1.0,"minutes_ago":[1.0],"idempotency_key":"0123456789abcdef","answers":{}}',
    '"1" for 1': '{"version":"1","minutes_ago":["1"],"idempotency_key":"0123456789abcdef","answers":{}}',
    "two bodies": '{"version":1}{"version":2}',
    "BOM": "\ufeff{}",
}


@pytest.mark.parametrize("odd", ODD_JSON)
@pytest.mark.parametrize("route", ["/answers", "/active"])
def test_json_of_no_or_of_two_meanings_is_refused_by_every_json_route(site: Site, route: str, odd: str) -> None:
    client = site.browsers["reviewer"]
    answer = site.ask(
        "reviewer",
        f"/readings/{site.reading}{route}",
        method="POST",
        data=ODD_JSON[odd].encode(),
        content_type="application/json",
        headers={"X-CSRFToken": client.csrf_token("/readings")},
    )

    assert answer.status_code in ({400, 413} if route == "/active" else {400}), answer.get_data(as_text=True)
    assert answer.mimetype == "application/json"


def test_a_lone_surrogate_is_refused_in_a_form_and_in_json(room: Room, reviewer: PageClient) -> None:
    opened = room.given(room.cast.reviewer)[0]
    token = reviewer.csrf_token("/readings")
    text = '{"version":1,"idempotency_key":"0123456789abcdef","answers":{"C9":{"note":"a\\ud800"}}}'
    sent = reviewer.post(
        address(opened, "/answers"), data=text, content_type="application/json", headers={"X-CSRFToken": token}
    )
    assert sent.status_code == 422
    for field in (b"csrf_token=%b&version=1&C9__note=a%%ed%%a0%%80" % token.encode(),):
        saved = reviewer.post(address(opened, "/C"), data=field, content_type=FORM)
        assert saved.status_code in (303, 400, 422)
    stored = room.stored(opened).get("C9")
    assert stored is None or "\ud800" not in (stored.note or "")
