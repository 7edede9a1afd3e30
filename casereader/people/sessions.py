"""Sign-ins: one signed-in browser each, known by a random token of which we keep only the hash.

The token is made new when somebody signs in, proves again who they are, or has other roles; the one before works a
minute longer, for answers on their way. How long a sign-in lasts, who may end it and what a lock does are here.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func
from sqlmodel import Session, and_, col, delete, or_, select, update

from casereader import audit
from casereader.errors import AbsentError, RefusedError
from casereader.models import Account, DrawRecord, Inspection, Membership, Reading, SampleCase, SignIn
from casereader.people.accounts import works
from casereader.vocabulary import READER_ROLES, Factor, ReadingState

IDLE_LIMIT = timedelta(minutes=30)
SHORTEST_IDLE = timedelta(minutes=15)  # that can be set for readers
ABSOLUTE_LIMIT = timedelta(hours=12)
GRACE = timedelta(seconds=60)  # in which the token before still works
WAITING_LIMIT = timedelta(minutes=10)  # in which the second step must follow the password
KEPT = timedelta(days=1)  # after it can open nothing any more
AT_A_TIME = 50  # old ones that a new one removes
PROVED_FOR = timedelta(minutes=10)  # after signing in, or confirming who one is


def begin(
    session: Session,
    *,
    account: Account,
    at: datetime,
    browser: str = "",
    network: str = "",
    factor: Factor | None = None,
    is_waiting: bool = False,
) -> str:
    """Begin a signed-in session and hand back its token, which is kept nowhere else.

    One that `is_waiting` opens nothing before `complete`: the password was right, the second step is still to come.
    """
    forget_old(session, at=at)
    token = secrets.token_urlsafe(32)
    session.add(
        SignIn(
            token_hash=digest(token),
            account_id=account.id or 0,
            created_at=at,
            last_seen_at=at,
            proved_at=None if is_waiting else at,
            factor=factor,
            is_waiting=is_waiting,
            rights=rights_of(account, _memberships(session, account)),
            browser=browser[:60],
            network=network[:43],
        )
    )
    _record_entry(session, "password given" if is_waiting else "signed in", account=account, factor=factor, at=at)
    return token


def forget_old(session: Session, *, at: datetime) -> int:
    """Remove the oldest sign-ins that have opened nothing for a day, some at a time; how many.

    Each new one removes more than one old one, and looks at no other rows, however many there are.
    """
    oldest = session.exec(select(SignIn.id, SignIn.created_at).order_by(col(SignIn.id)).limit(AT_A_TIME)).all()
    old = [key for key, made in oldest if made < at - ABSOLUTE_LIMIT - KEPT]
    if old:
        session.exec(delete(SignIn).where(col(SignIn.id).in_(old)))
    return len(old)


def complete(session: Session, *, account: Account, entry: SignIn, factor: Factor, at: datetime) -> str | None:
    """The second step is taken: a new token, and the one that waited is dead; None where another request was first."""
    token = secrets.token_urlsafe(32)
    done = session.exec(
        update(SignIn)
        .where(col(SignIn.id) == entry.id, col(SignIn.is_waiting), col(SignIn.ended_at).is_(None))
        .values(
            token_hash=digest(token),
            previous_hash=None,
            is_waiting=False,
            challenge=None,
            factor=factor,
            proved_at=at,
            last_seen_at=at,
            rights=rights_of(account, _memberships(session, account)),
        )
    )
    if not done.rowcount:
        return None
    _record_entry(session, "signed in", account=account, factor=factor, at=at)
    return token


def find(session: Session, *, token: str, at: datetime) -> tuple[Account, SignIn] | None:
    """Who the token belongs to, if its session is neither ended, idle too long, nor too old."""
    found = session.exec(_of_token(), params={"known": digest(token), "since": at - GRACE}).first()
    if found is None:
        return None
    account: Account = found[0]
    entry: SignIn = found[1]
    if not works(account, at=at):
        return None
    if _lasts(entry, at=at, idle=SHORTEST_IDLE):
        return account, entry  # whatever its limit is: most requests come within minutes of the last
    return (account, entry) if _lasts(entry, at=at, idle=idle_limit(session, account, at=at)) else None


@cache
def _of_token() -> Any:
    """Built once: every request begins with it."""
    known: Any = bindparam("known")
    just_before = and_(col(SignIn.previous_hash) == known, col(SignIn.renewed_at) >= bindparam("since"))
    return (
        select(Account, SignIn)
        .join(SignIn, col(SignIn.account_id) == Account.id)
        .where(or_(col(SignIn.token_hash) == known, just_before), col(SignIn.ended_at).is_(None))
    )


def idle_limit(session: Session, account: Account, *, at: datetime) -> timedelta:
    """How long the account's sign-ins last without a request: on reading days a reader may sit over one record.

    Where an inspection's days are not agreed, a reader has one as long as a record is begun and not submitted.
    """
    day = at.date()
    has_begun = (
        select(Reading.id)
        .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .where(
            Reading.reviewer_id == account.id,
            Reading.state == ReadingState.IN_PROGRESS,
            DrawRecord.inspection_id == Inspection.id,
        )
        .exists()
    )
    minutes = session.exec(
        select(func.max(Inspection.reader_idle_minutes))
        .join(Membership, col(Membership.inspection_id) == Inspection.id)
        .where(
            Membership.account_id == account.id,
            col(Membership.role).in_(READER_ROLES),
            or_(
                and_(
                    col(Inspection.reading_starts) <= day,
                    func.coalesce(Inspection.reading_ends, Inspection.reading_starts) >= day,
                ),
                and_(col(Inspection.reading_starts).is_(None), has_begun),
            ),
        )
    ).one()
    return IDLE_LIMIT if minutes is None else timedelta(minutes=minutes)


def rights_of(account: Account, memberships: Iterable[Membership]) -> str:
    """The digest of all that the account may do: another one calls for another token."""
    roles = sorted((entry.inspection_id, entry.role.value) for entry in memberships)
    return digest(repr((account.is_administrator, account.may_begin_programmes, roles)))


def renew(session: Session, *, entry: SignIn, rights: str, at: datetime) -> str | None:
    """A new token for the sign-in; None where another request has just made one."""
    token = secrets.token_urlsafe(32)
    done = session.exec(
        update(SignIn)
        .where(col(SignIn.id) == entry.id, col(SignIn.token_hash) == entry.token_hash, col(SignIn.ended_at).is_(None))
        .values(token_hash=digest(token), previous_hash=entry.token_hash, renewed_at=at, rights=rights)
    )
    return token if done.rowcount else None


def lock(session: Session, *, account: Account, entry: SignIn, at: datetime) -> None:
    """Cover the sign-in: it opens nothing until the password is given."""
    entry.locked_at = entry.locked_at or at
    session.add(entry)
    audit.record(session, "locked", by=account, at=at, kind="account", object_id=account.public_id)


def unlock(session: Session, *, account: Account, entry: SignIn, proves: bool, at: datetime) -> None:
    """Uncover it again by the password, which `proves` who sits there where nothing else would be asked for."""
    entry.locked_at, entry.last_seen_at = None, at
    entry.proved_at = at if proves else entry.proved_at
    session.add(entry)
    audit.record(session, "unlocked", by=account, at=at, kind="account", object_id=account.public_id)


def is_proved(entry: SignIn, *, at: datetime) -> bool:
    """Whether it was proved lately enough who sits there, for what cannot be undone or takes much away."""
    return entry.proved_at is not None and timedelta(0) <= at - entry.proved_at <= PROVED_FOR


def prove(session: Session, *, account: Account, entry: SignIn, at: datetime) -> str | None:
    """Note that it was confirmed who sits there, and hand back a new token, if no other request has just made one."""
    entry.proved_at = at
    session.add(entry)
    session.flush()
    audit.record(session, "confirmed", by=account, at=at, kind="account", object_id=account.public_id)
    return renew(session, entry=entry, rights=entry.rights, at=at)


def lasting(session: Session, *, account: Account, at: datetime) -> list[SignIn]:
    """The account's sign-ins that still open something, the one used last first."""
    query = select(SignIn).where(*_open_ones(account)).order_by(col(SignIn.last_seen_at).desc())
    idle = idle_limit(session, account, at=at)
    return [entry for entry in session.exec(query) if _lasts(entry, at=at, idle=idle)]


