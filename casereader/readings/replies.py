"""What each save was answered with, by its key: one that is sent again is answered alike and stored once."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import bindparam, insert
from sqlmodel import Session, col, select

from casereader.errors import CasereaderError, RefusedError
from casereader.models import Account, SavedReply
from casereader.readings.finding import Opened

MOST_SAVES, IN_TIME = 600, timedelta(seconds=10)


class TooOftenError(CasereaderError):
    """More saves in a few seconds than a person makes."""


def reply_of(session: Session, *, key: str, digest: str, by: Account) -> dict[str, Any] | None:
    """What this save was answered with, if it came before."""
    found = session.exec(_reply_of_key(), params={"account_id": by.id, "idempotency_key": key}).first()
    if found is None:
        return None
    reply, body_sha256 = found
    if body_sha256 != digest:
        raise RefusedError("The key of this save was used before for something else: use a new one for each save.")
    kept: dict[str, Any] = reply
    return kept


@cache
def _reply_of_key() -> Any:
    """Built once, as all that a save asks."""
    account_id: Any = bindparam("account_id")
    return select(SavedReply.reply, SavedReply.body_sha256).where(
        SavedReply.account_id == account_id, SavedReply.idempotency_key == bindparam("idempotency_key")
    )


def keep_reply(
    session: Session, *, opened: Opened, key: str, digest: str, reply: dict[str, Any], by: Account, at: datetime
) -> None:
    """Keep what a save is answered with."""
    row = {
        "account_id": by.id,
        "idempotency_key": key,
        "reading_id": opened.key,
        "body_sha256": digest,
        "reply": reply,
        "saved_at": at,
    }
    session.execute(insert(SavedReply), [row])


def refuse_too_often(session: Session, opened: Opened, at: datetime) -> None:
    """Raise TooOftenError where a reading is saved faster than a person can."""
    oldest = session.exec(_one_of_lately(), params={"reading_id": opened.key}).first()
    if oldest is not None and timedelta(0) <= at - oldest < IN_TIME:  # of a clock set back it holds nobody up
        raise TooOftenError("These are too many saves in a few seconds. Wait a moment: your page will try again.")


@cache
def _one_of_lately() -> Any:
    return (
        select(SavedReply.saved_at)
        .where(SavedReply.reading_id == bindparam("reading_id"))
        .order_by(col(SavedReply.id).desc())
        .offset(MOST_SAVES - 1)
        .limit(1)
    )
