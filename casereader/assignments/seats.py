"""Who may be given cases in an inspection: their pair, what they can read in its days, and what they must not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from casereader.assignments import availability
from casereader.assignments.dealing import Reader
from casereader.in_waves import looks
from casereader.models import Account, Inspection
from casereader.people import conflicts
from casereader.programmes import inspections
from casereader.vocabulary import READER_ROLES, Role


@dataclass(frozen=True)
class Seat:
    """One reader's place in the reading room."""

    account: Account
    role: Role
    inspector: Account  # of their pair: for an inspector themselves
    days: tuple[date, ...]
    per_day: int
    capacity: int
    takes_part: bool  # somebody said on which days they read
    is_barred: bool  # a conflict of interest with the whole partnership
    barred: frozenset[str]  # references of cases with which they have one
    has_looked: bool = False  # they saw figures after a wave, and read no more

    @property
    def key(self) -> int:
        """The account's key."""
        return self.account.id or 0

    def has_day_left(self, today: date) -> bool:
        """Whether they can still read, today included; without reading days nobody can tell, so yes."""
        return any(day >= today for day in self.days) or (not self.days and self.capacity > 0)

    def as_reader(self) -> Reader:
        """The reader as the rule of dealing knows them."""
        return Reader(
            key=self.account.email,
            capacity=self.capacity,
            pair=self.inspector.email,
            inspects=self.role is Role.REVIEWER,
            barred=self.barred,
        )


def seats(session: Session, *, inspection: Inspection) -> list[Seat]:
    """Every reader of the inspection, by name."""
    people = inspections.people(session, inspection=inspection)
    accounts = {account.id: account for account, _ in people}
    said = availability.of_inspection(session, inspection=inspection)
    declared = conflicts.of_inspection(session, inspection=inspection)
    looked = looks.who_looked(session, inspection=inspection)
    found = []
    for account, entry in people:
        if entry.role not in READER_ROLES:
            continue
        row = said.get(account.id or 0)
        mine = [one for one in declared if one.account.id == account.id]
        paired = entry.paired_with_id
        found.append(
            Seat(
                account=account,
                role=entry.role,
                inspector=account if paired is None else accounts.get(paired) or session.get_one(Account, paired),
                days=tuple(availability.days_taken(inspection, row)),
                per_day=row.per_day if row else availability.PER_DAY,
                capacity=availability.capacity(inspection, row),
                takes_part=row is not None and availability.capacity(inspection, row) > 0 and account.id not in looked,
                is_barred=any(one.covers_all for one in mine),
                barred=frozenset(one.case_ref for one in mine if not one.covers_all),
                has_looked=account.id in looked,
            )
        )
    return found


def readers(session: Session, *, inspection: Inspection) -> list[tuple[Account, Role]]:
    """Who may be given cases in the inspection, by name."""
    return [
        (account, entry.role)
        for account, entry in inspections.people(session, inspection=inspection)
        if entry.role in READER_ROLES
    ]
