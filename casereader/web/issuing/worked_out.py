"""Working an issue out: that of an inspection here, that of a programme, which takes long, in a process of its own.

The request waits for it, but nobody else: no page is asked of the processor by a thread of ours, and no lock is held.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from casereader import issues
from casereader.errors import ConflictError, FormError, RefusedError
from casereader.instrument import Instrument
from casereader.issues import Draft, Scope
from casereader.models import Issue
from casereader.web.access import person
from casereader.web.background import BusyError, background
from casereader.web.installed import instruments, settings
from casereader.web.issuing.blueprint import apart
from casereader.web.request_session import read_again
from sampling.apart import Child
from sampling.errors import FrameError

LOG = logging.getLogger("casereader")
MODULE = "casereader.web.issuing.child"
SECONDS = 240  # that it may take; whatever proxy stands before us waits longer for it
TOO_MUCH = "Working it out was stopped: it took more time or memory than it may. Try again when fewer people work."
CUT_OFF = "The service was stopped before it was worked out. Nothing was kept: prepare the issue again in a minute."
BROKEN = "Working it out stopped before it was done. Try again; if it happens again, tell whoever runs the service."
BUSY = "Other long work is done just now. Nothing was changed: prepare the issue again in a minute."


def draft(scope: Scope, instrument: Instrument, *, threshold: int, note: str | None, looked: bool) -> Draft:
    """The issue as it would be; raises FormError, RefusedError and ConflictError as `issues.draft` does."""
    if scope.place is None:
        return _of_programme(scope, threshold=threshold, note=note, looked=looked)
    with apart(scope) as seen:
        return issues.draft(
            seen.session,
            scope=seen.scope,
            instrument=instrument,
            library=instruments(),
            by=seen.account,
            threshold=threshold,
            note=note,
            looked=looked,
        )


def _of_programme(scope: Scope, *, threshold: int, note: str | None, looked: bool) -> Draft:
    request = {
        "database_url": settings().database_url,
        "data_folder": str(settings().data_folder),
        "programme": scope.programme.id,
        "by": person().id,
        "threshold": threshold,
        "note": note,
        "looked": looked,
    }
    read_again()  # the lock is given back while the child works
    beside = background()
    try:
        with (
            beside.place(),
            Child(MODULE, too_much=TOO_MUCH, seconds=SECONDS) as child,
            beside.to_be_ended(child.end),
        ):
            return _drafted(child.ask(request))
    except BusyError as error:
        raise RefusedError(BUSY) from error
    except FrameError as error:
        raise RefusedError(CUT_OFF if beside.is_ended else TOO_MUCH) from error


def _drafted(reply: dict[str, Any]) -> Draft:
    if "form" in reply:
        raise FormError(reply["form"])
    if "conflict" in reply:
        raise ConflictError(*reply["conflict"])
    if "refused" in reply:
        raise RefusedError(*reply["refused"])
    if "broke" in reply:
        LOG.error("working out an issue: %s", reply["broke"])
        raise RefusedError(BROKEN)
    told = reply["drafted"]
    return Draft(Issue(**{**told, "data_time": datetime.fromisoformat(told["data_time"])}), reply["head"])
