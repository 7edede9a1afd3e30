"""Working an issue out: it takes seconds to minutes, reads only, and writes nothing: nobody's save waits for it.

What is worked out says what it rests on; whoever keeps it looks first that nothing of that moved meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlmodel import Session, col, select

from casereader import audit, cases_named, identifying
from casereader.disclosure import PARTNERSHIP, DisclosureError
from casereader.errors import ConflictError, FormError, RefusedError
from casereader.figures import reader_effects
from casereader.instrument import Instrument, Library
from casereader.issues import freezing, gathering, listing, readiness
from casereader.issues.basis import Basis
from casereader.issues.scope import Scope
from casereader.models import Account, Issue, Membership
from casereader.naming import said
from casereader.vocabulary import Role
from sampling.version import SOFTWARE

THRESHOLD = PARTNERSHIP.threshold
RUNS = {Role.COORDINATOR, Role.LEAD}
FIRST = "There is an issue already: it is corrected by the next one, with a note."
NOTHING = "Nothing is issued yet that could be corrected."
WAITS = "An issue is prepared already: it is issued or dropped first."
FINAL_KNOWN, LOADED, GATHERED, MADE_SAFE = 10, 35, 40, 95  # per cent of the work


def to_nobody(_per_cent: int) -> None:
    """Where nobody waits to hear how far it is."""


@dataclass(frozen=True)
class Draft:
    """An issue that is worked out and not kept, and what it rests on."""

    row: Issue
    basis: Basis


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
    tell: Callable[[int], None] = to_nobody,
) -> Draft:
    """Work out the first issue, or with a note the one that replaces the one that stands.

    `looked`: a note that looks as if it named somebody was looked at. `tell` hears per cent of the work. Raises
    FormError for the note, RefusedError for findings that are not final or cannot be made safe, ConflictError for what
    is out of turn.
    """
    mark, issued = audit.mark(session), listing.issued_ids(session, scope=scope)
    turn = in_turn(session, scope, corrects=note is not None)
    replaces = session.get_one(Issue, turn.stands) if turn.stands else None
    correction = "" if note is None else note_to_publish(session, scope=scope, text=note, looked=looked)
    policy = freezing.policy_for(scope, threshold=threshold)
    final = _final(session, scope, instrument, by)
    tell(FINAL_KNOWN)
    number = 1 + turn.last
    gathered = gathering.gather(
        session, scope=final, instrument=instrument, tell=lambda share: tell(_between(FINAL_KNOWN, LOADED, share))
    )
    tell(GATHERED)
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
            tell=lambda share: tell(_between(GATHERED, MADE_SAFE, share)),
        )
    except DisclosureError as error:
        raise RefusedError(f"No safe issue can be made of these figures: {error}") from error
    notes = reader_effects.note_to_publish(session, scope.programme, instrument, library, threshold=policy.threshold)
    tell(MADE_SAFE)
    head = _head(session, scope)
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
        head=head,
    )
    basis = Basis(mark=mark, digests=gathered.digests, issued=issued, met=met.record())
    row = Issue(
        inspection_id=scope.place.inspection.id if scope.place else None,
        programme_id=None if scope.place else scope.programme.id,
        number=number,
        content=content,
        withheld=freezing.withheld_rows(planned, policy, content),
        proof={**planned.kept(), "met": met.record(), "basis": basis.record()},
        policy=policy.record(),
        data_digest=gathered.data_digest,
        data_time=gathered.data_time,
        instrument_id=instrument.id,
        instrument_version=instrument.version,
        certificates=gathered.certificates,
        software=SOFTWARE,
        audit_head=head,
        replaces_id=replaces.id if replaces else None,
        correction=correction,
        prepared_by_id=by.id or 0,
    )
    return Draft(row, basis)


def basis_of(row: Issue) -> Basis | None:
    """What a prepared issue rests on, as it was worked out; None of one that an earlier version prepared."""
    return Basis.of(row.proof["basis"]) if "basis" in row.proof else None


def _head(session: Session, scope: Scope) -> str:
    if scope.place is not None:
        return audit.head_of(session, scope.place.inspection.id or 0)
    return audit.head_of_programme(session, scope.programme.id or 0)


def _between(begin: int, end: int, share: float) -> int:
    return begin + round((end - begin) * share)


def proven(row: Issue) -> None:
    """Run the proof of a prepared issue again. RefusedError where it does not hold."""
    if wrong := freezing.content_of(row).verify():
        raise RefusedError("The proof does not hold; nothing is issued.", *wrong)


def not_theirs(session: Session, scope: Scope, by: Account) -> list[str]:
    """The inspections whose figures go out without being this account's to publish."""
    query = select(Membership.inspection_id).where(Membership.account_id == by.id, col(Membership.role).in_(RUNS))
    mine = set(session.exec(query))
    others = [place.partnership.name for place in scope.places if place.inspection.id not in mine]
    return [f"You are neither coordinator nor lead of {', '.join(others)}."] if others else []


def in_turn(session: Session, scope: Scope, *, corrects: bool) -> listing.Turn:
    """How the issues of the scope stand; ConflictError where it is another's turn."""
    turn = listing.turn_of(session, scope=scope)
    if corrects != (turn.stands is not None):
        raise ConflictError(NOTHING if corrects else FIRST)
    if turn.is_waiting:
        raise ConflictError(WAITS)
    return turn


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


def note_to_publish(session: Session, *, scope: Scope, text: str, looked: bool) -> str:
    """The note as it is published: free text, so that it may name somebody by mistake; FormError where it seems to."""
    kept = said(text, "Say what was wrong, or what is new: the note is published.")
    if not looked and (signs := signs_in_note(session, scope=scope, text=kept)):
        raise FormError({"note": identifying.looks_like(signs)})
    return kept
