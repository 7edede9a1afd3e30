"""Packing: the week is begun or goes on, the trail says so, and then all that travels is read in one state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session, select

from casereader import audit
from casereader.drawing import draws, plans
from casereader.errors import ConflictError, RefusedError
from casereader.instrument import Instrument
from casereader.models import OfflineWeek, PackedFile
from casereader.packing import carrying
from casereader.packing.conflicts import waiting_for
from casereader.packing.content import Head, lines
from casereader.packing.gathering import gather
from casereader.packing.listed import as_it_travels
from casereader.packing.weeks import end, files_of, newest, week_here
from casereader.programmes.inspections import Place
from casereader.vocabulary import DataKind, Side
from sampling.version import SOFTWARE


def begin(session: Session, *, place: Place, is_last: bool, at: datetime) -> PackedFile:
    """Say in the trail that the inspection is packed; what went wrong after that, packing again puts right.

    Raises ConflictError before the sample is drawn, once the week is over, or while somebody has to choose;
    RefusedError where this side packs no such file.
    """
    if place.programme.data_kind is DataKind.PUBLISHED:
        raise RefusedError("Published evaluations are read in no reading room: there is nothing to pack.")
    week = week_here(session, place=place)
    if week is None or (week.ended_at is not None and week.side is Side.OFFICE):
        week = _new_week(session, place, at)
    elif week.ended_at is not None and not is_last:
        raise ConflictError("Its last file was packed: pack it with --last again if that file was lost.")
    if is_last and week.side is Side.OFFICE:
        raise RefusedError("The last file is the laptop’s: leave --last out at the office.")
    if waiting := waiting_for(session, place=place):
        raise ConflictError(_who_chooses(waiting))
    ours, theirs = newest(session, week=week, is_ours=True), newest(session, week=week, is_ours=False)
    row = PackedFile(
        week_id=week.id or 0,
        is_ours=True,
        number=max(ours.number if ours else 0, theirs.knows if theirs else 0) + 1,  # an office may be restored
        knows=theirs.number if theirs else 0,
        is_last=is_last,
        head=audit.head(session),
        at=at,
    )
    session.add(row)
    if is_last:
        end(session, week=week, at=at)
    session.flush()
    audit.record_of_inspection(
        session,
        "inspection packed",
        place.inspection,
        by=None,
        at=at,
        body={"file": row.number, "for": Side.LAPTOP if week.side is Side.OFFICE else Side.OFFICE, "head": row.head},
    )
    return row


def _who_chooses(waiting: Sequence[tuple[str | None, int]]) -> str:
    """Why packing waits, for whom, and where they choose."""
    n = sum(count for _, count in waiting)
    people = ", ".join(f"{reader or 'a lead or moderator'} ({count})" for reader, count in waiting)
    return (
        f"{n} answer{' was' if n == 1 else 's were'} changed on both sides and wait{'s' if n == 1 else ''} for a choice"
        f" by {people}. They choose at the office, signed in there, on the page “Offline week” of the inspection; on"
        " the laptop nobody can. Packed before that, the file would bring one of the two texts there as if it were the"
        " answer. Pack once they have."
    )


def _new_week(session: Session, place: Place, at: datetime) -> OfflineWeek:
    if draws.current(session, inspection=place.inspection) is None:
        raise ConflictError("The sample is not drawn yet: draw it at the office, give out the cases, then pack.")
    if place.inspection.published_on is not None:
        raise ConflictError("The inspection is published: its reading is over.")
    week = OfflineWeek(
        inspection_id=place.inspection.id or 0, side=Side.OFFICE, office=carrying.first_of(session), begun_at=at
    )
    session.add(week)
    session.flush()
    return week


def _took_before(session: Session, week: OfflineWeek) -> dict[str, Any]:
    """What the office took over last of each earlier week: a laptop that holds more gives that back first."""
    query = select(OfflineWeek).where(OfflineWeek.inspection_id == week.inspection_id, OfflineWeek.id != week.id)
    found = {one.public_id: newest(session, week=one, is_ours=False) for one in session.exec(query).all()}
    return {name: {"number": file.number, "head": file.head} for name, file in found.items() if file is not None}


def prepare(session: Session, *, place: Place, number: int, instrument: Instrument, schema: str) -> Iterator[bytes]:
    """The lines of the file that was begun, from one state of the database."""
    week = week_here(session, place=place)
    if week is None:
        raise LookupError("a file of no week")
    file = next(one for one in files_of(session, week=week) if one.is_ours and one.number == number)
    taken = newest(session, week=week, is_ours=False)
    head = Head(
        schema=schema,
        software=SOFTWARE,
        week=week.public_id,
        side=week.side,
        office=week.office,
        laptop=carrying.first_of(session) if week.side is Side.LAPTOP else week.laptop,
        inspection=place.inspection.public_id,
        name=place.name,
        data_kind=place.programme.data_kind.value,
        instrument_digest=instrument.digest,
        number=file.number,
        knows=file.knows,
        is_last=file.is_last,
        packed_at=file.at.astimezone(UTC).isoformat(),
        head=audit.head(session),
        events=carrying.length_of(session),
        yours=taken.held if taken else {},
        earlier=_took_before(session, week) if week.side is Side.OFFICE else {},
    )
    events = carrying.events(session) if week.side is Side.LAPTOP else ()
    to = Side.OFFICE if week.side is Side.LAPTOP else Side.LAPTOP
    return lines(head, as_it_travels(gather(session, place), to=to, counted=_compared(session, place)), events)


def _compared(session: Session, place: Place) -> list[str]:
    """The column of the list whose values tell the group that is compared."""
    plan = plans.current(session, inspection=place.inspection)
    return [plans.choices_of(plan).comparison_column] if plan is not None else []
