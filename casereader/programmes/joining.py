"""People who join an inspection from a list: accounts made in bulk, with an end and a role, and their one-time links.

The list is checked whole before anything is made. Whoever has an account gets the role and no link: nobody who runs an
inspection can take over an account that is somebody's.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, select

from casereader import audit
from casereader.errors import CasereaderError, RefusedError
from casereader.models import Account, Inspection
from casereader.people import accounts, passwords
from casereader.people.local_reviewers import LONGEST_STAY
from casereader.programmes import inspections
from casereader.vocabulary import Role

COLUMNS = ("name", "e-mail", "role", "paired with", "last day")
ROLES = {"reviewer": Role.REVIEWER, "inspector": Role.REVIEWER, "local reviewer": Role.LOCAL_REVIEWER}
ROLES |= {"moderator": Role.MODERATOR}
SPELLINGS = {"email": "e-mail", "e-mail address": "e-mail", "email address": "e-mail", "pair": "paired with"}
SEPARATORS = "\t;,"
MOST_ROWS = 200
AFTER_THE_READING = timedelta(days=7)

Line = tuple[int, Sequence[str]]  # its number as the sender counts, and its cells


@dataclass(frozen=True)
class LineFault:
    """What is wrong with one line of the list, and what to do."""

    line: int
    column: str
    value: str
    says: str


class ListFaultsError(CasereaderError):
    """A list of people that cannot be taken; `faults` holds everything that is wrong with it."""

    def __init__(self, faults: Sequence[LineFault]) -> None:
        self.faults = list(faults)
        super().__init__(f"{len(self.faults)} things to put right in the list of people.")


@dataclass(frozen=True)
class Joining:
    """One person of a sound list: `known` has an account already, `holds_it` the role as well."""

    name: str
    email: str
    role: Role
    paired_with: str  # the e-mail address of the inspector; blank but for local reviewers
    ends_on: date
    known: bool
    holds_it: bool


@dataclass(frozen=True)
class Joined:
    """One person who has the role now; `token` opens a new account once, and is None for whoever had one."""

    account: Account
    role: Role
    token: str | None


def lines_of(text: str) -> list[Line]:
    """The lines of a pasted or sent list, by comma, semicolon or TAB; blank ones are left out."""
    head = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(SEPARATORS, key=head.count)
    rows = csv.reader(io.StringIO(text), delimiter=separator, skipinitialspace=True)
    try:
        return [(rows.line_num, row) for row in rows if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise ListFaultsError([LineFault(rows.line_num, "", "", "This line cannot be read as a list.")]) from error


def as_text(lines: Iterable[Line]) -> str:
    """The lines as they can be typed: what stands in the box after a file was read."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(row for _, row in lines)
    return text.getvalue()


def default_end(inspection: Inspection) -> date | None:
    """The last day of an account when the list names none: a week after the reading days."""
    last = inspection.reading_ends or inspection.reading_starts
    return last + AFTER_THE_READING if last else None


def check(session: Session, *, inspection: Inspection, lines: Sequence[Line], at: datetime) -> list[Joining]:
    """The people of the list, if nothing is wrong with it; ListFaultsError with every fault otherwise."""
    if not lines:
        raise ListFaultsError([LineFault(1, "", "", "The list is empty: enter one line for each person.")])
    columns, body = _columns(lines)
    if len(body) > MOST_ROWS:
        raise ListFaultsError([LineFault(body[MOST_ROWS][0], "", "", f"Send at most {MOST_ROWS} people at once.")])
    known = {account.email: account for account in session.exec(select(Account))}
    held = _held(session, inspection)
    reading = _Reading(inspection, at.date(), known, held)
    rows = [(number, {name: _cell(cells, place) for name, place in columns.items()}) for number, cells in body]
    listed = [reading.line(number, cells) for number, cells in rows]
    reading.pair(listed)
    if reading.faults:
        raise ListFaultsError(sorted(reading.faults, key=lambda fault: fault.line))
    return [one for _, one in listed if one is not None]


