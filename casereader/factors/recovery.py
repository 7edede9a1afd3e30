"""The recovery sheet: ten numbered lines on paper, each good once, for whoever has no telephone or not here.

A line has sixteen letters of thirty-two, 80 bits, and is kept as an Argon2id hash. Only the line whose number was given
is checked. A new sheet voids the one before.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlmodel import Session, col, delete, select, update

from casereader.errors import RefusedError
from casereader.factors import methods
from casereader.models import Account, RecoveryCode, SignIn
from casereader.vocabulary import Factor

LINES = 10
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without I and O, 0 and 1, which look alike
LETTERS, GROUP = 16, 4
FEW = 3  # left: time for a new sheet
TYPED = re.compile(r"(10|[1-9])[\s.:)-]+([A-Z0-9\s-]+)")
AS_PRINTED = "Type the number of the line, a space, and what stands on it, like 3 ABCD-EFGH-JKLM-NPQR."

# A line is random, so its hash need not be as slow as a password's: ten are made while somebody waits.
_HASHER = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1)


@dataclass(frozen=True)
class Line:
    """One line of a sheet, as it is printed."""

    number: int
    text: str


def make(session: Session, *, account: Account, here: SignIn, at: datetime) -> list[Line]:
    """A new sheet, which is shown once and kept nowhere; the one before opens nothing any more."""
    session.exec(delete(RecoveryCode).where(col(RecoveryCode.account_id) == account.id))
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(LETTERS)) for _ in range(LINES)]
    session.add_all(
        RecoveryCode(account_id=account.id or 0, number=number, code_hash=_HASHER.hash(code), made_at=at)
        for number, code in enumerate(codes, 1)
    )
    session.flush()
    methods.note_added(session, account=account, here=here, factor=Factor.RECOVERY_CODE, at=at)
    return [Line(number, _as_printed(code)) for number, code in enumerate(codes, 1)]


def check(session: Session, *, account: Account, typed: str, at: datetime) -> bool:
    """Whether it is a line of their sheet that was not used yet; it is used by that.

    Raises RefusedError where it is not written as lines are.
    """
    read = TYPED.fullmatch(typed.strip().upper())
    if read is None:
        raise RefusedError(AS_PRINTED)
    number, code = int(read[1]), "".join(filter(str.isalnum, read[2]))
    line = session.exec(
        select(RecoveryCode).where(RecoveryCode.account_id == account.id, RecoveryCode.number == number)
    ).first()
    if line is None or line.used_at is not None or not _matches(line.code_hash, code):
        return False
    used = session.exec(
        update(RecoveryCode)
        .where(col(RecoveryCode.id) == line.id, col(RecoveryCode.used_at).is_(None))
        .values(used_at=at)
    )
    return bool(used.rowcount)


def _as_printed(code: str) -> str:
    return "-".join(code[start : start + GROUP] for start in range(0, LETTERS, GROUP))


def _matches(stored: str, code: str) -> bool:
    try:
        return _HASHER.verify(stored, code)
    except (VerificationError, InvalidHashError):
        return False
