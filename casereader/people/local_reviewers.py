"""Local reviewers: staff of the partnership, who read beside an inspector and for a while only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from casereader import audit
from casereader.errors import RefusedError
from casereader.models import Account, Inspection, Membership
from casereader.people import accounts
from casereader.vocabulary import Role

LONGEST_STAY = timedelta(days=366)


def why_not(account: Account, *, paired_with: Account | None) -> list[str]:
    """What keeps somebody from being a local reviewer."""
    reasons = []
    if paired_with is None:
        reasons.append(f"{account.name} is a local reviewer: name the inspector they are paired with.")
    elif paired_with.id == account.id:
        reasons.append("A local reviewer is paired with somebody else: choose their inspector.")
    if account.ends_on is None:
        reasons.append(
            f"The account of {account.name} has no last day, and a local reviewer's must end: "
            "ask an administrator to set one under Accounts."
        )
    return reasons


def without_a_last_day(session: Session, *, inspection: Inspection) -> Sequence[Account]:
    """Local reviewers of the inspection whose account does not end: they were named before it had to."""
    query = select(Account).join(Membership, col(Membership.account_id) == Account.id).order_by(Account.name)
    query = query.where(Membership.inspection_id == inspection.id, Membership.role == Role.LOCAL_REVIEWER)
    return session.exec(query.where(col(Account.ends_on).is_(None))).all()


def set_last_day(session: Session, *, account: Account, until: date | None, by: Account | None, at: datetime) -> None:
    """Let an account work through that day and not after, or without an end; a local reviewer's always ends.

    Raises RefusedError for one's own account, a day past, or where a local reviewer's would not end within a year.
    """
    if by is not None and by.id == account.id:
        raise RefusedError("You cannot set the last day of your own account: ask another administrator.")
    if until is not None and until < at.date():
        raise RefusedError("Enter today or a later day. To stop an account at once, disable it.")
    if any(entry.role is Role.LOCAL_REVIEWER for entry in accounts.memberships(session, account=account)):
        if until is None:
            raise RefusedError(f"{account.name} is a local reviewer, whose account must end: enter a last day.")
        if until > at.date() + LONGEST_STAY:
            raise RefusedError(f"{account.name} is a local reviewer: enter a day within a year.")
    if until == account.ends_on:
        return
    account.ends_on = until
    session.add(account)
    session.flush()
    body = {"until": until.isoformat() if until else None}
    audit.record(session, "last day set", by=by, at=at, kind="account", object_id=account.public_id, body=body)
