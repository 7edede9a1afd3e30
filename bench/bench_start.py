"""How soon the demonstration answers when it is started again, as `make run` does, and what its first page takes.

Both are of a process of its own, whose files the machine has read before: what it takes of the processor until the
sign-in page is there, and the server's own time for that page. Beside the start stands a page of one text from the
libraries that the program cannot do without.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.elsewhere import processor_of
from bench.timing import Compared
from tests.ports import held_port
from tests.source import ROOT

TURNS = 3
MOST_TO_START, MOST_OF_FIRST = 5, 0.1  # times what the libraries take alone; seconds of the server
PATIENCE = 60.0
FLASK = (sys.executable, "-m", "flask", "--app", "app")
BARE = (
    "import os, flask, flask_wtf, pandas, sqlmodel, waitress; app = flask.Flask('bare');"
    " app.add_url_rule('/sign-in', view_func=lambda: 'a text');"
    " waitress.serve(app, host='127.0.0.1', port=int(os.environ['PORT']))"
)


@dataclass(frozen=True)
class _Start:
    """Seconds until the first page was there, by the clock and of the processor, and what the server says it took."""

    clock: float
    processor: float
    said: tuple[float, ...]


def run() -> Iterator[Compared]:
    """The second start with a demonstration of one partnership, and its first page beside the same page again."""
    with tempfile.TemporaryDirectory() as name, held_port() as port:
        folder = Path(name)
        env = {**os.environ, "CASEREADER_DATA": str(folder / "data"), "PORT": str(port), "HOST": "127.0.0.1"}
        for words in (("database", "upgrade"), ("demo", "seed", "--partnerships", "1")):
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
    )
    first, again = (min(turn[0].said[which] for turn in turns) for which in (0, 1))
    yield Compared(
        "the first page after a start",
        first,
        again,
        "the same page, again",
        processor=first,
        most_processor=MOST_OF_FIRST,
    )


def _start(command: Sequence[str], env: Mapping[str, str], folder: Path) -> _Start:
    """Start a server, ask for its sign-in page twice, and stop it."""
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
            _answers(address)
        finally:
            process.terminate()
    lines = [json.loads(line) for line in said.read_text().splitlines() if line.startswith("{")]
    return _Start(*took, tuple(line["ms"] / 1000 for line in lines if line["route"] == "account.sign_in"))


def _answers(address: str) -> bool:
    try:
        urllib.request.urlopen(address, timeout=PATIENCE).close()  # noqa: S310 - our own server
    except OSError:
        return False
    return True
