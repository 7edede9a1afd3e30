"""The work on a file that goes on beside requests: a child process makes it, and how far it is is written down."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app
from sqlalchemy import Engine
from sqlmodel import Session

from casereader import jobs
from casereader.config import Settings
from casereader.db import transaction
from casereader.models import Job
from casereader.programmes.inspections import Place
from casereader.web import job_notes
from casereader.web.access import person
from casereader.web.background import Background, background
from casereader.web.clock import moment, now
from casereader.web.evaluation.making import folder
from casereader.web.evaluation.making.kinds import KINDS, Kind
from casereader.web.request_session import commit_now, db
from sampling.apart import Child
from sampling.errors import FrameError

LOG = logging.getLogger("casereader")
MODULE = "casereader.web.evaluation.making.child"
SECONDS = 600  # that making a file may take
BROKEN = "Making it stopped before it was done. Try again; if it happens again, tell whoever runs the service."
CUT_OFF = "The service was stopped before the file was made. Ask for it again."
TOO_MUCH = "Making it was stopped: it took more time or memory than it may. Try again when fewer people work."


@dataclass(frozen=True)
class FileWork:
    """What a thread needs to know to have a file made; it takes nothing from the request that began it."""

    engine: Engine
    settings: Settings
    background: Background
    extensions: Mapping[str, Any]
    job_id: int

    def run(self) -> None:
        """Have it made; whatever happens, the job ends, and what is made is gone in an hour."""
        job_id = self.job_id
        try:
            with Child(MODULE, too_much=TOO_MUCH, seconds=SECONDS) as child, self.background.to_be_ended(child.end):
                self._write(lambda session: jobs.start(session, job_id=job_id, process=child.process_id, at=moment()))
                request = {
                    "database_url": self.settings.database_url,
                    "data_folder": str(self.settings.data_folder),
                    "job": self.job_id,
                }
                self._end(child.ask(request, progress=self._progress))
        except FrameError:
            self._fail(CUT_OFF if self.background.is_ended else TOO_MUCH)
        except Exception as error:
            LOG.error("making a file: %s", type(error).__name__)
            self._fail(BROKEN)
        self.background.later(jobs.KEPT_FOR.total_seconds(), lambda: sweep(self.extensions))

    def _end(self, reply: Mapping[str, Any]) -> None:
        if "made" in reply:
            result = reply["made"]
            self._write(lambda session: jobs.finish(session, job_id=self.job_id, result=result, at=moment()))
            return
        if "broke" in reply:
            LOG.error("making a file: %s", reply["broke"])
        self._fail(reply.get("refused") or BROKEN)

    def _fail(self, says: str) -> None:
        self._write(lambda session: jobs.fail(session, job_id=self.job_id, says=says, at=moment()))
        sweep(self.extensions)

    def _write(self, change: Callable[[Session], None]) -> None:
        job_notes.write_down(self.engine, change)

    def _progress(self, per_cent: int) -> None:
        job_notes.progress(self.engine, job_id=self.job_id, per_cent=per_cent)


def begin(kind: Kind, place: Place, choices: Mapping[str, Any]) -> Job:
    """Begin to make a file, or join the same person's work on the same one, and wait a moment for it."""
    job, is_new = jobs.begin_or_join(
        db(), kind=kind.job, inspection=place.inspection, asked=choices, by=person().account, at=now()
    )
    commit_now()
    if is_new:
        app = current_app._get_current_object()  # type: ignore[attr-defined]
        found = app.extensions
        sweep(found)
        work = FileWork(found["casereader_engine"], found["casereader_settings"], background(), found, job.id or 0)
        background().run(work.run, within=jobs.held(work.engine, job_id=work.job_id))
    return job


def sweep(extensions: Mapping[str, Any]) -> None:
    """End the jobs whose process is gone, and remove the files that nobody may have any more.

    A job is in the database before its file is there, so the files are looked at first: one that another host makes
    meanwhile is let be.
    """
    data_folder = extensions["casereader_settings"].data_folder
    found = folder.names(data_folder)
    with transaction(extensions["casereader_engine"]) as session:
        jobs.fail_orphans(session, kinds=KINDS.keys(), at=moment())
        keep = jobs.with_files(session, kinds=KINDS.keys(), at=moment())
    folder.remove(data_folder, found - keep)


def start_anew(app: Flask) -> None:
    """What a server does before it serves: what one that stopped left is ended and removed."""
    sweep(app.extensions)
    app.extensions["casereader_background"].later(jobs.KEPT_FOR.total_seconds(), lambda: sweep(app.extensions))
