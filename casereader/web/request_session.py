"""The one transaction of a request: opened when first asked for, committed after a good answer, else rolled back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, Response, g, request
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from casereader.db import Turn, at_inspection, open_session, snapshot
from casereader.web.installed import engine

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
ONE_AT_A_TIME = frozenset({"accounts", "programmes"})  # whichever of them is changed
AT_ONCE = frozenset({"practice"})  # a case that many practise on, each for themselves


def db() -> Session:
    """This request's session; it takes the write lock at its start unless the request only reads."""
    if "db" not in g:
        g.db = open_session(engine(), write=writes(), turn=_turn())
    session: Session = g.db
    return session


def commit_now() -> None:
    """Keep what was done so far before the answer: work that goes on beside this request must find it."""
    db().commit()


def read_again() -> None:
    """See what others have done since; what was loaded before is loaded anew, and nobody is kept waiting."""
    db().rollback()
    db().expire_all()  # a rollback forgets nothing where nothing was begun


@contextmanager
def aside() -> Iterator[Session]:
    """One state of the database to read at length within a request that writes: until it goes on, others may write."""
    read_again()
    with snapshot(engine()) as session:
        yield session


def only_read() -> None:
    """Go on without the write lock: it could not be had, or the request needs none."""
    _end()
    g.pop("person", None)  # what was loaded went with its session
    g.db = open_session(engine(), write=False)
    g.only_reads = True


def write_here() -> None:
    """Begin to write in a request that only read so far: for an answer that comes by GET and changes something.

    What was loaded goes with the session that only read. `commit_now` keeps what is done.
    """
    _end()
    for name in ("sign_in", "person"):
        g.pop(name, None)
    g.writes_here = True
    g.db = open_session(engine(), write=True, turn=_turn())


def _end() -> None:
    """Close the session, whatever became of its connection: what was answered, or is about to be, stands."""
    session: Session | None = g.pop("db", None)
    if session is None:
        return
    try:
        session.close()
    except DBAPIError:  # the database went away: there is nothing left to roll back
        session.invalidate()


def writes() -> bool:
    """Whether this request's session may write."""
    return (request.method not in SAFE_METHODS or g.get("writes_here", False)) and not g.get("only_reads", False)


def _turn() -> Turn | None:
    """What this request is about to change: what its address names first."""
    if not writes():
        return None
    kind = request.path.split("/", 2)[1]
    if kind in ONE_AT_A_TIME:
        return Turn(kind)
    named = next(iter((request.view_args or {}).values()), None)
    if named is None or kind in AT_ONCE:
        return None
    return at_inspection(str(named)) if kind == "inspections" else Turn(f"{kind}/{named}")


def install(app: Flask) -> None:
    """Commit after every answer below 400; whatever happened, close."""

    @app.after_request
    def _commit(response: Response) -> Response:
        session: Session | None = g.get("db")
        if session is not None and request.method not in SAFE_METHODS and response.status_code < 400:
            session.commit()
        return response

    @app.teardown_appcontext
    def _close(_error: BaseException | None) -> None:
        _end()
