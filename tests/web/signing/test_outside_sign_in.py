"""Signing in by the organisation's own service: a real OpenID provider on loopback, and one that lies."""

import secrets
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from joserfc.jwk import ECKey
from sqlmodel import Session, col, select

from casereader.config import ConfigError, load_settings
from casereader.db import snapshot, transaction
from casereader.models import Account, AuditEvent, OutsideIdentity
from casereader.models import SignIn as Entry
from casereader.people import sessions
from casereader.vocabulary import Factor
from tests.cast import PASSWORD, Cast, SignIn
from tests.web.app import make_app
from tests.web.client import PageClient, filled_in, page_of
from tests.web.issuer import CLIENT_ID, SECRET, Issuer, serving
from tests.web.second_steps import long_ago

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PROVIDED = "Council account"


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with serving() as made:
        yield made


@pytest.fixture
def app(database_url: str, tmp_path: Path, issuer: Issuer) -> Iterator[Flask]:
    made = make_app(database_url, tmp_path, **of(issuer.address, tmp_path))
    yield made
    made.extensions["casereader_engine"].dispose()


def of(address: str, folder: Path) -> dict[str, object]:
    """The settings of an installation that uses the service."""
    file = folder / "outside-secret"
    file.write_text(SECRET)
    file.chmod(0o600)
    return {
        "OIDC_ISSUER": address,
        "OIDC_CLIENT_ID": CLIENT_ID,
        "OIDC_CLIENT_SECRET_FILE": file,
        "OIDC_NAME": PROVIDED,
    }


def come_back(client: PageClient, issuer: Issuer, path: str) -> str:
    """Go to the service from `path`; the address at which it sends the browser back."""
    sent = client.get(path)
    assert sent.status_code == 302, sent.text
    back = urlsplit(issuer.authorize(sent.location))
    return f"{back.path}?{back.query}"


def bind(client: PageClient, issuer: Issuer) -> None:
    answer = client.get(come_back(client, issuer, "/sign-in-methods/outside"))
    assert answer.status_code == 303 and urlsplit(answer.location).path == "/sign-in-methods"


def entries(app: Flask, account: Account) -> list[Entry]:
    with snapshot(app.extensions["casereader_engine"]) as session:
        found = select(Entry).where(Entry.account_id == account.id, col(Entry.ended_at).is_(None))
        return list(session.exec(found.order_by(col(Entry.id))))


@on_sqlite
def test_whoever_bound_their_account_signs_in_at_the_service_and_goes_on_to_where_they_wanted(
    app: Flask, cast: Cast, sign_in: SignIn, issuer: Issuer
) -> None:
    bind(sign_in(cast.lead), issuer)
    browser = sign_in(None)
    assert f"Sign in with {PROVIDED}" in browser.get("/sign-in?next=/settings").text

    answer = browser.get(come_back(browser, issuer, "/sign-in/outside?next=/settings"))

    assert answer.status_code == 303 and answer.location == "/settings"
    assert browser.page("/settings").heading
    assert entries(app, cast.lead)[-1].factor is Factor.OUTSIDE
    assert issuer.challenged[-1] == "S256"


@on_sqlite
def test_whoever_came_by_the_service_confirms_by_what_they_have_here(
    app: Flask, cast: Cast, sign_in: SignIn, issuer: Issuer
) -> None:
    bind(sign_in(cast.reviewer), issuer)
    browser = sign_in(None)
    browser.get(come_back(browser, issuer, "/sign-in/outside"))
    browser.page("/sign-in-methods/passkey")
    long_ago(app, browser)

    asked = browser.get("/sign-in-methods/passkey")
    assert asked.status_code == 401 and "Nothing is done" not in page_of(asked).text
    done = browser.post("/confirm", data=filled_in(page_of(asked).form("/confirm")) | {"password": PASSWORD})

    assert done.status_code == 200
    browser.page("/sign-in-methods/passkey")


@on_sqlite
def test_a_service_that_asked_for_a_password_alone_leaves_the_second_step_to_us(
    app: Flask, cast: Cast, sign_in: SignIn, issuer: Issuer
) -> None:
    bind(sign_in(cast.lead), issuer)
    issuer.means = ["pwd"]
    browser = sign_in(None)

    answer = browser.get(come_back(browser, issuer, "/sign-in/outside"))

    assert urlsplit(answer.location).path == "/second-step"
    assert entries(app, cast.lead)[-1].is_waiting


