"""A partnership over time: its inspections in other programmes, and the figures published of it before.

An earlier figure is entered as it was published, with its source; the crosswalk says which question of ours it is set
beside, and whether the two can be compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlmodel import Session, col, select

from casereader import audit
from casereader.errors import RefusedError, present
from casereader.instrument import Instrument
from casereader.models import Account, EarlierFigure, Inspection, Partnership, Programme
from casereader.programmes.inspections import Place
from casereader.vocabulary import Comparability
from sampling.exact import decimal_text

LONGEST = 300


@dataclass(frozen=True)
class Entry:
    """An earlier figure as somebody enters it: `per_cent` 0 to 100, as published; `n` records, where known."""

    source: str
    asked: str
    per_cent: Decimal
    comparability: Comparability
    question: str | None = None
    published_on: date | None = None
    n: int | None = None


def of_partnership(session: Session, *, place: Place) -> list[Place]:
    """The partnership's inspections in other programmes, the latest first."""
    query = (
        select(Inspection, Programme, Partnership)
        .join(Programme, col(Programme.id) == Inspection.programme_id)
        .join(Partnership, col(Partnership.id) == Inspection.partnership_id)
        .where(Inspection.partnership_id == place.partnership.id, Inspection.id != place.inspection.id)
        .order_by(col(Inspection.period_from).desc(), Programme.name)
    )
    return [Place(*row) for row in session.exec(query)]


def figures(session: Session, *, inspection: Inspection) -> Sequence[EarlierFigure]:
    """The earlier figures entered for the inspection, by our question, then source."""
    query = (
        select(EarlierFigure)
        .where(EarlierFigure.inspection_id == inspection.id)
        .order_by(col(EarlierFigure.question).nulls_last(), EarlierFigure.source, col(EarlierFigure.id))
    )
    return session.exec(query).all()


def questions(instrument: Instrument) -> dict[str, str]:
    """The questions of the instrument that have a figure, by key, with their words."""
    parts = (instrument.part(key) for key in instrument.parts)
    return {part.key: f"{part.key} {part.label}" for part in parts if part.has_y}


def enter(
    session: Session, *, place: Place, instrument: Instrument, entry: Entry, by: Account, at: datetime
) -> EarlierFigure:
    """Enter a figure; refused without its source, with a question that has no figure, or compared with nothing.

    Raises RefusedError with everything that it lacks.
    """
    source, asked = " ".join(entry.source.split()), " ".join(entry.asked.split())
    reasons = [
        f"Say {what} in 1 to {LONGEST} characters."
        for what, text in (("where the figure was published", source), ("what was asked, as published", asked))
        if not 1 <= len(text) <= LONGEST
    ]
    if not 0 <= entry.per_cent <= 100:
        reasons.append("The figure lies between 0 and 100 per cent.")
    if entry.n is not None and entry.n < 1:
        reasons.append("The number of records is 1 or more; leave it blank where the source does not say it.")
    if entry.question is not None and entry.question not in questions(instrument):
        reasons.append(f"{entry.question} has no figure in {instrument.id}: choose another question.")
    if entry.question is None and entry.comparability is not Comparability.NOT_COMPARABLE:
        reasons.append("Choose the question it is compared with, or say that it is not comparable.")
    if entry.published_on is not None and entry.published_on > at.date():
        reasons.append("A figure that is still to be published cannot be entered.")
    if reasons:
        raise RefusedError(*reasons)
    figure = EarlierFigure(
        inspection_id=place.inspection.id or 0,
        source=source,
        published_on=entry.published_on,
        asked=asked,
        share=decimal_text(entry.per_cent / 100),
        n=entry.n,
        question=entry.question,
        comparability=entry.comparability,
        entered_at=at,
        entered_by_id=by.id or 0,
    )
    session.add(figure)
    session.flush()
    _record(session, "earlier figure entered", figure, by=by, at=at)
    return figure


def take_out(session: Session, *, inspection: Inspection, public_id: str, by: Account, at: datetime) -> None:
    """Take out a figure that was entered by mistake; the trail keeps that it was there.

    Raises AbsentError where there is no such figure.
    """
    query = select(EarlierFigure).where(
        EarlierFigure.inspection_id == inspection.id, EarlierFigure.public_id == public_id
    )
    figure = present(session.exec(query).first())
    _record(session, "earlier figure taken out", figure, by=by, at=at)
    session.delete(figure)
    session.flush()


def _record(session: Session, action: str, figure: EarlierFigure, *, by: Account, at: datetime) -> None:
    audit.record(
        session,
        action,
        by=by,
        at=at,
        kind="earlier figure",
        object_id=figure.public_id,
        inspection_id=figure.inspection_id,
        body={"share": figure.share, "question": figure.question, "comparability": figure.comparability},
    )
