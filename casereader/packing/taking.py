"""Unpacking: every fault is found before anything is written; then all of it is written, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.exc import DataError, IntegrityError
from sqlmodel import Session, col, select

from casereader import audit
from casereader.audit.carried import BOUND
from casereader.audit.chain import FIRST
from casereader.errors import RefusedError
from casereader.instrument import Library
from casereader.models import Inspection, OfflineWeek, PackedFile
from casereader.packing import carrying
from casereader.packing.conflicts import keep as keep_conflicts
from casereader.packing.content import Content
from casereader.packing.gathering import Rows, gather, held, parts_of, tables
from casereader.packing.merging import Plan, merge
from casereader.packing.placing import Placing
from casereader.packing.queries_of_both import Base
from casereader.packing.refusing import (
    refuse_odd,
    refuse_of_another_make,
    refuse_of_elsewhere,
    refuse_out_of_turn,
    refuse_what_is_gone,
)
from casereader.packing.untold import untold, words_of
from casereader.packing.weeks import end, newest
from casereader.programmes import inspections
from casereader.programmes.inspections import Place
from casereader.readings.counting import settle_statuses
from casereader.readings.holding import hold_draw_with_cases
from casereader.vocabulary import Side

ODD = "Something in this file does not fit what is here, and nothing was changed. Pack it again where it came from."
TO_LAPTOP, TO_OFFICE = "taken over on the laptop", "taken over from the laptop"


@dataclass(frozen=True)
class Taken:
    """What came of a file."""

    name: str
    side: Side
    is_new: bool  # False: it was taken over before, and changed nothing
    is_first: bool = False
    is_last: bool = False
    counts: Mapping[str, int] = field(default_factory=dict)
    readings: int = 0
    conflicts: int = 0
    head: str = FIRST


@dataclass(frozen=True)
class Checked:
    """A packed file that fits this program, and what of it the laptop's trail does not tell."""

    content: Content
    untold: list[str]


def check(content: Content, *, instruments: Library, schema: str) -> Checked:
    """All that can be held against a file without the database, so that nobody waits; RefusedError where it is odd."""
    refuse_of_another_make(content, instruments=instruments, schema=schema)
    refuse_odd(content)
    if content.head.side is Side.OFFICE:
        return Checked(content, [])
    try:
        return Checked(content, untold(content))
    except (LookupError, ValueError, TypeError, AttributeError) as error:
        raise RefusedError(carrying.BROKEN) from error


def take(session: Session, checked: Checked, *, at: datetime) -> Taken:
    """Take over what a packed file holds; RefusedError, with nothing written, where it is not for here, or not now."""
    try:
        return _Taking(session, checked, at).taken()
    except (IntegrityError, DataError, LookupError, ValueError, TypeError) as error:
        raise RefusedError(ODD) from error


