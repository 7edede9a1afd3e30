"""The program under gunicorn, with the configuration that comes with it: two workers that share only the door."""

import re
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.ports import HOST, held_port
from tests.source import ROOT
from tests.test_serving import PATIENCE, surroundings_in

GUNICORN = (sys.executable, "-m", "gunicorn", "--config", "docs/deployment/gunicorn.conf.py", "app:app")
ASKING = 6  # threads


@contextmanager
def gunicorn(url: str, port: int, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    surroundings = surroundings_in(folder) | {"DATABASE_URL": url, "PORT": str(port)}
    with (
        (folder / "said.txt").open("w") as said,
        subprocess.Popen(GUNICORN, cwd=ROOT, env=surroundings, stdout=said, stderr=said) as process,
    ):
        try:
            yield process
        finally:
            process.terminate()
            process.wait(timeout=PATIENCE)


def test_stopped_under_load_it_breaks_no_request_off_and_its_workers_share_no_connection(
    postgres_url: str, tmp_path: Path
) -> None:
    outcomes: Counter[str] = Counter()
    over = threading.Event()

    def ask(port: int) -> None:
        while not over.is_set():
            outcomes[outcome(port)] += 1
            time.sleep(0.01)

    with held_port() as port, gunicorn(postgres_url, port, tmp_path) as process:
        workers = both_workers(process, port)
        asking = [threading.Thread(target=ask, args=(port,)) for _ in range(ASKING)]
        for each in asking:
            each.start()
        time.sleep(0.4)
        held = [sockets(worker) for worker in workers]
        process.terminate()
        assert process.wait(timeout=PATIENCE) == 0
        time.sleep(0.1)
        over.set()
        for each in asking:
            each.join()

    assert len(held[0] & held[1]) <= 2, "the door, and standard input where it is one"
    assert held[0] - held[1] and held[1] - held[0]
    assert outcomes.keys() == {"200", "refused"}, outcomes
    assert outcomes["200"] >= ASKING


@pytest.mark.slow
def test_it_ends_with_the_remedy_where_the_database_is_not_up_to_date(tmp_path: Path) -> None:
    with held_port() as port, gunicorn(f"sqlite:///{tmp_path / 'new.sqlite3'}", port, tmp_path) as process:
        assert process.wait(timeout=PATIENCE) == 3

    said = (tmp_path / "said.txt").read_text()
    assert "flask --app app database upgrade" in said
    assert "Traceback" not in said


def outcome(port: int) -> str:
    """What became of one request."""
    connection = HTTPConnection(HOST, port, timeout=20)
    try:
        connection.request("GET", "/sign-in", headers={"Connection": "close"})
        answer = connection.getresponse()
        answer.read()
        return str(answer.status)
    except ConnectionRefusedError:
        return "refused"
    except OSError as error:
        return type(error).__name__
    finally:
        connection.close()


def both_workers(process: subprocess.Popen[bytes], port: int) -> list[int]:
    """The workers' ids once both have a connection to the database, which they open as they look."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        found = [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]
        if len(found) == 2 and all(len(sockets(pid)) >= 2 for pid in found):
            with socket.create_connection((HOST, port), timeout=5):
                return found
        time.sleep(0.05)
    pytest.fail("gunicorn did not start")


def sockets(pid: int) -> set[str]:
    """The sockets that a process holds."""
    names = {str(path.readlink()) for path in Path(f"/proc/{pid}/fd").iterdir() if path.is_symlink()}
    return {name for name in names if re.fullmatch(r"socket:\[\d+\]", name)}
