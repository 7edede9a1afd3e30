"""Whom to tell of a matter of concern: the lead and the deputy of an inspection, and where they are reached.

No record is given out before both are named with a telephone number.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from casereader import audit
from casereader.errors import AbsentError, RefusedError
from casereader.models import Account, Inspection, Membership, Programme
from casereader.people import accounts
from casereader.programmes import inspections
from casereader.programmes.inspections import people
from casereader.vocabulary import Role

TOLD = (Role.LEAD, Role.DEPUTY)
_TELEPHONE = re.compile(r"[0-9+() x./-]{3,30}", re.ASCII)
_DIALLED = re.compile(r"^\+|[0-9]", re.ASCII)
_FEWEST_DIGITS = 3  # an extension within the building
MOST_MINUTES = 1440


@dataclass(frozen=True)
class Contact:
    """Somebody to tell; `telephone` is blank where none was given."""

    name: str
    role: Role
    telephone: str

    @property
    def dials(self) -> str:
        """The number as the address of a telephone link; blank where none was given."""
        number, _, extension = self.telephone.casefold().partition("x")
        number = "".join(_DIALLED.findall(number.replace("(0)", "") if "+" in number else number))
        extension = "".join(_DIALLED.findall(extension))
        if number and extension:
            return f"tel:{number};ext={extension}"
        return f"tel:{number or extension}" if number or extension else ""


def contacts(session: Session, *, inspection: Inspection, at: datetime) -> list[Contact]:
    """Whom to tell, the leads before the deputies, each by name; nobody whose account has stopped working by then."""
    return [_contact(*one) for one in _named(session, inspection) if accounts.works(one[0], at=at)]


def in_words(found: Sequence[Contact]) -> str:
    """Whom to tell, in one line for a sheet on which nothing can be looked up."""
    told = [f"{one.name} ({', '.join(filter(None, (one.role.value, one.telephone)))})" for one in found]
    return " or ".join(told) or "the coordinator (no lead and no deputy is named)"


def stopped(session: Session, *, inspection: Inspection, at: datetime) -> list[Contact]:
    """Leads and deputies whose account is disabled or past its last day: no reader is told to ring them any more."""
    return [_contact(*one) for one in _named(session, inspection) if not accounts.works(one[0], at=at)]


def lacking(session: Session, *, inspection: Inspection, at: datetime) -> list[str]:
    """What must be named before records are given out; empty where nothing is missing."""
    return lacked_by(contacts(session, inspection=inspection, at=at))


def lacked_by(found: Sequence[Contact]) -> list[str]:
    """The same of those who are named."""
    reasons = []
    for role in TOLD:
        named = [one for one in found if one.role is role]
        if not named:
            reasons.append(f"Name a {role}: whoever reads must know whom to tell of a matter of concern.")
        elif not any(one.telephone for one in named):
            reasons.append(f"Give the telephone number of the {role}, {named[0].name}.")
    return reasons


def _named(session: Session, inspection: Inspection) -> list[tuple[Account, Membership]]:
    found = session.exec(_who_is_told(), params={"key": inspection.id}).all()
    return sorted(found, key=lambda one: TOLD.index(one[1].role))


@cache
def _who_is_told() -> Any:
    """Built once: pages of a reading ask it, and every page where a matter of concern waits for too long."""
    query = select(Account, Membership).join(Membership, col(Membership.account_id) == Account.id)
    here = Membership.inspection_id == bindparam("key")
    return query.where(here, col(Membership.role).in_(TOLD)).order_by(Account.name)


def _contact(account: Account, entry: Membership) -> Contact:
    return Contact(account.name, entry.role, entry.telephone)


def telephone_number(text: str) -> str:
    """A number as it is kept: blanks single; RefusedError where it is none."""
    number = " ".join(text.split())
    if not _TELEPHONE.fullmatch(number) or sum(sign.isdigit() for sign in number) < _FEWEST_DIGITS:
        raise RefusedError("Enter a telephone number of 3 to 30 digits and signs, like 0131 496 0100 or x4512.")
    return number


def give_role(
    session: Session,
    *,
    inspection: Inspection,
    account: Account,
    role: Role,
    telephone: str,
    by: Account,
    at: datetime,
    paired_with: Account | None = None,
) -> None:
    """Give a role; a lead's and a deputy's with where they are reached, which may also follow. Whole or not at all.

    Raises RefusedError where the role cannot be given, or somebody else is to be reached.
    """
    if telephone.strip() and role not in TOLD:
        raise RefusedError("Only a lead or a deputy is reached by telephone here: leave the number out.")
    number = telephone_number(telephone) if telephone.strip() else ""
    inspections.give_role(
        session, inspection=inspection, account=account, role=role, paired_with=paired_with, by=by, at=at
    )
    if number:
        set_telephone(session, inspection=inspection, account=account, telephone=number, by=by, at=at)


def set_concern_minutes(session: Session, *, programme: Programme, minutes: int, by: Account, at: datetime) -> None:
    """Say how long a matter of concern may wait to be received before all who run the inspection are shown it.

    Raises RefusedError for less than a minute and more than a day.
    """
    if not 1 <= minutes <= MOST_MINUTES:
        raise RefusedError(f"Enter 1 to {MOST_MINUTES:,} minutes.")
    if minutes == programme.concern_minutes:
        return
    before, programme.concern_minutes = programme.concern_minutes, minutes
    session.add(programme)
    session.flush()
    audit.record(
        session,
        "time to receive a concern set",
        by=by,
        at=at,
        kind="programme",
        object_id=programme.public_id,
        body={"from": before, "to": minutes},
    )


def set_telephone(
    session: Session, *, inspection: Inspection, account: Account, telephone: str, by: Account, at: datetime
) -> None:
    """Say where the lead or the deputy is reached during the inspection.

    Raises AbsentError for anybody else, RefusedError for what is no number.
    """
    number = telephone_number(telephone)
    held = [
        entry
        for person, entry in people(session, inspection=inspection)
        if person.id == account.id and entry.role in TOLD
    ]
    if not held:
        raise AbsentError
    if all(entry.telephone == number for entry in held):
        return
    for entry in held:
        entry.telephone = number
        session.add(entry)
    session.flush()
    audit.record(
        session,
        "telephone given",
        by=by,
        at=at,
        kind="account",
        object_id=account.public_id,
        inspection_id=inspection.id,
    )