@on_sqlite
def test_only_an_account_that_works_and_is_bound_is_signed_in(
    app: Flask, cast: Cast, sign_in: SignIn, issuer: Issuer
) -> None:
    stranger = sign_in(None)
    refused = stranger.get(come_back(stranger, issuer, "/sign-in/outside"))
    bind(sign_in(cast.reviewer), issuer)
    with transaction(app.extensions["casereader_engine"]) as session:
        sessions.disable(session, account=_again(session, cast.reviewer), by=None, at=datetime.now(UTC))
    disabled = stranger.get(come_back(stranger, issuer, "/sign-in/outside"))

    assert refused.status_code == disabled.status_code == 403
    assert page_of(refused).heading == page_of(disabled).heading == "You are not signed in"
    assert entries(app, cast.reviewer) == []


@on_sqlite
def test_an_account_is_known_by_issuer_and_subject_whatever_else_is_claimed(
    cast: Cast, sign_in: SignIn, issuer: Issuer
) -> None:
    bind(sign_in(cast.lead), issuer)
    issuer.subject = "person-2"
    issuer.claims = {"email": cast.lead.email, "email_verified": True, "name": cast.lead.name}
    browser = sign_in(None)

    assert browser.get(come_back(browser, issuer, "/sign-in/outside")).status_code == 403


@on_sqlite
@pytest.mark.parametrize(
    "lie",
    [
        {"aud": ["another program"]},
        {"iss": "https://another.example"},
        {"nonce": "of another sign-in"},
        {"exp": int(time.time()) - 3600},
    ],
    ids=lambda lie: next(iter(lie)),
)
def test_a_token_for_another_of_another_of_before_or_from_another_is_refused(
    app: Flask, cast: Cast, sign_in: SignIn, issuer: Issuer, lie: dict[str, object]
) -> None:
    bind(sign_in(cast.lead), issuer)
    issuer.claims = lie
    browser = sign_in(None)

    assert browser.get(come_back(browser, issuer, "/sign-in/outside")).status_code == 403
    assert len(entries(app, cast.lead)) == 1


@on_sqlite
def test_a_token_signed_by_another_key_is_refused(app: Flask, cast: Cast, sign_in: SignIn, issuer: Issuer) -> None:
    bind(sign_in(cast.lead), issuer)
    issuer.signing_key = ECKey.generate_key("P-256")
    browser = sign_in(None)

    assert browser.get(come_back(browser, issuer, "/sign-in/outside")).status_code == 403
    assert len(entries(app, cast.lead)) == 1


@on_sqlite
def test_a_code_opens_once_and_only_in_the_browser_that_went_for_it(
    cast: Cast, sign_in: SignIn, issuer: Issuer
) -> None:
    bind(sign_in(cast.lead), issuer)
    browser, other = sign_in(None), sign_in(None)
    back = come_back(browser, issuer, "/sign-in/outside")

    assert other.get(back).status_code == 403
    assert other.get("/sign-in/outside/back?code=made-up&state=made-up").status_code == 403
    assert browser.get(back).status_code == 303
    assert browser.get(back).status_code == 403


@on_sqlite
@pytest.mark.parametrize(
    "described",
    [{"issuer": "https://another.example"}, {"id_token_signing_alg_values_supported": ["none", "HS256"]}],
    ids=["another issuer", "no signature"],
)
def test_a_service_that_describes_another_or_signs_nothing_is_not_asked(
    sign_in: SignIn, issuer: Issuer, described: dict[str, object]
) -> None:
    issuer.description = described
    browser = sign_in(None)

    answer = browser.get("/sign-in/outside")

    assert answer.status_code == 503 and page_of(answer).heading == "You are not signed in"


@on_sqlite
def test_a_service_that_does_not_answer_leaves_the_password(database_url: str, tmp_path: Path) -> None:
    gone = make_app(database_url, tmp_path, **of("http://127.0.0.1:9", tmp_path))
    answer = gone.test_client().get("/sign-in/outside")
    gone.extensions["casereader_engine"].dispose()

    assert answer.status_code == 503 and "use your password" in answer.text


