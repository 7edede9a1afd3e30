"""People: making accounts, checking passwords, signing in and out, ending access.

Passwords are hashed with Argon2id; a sign-in is a random token of which we keep only the hash.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlmodel import Session, col, select, update

from casereader import audit
from casereader.errors import AbsentError, RefusedError
from casereader.models import Account, Membership, OneTimeLink, SignIn
from casereader.vocabulary import Role

IDLE_LIMIT = timedelta(minutes=30)
READING_IDLE_LIMIT = timedelta(hours=4)  # a reviewer may sit over one record for hours
ABSOLUTE_LIMIT = timedelta(hours=12)
LINK_LIFE = timedelta(days=7)
PASSWORD_LENGTH = range(15, 129)
EASY = re.compile(  # what anybody tries first here; a password with them needs more than digits and signs besides
    r"safeguarding|casereader|inspect(ion|or|orate)s?|scrutiny|partnership|protection|child(ren)?|review(er)?|records?"
    r"|password|passwort|welcome|letmein|qwerty(uiop)?|asdf(gh(jkl)?)?|iloveyou|football|summer|winter|spring|autumn"
    r"|scotland|admin(istrator)?|0?123456789"
)
FEWEST_OF_ITS_OWN = 6

_HASHER = PasswordHasher(time_cost=1, memory_cost=47_104, parallelism=1)  # OWASP's first choice, about 50 ms
_NOBODY = _HASHER.hash(secrets.token_hex(16))  # checked for unknown names, so that they take as long


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
    """Make an account; without `password_hash` the person sets a password by a one-time link."""
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
    """Whether `by` made the account, and so held its one-time link."""
    made = audit.deeds(session, "account created", object_ids=[account.public_id])
    return any(deed.by_id == by.id for deed in made)


def as_two_people(session: Session, one: Account, other: Account) -> str:
    """Why the word of both is not the word of two people; blank where it is.

    Whoever makes an account is handed its one-time link, and may sign in as that person too.
    """
    for maker, made in ((one, other), (other, one)):
        if was_made_by(session, made, by=maker):
            return (
                f"{maker.name} made the account of {made.name}, so the two do not count as two people here: "
                "somebody else must do it."
            )
    return ""


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


def hash_password(password: str, *, context: tuple[str, ...] = ()) -> str:
    """The Argon2id hash of a password that keeps the rule: 15 to 128 characters, not made of `context` words."""
    if len(password) not in PASSWORD_LENGTH:
        raise RefusedError("Choose a password of 15 to 128 characters. Four unrelated words make a good one.")
    if "\0" in password or not password.strip():
        raise RefusedError("Choose a password of letters, digits or signs.")
    plain = password.casefold()
    its_own = EASY.sub("", plain)
    easy = its_own != plain and sum(map(str.isalpha, its_own)) < FEWEST_OF_ITS_OWN
    if easy or len(set(plain)) < 5 or any(word and word.casefold() in plain for word in (*context, "casereader")):
        raise RefusedError(
            "Choose a password that is harder to guess: not your name, address or this tool's name, "
            "and not only common words with digits."
        )
    return _HASHER.hash(password)


def hash_demo_password(password: str) -> str:
    """The hash for a demonstration account, which is exempt from the length rule."""
    return _HASHER.hash(password)


def check_password(session: Session, *, email: str, password: str, at: datetime) -> Account | None:
    """The account that `email` and `password` open at `at`, or None; takes as long either way."""
    if len(password) >= PASSWORD_LENGTH.stop:
        return None
    try:
        email = canonical_email(email)
    except RefusedError:
        email = ""
    account = session.exec(select(Account).where(Account.email == email)).first()
    stored = account.password_hash if account and account.password_hash else _NOBODY
    try:
        _HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return None
    return account if account is not None and works(account, at=at) else None


def works(account: Account, *, at: datetime) -> bool:
    """Whether the account may be used at that moment: not disabled, not past its last day."""
    return account.disabled_at is None and (account.ends_on is None or at.date() <= account.ends_on)


def sign_in(session: Session, *, account: Account, at: datetime) -> str:
    """Begin a signed-in session and hand back its token, which is kept nowhere else."""
    token = secrets.token_urlsafe(32)
    session.add(SignIn(token_hash=_digest(token), account_id=account.id or 0, created_at=at, last_seen_at=at))
    audit.record(session, "signed in", by=account, at=at, kind="account", object_id=account.public_id)
    return token


def signed_in(session: Session, *, token: str, at: datetime) -> tuple[Account, SignIn] | None:
    """Who the token belongs to, if its session is neither ended, idle too long, nor too old."""
    found = session.exec(
        select(Account, SignIn)
        .join(SignIn, col(SignIn.account_id) == Account.id)
        .where(SignIn.token_hash == _digest(token), col(SignIn.ended_at).is_(None))
    ).first()
    if found is None:
        return None
    account, entry = found
    idle = READING_IDLE_LIMIT if _reads(session, account) else IDLE_LIMIT
    if not entry.last_seen_at - timedelta(minutes=5) <= at <= entry.last_seen_at + idle:
        return None  # idle too long, or a clock set back: no session comes back to life
    if at > entry.created_at + ABSOLUTE_LIMIT or not works(account, at=at):
        return None
    return account, entry


def sign_out(session: Session, *, account: Account, token: str, at: datetime) -> None:
    """End the session of this token: a copied cookie is dead from here on."""
    session.exec(update(SignIn).where(col(SignIn.token_hash) == _digest(token)).values(ended_at=at))
    audit.record(session, "signed out", by=account, at=at, kind="account", object_id=account.public_id)


def end_sessions(session: Session, *, account: Account, at: datetime) -> None:
    """End every session of the account."""
    open_ones = (col(SignIn.account_id) == account.id, col(SignIn.ended_at).is_(None))
    session.exec(update(SignIn).where(*open_ones).values(ended_at=at))


def disable(session: Session, *, account: Account, by: Account | None, at: datetime) -> None:
    """Stop the account from working, at once and in every browser."""
    if by is not None and by.id == account.id:
        raise RefusedError("You cannot disable your own account: ask another administrator.")
    account.disabled_at = at
    session.add(account)
    end_sessions(session, account=account, at=at)
    audit.record(session, "account disabled", by=by, at=at, kind="account", object_id=account.public_id)


def issue_link(session: Session, *, account: Account, by: Account | None, at: datetime) -> str:
    """A token with which the person may set a password once, within seven days; earlier ones stop working."""
    session.exec(
        update(OneTimeLink)
        .where(col(OneTimeLink.account_id) == account.id, col(OneTimeLink.used_at).is_(None))
        .values(used_at=at)
    )
    token = secrets.token_urlsafe(24)
    session.add(
        OneTimeLink(token_hash=_digest(token), account_id=account.id or 0, created_at=at, expires_at=at + LINK_LIFE)
    )
    audit.record(session, "one-time link issued", by=by, at=at, kind="account", object_id=account.public_id)
    return token


def account_of_link(session: Session, *, token: str, at: datetime) -> tuple[Account, OneTimeLink]:
    """The account a one-time link opens; AbsentError when it is unknown, used or too old."""
    found = session.exec(
        select(Account, OneTimeLink)
        .join(OneTimeLink, col(OneTimeLink.account_id) == Account.id)
        .where(
            OneTimeLink.token_hash == _digest(token),
            col(OneTimeLink.used_at).is_(None),
            OneTimeLink.expires_at >= at,
        )
    ).first()
    if found is None or not works(found[0], at=at):
        raise AbsentError("This link was used already or is too old. Ask your administrator for a new one.")
    return found


def set_password(session: Session, *, token: str, password: str, at: datetime) -> Account:
    """Set the password of the account a one-time link opens; ends the link and all sessions."""
    account, link = account_of_link(session, token=token, at=at)
    account.password_hash = hash_password(password, context=(account.email.partition("@")[0], *account.name.split()))
    link.used_at = at
    session.add_all([account, link])
    end_sessions(session, account=account, at=at)
    audit.record(session, "password set", by=account, at=at, kind="account", object_id=account.public_id)
    return account


def memberships(session: Session, *, account: Account) -> list[Membership]:
    """The roles the account holds, one row per inspection and role."""
    return list(session.exec(select(Membership).where(Membership.account_id == account.id)))


def _reads(session: Session, account: Account) -> bool:
    reading = (Role.REVIEWER, Role.LOCAL_REVIEWER)
    query = select(Membership.id).where(Membership.account_id == account.id, col(Membership.role).in_(reading))
    return session.exec(query.limit(1)).first() is not None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def who_can_take_part(session: Session, *, at: datetime) -> list[Account]:
    """Accounts that work and may hold a role in an inspection, by name."""
    query = select(Account).where(col(Account.is_administrator).is_(False)).order_by(Account.name)
    return [account for account in session.exec(query) if works(account, at=at)]


def named(session: Session, *, public_id: str, at: datetime) -> Account:
    """The account of that name, if it works."""
    account = session.exec(select(Account).where(Account.public_id == public_id)).first()
    if account is None or not works(account, at=at):
        raise AbsentError("That account does not exist or has ended.")
    return account
