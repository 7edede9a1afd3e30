"""The people of the demonstration: eight who sign in, and invented readers without a password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from casereader.models import Account
from casereader.people import accounts

DOMAIN = "demo.example"
READERS_DOMAIN = "readers.example"
NAMES = {
    "coordinator": "Demo coordinator",
    "reviewer-1": "Demo reviewer 1",
    "reviewer-2": "Demo reviewer 2",
    "local-reviewer": "Demo local reviewer",
    "moderator": "Demo moderator",
    "lead": "Demo lead",
    "administrator": "Demo administrator",
    "outsider": "Demo outsider",
}
"""Who signs in, by the name before @demo.example."""
N_INSPECTORS = 14


@dataclass(frozen=True)
class People:
    """Who takes part. The deputy, `inspectors` and the local readers to come are invented and cannot sign in."""

    coordinator: Account
    reviewers: tuple[Account, Account]
    local_reviewer: Account
    moderator: Account
    lead: Account
    deputy: Account
    inspectors: tuple[Account, ...]


def gather(session: Session, *, password_hash: str, at: datetime, last_day: date) -> People:
    """Make the accounts; all eight of the demonstration have one password, and the local reviewer's ends."""
    made = {
        name: accounts.create(
            session,
            email=f"{name}@{DOMAIN}",
            name=words,
            by=None,
            at=at,
            is_administrator=name == "administrator",
            may_begin_programmes=name == "coordinator",
            ends_on=last_day if name == "local-reviewer" else None,
            password_hash=password_hash,
            is_demo=True,
        )
        for name, words in NAMES.items()
    }
    inspectors = tuple(
        reader(session, email=f"inspector-{n:02}", name=f"Invented inspector {n}", at=at)
        for n in range(1, N_INSPECTORS + 1)
    )
    return People(
        coordinator=made["coordinator"],
        reviewers=(made["reviewer-1"], made["reviewer-2"]),
        local_reviewer=made["local-reviewer"],
        moderator=made["moderator"],
        lead=made["lead"],
        deputy=reader(session, email="deputy", name="Invented deputy lead", at=at),
        inspectors=inspectors,
    )


def reader(session: Session, *, email: str, name: str, at: datetime, last_day: date | None = None) -> Account:
    """An invented reader, who has no password."""
    address = f"{email}@{READERS_DOMAIN}"
    return accounts.create(session, email=address, name=name, by=None, at=at, ends_on=last_day)
