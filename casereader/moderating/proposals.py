"""The two readers of a case settle it themselves: one proposes, the other agrees or proposes something else.

Only once both readings are in, and a local reviewer's is countersigned: until then nobody learns that there are two.
What they agree on counts once a moderator or the lead confirms it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Session, col, select

from casereader import audit, readings
from casereader.errors import AbsentError, ConflictError
from casereader.instrument import Instrument
from casereader.models import Account, Reading, Settlement
from casereader.moderating import seen, settlements
from casereader.moderating.consensus import checked
from casereader.moderating.moderation import Pair
from casereader.moderating.settlements import Chosen
from casereader.readings import Opened, locked
from casereader.vocabulary import ReadingKind, ReadingState

MOVED_ON = "What was proposed was changed since you opened the page. Look at it as it stands now."
BOTH = (ReadingKind.FIRST, ReadingKind.SECOND)
SETTLED = (ReadingState.SETTLED, ReadingState.LOCKED)


class Turn(StrEnum):
    """Whose turn it is to settle two readings."""

    NOBODY_YET = "nobody has proposed anything yet"
    MINE = "a proposal waits for you"
    THEIRS = "your proposal waits for the other reader"
    AGREED = "agreed by both: a moderator confirms it"
    LAPSED = "what was proposed has lapsed: a reading changed since"

    @property
    def may_go_on(self) -> bool:
        """Whether something is for this reader to do."""
        return self in (Turn.NOBODY_YET, Turn.MINE, Turn.LAPSED)


@dataclass(frozen=True)
class ToSettle:
    """A pair of readings, one of them the account's own, that is not settled yet."""

    opened: Opened
    other_reader: str
    turn: Turn


def find_own(session: Session, *, public_id: str, account: Account, to_change: bool = False) -> Pair:
    """Both readings of the case of the account's own submitted reading; AbsentError until both are in."""
    own = readings.find(session, public_id=public_id, account=account, to_change=to_change)
    if own.is_set_aside:
        raise AbsentError
    query = (
        select(Reading, Account.name)
        .join(Account, col(Account.id) == Reading.reviewer_id)
        .where(Reading.sample_case_id == own.reading.sample_case_id, col(Reading.kind).in_(BOTH))
        .order_by(col(Reading.id))
    )
    found = session.exec(locked(query) if to_change else query).all()
    by_kind = {reading.kind: (Opened(reading, own.sample_case, own.case, own.place), name) for reading, name in found}
    if set(by_kind) != set(BOTH) or not all(is_ready(reading) for reading, _ in found):
        raise AbsentError
    (first, first_reader), (second, second_reader) = (by_kind[kind] for kind in BOTH)
    return Pair(first, second, first_reader, second_reader)


def is_ready(reading: Reading) -> bool:
    """Whether a reading may be looked at beside the other: submitted, and countersigned where it must be."""
    is_countersigned = not reading.needs_countersigning or reading.countersigned_at is not None
    return reading.submitted_at is not None and is_countersigned


def to_settle(session: Session, *, mine: Sequence[Opened], account: Account) -> list[ToSettle]:
    """Of the account's own readings, those that it can settle with their other readers; what waits for it first."""
    own = {one.reading.sample_case_id: one for one in mine if is_ready(one.reading) and not one.is_set_aside}
    query = (
        select(Reading, Account.name)
        .join(Account, col(Account.id) == Reading.reviewer_id)
        .where(col(Reading.sample_case_id).in_(own), col(Reading.kind).in_(BOTH), Reading.reviewer_id != account.id)
    )
    found = []
    kept = settlements.standing_of(session, sample_case_ids=own)
    for reading, name in session.exec(query).all() if own else ():
        opened = own[reading.sample_case_id]
        if is_ready(reading) and not {reading.state, opened.reading.state} & set(SETTLED):
            standing = kept.get(reading.sample_case_id)
            found.append(ToSettle(opened, name, turn_of(standing, opened.reading, reading, account)))
    return sorted(found, key=lambda one: (one.turn is not Turn.MINE, one.opened.case_ref))


