"""What is asked of fields for passwords, of the token of a sign-in and of signing out, and no other test says."""

import re
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlmodel import Session, col, select

from casereader import accounts, passwords, sessions
from casereader.db import transaction
from casereader.models import Account, AuditEvent
from casereader.models import SignIn as Entry
from casereader.vocabulary import Factor
from tests.cast import Cast, SignIn
from tests.source import ROOT
from tests.web.site import Site, path_of, rules

AT = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
ONLY_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_every_field_for_a_password_hides_it_and_lets_a_manager_fill_it() -> None:
    macro = next(
        line
        for line in (ROOT / "templates/macros/fields.html").read_text(encoding="utf-8").splitlines()
        if "macro password(" in line
    )
    assert (
        'type="password"' in macro
        and 'autocomplete="current-password"' in macro
        and "autocomplete=autocomplete" in macro
    )

    other = re.compile(r"fields\.(?!password)\w+\(\s*form\.(\w*password|again)\b")
    assert [file.name for file in (ROOT / "templates").rglob("*.html") if other.search(file.read_text("utf-8"))] == []
    hinders = re.compile(r"""["'](before)?paste["']|onpaste""")
    scripts = (ROOT / "casereader/static/js").glob("*.js")
    assert [file.name for file in scripts if hinders.search(file.read_text("utf-8"))] == []


@ONLY_SQLITE
def test_a_password_is_checked_as_typed_to_its_last_sign(session: Session) -> None:
    account = accounts.create(session, email="new@cast.example", name="New Person", by=None, at=AT)
    typed = " Ein Käfer geht über die Straße " * 4
    token = passwords.issue_link(session, account=account, by=None, at=AT)
    passwords.set_password(session, account=account, token=token, password=typed, at=AT)

    assert passwords.is_right(account, typed)
    for other in (typed[:-1], typed.strip(), typed.lower(), typed + " ", typed[:72]):
        assert not passwords.is_right(account, other)


@ONLY_SQLITE
def test_a_sign_in_is_a_random_token_of_256_bits_of_which_the_digest_is_kept(session: Session) -> None:
    account = accounts.create(session, email="new@cast.example", name="New Person", by=None, at=AT)

    tokens = [sessions.begin(session, account=account, at=AT) for _ in range(50)]

    assert len(set(tokens)) == 50
    assert {len(token) for token in tokens} == {43}  # 256 bits, six to a sign
    shared = [at for at in range(42) if len({token[at] for token in tokens}) < 20]
    assert shared == [], "part of a token is always alike"
    kept = session.exec(select(Entry.token_hash)).all()
    assert set(kept) == {sessions.digest(token) for token in tokens}


@ONLY_SQLITE
def test_signing_in_is_in_the_trail_with_the_factor_that_was_used(session: Session) -> None:
    account = accounts.create(session, email="new@cast.example", name="New Person", by=None, at=AT)

    sessions.begin(session, account=account, at=AT)
    sessions.begin(session, account=account, at=AT, is_waiting=True)
    sessions.begin(session, account=account, at=AT, factor=Factor.OUTSIDE)

    events = session.exec(select(AuditEvent).where(AuditEvent.actor_id == account.id).order_by(col(AuditEvent.n))).all()
    assert [(event.action, event.body.get("factor")) for event in events] == [
        ("signed in", None),
        ("password given", None),
        ("signed in", Factor.OUTSIDE.value),
    ]


@ONLY_SQLITE
def test_a_new_password_by_a_link_still_asks_for_the_second_step(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    chosen = "a kettle under nine clouds"
    with transaction(app.extensions["casereader_engine"]) as session:
        account = session.get_one(Account, cast.moderator.id)
        token = passwords.issue_link(session, account=account, by=None, at=datetime.now(UTC))
        passwords.set_password(session, account=account, token=token, password=chosen, at=datetime.now(UTC))

    asked = sign_in(None).submit("/sign-in", {"email": cast.moderator.email, "password": chosen})

    assert asked.location == "/second-step?next=/"


@pytest.mark.parametrize("who", ["reviewer", "coordinator", "administrator"])
def test_every_page_of_somebody_signed_in_has_the_button_to_sign_out(site: Site, who: str) -> None:
    without, seen = [], 0
    for rule in (rule for rule in rules(site, "GET") if rule.arguments <= {"public_id"}):
        kind = site.reading if rule.rule.startswith("/readings/") else site.inspection
        path = path_of(site, rule, public_id=kind)
        answer = site.ask(who, path)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            seen += 1
            if 'action="/sign-out"' not in answer.text:
                without.append(path)

    assert seen > 2
    assert without == []


@ONLY_SQLITE
def test_signing_out_has_the_browser_clear_what_it_keeps(cast: Cast, sign_in: SignIn) -> None:
    answer = sign_in(cast.reviewer).submit("/", action="/sign-out")

    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
