"""A clock that is set back and forward while readers save: by seconds, hours and years, and right again at the end.

Sessions end by it, so readers sign in again; nobody may be kept out by it. The control is a server that takes a save
for an old one where the clock says that a newer was there before.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from tests.faults.counting import count
from tests.faults.ground import KINDS, Ground
from tests.faults.loader import saving
from tests.faults.outcome import Control, FoundBy, NotTriedError, Outcome, build_of, is_quiet
from tests.programs import find_faketime

READERS, SAVES_BETWEEN, SAVES_QUICK = 3, 20, 10
BEFORE = 610  # saves of each reading in a few seconds of its own: as many as are ever held back
CONTROL = Control("the newer by the clock holds", FoundBy.LOSS, "planted_by_the_clock")
CLOCKS = ("+0", "-20s", "+20s", "-1h", "+1h", "-1d", "+40m", "-400d", "+400d", "-1h", "+0")


def run(ground: Ground) -> Iterator[Outcome]:
    """All the clocks on each database, and on a planted server."""
    library = find_faketime()
    if library is None:
        raise NotTriedError("there is no libfaketime (apt-get install faketime).")
    for kind in KINDS:
        yield set_wrong(ground, kind, library)
    for control in (CONTROL, CONTROL.quiet):
        yield set_wrong(ground, KINDS[0], library, control)


def set_wrong(ground: Ground, kind: str, library: Path, control: Control | None = None) -> Outcome:
    """What a clock that goes to and fro came to."""
    place, took = ground.fresh(kind), []
    seats = place.seats[:READERS]
    clock = place.data / "clock"
    clock.write_text(CLOCKS[0])
    clock.chmod(0o644)
    faked = {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_CACHE_DURATION": "1",  # seconds until it looks at the file again
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    with ground.served(place, build_of(control)) as server, saving(seats, server.port) as crowd:
        crowd.wait_for(SAVES_QUICK if ground.quick or control is not None else BEFORE * READERS, within=900)
        server.start_again(faked)  # only now: a clock that can be set is slow to read
        for shift in CLOCKS[1:]:
            clock.write_text(CLOCKS[0] if is_quiet(control) else shift)
            since = time.monotonic()
            took.append(crowd.recovered_by_all(since))
            crowd.wait_for(SAVES_QUICK if ground.quick else SAVES_BETWEEN)
    n_again = sum(log.n_signed_in for log in crowd.logs)
    clocks = "left right" if is_quiet(control) else ", ".join(CLOCKS[1:])
    done = f"{clocks} with {len(seats)} readers saving; {n_again} times somebody had to sign in again; half were back "
    done += f"within {statistics.median(took):.1f} s"
    return count(place.url, crowd.logs).outcome(
        f"clock set back and forward, {kind}", done, seconds=max(took), control=control
    )