def turn_of(settlement: Settlement | None, one: Reading, other: Reading, account: Account) -> Turn:
    """Whose turn it is with these two readings, for one of their readers."""
    first, second = (one, other) if one.kind is ReadingKind.FIRST else (other, one)
    if settlement is None:
        return Turn.NOBODY_YET
    if settlements.has_lapsed(settlement, first=first, second=second):
        return Turn.LAPSED
    if settlement.agreed_at is not None:
        return Turn.AGREED
    return Turn.THEIRS if settlement.proposed_by_id == account.id else Turn.MINE


def propose(
    session: Session,
    *,
    public_id: str,
    instrument: Instrument,
    chosen: Mapping[str, Chosen],
    by: Account,
    at: datetime,
    mark: str | None = None,
    keep_signs: bool = False,
) -> Settlement:
    """Propose what should count, question by question; the same as the other reader proposed is to agree with it.

    Raises UnsettledError with every gap. `mark` is that of the page on which it was chosen, where there was one:
    MovedOnError where anything is not as it showed. ConflictError where the pair cannot be settled by its readers now.
    """
    pair = _changeable(session, public_id, by)
    kept = settlements.standing(session, sample_case_id=pair.first.reading.sample_case_id)
    if mark is not None:
        seen.refuse_unseen(session, pair, kept, mark, instrument=instrument, moved=MOVED_ON)
    checked(session, pair, instrument, chosen, keep_signs=keep_signs)
    if kept is not None and _waits_for(kept, pair, by) and _is_same(kept, chosen):
        kept.chosen = {key: _with_reason(one, chosen[key].reason.strip()) for key, one in kept.chosen.items()}
        return _agreed(session, pair, kept, by, at)
    kept = settlements.begin(session, first=pair.first.reading, second=pair.second.reading, by_id=by.id or 0, at=at)
    kept.chosen = {key: asdict(one) for key, one in chosen.items()}
    session.add(kept)
    session.flush()
    _audit(session, "settlement proposed", pair, by, at, chosen=len(chosen))
    return kept


def agree(
    session: Session, *, public_id: str, instrument: Instrument, mark: str, by: Account, at: datetime
) -> Settlement:
    """Agree to what the other reader proposed; ConflictError where that is not what `mark` stands for."""
    pair = _changeable(session, public_id, by)
    kept = settlements.standing(session, sample_case_id=pair.first.reading.sample_case_id)
    if kept is None or not _waits_for(kept, pair, by) or settlements.mark_of(kept) != mark:
        raise ConflictError(MOVED_ON)
    checked(session, pair, instrument, settlements.chosen_in(kept), keep_signs=True)
    return _agreed(session, pair, kept, by, at)


def why_not_proposed(pair: Pair) -> str:
    """Why neither reader can propose anything now; blank where they can."""
    states = {pair.first.reading.state, pair.second.reading.state}
    if ReadingState.LOCKED in states:
        return "These readings are locked: nothing in them changes any more."
    return "These readings are settled already." if ReadingState.SETTLED in states else ""


def _changeable(session: Session, public_id: str, by: Account) -> Pair:
    pair = find_own(session, public_id=public_id, account=by, to_change=True)
    if why := why_not_proposed(pair):
        raise ConflictError(why)
    return pair


def _waits_for(settlement: Settlement, pair: Pair, account: Account) -> bool:
    return turn_of(settlement, pair.first.reading, pair.second.reading, account) is Turn.MINE


def _is_same(settlement: Settlement, chosen: Mapping[str, Chosen]) -> bool:
    before = settlements.chosen_in(settlement)
    return {key: one.what for key, one in before.items()} == {key: one.what for key, one in chosen.items()}


def _with_reason(one: Mapping[str, Any], reason: str) -> dict[str, Any]:
    """What was proposed for one part, with what the other reader says of it where that is more."""
    return {**one, "also": reason if reason != one["reason"].strip() else ""}


def _agreed(session: Session, pair: Pair, kept: Settlement, by: Account, at: datetime) -> Settlement:
    kept.agreed_at, kept.agreed_by_id = at, by.id
    session.add(kept)
    session.flush()
    _audit(session, "settlement agreed", pair, by, at, proposed_by=kept.proposed_by_id)
    return kept


def _audit(session: Session, action: str, pair: Pair, by: Account, at: datetime, **body: int) -> None:
    audit.record(
        session,
        action,
        by=by,
        at=at,
        kind="sample case",
        object_id=pair.first.sample_case.public_id,
        inspection_id=pair.first.place.inspection.id,
        body=body,
    )
