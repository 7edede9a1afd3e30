"""How pages grow from one inspection to a country's programme and ten times that: `make bench-growth`.

In one database a programme grows from four inspections to 32 and to 320, each of 100 full readings, signed off and
evaluated, by readers of their own. At each size every page is asked for in a process of its own (`bench.growth_pages`).
A page of one inspection must not take longer for the others: that fails the bench. What is known is told after each
size, since the last takes longest.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text, update
from sqlmodel import Session, col, select

from bench import programme, report
from bench.growth_pages import LONGEST
from bench.serving import DATABASE
from casereader import create_app, schema
from casereader.audit import chain
from casereader.db import transaction
from casereader.instrument import Instrument
from casereader.models import Account, DrawRecord, Programme, Reading, SampleCase
from casereader.people import accounts
from casereader.programmes import inspections
from casereader.programmes.inspections import Place
from casereader.vocabulary import ReadingState, Role
from tests.cast import BEGAN, Cast, gather
from tests.postgres import PostgresCluster
from tests.programs import find_postgresql
from tests.published import evaluate

SECRET = secrets.token_hex(32)
SIZES = (4, 32, 320)  # an issue of a programme needs three, and peers three others
QUICK = (4, 8)
FLAT = 1.5  # times what a page of one inspection takes without the others, …
SLACK = 0.05  # … and this many seconds of the processor
EVENTS = 3_500  # of an inspection in the trail: some thirty saves a reading
DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_AT_ONCE = 8  # inspections in one transaction


def main(arguments: Sequence[str]) -> int:
    """Grow, measure and print; 1 where a page of one inspection is not flat."""
    parser = argparse.ArgumentParser(prog="python -m bench.growth", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), help="inspections of the programme")
    parser.add_argument("--databases", choices=list(DATABASES), nargs="+", default=list(DATABASES))
    parser.add_argument("--pages", nargs="+", default=[], metavar="WORD", help="only pages whose name holds a WORD")
    parser.add_argument("--quick", action="store_true", help="a programme of four and of eight inspections")
    report.may_be_asked(parser)
    given = parser.parse_args(arguments)
    if given.report and (given.quick or given.pages):
        parser.error(report.QUICK_IS_NOT_FOR_A_PAGE if given.quick else "figures of some pages do not belong on a page")
    report.end_what_was_started()
    sizes = QUICK if given.quick else tuple(sorted(given.sizes))
    faults = [fault for kind in given.databases for fault in _grown(kind, sizes, given.pages, given.report)]
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


def _grown(kind: str, sizes: Sequence[int], words: Sequence[str], page: Path | None) -> list[str]:
    measured: dict[int, dict[str, Any]] = {}
    megabytes: list[str] = []
    taken = report.Circumstances.now("SQLAlchemy", "psycopg", "pandas")
    with _database(kind) as (url, folder, root):
        app = create_app({"CASEREADER_DATA": str(folder), "SECRET_KEY": SECRET, "DATABASE_URL": url})
        engine, instrument = app.extensions["casereader_engine"], app.extensions["casereader_instruments"]["CRR-1"]
        with transaction(engine) as session:
            cast = gather(session, instrument=instrument)
            whole = programme.begin(session, cast, instrument, name="Growing")
        first: Place | None = None
        done = 0
        for size in sizes:
            started = time.perf_counter()
            for start in range(done, size, _AT_ONCE):
                with programme.in_bulk(engine) as session:
                    numbers = range(start + 1, min(start + _AT_ONCE, size) + 1)
                    places = _add(session, cast, instrument, whole, numbers)
                first = first or places[0]
                print(f"\r… {kind}: {numbers[-1]} of {size} inspections", end="", file=sys.stderr, flush=True)
            done = size
            _settle(engine)
            megabytes.append(f"{_size(kind, engine, folder):,.0f} MB with {size}")
            print(f", made in {time.perf_counter() - started:.0f} s; {megabytes[-1]}", file=sys.stderr)
            engine.dispose()
            measured[size] = _pages(url, folder, root, first, cast, words)
            lines = [f"The database: {', '.join(megabytes)}.", "", *_lines(kind, measured)]
            table = report.Table(DATABASES[kind], taken, lines)
            print("\n".join(table.shown()), flush=True)
            if page:
                report.write(page, "bench-growth", table, level=3)
    return _not_flat(kind, measured)


@contextmanager
def _database(kind: str) -> Iterator[tuple[str, Path, int | None]]:
    """A migrated, empty database, a folder for the program's data, and the server's first process."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if kind == "sqlite":
            url = f"sqlite:///{folder / DATABASE}"
            schema.upgrade(url, at=datetime.now(UTC))
            yield url, folder, None
            return
        programs = find_postgresql()
        if programs is None:
            raise RuntimeError("PostgreSQL's server is missing: apt-get install postgresql")
        cluster = PostgresCluster(programs)
        try:
            cluster.start()
            url = cluster.create("growth")
            schema.upgrade(url, at=datetime.now(UTC))
            yield url, folder, int((cluster.folder / "data" / "postmaster.pid").read_text().split()[0])
        finally:
            cluster.stop()


