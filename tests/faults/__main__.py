"""Faults done to the program on purpose, each beside a control with a safeguard off in which the loss must be seen.

Run by `make faults`. The program is started by a user without rights, in a throw-away folder, on loopback. Ends with 1
where anything that was acknowledged is lost or there twice, where a control does not show what it must, or loses
anything though the fault is not done to it, and where a fault could not be tried. A module for each fault; its `run`
gives the outcomes.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
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
from tests.faults.report import HEADS, cells, line, name, taken_now, write

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
    names = list(dict.fromkeys(each.strip() for each in told.faults.split(",") if each.strip()))
    if unknown := set(names) - FAULTS.keys():
        parser.error(f"no fault is called {', '.join(sorted(unknown))}")
    if told.quick and told.report:
        parser.error("the figures of a quick run do not belong on a page: leave out --quick or --report")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started is ended
    began, taken = time.monotonic(), taken_now()
    found, whole, failed = dict[str, list[Outcome]](), dict[str, list[Outcome]](), dict[str, list[str]]()
    print(line(HEADS), flush=True)
    with ground(quick=told.quick) as here:
        for each in names:
            found[each], why_not = _tried(each, here, taken)
            if why_not is None:
                whole[each] = found[each]
            wrong = [*([why_not] if why_not else []), *(says for one in found[each] for says in _why_not(one))]
            if wrong:
                failed[each] = wrong
    if told.report:
        write(told.report, whole, faults=[*FAULTS], taken=taken)
    n_outcomes = sum(map(len, found.values()))
    print(f"\n{_n(n_outcomes, 'outcome')} in {time.monotonic() - began:.0f} s, {taken}.")
    print("\n".join(verdict(names, failed)))
    return 1 if failed else 0


def verdict(names: Sequence[str], failed: Mapping[str, Sequence[str]]) -> list[str]:
    """What the run came to, in words: of each fault that did not hold what is wrong, and where to look."""
    held = f"{_n(len(names), 'kind')} of fault, {len(names) - len(failed)} held"
    if not failed:
        return [f"{held}: nothing acknowledged was lost, nothing is there twice, and each control was found."]
    lines = []
    for fault, wrong in failed.items():
        lines.append(f"{fault} (tests/faults/{fault.replace('-', '_')}.py):")
        lines += [f"  {says}" for says in wrong]
    return [*lines, f"{held}. {', '.join(failed)} did not: what is wrong stands above, beside the file that does it."]


def _n(count: int, word: str) -> str:
    return f"{count} {word}{'s' if count != 1 else ''}"


def _tried(fault: str, here: Ground, taken: str) -> tuple[list[Outcome], str | None]:
    outcomes: list[Outcome] = []
    try:
        for outcome in FAULTS[fault](here):
            outcomes.append(outcome)
            print(line(cells(fault, outcome, taken)), flush=True)
    except NotTriedError as why:
        return outcomes, f"{fault} was not tried: {why}"
    except (RuntimeError, OSError) as error:
        return outcomes, f"{fault} did not run to its end: {error}"
    controls = [outcome.control for outcome in outcomes if outcome.control is not None]
    if {control.is_quiet for control in controls} != {True, False}:
        return outcomes, f"{fault} has no control with and without its fault, so what it found means nothing"
    return outcomes, None


def _why_not(outcome: Outcome) -> list[str]:
    if outcome.is_good:
        return []
    control = outcome.control
    if control is not None and not control.is_quiet:
        return [f"{name(outcome)}: the control shows no such thing, so the harness looks at nothing"]
    return [
        f"{name(outcome)}: {outcome.lost} lost, {outcome.duplicated} twice, {outcome.false_conflicts} false conflicts, "
        f"{outcome.found} of {outcome.acknowledged} found",
        *(f"{name(outcome)}: {says}" for says in outcome.wrong),
    ]


if __name__ == "__main__":
    sys.exit(main())
