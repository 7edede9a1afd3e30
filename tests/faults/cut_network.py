"""A network that breaks off in a save, between it and its reply, or in the reply; the save is sent again with its key.

The controls: a server that does not know its keys again, to which a save that was stored and not told comes back as a
conflict; and one that looks at versions no more either, where such a save is there twice once another tab has saved.
Over a network that is not cut off both lose nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.faults.counting import count
from tests.faults.ground import KINDS, Ground
from tests.faults.loader import saving
from tests.faults.network import breaking_off
from tests.faults.outcome import Control, FoundBy, Outcome, build_of, is_quiet

SAVES, SAVES_QUICK = 3000, 300
CUT_ONE_IN = 4
WITHOUT_KEYS = Control("keys are not known again", FoundBy.FALSE_CONFLICT, "planted_without_keys")
WITHOUT_EITHER = Control("neither keys nor versions are looked at", FoundBy.DOUBLE, "planted_without_keys_or_versions")


def run(ground: Ground) -> Iterator[Outcome]:
    """So many acknowledged saves on each database, and on a planted server."""
    n_saves = SAVES_QUICK if ground.quick else SAVES
    for kind in KINDS:
        yield cut_off(ground, kind, n_saves)
    for control in (WITHOUT_KEYS, WITHOUT_EITHER):
        yield cut_off(ground, KINDS[0], SAVES_QUICK, control, tabs=2 if control is WITHOUT_EITHER else 1)
        yield cut_off(ground, KINDS[0], SAVES_QUICK, control.quiet)


def cut_off(ground: Ground, kind: str, n_saves: int, control: Control | None = None, *, tabs: int = 1) -> Outcome:
    """What saving so often over such a network came to, from so many tabs of each reading."""
    place = ground.fresh(kind)
    with (
        ground.served(place, build_of(control)) as server,
        breaking_off(server.port, one_in=None if is_quiet(control) else CUT_ONE_IN) as network,
        saving(place.seats * tabs, network.port) as crowd,
    ):
        crowd.wait_for(n_saves, within=600)
    cuts = ", ".join(f"{n} {where}" for where, n in sorted(network.cuts.items()))
    done = f"one post in {CUT_ONE_IN} cut off: {cuts}" if cuts else "nothing cut off"
    done = f"{tabs} tabs of each reading; {done}" if tabs > 1 else done
    return count(place.url, crowd.logs).outcome(f"network cut off, {kind}", done, seconds=None, control=control)
