"""The work on a return that goes on beside requests: a child process reads the file, and what it says is written down.

Nothing here parses the file, and no transaction is open while the child reads.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from flask import Flask, current_app
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from casereader import db, jobs, returns
from casereader.config import Settings
from casereader.db import Turn, at_inspection, snapshot, transaction
from casereader.errors import CasereaderError, ConflictError
from casereader.instrument import Instrument, Library
from casereader.jobs import OverError
from casereader.models import Account, Inspection, Job, PartnershipReturn
from casereader.programmes import inspections
from casereader.programmes.inspections import Place
from casereader.web import job_notes
from casereader.web.background import Background, background
from casereader.web.clock import moment
from casereader.web.installed import engine, instruments, settings
from casereader.web.lists import return_files
from sampling.apart import Child
from sampling.errors import FrameError
from sampling.returned import MODULE, TOO_MUCH

LOG = logging.getLogger("casereader")
FAULTS_KEPT = 20_000  # all but those of a file that is wrong throughout: 4 MB of a job's result
TRIES, PAUSE = 5, 0.1  # of clearing the log, and seconds between
READS = (returns.READING,)  # the kinds of jobs that are this module's
SWEEP_AFTER = 5  # seconds past the hour
CUT_OFF = "The service was stopped before this was done. Start it again: if the file is asked for, send it again."
ELSEWHERE = (
    "The file lies on another host of the service, which does not share the folder for returns with this one. Send it "
    "again; if it happens again, tell whoever runs the service."
)
BROKEN = "The checking stopped before it was done. Try again; if it happens again, tell whoever runs the service."


@dataclass(frozen=True)
class ReturnWork:
    """What a thread needs to know of a return; it takes nothing from the request that began it."""

    engine: Engine
    settings: Settings
    instruments: Library
    job_id: int
    return_id: int
    turn: Turn
    beside: Background
    filename: str = ""  # of a file that nobody has looked at yet

    def run(self) -> None:
        """Look at a new file, or make the list of one that is mapped; whatever happens, the job ends."""
        try:
            self._do()
        except OverError:
            LOG.warning("a return was read whose work somebody else had taken for lost: nothing came of it")
        finally:
            leave_no_trace(self.engine)

    def _do(self) -> None:
        try:
            self._is_here()
            with Child(MODULE, too_much=TOO_MUCH) as child, self.beside.to_be_ended(child.end):
                with transaction(self.engine, self.turn) as session:
                    jobs.start(session, job_id=self.job_id, process=child.process_id, at=moment())
                self._read(child)
        except FrameError as error:
            if self.beside.is_ended:  # the file has no part in it
                self._fail(CUT_OFF)
                return
            self._refuse([asdict(fault) for fault in error.faults])
        except OverError:
            raise
        except CasereaderError as error:
            self._fail(str(error))
        except Exception as error:
            LOG.error("reading a return: %s", type(error).__name__)  # its text may quote the file
            self._fail(BROKEN)

    def _is_here(self) -> None:
        with snapshot(self.engine) as session:
            path = self._path(session.get_one(PartnershipReturn, self.return_id))
        if not path.exists():
            raise ConflictError(ELSEWHERE)

    def _read(self, child: Child) -> None:
        if self.filename and not self._look(child):
            return
        with transaction(self.engine, self.turn) as session:
            returned, place, instrument = self._loaded(session)
            mapped = returns.Mapped.of(returned.mapping)
            returns.remember(
                session, partnership=place.partnership, mapped=mapped, by=self._sender(session), at=moment()
            )
            request = returns.request_for(
                mapped,
                path=self._path(returned),
                filename=returned.filename,
                instrument=instrument,
                programme=place.programme,
                changes=returns.changes_of(session, returned=returned),
                today=moment().date(),
            )
        reply = child.ask(request, progress=self._progress)
        if "refused" in reply:
            self._refuse(reply["refused"])
        elif reply["n_faults"]:
            self._finish({"faults": reply["faults"][:FAULTS_KEPT], "n_faults": reply["n_faults"]})
        else:
            self._take(reply["columns"], reply["warnings"])

    def _look(self, child: Child) -> bool:
        """Whether the list can be made at once, since nothing of the mapping had to be guessed."""
        with transaction(self.engine, self.turn) as session:
            returned, place, instrument = self._loaded(session)
            path, before = self._path(returned), returns.remembered(session, partnership=place.partnership)
        reply = child.ask(returns.look_request(path=path, filename=self.filename), progress=self._progress)
        if "refused" in reply:
            self._refuse(reply["refused"])
            return False
        guessed = returns.guess(reply["layout"], instrument, before)
        with transaction(self.engine, self.turn) as session:
            returned, _, _ = self._loaded(session)
            returns.looked_at(
                session,
                returned=returned,
                filename=self.filename,
                layout=reply["layout"],
                mapped=guessed.mapped,
                by=self._sender(session),
                at=moment(),
            )
        if not guessed.is_certain:
            self._finish({})
        return guessed.is_certain

    def _take(self, columns: Mapping[str, Sequence[Any]], warnings: Sequence[Sequence[Any]]) -> None:
        rows = returns.case_rows(columns)  # before anybody has to wait for the database
        with transaction(self.engine, self.turn) as session:
            returned, place, instrument = self._loaded(session)
            frame = returns.take(
                session,
                returned=returned,
                place=place,
                instrument=instrument,
                rows=rows,
                warnings=warnings,
                by=self._sender(session),
                at=moment(),
            )
            jobs.finish(session, job_id=self.job_id, result={"taken": frame.n_cases}, at=moment())
        self._path(returned).unlink(missing_ok=True)

    def _refuse(self, faults: Sequence[Mapping[str, Any]]) -> None:
        """The file as a whole cannot be used: it is dropped, and what is wrong with it is told."""
        told = [[None, one["row"], one["column"], one["value"], one["says"], None] for one in faults]
        with transaction(self.engine, self.turn) as session:
            returned = session.get_one(PartnershipReturn, self.return_id)
            returns.drop(session, returned=returned, why="refused", by=self._sender(session), at=moment())
            result = {"refused": told[:FAULTS_KEPT], "n_faults": len(told)}
            jobs.finish(session, job_id=self.job_id, result=result, at=moment())
        self._path(returned).unlink(missing_ok=True)

    def _finish(self, result: Mapping[str, Any]) -> None:
        with transaction(self.engine, self.turn) as session:
            jobs.finish(session, job_id=self.job_id, result=result, at=moment())

    def _fail(self, says: str) -> None:
        with transaction(self.engine, self.turn) as session:
            returned = session.get_one(PartnershipReturn, self.return_id)
            jobs.fail(session, job_id=self.job_id, says=says, at=moment())
            if returned.layout and says != ELSEWHERE:
                return  # what it holds is known: it can be checked again
            returns.drop(session, returned=returned, why="failed", by=self._sender(session), at=moment())
        self._path(returned).unlink(missing_ok=True)

    def _progress(self, per_cent: int) -> None:
        job_notes.progress(self.engine, job_id=self.job_id, per_cent=per_cent)

    def _loaded(self, session: Session) -> tuple[PartnershipReturn, Place, Instrument]:
        jobs.still_open(session, job_id=self.job_id)
        returned = session.get_one(PartnershipReturn, self.return_id)
        place = inspections.place_of(session, inspection_id=returned.inspection_id)
        programme = place.programme
        instrument = self.instruments.find(programme.instrument_id, programme.instrument_version)
        if instrument is None:
            raise LookupError("the instrument was there when the work began")
        return returned, place, instrument

    def _sender(self, session: Session) -> Account:
        return session.get_one(Account, session.get_one(Job, self.job_id).made_by_id)

    def _path(self, returned: PartnershipReturn) -> Path:
        return return_files.path_of(self.settings, returned.public_id)


def begin(*, place: Place, job: Job, returned: PartnershipReturn, filename: str = "") -> None:
    """Start the work on what this request has committed, and wait a moment for it."""
    turn = at_inspection(place.inspection.public_id)
    work = ReturnWork(engine(), settings(), instruments(), job.id or 0, returned.id or 0, turn, background(), filename)
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    background().later(returns.KEPT_FOR.total_seconds() + SWEEP_AFTER, lambda: sweep(app.extensions))
    background().run(work.run, within=jobs.held(work.engine, job_id=work.job_id))


def leave_no_trace(database: Engine) -> None:
    """What was blanked of a return leaves the database's log too; where others use it all the while, the next time."""
    for _ in range(TRIES):
        if db.leave_no_trace(database):
            return
        time.sleep(PAUSE)
    LOG.warning("what was blanked of a return is still in the database's log: others use it all the while")


