"""What the cast have beside their password: whoever's role asks for it has a recovery sheet, whose lines tests know."""

import time
from datetime import datetime
from functools import cache

import pyotp
from argon2 import PasswordHasher
from sqlalchemy import insert
from sqlmodel import Session

from casereader.models import Account, RecoveryCode

ENOUGH = 2  # seconds: for a request to come in and be looked at
CODES = {number: f"{letter * 4}-BCDE-FGHJ-KLMN" for number, letter in enumerate("ABCDEFGHJK", 1)}


def line(number: int) -> str:
    """A line of the sheet, as somebody types it."""
    return f"{number} {CODES[number]}"


def give_sheets(session: Session, *accounts: Account, at: datetime) -> None:
    """A sheet for each, whose hashes are cheap to check: they say themselves at what cost they were made."""
    rows = [
        {"account_id": account.id, "number": number, "code_hash": _hash(number), "made_at": at}
        for account in accounts
        for number in CODES
    ]
    session.execute(insert(RecoveryCode), rows)


def code_of_now(codes: pyotp.TOTP) -> str:
    """The code that the app shows now, a moment later where it is about to change."""
    left = codes.interval - time.time() % codes.interval
    if left < ENOUGH:
        time.sleep(left)
    return codes.now()


@cache
def _hash(number: int) -> str:
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(CODES[number].replace("-", ""))
