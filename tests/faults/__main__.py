"""Faults done to the program on purpose, each beside a control with a safeguard off in which the loss must be seen.

Run by `make faults`. The program is started by a user without rights, in a throw-away folder, on loopback. Ends with 1
where anything that was acknowledged is lost or there twice, where a control loses nothing, or where a fault could not
be tried. A module for each fault; its `run` gives the outcomes.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.faults import (
    backup_under_load,
    cut_network,
    disk_full,
    double_submit,
    kill_child,
    kill_export,
    kill_server,
    migration_killed,
    postgresql_stops,
    power_cut,
    power_cut_ext4,
    two_tabs,
    wrong_clock,
)
from tests.faults.ground import Ground, ground
from tests.faults.outcome import NotTriedError, Outcome
from tests.faults.report import HEADS, cells, line, taken_now, write

FAULTS: dict[str, Callable[[Ground], Iterator[Outcome]]] = {
    "kill-server": kill_server.run,
    "cut-network": cut_network.run,
    "two-tabs": two_tabs.run,
    "wrong-clock": wrong_clock.run,
    "double-submit": double_submit.run,
    "kill-child": kill_child.run,
    "kill-export": kill_export.run,
    "power-cut": power_cut.run,
    "power-cut-ext4": power_cut_ext4.run,
    "disk-full": disk_full.run,
    "postgresql-stops": postgresql_stops.run,
    "migration-killed": migration_killed.run,
    "backup-under-load": backup_under_load.run,
}


def main() -> int:
    """Try the faults that were named, or all, and print the table and what is wrong: 0, or 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("--faults", default=",".join(FAULTS), help=f"some of {', '.join(FAULTS)}")
    parser.add_argument("--quick", action="store_true", help="few rounds of each")
    parser.add_argument("--report", type=Path, help="a page whose table of figures is written anew")
    told = parser.parse_args()
    names = [each.strip() for each in told.faults.split(",") if each.strip()]
    if unknown := set(names) - FAULTS.keys():
        parser.error(f"no fault is called {', '.join(sorted(unknown))}")
    if told.quick and told.report:
        parser.error("the figures of a quick run do not belong on a page: leave out --quick or --report")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started is ended
    began, taken = time.monotonic(), taken_now()
    found, failed = dict[str, list[Outcome]](), list[str]()
    print(line(HEADS), flush=True)
    with ground(quick=told.quick) as here:
        for name in names:
            found[name], fault = _tried(name, here, taken)
            failed += [fault] if fault else []
    outcomes = [outcome for each in found.values() for outcome in each]
    for outcome in outcomes:
        failed += _why_not(outcome)
    if told.report:
        write(told.report, found, faults=[*FAULTS], taken=taken)
    for says in failed:
        print(f"  {says}")
    print(f"\n{len(outcomes)} outcomes of {len(names)} faults in {time.monotonic() - began:.0f} s, {taken}.")
    return 1 if failed else 0


def _tried(name: str, here: Ground, taken: str) -> tuple[list[Outcome], str | None]:
    outcomes: list[Outcome] = []
    try:
        for outcome in FAULTS[name](here):
            outcomes.append(outcome)
            print(line(cells(name, outcome, taken)), flush=True)
    except NotTriedError as why:
        return outcomes, f"{name} was not tried: {why}"
    except (RuntimeError, OSError) as error:
        return outcomes, f"{name} did not run to its end: {error}"
    if not any(outcome.is_control for outcome in outcomes):
        return outcomes, f"{name} has no control, so what it found means nothing"
    return outcomes, None


def _why_not(outcome: Outcome) -> list[str]:
    if outcome.is_good:
        return []
    if outcome.is_control:
        return [f"{outcome.name}: the control lost nothing, so the harness looks at nothing"]
    return [
        f"{outcome.name}: {outcome.lost} lost, {outcome.duplicated} twice, {outcome.false_conflicts} false conflicts, "
        f"{outcome.found} of {outcome.acknowledged} found",
        *(f"{outcome.name}: {says}" for says in outcome.wrong),
    ]


if __name__ == "__main__":
    sys.exit(main())
