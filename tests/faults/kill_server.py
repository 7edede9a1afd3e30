"""`kill -9` of the server while readers save: what was acknowledged is there, once, when it is back.

The control is a server that answers before it stores; where it is not killed it stores all.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator

from tests.faults.counting import count
from tests.faults.ground import KINDS, Ground
from tests.faults.loader import saving
from tests.faults.outcome import Control, FoundBy, Outcome, build_of, is_quiet

ROUNDS, ROUNDS_QUICK, ROUNDS_OF_CONTROL = 200, 10, 5
SAVES_BETWEEN = 20
CONTROL = Control("answers before it stores", FoundBy.LOSS, "planted_answers_first")
LONGEST_WAIT = 0.15  # seconds more until the next kill, so that it falls anywhere


def run(ground: Ground) -> Iterator[Outcome]:
    """Kill it so many times on each database, and a planted one a few times."""
    for kind in KINDS:
        yield killed(ground, kind, ROUNDS_QUICK if ground.quick else ROUNDS)
    for control in (CONTROL, CONTROL.quiet):
        yield killed(ground, KINDS[0], ROUNDS_OF_CONTROL, control)


def killed(ground: Ground, kind: str, rounds: int, control: Control | None = None) -> Outcome:
    """What so many kills came to."""
    place, chance, took = ground.fresh(kind), random.Random(rounds), []
    with (
        ground.served(place, build_of(control), starts_often=True) as server,
        saving(place.seats, server.port) as crowd,
    ):
        for _ in range(rounds):
            crowd.wait_for(SAVES_BETWEEN)
            if is_quiet(control):
                continue
            time.sleep(chance.uniform(0.0, LONGEST_WAIT))
            server.kill()
            since = time.monotonic()
            server.start()
            took.append(crowd.recovered_after(since))
    times = "not killed" if is_quiet(control) else f"{rounds} times"
    done = f"{times}, {len(place.seats)} readers saving"
    if took:
        done += f"; back after {statistics.median(took):.1f} s in the middle"
    return count(place.url, crowd.logs).outcome(
        f"kill -9 of the server, {kind}", done, seconds=max(took, default=None), control=control
    )
