"""What somebody looks for by a reference or a name, among what is theirs to see and nothing else.

A reader's readings are looked for among their own rows; cases among those of inspections that the account runs. What is
not theirs is not asked for, so that neither an answer nor how long it takes can tell of it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from sqlalchemy import bindparam, func, or_
from sqlmodel import Session, col, select

from casereader import readings
from casereader.models import Account, Case, DrawRecord, Reading, SampleCase, SamplingFrame
from casereader.moderating import moderation
from casereader.programmes import inspections
from casereader.programmes.inspections import Place
from casereader.readings import Opened
from casereader.vocabulary import FrameState, ReadingKind, Role, SampleRole

LONGEST = 100  # characters
MOST = 50  # of each kind

RUNS = frozenset({Role.COORDINATOR, Role.LEAD})  # sees the list and every case that was drawn
SEES = RUNS | {Role.MODERATOR}
MODERATES = frozenset({Role.MODERATOR, Role.LEAD})

Held = Mapping[int, frozenset[Role]]  # what somebody may do, by inspection


@dataclass(frozen=True)
class FoundCase:
    """A case of an inspection that the account runs; `drawn` is None where it is on the list and not in the sample."""

    place: Place
    case_ref: str
    group: str
    drawn: SampleCase | None = None
    readings: tuple[Reading, ...] = ()  # handed in, and the account's to see as one who moderates

    @property
    def is_to_read(self) -> bool:
        """Whether it is one of those to read: drawn so, or called on in place of another."""
        return self.drawn is not None and (self.drawn.role is SampleRole.MAIN or self.drawn.called_on)


@dataclass(frozen=True)
class Found:
    """What was found, each kind at most `MOST`; `is_cut` where there is more of one."""

    own: Sequence[Opened]
    to_countersign: Sequence[Opened]
    cases: Sequence[FoundCase]
    places: Sequence[Place]
    is_cut: bool

    @property
    def is_nothing(self) -> bool:
        """Whether nothing was found."""
        return not (self.own or self.to_countersign or self.cases or self.places)


def plain(words: str) -> str:
    """The words as they are looked for: in NFC, with single blanks."""
    return " ".join(unicodedata.normalize("NFC", words).split())


def search(session: Session, *, account: Account, held: Held, words: str) -> Found:
    """All that the account may see whose reference holds `words`, or whose name holds each of them, in any case."""
    words = plain(words)
    mine = [one for one in readings.mine(session, account=account) if _holds(one, words)]
    pairs = [one for one in readings.to_countersign(session, account=account) if _holds(one, words)]
    places = {
        place.inspection.id or 0: place
        for place in inspections.all_places(session, account=account, roles=SEES, erased=True)
    }
    standing = {key: place for key, place in places.items() if place.inspection.erased_at is None}
    cases = _sampled(session, standing, held, words)
    known = {(one.place.inspection.id, one.case_ref) for one in cases}
    cases += _only_listed(session, standing, held, words, drawn=known)
    called = [place for place in places.values() if _is_called(place, words)]
    kinds = (mine, pairs, cases, called)
    return Found(
        own=mine[:MOST],
        to_countersign=pairs[:MOST],
        cases=_with_readings(session, cases[:MOST], held, account),
        places=called[:MOST],
        is_cut=any(len(one) > MOST for one in kinds),
    )


def _holds(opened: Opened, words: str) -> bool:
    return words.casefold() in opened.case_ref.casefold() or _is_called(opened.place, words)


def _is_called(place: Place, words: str) -> bool:
    name = place.name.casefold()
    return all(word in name for word in words.casefold().split())


def _sampled(session: Session, places: Mapping[int, Place], held: Held, words: str) -> list[FoundCase]:
    """The drawn cases whose reference holds the words; reserves not called on for those only who see the sample."""
    asked = {
        "whole": [key for key in places if held.get(key, frozenset()) & RUNS],
        "in_part": list(places),
        "lower": f"%{_escaped(words.lower())}%",
        "typed": f"%{_escaped(words)}%",
        "most": MOST + 1,
    }
    return [
        FoundCase(places[key], case.case_ref, drawn.stratum, drawn)
        for drawn, case, key in session.exec(_sampled_query(), params=asked)
    ]


def _escaped(words: str) -> str:
    """The words as LIKE takes them, with no sign that stands for others."""
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


@cache
def _sampled_query() -> Any:
    inspection = col(DrawRecord.inspection_id)
    to_read = (col(SampleCase.role) == SampleRole.MAIN) | col(SampleCase.called_on).is_(True)
    return (
        select(SampleCase, Case, DrawRecord.inspection_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .join(Case, col(Case.id) == SampleCase.case_id)
        .where(
            inspection.in_(bindparam("in_part", expanding=True)),
            col(DrawRecord.voided_at).is_(None),
            or_(to_read, inspection.in_(bindparam("whole", expanding=True))),
            or_(
                func.lower(Case.case_ref).like(bindparam("lower"), escape="\\"),
                col(Case.case_ref).like(bindparam("typed"), escape="\\"),
            ),
        )
        .order_by(Case.case_ref, col(SampleCase.id))
        .limit(bindparam("most"))
    )


def _only_listed(
    session: Session, places: Mapping[int, Place], held: Held, words: str, *, drawn: set[tuple[int | None, str]]
) -> list[FoundCase]:
    """The cases of present lists with just this reference that were not drawn: a list may hold a million."""
    asked = {
        "inspections": [key for key in places if held.get(key, frozenset()) & RUNS],
        "references": sorted({words, words.upper(), words.lower()}),
        "most": MOST + 1,
    }
    return [
        FoundCase(places[key], case.case_ref, case.group)
        for case, key in session.exec(_listed_query(), params=asked)
        if (key, case.case_ref) not in drawn
    ]


@cache
def _listed_query() -> Any:
    return (
        select(Case, SamplingFrame.inspection_id)
        .join(SamplingFrame, col(SamplingFrame.id) == Case.frame_id)
        .where(
            col(SamplingFrame.inspection_id).in_(bindparam("inspections", expanding=True)),
            SamplingFrame.state != FrameState.SUPERSEDED,
            col(Case.case_ref).in_(bindparam("references", expanding=True)),
        )
        .order_by(col(SamplingFrame.inspection_id), Case.case_ref)
        .limit(bindparam("most"))
    )


def _with_readings(session: Session, cases: Sequence[FoundCase], held: Held, account: Account) -> list[FoundCase]:
    """The cases with their readings that the account may look at as one who moderates there, first and second."""
    seen: dict[int | None, list[Reading]] = {}
    moderated = {one.place.inspection.id or 0: one.place for one in cases if one.drawn is not None}
    for key, place in moderated.items():
        if held.get(key, frozenset()) & MODERATES:
            for opened in moderation.readings_in(session, place=place, account=account):
                if opened.reading.kind is not ReadingKind.CONSENSUS:
                    seen.setdefault(opened.sample_case.id, []).append(opened.reading)
    return [replace(one, readings=tuple(seen.get(one.drawn.id, ()))) if one.drawn is not None else one for one in cases]
