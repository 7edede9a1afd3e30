"""Tries at passwords, codes and links: each is counted before anything is checked, and given back when it was right.

    tried = tries.take(Purpose.SIGNING_IN, name=..., account=...)
    if it is right:
        tried.was_right()
    else:
        tried.was_wrong()

`take` keeps what it counted whatever comes of the request, and leaves the database free while a password is hashed.
Nothing of the request may be changed before it: it would be kept, too.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from math import ceil

from flask import Flask, Response, g, request
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from casereader import audit
from casereader.db import at_once, transaction
from casereader.models import Account
from casereader.people import allowances
from casereader.people.allowances import Bucket
from casereader.web.clock import now
from casereader.web.installed import engine, settings
from casereader.web.request_session import commit_now, db, writes
from casereader.web.signed_in import network

LOG = logging.getLogger("casereader")


class Purpose(StrEnum):
    """What somebody tries."""

    SIGNING_IN = "signing in"
    SECOND_STEP = "the second step of signing in"
    CONFIRMING = "confirming who they are"
    UNLOCKING = "unlocking a locked browser"
    CHANGING_PASSWORD = "changing the password"  # noqa: S105 - words, not a password
    LINK = "opening a one-time link"
    WORK = "taking files away, or having them made"


SIGNED_IN = (Purpose.CONFIRMING, Purpose.UNLOCKING, Purpose.CHANGING_PASSWORD, Purpose.WORK)


class TooManyTriesError(Exception):
    """No try is left at the moment: nothing was checked."""

    def __init__(self, wait: timedelta) -> None:
        self.seconds = max(ceil(wait.total_seconds()), 1)
        minutes = ceil(self.seconds / 60)
        how_long = "a minute" if minutes == 1 else f"{minutes} minutes"
        super().__init__(f"There were too many tries. Nothing was checked this time: wait {how_long}, then try again.")

    def noted(self) -> str:
        """What it says, for a page that keeps what was sent; its answer says when to come back."""
        g.retry_after = self.seconds
        return str(self)


@dataclass(frozen=True)
class Tried:
    """A try that was taken, before it is known whether it is right."""

    purpose: Purpose
    account: Account | None
    buckets: Sequence[Bucket]

    def was_right(self) -> None:
        """Give it back, and keep what was done with it: two that hold each other's rows would wait for ever."""
        if writes():
            commit_now()
        with _apart() as session:
            allowances.give_back(session, self.buckets, at=now())

    def was_wrong(self) -> None:
        """Note that it was not: of whom only where it is somebody's account, and never what was typed."""
        LOG.warning("%s: %s", allowances.FAILED, self.purpose)
        with _apart() as session:
            _note(session, allowances.FAILED, self.purpose, self.account)


def install(app: Flask) -> None:
    """Let every answer that says 429 say when there is a try again."""

    @app.after_request
    def _say_when(response: Response) -> Response:
        if response.status_code == 429 and "retry_after" in g:
            response.headers["Retry-After"] = str(g.retry_after)
        return response


def take(purpose: Purpose, *, name: str | None = None, account: Account | None = None) -> Tried:
    """Count a try; TooManyTriesError where none is left. `name` is what was typed, else the account's is taken."""
    keys, where = bucket_keys(), network()
    name = account.email if account and name is None else name
    with _apart() as session:
        is_known = allowances.is_known_place(session, account=account, network=where, at=now())
        buckets = keys.of_a_try(name=name, address=request.remote_addr or "", network=where, is_known=is_known)
        wait = _take(session, buckets, purpose, account)
    _refuse(wait, purpose)
    return Tried(purpose, account, buckets)


def take_work(account: Account) -> None:
    """Count a file in bulk, or something else that takes the machine long, of an account.

    A file is handed out, too, where the database cannot be written: it is full, or busy.
    """
    wait = None
    if writes():
        with _apart() as session:
            wait = _take(session, bucket_keys().of_work(account), Purpose.WORK, account)
    else:
        db().rollback()
        with suppress(OperationalError), at_once(engine()) as session:
            wait = _take(session, bucket_keys().of_work(account), Purpose.WORK, account)
    _refuse(wait, Purpose.WORK)


def _take(session: Session, buckets: Sequence[Bucket], purpose: Purpose, account: Account | None) -> timedelta | None:
    wait = allowances.take(session, buckets, at=now())
    for bucket in buckets if wait is None else ():
        if allowances.has_run_out(session, bucket, at=now()):
            noting = bucket_keys().noting(bucket)
            if allowances.take(session, [noting], at=now()) is None:
                _note(session, allowances.RAN_OUT, purpose, account, whose=bucket.whose.value)
    return wait


def _refuse(wait: timedelta | None, purpose: Purpose) -> None:
    if wait is not None:
        LOG.warning("no tries left: %s", purpose)
        raise TooManyTriesError(wait)


def _note(session: Session, action: str, purpose: Purpose, account: Account | None, **more: str) -> None:
    audit.record(
        session,
        action,
        by=account if purpose in SIGNED_IN else None,
        at=now(),
        kind="account" if account else "name",
        object_id=account.public_id if account else "unknown",
        body={"what": purpose.value, "network": network(), **more},
    )


def bucket_keys() -> allowances.Keys:
    """What buckets are named under here."""
    return allowances.Keys(settings().secret_key, settings().trusted_networks)


@contextmanager
def _apart() -> Iterator[Session]:
    """A short transaction that is kept, whatever comes of the request, and whatever ends it."""
    if not writes():  # the request only reads: what it reads next, it reads anew
        db().rollback()
        with transaction(engine()) as session:
            yield session
        return
    yield db()
    commit_now()