def _add(session: Session, cast: Cast, instrument: Instrument, whole: Programme, numbers: Sequence[int]) -> list[Place]:
    """Inspections of these numbers, each with two readers of its own, signed off, evaluated and told in the trail."""
    made = []
    for number in numbers:
        readers = [_reader(session, f"{which}{number}") for which in ("a", "b")]
        own = dataclasses.replace(cast, reviewer=readers[0], second_reviewer=readers[1])
        (place,) = programme.extend(session, own, instrument, whole, [number])
        inspections.give_role(
            session,
            inspection=place.inspection,
            account=cast.moderator,
            role=Role.MODERATOR,
            by=cast.coordinator,
            at=BEGAN,
        )
        of_it = select(SampleCase.id).join(DrawRecord).where(DrawRecord.inspection_id == place.inspection.id)
        session.execute(
            update(Reading)
            .where(col(Reading.sample_case_id).in_(of_it))
            .values(
                state=ReadingState.SIGNED_OFF,
                signed_off_at=programme.READ,
                signed_off_by_id=cast.moderator.id,
            )
        )
        evaluate(session, cast, place)
        chain.add(session.connection(), [_event(place, readers[n % 2], n) for n in range(EVENTS)])
        made.append(place)
    return made


def _reader(session: Session, name: str) -> Account:
    return accounts.create(session, email=f"{name}@growth.example", name=f"Reader {name}", by=None, at=BEGAN)


def _event(place: Place, reader: Account, n: int) -> dict[str, Any]:
    """A save as the trail tells it, in its size if not in its words."""
    fields = {"value": [None, "4"], "note": [None, f"{n:064x}"], "sources": [None, ["social_work"]]}
    return {
        "at": programme.READ + timedelta(seconds=n),
        "actor_id": reader.id,
        "action": "answers saved",
        "object_kind": "reading",
        "object_id": f"{place.inspection.public_id}-{n // 30}",
        "inspection_id": place.inspection.id,
        "body": {"changes": [{"kind": "added", "table": "answer", "key": str(n), "fields": fields}]},
    }


def _settle(engine: Any) -> None:
    """What a database does by itself in quiet hours, so that it knows how large its tables are."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE" if engine.dialect.name == "postgresql" else "PRAGMA optimize"))


def _size(kind: str, engine: Any, folder: Path) -> float:
    """The database's megabytes."""
    if kind == "sqlite":
        return sum(one.stat().st_size for one in folder.glob(DATABASE + "*")) / 1e6
    with engine.connect() as connection:
        return float(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()) / 1e6


def _pages(
    url: str, folder: Path, root: int | None, place: Place | None, cast: Cast, words: Sequence[str]
) -> dict[str, Any]:
    about = {
        "url": url,
        "folder": str(folder),
        "root": root,
        "words": list(words),
        "secret": SECRET,
        "reader": "a1@growth.example",
    }
    about |= {"inspection": place.inspection.id if place else 0}
    about |= {who: getattr(cast, who).id for who in ("lead", "administrator", "moderator", "coordinator")}
    done = subprocess.run(
        [sys.executable, "-m", "bench.growth_pages", json.dumps(about)], stdout=subprocess.PIPE, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _lines(kind: str, measured: Mapping[int, Mapping[str, Any]]) -> list[str]:
    """What was measured so far, as a table."""
    sizes = sorted(measured)
    heads = [f"{size}: ms" for size in sizes] + [f"{size}: MB" for size in sizes]
    explained = kind == "postgresql"
    lines = [
        f"| | {' | '.join(heads)} | queries |" + (f" read whole at {sizes[-1]} |" if explained else ""),
        "|---|" + "---:|" * (len(heads) + 1) + ("---|" if explained else ""),
    ]
    for name in measured[sizes[0]]:
        took = [measured[size][name] for size in sizes]
        cells = [f"{one['processor'] * 1000:,.0f}" if one else f"over {LONGEST * 1000:,.0f}" for one in took]
        cells += [f"{one['megabytes']:.0f}" if one else "–" for one in took]
        whole = f" {', '.join(took[-1].get('whole', ['–'])) or 'none'} |" if explained else ""
        lines.append(f"| {name} | {' | '.join(cells)} | {took[-1].get('queries', '–')} |{whole}")
    return lines


def _not_flat(kind: str, measured: Mapping[int, Mapping[str, Any]]) -> list[str]:
    """The pages of one inspection that take longer for the others, in words."""
    sizes, faults = sorted(measured), []
    for name, first in measured[sizes[0]].items():
        last = measured[sizes[-1]][name]
        least, most = (one.get("processor", LONGEST) for one in (first, last))
        if first.get("is_flat", True) and most > least * FLAT + SLACK:
            faults.append(f"{kind}: {name} took {least * 1000:.0f} ms at first and {most * 1000:.0f} ms at last")
    return faults


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
