"""Deeds: prepare, issue as a second person, drop, correct by the next. Issued, it never changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from casereader import audit
from casereader.errors import ConflictError, RefusedError
from casereader.instrument import Instrument, Library
from casereader.issues import freezing, listing, loading, readiness
from casereader.issues.basis import ANOTHER_WENT_OUT, CHANGED, MOVED, OTHERS_ARE_FINAL, Basis, again, unmoved
from casereader.issues.drafting import THRESHOLD, Draft, basis_of, draft, in_turn, not_theirs, proven, to_nobody
from casereader.issues.scope import Scope
from casereader.models import Account, Issue, Programme
from casereader.programmes import calendars, two_people
from casereader.vocabulary import Stage
from sampling.digest import json_digest

ISSUED = "This is issued: it never changes. What is wrong in it is corrected by the next issue."
DROPPED = "This was dropped: prepare it anew."
DIGESTED = 40  # per cent of looking it over
NOT_PROVEN = "What is prepared is not what was proven just now; nothing is issued. Look it over again."


@dataclass(frozen=True)
class LookedOver:
    """What was looked at in full before it is issued: the `mark` of what was proven, and what it rests on.

    `content` is the digest of what is published.
    """

    mark: str
    content: str
    basis: Basis


def prepare(
    session: Session,
    *,
    scope: Scope,
    instrument: Instrument,
    library: Library,
    by: Account,
    at: datetime,
    threshold: int = THRESHOLD,
    note: str | None = None,
    looked: bool = False,
) -> Issue:
    """Work out an issue as `draft` does and keep it for a second person; nothing is published before they issue it."""
    _hold(session, scope)
    made = draft(
        session,
        scope=scope,
        instrument=instrument,
        library=library,
        by=by,
        threshold=threshold,
        note=note,
        looked=looked,
    )
    return keep(session, scope=scope, draft=made, by=by, at=at)


def keep(session: Session, *, scope: Scope, draft: Draft, by: Account, at: datetime) -> Issue:
    """Keep what was worked out, if nothing of what it rests on was touched meanwhile.

    Nothing is loaded for that. MovedError where something was touched: `look_again` at it, and keep what it gives.
    ConflictError where another went before. RefusedError where an inspection in it is not open to `by`.
    """
    _hold(session, scope)
    row = draft.row
    turn = in_turn(session, scope, corrects=row.replaces_id is not None)
    if turn.stands != row.replaces_id or turn.last >= row.number:
        raise ConflictError(MOVED)
    if others := not_theirs(session, readiness.named(scope, freezing.paths_in(row)), by):
        raise RefusedError(*others)
    unmoved(session, scope=scope, basis=draft.basis)
    row.prepared_at = at
    session.add(row)
    session.flush()
    _audit(session, "issue prepared", scope, row, by, at, withheld=len(row.withheld))
    return row


def look_again(
    session: Session, *, scope: Scope, instrument: Instrument, basis: Basis, is_prepared: bool = False
) -> Basis:
    """The basis as of now, where all that was touched is as it was; ConflictError where anything is another.

    `is_prepared`: it is that of an issue which is kept already.
    """
    basis, another = again(session, scope=scope, instrument=instrument, basis=basis)
    if another:
        raise ConflictError(*(another if is_prepared else [MOVED]))
    return basis


def look_over(
    session: Session,
    *,
    scope: Scope,
    public_id: str,
    instrument: Instrument,
    by: Account,
    tell: Callable[[int], None] = to_nobody,
) -> LookedOver:
    """All that issuing asks for, in full, and without a lock: the proof is run again, and every answer digested.

    `tell` hears per cent of the work. RefusedError with what keeps it from being issued.
    """
    row = listing.find(session, scope=scope, public_id=public_id)
    still_open(row)
    basis, reasons = _as_of_now(session, scope, row, instrument, by)
    if reasons:
        raise RefusedError(*reasons)
    tell(DIGESTED)
    proven(row)
    return LookedOver(listing.mark_of(session, row), json_digest(row.content), basis)


def issue(
    session: Session, *, scope: Scope, public_id: str, instrument: Instrument, by: Account, at: datetime
) -> Issue:
    """Look a prepared issue over and freeze it as its second person, in one transaction."""
    _hold(session, scope)
    looked = look_over(session, scope=scope, public_id=public_id, instrument=instrument, by=by)
    return publish(session, scope=scope, public_id=public_id, looked=looked, by=by, at=at)


def publish(session: Session, *, scope: Scope, public_id: str, looked: LookedOver, by: Account, at: datetime) -> Issue:
    """Freeze a prepared issue as its second person. The first of an inspection is its publication.

    `looked` is what `look_over` gave for it; nothing of that may have been touched since (MovedError otherwise). Raises
    RefusedError with everything that keeps the two from issuing it.
    """
    _hold(session, scope)
    row = _open(session, scope, public_id)
    whole, preparer = readiness.named(scope, [*looked.basis.digests]), session.get_one(Account, row.prepared_by_id)
    if reasons := both_may(session, scope=whole, preparer=preparer, by=by):
        raise RefusedError(*reasons)
    unmoved(session, scope=scope, basis=looked.basis)
    if looked.mark != listing.mark_of(session, row):
        raise RefusedError(NOT_PROVEN)
    row.issued_at, row.issued_by_id = at, by.id
    session.add(row)
    session.flush()
    _audit(session, "issue issued", scope, row, by, at, content=looked.content, prepared_by=row.prepared_by_id)
    if scope.place is not None and scope.place.inspection.published_on is None:
        calendars.record_publication(
            session, inspection=scope.place.inspection, stage=Stage.EVALUATED, on=at.date(), by=by, at=at
        )
    return row


def drop(session: Session, *, scope: Scope, public_id: str, by: Account, at: datetime) -> None:
    """Give up a prepared issue; its number is not used again."""
    _hold(session, scope)
    row = _open(session, scope, public_id)
    row.dropped_at, row.dropped_by_id = at, by.id
    session.add(row)
    session.flush()
    _audit(session, "issue dropped", scope, row, by, at)


def why_not_issued(session: Session, *, scope: Scope, row: Issue, instrument: Instrument, by: Account) -> list[str]:
    """What keeps this account from issuing what is prepared, in sentences; none where it may.

    Of a programme only what was touched since it was prepared is looked at; `look_over` looks at everything.
    """
    basis = basis_of(row)
    if scope.place is not None or basis is None:
        return _as_of_now(session, scope, row, instrument, by)[1]
    _, another = again(session, scope=scope, instrument=instrument, basis=basis)
    return [*why_not_by(session, scope, row, by), *another]


def _as_of_now(
    session: Session, scope: Scope, row: Issue, instrument: Instrument, by: Account
) -> tuple[Basis, list[str]]:
    """What an issue rests on as it is now, all of it loaded, and what keeps this account from issuing it."""
    mark, issued = audit.mark(session), listing.issued_ids(session, scope=scope)
    final = readiness.final_of(session, scope=scope, instrument=instrument)
    found = why_not_by(session, scope, row, by)
    found += readiness.why_not(session, scope=scope, instrument=instrument)
    digest = loading.digested(session, final.places, instrument)
    met = freezing.met_by(session, final).record()
    if [place.path for place in final.places] != freezing.paths_in(row):
        found.append(OTHERS_ARE_FINAL)
    else:
        found += [CHANGED] if digest.value() != row.data_digest else []
        found += [ANOTHER_WENT_OUT] if met != row.proof["met"] else []
    return Basis(mark=mark, digests=digest.by_inspection(), issued=issued, met=met), found


def why_not_by(session: Session, scope: Scope, row: Issue, by: Account) -> list[str]:
    """What keeps this account from being the second person of a prepared issue."""
    whole = readiness.named(scope, freezing.paths_in(row))
    return both_may(session, scope=whole, preparer=session.get_one(Account, row.prepared_by_id), by=by)


def both_may(session: Session, *, scope: Scope, preparer: Account, by: Account) -> list[str]:
    """What keeps the two from being the two people of an issue: of every inspection in it one must be a lead."""
    found = not_theirs(session, scope, by)
    ids = [place.inspection.id or 0 for place in scope.places]
    why = two_people.why_not(session, inspection_ids=ids, asker=preparer, by=by, deed="prepared this issue")
    return [*found, *([why] if why else [])]


def _hold(session: Session, scope: Scope) -> None:
    """One deed at a time in a programme: each issue is checked against all others."""
    session.exec(select(Programme.id).where(col(Programme.id) == scope.programme.id).with_for_update()).one()


def _open(session: Session, scope: Scope, public_id: str) -> Issue:
    row = listing.find(session, scope=scope, public_id=public_id, to_change=True)
    still_open(row)
    return row


def still_open(row: Issue) -> None:
    """ConflictError where an issue is out or was dropped."""
    if row.issued_at is not None:
        raise ConflictError(ISSUED)
    if row.dropped_at is not None:
        raise ConflictError(DROPPED)


def _audit(session: Session, action: str, scope: Scope, row: Issue, by: Account, at: datetime, **body: object) -> None:
    digests = {"content": body.get("content") or json_digest(row.content), "data": row.data_digest}
    audit.record(
        session,
        action,
        by=by,
        at=at,
        kind="issue",
        object_id=row.public_id,
        inspection_id=scope.place.inspection.id if scope.place else None,
        body={"number": row.number, **body, **digests},
    )
