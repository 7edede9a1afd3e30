"""`kill -9` of the server while readers save: what was acknowledged is there, once, when it is back.

The control is a server that answers before it stores.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator

from tests.faults.counting import count
from tests.faults.ground import KINDS, Ground
from tests.faults.loader import saving
from tests.faults.outcome import Outcome

ROUNDS = {"SQLite": 200, "PostgreSQL": 50}  # of which SQLite's commits are the program's own to keep
ROUNDS_QUICK, ROUNDS_OF_CONTROL = 10, 5
SAVES_BETWEEN = 20
LONGEST_WAIT = 0.15  # seconds more until the next kill, so that it falls anywhere


def run(ground: Ground) -> Iterator[Outcome]:
    """Kill it so many times on each database, and a planted one a few times."""
    for kind in KINDS:
        yield killed(ground, kind, ROUNDS_QUICK if ground.quick else ROUNDS[kind])
    yield killed(ground, KINDS[0], ROUNDS_OF_CONTROL, app="planted_answers_first")


def killed(ground: Ground, kind: str, rounds: int, *, app: str = "app") -> Outcome:
    """What so many kills came to."""
    place, chance, took = ground.fresh(kind), random.Random(rounds), []
    with ground.served(place, app) as server, saving(place.seats, server.port) as crowd:
        for _ in range(rounds):
            crowd.wait_for(SAVES_BETWEEN)
            time.sleep(chance.uniform(0.0, LONGEST_WAIT))
            server.kill()
            since = time.monotonic()
            server.start()
            took.append(crowd.recovered_after(since))
    done = (
        f"{rounds} times, {len(place.seats)} readers saving; back after {statistics.median(took):.1f} s in the middle"
    )
    return count(place.url, crowd.logs).outcome(
        f"kill -9 of the server, {kind}",
        done if app == "app" else f"answers before it stores; {done}",
        seconds=max(took),
        is_control=app != "app",
    )
