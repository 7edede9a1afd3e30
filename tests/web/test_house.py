"""What holds for every page: closed unless opened, headers, hosts, cookies, health, and text that cannot be stored."""

from __future__ import annotations

import runpy
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlmodel import Session, select

from casereader.config import ConfigError
from casereader.errors import AbsentError, RefusedError
from casereader.models import SignIn
from casereader.people import accounts, passwords, sessions
from casereader.web import starting
from casereader.web.access import Door, allow, check_every_route
from tests.cast import Cast, gather
from tests.cast import SignIn as Browser
from tests.databases import ON_BOTH
from tests.web.app import make_app

ROOT = Path(__file__).resolve().parents[2]


def test_the_app_does_not_start_with_a_route_that_says_nothing_of_who_may_use_it(app: Flask) -> None:
    app.add_url_rule("/silent", "silent", lambda: "", methods=["POST"])

    with pytest.raises(RuntimeError, match="silent"):
        check_every_route(app)

    app.view_functions["silent"] = allow(Door.ADMINISTRATOR)(lambda: "")
    check_every_route(app)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_request_by_another_host_name_is_refused_in_plain_words(app: Flask) -> None:
    refused = app.test_client().get("/sign-in", headers={"Host": "evil.example"})

    assert refused.status_code == 400
    assert "evil" not in refused.text
    assert refused.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in refused.headers["Content-Security-Policy"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("settings", "name", "is_secure"),
    [({}, "casereader", False), ({"PROXY_HOPS": "1", "TRUSTED_HOSTS": "localhost"}, "__Host-casereader", True)],
)
def test_the_cookie_is_of_this_host_alone_and_secure_off_loopback(
    database_url: str, tmp_path: Path, settings: dict[str, str], name: str, is_secure: bool
) -> None:
    app = make_app(database_url, tmp_path, **settings)

    answer = app.test_client().get("/sign-in", base_url="https://localhost")

    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"{name}=")
    assert ("Secure" in cookie) is is_secure
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert ("Strict-Transport-Security" in answer.headers) is is_secure


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_new_secret_key_over_the_old_one_signs_nobody_out(
    app: Flask, database_url: str, tmp_path: Path, cast: Cast, sign_in: Browser
) -> None:
    old = app.secret_key
    signed_in = sign_in(cast.reviewer).get_cookie("casereader")
    assert signed_in is not None
    new = "mU3r-wq8Zt0pL5x.Yc7dK1vB9nJ2hG4s"

    for keys, status in ((f"{new}\n{old}\n", 200), (new, 303)):
        again = make_app(database_url, tmp_path, SECRET_KEY=keys)
        client = again.test_client()
        client.set_cookie("casereader", signed_in.value)
        assert client.get("/readings").status_code == status
        again.extensions["casereader_engine"].dispose()
    with pytest.raises(ConfigError, match="too weak"):
        make_app(database_url, tmp_path, SECRET_KEY=f"{new}\ndev")


def test_health_says_when_the_schema_is_old(tmp_path: Path) -> None:
    empty = make_app(f"sqlite:///{tmp_path / 'empty.sqlite3'}", tmp_path)
    answer = empty.test_client().get("/healthz")

    assert answer.status_code == 503
    assert answer.json == {"status": "failing", "database": "ok", "schema": "old"}


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("SECRET_KEY", "dev", "too weak"),
        ("SECRET_KEY", "a" * 40, "too weak"),
        ("SECRET_KEY_FILE", "no-such-file", "SECRET_KEY_FILE cannot be read"),
        ("PORT", "99999", "between 0 and 65535"),
        ("PORT", "abc", "whole number"),
        ("DATABASE_URL", "nonsense", "neither SQLite"),
        ("DATABASE_URL", "mysql://u@h/d", "neither SQLite"),
        ("DATABASE_URL", "sqlite:////dev/null/casereader.sqlite3", "cannot be used"),
        ("CASEREADER_DATA", "/dev/null/data", "cannot be used"),
        ("FLASK_DEBUG", "1", "Debug mode"),
    ],
)
def test_a_setting_that_cannot_serve_stops_the_start_with_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    variable: str,
    value: str,
    says: str,
) -> None:
    monkeypatch.setenv("CASEREADER_DATA", str(tmp_path))
    monkeypatch.setenv(variable, value)
    if variable == "FLASK_DEBUG":
        monkeypatch.setenv("PROXY_HOPS", "1")
        monkeypatch.setenv("TRUSTED_HOSTS", "casereader.example")

    with pytest.raises(SystemExit) as stopped:
        runpy.run_path(str(ROOT / "app.py"))

    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert says in said
    assert len(said.splitlines()) == 1


def test_a_command_that_cannot_start_says_why_in_one_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "database", "check"],
        cwd=ROOT,
        env={"CASEREADER_DATA": str(tmp_path), "PATH": "", "SECRET_KEY": "dev"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "too weak" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_e28_files_are_their_owner_s_alone_in_any_surroundings(tmp_path: Path) -> None:
    odd = {"TZ": "Nowhere/Never", "LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PATH": "/usr/bin:/bin"}

    made = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "database", "upgrade"],
        cwd=ROOT,
        env={"CASEREADER_DATA": str(tmp_path / "data"), **odd},
        umask=0,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (made.returncode, made.stdout) == (0, "The database was made.\n"), made.stderr
    files = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert len(files) >= 2
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


