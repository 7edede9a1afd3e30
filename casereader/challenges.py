"""The factual-accuracy log: what the partnership says is wrong before publication, and what came of each.

A challenge is entered for the partnership by a coordinator, answered once by the lead, and then never changed. Its
texts leave the house in the export, so one that looks as if it named somebody is taken only after a look.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from casereader import audit
from casereader.errors import ConflictError, FormError, present
from casereader.models import Account, Challenge
from casereader.naming import said_in
from casereader.programmes.inspections import Place

LONGEST_POST = 200
ENTER_ASKS = {
    "raised_by": "Say which post in the partnership raised it.",
    "says": "Say what the partnership holds to be wrong, and where it stands.",
}
ANSWER_ASKS = {
    "answer": "Give the answer: what was looked at, and where a figure changed, which, from what to what.",
    "figure_changed": "Say whether a figure changed.",
}


@dataclass(frozen=True)
class Logged:
    """One challenge with its number in the log, and who entered and who answered it (blank while it is open)."""

    number: int
    row: Challenge
    entered_by: str
    answered_by: str

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer."""
        return self.row.answered_at is None


@dataclass(frozen=True)
class Raised:
    """A challenge as it is entered: on one quality indicator, or with `qi` None on the findings as a whole."""

    raised_by: str
    says: str
    evidence: str = ""
    qi: str | None = None


def log(session: Session, *, place: Place) -> list[Logged]:
    """The inspection's challenges: those that wait for an answer first, then in the order they came."""
    entered, answered = aliased(Account), aliased(Account)
    query = (
        select(Challenge, entered.name, answered.name)
        .join(entered, col(entered.id) == Challenge.entered_by_id)
        .outerjoin(answered, col(answered.id) == Challenge.answered_by_id)
        .where(Challenge.inspection_id == place.inspection.id)
        .order_by(col(Challenge.id))
    )
    found = [
        Logged(number, row, by, answered_by or "")
        for number, (row, by, answered_by) in enumerate(session.exec(query), start=1)
    ]
    return sorted(found, key=lambda one: not one.is_open)


def n_open(session: Session, inspections: Sequence[int]) -> dict[int, int]:
    """How many challenges of each of these inspections wait for an answer."""
    query = (
        select(Challenge.inspection_id, func.count())
        .where(col(Challenge.inspection_id).in_(inspections), col(Challenge.answered_at).is_(None))
        .group_by(col(Challenge.inspection_id))
    )
    return dict.fromkeys(inspections, 0) | dict(session.exec(query).all())


def find(session: Session, *, place: Place, public_id: str) -> Logged:
    """One challenge of the inspection; AbsentError where it is none of its."""
    return present(next((one for one in log(session, place=place) if one.row.public_id == public_id), None))


def waiting(found: Sequence[Logged], *, qi: str) -> list[Logged]:
    """The open ones that the final evaluation of an indicator waits for: on it, and on the findings as a whole."""
    return [one for one in found if one.is_open and one.row.qi in (None, qi)]


def enter(
    session: Session,
    *,
    place: Place,
    raised: Raised,
    evaluated: Collection[str],
    by: Account,
    at: datetime,
    looked: bool = False,
) -> Challenge:
    """Enter what the partnership says is wrong; FormError with every fault. The same sent twice is one.

    `evaluated` are the quality indicators it may be on; `looked` that a text which looks as if it named somebody was
    looked at. ConflictError once the report is published.
    """
    if place.inspection.published_on is not None:
        raise ConflictError("The report is published: what is wrong in it is put right by a new issue with its note.")
    faults: dict[str, str] = {}
    post = said_in(faults, "raised_by", " ".join(raised.raised_by.split()), ENTER_ASKS["raised_by"], looked=looked)
    if "raised_by" not in faults and len(post) > LONGEST_POST:
        faults["raised_by"] = f"Name the post in at most {LONGEST_POST} characters."
    if raised.qi is not None and raised.qi not in evaluated:
        faults["qi"] = "Choose a quality indicator that is evaluated, or the findings as a whole."
    says = said_in(faults, "says", raised.says, ENTER_ASKS["says"], looked=looked)
    evidence = said_in(faults, "evidence", raised.evidence, "", looked=looked) if raised.evidence.strip() else ""
    if faults:
        raise FormError(faults)
    same = select(Challenge).where(
        Challenge.inspection_id == place.inspection.id,
        Challenge.entered_by_id == by.id,
        Challenge.says == says,
        Challenge.evidence == evidence,
        Challenge.raised_by == post,
        col(Challenge.answered_at).is_(None),
    )
    for earlier in session.exec(same):
        if earlier.qi == raised.qi:
            return earlier
    challenge = Challenge(
        inspection_id=place.inspection.id or 0,
        qi=raised.qi,
        raised_by=post,
        says=says,
        evidence=evidence,
        entered_at=at,
        entered_by_id=by.id or 0,
    )
    session.add(challenge)
    session.flush()
    _tell(session, "challenge entered", challenge, by, at)
    return challenge


def answer(
    session: Session,
    *,
    place: Place,
    public_id: str,
    words: str,
    figure_changed: bool | None,
    by: Account,
    at: datetime,
    looked: bool = False,
) -> Challenge:
    """Answer a challenge, once; FormError with every fault, ConflictError where it has another answer by now."""
    # of two answers at once the second sees the first
    session.exec(select(Challenge.id).where(Challenge.public_id == public_id).with_for_update()).first()
    challenge = find(session, place=place, public_id=public_id).row
    faults: dict[str, str] = {}
    kept = said_in(faults, "answer", words, ANSWER_ASKS["answer"], looked=looked)
    if figure_changed is None:
        faults["figure_changed"] = ANSWER_ASKS["figure_changed"]
    if faults:
        raise FormError(faults)
    if challenge.answered_at is not None:
        if (challenge.answer, challenge.figure_changed) == (kept, figure_changed):
            return challenge
        raise ConflictError("This challenge is answered by now: load the page again to see how.")
    challenge.answer, challenge.figure_changed = kept, figure_changed
    challenge.answered_at, challenge.answered_by_id = at, by.id
    session.add(challenge)
    session.flush()
    _tell(session, "challenge answered", challenge, by, at)
    return challenge


def export(session: Session, *, place: Place, by: Account, at: datetime) -> list[Logged]:
    """The log for a file, in the order the challenges came; the trail tells of it."""
    found = sorted(log(session, place=place), key=lambda one: one.number)
    audit.record_of_inspection(
        session,
        "challenges exported",
        place.inspection,
        by=by,
        at=at,
        body={"challenges": len(found)},
    )
    return found


def _tell(session: Session, event: str, challenge: Challenge, by: Account, at: datetime) -> None:
    audit.record(
        session,
        event,
        by=by,
        at=at,
        kind="challenge",
        object_id=challenge.public_id,
        inspection_id=challenge.inspection_id,
        body={"qi": challenge.qi},
    )
