"""What the leads of inspections have answered of the partnership's own instrument, and what is missing in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from casereader.errors import AbsentError
from casereader.instrument import Answer, Answers, Instrument, Library, Missing, Question, missing, tidied
from casereader.models import Account, Inspection, PartnershipAnswer, Programme
from casereader.programmes.inspections import Place
from sampling.digest import json_digest

NOT_INSTALLED = (
    "No instrument about partnerships is installed here: whoever runs the service adds its file to data/instruments."
)


@dataclass(frozen=True)
class Answered:
    """The answers of one inspection by key, on the version they were begun with; who saved last, and when."""

    instrument: Instrument
    answers: dict[str, Answer]
    saved_by: str = ""
    saved_at: datetime | None = None

    @property
    def missing(self) -> list[Missing]:
        """What is not answered, or lacks its reason or evidence, in the instrument's order."""
        return missing(self.instrument, self.answers, stratum=None)

    @property
    def is_complete(self) -> bool:
        """Whether every question is answered with what it needs."""
        return not self.missing

    def in_section(self, section: str) -> list[Missing]:
        """What is missing in one section."""
        return [one for one in self.missing if one.section == section]


def answered(session: Session, *, place: Place, library: Library) -> Answered:
    """The answers of one inspection; AbsentError where no such instrument is installed."""
    key = place.inspection.id or 0
    return answered_in(session, [key], library=library)[key]


def answered_in(session: Session, inspection_ids: Sequence[int], *, library: Library) -> dict[int, Answered]:
    """The answers of each inspection by its key, in one query; those not begun are on the newest version.

    Raises AbsentError where an instrument for it is not installed.
    """
    if (newest := library.own) is None:
        raise AbsentError(NOT_INSTALLED)
    query = (
        select(PartnershipAnswer, Account.name)
        .join(Account, col(Account.id) == PartnershipAnswer.saved_by_id)
        .where(col(PartnershipAnswer.inspection_id).in_(inspection_ids))
        .order_by(col(PartnershipAnswer.saved_at), col(PartnershipAnswer.id))
    )
    found = {key: Answered(newest, {}) for key in inspection_ids}
    for row, who in session.exec(query):
        instrument = library.find(row.instrument_id, row.instrument_version)
        if instrument is None:
            raise AbsentError(NOT_INSTALLED)
        before = found[row.inspection_id].answers
        answer = Answer(row.value, row.note, tuple(row.sources))
        found[row.inspection_id] = Answered(instrument, {**before, row.key: answer}, who, row.saved_at)
    return found


def n_complete(session: Session, *, programme: Programme, library: Library) -> tuple[int, int]:
    """Of how many of the programme's partnerships the instrument is complete, and how many the programme lists."""
    keys = session.exec(select(Inspection.id).where(Inspection.programme_id == programme.id)).all()
    found = answered_in(session, [key for key in keys if key is not None], library=library)
    return sum(one.is_complete for one in found.values()), len(found)


def mark_of(question: Question, answers: Answers) -> str:
    """A digest of what is answered to one question: a page holds it, so that nothing saved since is written over."""
    said = [tidied(answers.get(part.key, Answer(None))) for part in question.parts]
    return json_digest([[one.value, one.note, list(one.sources)] for one in said])
