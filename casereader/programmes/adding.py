"""Adding partnerships to a programme: one with whom to tell, or many at once from a list, all of them or none."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, select

from casereader import audit
from casereader.errors import RefusedError
from casereader.models import Account, Inspection, Partnership, Programme
from casereader.naming import plain_name, slug_of
from casereader.programmes import contacts, inspections
from casereader.programmes.calendars import NO_DATES, Calendar, odd_days
from casereader.vocabulary import Role

MOST_LINES = 200
_PARTS = re.compile(r"\s*[;,\t]\s*")


@dataclass(frozen=True)
class Line:
    """One line of the list: a partnership, and the day it is notified where the line says."""

    number: int
    name: str
    notified_on: date | None


def read_lines(text: str) -> list[Line]:
    """The lines that are not blank; RefusedError with every fault, each by its line.

    >>> read_lines("Glen Test; 2026-09-07")[0].notified_on
    datetime.date(2026, 9, 7)
    """
    found: list[Line] = []
    faults: list[str] = []
    numbers: dict[str, int] = {}
    for number, text_of_line in enumerate(text.splitlines(), start=1):
        if not text_of_line.strip():
            continue
        name, *rest = _PARTS.split(text_of_line.strip(), maxsplit=1)
        try:
            line = Line(number, plain_name(name, "partnership"), _day(rest[0]) if rest else None)
        except RefusedError as error:
            faults += [f"Line {number}: {reason}" for reason in error.reasons]
            continue
        first = numbers.setdefault(slug_of(line.name), number)
        if first != number:
            faults.append(f"Line {number}: {line.name} stands on line {first} already.")
        found.append(line)
    if not found and not faults:
        faults.append("Enter at least one partnership, each on a line of its own.")
    if len(found) > MOST_LINES:
        faults.append(f"There are {len(found)} lines: add at most {MOST_LINES} at once.")
    if faults:
        raise RefusedError(*faults)
    return found


def faults_of(
    session: Session, *, programme: Programme, text: str, lead: Account | None = None, deputy: Account | None = None
) -> list[str]:
    """Everything that keeps a list from being added, all at once."""
    found: list[str] = []
    try:
        found = _there_already(session, programme, read_lines(text))
    except RefusedError as error:
        found = list(error.reasons)
    if lead is not None and deputy is not None and lead.id == deputy.id:
        found.append("The deputy stands in for the lead: name somebody else.")
    return found


def add(
    session: Session,
    *,
    programme: Programme,
    lines: Sequence[Line],
    notified_on: date | None,
    period: tuple[date, date],
    lead: Account | None,
    deputy: Account | None,
    by: Account,
    at: datetime,
) -> list[Inspection]:
    """Add every line, with the usual calendar from its own day or the common one; refused whole where one cannot be.

    Raises RefusedError with every line that cannot be added.
    """
    if faults := _there_already(session, programme, lines):
        raise RefusedError(*faults)
    return [
        add_partnership(
            session,
            programme=programme,
            name=line.name,
            period_from=period[0],
            period_to=period[1],
            calendar=Calendar(notified_on=line.notified_on or notified_on).completed(),
            lead=lead,
            deputy=deputy,
            by=by,
            at=at,
        )
        for line in lines
    ]


def add_one(
    session: Session,
    *,
    programme: Programme,
    name: str,
    period: tuple[date, date],
    notified_on: date | None,
    lead: Account,
    deputy: Account | None,
    telephones: Mapping[Role, str],
    by: Account,
    at: datetime,
) -> Inspection:
    """Add one partnership, with whom to tell of a matter of concern, and where they are reached where that is known.

    Raises RefusedError where a number is none or is nobody's, and as `add_partnership` does.
    """
    named = {Role.LEAD: lead, Role.DEPUTY: deputy}
    numbers = {role: _number_of(role, typed) for role, typed in telephones.items() if typed.strip()}
    if deputy is None and Role.DEPUTY in numbers:
        raise RefusedError("Choose the deputy whose telephone number this is, or leave the number out.")
    inspection = add_partnership(
        session,
        programme=programme,
        name=name,
        period_from=period[0],
        period_to=period[1],
        calendar=Calendar(notified_on=notified_on).completed(),
        lead=lead,
        deputy=deputy,
        by=by,
        at=at,
    )
    for role, number in numbers.items():
        if (account := named[role]) is not None:
            contacts.set_telephone(session, inspection=inspection, account=account, telephone=number, by=by, at=at)
    return inspection


def _number_of(role: Role, typed: str) -> str:
    try:
        return contacts.telephone_number(typed)
    except RefusedError as error:
        raise RefusedError(*(f"Of the {role}: {reason}" for reason in error.reasons)) from error


def _there_already(session: Session, programme: Programme, lines: Sequence[Line]) -> list[str]:
    already = _already(session, programme)
    return [
        f"Line {line.number}: {line.name} is in this programme already."
        for line in lines
        if slug_of(line.name) in already
    ]


def _already(session: Session, programme: Programme) -> set[str]:
    query = select(Partnership.slug).join(Inspection).where(Inspection.programme_id == programme.id)
    return set(session.exec(query))


def _day(text: str) -> date:
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise RefusedError(f"“{text[:60]}” is not a day like 2026-09-07 or 07/09/2026.")


def add_partnership(
    session: Session,
    *,
    programme: Programme,
    name: str,
    period_from: date,
    period_to: date,
    lead: Account | None,
    by: Account | None,
    at: datetime,
    deputy: Account | None = None,
    calendar: Calendar = NO_DATES,
) -> Inspection:
    """Add a partnership to a programme; whoever adds it becomes its coordinator.

    Raises RefusedError where dates or names cannot be, or the partnership is in the programme already.
    """
    reasons = [*odd_days((period_from, period_to, *calendar.dates.values()), at=at), *calendar.faults()]
    if period_to < period_from:
        reasons.append("The reading period ends before it begins.")
    if lead is not None and by is not None and lead.id == by.id:
        reasons.append("Name somebody else as lead: the list and plan need two people.")
    if reasons:
        raise RefusedError(*reasons)
    partnership = _partnership(session, name=name)
    already = select(Inspection.id).where(
        Inspection.programme_id == programme.id, Inspection.partnership_id == partnership.id
    )
    if session.exec(already).first():
        raise RefusedError(f"{partnership.name} is in this programme already.")
    inspection = Inspection(
        programme_id=programme.id or 0,
        partnership_id=partnership.id or 0,
        period_from=period_from,
        period_to=period_to,
        created_at=at,
    )
    calendar.put_on(inspection)
    session.add(inspection)
    session.flush()
    audit.record_of_inspection(
        session,
        "inspection added",
        inspection,
        by=by,
        at=at,
        body={"partnership": partnership.slug},
    )
    if by is not None:
        inspections.enter(session, inspection, by, Role.COORDINATOR, by=by, at=at)
    for account, role in ((lead, Role.LEAD), (deputy, Role.DEPUTY)):
        if account is not None:
            inspections.give_role(session, inspection=inspection, account=account, role=role, by=by, at=at)
    return inspection


def _partnership(session: Session, *, name: str) -> Partnership:
    """The partnership of that name, made when it is new."""
    name = plain_name(name, "partnership")
    found = session.exec(select(Partnership).where(Partnership.slug == slug_of(name))).first()
    if found is not None:
        return found
    partnership = Partnership(name=name, slug=slug_of(name))
    session.add(partnership)
    session.flush()
    return partnership
