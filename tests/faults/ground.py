"""Where faults are tried: fresh databases of both kinds with readers in them, and the served program to do harm to."""

from __future__ import annotations

import compileall
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import IO

from flask import Flask

from casereader import schema
from tests import readable, readers
from tests.databases import address_of
from tests.faults.imported import Begun, Imported
from tests.faults.outcome import PROGRAM
from tests.ports import held_port
from tests.postgres import PostgresCluster
from tests.programs import find_postgresql
from tests.readers import Seat
from tests.source import ROOT
from tests.throwaway import ThrowAway, app_of, folder_named, wait_until_healthy

KINDS = ("SQLite", "PostgreSQL")
READERS = 12
STARTS_WITHIN = 60.0  # seconds
STANDS_WITHIN = 20.0
STOPPED, IN_THE_KERNEL = "T", "D"
STANDING = {STOPPED, IN_THE_KERNEL, "Z", "X"}
GUNICORN = "gunicorn"  # asked for in place of an app: two processes serve it
GUNICORN_SETTINGS = ROOT / "docs" / "deployment" / "gunicorn.conf.py"
PLANTED = Path(__file__).resolve().parent / "planted"
DURABLE = ("listen_addresses=''", "shared_buffers=64MB", "max_connections=60")  # as it comes: fsync is on


def with_readers(app: Flask) -> None:
    """Readers with a record each."""
    readers.prepare(app, READERS)


@dataclass(frozen=True)
class Place:
    """One installation: its database, its data folder, the readers who are signed in there."""

    kind: str
    url: str
    data: Path
    key: str
    seats: list[Seat]

    @property
    def settings(self) -> dict[str, str]:
        """What the program is told of it."""
        return {"CASEREADER_DATA": str(self.data), "DATABASE_URL": self.url, "SECRET_KEY": self.key}


@dataclass
class Ground(ThrowAway):
    """The throw-away folder with its databases; `quick` asks for few rounds."""

    leaving: ExitStack
    quick: bool = False
    _prepared: dict[str, str] = field(default_factory=dict)
    _key: str = field(default_factory=lambda: secrets.token_hex(32))
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def planted_files(self) -> dict[Path, str]:
        """The program with a safeguard off, in one way each."""
        return {path: f"planted_{path.name}" for path in PLANTED.glob("*.py")}

    @cached_property
    def program(self) -> Path:
        """The program's folder; compiled, since none who runs it may write there and each start would do it again."""
        folder = super().program
        compileall.compile_dir(folder, quiet=2)
        return folder

    @cached_property
    def cluster(self) -> PostgresCluster:
        """A PostgreSQL server whose commits are on the disk before they are told."""
        made = self.new_cluster()
        self.leaving.callback(made.stop)
        made.start()
        made.folder.chmod(0o711)  # the program's user comes as far as the socket
        return made

    def new_cluster(self, *more: str) -> PostgresCluster:
        """Another PostgreSQL server with such settings, to be started and stopped by whoever asks for it."""
        programs = find_postgresql()
        if programs is None:
            raise RuntimeError("PostgreSQL's server is missing: run `make faults`, which says what to install.")
        return PostgresCluster(programs, (*DURABLE, *more))

    def fresh(
        self, kind: str, prepare: Callable[[Flask], None] = with_readers, *, on: PostgresCluster | None = None
    ) -> Place:
        """A new installation on a database of this kind, prepared so far, and any readers signed in."""
        cluster = on or (self.cluster if kind == "PostgreSQL" else None)
        name = f"{prepare.__name__.replace('_', '-')}-{kind.lower()}"
        name = name if on is None else f"{name}-{on.folder.name}"
        if name not in self._prepared:
            self._prepared[name] = self._prepare(cluster, name, prepare)
        data = self.own_folder(f"{kind.lower()}-{next(self._numbers)}")
        if cluster is None:
            file = shutil.copy(self._prepared[name], data / "casereader.sqlite3")
            url = address_of(file)
        else:
            url = cluster.create(data.name, template=self._prepared[name])
        place = Place(kind, url, data, self._key, [])
        app = app_of(place.settings)
        place.seats.extend(readers.seats(app))
        app.extensions["casereader_engine"].dispose()
        readable.give(data, self.reader)
        return place

    @contextmanager
    def served(
        self,
        place: Place,
        app: str = PROGRAM,
        *,
        starts_often: bool = False,
        surroundings: Mapping[str, str] | None = None,
    ) -> Iterator[Served]:
        """The program, or a planted one, serving a place; ended after the block."""
        with held_port() as port:
            server = (ServedOften if starts_often else Served)(self, place, app, port, surroundings or {})
            try:
                server.start()
                yield server
            finally:
                server.close()

    def _prepare(self, cluster: PostgresCluster | None, name: str, prepare: Callable[[Flask], None]) -> str:
        """Migrate, and put into it what is wanted; the file or the database to copy."""
        folder = self.folder / name
        folder.mkdir(mode=0o700)
        file = folder / "casereader.sqlite3"
        url = address_of(file) if cluster is None else cluster.create(name)
        schema.upgrade(url, at=datetime.now(UTC))
        app = app_of({"CASEREADER_DATA": str(folder), "DATABASE_URL": url, "SECRET_KEY": self._key})
        prepare(app)
        app.extensions["casereader_engine"].dispose()
        return str(file) if cluster is None else name


