"""Power cuts of a real file system: ext4 on a device of its own is shut down while readers save, and mounted anew.

The kernel then drops whatever had not come to the disk, and plays the journal, as after a real cut. The server stands
still before that, since nothing answers where power is gone: the kernel tells a process now and then that an `fsync`
succeeded which was under way while the device was shut down (docs/reliability.md). This checks the disk that
power_cut.py builds. It needs root, to mount. The control lets SQLite sync less; where the device is not shut down it
loses nothing.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

from tests.faults.counting import count
from tests.faults.ground import Ground
from tests.faults.loader import saving
from tests.faults.mounts import on_ext4
from tests.faults.outcome import Control, FoundBy, Outcome, build_of, is_quiet

ROUNDS, ROUNDS_QUICK, ROUNDS_OF_CONTROL = 40, 5, 3
SAVES_BETWEEN = 20
CONTROL = Control("synchronous=NORMAL", FoundBy.LOSS, "planted_commits_unsynced")
LONGEST_WAIT = 0.3  # seconds more until the next cut, so that it falls anywhere


def run(ground: Ground) -> Iterator[Outcome]:
    """The program, and one that syncs less."""
    yield cut(ground, ROUNDS_QUICK if ground.quick else ROUNDS)
    for control in (CONTROL, CONTROL.quiet):
        yield cut(ground, ROUNDS_OF_CONTROL, control)


def cut(ground: Ground, rounds: int, control: Control | None = None) -> Outcome:
    """What so many cuts came to."""
    chance, took = random.Random(rounds), []
    with on_ext4(ground, ground.fresh("SQLite")) as (place, disk):
        with (
            ground.served(place, build_of(control)) as server,
            saving(place.seats, server.port) as crowd,
        ):
            for _ in range(rounds):
                crowd.wait_for(SAVES_BETWEEN)
                time.sleep(chance.uniform(0.0, LONGEST_WAIT))
                if not is_quiet(control):
                    server.lose_power()
                    disk.cut()
                server.kill()
                since = time.monotonic()
                disk.unmount()
                disk.mount()
                server.start()
                took.append(crowd.recovered_after(since))
        counted = count(place.url, crowd.logs)
    how = "the server killed, the file system mounted anew" if is_quiet(control) else "shut down and mounted anew"
    return counted.outcome(
        "power cut, SQLite on ext4",
        f"{rounds} times, {len(place.seats)} readers saving; {how}",
        seconds=max(took),
        control=control,
    )
