"""What is done about an action: recorded from a reading, given to a post with a date, reported as done, closed.

Its texts leave the house in the export, so one that looks as if it named somebody is taken only after whoever wrote it
has looked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, select

from casereader import audit, dated
from casereader.actions.finding import Followed, find, follows, of_inspection
from casereader.errors import AbsentError, ConflictError, FormError
from casereader.instrument import Instrument
from casereader.models import Account, Action, ActionStep
from casereader.naming import said_in
from casereader.programmes.calendars import odd_days
from casereader.programmes.inspections import Place
from casereader.readings import Opened
from casereader.vocabulary import ActionState

LONGEST_GIVEN_TO = 200
NEXT: dict[ActionState, tuple[ActionState, ...]] = {
    ActionState.RECORDED: (ActionState.GIVEN, ActionState.CLOSED),
    ActionState.GIVEN: (ActionState.DONE, ActionState.GIVEN, ActionState.CLOSED),
    ActionState.DONE: (ActionState.CLOSED, ActionState.GIVEN),
    ActionState.CLOSED: (ActionState.GIVEN,),
}
"""The steps that may follow each state; one that turns out not to be over is given again."""
ASKS = {
    ActionState.DONE: "Say what the partnership reported, and when.",
    ActionState.CLOSED: "Say what you saw that shows it done, or why it need not be done.",
}


@dataclass(frozen=True)
class Step:
    """A step to take: where it stands then, what was said, and, where it is given, to which post and by when."""

    to: ActionState
    said: str = ""
    given_to: str = ""
    due_on: date | None = None


def record(
    session: Session,
    *,
    opened: Opened,
    instrument: Instrument,
    what: str,
    question: str,
    by: Account,
    at: datetime,
    looked: bool = False,
) -> Action:
    """Record what a reading showed must be put right; FormError with every fault. The same sent twice is one.

    `question` is the one it came from, blank for the whole reading; `looked` that a text which looks as if it named
    somebody was looked at.
    """
    faults: dict[str, str] = {}
    what = said_in(faults, "what", what, "Say what must be put right.", looked=looked)
    if question and all(one.id != question for one in instrument.questions):
        faults["question"] = "Choose a question from the list, or the whole reading."
    if faults:
        raise FormError(faults)
    earlier = select(Action).where(Action.reading_id == opened.key, Action.raised_by_id == by.id, Action.what == what)
    for one in session.exec(earlier):
        if (one.key or "") == question:
            return one
    action = Action(
        inspection_id=opened.place.inspection.id or 0,
        reading_id=opened.key,
        key=question or None,
        what=what,
        raised_at=at,
        raised_by_id=by.id or 0,
    )
    session.add(action)
    session.flush()
    _tell(session, "action recorded", action, by, at, {"reading": opened.reading.public_id, "question": question})
    return action


def follow(
    session: Session, *, public_id: str, step: Step, by: Account, at: datetime, looked: bool = False
) -> Followed:
    """Take the next step, as coordinator or lead; FormError, or ConflictError where it stands elsewhere by now.

    The same step sent twice is one. Raises AbsentError where somebody else follows the action.
    """
    # of two steps at once the second sees what the first did
    session.exec(select(Action.id).where(Action.public_id == public_id).with_for_update()).first()
    found = find(session, public_id=public_id, account=by)
    action = found.action
    if not follows(session, account=by, inspection_id=action.inspection_id):
        raise AbsentError
    step = _checked(step, at, looked)
    if found.steps and _as_step(found.steps[-1].row) == step and action.state is step.to:
        return found
    if step.to not in NEXT[action.state]:
        raise ConflictError(f"This action is {action.state} by now: load the page again to see it.")
    before, action.state = action.state, step.to
    if step.to is ActionState.GIVEN:
        action.given_to, action.due_on = step.given_to, step.due_on
    row = ActionStep(
        action_id=action.id or 0,
        state=step.to,
        said=step.said,
        given_to=step.given_to,
        due_on=step.due_on,
        at=at,
        by_id=by.id or 0,
    )
    session.add_all([action, row])
    session.flush()
    due = step.due_on.isoformat() if step.due_on else None
    _tell(session, f"action {step.to}", action, by, at, {"from": before, "due": due})
    return find(session, public_id=public_id, account=by)


def export(session: Session, *, place: Place, by: Account, at: datetime) -> list[Followed]:
    """The inspection's actions for the partnership, in the order of their references; the trail tells of it.

    Raises AbsentError for whoever does not follow them.
    """
    if not follows(session, account=by, inspection_id=place.inspection.id or 0):
        raise AbsentError
    found = of_inspection(session, place=place, account=by, today=at.date())
    audit.record_of_inspection(
        session,
        "actions exported",
        place.inspection,
        by=by,
        at=at,
        body={"actions": len(found)},
    )
    return sorted(found, key=lambda one: (one.case_ref, one.action.id or 0))


def _checked(step: Step, at: datetime, looked: bool) -> Step:
    """The step as it is kept; FormError with every fault of it. Only where it is given do post and date count."""
    faults: dict[str, str] = {}
    ask = ASKS.get(step.to, "")
    words = said_in(faults, "said", step.said, ask, looked=looked) if ask or step.said.strip() else ""
    if step.to is not ActionState.GIVEN:
        if faults:
            raise FormError(faults)
        return Step(step.to, words)
    given_to = said_in(
        faults, "given_to", " ".join(step.given_to.split()), "Say to which post it is given.", looked=looked
    )
    if len(given_to) > LONGEST_GIVEN_TO:
        faults["given_to"] = f"This has {len(given_to)} characters: say it in at most {LONGEST_GIVEN_TO}."
    if step.due_on is None:
        faults["due_on"] = "Enter the day by which it is to be done, like 2026-09-30."
    elif odd := odd_days([step.due_on], at=at):
        faults["due_on"] = odd[0]
    elif step.due_on < at.date():
        faults["due_on"] = f"{dated.day(step.due_on)} is past: enter a day that is still to come."
    if faults:
        raise FormError(faults)
    return Step(step.to, words, given_to, step.due_on)


def _as_step(row: ActionStep) -> Step:
    return Step(row.state, row.said, row.given_to, row.due_on)


def _tell(
    session: Session, event: str, action: Action, by: Account, at: datetime, body: Mapping[str, str | None]
) -> None:
    audit.record(
        session,
        event,
        by=by,
        at=at,
        kind="action",
        object_id=action.public_id,
        inspection_id=action.inspection_id,
        body=body,
    )
