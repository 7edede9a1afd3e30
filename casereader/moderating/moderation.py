"""Moderation: submitted readings looked at by somebody else and signed off.

Nobody signs off their own reading, nobody who still has a reading of a case to submit sees another's of it, and nobody
sees or signs off what a conflict of interest of theirs covers.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, delete, select

from casereader import audit
from casereader.errors import AbsentError, RefusedError, present
from casereader.instrument import Answers, Instrument, Part, open_keys
from casereader.models import Account, Case, DrawRecord, Reading, SampleCase, SavedReply
from casereader.moderating import settlements
from casereader.people import conflicts
from casereader.programmes.inspections import Place
from casereader.readings import (
    PUBLIC_ID,
    Opened,
    answers_of_many,
    hold_cases_of,
    locked,
    open_marks,
    shown_to,
    states_of_queries,
    with_case,
)
from casereader.vocabulary import QueryState, ReadingKind, ReadingState

FAR_APART = 2  # points of the six-point scale


@dataclass(frozen=True)
class Submitted:
    """A submitted reading as a moderator's list shows it; `disputes` is None until both readings of a case are in."""

    opened: Opened
    reader: str
    discuss: int  # answers marked so, and not talked over yet
    disputes: int | None
    is_in_conflict: bool  # its reader has since declared a conflict of interest with the case
    queries: Counter[QueryState]  # how many there are of its answers, by state

    @property
    def n_unresolved(self) -> int:
        """How many queries stand in the way of signing it off."""
        return self.queries.total() - self.queries[QueryState.RESOLVED]


@dataclass(frozen=True)
class Pair:
    """The two submitted readings of one case."""

    first: Opened
    second: Opened
    first_reader: str
    second_reader: str


@dataclass(frozen=True)
class Difference:
    """A part that two readers answered differently; `disputed` where that must be talked over."""

    part: Part
    disputed: bool


def submitted(session: Session, *, place: Place, instrument: Instrument, account: Account) -> list[Submitted]:
    """The submitted readings that the account may see: those still to sign off first, what has waited longest first."""
    rows = session.exec(_submitted_query(place, account)).all()
    found = [(_opened(place, row), row[3], row[4]) for row in rows]
    ids = [opened.key for opened, *_ in found]
    marked = _discuss_marks(session, ids)
    disputes = _disputes(session, [opened for opened, *_ in found], instrument)
    asked = states_of_queries(session, ids)
    listed = [
        Submitted(
            opened,
            reader,
            marked[opened.key],
            disputes.get(opened.sample_case.id or 0),
            is_in_conflict,
            asked[opened.key],
        )
        for opened, reader, is_in_conflict in found
    ]
    return sorted(listed, key=_place_in_list)


def readings_in(session: Session, *, place: Place, account: Account) -> list[Opened]:
    """The submitted readings of the inspection that the account may see, consensus readings included."""
    return [_opened(place, row) for row in session.exec(_submitted_query(place, account))]


def find(session: Session, *, place: Place, public_id: str, account: Account, to_change: bool = False) -> Submitted:
    """One submitted reading of the inspection that the account may see; AbsentError otherwise."""
    if not PUBLIC_ID.fullmatch(public_id):
        raise AbsentError
    query = _submitted_query(place, account).where(Reading.public_id == public_id)
    if to_change:
        hold_cases_of(session, [public_id])
        query = locked(query)
    row = present(session.exec(query).first())
    opened = _opened(place, row)
    marked, asked = _discuss_marks(session, [opened.key]), states_of_queries(session, [opened.key])
    return Submitted(opened, row[3], marked[opened.key], None, row[4], asked[opened.key])


def find_both(
    session: Session, *, place: Place, public_id: str, account: Account, to_change: bool = False
) -> Pair | None:
    """Both readings of the case of a submitted reading; None until both are in."""
    one = find(session, place=place, public_id=public_id, account=account, to_change=to_change)
    query = _submitted_query(place, account).where(Reading.sample_case_id == one.opened.reading.sample_case_id)
    if to_change:
        query = locked(query)
    by_kind = {row[0].kind: (_opened(place, row), row[3]) for row in session.exec(query)}
    first, second = by_kind.get(ReadingKind.FIRST), by_kind.get(ReadingKind.SECOND)
    return Pair(first[0], second[0], first[1], second[1]) if first and second else None


def find_pair(session: Session, *, place: Place, public_id: str, account: Account, to_change: bool = False) -> Pair:
    """Both readings of the case of a submitted reading; AbsentError until both are in."""
    both = find_both(session, place=place, public_id=public_id, account=account, to_change=to_change)
    if both is None:
        raise AbsentError("There are no two submitted readings of this case.")
    return both


def is_open_again(session: Session, *, place: Place, public_id: str, account: Account) -> bool:
    """Whether both readings of the case were submitted before and one is open now, for who may see the other."""
    if not PUBLIC_ID.fullmatch(public_id):
        return False
    case = select(Reading.sample_case_id).where(Reading.public_id == public_id)
    query = select(Reading).where(col(Reading.sample_case_id).in_(case), Reading.kind != ReadingKind.CONSENSUS)
    found = session.exec(query).all()
    seen = session.exec(_submitted_query(place, account).where(col(Reading.sample_case_id).in_(case))).first()
    return seen is not None and len(found) == 2 and all(one.first_submitted_at is not None for one in found)


