"""What an issue rests on, and whether any of it moved since it was looked at.

It is looked at in full once, without a lock. After that the audit trail tells in which inspections anything was done:
these are looked at again, still without a lock. A deed then asks the trail one thing under the lock, and loads nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from sqlmodel import Session

from casereader import audit
from casereader.errors import ConflictError
from casereader.instrument import Instrument
from casereader.issues import freezing, listing, loading, readiness
from casereader.issues.scope import Scope, narrowed

MOVED = "Something that the figures rest on changed while they were worked out: prepare the issue again."
OTHERS_ARE_FINAL = "Other inspections are final than when this was prepared: drop it and prepare it again."
CHANGED = "What the figures rest on changed since this was prepared: drop it and prepare it again."
ANOTHER_WENT_OUT = "Another issue went out since this was prepared: drop it and prepare it again."


class MovedError(ConflictError):
    """Something was done since the basis was looked at: whoever can looks again, and else says so."""

    def __init__(self) -> None:
        super().__init__(MOVED)


@dataclass(frozen=True)
class Basis:
    """What an issue rests on, as it was when the newest event of the trail was `mark`.

    `digests` are of what each inspection in it holds, by path; `issued` names every issue that was out, and `met` those
    that it was made safe against.
    """

    mark: audit.Mark
    digests: Mapping[str, str]
    issued: Sequence[str]
    met: Mapping[str, Sequence[str]]

    def record(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {**asdict(self), "mark": list(self.mark)}

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Self:
        """Read what `record` wrote."""
        return cls(**{**record, "mark": audit.Mark(*record["mark"])})


def unmoved(session: Session, *, scope: Scope, basis: Basis) -> None:
    """MovedError where anything was done since; a handful of questions for keys and names, however many inspections.

    What was done may leave everything as it was; `again` tells, where nobody waits for it.
    """
    moved = audit.moved_since(session, scope.programme.id or 0, since=basis.mark)
    if any(place.inspection.id in moved for place in scope.places) or readiness.why_erased(session, scope=scope):
        raise MovedError
    if listing.issued_ids(session, scope=scope) != basis.issued:
        raise MovedError


def again(session: Session, *, scope: Scope, instrument: Instrument, basis: Basis) -> tuple[Basis, list[str]]:
    """The basis as of now, and what is another than it was, in sentences; only what moved is loaded."""
    mark, issued = audit.mark(session), listing.issued_ids(session, scope=scope)
    moved = audit.moved_since(session, scope.programme.id or 0, since=basis.mark)
    here = [place for place in scope.places if place.inspection.id in moved]
    final = readiness.final_among(session, here, instrument)
    found = readiness.why_erased(session, scope=scope)
    if [one.path for one in final] != [one.path for one in here if one.path in basis.digests]:
        found.append(OTHERS_ARE_FINAL)
    else:
        digests = loading.digested(session, final, instrument).by_inspection() if final else {}
        if any(basis.digests[path] != digest for path, digest in digests.items()) or len(digests) != len(final):
            found.append(CHANGED)
    if issued != basis.issued:
        resting = narrowed(scope, [place for place in scope.places if place.path in basis.digests])
        if freezing.met_by(session, resting).record() != basis.met:
            found.append(ANOTHER_WENT_OUT)
    return replace(basis, mark=mark, issued=issued), found
