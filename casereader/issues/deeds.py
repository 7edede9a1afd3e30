"""Deeds: prepare, issue as a second person, drop, correct by the next. Issued, it never changes."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from casereader import audit, calendars, inspections, reader_effects, voiding
from casereader.disclosure import PARTNERSHIP, DisclosureError
from casereader.errors import ConflictError, RefusedError
from casereader.instrument import Instrument, Library
from casereader.issues import freezing, gathering, listing, readiness
from casereader.issues.scope import Scope
from casereader.models import Account, Issue, Programme
from casereader.naming import said
from casereader.vocabulary import Role, Stage
from sampling.digest import json_digest
from sampling.version import SOFTWARE

THRESHOLD = PARTNERSHIP.threshold
RUNS = {Role.COORDINATOR, Role.LEAD}
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
    if listing.standing(session, scope=scope) is not None:
        raise ConflictError("There is an issue already: it is corrected by the next one, with a note.")
    return _make(session, scope, instrument, library, threshold, None, "", by, at)


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
) -> Issue:
    """Work out the issue that replaces the one that stands, with a note of what was wrong."""
    _hold(session, scope)
    replaces = listing.standing(session, scope=scope)
    if replaces is None:
        raise ConflictError("Nothing is issued yet that could be corrected.")
    correction = said(note, "Say what was wrong, or what is new: the note is published.")
    return _make(session, scope, instrument, library, threshold, replaces, correction, by, at)


def issue(
    session: Session, *, scope: Scope, public_id: str, instrument: Instrument, by: Account, at: datetime
) -> Issue:
    """Freeze a prepared issue as its second person. The first of an inspection is its publication."""
    _hold(session, scope)
    row = _open(session, scope, public_id)
    if reasons := why_not_issued(session, scope=scope, row=row, instrument=instrument, by=by):
        raise RefusedError(*reasons)
    if wrong := freezing.content_of(row).verify():
        raise RefusedError("The proof does not hold; nothing is issued.", *wrong)
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
    gathered = gathering.gather(session, scope=final, instrument=instrument)
    if gathered.data_digest != row.data_digest:
        found.append("What the figures rest on changed since this was prepared: drop it and prepare it again.")
    if freezing.met_by(session, final).record() != row.proof["met"]:
        found.append("Another issue went out since this was prepared: drop it and prepare it again.")
    return found


def both_may(session: Session, *, scope: Scope, preparer: Account, by: Account) -> list[str]:
    """What keeps the two from being the two people of an issue: of every inspection in it one must be a lead."""
    found = _not_theirs(session, scope, by)
    for place in scope.places:
        try:
            voiding.both_faults(session, inspection=place.inspection, asker=preparer, by=by, deed="prepare this issue")
        except RefusedError as error:
            found += error.reasons
    return list(dict.fromkeys(found))


def _make(
    session: Session,
    scope: Scope,
    instrument: Instrument,
    library: Library,
    threshold: int,
    replaces: Issue | None,
    correction: str,
    by: Account,
    at: datetime,
) -> Issue:
    if listing.waiting(session, scope=scope) is not None:
        raise ConflictError("An issue is prepared already: it is issued or dropped first.")
    policy = freezing.policy_for(scope, threshold=threshold)
    final = readiness.final_of(session, scope=scope, instrument=instrument)
    if reasons := [*readiness.why_not(session, scope=scope, instrument=instrument), *_not_theirs(session, final, by)]:
        raise RefusedError(*reasons)
    number = 1 + max((one.number for one in listing.of(session, scope=scope)), default=0)
    gathered = gathering.gather(session, scope=final, instrument=instrument)
    met = freezing.met_by(session, final)
    try:
        planned = freezing.plan(
            session,
            scope=final,
            number=number,
            findings=gathered.findings,
            ties=gathered.ties,
            contributors=gathered.contributors,
            policy=policy,
            met=met,
            using=instrument,
        )
    except DisclosureError as error:
        raise RefusedError(f"No safe issue can be made of these figures: {error}") from error
    notes = reader_effects.note_to_publish(
        session, scope.programme, instrument, library, least_pairs=policy.least_n_for_percent
    )
    row = Issue(
        inspection_id=scope.place.inspection.id if scope.place else None,
        programme_id=None if scope.place else scope.programme.id,
        number=number,
        content=freezing.frozen(
            session,
            scope=final,
            number=number,
            replaces=replaces.number if replaces else None,
            correction=correction,
            planned=planned,
            read=gathered.read,
            instrument=instrument,
            notes=notes,
        ),
        withheld=freezing.withheld_rows(planned, policy),
        proof={**planned.kept(), "met": met.record()},
        policy=policy.record(),
        data_digest=gathered.data_digest,
        data_time=gathered.data_time,
        instrument_id=instrument.id,
        instrument_version=instrument.version,
        certificates=gathered.certificates,
        software=SOFTWARE,
        audit_head=audit.head(session),
        replaces_id=replaces.id if replaces else None,
        correction=correction,
        prepared_at=at,
        prepared_by_id=by.id or 0,
    )
    session.add(row)
    session.flush()
    _audit(session, "issue prepared", scope, row, by, at, withheld=len(row.withheld))
    return row


def _not_theirs(session: Session, scope: Scope, by: Account) -> list[str]:
    """The inspections whose figures go out without being this account's to publish."""
    mine = {place.inspection.id for place in inspections.all_places(session, account=by, roles=RUNS)}
    others = [place.partnership.name for place in scope.places if place.inspection.id not in mine]
    return [f"You are neither coordinator nor lead of {', '.join(others)}."] if others else []


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