def end(session: Session, *, account: Account, entry: SignIn, at: datetime) -> None:
    """End this session: a copied cookie is dead from here on."""
    entry.ended_at = at
    session.add(entry)
    audit.record(session, "signed out", by=account, at=at, kind="account", object_id=account.public_id)


def end_named(session: Session, *, account: Account, public_id: str, at: datetime) -> None:
    """End one of the account's own sign-ins, by its name in addresses; AbsentError where it has none of that name."""
    entry = session.exec(select(SignIn).where(*_open_ones(account), SignIn.public_id == public_id)).first()
    if entry is None:
        raise AbsentError("That sign-in has ended already.")
    end(session, account=account, entry=entry, at=at)


def end_others(session: Session, *, account: Account, but: SignIn, at: datetime) -> None:
    """End every sign-in of the account except one."""
    session.exec(update(SignIn).where(*_open_ones(account), col(SignIn.id) != but.id).values(ended_at=at))
    audit.record(session, "other sign-ins ended", by=account, at=at, kind="account", object_id=account.public_id)


def end_all(session: Session, *, account: Account, at: datetime) -> None:
    """End every session of the account."""
    session.exec(update(SignIn).where(*_open_ones(account)).values(ended_at=at))


def end_all_of_another(session: Session, *, account: Account, by: Account, at: datetime) -> None:
    """End every session of somebody's account, as an administrator."""
    end_all(session, account=account, at=at)
    audit.record(session, "sign-ins ended", by=by, at=at, kind="account", object_id=account.public_id)


