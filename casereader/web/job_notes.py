"""How far a job is that goes on beside requests, as its thread writes it down: nobody waits for that."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from casereader import jobs
from casereader.db import transaction

TRIES = 20  # of writing down where others write; each waits for them as long as a request does


def write_down(engine: Engine, change: Callable[[Session], None]) -> None:
    """Write down what became of a job. Where many write, that comes late rather than never."""
    for left in range(TRIES - 1, -1, -1):
        try:
            with transaction(engine) as session:
                change(session)
            return
        except OperationalError:
            if not left:
                raise


def progress(engine: Engine, *, job_id: int, per_cent: int) -> None:
    """Write down how far it is, unless others write: they go first."""
    with suppress(OperationalError), transaction(engine) as session:
        jobs.progress(session, job_id=job_id, per_cent=per_cent)
