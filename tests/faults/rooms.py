"""Ways to take the room on the disk from the program or from its database, and to give it back."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import psycopg

from tests.faults.ground import Ground, Place, Served
from tests.faults.mounts import Small, cluster_on_small, on_small
from tests.postgres import PostgresCluster

FEW_BYTES = "1024"
PATIENCE = 60.0
Fill = Callable[[Served], None]
Kept = Callable[[Ground], AbstractContextManager["Way"]]


@dataclass(frozen=True)
class Way:
    """A way to take a server's room, and to give it back."""

    place: Place
    fill: Fill
    clear: Fill
    reads: bool = True  # whether readings can still be read
    says: Callable[[], str] = str  # what else there was to see


@contextmanager
def kept_short(ground: Ground) -> Iterator[Way]:
    """The system refuses to write beyond the first bytes of any file."""

    def limit(server: Served, size: str) -> None:
        command = ["prlimit", f"--pid={server.process.pid}", f"--fsize={size}:"]
        subprocess.run(command, check=True, capture_output=True, **ground.reader.owner)  # as whoever may

    place = ground.fresh("SQLite")
    yield Way(place, lambda server: limit(server, FEW_BYTES), lambda server: limit(server, "unlimited"))


@contextmanager
def filled_up(ground: Ground) -> Iterator[Way]:
    """A file system of its own, with something else on it that takes all its room."""
    with on_small(ground, ground.fresh("SQLite")) as (moved, small):
        yield Way(moved, lambda _: small.fill(), lambda _: small.clear())


@contextmanager
def tables_without_room(ground: Ground) -> Iterator[Way]:
    """PostgreSQL's file system is full: what its tables lack, it refuses."""
    with cluster_on_small(ground) as (cluster, small):
        own = _Own(cluster, small)
        yield Way(ground.fresh("PostgreSQL", on=cluster), lambda _: small.fill(), own.clear, says=own.says)


@contextmanager
def log_without_room(ground: Ground) -> Iterator[Way]:
    """The same, and its log is at the end of a file, so that it needs the next at once."""
    with cluster_on_small(ground) as (cluster, small):
        own = _Own(cluster, small)
        yield Way(ground.fresh("PostgreSQL", on=cluster), own.fill_log, own.clear, reads=False, says=own.says)


class _Own:
    """A PostgreSQL that ends itself where its log has no room, and is started once there is some."""

    def __init__(self, cluster: PostgresCluster, small: Small) -> None:
        self._cluster, self._small = cluster, small
        self._n_started = 0

    def fill_log(self, _server: Served) -> None:
        """Leave no room, and use up the log's files until it gives up."""
        self._small.fill()
        until = time.monotonic() + PATIENCE
        try:
            with self._cluster.connected() as connection:
                while time.monotonic() < until:
                    connection.execute("SELECT pg_switch_wal()")
                    time.sleep(0.05)  # in which something is written into the next
        except psycopg.OperationalError:
            return
        raise RuntimeError("PostgreSQL's log went on without room")

    def clear(self, _server: Served) -> None:
        """Make room, and start it where it has ended."""
        self._small.clear()
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                with self._cluster.connected() as connection:
                    connection.execute("SELECT 1")
                return
            except psycopg.OperationalError:
                if not self._cluster.is_running:
                    self._n_started += 1
                    self._cluster.start_server()
            time.sleep(0.05)
        raise RuntimeError("PostgreSQL did not come back")

    def says(self) -> str:
        """How often it had to be started."""
        return f"; PostgreSQL ended itself {self._n_started} times and was started" if self._n_started else ""
