"""Codes of an app (TOTP, RFC 6238): six digits that change every thirty seconds, by the server's own clock.

A code is taken in its own thirty seconds and in no others. Whose clock is off is told by how much, which opens nothing.
No code opens twice: the step of the one used last is kept, and only a later one is taken, in one statement, so that of
two requests at once one is refused. A step kept by a clock that ran ahead, and was set back since, holds nobody up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
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
AROUND = sorted(range(-20, 21), key=abs)  # steps, ten minutes either way: how far off a clock is told to be
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
    """Take the app once its first code is right; that code opens nothing any more.

    Raises AbsentError where no app is being set up.
    """
    waiting = _waiting(session, account=account, at=at)
    if _off(_secret(waiting, account, keys), code, at) != 0:
        return False
    waiting.name, waiting.confirmed_at, waiting.last_step = name, at, _step(at)
    session.add(waiting)
    methods.note_added(session, account=account, here=here, factor=Factor.APP, at=at)
    return True


def n_lost(session: Session, *, keys: FactorKeys) -> int:
    """How many apps were set up under a secret key that is not here: none of their codes is right any more."""
    sealed = session.exec(
        select(Authenticator.sealed_secret).where(
            Authenticator.kind == Factor.APP, col(Authenticator.confirmed_at).is_not(None)
        )
    )
    return sum(not keys.is_known(one or "") for one in sealed)


def check(session: Session, *, account: Account, keys: FactorKeys, code: str, at: datetime) -> bool:
    """Whether it is the code of an app of theirs that was not used yet; it is used by that."""
    step = _step(at)
    for one, secret in _opened(methods.of(session, account=account).apps, account, keys):
        if _off(secret, code, at) != 0:
            continue
        sealed = one.sealed_secret or ""
        if not keys.is_of_now(sealed):
            sealed = keys.seal(secret, bound_to=account.public_id)
        used = session.exec(
            update(Authenticator)
            .where(
                col(Authenticator.id) == one.id,
                or_(
                    col(Authenticator.last_step).is_(None),
                    col(Authenticator.last_step) < step,
                    col(Authenticator.last_step) > step + max(AROUND),
                ),
            )
            .values(last_step=step, last_used_at=at, sealed_secret=sealed)
        )
        if used.rowcount:
            return True
    return False


def steps_off(session: Session, *, account: Account, keys: FactorKeys, code: str, at: datetime) -> int | None:
    """How many steps before now (less than none) or after it the code is of; None where it is of no app near now."""
    query = select(Authenticator).where(Authenticator.account_id == account.id, Authenticator.kind == Factor.APP)
    found = [_off(secret, code, at) for _, secret in _opened(session.exec(query).all(), account, keys)]
    return min((off for off in found if off is not None), key=abs, default=None)


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


def _opened(apps: Sequence[Authenticator], account: Account, keys: FactorKeys) -> Iterator[tuple[Authenticator, str]]:
    """Each app with its secret, but those that were sealed under a key that is lost: the sheet helps, or somebody."""
    for one in apps:
        with suppress(LostKeyError):
            yield one, _secret(one, account, keys)


def _step(at: datetime) -> int:
    return int(at.timestamp()) // STEP


def _off(secret: str, code: str, at: datetime) -> int | None:
    """How many steps from now the code is right, the nearest first; None where it is not near now."""
    typed = "".join(code.split())
    if len(typed) != DIGITS or not (typed.isascii() and typed.isdigit()):
        return None
    now, codes = _step(at), pyotp.TOTP(secret, interval=STEP, digits=DIGITS)
    return next((off for off in AROUND if codes.verify(typed, for_time=(now + off) * STEP)), None)
