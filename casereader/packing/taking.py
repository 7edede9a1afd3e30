"""Unpacking: every fault is found before anything is written; then all of it is written, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from casereader import audit, inspections
from casereader.audit.carried import BOUND
from casereader.audit.chain import FIRST
from casereader.errors import ErasedError, RefusedError
from casereader.inspections import Place
from casereader.instrument import Library
from casereader.models import Inspection, OfflineWeek, PackedFile, Programme
from casereader.packing import carrying
from casereader.packing.conflicts import keep as keep_conflicts
from casereader.packing.content import Content, Head
from casereader.packing.gathering import Rows, gather, held, tables
from casereader.packing.merging import Base, Plan, merge
from casereader.packing.placing import Placing
from casereader.packing.weeks import end, newest
from casereader.readings.counting import settle_statuses
from casereader.readings.holding import hold_draw_with_cases
from casereader.vocabulary import DataKind, Side

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


def take(session: Session, content: Content, *, instruments: Library, schema: str, at: datetime) -> Taken:
    """Take over what a packed file holds; RefusedError, with nothing written, where it is not for here, or not now."""
    return _Taking(session, content, instruments, schema, at).taken()


class _Taking:
    def __init__(self, session: Session, content: Content, instruments: Library, schema: str, at: datetime) -> None:
        self._session, self._content, self._head = session, content, content.head
        self._instruments, self._schema, self._at = instruments, schema, at
        self._here = Side.LAPTOP if self._head.side is Side.OFFICE else Side.OFFICE

    def taken(self) -> Taken:
        head = self._head
        self._refuse_of_another_make()
        week = self._session.exec(select(OfflineWeek).where(OfflineWeek.public_id == head.week)).first()
        inspection = self._session.exec(select(Inspection).where(Inspection.public_id == head.inspection)).first()
        self._refuse_of_elsewhere(week, inspection)
        last = newest(self._session, week=week, is_ours=False) if week else None
        if last is not None and last.digest == self._content.digest:
            return Taken(head.name, self._here, is_new=False, head=audit.head(self._session))
        if week is not None:
            self._refuse_out_of_turn(week, last)
        place = None
        if inspection is not None:
            place = inspections.place_of(self._session, inspection_id=inspection.id or 0)
            hold_draw_with_cases(self._session, inspection=inspection)
        mine = gather(self._session, place) if place else {name: {} for name in tables()}
        base = self._base(last, mine, is_known=week is not None)
        fresh: list[Any] = []
        if self._here is Side.OFFICE:
            fresh = carrying.check(self._session, self._content.events, laptop=head.laptop or "", head=head.head)
        plan = merge(
            mine, self._content.rows, base, here=self._here, also_named=last.also_named if last is not None else {}
        )
        if plan.differs and self._here is Side.LAPTOP:
            raise RefusedError(
                f"{len(plan.differs)} answers were changed on both sides since. A person at the office chooses: pack"
                " here, unpack that at the office, settle them there, and bring the office’s next file."
            )
        return self._written(week, place, mine, plan, fresh)

    def _refuse_of_another_make(self) -> None:
        head = self._head
        if head.schema != self._schema:
            raise RefusedError(
                f"It was packed by {head.software}, whose database is of version {head.schema}; here it is version"
                f" {self._schema}. Bring both sides to the same version of casereader, then pack it again."
            )
        published = next(iter(self._content.rows["published_instrument"].values()), None)
        programme = next(iter(self._content.rows["programme"].values())).values
        found = self._instruments.find(programme["instrument_id"], programme["instrument_version"])
        if found is None or (published is not None and found.digest != head.instrument_digest):
            raise RefusedError(
                f"The instrument {programme['instrument_id']} {programme['instrument_version']} is not installed here"
                " as it is there. Put the same file among the instruments, then unpack again."
            )

    def _refuse_of_elsewhere(self, week: OfflineWeek | None, inspection: Inspection | None) -> None:
        head, me = self._head, carrying.first_of(self._session)
        if me == (head.office if head.side is Side.OFFICE else head.laptop):
            raise RefusedError("This file was packed here: it is for the other side.")
        if inspection is not None and inspection.erased_at is not None:
            raise ErasedError(f"The content of {head.name} was erased here.")
        if head.side is Side.LAPTOP:
            if me != head.office or week is None:
                raise RefusedError(
                    f"{head.name} was not packed here for a laptop: the file belongs to another installation."
                )
            if week.laptop not in (None, head.laptop):
                raise RefusedError(
                    f"{head.name} is with another laptop, whose files were taken over before. Two laptops took the same"
                    " file: bring what is on this one as workbooks or paper."
                )
            return
        if inspection is not None and not self._is_guest(inspection, head):
            raise RefusedError(f"{head.name} is held here already, and did not come from that office.")
        if inspection is None:
            self._refuse_other_kind()

    def _is_guest(self, inspection: Inspection, head: Head) -> bool:
        query = select(OfflineWeek.office).where(
            OfflineWeek.inspection_id == inspection.id, OfflineWeek.side == Side.LAPTOP
        )
        return set(self._session.exec(query)) == {head.office}

    def _refuse_other_kind(self) -> None:
        """Invented data and real records never meet in one installation."""
        programme = next(iter(self._content.rows["programme"].values())).values
        if self._session.exec(select(Programme.id).limit(1)).first() is not None:
            kind = inspections.kind_of_instance(self._session)
            if kind is not DataKind(self._head.data_kind):
                raise RefusedError("What is here and what is packed are not of one kind: one of them is invented data.")
            query = select(Programme.id).where(
                Programme.slug == programme["slug"], Programme.public_id != programme["public_id"]
            )
            if self._session.exec(query).first() is not None:
                raise RefusedError(f"There is another programme called {programme['name']} here.")

    def _refuse_out_of_turn(self, week: OfflineWeek, last: PackedFile | None) -> None:
        head = self._head
        if last is not None and head.number <= last.number:
            raise RefusedError(
                f"This is an older file: one that was packed later was taken over on {last.at:%d %B %Y, %H:%M} UTC."
                " Nothing was changed."
            )
        ours = newest(self._session, week=week, is_ours=True)
        if self._here is Side.LAPTOP and ours is not None and head.knows < ours.number:
            raise RefusedError(
                "The office packed this before it took over what was packed here last. Unpack that at the office first,"
                " then pack there again."
            )
        if self._here is Side.LAPTOP and week.ended_at is not None:
            raise RefusedError("Its last file was packed here: the inspection went back to the office.")
        if week.ended_at is not None and self._has_later(week):
            raise RefusedError("This file is of an offline week that is over: the inspection was packed anew since.")

    def _has_later(self, week: OfflineWeek) -> bool:
        query = select(OfflineWeek.id).where(
            OfflineWeek.inspection_id == week.inspection_id, col(OfflineWeek.id) > (week.id or 0)
        )
        return self._session.exec(query).first() is not None

    def _base(self, last: PackedFile | None, mine: Rows, *, is_known: bool) -> Base:
        """How it was when the sides parted: the later of what they last had from each other."""
        if last is not None and last.knows == self._head.knows:
            return last.held
        if not is_known:
            return held(mine)  # a new week of an inspection that went back: all that is here the office has
        return self._head.yours

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
                side=Side.LAPTOP,
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
