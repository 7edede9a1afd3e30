"""What is done about a matter of concern: raised at once by whoever reads, received and followed to closure.

What was seen and needed is for lead, deputy and whoever raised it; the reading shows only that there is one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, func
from sqlmodel import Session, col, select

from casereader import audit
from casereader.concerns.finding import Raised, find, step_rows
from casereader.errors import AbsentError, ConflictError, FormError, RefusedError
from casereader.instrument import Answer, Instrument
from casereader.models import Account, Concern, ConcernStep
from casereader.programmes.contacts import TOLD
from casereader.programmes.inspections import members
from casereader.readings import Opened, answers_of, said
from casereader.readings.saving import store
from casereader.vocabulary import ConcernKind, ConcernState, ToldHow

LONGEST_NAME, LONGEST_MOMENT, LONGEST_REFERENCE = 200, 100, 100
YES = "yes"
NEXT: dict[ConcernState, tuple[ConcernState, ...]] = {
    ConcernState.RAISED: (ConcernState.RECEIVED,),
    ConcernState.RECEIVED: (ConcernState.PASSED_ON,),
    ConcernState.PASSED_ON: (ConcernState.PASSED_ON, ConcernState.CLOSED),
    ConcernState.CLOSED: (ConcernState.PASSED_ON,),
}
"""The steps that may follow each state; a closed one goes back to the partnership when it turns out not to be over."""


@dataclass(frozen=True)
class Told:
    """Whom the reviewer told, how and when, in their words; whom they tried, and when, where nobody answered."""

    whom: str
    how: ToldHow | None
    when: str


def raise_concern(
    session: Session,
    *,
    opened: Opened,
    instrument: Instrument,
    told: Told,
    kind: ConcernKind | None,
    seen: str,
    needed: str,
    by: Account,
    at: datetime,
) -> Concern:
    """Record a matter of concern about the case of a reading; FormError with every fault of the form at once.

    The same form sent twice is one matter of concern; with anything else in it, whom they told too, it is another.
    """
    faults: dict[str, str] = {}
    if told.how is None:
        faults["told_how"] = "Choose how you told them. Tell the inspection lead now, before you write."
    ask = "Say whom you tried to tell." if told.how is ToldHow.NOBODY else "Say whom you told."
    whom = _said("told_whom", told.whom, ask, LONGEST_NAME, faults)
    when = _said("told_when", told.when, "Say when you told them, or when you tried.", LONGEST_MOMENT, faults)
    if kind is None:
        faults["kind"] = "Choose whether it is immediate risk or prolonged poor practice."
    seen = _said("seen", seen, "Say what you saw in the record.", None, faults)
    needed = _said("needed", needed, "Say what is needed now.", None, faults)
    if faults or kind is None or told.how is None:
        raise FormError(faults)
    for earlier in raised_by(session, reading_id=opened.key, account=by):
        was_told = (earlier.told_whom, earlier.told_how, earlier.told_when)
        if (earlier.kind, earlier.seen, earlier.needed, *was_told) == (kind, seen, needed, whom, told.how, when):
            return earlier
    concern = Concern(
        reading_id=opened.key,
        kind=kind,
        told_whom=whom,
        told_how=told.how,
        told_when=when,
        seen=seen,
        needed=needed,
        raised_at=at,
        raised_by_id=by.id or 0,
    )
    session.add(concern)
    session.flush()
    _fill_in(session, opened, instrument, by, at)
    audit.record(
        session,
        "concern raised",
        by=by,
        at=at,
        kind="concern",
        object_id=concern.public_id,
        inspection_id=opened.place.inspection.id,
        body={"reading": opened.reading.public_id},
    )
    return concern


def receive(session: Session, *, public_id: str, by: Account, at: datetime) -> Raised:
    """Mark a matter of concern as known to the lead or the deputy; marking it again changes nothing.

    Raises AbsentError for all but lead and deputy, RefusedError for whoever raised it.
    """
    raised = _to_follow(session, public_id=public_id, by=by)
    if raised.concern.state is not ConcernState.RAISED:
        return raised
    if raised.concern.raised_by_id == by.id:
        raise RefusedError("You raised this yourself: the other of lead and deputy receives it.")
    _step(session, raised, ConcernState.RECEIVED, "", by, at)
    return raised


def follow(
    session: Session,
    *,
    public_id: str,
    to: ConcernState,
    done: str,
    partnership_ref: str,
    by: Account,
    at: datetime,
) -> Raised:
    """Take the next step with a matter of concern that was received, or a further one with the partnership.

    `done` says what was done. It is closed only with the partnership's own reference. FormError, or ConflictError when
    it stands elsewhere by now. The same step sent twice is one; with another reference it is a further one. Raises
    AbsentError for all but lead and deputy.
    """
    raised = _to_follow(session, public_id=public_id, by=by)
    concern = raised.concern
    faults: dict[str, str] = {}
    done = _said("done", done, "Say what was done, by whom, and what was answered.", None, faults)
    reference = " ".join(partnership_ref.split())
    is_last = bool(raised.steps) and (raised.steps[-1].state, raised.steps[-1].said) == (to, done)
    if is_last and reference in ("", concern.partnership_ref):
        return raised
    if to is ConcernState.RECEIVED or to not in NEXT[concern.state]:
        raise ConflictError(f"This matter of concern is {concern.state} by now: load the page again to see it.")
    if len(reference) > LONGEST_REFERENCE:
        faults["partnership_ref"] = f"Give the partnership’s reference in at most {LONGEST_REFERENCE} characters."
    elif to is ConcernState.CLOSED and not reference:
        faults["partnership_ref"] = "Give the partnership’s own reference: ask them for it before you close this."
    if faults:
        raise FormError(faults)
    concern.partnership_ref = reference or concern.partnership_ref
    _step(session, raised, to, done, by, at)
    return raised


def raised_on(session: Session, *, reading_id: int) -> int:
    """How many matters of concern were raised on a reading: all that the reading shows of them."""
    n: int = session.exec(_raised_on(), params={"reading_id": reading_id}).one()
    return n


@cache
def _raised_on() -> Any:
    """Built once: every page of a reading asks it."""
    return select(func.count()).select_from(Concern).where(Concern.reading_id == bindparam("reading_id"))


def raised_by(session: Session, *, reading_id: int, account: Account) -> list[Concern]:
    """Those that the account itself raised on a reading, oldest first: what it wrote it may print."""
    query = select(Concern).where(Concern.reading_id == reading_id, Concern.raised_by_id == account.id)
    return list(session.exec(query.order_by(col(Concern.raised_at))))


def _to_follow(session: Session, *, public_id: str, by: Account) -> Raised:
    """The matter of concern if the account is lead or deputy of its inspection; AbsentError otherwise."""
    # of two steps at once the second sees what the first did
    as_it_stands = select(Concern).where(Concern.public_id == public_id).with_for_update()
    session.exec(as_it_stands.execution_options(populate_existing=True)).first()
    raised = find(session, public_id=public_id, account=by)
    held = {entry.role for entry in members(session, inspection=raised.place.inspection, account=by)}
    if not held & set(TOLD):
        raise AbsentError
    return raised


def _step(session: Session, raised: Raised, to: ConcernState, done: str, by: Account, at: datetime) -> None:
    concern = raised.concern
    before, concern.state = concern.state, to
    step = ConcernStep(concern_id=concern.id or 0, state=to, said=done, at=at, by_id=by.id or 0)
    session.add_all([concern, step])
    session.flush()
    raised.steps[:] = step_rows(session, [concern])[concern.id or 0]
    audit.record(
        session,
        f"concern {to}",
        by=by,
        at=at,
        kind="concern",
        object_id=concern.public_id,
        inspection_id=raised.place.inspection.id,
        body={"from": before, "partnership's reference": bool(concern.partnership_ref)},
    )


def _said(name: str, text: str, ask: str, longest: int | None, faults: dict[str, str]) -> str:
    try:
        kept = said(text, ask)
    except RefusedError as error:
        faults[name] = error.reasons[0]
        return ""
    if longest is not None and len(kept) > longest:
        faults[name] = f"This has {len(kept):,} characters: say it in at most {longest:,}."
    return kept


def _fill_in(session: Session, opened: Opened, instrument: Instrument, by: Account, at: datetime) -> None:
    """Answer for the reader, in a reading under way, that one was raised; its version stays, so no tab is stale."""
    if not opened.is_open or opened.reading.started_at is None:
        return
    answers = answers_of(session, opened.key)
    for part in instrument.filled_from("concern"):
        if part.choice(YES) is not None and answers.get(part.key, Answer(None)).value != YES:
            before = {part.key: answers[part.key]} if part.key in answers else {}
            after = {part.key: replace(answers.get(part.key, Answer(None)), value=YES)}
            store(session, reading_id=opened.key, before=before, after=after, by=by, at=at)
