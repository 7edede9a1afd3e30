"""Work on an issue that is quick: done within its request, which waits, and holds no lock while it is worked out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from casereader import issues
from casereader.instrument import Instrument
from casereader.issues import Basis, MovedError, Scope
from casereader.models import Issue
from casereader.web.access import person
from casereader.web.clock import now
from casereader.web.installed import instruments
from casereader.web.issuing.blueprint import apart
from casereader.web.request_session import db

TRIES = 3
Done = TypeVar("Done")


def prepare(scope: Scope, instrument: Instrument, asked: Mapping[str, Any]) -> Issue:
    """The issue, prepared; raises what `issues.draft` and `issues.keep` do."""
    with apart(scope) as seen:
        made = issues.draft(
            seen.session,
            scope=seen.scope,
            instrument=instrument,
            library=instruments(),
            by=seen.account,
            **asked,
        )

    def keep(basis: Basis) -> Issue:
        draft = replace(made, basis=basis)
        return issues.keep(db(), scope=scope, draft=draft, by=person().account, at=now())

    return _done(scope, instrument, keep, made.basis, is_prepared=False)


def publish(scope: Scope, instrument: Instrument, public_id: str) -> None:
    """Issue it; raises what `issues.look_over` and `issues.publish` do."""
    with apart(scope) as seen:
        found = issues.look_over(
            seen.session, scope=seen.scope, public_id=public_id, instrument=instrument, by=seen.account
        )

    def go_out(basis: Basis) -> Issue:
        looked = replace(found, basis=basis)
        return issues.publish(db(), scope=scope, public_id=public_id, looked=looked, by=person().account, at=now())

    _done(scope, instrument, go_out, found.basis, is_prepared=True)


def _done(
    scope: Scope, instrument: Instrument, deed: Callable[[Basis], Done], basis: Basis, *, is_prepared: bool
) -> Done:
    """The deed, once nothing was touched since the basis was looked at."""
    for _ in range(TRIES):
        try:
            return deed(basis)
        except MovedError:
            with apart(scope) as seen:
                basis = issues.look_again(
                    seen.session, scope=seen.scope, instrument=instrument, basis=basis, is_prepared=is_prepared
                )
    raise MovedError
