"""What keeps a reader from a reading of the inspection: conflicts of interest, and what they know of the case."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlmodel import Session, col, select

from casereader import audit, readings
from casereader.assignments.seats import Seat, seats
from casereader.models import Account, AnswerRevision, Case, DrawRecord, Inspection, Reading, SampleCase
from casereader.vocabulary import ReadingKind, Role

HAS_LOOKED = "{name} has seen the figures after a wave here, and reads no more of this sample."


@dataclass(frozen=True)
class Row:
    """One reading with the case it is of."""

    reading: Reading
    drawn: SampleCase
    case: Case


@dataclass(frozen=True)
class Bars:
    """The readings and readers of an inspection, loaded once to ask who may take which."""

    seats: dict[int, Seat]
    rows: dict[int, Row]  # by reading
    wrote: dict[int, set[int]]  # whoever saved an answer, by reading
    signed: dict[str, set[int | None]]  # whoever countersigned, by the reading's name, also before it was reopened

    def why_not(self, account: Account, reading: Reading) -> list[str]:
        """What keeps the account from the reading, in words; nothing where it may take it."""
        seat, name = self.seats.get(account.id or 0), account.name
        if seat is None:
            return [f"{name} is no reviewer here."]
        reasons = [HAS_LOOKED.format(name=name)] if seat.has_looked else []
        reasons += self._conflicts(seat, self.rows[reading.id or 0].case.case_ref)
        if reading.kind is ReadingKind.SECOND and seat.role is Role.LOCAL_REVIEWER:
            reasons.append("A second reading goes to an inspector, not to staff of the partnership.")
        others = [
            row.reading
            for row in self.rows.values()
            if row.reading.sample_case_id == reading.sample_case_id and row.reading.id != reading.id
        ]
        if any(one.reviewer_id == seat.key for one in others):
            reasons.append(f"{name} has the other reading of this case: the two must be independent.")
        elif any(self._is_of_pair(seat, one) for one in others):
            reasons.append(f"{name} is of the pair that has the other reading: the two must be independent.")
        elif any(seat.key in self.wrote[one.id or 0] for one in others):
            reasons.append(f"{name} began the other reading of this case: the two must be independent.")
        elif any(self._is_of_pair(seat, one) for one in self._blind_in_family(reading)):
            reasons.append(f"{name} or their pair has a blind reading in the same family: the two must be independent.")
        signers = {signed for one in (reading, *others) for signed in (one.countersigned_by_id, one.signed_off_by_id)}
        signers.update(*(self.signed.get(one.public_id, set()) for one in (reading, *others)))
        if seat.key in signers:
            reasons.append(f"{name} has countersigned or signed off a reading of this case, so has seen its answers.")
        return reasons

    def may_take(self, reading: Reading) -> list[Account]:
        """Who else may take the reading, by name."""
        return [
            seat.account
            for seat in self.seats.values()
            if seat.key != reading.reviewer_id and not self.why_not(seat.account, reading)
        ]

    def _conflicts(self, seat: Seat, ref: str) -> list[str]:
        inspector = self.seats.get(seat.inspector.id or 0, seat)
        if seat.is_barred or inspector.is_barred:
            return [f"{seat.account.name} or their pair has a conflict of interest with this partnership."]
        if ref in seat.barred | inspector.barred:
            return [f"{seat.account.name} or their pair has a conflict of interest with this case."]
        return []

    def _is_of_pair(self, seat: Seat, reading: Reading) -> bool:
        other = self.seats.get(reading.reviewer_id)
        pair = other.inspector.id if other else reading.reviewer_id
        return reading.kind is not ReadingKind.CONSENSUS and pair == seat.inspector.id

    def _blind_in_family(self, reading: Reading) -> list[Reading]:
        """Readings of the case's brothers and sisters that must stay apart from it: second ones from first ones."""
        family = self.rows[reading.id or 0].case.family_group
        return [
            row.reading
            for row in self.rows.values()
            if family
            and row.case.family_group == family
            and row.reading.sample_case_id != reading.sample_case_id
            and row.reading.kind is not reading.kind
            and row.reading.kind is not ReadingKind.CONSENSUS
        ]


def load(session: Session, *, inspection: Inspection) -> Bars:
    """The bars of the inspection's active draw."""
    query = (
        select(Reading, SampleCase, Case)
        .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
        .join(Case, col(Case.id) == SampleCase.case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .where(DrawRecord.inspection_id == inspection.id, col(DrawRecord.voided_at).is_(None))
    )
    rows = {reading.id or 0: Row(reading, drawn, case) for reading, drawn, case in session.exec(query)}
    wrote: defaultdict[int, set[int]] = defaultdict(set)
    saved = (
        select(AnswerRevision.reading_id, AnswerRevision.saved_by_id)
        .join(Reading, col(Reading.id) == AnswerRevision.reading_id)
        .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .where(DrawRecord.inspection_id == inspection.id, col(DrawRecord.voided_at).is_(None))
        .distinct()
    )
    for reading_id, account_id in session.exec(saved):
        wrote[reading_id].add(account_id)
    signed: defaultdict[str, set[int | None]] = defaultdict(set)
    names = [row.reading.public_id for row in rows.values()]
    for deed in audit.deeds(session, readings.COUNTERSIGNED, object_ids=names):
        signed[deed.object_id].add(deed.by_id)
    return Bars({seat.key: seat for seat in seats(session, inspection=inspection)}, rows, wrote, signed)
