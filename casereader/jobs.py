"""Long work: begun by a person, done by a process of its own, and told of while it runs.

A job keeps the mark of the process that began it. Where that is gone the job is orphaned: whoever starts next, or asks
for the next job, says that it failed. Other processes' jobs are let be. On PostgreSQL whoever does a job also holds a
lock of that name by a connection, so that another host can tell as well.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, text
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from casereader import alive
from casereader.errors import AbsentError, ConflictError
from casereader.models import Account, Inspection, Job
from casereader.vocabulary import JobState

OPEN = (JobState.WAITING, JobState.RUNNING)
LONGEST = timedelta(minutes=15)
TAKEN_UP = timedelta(seconds=30)  # by when whoever began a job holds its lock
LOCKS = 7_205_111  # any number that means "casereader job" to every process, beside the job's own
KEPT_FOR = timedelta(hours=1)  # a file that was made, once it is there
DONE = 100
BEGUN_BY = "begun_by"  # among what was asked
TAKEN = "taken"  # among what came of it: the file was given out
ORPHANED = "The server stopped before this was done. Start it again."


def begin(
    session: Session, *, kind: str, inspection: Inspection, asked: Mapping[str, Any], by: Account, at: datetime
) -> Job:
    """Note a piece of work that is about to start; an inspection has one of a kind at a time."""
    not_at_work(session, kind=kind, inspection=inspection, at=at)
    return _noted(session, kind, inspection, asked, by, at)


def begin_one(
    session: Session,
    *,
    kind: str,
    inspection: Inspection | None,
    about: Mapping[str, Any],
    asked: Mapping[str, Any],
    by: Account,
    at: datetime,
) -> Job:
    """Note a piece of work that is about to start; ConflictError while one of that kind `about` the same goes on."""
    if going_on(session, kind=kind, inspection=inspection, about=about, at=at) is not None:
        raise ConflictError("Somebody has begun this already, and it is worked on. Wait until that is done.")
    return _noted(session, kind, inspection, {**about, **asked}, by, at)


def going_on(
    session: Session, *, kind: str, inspection: Inspection | None, about: Mapping[str, Any], at: datetime
) -> Job | None:
    """The open job of that kind that was asked for with all of `about`; none that was lost."""
    query = _of(kind, inspection).where(col(Job.state).in_(OPEN))
    for job in session.exec(query).all():
        if about.items() <= job.asked.items() and is_open(session, job, at=at):
            return job
    return None


def newest_of(
    session: Session, *, kind: str, inspection: Inspection | None, about: Mapping[str, Any], by: Account
) -> Job | None:
    """This person's newest job of that kind that was asked for with all of `about`."""
    found = session.exec(_of(kind, inspection).where(Job.made_by_id == by.id)).all()
    return next((job for job in found if about.items() <= job.asked.items()), None)


def _of(kind: str, inspection: Inspection | None) -> SelectOfScalar[Job]:
    """Newest first; those that are of no inspection are few."""
    key = inspection.id if inspection else None
    return select(Job).where(Job.kind == kind, Job.inspection_id == key).order_by(col(Job.id).desc())


def begin_or_join(
    session: Session, *, kind: str, inspection: Inspection, asked: Mapping[str, Any], by: Account, at: datetime
) -> tuple[Job, bool]:
    """The same work that this person has begun and that is not done, or a new one; and whether it is new."""
    mine = select(Job).where(Job.kind == kind, Job.inspection_id == inspection.id, Job.made_by_id == by.id)
    for job in session.exec(mine.where(col(Job.state).in_(OPEN))).all():
        if is_open(session, job, at=at) and {**job.asked, BEGUN_BY: ""} == {**asked, BEGUN_BY: ""}:
            return job, False
    return _noted(session, kind, inspection, asked, by, at), True


def _noted(
    session: Session, kind: str, inspection: Inspection | None, asked: Mapping[str, Any], by: Account, at: datetime
) -> Job:
    job = Job(
        kind=kind,
        inspection_id=inspection.id if inspection else None,
        asked={**asked, BEGUN_BY: alive.mark()},
        made_at=at,
        made_by_id=by.id or 0,
    )
    session.add(job)
    session.flush()
    return job


class OverError(Exception):
    """The job was ended by somebody else, who took whoever did it for lost: nothing more may come of it."""


def not_at_work(session: Session, *, kind: str, inspection: Inspection, at: datetime) -> None:
    """ConflictError while a job of that kind is open in the inspection; one that was lost is failed instead."""
    now = latest(session, kind=kind, inspection=inspection)
    if now is not None and is_open(session, now, at=at):
        raise ConflictError("A file of this inspection is being checked already. Wait until that is done.")
    if now is not None and now.state in OPEN:
        fail(session, job_id=now.id or 0, says=ORPHANED, at=at)


def is_open(session: Session, job: Job, *, at: datetime) -> bool:
    """Whether it waits or runs, and whoever does it does too."""
    return job.state in OPEN and not _is_lost(session, job, at)


def _is_lost(session: Session, job: Job, at: datetime) -> bool:
    """Whether its process has ended, as far as can be told; else whether it seems to take longer than any job does."""
    if alive.is_gone(job.asked.get(BEGUN_BY, "")) or job.made_at <= at - LONGEST:
        return True
    return job.made_at <= at - TAKEN_UP and _nobody_holds(session, job.id or 0)


