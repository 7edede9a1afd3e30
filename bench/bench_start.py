"""How soon the demonstration answers when it is started again, as `make run` does, and what its first pages take.

All is of a process of its own, whose files the machine has read before: what it takes of the processor until the
sign-in page is there, and the server's own time for that page and for the first page of a coordinator of all its
partnerships. Beside the start stands a page of one text from the libraries that the program cannot do without.
"""

from __future__ import annotations

import http.cookiejar
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.elsewhere import processor_of
from bench.timing import Compared
from tests.ports import held_port
from tests.source import ROOT

TURNS = 3
MOST_TO_START = 5  # times what the libraries take alone
MOST_PROCESSOR, MOST_OF_FIRST = 3.0, 0.1  # seconds of the processor until it answers, and of the server for a page
PATIENCE = 60.0
FIRST_PAGES = {"the first page after a start": "account.sign_in", "a coordinator’s first page": "home.index"}
PASSWORD = "a demonstration of the start"  # noqa: S105 - of a demonstration in a throw-away folder
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
FLASK = (sys.executable, "-m", "flask", "--app", "app")
BARE = (
    "import os, flask, flask_wtf, pandas, sqlmodel, waitress; app = flask.Flask('bare');"
    " app.add_url_rule('/sign-in', view_func=lambda: 'a text');"
    " waitress.serve(app, host='127.0.0.1', port=int(os.environ['PORT']))"
)


@dataclass(frozen=True)
class _Start:
    """Seconds until the first page was there, by the clock and of the processor, and what the server says pages took.

    `said`: by the name of the page, each time that it was asked for.
    """

    clock: float
    processor: float
    said: dict[str, list[float]]


def run() -> Iterator[Compared]:
    """The second start with the whole demonstration, and its first pages beside the same pages again."""
    with tempfile.TemporaryDirectory() as name, held_port() as port:
        folder = Path(name)
        env = {**os.environ, "CASEREADER_DATA": str(folder / "data"), "PORT": str(port), "HOST": "127.0.0.1"}
        env["CASEREADER_DEMO_PASSWORD"] = PASSWORD
        for words in (("database", "upgrade"), ("demo", "seed")):
            subprocess.run([*FLASK, *words], cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)
        turns = [
            (_start([*FLASK, "demo", "serve"], env, folder), _start([sys.executable, "-c", BARE], env, folder))
            for _ in range(TURNS)
        ]
    ours, bare = (min((turn[which] for turn in turns), key=lambda one: one.clock) for which in (0, 1))
    yield Compared(
        "make run, a second time, to the first page",
        ours.clock,
        bare.clock,
        "a text from the libraries alone",
        MOST_TO_START,
        processor=ours.processor,
        most_processor=MOST_PROCESSOR,
    )
    for name, route in FIRST_PAGES.items():
        first, again = (min(turn[0].said[route][which] for turn in turns) for which in (0, 1))
        yield Compared(name, first, again, "the same page, again", processor=first, most_processor=MOST_OF_FIRST)


def _start(command: Sequence[str], env: Mapping[str, str], folder: Path) -> _Start:
    """Start a server, ask for its sign-in page and for a coordinator's first page twice, and stop it."""
    address, said = f"http://127.0.0.1:{env['PORT']}/sign-in", folder / "said.txt"
    began = time.perf_counter()
    with (
        said.open("w") as out,
        subprocess.Popen(command, cwd=ROOT, env=env, stdout=out, stderr=out) as process,
    ):
        try:
            while not _answers(address):
                if process.poll() is not None or time.perf_counter() - began > PATIENCE:
                    raise RuntimeError(f"The server did not start: {said.read_text()}")
                time.sleep(0.01)
            took = time.perf_counter() - began, processor_of(process.pid)
            _look_twice(address)
        finally:
            process.terminate()
    pages: dict[str, list[float]] = {}
    for line in (json.loads(line) for line in said.read_text().splitlines() if line.startswith("{")):
        pages.setdefault(line["route"], []).append(line["ms"] / 1000)
    return _Start(*took, pages)


def _look_twice(address: str) -> None:
    """Ask for the page again, and where it takes a sign-in for the first page after it, twice."""
    person = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    with person.open(address, timeout=PATIENCE) as page:
        token = TOKEN.search(page.read().decode())
    if token:
        fields = {"csrf_token": token[1], "email": "coordinator@demo.example", "password": PASSWORD}
        sent = urllib.parse.urlencode(fields).encode()
        for asked in (urllib.request.Request(address, sent), address.removesuffix("sign-in")):  # noqa: S310 - our own
            with person.open(asked, timeout=PATIENCE) as page:
                assert page.url == address.removesuffix("sign-in"), f"{page.url} is not the first page"


def _answers(address: str) -> bool:
    try:
        urllib.request.urlopen(address, timeout=PATIENCE).close()  # noqa: S310 - our own server
    except OSError:
        return False
    return True
