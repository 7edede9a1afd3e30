"""Two tabs of one reading that save at the same time: of two saves against one version one is taken, the other told.

The control is a server that takes a save whatever version it was made against.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.faults.counting import count
from tests.faults.ground import KINDS, Ground
from tests.faults.loader import saving
from tests.faults.outcome import Outcome

SAVES, SAVES_QUICK = 2000, 200


def run(ground: Ground) -> Iterator[Outcome]:
    """So many acknowledged saves on each database, and on a planted server."""
    n_saves = SAVES_QUICK if ground.quick else SAVES
    for kind in KINDS:
        yield together(ground, kind, n_saves)
    yield together(ground, KINDS[0], SAVES_QUICK, app="planted_without_versions")


def together(ground: Ground, kind: str, n_saves: int, *, app: str = "app") -> Outcome:
    """What saving from two tabs of each reading came to."""
    place = ground.fresh(kind)
    with ground.served(place, app) as server, saving([*place.seats, *place.seats], server.port) as crowd:
        crowd.wait_for(n_saves, within=600)
    n_told = sum(save.conflicted for log in crowd.logs for save in log.saves)
    done = f"two tabs of {len(place.seats)} readings; {n_told:,} saves were told that the other tab was first"
    return count(place.url, crowd.logs).outcome(
        f"two tabs, {kind}",
        done if app == "app" else f"versions are not looked at; {done}",
        seconds=None,
        is_control=app != "app",
    )
