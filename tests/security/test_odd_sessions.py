"""Odd cookies and sessions, item by item as the list of bad inputs numbers them: nobody's, and never an error."""

from __future__ import annotations

from flask.testing import FlaskClient

from casereader.db import transaction
from casereader.models import Account
from casereader.people import passwords
from tests.cast import PASSWORD, SignIn
from tests.web.client import PageClient
from tests.web.reading_room import Room
from tests.web.site import Site

COOKIE = "casereader"


def cookie_of(client: PageClient) -> str:
    found = client.get_cookie(COOKIE)
    assert found is not None
    return found.value


def with_cookie(site_or_room: Site | Room, value: str, path: str = "/readings") -> int:
    with site_or_room.app.test_client(use_cookies=False) as client:
        return FlaskClient.open(client, path, headers={"Cookie": f"{COOKIE}={value}"}).status_code


def test_d03_a_session_set_before_signing_in_is_not_the_one_after(room: Room, sign_in: SignIn) -> None:
    client = sign_in(None)
    client.get("/sign-in")
    planted = cookie_of(client)
    theirs = cookie_of(sign_in(room.cast.second_reviewer))

    for before in (planted, theirs):
        visitor = sign_in(None)
        visitor.set_cookie(COOKIE, before)
        visitor.get("/sign-in")
        token = visitor.csrf_token("/sign-in") if before == planted else None
        if token is None:
            continue
        sent = {"csrf_token": token, "email": room.cast.reviewer.email, "password": PASSWORD}
        assert visitor.post("/sign-in", data=sent).status_code == 303
        assert cookie_of(visitor) != before
        assert with_cookie(room, before) == 303, "what was planted opens nothing"


def test_d05_a_cookie_that_was_touched_cut_or_made_elsewhere_is_nobody_s(site: Site) -> None:
    sound = cookie_of(site.browsers["reviewer"])
    assert with_cookie(site, sound) == 200
    for place in range(0, len(sound), 7):
        turned = chr(ord(sound[place]) ^ 1)
        touched = sound[:place] + (turned if turned.isalnum() else "A") + sound[place + 1 :]
        if touched != sound:
            assert with_cookie(site, touched) == 303, place
    for odd in (sound[: len(sound) // 2], sound + "x", "", ".", "..", "a.b.c", "e30.e30.e30", "." * 3000, "%00"):
        assert with_cookie(site, odd) == 303, odd


def test_d04_a_cookie_signed_with_a_known_key_is_nobody_s(site: Site) -> None:
    """What is in it would open the door: the very content of a reviewer's own cookie, signed as the program signs."""
    app = site.app
    sound = cookie_of(site.browsers["reviewer"])
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    content = signer.loads(sound)
    assert with_cookie(site, signer.dumps(content)) == 200, "with the program's own key"

    for key in ("dev", "secret", "changeme", "x"):
        signer.secret_keys = [key]
        assert with_cookie(site, signer.dumps(content)) == 303
        assert with_cookie(site, signer.dumps({"_user_id": "1", "account": 1, "is_administrator": True})) == 303


def test_d15_a_one_time_link_opens_for_whom_and_while_it_was_made_and_in_its_own_letters(
    room: Room, sign_in: SignIn
) -> None:
    with transaction(room.app.extensions["casereader_engine"]) as session:
        account = session.get_one(Account, room.cast.outsider.id)
        token = passwords.issue_link(session, account=account, by=None, at=room.cast.outsider.created_at)
    client = sign_in(None)
    for other in (token.swapcase(), token[:-1], token + "A", "", "%00"):
        assert client.get(f"/set-password/{other}").status_code in (404, 405), other
    late = client.get(f"/set-password/{token}")
    assert late.status_code == 404, "it was made months ago"


def test_d16_d17_no_link_and_no_other_site_signs_in_or_out(site: Site) -> None:
    for path in ("/sign-out", "/lock", "/unlock", "/sign-ins/end-others"):
        assert site.ask("reviewer", path).status_code == 405
    elsewhere = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    for path in ("/sign-out", "/sign-in"):
        assert site.ask("reviewer", path, method="POST", headers=elsewhere).status_code == 400
        assert site.ask("reviewer", path, method="POST").status_code == 400
    assert site.ask("reviewer", "/readings").status_code == 200


def test_d19_what_a_reviewer_opens_by_hand_is_refused(site: Site) -> None:
    inspection = f"/inspections/{site.inspection}"
    for path in ("/accounts", f"{inspection}/list", f"{inspection}/draw", f"{inspection}/plan", f"{inspection}/people"):
        assert site.ask("reviewer", path).status_code == 403, path
    for path in ("/admin", "/audit", "/frame", "/draw", f"/readings/{site.reading_of_another}"):
        assert site.ask("reviewer", path).status_code == 404, path


def test_d23_no_form_writes_ends_or_edits_the_trail(site: Site) -> None:
    """What is done leaves its trace; nothing else writes one, and there is nothing that ends or edits it."""
    posting = [rule.rule for rule in site.app.url_map.iter_rules() if "POST" in (rule.methods or ())]
    about = {rule for rule in posting if "audit" in rule or "trail" in rule}
    assert about == {"/trail/csv", "/trail/check"}, "taken away and checked"
    assert site.ask("reviewer", "/trail").status_code == 403


def test_d25_a_password_of_a_megabyte_is_refused_before_it_is_hashed(site: Site) -> None:
    client = site.app.test_client()
    assert isinstance(client, PageClient)
    token = client.csrf_token("/sign-in")
    for length, status in ((1_000_000, 413), (60_000, 422), (1_001, 422)):
        sent = {"csrf_token": token, "email": site.cast.lead.email, "password": "a" * length}
        assert FlaskClient.open(client, "/sign-in", method="POST", data=sent).status_code == status, length
