"""Deeds: prepare, issue as a second person, drop, correct by the next. Issued, it never changes."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from casereader import audit, calendars, voiding
from casereader.errors import ConflictError, RefusedError
from casereader.instrument import Instrument, Library
from casereader.issues import freezing, listing, loading, readiness
from casereader.issues.drafting import THRESHOLD, Draft, draft, mark_of, not_theirs, proven, still_holds
from casereader.issues.scope import Scope
from casereader.models import Account, Issue, Programme
from casereader.vocabulary import Stage
from sampling.digest import json_digest

ISSUED = "This is issued: it never changes. What is wrong in it is corrected by the next issue."
DROPPED = "This was dropped: prepare it anew."


def prepare(
    session: Session,
    *,
    scope: Scope,
    instrument: Instrument,
    library: Library,
    by: Account,
    at: datetime,
    threshold: int = THRESHOLD,
) -> Issue:
    """Work out the first issue and keep it for a second person; nothing is published before they issue it."""
    _hold(session, scope)
    made = draft(session, scope=scope, instrument=instrument, library=library, by=by, threshold=threshold)
    return keep(session, scope=scope, instrument=instrument, draft=made, by=by, at=at)


def correct(
    session: Session,
    *,
    scope: Scope,
    instrument: Instrument,
    library: Library,
    note: str,
    by: Account,
    at: datetime,
    threshold: int = THRESHOLD,
    looked: bool = False,
) -> Issue:
    """Work out the issue that replaces the one that stands, with a note of what was wrong."""
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
    return keep(session, scope=scope, instrument=instrument, draft=made, by=by, at=at)


def keep(session: Session, *, scope: Scope, instrument: Instrument, draft: Draft, by: Account, at: datetime) -> Issue:
    """Keep what was worked out, if nothing of what it rests on moved meanwhile; ConflictError otherwise."""
    _hold(session, scope)
    still_holds(session, scope=scope, instrument=instrument, draft=draft, by=by)
    row = draft.row
    row.prepared_at = at
    session.add(row)
    session.flush()
    _audit(session, "issue prepared", scope, row, by, at, withheld=len(row.withheld))
    return row


def issue(
    session: Session,
    *,
    scope: Scope,
    public_id: str,
    instrument: Instrument,
    by: Account,
    at: datetime,
    mark: str = "",
) -> Issue:
    """Freeze a prepared issue as its second person. The first of an inspection is its publication.

    `mark` is what `proven` gave for it: where it is that of the issue, its proof was run, and is not run again.
    """
    _hold(session, scope)
    row = _open(session, scope, public_id)
    if reasons := why_not_issued(session, scope=scope, row=row, instrument=instrument, by=by):
        raise RefusedError(*reasons)
    if mark != mark_of(row):
        proven(row)
    row.issued_at, row.issued_by_id = at, by.id
    session.add(row)
    session.flush()
    _audit(session, "issue issued", scope, row, by, at, prepared_by=row.prepared_by_id)
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
    """What keeps this account from issuing what is prepared, in sentences; none where it may."""
    final = readiness.final_of(session, scope=scope, instrument=instrument)
    found = both_may(session, scope=final, preparer=session.get_one(Account, row.prepared_by_id), by=by)
    found += readiness.why_not(session, scope=scope, instrument=instrument)
    if [place.path for place in final.places] != freezing.paths_in(row):
        return [*found, "Other inspections are final than when this was prepared: drop it and prepare it again."]
    if loading.digest_of(session, final.places, instrument) != row.data_digest:
        found.append("What the figures rest on changed since this was prepared: drop it and prepare it again.")
    if freezing.met_by(session, final).record() != row.proof["met"]:
        found.append("Another issue went out since this was prepared: drop it and prepare it again.")
    return found


def both_may(session: Session, *, scope: Scope, preparer: Account, by: Account) -> list[str]:
    """What keeps the two from being the two people of an issue: of every inspection in it one must be a lead."""
    found = not_theirs(session, scope, by)
    for place in scope.places:
        try:
            voiding.both_faults(session, inspection=place.inspection, asker=preparer, by=by, deed="prepared this issue")
        except RefusedError as error:
            found += error.reasons
    return list(dict.fromkeys(found))


def _hold(session: Session, scope: Scope) -> None:
    """One deed at a time in a programme: each issue is checked against all others."""
    session.exec(select(Programme.id).where(col(Programme.id) == scope.programme.id).with_for_update()).one()


def _open(session: Session, scope: Scope, public_id: str) -> Issue:
    row = listing.find(session, scope=scope, public_id=public_id, to_change=True)
    if row.issued_at is not None:
        raise ConflictError(ISSUED)
    if row.dropped_at is not None:
        raise ConflictError(DROPPED)
    return row


def _audit(session: Session, action: str, scope: Scope, row: Issue, by: Account, at: datetime, **body: object) -> None:
    digests = {"content": json_digest(row.content), "data": row.data_digest}
    audit.record(
        session,
        action,
        by=by,
        at=at,
        kind="issue",
        object_id=row.public_id,
        inspection_id=scope.place.inspection.id if scope.place else None,
        body={"number": row.number, **digests, **body},
    )
