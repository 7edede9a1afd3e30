"""The program under gunicorn, with the configuration that comes with it: two workers that share only the door."""

import re
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

GUNICORN = (sys.executable, "-m", "gunicorn", "--config", "docs/deployment/gunicorn.conf.py")
ASKING = 6  # threads

pytestmark = pytest.mark.slow  # each starts a server of three processes


@contextmanager
def gunicorn(url: str, port: int, folder: Path, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    surroundings = surroundings_in(folder) | {"DATABASE_URL": url, "PORT": str(port)}
    with (
        (folder / "said.txt").open("w") as said,
        subprocess.Popen(
            [*GUNICORN, *options, "app:app"], cwd=ROOT, env=surroundings, stdout=said, stderr=said
        ) as process,
    ):
        try:
            yield process
        finally:
            process.terminate()
            process.wait(timeout=PATIENCE)


def test_stopped_under_load_it_breaks_no_request_off_and_its_workers_share_no_connection(
    postgres_url: str, tmp_path: Path
) -> None:
    outcomes, held = stopped_under_load(postgres_url, tmp_path)

    assert len(held[0] & held[1]) <= 2, "the door, and standard input where it is one"
    assert held[0] - held[1] and held[1] - held[0]
    assert outcomes.keys() == {"200", "refused"}, outcomes
    assert outcomes["200"] >= ASKING


def test_gunicorn_s_own_worker_breaks_requests_off(postgres_url: str, tmp_path: Path) -> None:
    outcomes, _ = stopped_under_load(postgres_url, tmp_path, "--worker-class", "gthread", asking=4 * ASKING)

    assert outcomes.keys() > {"200", "refused"}, "or the test above could find nothing"


def stopped_under_load(
    url: str, folder: Path, *options: str, asking: int = ASKING
) -> tuple[Counter[str], list[set[str]]]:
    """What became of the requests that were sent before, while and after it stopped; the sockets of each worker."""
    outcomes: Counter[str] = Counter()
    over = threading.Event()

    def ask(port: int) -> None:
        while not over.is_set():
            outcomes[outcome(port)] += 1
            time.sleep(0.01)

    with held_port() as port, gunicorn(url, port, folder, *options) as process:
        workers = both_workers(process, port, at_least=1 if options else 2)
        threads = [threading.Thread(target=ask, args=(port,)) for _ in range(asking)]
        for each in threads:
            each.start()
        time.sleep(0.4)
        held = [sockets(worker) for worker in workers]
        process.terminate()
        assert process.wait(timeout=PATIENCE) == 0
        time.sleep(0.1)
        over.set()
        for each in threads:
            each.join()
    return outcomes, held


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


def both_workers(process: subprocess.Popen[bytes], port: int, *, at_least: int) -> list[int]:
    """The workers' ids once both have so many sockets (ours open one to the database as they look), and one answers."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        found = [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]
        is_up = len(found) == 2 and all(len(sockets(pid)) >= at_least for pid in found)
        if is_up and outcome(port) == "200":
            return found
        time.sleep(0.05)
    pytest.fail("gunicorn did not start")


def sockets(pid: int) -> set[str]:
    """The sockets that a process holds."""
    names = {str(path.readlink()) for path in Path(f"/proc/{pid}/fd").iterdir() if path.is_symlink()}
    return {name for name in names if re.fullmatch(r"socket:\[\d+\]", name)}
