"""What else happens in an invented reading week: concerns, a case that does not belong on the list, a conflict."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from casereader import concerns, readings
from casereader.concerns import Told
from casereader.demo.inspecting import Inspecting
from casereader.demo.invented.chance import Chance
from casereader.demo.writing import Written
from casereader.models import Account
from casereader.readings import Opened
from casereader.vocabulary import (
    INELIGIBLE_REASONS,
    ConcernKind,
    ConcernState,
    ReadingKind,
    ReadingState,
    Stage,
    ToldHow,
)

CONCERN = 0.015
SEEN = {
    ConcernKind.IMMEDIATE: "The record shows contact that the safety plan rules out, and nobody has acted on it.",
    ConcernKind.PROLONGED: "The same concern was recorded many times over a year without a new assessment.",
}
PASSED_ON = "Given to the partnership's lead in person, on paper; they answer within the day."
CLOSED = "The partnership's lead wrote that the child was seen the same day and the plan was changed."
NEEDED = "The partnership's lead to look at the child's safety today and to answer in writing."
CONFLICT = "I worked with this family in an earlier post."


def is_concerned(of: Inspecting, case_ref: str) -> bool:
    """Whether a reader finds something in this record that cannot wait."""
    chance = Chance(of.seed, "concern", case_ref)
    return chance.happens(4 * CONCERN if of.invented.reach.stage is Stage.READING else CONCERN)


def raise_concerns(of: Inspecting, opened: Iterable[Opened], written: Iterable[Written]) -> None:
    """Raise a matter of concern on each first reading that says so; where the week is over, it was closed."""
    done = {one.reading.id: one for one in written if one.submitted_at is not None}
    is_over = of.invented.reach.stage is not Stage.READING
    people = {account.id: account for account in of.readers}
    for one in opened:
        made = done.get(one.reading.id)
        if made is None or one.reading.kind is not ReadingKind.FIRST or not is_concerned(of, one.case_ref):
            continue
        kind = Chance(of.seed, "kind of concern", one.case_ref).pick(tuple(ConcernKind))
        raised = concerns.raise_concern(
            of.session,
            opened=one,
            instrument=of.instrument,
            told=Told(of.people.lead.name, ToldHow.IN_PERSON, "At once, in the reading room"),
            kind=kind,
            seen=SEEN[kind],
            needed=NEEDED,
            by=people[one.reading.reviewer_id],
            at=made.saved_at - timedelta(minutes=5),
        )
        if is_over:
            _close(of, raised.public_id, one.case_ref, made.saved_at)


def _close(of: Inspecting, public_id: str, case_ref: str, at: datetime) -> None:
    """What the lead did about one: received, taken to the partnership, closed with its reference."""
    concerns.receive(of.session, public_id=public_id, by=of.people.lead, at=at)
    reference = f"{of.invented.code}-{Chance(of.seed, 'partnership reference', case_ref).whole(100, 999)}"
    for to, done, days in ((ConcernState.PASSED_ON, PASSED_ON, 0), (ConcernState.CLOSED, CLOSED, 2)):
        concerns.follow(
            of.session,
            public_id=public_id,
            to=to,
            done=done,
            partnership_ref=reference,
            by=of.people.lead,
            at=at + timedelta(days=days, hours=1),
        )


def leave_open(of: Inspecting, opened: Iterable[Opened], at: datetime) -> None:
    """In a week under way: one proposal to replace a case that waits for confirmation, and one case handed back."""
    waiting = [
        one
        for one in opened
        if one.reading.state is ReadingState.ASSIGNED and one.reading.kind is ReadingKind.FIRST and not one.is_set_aside
    ]
    by_reader = [(account, [one for one in waiting if one.reading.reviewer_id == account.id]) for account in of.readers]
    most_first = sorted(by_reader, key=lambda pair: (pair[0].is_demo, -len(pair[1])))  # the cast keep their work
    for (account, own), deed in zip(most_first, (_propose, _hand_back), strict=False):
        for one in own[-1:]:
            deed(of, one, account, at)


def _propose(of: Inspecting, opened: Opened, by: Account, at: datetime) -> None:
    readings.propose_ineligible(of.session, opened=opened, reason=INELIGIBLE_REASONS[0], by=by, at=at)


def _hand_back(of: Inspecting, opened: Opened, by: Account, at: datetime) -> None:
    readings.hand_back(of.session, opened=opened, reason=CONFLICT, by=by, at=at)
