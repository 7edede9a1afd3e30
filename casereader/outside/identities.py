"""Under what name the service knows an account: bound by the person themself, who is signed in and has proved it."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from casereader import audit
from casereader.errors import RefusedError, present
from casereader.models import Account, OutsideIdentity, SignIn
from casereader.people import sessions
from casereader.people.accounts import works

LONGEST_SUBJECT = 255  # characters: OpenID Connect Core 1.0, section 2


def account_of(session: Session, *, issuer: str, subject: str, at: datetime) -> Account | None:
    """Whose account the service speaks of, if it works today; by issuer and subject alone, which are nobody else's."""
    account = session.exec(
        select(Account)
        .join(OutsideIdentity, col(OutsideIdentity.account_id) == Account.id)
        .where(OutsideIdentity.issuer == issuer, OutsideIdentity.subject == subject)
    ).first()
    return account if account is not None and works(account, at=at) else None


def bound(session: Session, *, account: Account, issuer: str) -> OutsideIdentity | None:
    """What the account is bound to at this service, if anything."""
    return session.exec(
        select(OutsideIdentity).where(OutsideIdentity.account_id == account.id, OutsideIdentity.issuer == issuer)
    ).first()


def bind(session: Session, *, account: Account, here: SignIn, issuer: str, subject: str, at: datetime) -> None:
    """Let the service sign the account in; every other browser is signed out. RefusedError where either is taken."""
    if not 0 < len(subject) <= LONGEST_SUBJECT:
        raise RefusedError("The sign-in service gave no name that can be kept. Tell whoever runs it.")
    if bound(session, account=account, issuer=issuer) is not None:
        raise RefusedError("Your account is bound already. Remove that first.")
    taken = select(OutsideIdentity.id).where(OutsideIdentity.issuer == issuer, OutsideIdentity.subject == subject)
    if session.exec(taken).first() is not None:
        raise RefusedError("Another account here is bound to that one. Ask an administrator which is yours.")
    session.add(OutsideIdentity(account_id=account.id or 0, issuer=issuer, subject=subject, bound_at=at))
    sessions.end_others(session, account=account, but=here, at=at)
    _record(session, "sign-in service bound", account=account, at=at, issuer=issuer)


def unbind(session: Session, *, account: Account, here: SignIn, issuer: str, at: datetime) -> None:
    """The service signs the account in no more; every other browser is signed out.

    Raises AbsentError where the service signs them in no more.
    """
    found = present(bound(session, account=account, issuer=issuer))
    session.delete(found)
    sessions.end_others(session, account=account, but=here, at=at)
    _record(session, "sign-in service removed", account=account, at=at, issuer=issuer)


def _record(session: Session, action: str, *, account: Account, at: datetime, issuer: str) -> None:
    audit.record(
        session,
        action,
        by=account,
        at=at,
        kind="account",
        object_id=account.public_id,
        body={"issuer": issuer},
    )
