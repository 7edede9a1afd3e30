"""What is asked of fields for passwords, of the token of a sign-in and of signing out, and no other test says."""

import random
import re
import secrets
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from flask import Flask
from flask_wtf import FlaskForm
from sqlmodel import Session, SQLModel, col, select

from casereader.db import transaction
from casereader.models import Account, AuditEvent
from casereader.models import SignIn as Entry
from casereader.people import accounts, passwords, sessions
from casereader.vocabulary import Factor
from casereader.web.forms import signing_in
from tests.cast import Cast, SignIn
from tests.source import ROOT, modules
from tests.web.site import Site, path_of, rules

AT = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
FORMS = [form for form in vars(signing_in).values() if isinstance(form, type) and issubclass(form, FlaskForm)]
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
def test_a_password_of_twenty_years_ago_is_as_good_as_one_of_today(session: Session) -> None:
    account = accounts.create(session, email="old@cast.example", name="Old Hand", by=None, at=AT)
    token = passwords.issue_link(session, account=account, by=None, at=AT)
    chosen = "a kettle under nine clouds"
    passwords.set_password(session, account=account, token=token, password=chosen, at=AT)

    assert passwords.opens(account, chosen, at=AT + timedelta(days=20 * 366))


def test_nobody_is_asked_for_a_hint_or_for_what_others_may_know_of_them() -> None:
    knows = re.compile(r"hint|secret_question|security_question|maiden|mother|\bpet\b|birth|school", re.IGNORECASE)
    columns = [column.name for column in SQLModel.metadata.tables["account"].columns]
    pages = [*(ROOT / "templates/account").glob("*.html"), *(ROOT / "templates/signing").glob("*.html")]

    assert [name for name in columns if knows.search(name)] == []
    fields = {(file.name, name) for file in pages for name in re.findall(r"form\.(\w+)", file.read_text("utf-8"))}
    fields |= {("signing_in", name) for form in FORMS for name in vars(form)}
    assert len(fields) > 20 and [name for _, name in fields if knows.search(name)] == []


def test_what_must_not_be_guessed_comes_from_the_systems_generator(monkeypatch: pytest.MonkeyPatch) -> None:
    by_chance = {
        name
        for name, path in modules("app.py", "casereader", "sampling").items()
        if re.search(r"^(?:import|from) random\b|\bnp\.random\b", path.read_text("utf-8"), re.MULTILINE)
    }
    forecasts = {"casereader.after_waves.after_wave", "casereader.rollup.always_valid", "sampling.sequential"}
    assert by_chance == {"casereader.demo.invented.chance"} | forecasts, (
        "invented or forecast cases, which come out alike"
    )

    for name in ("random", "randint", "choice", "choices", "getrandbits", "randbytes"):
        monkeypatch.setattr(random, name, None)  # of the generator that can be foretold nothing is asked
    random.seed(1)
    first = pyotp.random_base32(32), secrets.token_urlsafe(32)
    random.seed(1)
    assert not set(first) & {pyotp.random_base32(32), secrets.token_urlsafe(32)}


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
        if rule.rule.endswith((".csv", ".json", ".xlsx", ".ods", ".zip")):
            continue  # files have no buttons
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
