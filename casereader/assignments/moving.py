"""When a reader falls ill: all their open readings go to the others in one step, by the rule that dealt the cases."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlmodel import Session

from casereader import audit, readings
from casereader.assignments import availability, bars
from casereader.assignments.assigning import NOT_AS_SHOWN
from casereader.assignments.dealing import Dealt, Reader, deal, deal_seconds
from casereader.assignments.giving import hand_over
from casereader.assignments.proposing import sampled_of
from casereader.assignments.room import Room, rooms
from casereader.assignments.seats import Seat
from casereader.drawing import draws
from casereader.errors import ConflictError, RefusedError
from casereader.in_waves import waves
from casereader.models import Account, Inspection, Reading
from casereader.vocabulary import NOT_TO_BE_READ, OPEN_STATES, Begun, ReadingKind, ReadingState
from sampling.digest import canonical_json


@dataclass(frozen=True)
class Move:
    """One open reading and who would have it; nobody (`to` is None) where none of the others may."""

    reading: Reading
    case_ref: str
    to: Account | None

    @property
    def is_begun(self) -> bool:
        """Whether answers of it are saved."""
        return self.reading.state is ReadingState.IN_PROGRESS


@dataclass(frozen=True)
class Unpaired:
    """A local reviewer whose inspector falls out, with the readings that nobody would countersign."""

    account: Account
    n_open: int
    n_submitted: int


@dataclass(frozen=True)
class Moves:
    """All open readings of a reader, by reference."""

    moves: list[Move]
    unpaired: list[Unpaired] = field(default_factory=list)  # local reviewers whose inspector the reader is
    rooms: list[Room] = field(default_factory=list)  # of the others, as they would be

    @property
    def digest(self) -> str:
        """Of who would have what: the deed is refused when it would not be what was shown."""
        shown = {one.reading.public_id: one.to.public_id if one.to else "" for one in self.moves}
        return hashlib.sha256(canonical_json(shown)).hexdigest()


def moves_of(session: Session, *, inspection: Inspection, reader: Account, today: date) -> Moves:
    """Who of the others would have the open readings of the reader.

    Raises ConflictError before the sample is drawn.
    """
    record = draws.current(session, inspection=inspection)
    if record is None:
        raise ConflictError("The sample is not drawn yet.")
    known = bars.load(session, inspection=inspection)
    rows: dict[tuple[str, ReadingKind], bars.Row] = {
        (row.case.case_ref, row.reading.kind): row
        for row in known.rows.values()
        if row.reading.kind is not ReadingKind.CONSENSUS
    }
    leaving = {
        key: row
        for key, row in rows.items()
        if row.reading.reviewer_id == reader.id
        and row.reading.state in OPEN_STATES
        and row.drawn.status not in NOT_TO_BE_READ
    }
    emails = {seat.key: seat.account.email for seat in known.seats.values()}
    held = Dealt({}, {})
    for (ref, kind), row in rows.items():
        if (ref, kind) not in leaving:
            given = held.first if kind is ReadingKind.FIRST else held.second
            given[ref] = emails.get(row.reading.reviewer_id, f"account {row.reading.reviewer_id}")
    sample = {row.case.case_ref: (row.drawn, row.case) for row in rows.values()}
    others = _taking_part(known, reader, held, today)
    number = waves.wave_of_cases(session, draw_record=record)
    firsts = [key for key in leaving if key[1] is ReadingKind.FIRST]
    seconds = [key for key in leaving if key[1] is ReadingKind.SECOND]
    first = deal(
        sampled_of(
            {ref: value for ref, value in sample.items() if ref in held.first or (ref, ReadingKind.FIRST) in leaving},
            number,
        ),
        [_barred(known, seat, rows, firsts) for seat in others],
        seed=record.seed,
        held=held,
    ).first
    second = deal_seconds(
        [ref for ref, _ in seconds],
        sampled_of(sample, number),
        [_barred(known, seat, rows, seconds) for seat in others],
        seed=record.seed,
        first={**held.first, **first},
        given=held.second,
        most=len(seconds),
    )
    accounts = {seat.account.email: seat.account for seat in others}
    moves = [
        Move(row.reading, ref, accounts.get((first if kind is ReadingKind.FIRST else second).get(ref, "")))
        for (ref, kind), row in sorted(leaving.items(), key=lambda item: (item[0][0], item[0][1]))
    ]
    gets = Counter(one.to.id for one in moves if one.to is not None)
    return Moves(
        moves,
        [
            _unpaired(known, seat)
            for seat in known.seats.values()
            if seat.key != reader.id and seat.inspector.id == reader.id
        ],
        [
            replace(one, n_open=one.n_open + gets[one.account.id])
            for one in rooms(session, inspection=inspection, today=today)
            if one.account.id != reader.id
        ],
    )


def move_all(
    session: Session,
    *,
    inspection: Inspection,
    reader: Account,
    begun: Begun | None,
    reason: str,
    as_shown: str,
    takes_days: bool,
    by: Account,
    at: datetime,
) -> Moves:
    """Hand every open reading of the reader to the others, as it was shown; those that nobody may take stay.

    `takes_days`: their remaining reading days go as well, so that nothing that comes later is dealt to them. Raises
    RefusedError with everything that is not as shown.
    """
    shown = moves_of(session, inspection=inspection, reader=reader, today=at.date())
    readings.hold_cases_of(session, [one.reading.public_id for one in shown.moves])
    for one in shown.moves:
        session.refresh(one.reading)
    found = moves_of(session, inspection=inspection, reader=reader, today=at.date())
    going = [one for one in found.moves if one.to is not None]
    reasons = []
    if not reason.strip():
        reasons.append("Say why the cases change hands.")
    if begun is None and any(one.is_begun for one in going):
        reasons.append("Some of these readings are begun: say whether their answers are kept or they start anew.")
    if not going:
        reasons.append(f"Nothing of {reader.name} can go to somebody else.")
    if found.digest != as_shown:
        reasons.append(NOT_AS_SHOWN)
    if reasons:
        raise RefusedError(*reasons)
    for one in going:
        assert one.to is not None
        hand_over(
            session, inspection=inspection, reading=one.reading, to=one.to, reason=reason, begun=begun, by=by, at=at
        )
    if takes_days:
        others = [one.account for one in found.rooms if one.n_open]
        availability.take_away(session, inspection=inspection, account=reader, others=others, by=by, at=at)
    audit.record(
        session,
        "readings of one reader moved",
        by=by,
        at=at,
        kind="account",
        object_id=reader.public_id,
        inspection_id=inspection.id,
        body={"moved": len(going), "left": len(found.moves) - len(going)},
    )
    return found


def _taking_part(known: bars.Bars, reader: Account, held: Dealt, today: date) -> list[Seat]:
    """The others who take part; where nobody's days were asked, those who hold a reading.

    Only those who have a day left, where anybody has. Not the local reviewers whose inspector falls out: nobody would
    countersign what they read.
    """
    others = [
        seat
        for seat in known.seats.values()
        if seat.key != reader.id and seat.inspector.id != reader.id and not (seat.is_barred or seat.has_looked)
    ]
    holding = {*held.first.values(), *held.second.values()}
    taking = [seat for seat in others if seat.takes_part] or [s for s in others if s.account.email in holding]
    return [seat for seat in taking if seat.has_day_left(today)] or taking


def _unpaired(known: bars.Bars, seat: Seat) -> Unpaired:
    own = [
        row.reading.state
        for row in known.rows.values()
        if row.reading.reviewer_id == seat.key and row.drawn.status not in NOT_TO_BE_READ
    ]
    return Unpaired(
        seat.account,
        sum(state in OPEN_STATES for state in own),
        sum(state is ReadingState.SUBMITTED for state in own),
    )


def _barred(
    known: bars.Bars,
    seat: Seat,
    rows: dict[tuple[str, ReadingKind], bars.Row],
    moving: Sequence[tuple[str, ReadingKind]],
) -> Reader:
    """The reader as the rule knows them, with what bars them from each of the readings that move."""
    barred = {ref for ref, kind in moving if known.why_not(seat.account, rows[(ref, kind)].reading)}
    return replace(seat.as_reader(), barred=seat.barred | barred)
