"""PostgreSQL restarted, in both of its ways, its connections terminated, and one of its processes killed under load.

Also commits that are stored and not answered: PostgreSQL is told to wait for a second server that there is not, and the
connections that wait are terminated. The controls: a server that does not know its keys again, to which such a commit
comes back as a conflict; and a database that answers commits before they are on the disk. Where nothing is done to
PostgreSQL both lose nothing.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import psycopg

from tests.faults.counting import count
from tests.faults.ground import GUNICORN, Ground
from tests.faults.loader import saving
from tests.faults.outcome import PROGRAM, Control, FoundBy, Outcome, is_quiet
from tests.postgres import PostgresCluster

ROUNDS, ROUNDS_QUICK, ROUNDS_OF_CONTROL = 15, 3, 5
SAVES_BETWEEN = 20
LONGEST_WAIT = 0.2  # seconds more until the next time, so that it falls anywhere
UNANSWERED = 0.3  # seconds in which commits pile up without an answer
WITHOUT_KEYS = Control("keys are not known again", FoundBy.FALSE_CONFLICT, "planted_without_keys")
UNSYNCED = Control("synchronous_commit=off", FoundBy.LOSS)
Harm = Callable[[PostgresCluster, str], None]


def run(ground: Ground) -> Iterator[Outcome]:
    """Each way under waitress, two under gunicorn, then the controls."""
    rounds = ROUNDS_QUICK if ground.quick else ROUNDS
    for says, harm in HARMS.items():
        yield harmed(ground, f"PostgreSQL {says}, waitress", harm, rounds)
    for says in ("restarted at once", "leaves commits unanswered"):
        yield harmed(ground, f"PostgreSQL {says}, gunicorn", HARMS[says], rounds, app=GUNICORN)
    for control, says in ((WITHOUT_KEYS, "leaves commits unanswered"), (UNSYNCED, "restarted at once")):
        for each in (control, control.quiet):
            yield harmed(ground, f"PostgreSQL {says}", HARMS[says], ROUNDS_OF_CONTROL, app=each.app, control=each)


def harmed(
    ground: Ground, name: str, harm: Harm, rounds: int, *, app: str = PROGRAM, control: Control | None = None
) -> Outcome:
    """What doing this so often came to."""
    place, chance, took = ground.fresh("PostgreSQL"), random.Random(rounds), []
    if control is not None and control.says == UNSYNCED.says:
        _tell(ground.cluster, f'ALTER DATABASE "{place.data.name}" SET {control.says}')
    with ground.served(place, app) as server, saving(place.seats, server.port) as crowd:
        for _ in range(rounds):
            crowd.wait_for(SAVES_BETWEEN)
            if is_quiet(control):
                continue
            time.sleep(chance.uniform(0.0, LONGEST_WAIT))
            harm(ground.cluster, place.data.name)
            _wait_until_it_answers(ground.cluster)
            took.append(crowd.recovered_after(time.monotonic()))
    n_waited = sum(sum(log.refusals.values()) for log in crowd.logs)
    times = "not stopped" if is_quiet(control) else f"{rounds} times"
    done = (
        f"{times}, {len(place.seats)} readers saving; {n_waited:,} saves were told to wait, and for "
        f"{crowd.longest_pause:.1f} s at most none was taken"
    )
    return count(place.url, crowd.logs).outcome(name, done, seconds=max(took, default=None), control=control)


def restart(cluster: PostgresCluster, _database: str) -> None:
    """Stop it, which breaks off what is under way, and start it."""
    cluster.stop_server()
    cluster.start_server()


def restart_at_once(cluster: PostgresCluster, _database: str) -> None:
    """Stop it as a crash would, and start it: it recovers from its log."""
    cluster.stop_server("immediate")
    cluster.start_server()


def terminate(cluster: PostgresCluster, database: str) -> None:
    """Break off every connection to the database."""
    _tell(cluster, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'")


def leave_unanswered(cluster: PostgresCluster, database: str) -> None:
    """Let commits wait, once they are stored, for what never comes, and terminate them."""
    _tell(cluster, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'", "SELECT pg_reload_conf()")
    time.sleep(UNANSWERED)
    _tell(cluster, "ALTER SYSTEM RESET synchronous_standby_names")
    terminate(cluster, database)
    _tell(cluster, "SELECT pg_reload_conf()")


def kill_one(cluster: PostgresCluster, database: str) -> None:
    """Kill one process, in the middle of a commit if one is found there: all end, and PostgreSQL recovers."""
    asked = f"""SELECT pid, query = 'COMMIT' FROM pg_stat_activity WHERE datname = '{database}'
        ORDER BY 2 DESC, state LIMIT 1"""
    with cluster.connected() as connection:
        until, in_commit = time.monotonic() + 1.0, False
        while not in_commit and time.monotonic() < until:
            if rows := connection.execute(asked).fetchall():
                found, in_commit = rows[0]
        os.kill(found, signal.SIGKILL)
        with suppress(psycopg.OperationalError):  # until PostgreSQL has noticed, and breaks this off too
            while True:
                connection.execute("SELECT 1")
                time.sleep(0.01)


HARMS: dict[str, Harm] = {
    "restarted": restart,
    "restarted at once": restart_at_once,
    "connections terminated": terminate,
    "process killed": kill_one,
    "leaves commits unanswered": leave_unanswered,
}


def _wait_until_it_answers(cluster: PostgresCluster) -> None:
    until = time.monotonic() + 120.0
    while True:
        try:
            return _tell(cluster, "SELECT 1")
        except psycopg.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def _tell(cluster: PostgresCluster, *commands: str) -> None:
    with cluster.connected() as connection:
        for command in commands:
            connection.execute(command)
