"""Codes of an app (TOTP, RFC 6238): six digits that change every thirty seconds, by the server's own clock.

A clock may be one step off either way. No code opens twice: the step of the one used last is kept, and only a later one
is taken, in one statement, so that of two requests at once one is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
from sqlmodel import Session, col, delete, or_, select, update

from casereader import audit
from casereader.errors import AbsentError
from casereader.factors import methods
from casereader.factors.keys import FactorKeys, LostKeyError
from casereader.models import Account, Authenticator, SignIn
from casereader.vocabulary import Factor

ISSUER = "casereader"
STEP = 30  # seconds
AROUND = (0, -1, 1)  # steps that a clock may be off
DIGITS = 6
SECRET_LETTERS = 32  # of base 32: 160 bits
SET_UP_WITHIN = timedelta(hours=1)


@dataclass(frozen=True)
class SettingUp:
    """An app whose first code is still to come: what to scan, or to type."""

    public_id: str
    secret: str
    address: str  # otpauth://…


def begin(session: Session, *, account: Account, keys: FactorKeys, at: datetime) -> None:
    """Make the secret of a new app; one that was begun before and never confirmed is dropped."""
    session.exec(
        delete(Authenticator).where(
            col(Authenticator.account_id) == account.id, col(Authenticator.confirmed_at).is_(None)
        )
    )
    sealed = keys.seal(pyotp.random_base32(SECRET_LETTERS), bound_to=account.public_id)
    session.add(
        Authenticator(account_id=account.id or 0, kind=Factor.APP, name="App", sealed_secret=sealed, made_at=at)
    )
    audit.record(session, "app begun", by=account, at=at, kind="account", object_id=account.public_id)


def setting_up(session: Session, *, account: Account, keys: FactorKeys, at: datetime) -> SettingUp:
    """The app that was begun within the hour and waits for its first code; AbsentError where there is none."""
    waiting = _waiting(session, account=account, at=at)
    secret = _secret(waiting, account, keys)
    address = pyotp.TOTP(secret).provisioning_uri(name=account.email, issuer_name=ISSUER)
    return SettingUp(waiting.public_id, secret, address)


def confirm(
    session: Session, *, account: Account, here: SignIn, keys: FactorKeys, code: str, name: str, at: datetime
) -> bool:
    """Take the app once its first code is right; that code opens nothing any more."""
    waiting = _waiting(session, account=account, at=at)
    step = _step_of(_secret(waiting, account, keys), code, at)
    if step is None:
        return False
    waiting.name, waiting.confirmed_at, waiting.last_step = name, at, step
    session.add(waiting)
    methods.note_added(session, account=account, here=here, factor=Factor.APP, at=at)
    return True


def check(session: Session, *, account: Account, keys: FactorKeys, code: str, at: datetime) -> bool:
    """Whether it is the code of an app of theirs that was not used yet; it is used by that."""
    for one in methods.of(session, account=account).apps:
        try:
            secret = _secret(one, account, keys)
        except LostKeyError:
            continue  # the instance has another secret key: the sheet, or an administrator, helps
        step = _step_of(secret, code, at)
        if step is None:
            continue
        sealed = one.sealed_secret or ""
        if not keys.is_of_now(sealed):
            sealed = keys.seal(secret, bound_to=account.public_id)
        used = session.exec(
            update(Authenticator)
            .where(
                col(Authenticator.id) == one.id,
                or_(col(Authenticator.last_step).is_(None), col(Authenticator.last_step) < step),
            )
            .values(last_step=step, last_used_at=at, sealed_secret=sealed)
        )
        if used.rowcount:
            return True
    return False


def _waiting(session: Session, *, account: Account, at: datetime) -> Authenticator:
    found = session.exec(
        select(Authenticator).where(
            Authenticator.account_id == account.id,
            Authenticator.kind == Factor.APP,
            col(Authenticator.confirmed_at).is_(None),
            col(Authenticator.made_at) >= at - SET_UP_WITHIN,
        )
    ).first()
    if found is None:
        raise AbsentError("No app is being set up. Begin again from your sign-in methods.")
    return found


def _secret(one: Authenticator, account: Account, keys: FactorKeys) -> str:
    return keys.open(one.sealed_secret or "", bound_to=account.public_id)


def _step_of(secret: str, code: str, at: datetime) -> int | None:
    """The step whose code this is, of those around now."""
    typed = "".join(code.split())
    if len(typed) != DIGITS or not (typed.isascii() and typed.isdigit()):
        return None
    now, codes = int(at.timestamp()) // STEP, pyotp.TOTP(secret, interval=STEP, digits=DIGITS)
    return next((now + off for off in AROUND if codes.verify(typed, for_time=(now + off) * STEP)), None)
