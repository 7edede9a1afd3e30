"""What the trail adds to a save, and how long half a million events take to verify, and to hold rows against.

A save is timed by turns with the trail and in a session that keeps none, without the final commit, which is the disk's.
"""

from __future__ import annotations

import secrets
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import text
from sqlmodel import Session, select

from bench.serving import application
from bench.timing import Compared
from casereader import audit, readings
from casereader.audit import chain
from casereader.audit.recording import write
from casereader.db import snapshot, transaction
from casereader.instrument import Instrument
from casereader.models import Account, AuditEvent
from tests import sampled
from tests.cast import gather

SAVES, FIRST_ONES = 300, 20  # of each; the first ones do not count
MOST_ADDED = 0.001  # seconds
COLUMNS = ("at", "actor_id", "action", "object_kind", "object_id", "inspection_id", "body")
EVENTS, AT_ONCE, MOST_TO_VERIFY = 500_000, 10_000, 10.0


@dataclass(frozen=True)
class Desk:
    """A reading and its reader, in a database of their own."""

    app: Flask
    instrument: Instrument
    reader: Account

    def save(self, kind: type[Session], n: int) -> float:
        """Save an answer with its evidence, as the n-th, and say how long it took up to the commit."""
        engine = self.app.extensions["casereader_engine"].execution_options(write=True)
        at = datetime(2026, 3, 2, 9, tzinfo=UTC) + timedelta(minutes=n)
        with kind(engine, expire_on_commit=False) as session:
            (opened, *_) = readings.mine(session, account=self.reader)
            change: readings.Change = {"value": str(n % 6 + 1), "note": f"Entry {n} shows it.", "sources": ("health",)}
            start = time.perf_counter()
            readings.save(
                session,
                opened=opened,
                instrument=self.instrument,
                changes={"C9": change},
                version=opened.reading.version,
                key=secrets.token_hex(16),
                digest="0" * 64,
                by=self.reader,
                at=at,
            )
            session.flush()
            if kind is audit.WatchedSession:
                write(session)
            took = time.perf_counter() - start
            session.commit()
        return took


def run() -> Iterator[Compared]:
    """A save with and without the trail; then, where every save was told, a chain of events like those, verified."""
    for measure in (_added, _verified):
        with tempfile.TemporaryDirectory() as folder:
            app = application(Path(folder))
            instrument = app.extensions["casereader_instruments"]["CRR-1"]
            with transaction(app.extensions["casereader_engine"]) as session:
                cast = gather(session, instrument=instrument)
                sampled.assign(session, cast, instrument)
                reader = cast.reviewer
            yield from measure(Desk(app, instrument, reader))
            app.extensions["casereader_engine"].dispose()


def _added(desk: Desk) -> Iterator[Compared]:
    kinds = (Session, audit.WatchedSession)
    took: dict[type[Session], list[float]] = {kind: [] for kind in kinds}
    for n in range(SAVES + FIRST_ONES):
        for place, kind in enumerate(kinds):
            took[kind].append(desk.save(kind, 2 * n + place))
    without, with_it = (statistics.median(took[kind][FIRST_ONES:]) for kind in kinds)
    added = with_it - without
    says = f"the same save without it; it adds {added * 1000:.2f} ms, at most {MOST_ADDED * 1000:g}"
    errors = () if added <= MOST_ADDED else (f"the trail adds {added * 1000:.2f} ms to a save",)
    yield Compared("a save with the trail, p50", with_it, without, says, errors=errors)


def _verified(desk: Desk) -> Iterator[Compared]:
    """The chain of a save and its undoing over and over, and then what stands held against it."""
    desk.save(audit.WatchedSession, 1)
    engine = desk.app.extensions["casereader_engine"]
    with snapshot(engine) as session:
        saved = session.exec(select(AuditEvent).where(AuditEvent.action == "answers saved")).all()[-1]
    save = {name: getattr(saved, name) for name in COLUMNS}
    with engine.execution_options(write=True).connect() as connection:
        for _ in range(EVENTS // AT_ONCE):
            chain.add(connection, [_undone(save), save] * (AT_ONCE // 2))
        connection.commit()
    with snapshot(engine) as session:
        start = time.perf_counter()
        n = sum(1 for _ in session.connection().execute(text("SELECT * FROM audit_event ORDER BY n")))
        floor = time.perf_counter() - start
        for what, look, most in (
            ("verified", audit.verify, MOST_TO_VERIFY),
            ("held against what stands", audit.compare, None),  # which grows with the rows, too
        ):
            start, used = time.perf_counter(), time.process_time()
            faults = look(session)
            ours, processor = time.perf_counter() - start, time.process_time() - used
            yield Compared(
                f"{n:,} events {what}",
                ours,
                floor,
                "reading the rows",
                errors=tuple(faults),
                processor=processor,
                most_processor=most,
            )


def _undone(event: dict[str, Any]) -> dict[str, Any]:
    """The same event with before and after exchanged, without the seals of what it added."""
    changes = []
    for change in event["body"]["changes"]:
        if "fields" in change:
            fields = {name: [after, before] for name, (before, after) in change["fields"].items()}
            changes.append({**change, "fields": fields})
        else:
            changes.append({**change, "kind": "removed" if change["kind"] == "added" else "added"})
    return {**event, "body": {**event["body"], "changes": changes}}
