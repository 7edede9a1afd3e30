"""Let readers and coordinators work on the served program, and print what each kind of request took, as Markdown.

Exit 1 where anything was answered with an error, or a reading does not hold what was acknowledged; 2 for a wrong use.
How quick it is has no limit: that hangs on the machine.
"""

from __future__ import annotations

import argparse
import sys
import time

from bench import report
from bench.web import stacks, tables, world
from bench.web.ledger import Ledger
from bench.web.machine import watched
from bench.web.people import QUESTION, People

READERS, SECONDS, FLOOR_SECONDS = (50, 200), 60.0, 10.0
QUICK_READERS, QUICK_SECONDS, QUICK_FLOOR = (10,), 6.0, 2.0


def main(arguments: list[str]) -> int:
    """Run each stack with each number of readers."""
    parser = argparse.ArgumentParser(prog="python -m bench.web", description=__doc__)
    parser.add_argument("--stack", choices=stacks.NAMES, action="append", help="this one only; may be said twice")
    parser.add_argument("--readers", type=int, action="append", metavar="N", help="so many; may be said several times")
    parser.add_argument("--seconds", type=float, metavar="S", help=f"for so long (default {SECONDS:g})")
    parser.add_argument("--quick", action="store_true", help="ten readers for a few seconds: whether it works")
    report.may_be_asked(parser)
    given = parser.parse_args(arguments)
    if given.quick and given.report:
        parser.error(report.QUICK_IS_NOT_FOR_A_PAGE)
    numbers = given.readers or (QUICK_READERS if given.quick else READERS)
    seconds = given.seconds or (QUICK_SECONDS if given.quick else SECONDS)
    if min(numbers) < 1 or seconds <= 0:
        parser.error("there is at least one reader, for some time")
    is_well = True
    for name in given.stack or stacks.NAMES:
        for n in numbers:
            print(f"{stacks.NAMES[name]}: preparing {n} readers …", file=sys.stderr, flush=True)
            run = measure(name, n, seconds=seconds, floor_seconds=QUICK_FLOOR if given.quick else FLOOR_SECONDS)
            table = tables.table(run)
            print("\n".join(table.shown()), flush=True)
            if given.report:
                report.write(given.report, "bench-web", table)
            is_well = is_well and not run.errors
    return 0 if is_well else 1


def measure(name: str, n: int, *, seconds: float, floor_seconds: float) -> tables.Measured:
    """One run on a new database."""
    ledger, taken = Ledger(), report.Circumstances.now("waitress", "gunicorn", "SQLAlchemy", "psycopg")
    with stacks.stack(name) as stack:
        with stack.owned() as app:
            made = world.build(app, n)
        with stack.served() as (port, processes), stack.floor() as (floors_port, _):
            people = People(made, port, floors_port, ledger)
            people.floor(floor_seconds)
            used, began = time.process_time(), time.monotonic()
            print(f"{stacks.NAMES[name]}: {n} readers at work for {seconds:g} seconds …", file=sys.stderr, flush=True)
            with watched(processes) as use:
                people.work(seconds)
            used, lasted = time.process_time() - used, time.monotonic() - began
        with stack.owned() as app:
            lost = tuple(world.not_stored(app, people.told, QUESTION))
    return tables.Measured(stacks.NAMES[name], n, seconds, lasted, taken, ledger, use, used, lost)


if __name__ == "__main__":
    report.end_what_was_started()
    sys.exit(main(sys.argv[1:]))