def disable(session: Session, *, account: Account, by: Account | None, at: datetime) -> None:
    """Stop the account from working, at once and in every browser.

    Raises RefusedError for one's own.
    """
    if by is not None and by.id == account.id:
        raise RefusedError("You cannot disable your own account: ask another administrator.")
    account.disabled_at = at
    session.add(account)
    end_all(session, account=account, at=at)
    audit.record(session, "account disabled", by=by, at=at, kind="account", object_id=account.public_id)


def enable(session: Session, *, account: Account, by: Account | None, at: datetime) -> None:
    """Let a disabled account work again, with the password and sign-in methods it had; RefusedError otherwise."""
    if account.disabled_at is None:
        raise RefusedError(f"The account of {account.name} is not disabled.")
    account.disabled_at = None
    session.add(account)
    audit.record(session, "account enabled", by=by, at=at, kind="account", object_id=account.public_id)


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _lasts(entry: SignIn, *, at: datetime, idle: timedelta) -> bool:
    """Whether it is neither idle too long nor too old; of a clock set back no session comes back to life."""
    in_use = entry.last_seen_at - timedelta(minutes=5) <= at <= entry.last_seen_at + idle
    return in_use and at <= entry.created_at + (WAITING_LIMIT if entry.is_waiting else ABSOLUTE_LIMIT)


def _record_entry(session: Session, action: str, *, account: Account, factor: Factor | None, at: datetime) -> None:
    body = {"factor": factor.value} if factor else {}
    audit.record(session, action, by=account, at=at, kind="account", object_id=account.public_id, body=body)


def _open_ones(account: Account) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (col(SignIn.account_id) == account.id, col(SignIn.ended_at).is_(None))


def _memberships(session: Session, account: Account) -> Sequence[Membership]:
    return session.exec(select(Membership).where(Membership.account_id == account.id)).all()
