"""Two tabs of one reading that save at the same time: of two saves against one version one is taken, the other told.

The control is a server that takes a save whatever version it was made against; of one tab it loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.faults.counting import count
from tests.faults.ground import KINDS, Ground
from tests.faults.loader import saving
from tests.faults.outcome import Control, FoundBy, Outcome, build_of, is_quiet

SAVES, SAVES_QUICK = 2000, 200
CONTROL = Control("versions are not looked at", FoundBy.LOSS, "planted_without_versions")


def run(ground: Ground) -> Iterator[Outcome]:
    """So many acknowledged saves on each database, and on a planted server."""
    n_saves = SAVES_QUICK if ground.quick else SAVES
    for kind in KINDS:
        yield together(ground, kind, n_saves)
    for control in (CONTROL, CONTROL.quiet):
        yield together(ground, KINDS[0], SAVES_QUICK, control)


def together(ground: Ground, kind: str, n_saves: int, control: Control | None = None) -> Outcome:
    """What saving from two tabs of each reading came to, or from one."""
    place = ground.fresh(kind)
    seats = place.seats if is_quiet(control) else [*place.seats, *place.seats]
    with ground.served(place, build_of(control)) as server, saving(seats, server.port) as crowd:
        crowd.wait_for(n_saves, within=600)
    n_told = sum(save.conflicted for log in crowd.logs for save in log.saves)
    tabs = "one tab" if is_quiet(control) else "two tabs"
    done = f"{tabs} of {len(place.seats)} readings; {n_told:,} saves were told that the other tab was first"
    return count(place.url, crowd.logs).outcome(f"two tabs, {kind}", done, seconds=None, control=control)
