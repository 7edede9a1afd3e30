"""Who gives a command: the password and a second factor, asked for without showing them, before what nothing undoes.

Tries are counted as those of the pages are, in buckets of the command line's own, so that strangers who use up the
tries of a name on the sign-in page keep nobody from this.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from math import ceil

import click
from sqlmodel import Session

from casereader import audit
from casereader.cli.edge import now, writing
from casereader.errors import RefusedError
from casereader.factors import app, methods, recovery, required
from casereader.models import Account
from casereader.people import accounts, allowances, passwords
from casereader.people.allowances import Bucket, Keys
from casereader.vocabulary import Factor
from casereader.web.installed import factor_keys, settings

HERE, WHAT = "the command line", "giving a command"
NOT_RIGHT = "The password or the code is not right, or the code was used already. Nothing was done."
NO_FACTOR = (
    "This needs a code of an app or a line of the recovery sheet beside the password: sign in and make a sheet under "
    "“Your settings”. A passkey cannot be used here."
)


def prove(email: str, *, reads_input: bool) -> Account:
    """The account, once its password and its second factor were given; RefusedError otherwise, and it is noted."""
    password = _ask("Password", reads_input)
    with writing() as session:
        account = passwords.account_named(session, email)
        needs_second = account is None or _needs_second(session, account)
    typed = _ask("Code of your app, or a numbered line of your recovery sheet", reads_input) if needs_second else ""
    buckets = _take(email, account)
    if not passwords.opens(account, password, at=now()) or account is None:
        raise _refused(account)
    with writing() as session:
        factor = _factor(session, account, typed) if needs_second else None
        if factor or not needs_second:
            allowances.give_back(session, buckets, at=now())
            body = {"what": WHAT, "factor": factor.value if factor else "none"}
            _record(session, "confirmed", account, by=account, body=body)
            return account
    raise _refused(account)


def _ask(what: str, reads_input: bool) -> str:
    if reads_input:
        return sys.stdin.readline().rstrip("\r\n")
    answer: str = click.prompt(what, hide_input=True, default="", show_default=False)
    return answer


def _needs_second(session: Session, account: Account) -> bool:
    """Whether the password alone is not enough."""
    if methods.of(session, account=account).is_any:
        return True
    return required.is_needed(session, account=account, memberships=accounts.memberships(session, account=account))


def _factor(session: Session, account: Account, typed: str) -> Factor | None:
    """What was typed, if it is right: it opens nothing any more."""
    has = methods.of(session, account=account)
    if not has.apps and not has.lines_left:
        raise RefusedError(NO_FACTOR)
    if "".join(typed.split()).isdigit():
        return Factor.APP if app.check(session, account=account, keys=factor_keys(), code=typed, at=now()) else None
    with suppress(RefusedError):  # it is not written as a line is: which of the two was wrong, nobody is told
        return Factor.RECOVERY_CODE if recovery.check(session, account=account, typed=typed, at=now()) else None
    return None


def _take(email: str, account: Account | None) -> Sequence[Bucket]:
    """Count a try, before anything is checked."""
    keys = Keys(settings().secret_key, settings().trusted_networks)
    buckets = keys.of_a_try(name=email, address="", network=HERE, is_known=True)
    with writing() as session:
        wait = allowances.take(session, buckets, at=now())
        if wait is not None and allowances.take(session, [keys.noting(buckets[0])], at=now()) is None:
            body = {"what": WHAT, "network": HERE, "whose": buckets[0].whose.value}
            _record(session, allowances.RAN_OUT, account, by=None, body=body)
    if wait is not None:
        minutes = ceil(wait.total_seconds() / 60)
        raise RefusedError(f"There were too many tries. Nothing was checked: wait {minutes} min, then try again.")
    return buckets


def _refused(account: Account | None) -> RefusedError:
    with writing() as session:
        _record(session, allowances.FAILED, account, by=None, body={"what": WHAT, "network": HERE})
    return RefusedError(NOT_RIGHT)


def _record(
    session: Session, action: str, account: Account | None, *, by: Account | None, body: dict[str, str]
) -> None:
    key = account.public_id if account else "unknown"
    kind = "account" if account else "name"
    audit.record(session, action, by=by, at=now(), kind=kind, object_id=key, body=body)