class Served:
    """The program's server, a process of its own at one port: it can be killed and started again."""

    def __init__(self, ground: Ground, place: Place, app: str, port: int, more: Mapping[str, str]) -> None:
        self.place, self.port = place, port
        self.log = place.data.with_suffix(".log")
        self._ground, self._app, self._more = ground, app, more
        self._process: subprocess.Popen[bytes] | Begun | None = None

    @property
    def process(self) -> subprocess.Popen[bytes] | Begun:
        """The running server."""
        if self._process is None:
            raise RuntimeError("the server is not running")
        return self._process

    def start(self) -> None:
        """Start it, and wait until it is well."""
        told = (
            self._ground.surroundings(self.place.data) | self.place.settings | {"PORT": str(self.port)} | {**self._more}
        )
        with self.log.open("a") as said:
            self._process = self._begin(told, said)
        wait_until_healthy(self.port, self._process, self.log, patience=STARTS_WITHIN)

    def _begin(self, told: dict[str, str], said: IO[str]) -> subprocess.Popen[bytes] | Begun:
        if self._app != GUNICORN:
            return self._ground.start(self._app, told, said)
        shutil.copy(GUNICORN_SETTINGS, self._ground.program)
        return self._ground.begin(["-m", "gunicorn", "--config", GUNICORN_SETTINGS.name, "app:app"], told, said)

    def start_again(self, surroundings: Mapping[str, str]) -> None:
        """Stop it, and start it with other surroundings."""
        self.stop()
        self._more = surroundings
        self.start()

    def kill(self) -> None:
        """What `kill -9` does."""
        self._end(signal.SIGKILL)

    def lose_power(self) -> None:
        """Have none of its threads do anything more, once this is back: what is in the kernel comes back to nobody."""
        self.process.send_signal(signal.SIGSTOP)
        tasks = Path(f"/proc/{self.process.pid}/task")
        until = time.monotonic() + STANDS_WITHIN
        while any(_state(task) not in STANDING for task in tasks.iterdir()):
            if time.monotonic() > until:
                raise RuntimeError("the server was told to stand still, and does not")
            time.sleep(0.001)

    def stop(self) -> None:
        """Ask it to stop, as Ctrl+C does; kill it where it does not."""
        self._end(signal.SIGINT)

    def close(self) -> None:
        """Stop it for good."""
        self.stop()

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


class ServedOften(Served):
    """The same, begun by a process that has read its modules already: for what is killed hundreds of times."""

    _imported: Imported | None = None

    def close(self) -> None:
        """Stop it for good."""
        super().close()
        if self._imported is not None:
            self._imported.stop()

    def _begin(self, told: dict[str, str], said: IO[str]) -> Begun:
        if self._imported is None:
            ground = self._ground
            self._imported = Imported(ground.reader, ground.program, self._app, told, said)
        return self._imported.start()


@contextmanager
def ground(*, quick: bool = False) -> Iterator[Ground]:
    """Ground for faults; its servers are stopped and its folder is removed afterwards."""
    with folder_named("casereader-faults-") as folder, ExitStack() as leaving:
        yield Ground(folder, leaving, quick)


def _state(task: Path) -> str:
    """What a thread does, as the system calls it: the letter after its name, which may hold anything."""
    try:
        return (task / "stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:  # it has ended
        return STOPPED
