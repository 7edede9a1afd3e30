"""The program under test: the demonstration, served on loopback by a user without rights, in a throw-away folder.

Twice: as it is, and with flaws planted (planted/flaws.py), each on its own copy of the same seeded data. What a scanner
does to either reaches nothing else, and both are gone afterwards.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from http.cookiejar import Cookie
from pathlib import Path

import requests
from flask import Flask

from casereader import create_app
from tests.ports import HOST, held_port
from tests.security import readable
from tests.security.readable import Reader

PATIENCE = 300.0
PARTNERSHIPS = 3
MARK = "throw-away"
HERE = Path(__file__).resolve().parent


class Site:
    """One served demonstration."""

    def __init__(self, address: str, password: str, log: Path) -> None:
        self.address, self._password, self.log = address, password, log

    def browser(self, who: str) -> Browser:
        """A new browser in which one of the demonstration's people is signed in."""
        return Browser(self, who, self._password)


class Browser:
    """Requests with the cookie and the token of one person's sign-in."""

    def __init__(self, site: Site, who: str, password: str) -> None:
        self.site, self.who = site, who
        self._http = requests.Session()
        self._http.trust_env = False
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.get("/sign-in").text)
        if token is None:
            raise RuntimeError("the page to sign in holds no token")
        sent = {"email": f"{who}@demo.example", "password": password, "csrf_token": token[1]}
        answer = self._http.post(f"{site.address}/sign-in", data=sent, allow_redirects=False, timeout=60)
        if answer.status_code != 303:
            raise RuntimeError(f"{who} could not sign in: {answer.status_code}")
        self.token = self.get("/readings/session").json()["csrf_token"]

    def get(self, path: str) -> requests.Response:
        """The answer at a path of the site; redirects are told, not followed."""
        return self._http.get(f"{self.site.address}{path}", allow_redirects=False, timeout=60)

    @property
    def cookies(self) -> dict[str, str]:
        """What the browser keeps, by name."""
        kept: list[Cookie] = list(self._http.cookies)
        return {each.name: each.value or "" for each in kept}

    @property
    def cookie(self) -> str:
        """The cookie, as a scanner sends it."""
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())


@dataclass
class Stage:
    """The throw-away folder, who runs the program in it, and the sites that were asked for."""

    folder: Path
    _leaving: ExitStack
    password: str = field(default_factory=lambda: secrets.token_hex(12))

    @cached_property
    def reader(self) -> Reader:
        """Whoever runs the program."""
        return readable.reader(self.folder)

    @cached_property
    def program(self) -> Path:
        """The program's folder: its own files, those of the planted build, and the mark without which that refuses."""
        folder = self.folder / "program"
        readable.copy_program(folder)
        for name in ("flaws.py", "loader.py"):
            shutil.copy(HERE / "planted" / name, folder / f"planted_{name}")
        shutil.copy(HERE / "scans" / "fuzzing.py", folder / "fuzzing.py")
        (folder / MARK).write_text(f"{self.folder}\n", encoding="utf-8")
        return folder

    @cached_property
    def clean(self) -> Site:
        """The program as it is."""
        return self._leaving.enter_context(self._served("app", self._data("clean")))

    @cached_property
    def planted(self) -> Site:
        """The program with flaws planted."""
        return self._leaving.enter_context(self._served("planted_flaws", self._data("planted")))

    @cached_property
    def seeded(self) -> Path:
        """A data folder with a few partnerships of the demonstration."""
        folder = self.own_folder("seeded")
        for words in (["database", "upgrade"], ["demo", "seed", "--partnerships", str(PARTNERSHIPS)]):
            self.run(["-m", "flask", "--app", "app", *words], folder)
        return folder

    def own_folder(self, name: str) -> Path:
        """A new folder that belongs to whoever runs the program."""
        folder = self.folder / name
        folder.mkdir(mode=0o700)
        readable.give(folder, self.reader)
        return folder

    def own_folder_of_tool(self, name: str) -> Path:
        """A folder for what a scanner writes, apart from the program's."""
        folder = self.folder / f"tool-{name}"
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def own_app(self, name: str, **settings: object) -> Flask:
        """The program in this process, for what is asked of its insides: its routes, how it signs."""
        usual = os.umask(0)
        try:
            return create_app({"CASEREADER_DATA": self.own_folder_of_tool(name) / "data", **settings})
        finally:
            os.umask(usual)  # which the program narrows: what is put here later must be readable by its user

    def readable_copy(self, path: Path, name: str) -> Path:
        """A folder of the scanners where the program's user can read it."""
        copy = self.folder / name
        if not copy.exists():
            readable.copy(path, copy)
        return copy

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
            "CASEREADER_DEMO_PASSWORD": self.password,
            "TRUSTED_NETWORKS": "127.0.0.0/8",  # an office's many tries: those of a scanner are no reason to wait
        }

    def run(self, words: list[str], data: Path) -> str:
        """Run Python on the program as its user, and what it said."""
        done = subprocess.run(
            [self.reader.python, *words],
            cwd=self.program,
            env=self.surroundings(data),
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

    def _data(self, name: str) -> Path:
        folder = self.folder / name
        shutil.copytree(self.seeded, folder)
        folder.chmod(0o700)
        readable.give(folder, self.reader)
        return folder

    @contextmanager
    def _served(self, app: str, data: Path) -> Iterator[Site]:
        log = self.folder / f"{app}.log"
        with held_port() as port, log.open("w") as said:
            process = subprocess.Popen(
                [self.reader.python, "-m", "flask", "--app", app, "serve"],
                cwd=self.program,
                env=self.surroundings(data) | {"PORT": str(port)},
                stdout=said,
                stderr=said,
                **self.reader.owner,
            )
            try:
                address = f"http://{HOST}:{port}"
                _wait_for(address, process, log)
                yield Site(address, self.password, log)
            finally:
                process.send_signal(signal.SIGINT)
                try:
                    process.wait(timeout=20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


@contextmanager
def staged() -> Iterator[Stage]:
    """A stage; its sites are stopped and its folder removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="casereader-security-"))
    folder.chmod(0o711)
    try:
        with ExitStack() as leaving:
            yield Stage(folder, leaving)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"the program ended with {process.returncode}: {log.read_text()[-2000:]}")
        try:
            if requests.get(f"{address}/healthz", timeout=5).status_code == 200:
                return
        except requests.ConnectionError:
            time.sleep(0.2)
    raise RuntimeError(f"the program does not answer: {log.read_text()[-2000:]}")
