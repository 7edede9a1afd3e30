"""The browser that asks: which sign-in its cookie names, its idle clock, a new token where roles have changed."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from ipaddress import ip_network

from flask import g, request, session
from sqlalchemy.exc import OperationalError

from casereader.db import at_once
from casereader.models import Account, Membership, SignIn
from casereader.people import sessions
from casereader.people.allowances import address_of
from casereader.vocabulary import Factor
from casereader.web.clock import now
from casereader.web.installed import engine
from casereader.web.request_session import SAFE_METHODS, commit_now, db, writes

TOKEN = "token"  # noqa: S105 - the name of the cookie's field, not a secret
FULLY = "fully proved at"
SEEN_EVERY = timedelta(minutes=1)
LOOKS_BY_ITSELF = "X-Looks-By-Itself"  # sent by a page left open: "used" where somebody pressed something since
BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def entry_or_none() -> tuple[Account, SignIn] | None:
    """Whose sign-in the cookie names, covered ones included; None where it names none that lasts."""
    if "sign_in" not in g:
        token = session.get(TOKEN)
        known = sessions.find(db(), token=token, at=now()) if isinstance(token, str) else None
        if isinstance(token, str) and known is not None:
            g.holds_old_token = known[1].token_hash != sessions.digest(token)
        g.sign_in = known  # last: where the database is busy, the page that says so asks again
    found: tuple[Account, SignIn] | None = g.sign_in
    return found


def begin(account: Account, *, is_waiting: bool, factor: Factor | None = None) -> None:
    """Sign somebody in, in this browser; what was signed in here before is ended. One that waits opens nothing yet."""
    before = entry_or_none()
    if before is not None:
        sessions.end(db(), account=before[0], entry=before[1], at=now())
    session.clear()
    g.holds_old_token = False
    session[TOKEN] = sessions.begin(
        db(), account=account, at=now(), browser=_browser(), network=network(), factor=factor, is_waiting=is_waiting
    )
    if not is_waiting:
        note_full_proof()
    forget()


def waiting() -> tuple[Account, SignIn] | None:
    """Whose second step is still to come in this browser, if anybody's."""
    found = entry_or_none()
    return found if found is not None and found[1].is_waiting else None


def covered() -> tuple[Account, SignIn] | None:
    """Whose sign-in is covered by the quick lock in this browser, if anybody's."""
    found = entry_or_none()
    return found if found is not None and found[1].locked_at is not None else None


def complete(account: Account, entry: SignIn, factor: Factor) -> bool:
    """Let the sign-in that waited open what is the account's; False where another request was first."""
    token = sessions.complete(db(), account=account, entry=entry, factor=factor, at=now())
    if token is None:
        return False
    session.clear()
    session[TOKEN] = token
    note_full_proof()
    db().expire(entry)
    forget()
    return True


def note_full_proof() -> None:
    """Note that all was shown that signing in asks for; the cookie is signed, and names the sign-in it is of."""
    session[FULLY] = int(now().timestamp())


def is_fully_proved() -> bool:
    """Whether all that signing in asks for was shown lately, and not merely the one thing that work asks for."""
    at = session.get(FULLY)
    return type(at) is int and 0 <= now().timestamp() - at <= sessions.PROVED_FOR.total_seconds()


def renew(entry: SignIn) -> None:
    """Make the token new after what the sign-in opens has changed."""
    db().flush()
    token = sessions.renew(db(), entry=entry, rights=entry.rights, at=now())
    if token is not None:
        session[TOKEN] = token


def forget() -> None:
    """Ask anew whose sign-in it is: it has just changed."""
    for name in ("sign_in", "person", "csrf_token"):
        g.pop(name, None)


def keep_the_newer_cookie() -> None:
    """An answer that was on its way must not put the token before back into the browser."""
    if g.get("holds_old_token", False):
        session.modified = False


def note_seen(entry: SignIn) -> None:
    """Keep the idle clock going without a write on every page, and without a page that fails because of it."""
    if request.headers.get(LOOKS_BY_ITSELF, "used") != "used":
        return  # a page left open keeps nobody signed in
    if now() - entry.last_seen_at < SEEN_EVERY:
        return
    if writes():
        entry.last_seen_at = now()
    elif request.method in SAFE_METHODS:
        db().rollback()  # a snapshot held open would make this write wait for itself
        with suppress(OperationalError), at_once(engine()) as writing:  # busy or full: the next page tries again
            stored = writing.get(SignIn, entry.id)
            if stored is not None:
                stored.last_seen_at = now()


def renew_after_a_change(account: Account, entry: SignIn, memberships: Iterable[Membership]) -> None:
    """Make the token new at the first request after the roles have changed."""
    rights = sessions.rights_of(account, memberships)
    if rights == entry.rights:
        return
    token = None
    if writes():
        token = sessions.renew(db(), entry=entry, rights=rights, at=now())
        commit_now()  # whatever comes of the request: the browser is told the new token
    elif request.method in SAFE_METHODS:
        db().rollback()
        with suppress(OperationalError), at_once(engine()) as writing:
            token = sessions.renew(writing, entry=entry, rights=rights, at=now())
    if token is not None:
        session[TOKEN] = token


def _browser() -> str:
    """What its owner knows the browser by."""
    said = request.headers.get("User-Agent", "")
    browser = next((name for mark, name in BROWSERS if mark in said), "A browser")
    system = next((name for mark, name in SYSTEMS if mark in said), "")
    return f"{browser} on {system}" if system else browser


def network() -> str:
    """The network the request came from, never the whole address."""
    address = address_of(request.remote_addr or "")
    if address is None:
        return ""
    return str(ip_network((address, 24 if address.version == 4 else 48), strict=False))
