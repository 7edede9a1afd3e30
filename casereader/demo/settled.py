"""What is still being settled in an invented inspection: a proposal that waits, one agreed, and an unlock asked for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, select

from casereader.demo.inspecting import Inspecting
from casereader.models import Account, DrawRecord, Reading, SampleCase
from casereader.moderating import moderation, proposals, settlements, unlocking
from casereader.moderating.moderation import Pair
from casereader.moderating.settlements import Chosen
from casereader.readings import answers_of_many
from casereader.vocabulary import ReadingKind, ReadingState

UNLOCK_REASON = "The reporter's file came after this reading was signed off."


def leave_to_settle(of: Inspecting, at: datetime) -> None:
    """Let a reader propose how to settle a case read twice; the other agrees where nobody can sign in as them."""
    for pair in _unsettled(of)[:1]:
        one, other = (of.session.get_one(Account, opened.reading.reviewer_id) for opened in (pair.first, pair.second))
        kept = proposals.propose(
            of.session,
            public_id=pair.second.reading.public_id,
            instrument=of.instrument,
            chosen=_chosen(of, pair),
            by=other,
            at=at,
        )
        if not of.invented.reach.of_cast:
            proposals.agree(
                of.session,
                public_id=pair.first.reading.public_id,
                instrument=of.instrument,
                mark=settlements.mark_of(kept),
                by=one,
                at=at + timedelta(hours=2),
            )


def leave_asked(of: Inspecting, at: datetime) -> None:
    """Let the moderator ask that a signed-off reading be opened again."""
    query = _of_inspection(of).where(Reading.kind == ReadingKind.FIRST, Reading.state == ReadingState.SIGNED_OFF)
    reading = of.session.exec(query).first()
    if reading is not None and of.invented.reach.of_cast:
        unlocking.ask(
            of.session,
            place=of.place,
            public_id=reading,
            reason=UNLOCK_REASON,
            by=of.people.moderator,
            at=at,
        )


def _unsettled(of: Inspecting) -> list[Pair]:
    """The pairs of readings that nobody has settled."""
    found = []
    done = (ReadingState.SUBMITTED, ReadingState.COUNTERSIGNED, ReadingState.SIGNED_OFF)
    query = _of_inspection(of).where(Reading.kind == ReadingKind.SECOND, col(Reading.state).in_(done))
    for public_id in of.session.exec(query).all():
        pair = moderation.find_both(of.session, place=of.place, public_id=public_id, account=of.people.moderator)
        if pair is not None and all(proposals.is_ready(one.reading) for one in (pair.first, pair.second)):
            found.append(pair)
    return found


def _of_inspection(of: Inspecting) -> Any:
    return (
        select(Reading.public_id)
        .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .where(DrawRecord.inspection_id == of.place.inspection.id, col(DrawRecord.voided_at).is_(None))
        .order_by(SampleCase.stratum, col(SampleCase.order))
    )


def _chosen(of: Inspecting, pair: Pair) -> dict[str, Chosen]:
    """Each gives way in some questions, as people do who talk it over."""
    found = answers_of_many(of.session, [pair.first.key, pair.second.key])
    differing = moderation.differences(
        of.instrument, found[pair.first.key], found[pair.second.key], stratum=pair.first.stratum(of.instrument)
    )
    return {
        one.part.key: Chosen("second" if one.part.scale.kind == "six" and place % 2 else "first")
        for place, one in enumerate(differing)
    }
