"""What `make run` starts, from outside: the command in a process of its own, and a health that tells the truth."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.ports import HOST, held_port
from tests.source import ROOT

FLASK = (sys.executable, "-m", "flask", "--app", "app")
PATIENCE = 60.0


def test_serving_says_where_it_listens_and_how_to_sign_in_and_is_healthy(tmp_path: Path) -> None:
    surroundings = surroundings_in(tmp_path)
    made = subprocess.run([*FLASK, "database", "upgrade"], cwd=ROOT, env=surroundings, capture_output=True, check=True)
    assert made.stdout.decode() == "The database was made.\n"

    left = tmp_path / "data" / "incoming-left"
    left.mkdir()
    (left / "sent").write_text("A-1,b\n")

    with held_port() as port, served(surroundings | {"PORT": str(port)}, tmp_path / "said.txt") as address:
        health = _health(address)

    assert not left.exists(), "E29: what a stopped process left of a file that was being sent"

    assert health == {"status": "ok", "database": "ok", "schema": "current"}
    said = (tmp_path / "said.txt").read_text()
    assert f"casereader is at {address}" in said
    assert "account create" in said
    assert "casereader has stopped" in said, "told to by SIGTERM"
    assert "Traceback" not in said
    logged = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert [(line["route"], line["status"], line["account"]) for line in logged][-1] == ("home.health", 200, None)


def test_serving_an_old_or_empty_database_is_refused_with_the_remedy(tmp_path: Path) -> None:
    refused = subprocess.run(
        [*FLASK, "serve"], cwd=ROOT, env=surroundings_in(tmp_path), capture_output=True, text=True, check=False
    )

    assert refused.returncode == 2
    assert "There is no database here" in refused.stderr and str(tmp_path / "data") in refused.stderr
    assert "flask --app app database upgrade" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert list(tmp_path.iterdir()) == [], "in the wrong folder nothing is made"


def test_serving_on_a_port_that_is_taken_is_refused_with_the_remedy(tmp_path: Path, sqlite_url: str) -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = str(taken.getsockname()[1])
        surroundings = surroundings_in(tmp_path) | {"DATABASE_URL": sqlite_url, "PORT": port}
        refused = subprocess.run(
            [*FLASK, "serve"], cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False
        )

    assert refused.returncode == 2
    assert "Set PORT to another" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_demonstration_is_served_as_it_was_left(seeded: Path, tmp_path: Path) -> None:
    shutil.copytree(seeded, tmp_path / "data")
    with held_port() as port:
        surroundings = surroundings_in(tmp_path) | {"PORT": str(port)}
        with served(surroundings, tmp_path / "said.txt", "demo", "serve") as address:
            assert _health(address) == {"status": "ok", "database": "ok", "schema": "current"}

    said = (tmp_path / "said.txt").read_text()
    assert said.startswith("The database is up to date.\nThe database holds data already: nothing was added.\n")
    assert "  reviewer-1@demo.example\n" in said
    assert "casereader has stopped" in said


@contextmanager
def served(surroundings: Mapping[str, str], output: Path, *command: str) -> Iterator[str]:
    address = f"http://127.0.0.1:{surroundings['PORT']}"
    with (
        output.open("w") as said,
        subprocess.Popen(
            [*FLASK, *(command or ("serve",))], cwd=ROOT, env=surroundings, stdout=said, stderr=said
        ) as process,
    ):
        try:
            _wait_for(address, process)
            yield address
        finally:
            process.terminate()
            assert process.wait(timeout=PATIENCE) == 0


def _health(address: str) -> object:
    with urllib.request.urlopen(f"{address}/healthz", timeout=10) as response:  # noqa: S310 - our own server
        return json.load(response)


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < end:
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=10).close()  # noqa: S310 - our own server
        except urllib.error.HTTPError as error:
            error.close()
        except OSError:
            time.sleep(0.05)
            continue
        return
    raise AssertionError("the server did not answer in time")


def surroundings_in(folder: Path) -> dict[str, str]:
    """An environment with nothing of ours but a data folder."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")}
    return kept | {"CASEREADER_DATA": str(folder / "data")}