def sign_off(session: Session, *, place: Place, public_id: str, by: Account, at: datetime) -> Reading:
    """Sign a submitted reading off, so that its answers stay as they are; doing it again changes nothing.

    Raises RefusedError with what keeps `by` from it.
    """
    one = find(session, place=place, public_id=public_id, account=by, to_change=True)
    reading = one.opened.reading
    if reading.signed_off_at is not None:
        return reading
    if (why := why_not_signed_off(one, by)) is not None:
        raise RefusedError(why)
    signed(session, reading, place=place, by=by, at=at)
    return reading


def signed(session: Session, reading: Reading, *, place: Place, by: Account, at: datetime) -> None:
    """What signing off is, once it is clear that it may be: nothing of the reading is saved again after it."""
    was = reading.version
    reading.state = ReadingState.SIGNED_OFF
    reading.signed_off_at, reading.signed_off_by_id = at, by.id
    session.add(reading)
    session.flush()
    settlements.follow(session, reading, was=was)
    session.exec(delete(SavedReply).where(col(SavedReply.reading_id) == reading.id))
    audit.record(
        session,
        "reading signed off",
        by=by,
        at=at,
        kind="reading",
        object_id=reading.public_id,
        inspection_id=place.inspection.id,
    )


def why_not_signed_off(one: Submitted, by: Account) -> str | None:
    """Why the account may not sign the reading off now; None when it may."""
    reading = one.opened.reading
    if reading.signed_off_at is not None:
        return "It is signed off already."
    if reading.reviewer_id == by.id:
        return "This is your own reading: another moderator or the lead signs it off."
    if reading.needs_countersigning and reading.countersigned_at is None:
        return "A local reviewer made this reading: the inspector they are paired with countersigns it first."
    return why_queries_stop(one.n_unresolved)


def why_queries_stop(n_unresolved: int) -> str | None:
    """Why a reading with so many unresolved queries is not signed off; None where there are none."""
    if not n_unresolved:
        return None
    says = f"{n_unresolved} queries about its answers are" if n_unresolved != 1 else "1 query about its answers is"
    return f"{says} not resolved yet: it is signed off once all are."


def differences(instrument: Instrument, first: Answers, second: Answers, *, stratum: str) -> list[Difference]:
    """The parts that two readings answer differently, in order; notes, sources and minutes may always differ."""
    opened = {*open_keys(instrument, first, stratum=stratum), *open_keys(instrument, second, stratum=stratum)}
    found = []
    for key in instrument.parts:
        if key not in opened:
            continue
        part = instrument.part(key)
        one, other = first.get(key), second.get(key)
        a, b = (one.value if one else None), (other.value if other else None)
        if a != b and part.filled_from != "minutes":
            found.append(Difference(part, is_dispute(part, a, b)))
    return found


def is_dispute(part: Part, a: str | None, b: str | None) -> bool:
    """Whether two ratings on the six-point scale are two or more points apart, or on both sides of good."""
    return any(ways_apart(part, a, b))


def ways_apart(part: Part, a: str | None, b: str | None) -> tuple[bool, bool]:
    """Whether two ratings on the six-point scale are two or more points apart, and whether on both sides of good."""
    if part.scale.kind != "six" or a is None or b is None or not (a.isdigit() and b.isdigit()):
        return False, False
    one, other = part.choice(a), part.choice(b)
    across = one is not None and other is not None and one.y != other.y
    return abs(int(a) - int(b)) >= FAR_APART, across


def _disputes(session: Session, found: list[Opened], instrument: Instrument) -> dict[int, int]:
    """The number of disputes by sampled case, for the cases whose two readings are both in."""
    by_case: dict[int, dict[ReadingKind, Opened]] = {}
    for opened in found:
        by_case.setdefault(opened.reading.sample_case_id, {})[opened.reading.kind] = opened
    both = {
        key: (kinds[ReadingKind.FIRST], kinds[ReadingKind.SECOND])
        for key, kinds in by_case.items()
        if ReadingKind.FIRST in kinds and ReadingKind.SECOND in kinds
    }
    answers = answers_of_many(session, [opened.key for pair in both.values() for opened in pair])
    return {
        key: sum(
            one.disputed
            for one in differences(
                instrument, answers[first.key], answers[second.key], stratum=first.stratum(instrument)
            )
        )
        for key, (first, second) in both.items()
    }


def _discuss_marks(session: Session, ids: list[int]) -> Counter[int]:
    return Counter(key for key, _ in open_marks(session, ids))


def _submitted_query(place: Place, account: Account) -> Any:
    columns: Any = select(Reading, SampleCase, Case, Account.name)
    return (
        with_case(columns.add_columns(conflicts.covered(col(Reading.reviewer_id))).select_from(Reading))
        .join(Account, col(Account.id) == Reading.reviewer_id)
        .where(
            DrawRecord.inspection_id == place.inspection.id,
            col(DrawRecord.voided_at).is_(None),
            col(Reading.submitted_at).is_not(None),
            shown_to(account.id),
        )
    )


def _opened(place: Place, row: Any) -> Opened:
    reading, sample_case, case, *_ = row
    return Opened(reading, sample_case, case, place)


def _place_in_list(one: Submitted) -> tuple[bool, str, str, int]:
    """What waits to be signed off, the longest first; then what is done, by reference."""
    reading = one.opened.reading
    is_done = reading.signed_off_at is not None
    waits_since = "" if is_done or reading.submitted_at is None else reading.submitted_at.isoformat()
    return is_done, waits_since, one.opened.case_ref, list(ReadingKind).index(reading.kind)