class _Taking:
    def __init__(self, session: Session, checked: Checked, at: datetime) -> None:
        self._session, self._content, self._head = session, checked.content, checked.content.head
        self._untold, self._at = checked.untold, at
        self._here = Side.LAPTOP if self._head.side is Side.OFFICE else Side.OFFICE

    def taken(self) -> Taken:
        head = self._head
        week = self._session.exec(select(OfflineWeek).where(OfflineWeek.public_id == head.week)).first()
        inspection = self._session.exec(select(Inspection).where(Inspection.public_id == head.inspection)).first()
        refuse_of_elsewhere(self._session, self._content, week, inspection)
        last = newest(self._session, week=week, is_ours=False) if week else None
        if last is not None and last.digest == self._content.digest:
            return Taken(head.name, self._here, is_new=False, head=audit.head(self._session))
        if week is not None:
            refuse_out_of_turn(self._session, head, week, last)
        place = None
        if inspection is not None:
            place = inspections.place_of(self._session, inspection_id=inspection.id or 0)
            hold_draw_with_cases(self._session, inspection=inspection)
        mine = self._mine(place)
        base = self._base(last, mine, is_known=week is not None)
        fresh: list[Any] = []
        if self._here is Side.OFFICE:
            refuse_what_is_gone(self._content, mine)
            fresh = carrying.check(self._session, self._content.events, laptop=head.laptop or "", head=head.head)
            if self._untold:
                raise RefusedError(words_of(self._untold))
        plan = merge(
            mine, self._content.rows, base, here=self._here, also_named=last.also_named if last is not None else {}
        )
        if plan.differs and self._here is Side.LAPTOP:
            raise RefusedError(
                f"{len(plan.differs)} answers were changed on both sides since. A person at the office chooses: pack"
                " here, unpack that at the office, settle them there, and bring the office’s next file."
            )
        return self._written(week, place, mine, plan, fresh)

    def _mine(self, place: Place | None) -> Rows:
        """What is here; at the office with the draw that the laptop had, though it was voided meanwhile."""
        if place is None:
            return {name: {} for name in tables()}
        brought = self._content.rows
        also = {name for table in ("sampling_frame", "sampling_plan", "draw") for name in brought[table]}
        return gather(self._session, place, also=also if self._here is Side.OFFICE else ())

    def _base(self, last: PackedFile | None, mine: Rows, *, is_known: bool) -> Base:
        """How it was when the sides parted: the later of what they last had from each other."""
        if last is not None and last.knows == self._head.knows:
            return last.held
        if is_known:
            return self._head.yours
        if self._here is Side.LAPTOP:
            return held(mine)  # a new week of an inspection that went back: all that is here the office took
        # An office that was restored from before it packed: neither side may take away what the other has.
        readers = {name: {"reader": parts_of(row)["reader"]} for name, row in mine["reading"].items()}
        return {"reading": readers}

    def _written(
        self, week: OfflineWeek | None, place: Place | None, mine: Rows, plan: Plan, fresh: list[Any]
    ) -> Taken:
        head, session = self._head, self._session
        side = {"laptop": (head.laptop or "")[:16]} if self._here is Side.OFFICE else {}
        body = {"file": head.number, **side}
        action = TO_LAPTOP if self._here is Side.LAPTOP else TO_OFFICE
        placing = Placing(session, mine, plan, action=action, at=self._at)
        touched = placing.place(inspection=head.inspection, body=body)
        inspection_id = placing.id("inspection", head.inspection)
        if week is None:
            week = OfflineWeek(
                public_id=head.week,
                inspection_id=inspection_id,
                side=self._here,
                office=head.office,
                begun_at=self._at,
            )
        if self._here is Side.OFFICE:
            week.laptop = head.laptop
        session.add(week)
        session.flush()
        file = PackedFile(
            week_id=week.id or 0,
            is_ours=False,
            number=head.number,
            knows=head.knows,
            is_last=head.is_last,
            head=head.head,
            digest=self._content.digest,
            counts=dict(placing.counts),
            held=held(self._content.rows),
            also_named=plan.also_named,
            at=self._at,
        )
        taken = select(PackedFile).where(PackedFile.week_id == week.id, col(PackedFile.is_ours).is_(False))
        for earlier in session.exec(taken):
            earlier.held, earlier.also_named = {}, {}
            session.add(earlier)
        session.add(file)
        session.flush()
        keep_conflicts(
            session, plan=plan, mine=mine, theirs=self._content.rows, file=file, placing=placing, at=self._at
        )
        carrying.keep(session, fresh, laptop=head.laptop or "")
        if head.is_last and week.ended_at is None:
            end(session, week=week, at=self._at)
        cases = [placing.id("sample_case", name) for name in self._content.rows["sample_case"]]
        settle_statuses(session, sample_case_ids=cases, by=None, at=self._at)
        audit.record(
            session,
            BOUND,
            by=None,
            at=self._at,
            kind="inspection",
            object_id=head.inspection,
            inspection_id=inspection_id,
            body={**body, "head": head.head, "events": head.events, "conflicts": len(plan.differs)},
        )
        return Taken(
            head.name,
            self._here,
            is_new=True,
            is_first=place is None,
            is_last=head.is_last,
            counts=dict(placing.counts),
            readings=len(touched),
            conflicts=len(plan.differs),
            head=head.head,
        )
