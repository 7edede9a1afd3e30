"""Keeping what a child worked out or looked over, if nothing that it rests on was touched since."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from casereader import issues
from casereader.issues import Basis, Draft, LookedOver, Scope
from casereader.models import Account, Issue, Programme
from casereader.programmes import inspections

PREPARE, PUBLISH = "prepare", "publish"


def scope_of(session: Session, programme: int, inspection: int | None) -> Scope:
    """What a request to the child is of, by its keys."""
    if inspection is not None:
        return issues.of_place(inspections.place_of(session, inspection_id=inspection))
    return issues.of_programme(session, session.get_one(Programme, programme))


def keep(session: Session, request: Mapping[str, Any], reply: Mapping[str, Any], *, at: datetime) -> str:
    """Prepare the issue, or issue it: its public name. Raises what `issues.keep` and `issues.publish` do."""
    scope = scope_of(session, request["programme"], request["inspection"])
    by, basis = session.get_one(Account, request["by"]), Basis.of(reply["basis"])
    if request["deed"] == PUBLISH:
        looked = LookedOver(**reply["looked"], basis=basis)
        return issues.publish(session, scope=scope, public_id=request["issue"], by=by, at=at, looked=looked).public_id
    told = reply["drafted"]
    row = Issue(**{**told, "data_time": datetime.fromisoformat(told["data_time"])})
    return issues.keep(session, scope=scope, draft=Draft(row, basis), by=by, at=at).public_id