def _nobody_holds(session: Session, job_id: int) -> bool:
    """Whether the lock of a job is free; False where the database has no such locks."""
    if session.get_bind().dialect.name != "postgresql":
        return False
    query = text(
        "SELECT NOT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND granted"
        " AND classid = CAST(:locks AS oid) AND objid = CAST(:job AS oid) AND database = (SELECT oid FROM pg_database"
        " WHERE datname = current_database()))"
    )
    return bool(session.execute(query, {"locks": LOCKS, "job": job_id}).scalar())


@contextmanager
def held(engine: Engine, *, job_id: int) -> Iterator[None]:
    """Hold the lock of a job while it is done; it goes with the connection, whatever ends that."""
    if engine.dialect.name != "postgresql":
        yield
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.detach()  # none of those that requests share; it is closed at the end, and the lock with it
        connection.execute(text("SELECT pg_advisory_lock(:locks, :job)"), {"locks": LOCKS, "job": job_id})
        yield


def still_open(session: Session, *, job_id: int) -> Job:
    """The job, by whoever does it; OverError where somebody else has ended it."""
    job = session.get_one(Job, job_id)
    if job.state not in OPEN:
        raise OverError
    return job


def start(session: Session, *, job_id: int, process: int, at: datetime) -> None:
    """Its process runs."""
    job = still_open(session, job_id=job_id)
    job.state, job.process, job.started_at = JobState.RUNNING, process, at
    session.add(job)
    session.flush()


def progress(session: Session, *, job_id: int, per_cent: int) -> None:
    """It has come so far; it never goes back."""
    job = session.get_one(Job, job_id)
    if job.state is JobState.RUNNING:
        job.progress = min(max(per_cent, job.progress), DONE - 1)
        session.add(job)
        session.flush()


def finish(session: Session, *, job_id: int, result: Mapping[str, Any], at: datetime) -> None:
    """It is done, and this came of it: counts and faults."""
    job = still_open(session, job_id=job_id)
    job.state, job.progress, job.process, job.ended_at, job.result = JobState.DONE, DONE, None, at, dict(result)
    session.add(job)
    session.flush()


def fail(session: Session, *, job_id: int, says: str, at: datetime, result: Mapping[str, Any] | None = None) -> None:
    """It ended before it was done; `result` may say more of why."""
    job = still_open(session, job_id=job_id)
    job.state, job.says, job.process, job.ended_at = JobState.FAILED, says[:300], None, at
    job.result = dict(result or {})
    session.add(job)
    session.flush()


def orphans(session: Session, *, kinds: Collection[str], at: datetime) -> list[Job]:
    """Every open job of these kinds whose process is gone."""
    query = select(Job).where(col(Job.kind).in_(kinds), col(Job.state).in_(OPEN)).order_by(col(Job.id))
    return [job for job in session.exec(query).all() if _is_lost(session, job, at)]


def fail_orphans(
    session: Session, *, kinds: Collection[str], at: datetime, inspection_id: int | None = None
) -> list[int]:
    """Say of orphaned jobs (of one inspection) that they failed; the inspections that they were of."""
    found = [job for job in orphans(session, kinds=kinds, at=at) if inspection_id in (None, job.inspection_id)]
    for job in found:
        fail(session, job_id=job.id or 0, says=ORPHANED, at=at)
    return [job.inspection_id for job in found if job.inspection_id is not None]


def latest(session: Session, *, kind: str, inspection: Inspection) -> Job | None:
    """The inspection's newest job of that kind."""
    query = select(Job).where(Job.kind == kind, Job.inspection_id == inspection.id)
    return session.exec(query.order_by(col(Job.id).desc()).limit(1)).first()


def find(
    session: Session, *, kinds: Collection[str], inspection: Inspection | None, public_id: str, by: Account
) -> Job:
    """The job of that name, if it is of these kinds and this person's own; AbsentError for anything else."""
    key = inspection.id if inspection else None
    query = select(Job).where(Job.public_id == public_id, Job.inspection_id == key, Job.made_by_id == by.id)
    job = session.exec(query.where(col(Job.kind).in_(kinds)).with_for_update()).first()
    if job is None:
        raise AbsentError("There is no such file.")
    return job


def is_kept(job: Job, *, at: datetime) -> bool:
    """Whether the file that it made is to be had: while the server that made it runs, once, and for an hour."""
    if job.state is not JobState.DONE or job.ended_at is None or TAKEN in job.result:
        return False
    return job.ended_at > at - KEPT_FOR and not alive.is_gone(job.asked.get(BEGUN_BY, ""))


def take(session: Session, *, job: Job) -> None:
    """The file that it made is given out, and not kept."""
    job.result = {**job.result, TAKEN: True}
    session.add(job)
    session.flush()


def with_files(session: Session, *, kinds: Collection[str], at: datetime) -> set[str]:
    """The jobs of these kinds, by public id, whose files are being made or are to be had."""
    query = select(Job).where(col(Job.kind).in_(kinds), col(Job.made_at) > at - LONGEST - KEPT_FOR)
    return {job.public_id for job in session.exec(query).all() if is_open(session, job, at=at) or is_kept(job, at=at)}
