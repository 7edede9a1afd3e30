"""Files that take long are killed while they are made: the process that makes one, and the server meanwhile.

Whoever asked for it is told in plain words that it was not made, nothing of it is left in the folder, no process goes
on without its server, and asked for again it is there, is given out once, and stands in the trail once. The control is
a server that never says of broken work that it has ended; of work that is not killed nothing is missing there.
"""

from __future__ import annotations

import io
import os
import signal
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from sqlmodel import col, func, select

from casereader import audit
from casereader.db import snapshot, transaction
from casereader.models import AuditEvent, Inspection
from casereader.web.evaluation.making.folder import FOLDER
from tests import worked
from tests.cast import gather
from tests.faults.forms import Person, signed_in
from tests.faults.ground import KINDS, Ground, Served
from tests.faults.kill_child import APPEARS_WITHIN, TOLD_WITHIN, Tally, children_of, meanwhile, new_child_of
from tests.faults.outcome import Control, FoundBy, Outcome, build_of, is_quiet
from tests.throwaway import app_of
from tests.worked import People

ROUNDS, ROUNDS_QUICK = 5, 1
CONTROL = Control("broken work is never said to have ended", FoundBy.LOSS, "planted_never_told")
TAKEN = ("answers exported", audit.FILE_TAKEN)


def with_records_read(app: Flask) -> None:
    """An inspection that is read."""
    with transaction(app.extensions["casereader_engine"]) as session:
        cast = gather(session, instrument=app.extensions["casereader_instruments"]["CRR-1"])
        people = People(cast.reviewer, cast.second_reviewer, cast.local_reviewer, cast.lead)
        worked.build(session, cast.place, people)


@dataclass(frozen=True)
class File:
    """A file to ask for: the page with its form, where that is sent, and what is chosen."""

    page: str
    action: str
    choices: dict[str, str]


FILES = (
    File("take-away", "take-away/answers", {"readings": "counting", "texts": "without"}),
    File("roll-up/report", "roll-up/report/document", {}),
)


def run(ground: Ground) -> Iterator[Outcome]:
    """Each kind of it so many times on each database, and once on a planted server."""
    rounds = ROUNDS_QUICK if ground.quick else ROUNDS
    for kind in KINDS:
        yield broken_off(ground, kind, rounds)
    for control in (CONTROL, CONTROL.quiet):
        yield broken_off(ground, KINDS[0], 1, control)


def broken_off(ground: Ground, kind: str, rounds: int, control: Control | None = None) -> Outcome:
    """What so many rounds of each came to."""
    place, tally = ground.fresh(kind, with_records_read), Tally()
    inside = app_of(place.settings)
    with snapshot(inside.extensions["casereader_engine"]) as session:
        home = f"/inspections/{session.exec(select(Inspection)).one().public_id}"
    with ground.served(place, build_of(control), starts_often=True) as server:
        for _ in range(rounds):
            for file in FILES if control is None else FILES[:1]:
                lead = signed_in(inside, "leslie", server.port)
                if is_quiet(control):
                    _had_again(server, lead, home, file, tally)
                    continue
                _child_killed(server, lead, home, file, tally)
                if control is None:
                    _server_killed(server, lead, home, file, tally)
    with snapshot(inside.extensions["casereader_engine"]) as session:
        deeds = select(func.count()).select_from(AuditEvent).where(col(AuditEvent.action).in_(TAKEN))
        n_there = session.exec(deeds).one()
        wrong = [*audit.verify(session), *audit.compare(session)] if control is None or is_quiet(control) else []
    inside.extensions["casereader_engine"].dispose()
    of_each = "of the archive of answers and the report as a document: the process that makes it, the server meanwhile"
    how = f"{rounds} times each, {of_each}" if control is None else "the process that makes the archive, once"
    again = f"{how}; {tally.taken} asked for again and saved"
    done = "nothing killed; the archive of answers asked for" if is_quiet(control) else again
    return Outcome(
        f"export killed, {kind}",
        tally.taken,
        min(tally.taken, n_there),
        max(0, tally.taken - n_there) + len(tally.harmed),
        max(0, n_there - tally.taken),
        max(tally.took, default=None),
        done,
        wrong=(*tally.harmed, *wrong),
        control=control,
    )


def _child_killed(server: Served, lead: Person, home: str, file: File, tally: Tally) -> None:
    before = children_of(server.process.pid)
    with meanwhile(lambda: _ask(lead, home, file)):
        os.kill(new_child_of(server.process.pid, before), signal.SIGKILL)
        since = time.monotonic()
    until = time.monotonic() + TOLD_WITHIN
    while not (is_told := "The file was not made" in lead.page(lead.led_to).text) and time.monotonic() < until:
        time.sleep(0.1)
    tally.took.append(time.monotonic() - since)
    if is_told:
        _had_again(server, lead, home, file, tally)
    else:
        tally.harmed.append("the process that makes a file was killed and nobody was told")


def _server_killed(server: Served, lead: Person, home: str, file: File, tally: Tally) -> None:
    before = children_of(server.process.pid)
    with meanwhile(lambda: _ask(lead, home, file)):
        child = new_child_of(server.process.pid, before)
        server.kill()
    since = time.monotonic()
    server.start()
    until = time.monotonic() + APPEARS_WITHIN
    while Path(f"/proc/{child}").exists() and time.monotonic() < until:
        time.sleep(0.05)
    if Path(f"/proc/{child}").exists():
        tally.harmed.append("the process that makes a file went on without its server")
    _had_again(server, lead, home, file, tally)
    tally.took.append(time.monotonic() - since)


def _had_again(server: Served, lead: Person, home: str, file: File, tally: Tally) -> None:
    """Look that nothing is left, and that the file asked for again is there, once."""
    tally.harmed += _left_in(server)
    _ask(lead, home, file)
    until = time.monotonic() + APPEARS_WITHIN
    while "The file is there" not in lead.page(lead.led_to).text:
        if time.monotonic() > until:
            tally.harmed.append("a file that was asked for again was not made")
            return
        time.sleep(0.1)
    page = lead.led_to
    if zipfile.is_zipfile(io.BytesIO(lead.press(page, f"{page}/save"))):
        tally.taken += 1
    else:
        tally.harmed.append("a file that was made could not be saved")
    if "not kept any more" not in lead.page(page).text:
        tally.harmed.append("a file that was saved is still offered")
    tally.harmed += _left_in(server)


def _ask(lead: Person, home: str, file: File) -> None:
    lead.press(f"{home}/{file.page}", f"{home}/{file.action}", file.choices)


def _left_in(server: Served) -> list[str]:
    return [f"{path.name} was left" for path in (server.place.data / FOLDER).glob("*")]
