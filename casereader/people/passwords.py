"""Passwords: the rule for them, checking one, and setting one by a one-time link. They are hashed with Argon2id."""

from __future__ import annotations

import re
import secrets
import threading
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlmodel import Session, col, select, update

from casereader import audit
from casereader.errors import RefusedError, SpentLinkError
from casereader.models import Account, OneTimeLink, SignIn
from casereader.people import known_passwords, sessions
from casereader.people.accounts import canonical_email, works
from casereader.people.sessions import digest

LINK_LIFE = timedelta(days=7)
SPENT = (
    "It was used already, or is too old, or was not copied whole; or a newer one was made. If you have set your "
    "password, sign in with it. If not, ask your administrator for a new link."
)
PASSWORD_LENGTH = range(15, 129)
EASY = re.compile(  # what anybody tries first here; a password with them needs more than digits and signs besides
    r"safeguarding|casereader|inspect(ion|or|orate)s?|scrutiny|partnership|protection|child(ren)?|review(er)?|records?"
    r"|password|passwort|welcome|letmein|qwerty(uiop)?|asdf(gh(jkl)?)?|iloveyou|football|summer|winter|spring|autumn"
    r"|scotland|admin(istrator)?|0?123456789"
)
FEWEST_OF_ITS_OWN = 6
AT_ONCE = 2  # each takes 46 MB and a core: the others wait, and pages go on being served

_HASHER = PasswordHasher(time_cost=1, memory_cost=47_104, parallelism=1)  # OWASP's first choice, about 50 ms
_NOBODY = _HASHER.hash(secrets.token_hex(16))  # checked for unknown names, so that they take as long

_TURN = threading.BoundedSemaphore(AT_ONCE)


def hash_password(password: str, *, context: tuple[str, ...] = ()) -> str:
    """The Argon2id hash of a password that keeps the rule: 15 to 128 signs, not of `context` words, on no list."""
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
    if known_passwords.is_known(password):
        raise RefusedError(
            "This password, or the words in it, is on the lists that attackers try first. "
            "Choose another one: four unrelated words make a good one."
        )
    with _TURN:
        return _HASHER.hash(password)


def hash_demo_password(password: str) -> str:
    """The hash for a demonstration account, which is exempt from the length rule."""
    return _HASHER.hash(password)


def account_named(session: Session, email: str) -> Account | None:
    """The account that somebody names who wants to sign in; as long for none."""
    try:
        email = canonical_email(email)
    except RefusedError:
        email = ""
    return session.exec(select(Account).where(Account.email == email)).first()


def opens(account: Account | None, password: str, *, at: datetime) -> bool:
    """Whether the password opens the account at `at`; takes as long where there is none, or it has ended."""
    is_theirs = is_right(account, password)
    return is_theirs and account is not None and works(account, at=at)


def is_right(account: Account | None, password: str) -> bool:
    """Whether this is the password of the account."""
    return len(password) < PASSWORD_LENGTH.stop and _matches(account.password_hash if account else None, password)


def issue_link(session: Session, *, account: Account, by: Account | None, at: datetime) -> str:
    """A token with which the person may set a password once, within seven days; earlier ones stop working.

    RefusedError for an account that does not work: the link would open nothing.
    """
    if account.disabled_at is not None:
        raise RefusedError(f"The account of {account.name} is disabled: let it work again first.")
    if not works(account, at=at):
        raise RefusedError(f"The account of {account.name} is past its last day: set another one first.")
    _end_links(session, account=account, at=at)
    token = secrets.token_urlsafe(24)
    session.add(
        OneTimeLink(token_hash=digest(token), account_id=account.id or 0, created_at=at, expires_at=at + LINK_LIFE)
    )
    audit.record(session, "one-time link issued", by=by, at=at, kind="account", object_id=account.public_id)
    return token


def account_of_link(session: Session, *, token: str, at: datetime) -> tuple[Account, OneTimeLink]:
    """The account a one-time link opens; SpentLinkError when it is unknown, used or too old."""
    found = session.exec(
        select(Account, OneTimeLink)
        .join(OneTimeLink, col(OneTimeLink.account_id) == Account.id)
        .where(
            OneTimeLink.token_hash == digest(token),
            col(OneTimeLink.used_at).is_(None),
            OneTimeLink.expires_at >= at,
        )
    ).first()
    if found is None or not works(found[0], at=at):
        raise SpentLinkError(SPENT)
    return found


def set_password(session: Session, *, account: Account, token: str, password: str, at: datetime) -> None:
    """Set the password of the account that the link was found to open; ends the link and all sessions.

    It is hashed before anything is asked of the database, which others may write to meanwhile.
    """
    hashed = hash_password(password, context=_context(account))
    account, link = account_of_link(session, token=token, at=at)
    account.password_hash = hashed
    link.used_at = at
    session.add_all([account, link])
    sessions.end_all(session, account=account, at=at)
    audit.record(session, "password set", by=account, at=at, kind="account", object_id=account.public_id)


def change(session: Session, *, account: Account, here: SignIn, password: str, at: datetime) -> None:
    """Change the password of somebody signed in `here`; ends every other sign-in and every one-time link."""
    account.password_hash = hash_password(password, context=_context(account))
    session.add(account)
    _end_links(session, account=account, at=at)
    sessions.end_others(session, account=account, but=here, at=at)
    audit.record(session, "password changed", by=account, at=at, kind="account", object_id=account.public_id)


def _end_links(session: Session, *, account: Account, at: datetime) -> None:
    session.exec(
        update(OneTimeLink)
        .where(col(OneTimeLink.account_id) == account.id, col(OneTimeLink.used_at).is_(None))
        .values(used_at=at)
    )


def _context(account: Account) -> tuple[str, ...]:
    """What a password of theirs must not be made of."""
    return (account.email.partition("@")[0], *account.name.split())


def _matches(stored: str | None, password: str) -> bool:
    with _TURN:
        try:
            _HASHER.verify(stored or _NOBODY, password)
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None