@on_sqlite
@pytest.mark.parametrize("moved", ["/.well-known/openid-configuration", "/token", "/keys"])
def test_a_service_that_sends_on_to_another_address_is_not_followed_there(
    app: Flask, cast: Cast, sign_in: SignIn, issuer: Issuer, moved: str
) -> None:
    bind(sign_in(cast.lead), issuer)
    known = app.extensions["casereader_outside"]
    known.server_metadata.clear()
    issuer.moved, issuer.description = moved, {"max_redirects": 9, "verify": False}
    browser = sign_in(None)

    answer = browser.get("/sign-in/outside")
    if answer.status_code == 302:
        back = urlsplit(issuer.authorize(answer.location))
        answer = browser.get(f"{back.path}?{back.query}")

    assert answer.status_code == 503 and page_of(answer).heading == "You are not signed in"
    assert moved in issuer.asked and f"/elsewhere{moved}" not in issuer.asked
    assert not known.server_metadata.keys() & issuer.description.keys()


@on_sqlite
def test_one_account_there_is_one_account_here(app: Flask, cast: Cast, sign_in: SignIn, issuer: Issuer) -> None:
    bind(sign_in(cast.lead), issuer)
    other = sign_in(cast.moderator)
    bind(other, issuer)

    assert "Another account here is bound to that one" in other.get("/sign-in-methods").text
    with snapshot(app.extensions["casereader_engine"]) as session:
        assert [one.account_id for one in session.exec(select(OutsideIdentity))] == [cast.lead.id]


@on_sqlite
def test_binding_and_removing_sign_every_other_browser_out_and_leave_their_events(
    app: Flask, cast: Cast, sign_in: SignIn, issuer: Issuer
) -> None:
    before, here = sign_in(cast.lead), sign_in(cast.lead)
    bind(here, issuer)
    assert before.get("/settings").status_code == 303

    there = sign_in(cast.lead)
    assert here.submit("/sign-in-methods", action="/sign-in-methods/outside/remove").status_code == 303
    assert there.get("/settings").status_code == 303
    assert here.get("/settings").status_code == 200
    with snapshot(app.extensions["casereader_engine"]) as session:
        events = session.exec(select(AuditEvent).where(col(AuditEvent.action).startswith("sign-in service"))).all()
    assert [event.action for event in events] == ["sign-in service bound", "sign-in service removed"]
    assert issuer.subject not in str([event.body for event in events])


@on_sqlite
def test_a_binding_begun_by_one_is_not_made_for_another(
    app: Flask, cast: Cast, sign_in: SignIn, issuer: Issuer
) -> None:
    browser = sign_in(cast.lead)
    back = come_back(browser, issuer, "/sign-in-methods/outside")
    browser.sit_down(cast.moderator)

    assert browser.get(back).status_code == 403
    with snapshot(app.extensions["casereader_engine"]) as session:
        assert session.exec(select(OutsideIdentity)).all() == []


@on_sqlite
def test_nothing_of_a_token_is_kept_in_the_browser(cast: Cast, sign_in: SignIn, issuer: Issuer) -> None:
    bind(sign_in(cast.lead), issuer)
    browser = sign_in(None)
    there = browser.get("/sign-in/outside").location
    assert parse_qs(urlsplit(there).query)["scope"] == ["openid"]
    browser.get(come_back(browser, issuer, "/sign-in/outside"))

    with browser.session_transaction() as cookie:
        assert set(cookie) <= {"token", "fully proved at", "csrf_token", "_permanent", "_flashes"}


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"OIDC_ISSUER": "https://id.example"}, "OIDC_CLIENT_ID and OIDC_CLIENT_SECRET_FILE"),
        ({"OIDC_ISSUER": "http://id.example", "OIDC_CLIENT_ID": "a", "OIDC_CLIENT_SECRET_FILE": "f"}, "https://"),
        ({"OIDC_ISSUER": "https://id.example", "OIDC_CLIENT_ID": "a", "OIDC_CLIENT_SECRET_FILE": "/none"}, "read"),
    ],
)
def test_half_a_service_is_no_start(settings: dict[str, str], says: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=says):
        load_settings({"CASEREADER_DATA": tmp_path, "SECRET_KEY": secrets.token_hex(32), **settings})


def _again(session: Session, account: Account) -> Account:
    found = session.get(Account, account.id)
    assert found is not None
    return found
