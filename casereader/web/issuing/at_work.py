"""Work on an issue that goes on beside requests: a child process does it, and its page says how far it is.

What the child worked out, or looked over, is kept by a short transaction of ours, if nothing of what it rests on was
touched meanwhile; where something was, the child looks at that again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from casereader import jobs
from casereader.config import Settings
from casereader.db import Turn, at_inspection, transaction
from casereader.errors import CasereaderError, ConflictError, RefusedError
from casereader.issues import MovedError, Scope
from casereader.models import Job
from casereader.web import job_notes
from casereader.web.access import person
from casereader.web.background import Background, background
from casereader.web.clock import moment, now
from casereader.web.issuing import keeping
from casereader.web.request_session import commit_now, db
from sampling.apart import Child
from sampling.errors import FrameError

LOG = logging.getLogger("casereader")
MODULE = "casereader.web.issuing.child"
ISSUE = "issue"  # the kind of these jobs
SECONDS = 600  # that it may take
REASONS, MADE = "reasons", "issue"  # among what came of it
TOO_MUCH = "It was stopped: it took more time or memory than it may. Nothing was kept: try again when fewer work."
CUT_OFF = "The service was stopped before it was done. Nothing was kept: begin it again in a minute."
BROKEN = "It broke off, and nothing was kept. Try again; if it happens again, tell whoever runs the service."
REFUSED = "Nothing was kept."


@dataclass(frozen=True)
class IssueWork:
    """What a thread needs to know to have it done; it takes nothing from the request that began it."""

    engine: Engine
    settings: Settings
    background: Background
    job_id: int
    request: Mapping[str, Any]
    turn: Turn

    def run(self) -> None:
        """Have it done; whatever happens, the job ends."""
        try:
            with Child(MODULE, too_much=TOO_MUCH, seconds=SECONDS) as child, self.background.to_be_ended(child.end):
                self._write(
                    lambda session: jobs.start(session, job_id=self.job_id, process=child.process_id, at=moment())
                )
                self._keep(child, _answered(child.ask(dict(self.request), progress=self._progress)))
        except FrameError:
            self._fail(CUT_OFF if self.background.is_ended else TOO_MUCH)
        except (RefusedError, ConflictError) as error:
            self._fail(REFUSED, *error.reasons)
        except Exception as error:
            LOG.error("working on an issue: %s", type(error).__name__)
            self._fail(BROKEN)

    def _keep(self, child: Child, reply: dict[str, Any]) -> None:
        """Keep what came, and say so of the job, in one transaction in which nothing is loaded but what is kept."""
        for _ in range(job_notes.TRIES):
            try:
                with transaction(self.engine, self.turn) as session:
                    at = moment()
                    public_id = keeping.keep(session, self.request, reply, at=at)
                    jobs.finish(session, job_id=self.job_id, result={MADE: public_id}, at=at)
                return
            except OperationalError:  # others write: after them
                continue
            except MovedError:
                reply = {**reply, **_answered(child.ask({**self.request, "again": reply["basis"]}))}
        raise MovedError

    def _fail(self, says: str, *reasons: str) -> None:
        result = {REASONS: list(reasons)}
        self._write(lambda session: jobs.fail(session, job_id=self.job_id, says=says, at=moment(), result=result))

    def _write(self, change: Callable[[Session], None]) -> None:
        job_notes.write_down(self.engine, change)

    def _progress(self, per_cent: int) -> None:
        job_notes.progress(self.engine, job_id=self.job_id, per_cent=per_cent)


def _answered(reply: dict[str, Any]) -> dict[str, Any]:
    if "why_not" in reply:
        raise RefusedError(*reply["why_not"])
    if "broke" in reply:
        LOG.error("working on an issue: %s", reply["broke"])
        raise CasereaderError(BROKEN)
    return reply


def begin(scope: Scope, *, deed: str, issue: str = "", **asked: Any) -> Job:
    """Begin to work on an issue of the scope, and wait a moment for it; ConflictError while somebody does already.

    A note goes to the child and is written down nowhere but in the issue.
    """
    place = scope.place
    job = jobs.begin_one(
        db(),
        kind=ISSUE,
        inspection=place.inspection if place else None,
        about=about(scope),
        asked={"deed": deed, "issue": issue},
        by=person().account,
        at=now(),
    )
    programme, inspection, by = scope.programme.id, place.inspection.id if place else None, person().id
    turn = at_inspection(place.inspection.public_id) if place else Turn("programmes")
    commit_now()
    found = current_app.extensions
    request = {
        "database_url": found["casereader_settings"].database_url,
        "data_folder": str(found["casereader_settings"].data_folder),
        "programme": programme,
        "inspection": inspection,
        "by": by,
        "deed": deed,
        "issue": issue,
        **asked,
    }
    work = IssueWork(found["casereader_engine"], found["casereader_settings"], background(), job.id or 0, request, turn)
    background().run(work.run, within=jobs.held(work.engine, job_id=work.job_id))
    return job


def about(scope: Scope) -> dict[str, Any]:
    """What a job is asked of, whoever asks: by public name."""
    return {
        "programme": scope.programme.public_id,
        "inspection": scope.place.inspection.public_id if scope.place else None,
    }


def going_on(scope: Scope) -> Job | None:
    """The work on an issue of the scope that goes on now, whoever began it."""
    inspection = scope.place.inspection if scope.place else None
    return jobs.going_on(db(), kind=ISSUE, inspection=inspection, about=about(scope), at=now())