def join(
    session: Session, *, inspection: Inspection, people: Sequence[Joining], by: Account, at: datetime
) -> list[Joined]:
    """Make the accounts, give the roles, and hand back the links, which are kept nowhere in clear."""
    found: dict[str, Joined] = {}
    for one in sorted(people, key=lambda one: one.role is Role.LOCAL_REVIEWER):  # inspectors before who pairs with them
        if one.known:
            account, token = accounts.by_email(session, email=one.email), None
        else:
            account = accounts.create(session, email=one.email, name=one.name, by=by, at=at, ends_on=one.ends_on)
            token = passwords.issue_link(session, account=account, by=by, at=at)
        if not one.holds_it:
            pair = accounts.by_email(session, email=one.paired_with) if one.paired_with else None
            inspections.give_role(
                session, inspection=inspection, account=account, role=one.role, paired_with=pair, by=by, at=at
            )
        found[one.email] = Joined(account, one.role, token)
    audit.record_of_inspection(
        session,
        "people joined from a list",
        inspection,
        by=by,
        at=at,
        body={"made": sum(one.token is not None for one in found.values()), "listed": len(found)},
    )
    return [found[one.email] for one in people]


class _Reading:
    """One list being read: what is known beforehand, and what is wrong so far."""

    def __init__(
        self, inspection: Inspection, today: date, known: Mapping[str, Account], held: Mapping[str, set[Role]]
    ) -> None:
        self.faults: list[LineFault] = []
        self._inspection, self._today, self._known, self._held = inspection, today, known, held
        self._seen: dict[str, int] = {}

    def line(self, number: int, cells: Mapping[str, str]) -> tuple[int, Joining | None]:
        """The person of one line; None where something is wrong with it."""
        before = len(self.faults)
        alone = [text for text in cells.values() if text]
        if len(alone) == 1 and any(mark in alone[0] for mark in SEPARATORS):
            self._fault(number, "", alone[0], "The line is not separated as the first is: use one sign throughout.")
            return number, None
        email = self._email(number, cells["e-mail"])
        role = ROLES.get(" ".join(cells["role"].casefold().split()))
        if role is None:
            says = "Enter reviewer, local reviewer or moderator. Other roles are given under People and roles."
            self._fault(number, "role", cells["role"], says)
        account = self._known.get(email)
        name = account.name if account else " ".join(cells["name"].split())
        if not 1 <= len(name) <= 100 or not name.isprintable():
            self._fault(number, "name", cells["name"], "Enter the person's name, in 1 to 100 characters.")
        ends_on = self._end(number, cells["last day"])
        if account is not None:
            self._existing(number, account, role)
        elif role is not None and email:
            self._roles(number, email, role, set())
        if len(self.faults) > before or role is None or ends_on is None:
            return number, None
        holds_it = role in self._held.get(email, set())
        return number, Joining(name, email, role, cells["paired with"], ends_on, account is not None, holds_it)

    def pair(self, listed: list[tuple[int, Joining | None]]) -> None:
        """Put the inspector's address in the place of what the list says of the pair."""
        inspectors = {email: account.name for email, account in self._known.items() if self._inspects(email)}
        inspectors |= {one.email: one.name for _, one in listed if one is not None and one.role is Role.REVIEWER}
        for place, (number, one) in enumerate(listed):
            if one is None:
                continue
            said = " ".join(one.paired_with.split())
            if one.role is not Role.LOCAL_REVIEWER:
                if said:
                    self._fault(number, "paired with", said, "Only a local reviewer is paired: leave it blank.")
                continue
            found = [email for email, name in inspectors.items() if said.casefold() in (email, name.casefold())]
            if one.email in found or len(found) != 1:
                says = (
                    "Name the inspector of the pair by e-mail address: a reviewer of this inspection or of this list."
                )
                self._fault(number, "paired with", said, says)
                continue
            listed[place] = (
                number,
                Joining(one.name, one.email, one.role, found[0], one.ends_on, one.known, one.holds_it),
            )

    def _inspects(self, email: str) -> bool:
        return Role.REVIEWER in self._held.get(email, set())

    def _email(self, number: int, text: str) -> str:
        try:
            email = accounts.canonical_email(text)
        except RefusedError as error:
            self._fault(number, "e-mail", text, error.reasons[0])
            return ""
        if email in self._seen:
            self._fault(number, "e-mail", email, f"Line {self._seen[email]} has this address already: keep one.")
        self._seen.setdefault(email, number)
        return email

    def _end(self, number: int, text: str) -> date | None:
        text = text.strip()
        if not text:
            found = default_end(self._inspection)
            if found is None:
                says = "No reading days are agreed yet: enter the last day of the account, like 2026-06-30."
                self._fault(number, "last day", text, says)
                return None
            return max(found, self._today)
        for form in ("%Y-%m-%d", "%d/%m/%Y"):
            try:
                day = datetime.strptime(text[:10], form).date()  # noqa: DTZ007 - a day has no zone
            except ValueError:
                continue
            if self._today <= day <= self._today + LONGEST_STAY:
                return day
            self._fault(number, "last day", text, "Enter a day from today on, within a year.")
            return None
        self._fault(number, "last day", text, "Enter a day like 2026-06-30 or 30/06/2026.")
        return None

    def _existing(self, number: int, account: Account, role: Role | None) -> None:
        if account.is_administrator:
            says = "This person is an administrator, who sees no case content."
            self._fault(number, "e-mail", account.email, says)
        elif account.disabled_at is not None or (account.ends_on is not None and account.ends_on < self._today):
            says = "This person's account has stopped working: ask your administrator."
            self._fault(number, "e-mail", account.email, says)
        elif role is Role.LOCAL_REVIEWER and account.ends_on is None:
            says = (
                "A local reviewer's account must end, and this one does not: ask an administrator to set its last day."
            )
            self._fault(number, "e-mail", account.email, says)
        elif role is not None:
            self._roles(number, account.email, role, self._held.get(account.email, set()))

    def _roles(self, number: int, email: str, role: Role, held: set[Role]) -> None:
        others = held - {role}
        if others and Role.LOCAL_REVIEWER in {role, *others}:
            self._fault(number, "role", email, "A local reviewer holds no other role in the inspection.")

    def _fault(self, number: int, column: str, value: str, says: str) -> None:
        self.faults.append(LineFault(number, column, value[:60], says))


def _columns(lines: Sequence[Line]) -> tuple[dict[str, int], Sequence[Line]]:
    """Where each column stands: by the headings of the first line, or in their usual order without any."""
    number, first = lines[0]
    heads = [" ".join(cell.casefold().split()) for cell in first]
    heads = [SPELLINGS.get(head, head) for head in heads]
    if "e-mail" not in heads:
        return {name: place for place, name in enumerate(COLUMNS)}, lines
    faults = [LineFault(number, name, "", "This column is missing.") for name in COLUMNS[:3] if name not in heads]
    faults += [
        LineFault(number, name, "", "Two columns have this heading.") for name in COLUMNS if heads.count(name) > 1
    ]
    if faults:
        raise ListFaultsError(faults)
    return {name: heads.index(name) if name in heads else -1 for name in COLUMNS}, lines[1:]


def _cell(cells: Sequence[str], place: int) -> str:
    return cells[place].strip() if 0 <= place < len(cells) else ""


def _held(session: Session, inspection: Inspection) -> dict[str, set[Role]]:
    held: dict[str, set[Role]] = {}
    for account, entry in inspections.people(session, inspection=inspection):
        held.setdefault(account.email, set()).add(entry.role)
    return held