def test_a_field_sent_twice_is_refused_not_guessed(cast: Cast, sign_in: Browser) -> None:
    client = sign_in(cast.coordinator)
    token = client.csrf_token("/programmes/new")

    twice = client.post("/programmes/new", data={"csrf_token": token, "name": ["One", "Two"], "instrument": "CRR-1"})
    asked_twice = client.get("/sign-in?next=/a&next=/b")

    assert twice.status_code == 400
    assert asked_twice.status_code == 400


@pytest.mark.parametrize(
    ("who", "starts_in", "minutes", "still"),
    [
        ("coordinator", 0, 29, True),
        ("coordinator", 0, 31, False),
        ("reviewer", 0, 239, True),
        ("reviewer", 0, 241, False),
        ("reviewer", -1, 31, False),
        ("local_reviewer", 1, 29, True),
        ("local_reviewer", 1, 31, False),
    ],
)
def test_an_idle_session_ends_sooner_but_for_readers_on_a_reading_day(
    session: Session, app: Flask, who: str, starts_in: int, minutes: int, still: bool
) -> None:
    at = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
    cast = gather(session, instrument=app.extensions["casereader_instruments"]["CRR-1"], at=at)
    cast.place.inspection.reading_starts = at.date() + timedelta(days=starts_in)
    token = sessions.begin(session, account=getattr(cast, who), at=at)

    found = sessions.find(session, token=token, at=at + timedelta(minutes=minutes))

    assert (found is not None) is still


@ON_BOTH
def test_no_session_outlives_twelve_hours_or_comes_back_when_the_clock_is_set_back(
    session: Session, app: Flask
) -> None:
    at = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
    cast = gather(session, instrument=app.extensions["casereader_instruments"]["CRR-1"], at=at)
    token = sessions.begin(session, account=cast.reviewer, at=at)
    entry = session.exec(select(SignIn)).one()

    entry.last_seen_at = at + timedelta(hours=12)
    assert sessions.find(session, token=token, at=at + timedelta(hours=12, minutes=1)) is None
    entry.last_seen_at = at
    assert sessions.find(session, token=token, at=at - timedelta(days=400)) is None


def test_an_account_works_through_its_last_day_and_not_after(session: Session) -> None:
    at = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
    account = accounts.create(session, email="short@stay.example", name="Short Stay", by=None, at=at, ends_on=at.date())

    assert accounts.works(account, at=at + timedelta(hours=14))
    assert not accounts.works(account, at=at + timedelta(days=1))


@ON_BOTH
def test_a_one_time_link_sets_a_password_once(session: Session) -> None:
    at = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
    account = accounts.create(session, email="new@cast.example", name="New Person", by=None, at=at)
    token = passwords.issue_link(session, account=account, by=None, at=at)

    passwords.set_password(session, account=account, token=token, password="four unrelated words", at=at)

    found = passwords.account_named(session, "NEW@cast.example ")
    assert found is account and passwords.opens(found, "four unrelated words", at=at)
    with pytest.raises(AbsentError, match="used already"):
        passwords.set_password(session, account=account, token=token, password="four other unrelated words", at=at)


@ON_BOTH
def test_a_password_is_hashed_before_the_database_is_asked_for_its_turn_to_write(session: Session) -> None:
    at = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
    account = accounts.create(session, email="new@cast.example", name="New Person", by=None, at=at)
    token = passwords.issue_link(session, account=account, by=None, at=at)
    session.commit()

    with pytest.raises(RefusedError):
        passwords.set_password(session, account=account, token=token, password="short", at=at)

    assert not session.in_transaction(), "others may write while a password is looked at and hashed"


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "7 chars",
        "k8w2.px9vq4.zm",
        "x" * 129,
        "k8w2.px9vq4.zm" * 715,
        " " * 20,
        "four unrelated\0 words",
        "new person new person",
        "aaaaaaaaaaaaaaaa",
        "safeguarding2026",
        "Safeguarding-2026!",
        "qwertyuiop12345",
        "123456789012345",
        "CaseReader of its own",
    ],
)
def test_b35_a_password_that_is_short_long_or_easy_is_refused_before_it_is_hashed(
    monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    monkeypatch.setattr(passwords, "_HASHER", None)
    with pytest.raises(RefusedError, match="Choose a password"):
        passwords.hash_password(password, context=("new", "person"))


@pytest.mark.parametrize(
    "password",
    ["k8w2.px9vq4.zmt", "four unrelated words", "847201956377401", "ключ от старого дома", "z8 " * 42 + "pq"],
)
def test_b35_any_signs_of_15_to_128_make_a_password(password: str) -> None:
    assert passwords.hash_password(password, context=("new", "person")).startswith("$argon2id$")


def test_the_first_page_after_a_start_waits_for_no_template_but_its_own(sqlite_url: str, tmp_path: Path) -> None:
    app = make_app(sqlite_url, tmp_path)
    with app.app_context():
        starting.begin(app)
    read = {name for _, name in app.jinja_env.cache}

    assert app.test_client().get("/sign-in").status_code == 200

    assert {name for _, name in app.jinja_env.cache} - read == {"account/sign-in.html"}
    app.extensions["casereader_engine"].dispose()
