"""A throw-away folder in which a user without rights runs the program on loopback: what is done to it there reaches
nothing else. The scanners and the faults both work in one.
"""

from __future__ import annotations

import http.client
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Protocol

from flask import Flask

from casereader import create_app
from tests import readable
from tests.ports import HOST
from tests.readable import Reader

PATIENCE = 300.0  # seconds
MARK = "throw-away"  # without this file, which names the folder, no planted build starts


class Running(Protocol):
    """A process, of which it can be asked whether it has ended."""

    @property
    def returncode(self) -> int | None:
        """How it ended, if that was seen."""

    def poll(self) -> int | None:
        """How it ended, if it has."""


@dataclass
class ThrowAway:
    """The folder, and who runs the program in it."""

    folder: Path

    @cached_property
    def reader(self) -> Reader:
        """Whoever runs the program."""
        return readable.reader(self.folder)

    @cached_property
    def program(self) -> Path:
        """The program's folder: its own files, those of the planted builds, and their mark."""
        folder = self.folder / "program"
        readable.copy_program(folder)
        for path, name in self.planted_files.items():
            shutil.copy(path, folder / name)
        (folder / MARK).write_text(f"{self.folder}\n", encoding="utf-8")
        return folder

    @property
    def planted_files(self) -> Mapping[Path, str]:
        """Files put beside the program, and their names there."""
        return {}

    def own_folder(self, name: str) -> Path:
        """A new folder that belongs to whoever runs the program."""
        folder = self.folder / name
        folder.mkdir(mode=0o700)
        readable.give(folder, self.reader)
        return folder

    def surroundings(self, data: Path) -> dict[str, str]:
        """What the program's processes are told: nothing of the caller's own surroundings."""
        return {
            **self.reader.surroundings,
            "HOME": str(data),
            "TMPDIR": str(data),
            "LANG": "C.UTF-8",
            "PYTHONDONTWRITEBYTECODE": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            "CASEREADER_DATA": str(data),
            "TRUSTED_NETWORKS": "127.0.0.0/8",  # an office's many tries: those of a harness are no reason to wait
        }

    def run(self, words: list[str], data: Path, **more: str) -> str:
        """Run Python on the program as its user, and what it said."""
        done = subprocess.run(
            [self.reader.python, *words],
            cwd=self.program,
            env=self.surroundings(data) | more,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=PATIENCE * 2,
            **self.reader.owner,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(words)} ended with {done.returncode}: {done.stdout[-2000:]}")
        return done.stdout

    def start(self, app: str, surroundings: Mapping[str, str], said: IO[str]) -> subprocess.Popen[bytes]:
        """The server of `app`, the program's own or a planted one's, as its user."""
        return self.begin(["-m", "flask", "--app", app, "serve"], surroundings, said)

    def begin(self, words: Sequence[str], surroundings: Mapping[str, str], said: IO[str]) -> subprocess.Popen[bytes]:
        """Python on the program as its user, and come back at once."""
        return subprocess.Popen(
            [self.reader.python, *words],
            cwd=self.program,
            env=dict(surroundings),
            stdout=said,
            stderr=said,
            **self.reader.owner,
        )


def app_of(settings: Mapping[str, object]) -> Flask:
    """The program in this process, for what is asked of its insides."""
    usual = os.umask(0)
    try:
        return create_app(settings)
    finally:
        os.umask(usual)  # which the program narrows: what is put there later must be readable by its user


@contextmanager
def folder_named(prefix: str) -> Iterator[Path]:
    """A folder that others can enter and not look into; gone after the block."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def wait_until_healthy(port: int, process: Running, log: Path, *, patience: float = PATIENCE) -> None:
    """Come back once the server says that it is well; RuntimeError with what it said where it ends or never is."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"the program ended with {process.returncode}: {log.read_text()[-2000:]}")
        connection = http.client.HTTPConnection(HOST, port, timeout=5)
        with suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                connection.close()
                return
        connection.close()
        time.sleep(0.02)
    raise RuntimeError(f"the program does not answer: {log.read_text()[-2000:]}")
