"""A network that breaks off in a save, between it and its reply, or in the reply; the save is sent again with its key.

The control is a server that does not know its keys again: a save that was stored and not told comes as a conflict.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.faults.counting import count
from tests.faults.ground import KINDS, Ground
from tests.faults.loader import saving
from tests.faults.network import breaking_off
from tests.faults.outcome import Outcome

SAVES, SAVES_QUICK = 3000, 300
CUT_ONE_IN = 4


def run(ground: Ground) -> Iterator[Outcome]:
    """So many acknowledged saves on each database, and on a planted server."""
    n_saves = SAVES_QUICK if ground.quick else SAVES
    for kind in KINDS:
        yield cut_off(ground, kind, n_saves)
    yield cut_off(ground, KINDS[0], SAVES_QUICK, app="planted_without_keys")


def cut_off(ground: Ground, kind: str, n_saves: int, *, app: str = "app") -> Outcome:
    """What saving so often over such a network came to."""
    place = ground.fresh(kind)
    with (
        ground.served(place, app) as server,
        breaking_off(server.port, one_in=CUT_ONE_IN) as network,
        saving(place.seats, network.port) as crowd,
    ):
        crowd.wait_for(n_saves, within=600)
    cuts = ", ".join(f"{n} {where}" for where, n in sorted(network.cuts.items()))
    done = f"one post in {CUT_ONE_IN} cut off: {cuts}"
    return count(place.url, crowd.logs).outcome(
        f"network cut off, {kind}",
        done if app == "app" else f"keys are not known again; {done}",
        seconds=None,
        is_control=app != "app",
    )
