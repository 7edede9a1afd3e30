"""Every page of a grown programme, each in a process of its own that is forked from one which has only started.

`python -m bench.growth_pages ABOUT` prints for each page the processor seconds of the best of three turns, with those
of the database, the most memory that the process took beyond what it began with, and the number of queries; on
PostgreSQL also which growing tables its plans for them, after ANALYZE, go through from end to end. Of a page that takes
more than `LONGEST` seconds of the processor it says nothing else.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from flask import Flask
from sqlalchemy import Engine, event
from sqlmodel import Session, select

from bench.elsewhere import memory, processor_of
from bench.explained import is_read_whole
from bench.serving import browser_of
from casereader import create_app, issues
from casereader.db import snapshot
from casereader.models import Account, Reading
from casereader.programmes import inspections

TURNS, ENOUGH = 3, 4.0  # turns of a page, and seconds of the processor after which there is no further one
LONGEST = 240  # seconds of the processor after which a page is broken off

ONE = {
    "roll-up": "lead",
    "roll-up/C": "lead",
    "roll-up/quality-indicators": "lead",
    "roll-up/groups": "lead",
    "roll-up/records": "lead",
    "roll-up/readings": "lead",
    "evaluation": "lead",
    "evaluation/5.1": "lead",
    "progress": "lead",
    "progress/cases.csv": "lead",
    "records": "lead",
    "agreement": "moderator",
    "moderation": "moderator",
    "briefing": "moderator",
    "roll-up/questions.csv": "lead",
    "roll-up/tables.xlsx": "lead",
    "roll-up/tables.zip": "lead",
    "take-away": "lead",
    "issues": "lead",
}
"""Pages of one inspection, by who asks: these must be flat."""
BESIDE = {"roll-up/peers": "lead", "roll-up/report": "lead"}
"""Pages of one inspection that set it beside every other of its programme."""
ALL = {
    "overview": "lead",
    "across": "lead",
    "variation": "lead",
    "peers": "lead",
    "agreement": "lead",
    "severity": "lead",
    "issues": "lead",
}
"""Pages of the programme."""
OF_MANY = ("/", "/board", "/board/calendar", "/programmes")
"""What somebody opens who leads every inspection."""


class Page(NamedTuple):
    """Something that is asked for, once it is made ready; `is_flat` where other inspections must not show."""

    ready: Callable[[Flask], Callable[[], object]]
    is_flat: bool


def pages(about: Mapping[str, Any], session: Session) -> dict[str, Page]:
    """What is asked for, by what it is called in the table."""
    place = inspections.place_of(session, inspection_id=about["inspection"])
    here, whole = f"/inspections/{place.inspection.public_id}", f"/programmes/{place.programme.public_id}"
    reader = session.exec(select(Account.id).where(Account.email == about["reader"])).one()
    reading = session.exec(select(Reading.public_id).where(Reading.reviewer_id == reader).limit(1)).one()
    found: dict[str, Page] = {}

    def page(name: str, who: int | None, path: str, *, is_flat: bool) -> None:
        found[name] = Page(lambda app: _getting(app, who or 0, path), is_flat)

    for one, who in ONE.items():
        page(f"an inspection: {one}", about[who], f"{here}/{one}", is_flat=True)
    page("an inspection: one reading in moderation", about["moderator"], f"{here}/moderation/{reading}", is_flat=True)
    page("a reader: home", reader, "/", is_flat=True)
    page("a reader: readings", reader, "/readings", is_flat=True)
    page("a reader: a reading", reader, f"/readings/{reading}", is_flat=True)
    # Not flat: among its choices are everybody and every inspection.
    page("an administrator: the trail", about["administrator"], "/trail", is_flat=False)
    # Not flat: a command begins anew, so that it counts how far the readers of the whole programme move its shares.
    found["an inspection: `rollup`"] = Page(lambda app: _rolling_up(app, place.path), False)
    for one, who in BESIDE.items():
        page(f"an inspection: {one}", about[who], f"{here}/{one}", is_flat=False)
    found["an inspection: preparing an issue"] = Page(lambda app: _drafting(app, about, issues.of_place(place)), False)
    for one, who in ALL.items():
        page(f"the programme: {one}", about[who], f"{whole}/{one}", is_flat=False)
    scope = issues.of_programme(session, place.programme)
    found["the programme: preparing an issue"] = Page(lambda app: _drafting(app, about, scope), False)
    for one in OF_MANY:
        page(f"who leads them all: {one}", about["lead"], one, is_flat=False)
    page("an administrator: retention", about["administrator"], "/retention", is_flat=False)
    return found


def _getting(app: Flask, who: int, path: str) -> Callable[[], object]:
    with snapshot(app.extensions["casereader_engine"]) as session:
        account = session.get_one(Account, who)
    browser = browser_of(app, account)

    def get() -> None:
        answer = browser.get(path)
        if answer.status_code != 200:
            raise AssertionError(f"{path} answered {answer.status_code}")
        answer.get_data()

    return get


def _rolling_up(app: Flask, path: str) -> Callable[[], object]:
    folder = tempfile.mkdtemp()
    arguments = ["rollup", "--inspection", path, "--out", folder]

    def run() -> None:
        done = app.test_cli_runner().invoke(args=arguments)
        if done.exit_code:
            raise AssertionError(f"rollup ended with {done.exit_code}: {done.output}")

    return run


def _drafting(app: Flask, about: Mapping[str, Any], scope: issues.Scope) -> Callable[[], object]:
    instruments = app.extensions["casereader_instruments"]

    def draft() -> None:
        with snapshot(app.extensions["casereader_engine"]) as session:
            by = session.get_one(Account, about["lead"])
            issues.draft(session, scope=scope, instrument=instruments["CRR-1"], library=instruments, by=by)

    return draft


def measure(app: Flask, page: Page, root: int | None) -> dict[str, Any]:
    """What a page takes, in this process."""
    engine = app.extensions["casereader_engine"]
    engine.dispose(close=False)  # the connections are the parent's
    ask = page.ready(app)
    asked: list[tuple[str, Any]] = []
    event.listen(engine, "before_cursor_execute", lambda _c, _u, said, given, *_: asked.append((said, given)))
    before, spent = memory("VmRSS"), 0.0
    took: list[float] = []
    fewest = 2 if page.is_flat else 1  # the first of a process counts what it keeps for all others
    while len(took) < fewest or (len(took) < TURNS and spent < ENOUGH):
        used, elsewhere = time.process_time(), processor_of(root)
        ask()
        took.append(time.process_time() - used + processor_of(root) - elsewhere)
        spent += took[-1]
    found = {"processor": min(took), "megabytes": memory("VmHWM") - before, "queries": len(asked) // len(took)}
    return {**found, "is_flat": page.is_flat, "turns": len(took), "whole": _read_whole(engine, dict(asked))}


def _read_whole(engine: Engine, asked: Mapping[str, Any]) -> list[str]:
    """The growing tables that PostgreSQL goes through from end to end for these queries, by its plans as they are."""
    if engine.dialect.name != "postgresql":
        return []
    with engine.connect() as connection:
        queries = {said: given for said, given in asked.items() if said.startswith(("SELECT", "WITH"))}
        return sorted({table for one in queries.items() for table in is_read_whole(connection, *one)})


def apart(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What the work gives, done in a copy of this process that ends with it; nothing where it took too long."""
    out, into = os.pipe()
    child = os.fork()
    if not child:
        code = 1
        try:
            resource.setrlimit(resource.RLIMIT_CPU, (LONGEST, resource.RLIM_INFINITY))
            os.write(into, json.dumps(work()).encode())
            code = 0
        except Exception:
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(into)
    with os.fdopen(out) as told:
        said = told.read()
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU:
        return {}
    if status:
        raise RuntimeError("A page failed, as told above.")
    found: dict[str, Any] = json.loads(said)
    return found


def main(given: str) -> None:
    """Measure each page and print what it took."""
    about = json.loads(given)
    app = create_app({"CASEREADER_DATA": about["folder"], "SECRET_KEY": about["secret"], "DATABASE_URL": about["url"]})
    with snapshot(app.extensions["casereader_engine"]) as session:
        asked = pages(about, session)
    words = about["words"]
    found = {}
    for name, page in asked.items():
        if not words or any(word in name for word in words):
            print(f"\r… {name[:70]:70}", end="", file=sys.stderr, flush=True)
            found[name] = apart(lambda page=page: measure(app, page, about["root"]))  # type: ignore[misc]
    print(f"\r{'':72}\r", end="", file=sys.stderr)
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
