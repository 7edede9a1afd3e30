"""The program under test: the demonstration, served on loopback by a user without rights, in a throw-away folder.

Twice: as it is, and with flaws planted (planted/flaws.py), each on its own copy of the same seeded data. What a scanner
does to either reaches nothing else, and both are gone afterwards.
"""

from __future__ import annotations

import re
import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from http.cookiejar import Cookie
from pathlib import Path

import requests
from flask import Flask

from tests import readable
from tests.ports import HOST, held_port
from tests.throwaway import ThrowAway, app_of, folder_named, wait_until_healthy

PARTNERSHIPS = 3
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
class Stage(ThrowAway):
    """The folder, and the sites that were asked for."""

    _leaving: ExitStack
    password: str = field(default_factory=lambda: secrets.token_hex(12))

    @property
    def planted_files(self) -> dict[Path, str]:
        """Those of the planted build, and of the fuzzer."""
        planted = {HERE / "planted" / name: f"planted_{name}" for name in ("flaws.py", "loader.py")}
        return planted | {HERE / "scans" / "fuzzing.py": "fuzzing.py"}

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

    def surroundings(self, data: Path) -> dict[str, str]:
        """With the password of the demonstration's people."""
        return {**super().surroundings(data), "CASEREADER_DEMO_PASSWORD": self.password}

    def own_folder_of_tool(self, name: str) -> Path:
        """A folder for what a scanner writes, apart from the program's."""
        folder = self.folder / f"tool-{name}"
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def own_app(self, name: str, **settings: object) -> Flask:
        """The program in this process, for what is asked of its insides: its routes, how it signs."""
        return app_of({"CASEREADER_DATA": self.own_folder_of_tool(name) / "data", **settings})

    def readable_copy(self, path: Path, name: str) -> Path:
        """A folder of the scanners where the program's user can read it."""
        copy = self.folder / name
        if not copy.exists():
            readable.copy(path, copy)
        return copy

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
            process = self.start(app, self.surroundings(data) | {"PORT": str(port)}, said)
            try:
                wait_until_healthy(port, process, log)
                yield Site(f"http://{HOST}:{port}", self.password, log)
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
    with folder_named("casereader-security-") as folder, ExitStack() as leaving:
        yield Stage(folder, leaving)
