"""Working an issue out: it takes seconds, reads only, and writes nothing, so that nobody's save waits for it.

What is worked out says what it rests on; whoever keeps it looks first that nothing of that moved meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session

from casereader import audit, cases_named, identifying, inspections, reader_effects
from casereader.disclosure import PARTNERSHIP, DisclosureError
from casereader.errors import ConflictError, FormError, RefusedError
from casereader.instrument import Instrument, Library
from casereader.issues import freezing, gathering, listing, loading, readiness
from casereader.issues.scope import Scope
from casereader.models import Account, Issue
from casereader.naming import said
from casereader.vocabulary import Role
from sampling.digest import json_digest
from sampling.version import SOFTWARE

THRESHOLD = PARTNERSHIP.threshold
RUNS = {Role.COORDINATOR, Role.LEAD}
FIRST = "There is an issue already: it is corrected by the next one, with a note."
NOTHING = "Nothing is issued yet that could be corrected."
WAITS = "An issue is prepared already: it is issued or dropped first."
MOVED = "Something that the figures rest on changed while they were worked out: prepare the issue again."


@dataclass(frozen=True)
class Draft:
    """An issue that is worked out and not kept, and the head of its programme in the audit trail at the time."""

    row: Issue
    head: str


def draft(
    session: Session,
    *,
    scope: Scope,
    instrument: Instrument,
    library: Library,
    by: Account,
    threshold: int = THRESHOLD,
    note: str | None = None,
    looked: bool = False,
) -> Draft:
    """Work out the first issue, or with a note the one that replaces the one that stands.

    `looked`: a note that looks as if it named somebody was looked at. Raises FormError for the note, RefusedError for
    findings that are not final or cannot be made safe, ConflictError for what is out of turn.
    """
    head = _head(session, scope)
    replaces = _in_turn(session, scope, corrects=note is not None)
    correction = "" if note is None else _note(session, scope, note, looked)
    policy = freezing.policy_for(scope, threshold=threshold)
    final = _final(session, scope, instrument, by)
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
    notes = reader_effects.note_to_publish(session, scope.programme, instrument, library, threshold=policy.threshold)
    published_head = audit.head_of(session, scope.place.inspection.id or 0) if scope.place else head
    content = freezing.frozen(
        session,
        scope=final,
        number=number,
        replaces=replaces.number if replaces else None,
        correction=correction,
        planned=planned,
        read=gathered.read,
        always_valid=gathered.always_valid,
        might_have_ended=gathered.might_have_ended,
        instrument=instrument,
        policy=policy,
        notes=notes,
        head=published_head,
    )
    row = Issue(
        inspection_id=scope.place.inspection.id if scope.place else None,
        programme_id=None if scope.place else scope.programme.id,
        number=number,
        content=content,
        withheld=freezing.withheld_rows(planned, policy, content),
        proof={**planned.kept(), "met": met.record()},
        policy=policy.record(),
        data_digest=gathered.data_digest,
        data_time=gathered.data_time,
        instrument_id=instrument.id,
        instrument_version=instrument.version,
        certificates=gathered.certificates,
        software=SOFTWARE,
        audit_head=published_head,
        replaces_id=replaces.id if replaces else None,
        correction=correction,
        prepared_by_id=by.id or 0,
    )
    return Draft(row, head)


def still_holds(session: Session, *, scope: Scope, instrument: Instrument, draft: Draft, by: Account) -> None:
    """Refuse a draft if anything that it rests on is another now; what it would be is not worked out again.

    Where the programme's head is the same, nothing was done to it since, and only the answers are looked at.
    """
    row = draft.row
    final = scope if scope.place else readiness.named(scope, freezing.paths_in(row))
    if _head(session, scope) != draft.head:
        replaces = _in_turn(session, scope, corrects=row.replaces_id is not None)
        final = _final(session, scope, instrument, by)
        same = (
            (replaces.id if replaces else None) == row.replaces_id,
            row.number > max((one.number for one in listing.of(session, scope=scope)), default=0),
            [place.path for place in final.places] == freezing.paths_in(row),
            freezing.met_by(session, final).record() == row.proof["met"],
        )
        if not all(same):
            raise ConflictError(MOVED)
    if loading.digest_of(session, final.places, instrument) != row.data_digest:
        raise ConflictError(MOVED)


def _head(session: Session, scope: Scope) -> str:
    """Issues of other inspections bear on this one: hence of the whole programme."""
    return audit.head_of_programme(session, scope.programme.id or 0)


def proven(row: Issue) -> str:
    """Run the proof of a prepared issue again: the digest of what was proven. RefusedError where it does not hold."""
    if wrong := freezing.content_of(row).verify():
        raise RefusedError("The proof does not hold; nothing is issued.", *wrong)
    return mark_of(row)


def mark_of(row: Issue) -> str:
    """The digest of what an issue publishes with its proof."""
    return json_digest([row.content, row.proof])


def not_theirs(session: Session, scope: Scope, by: Account) -> list[str]:
    """The inspections whose figures go out without being this account's to publish."""
    mine = {place.inspection.id for place in inspections.all_places(session, account=by, roles=RUNS)}
    others = [place.partnership.name for place in scope.places if place.inspection.id not in mine]
    return [f"You are neither coordinator nor lead of {', '.join(others)}."] if others else []


def _in_turn(session: Session, scope: Scope, *, corrects: bool) -> Issue | None:
    """The issue that would be replaced; ConflictError where it is another's turn."""
    standing = listing.standing(session, scope=scope)
    if corrects != (standing is not None):
        raise ConflictError(NOTHING if corrects else FIRST)
    if listing.waiting(session, scope=scope) is not None:
        raise ConflictError(WAITS)
    return standing


def _final(session: Session, scope: Scope, instrument: Instrument, by: Account) -> Scope:
    final = readiness.final_of(session, scope=scope, instrument=instrument)
    if reasons := [*readiness.why_not(session, scope=scope, instrument=instrument), *not_theirs(session, final, by)]:
        raise RefusedError(*reasons)
    return final


def signs_in_note(session: Session, *, scope: Scope, text: str) -> list[str]:
    """What a note looks like it holds that would tell who a child is, references of cases with it."""
    inspection_ids = [place.inspection.id for place in scope.places]
    named = cases_named.in_texts(session, [text], inspection_ids=inspection_ids)
    return [*identifying.signs_in(text), *([cases_named.OF_A_CASE] if named else [])]


def _note(session: Session, scope: Scope, text: str, looked: bool) -> str:
    """The note as it is published; it is free text, so that it may name somebody by mistake."""
    kept = said(text, "Say what was wrong, or what is new: the note is published.")
    if not looked and (signs := signs_in_note(session, scope=scope, text=kept)):
        says = f"This looks like {' and '.join(signs)}. Put it right, or say below that you looked."
        raise FormError({"note": says})
    return kept
