"""Sign-ins: one signed-in browser each, known by a random token of which we keep only the hash."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlmodel import Session, col, select, update

from casereader import audit
from casereader.accounts import works
from casereader.errors import RefusedError
from casereader.models import Account, Membership, SignIn
from casereader.vocabulary import Role

IDLE_LIMIT = timedelta(minutes=30)
READING_IDLE_LIMIT = timedelta(hours=4)  # a reviewer may sit over one record for hours
ABSOLUTE_LIMIT = timedelta(hours=12)


def begin(session: Session, *, account: Account, at: datetime) -> str:
    """Begin a signed-in session and hand back its token, which is kept nowhere else."""
    token = secrets.token_urlsafe(32)
    session.add(SignIn(token_hash=digest(token), account_id=account.id or 0, created_at=at, last_seen_at=at))
    audit.record(session, "signed in", by=account, at=at, kind="account", object_id=account.public_id)
    return token


def find(session: Session, *, token: str, at: datetime) -> tuple[Account, SignIn] | None:
    """Who the token belongs to, if its session is neither ended, idle too long, nor too old."""
    found = session.exec(
        select(Account, SignIn)
        .join(SignIn, col(SignIn.account_id) == Account.id)
        .where(SignIn.token_hash == digest(token), col(SignIn.ended_at).is_(None))
    ).first()
    if found is None:
        return None
    account, entry = found
    idle = READING_IDLE_LIMIT if _reads(session, account) else IDLE_LIMIT
    if not entry.last_seen_at - timedelta(minutes=5) <= at <= entry.last_seen_at + idle:
        return None  # idle too long, or a clock set back: no session comes back to life
    if at > entry.created_at + ABSOLUTE_LIMIT or not works(account, at=at):
        return None
    return account, entry


def end(session: Session, *, account: Account, token: str, at: datetime) -> None:
    """End the session of this token: a copied cookie is dead from here on."""
    session.exec(update(SignIn).where(col(SignIn.token_hash) == digest(token)).values(ended_at=at))
    audit.record(session, "signed out", by=account, at=at, kind="account", object_id=account.public_id)


def end_all(session: Session, *, account: Account, at: datetime) -> None:
    """End every session of the account."""
    open_ones = (col(SignIn.account_id) == account.id, col(SignIn.ended_at).is_(None))
    session.exec(update(SignIn).where(*open_ones).values(ended_at=at))


def disable(session: Session, *, account: Account, by: Account | None, at: datetime) -> None:
    """Stop the account from working, at once and in every browser."""
    if by is not None and by.id == account.id:
        raise RefusedError("You cannot disable your own account: ask another administrator.")
    account.disabled_at = at
    session.add(account)
    end_all(session, account=account, at=at)
    audit.record(session, "account disabled", by=by, at=at, kind="account", object_id=account.public_id)


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _reads(session: Session, account: Account) -> bool:
    reading = (Role.REVIEWER, Role.LOCAL_REVIEWER)
    query = select(Membership.id).where(Membership.account_id == account.id, col(Membership.role).in_(reading))
    return session.exec(query.limit(1)).first() is not None
