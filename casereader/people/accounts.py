"""People: making accounts and finding them, whether they still work, and the roles they hold."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from casereader import audit
from casereader.errors import AbsentError, RefusedError
from casereader.models import Account, Membership

LINKS_HANDED = ("account created", "one-time link issued")  # to whoever does one of these, who could sign in by it


def canonical_email(text: str) -> str:
    """The one form in which an e-mail address is kept; raises RefusedError when it is none."""
    email = unicodedata.normalize("NFKC", text).strip().lower()
    name, _, domain = email.partition("@")
    if not (name and "." in domain and email.isascii() and email.isprintable() and len(email) <= 254):
        raise RefusedError("Enter an e-mail address, like name@example.org.")
    if " " in email or email.count("@") != 1:
        raise RefusedError("Enter an e-mail address without blanks and with one @.")
    return email


def create(
    session: Session,
    *,
    email: str,
    name: str,
    by: Account | None,
    at: datetime,
    is_administrator: bool = False,
    may_begin_programmes: bool = False,
    ends_on: date | None = None,
    password_hash: str | None = None,
    is_demo: bool = False,
) -> Account:
    """Make an account; without `password_hash` the person sets a password by a one-time link.

    Raises RefusedError where the name cannot be, or the address has an account.
    """
    email = canonical_email(email)
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if not 1 <= len(name) <= 100 or not name.isprintable():
        raise RefusedError("Enter a name of 1 to 100 characters, without hidden signs.")
    if session.exec(select(Account.id).where(Account.email == email)).first():
        raise RefusedError(f"There is an account for {email} already.")
    account = Account(
        email=email,
        name=name,
        password_hash=password_hash,
        is_administrator=is_administrator,
        may_begin_programmes=may_begin_programmes,
        ends_on=ends_on,
        is_demo=is_demo,
        created_at=at,
    )
    session.add(account)
    session.flush()
    body = {"administrator": is_administrator, "may_begin_programmes": may_begin_programmes}
    audit.record(session, "account created", by=by, at=at, kind="account", object_id=account.public_id, body=body)
    return account


def was_made_by(session: Session, account: Account, *, by: Account) -> bool:
    """Whether `by` made the account, or a link to it, and so could have signed in as that person."""
    return by.id in _who_held_a_link(session, account)


def made_among(session: Session, found: Sequence[Account], *, by: Account) -> set[int | None]:
    """The keys of those of these accounts that `by` made, or made a link to: a few statements however many they are."""
    keys = {account.public_id: account.id for account in found}
    return {
        keys[deed.object_id]
        for action in LINKS_HANDED
        for deed in audit.deeds(session, action, object_ids=list(keys))
        if deed.by_id == by.id
    }


def as_two_people(session: Session, one: Account, other: Account) -> str:
    """Why the word of both is not the word of two people; blank where it is.

    Whoever makes an account is handed its one-time link, and may sign in as that person too; whoever made both may be
    both. Administrators make most accounts and hold no role in an inspection: theirs is not counted.
    """
    for maker, made in ((one, other), (other, one)):
        if was_made_by(session, made, by=maker):
            return (
                f"{maker.name} made the account of {made.name}, so the two do not count as two people here: "
                "somebody else must do it."
            )
    of_both = _who_held_a_link(session, one) & _who_held_a_link(session, other)
    for maker in session.exec(select(Account).where(col(Account.id).in_(of_both)).order_by(Account.name)):
        if not maker.is_administrator:
            return (
                f"{maker.name} made the accounts of both {one.name} and {other.name}, so the two do not count as two "
                "people here: somebody whose account an administrator made must do it."
            )
    return ""


def _who_held_a_link(session: Session, account: Account) -> set[int | None]:
    handed = [
        deed.by_id for action in LINKS_HANDED for deed in audit.deeds(session, action, object_ids=[account.public_id])
    ]
    return set(handed)


def every_account(session: Session) -> Sequence[Account]:
    """Every account there is, by name."""
    return session.exec(select(Account).order_by(Account.name)).all()


def find(session: Session, *, public_id: str) -> Account:
    """The account of that name in addresses; AbsentError where there is none."""
    return _or_absent(session.exec(select(Account).where(Account.public_id == public_id)).first(), "")


def by_email(session: Session, *, email: str) -> Account:
    """The account of that e-mail address; AbsentError where there is none."""
    email = canonical_email(email)
    found = session.exec(select(Account).where(Account.email == email)).first()
    return _or_absent(found, f"There is no account for {email}.")


def demonstration(session: Session) -> Sequence[str]:
    """The addresses of the demonstration's accounts, in order."""
    return session.exec(select(Account.email).where(Account.is_demo).order_by(col(Account.email))).all()


def _or_absent(found: Account | None, says: str) -> Account:
    if found is None:
        raise AbsentError(says)
    return found


def works(account: Account, *, at: datetime) -> bool:
    """Whether the account may be used at that moment: not disabled, not past its last day."""
    return account.disabled_at is None and (account.ends_on is None or at.date() <= account.ends_on)


def memberships(session: Session, *, account: Account) -> list[Membership]:
    """The roles the account holds, one row per inspection and role."""
    return list(session.exec(_memberships(), params={"account_id": account.id}))


@cache
def _memberships() -> Any:
    """Built once: every request asks it."""
    return select(Membership).where(Membership.account_id == bindparam("account_id"))


def who_can_take_part(session: Session, *, at: datetime) -> list[Account]:
    """Accounts that work and may hold a role in an inspection, by name."""
    query = select(Account).where(col(Account.is_administrator).is_(False)).order_by(Account.name)
    return [account for account in session.exec(query) if works(account, at=at)]


def named(session: Session, *, public_id: str, at: datetime) -> Account:
    """The account of that name, if it works.

    Raises AbsentError otherwise.
    """
    account = session.exec(select(Account).where(Account.public_id == public_id)).first()
    if account is None or not works(account, at=at):
        raise AbsentError("That account does not exist or has ended.")
    return account