def sweep(extensions: Mapping[str, Any]) -> None:
    """Drop what nobody touched for an hour, and remove the files of what is not open any more."""
    database: Engine = extensions["casereader_engine"]
    with snapshot(database) as session:
        ids = _public_ids(session, returns.due(session, at=moment()))
    for key, public_id in ids.items():
        with transaction(database, at_inspection(public_id)) as session:
            returns.expire(session, at=moment(), inspection_id=key)
    leave_no_trace(database)
    _sweep_files(extensions)


def start_anew(app: Flask) -> None:
    """What a server does before it serves: what one that stopped left is ended; what another does goes on."""
    database: Engine = app.extensions["casereader_engine"]
    with snapshot(database) as session:
        lost = jobs.orphans(session, kinds=READS, at=moment())
        ids = _public_ids(session, {job.inspection_id for job in lost if job.inspection_id is not None})
    for key, public_id in ids.items():
        with transaction(database, at_inspection(public_id)) as session:
            ended = jobs.fail_orphans(session, kinds=READS, at=moment(), inspection_id=key)
            returns.drop_lost(session, inspections=ended, at=moment())
    sweep(app.extensions)
    app.extensions["casereader_background"].later(
        returns.KEPT_FOR.total_seconds() + SWEEP_AFTER, lambda: sweep(app.extensions)
    )


def _sweep_files(extensions: Mapping[str, Any]) -> None:
    with snapshot(extensions["casereader_engine"]) as session:
        are_open = returns.are_open(session)
    return_files.sweep(extensions["casereader_settings"], are_open, at=moment())


def _public_ids(session: Session, keys: Collection[int]) -> dict[int, str]:
    """The inspections by key, in the order in which they are gone through."""
    query = select(Inspection.id, Inspection.public_id).where(col(Inspection.id).in_(keys)).order_by(col(Inspection.id))
    return {key: public_id for key, public_id in session.exec(query).all() if key is not None}
