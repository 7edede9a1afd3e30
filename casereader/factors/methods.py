"""What an account has beside its password, and the changes of it: each ends every other sign-in and is in the trail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, delete, select

from casereader import audit
from casereader.errors import RefusedError, present
from casereader.factors import required
from casereader.models import Account, Authenticator, RecoveryCode, SignIn
from casereader.people import accounts, sessions
from casereader.vocabulary import Factor


@dataclass(frozen=True)
class Methods:
    """What somebody can take the second step with."""

    apps: Sequence[Authenticator]
    passkeys: Sequence[Authenticator]
    lines: int  # of the recovery sheet: 0 where there is none
    lines_left: int
    sheet_made_at: datetime | None
    line_used_at: datetime | None  # the last time
    line_used: int | None  # the number of that line

    @property
    def has_sheet(self) -> bool:
        """Whether a sheet was made, used up or not."""
        return self.lines > 0

    @property
    def is_any(self) -> bool:
        """Whether the password alone does not sign in; a sheet that is used up counts, or it would open a way round."""
        return bool(self.apps or self.passkeys or self.lines)

    @property
    def usable(self) -> int:
        """How many of the methods still answer."""
        return len(self.apps) + len(self.passkeys) + (self.lines_left > 0)


def of(session: Session, *, account: Account) -> Methods:
    """What the account has; an app whose first code is still to come does not count."""
    query = select(Authenticator).where(
        Authenticator.account_id == account.id, col(Authenticator.confirmed_at).is_not(None)
    )
    found = session.exec(query.order_by(col(Authenticator.id))).all()
    sheet = session.exec(
        select(RecoveryCode.made_at, RecoveryCode.used_at, RecoveryCode.number).where(
            RecoveryCode.account_id == account.id
        )
    ).all()
    used = sorted((used_at, number) for _, used_at, number in sheet if used_at is not None)
    return Methods(
        apps=[one for one in found if one.kind is Factor.APP],
        passkeys=[one for one in found if one.kind is Factor.PASSKEY],
        lines=len(sheet),
        lines_left=len(sheet) - len(used),
        sheet_made_at=sheet[0][0] if sheet else None,
        line_used_at=used[-1][0] if used else None,
        line_used=used[-1][1] if used else None,
    )


def note_added(session: Session, *, account: Account, here: SignIn, factor: Factor, at: datetime) -> None:
    """What follows from a new method: whoever added it in this browser has shown it, and is signed in here only."""
    here.factor = here.factor or factor
    session.add(here)
    sessions.end_others(session, account=account, but=here, at=at)
    _record(session, "second factor added", account=account, factor=factor, at=at)


def remove(session: Session, *, account: Account, here: SignIn, public_id: str, at: datetime) -> Authenticator:
    """Take away an app or a passkey of one's own.

    Raises AbsentError where there is none of that name, RefusedError for the last one of whoever needs one.
    """
    query = select(Authenticator).where(Authenticator.account_id == account.id, Authenticator.public_id == public_id)
    found = present(session.exec(query).first())
    if found.confirmed_at is not None:
        _refuse_the_last(session, account=account, leaves=of(session, account=account).usable - 1)
    session.delete(found)
    _note_removed(session, account=account, here=here, factor=found.kind, at=at)
    return found


def remove_sheet(session: Session, *, account: Account, here: SignIn, at: datetime) -> None:
    """Take away one's recovery sheet: no line of it opens anything any more.

    Raises RefusedError for the last method of whoever needs one.
    """
    has = of(session, account=account)
    _refuse_the_last(session, account=account, leaves=len(has.apps) + len(has.passkeys))
    session.exec(delete(RecoveryCode).where(col(RecoveryCode.account_id) == account.id))
    _note_removed(session, account=account, here=here, factor=Factor.RECOVERY_CODE, at=at)


def remove_all_of_another(session: Session, *, account: Account, by: Account | None, at: datetime) -> None:
    """Take away every method of somebody who has lost theirs, as an administrator, and the password with them.

    A password that somebody else may have must not be enough to set up a new method: the person begins again by a one-
    time link, handed to them as the first one was. Raises RefusedError for one's own.
    """
    if by is not None and by.id == account.id:
        raise RefusedError("You cannot remove your own sign-in methods here: ask another administrator.")
    for table in (Authenticator, RecoveryCode):
        session.exec(delete(table).where(col(table.account_id) == account.id))
    account.password_hash = None
    session.add(account)
    sessions.end_all(session, account=account, at=at)
    audit.record(session, "second factors removed", by=by, at=at, kind="account", object_id=account.public_id)


def _note_removed(session: Session, *, account: Account, here: SignIn, factor: Factor, at: datetime) -> None:
    if here.factor is not Factor.OUTSIDE and not of(session, account=account).is_any:
        here.factor = None  # what it was shown with is gone: a role that needs one asks for one
        session.add(here)
    sessions.end_others(session, account=account, but=here, at=at)
    _record(session, "second factor removed", account=account, factor=factor, at=at)


def _record(session: Session, action: str, *, account: Account, factor: Factor, at: datetime) -> None:
    body = {"factor": factor.value}
    audit.record(session, action, by=account, at=at, kind="account", object_id=account.public_id, body=body)


def _refuse_the_last(session: Session, *, account: Account, leaves: int) -> None:
    held = accounts.memberships(session, account=account)
    if leaves < 1 and required.is_needed(session, account=account, memberships=held):
        raise RefusedError(
            "Your role needs a second step at signing in: add another method before you remove this one."
        )
