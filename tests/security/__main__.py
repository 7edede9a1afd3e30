"""Every scanner, each beside flaws that were planted for it: what it found of those, and what it found of ours.

Run by `make security`. The program under test is started by a user without rights, in a throw-away folder, on loopback.
Ends with 1 where a scanner misses what was planted (its silence would mean nothing), where a finding has no reason in
allowed.toml, or where a reason there has no finding any more.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tests.security.findings import Allowed, Judged, Scanned, judge, read_allowed
from tests.security.scans.injection import sqlmap
from tests.security.scans.json_routes import schemathesis
from tests.security.scans.loader import atheris
from tests.security.scans.pages import forced_browsing, wapiti
from tests.security.scans.source_code import bandit, detect_secrets, semgrep
from tests.security.scans.weak_key import weak_key
from tests.security.stage import Stage, staged

SCANNERS: dict[str, Callable[[Stage], Scanned]] = {
    "bandit": bandit,
    "semgrep": semgrep,
    "detect-secrets": detect_secrets,
    "weak-key": weak_key,
    "forced-browsing": forced_browsing,
    "schemathesis": schemathesis,
    "atheris": atheris,
    "sqlmap": sqlmap,
    "wapiti": wapiti,
}
WIDTHS = (16, 10, 9, 10, 8)


def main() -> int:
    """Run the scanners that were named, or all, and print the table and what is open: 0, or 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.security")
    parser.add_argument("--scanners", default=",".join(SCANNERS), help=f"some of {', '.join(SCANNERS)}")
    parser.add_argument("--report", type=Path, help="a file for what each scanner tried, line by line")
    told = parser.parse_args()
    names = [each.strip() for each in told.scanners.split(",") if each.strip()]
    if unknown := set(names) - SCANNERS.keys():
        parser.error(f"no scanner is called {', '.join(sorted(unknown))}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started is ended
    began = time.monotonic()
    scanned: list[Scanned] = []
    failed: list[str] = []
    _row("scanner", "planted", "findings", "explained", "seconds", "looked at")
    allowed = read_allowed()
    with staged() as stage:
        for name in names:
            started = time.monotonic()
            try:
                one = replace(SCANNERS[name](stage), seconds=time.monotonic() - started)
            except (RuntimeError, OSError) as error:
                failed.append(f"{name}: {error}")
                _row(name, "?", "?", "?", f"{time.monotonic() - started:.0f}", "did not run to its end")
                continue
            scanned.append(one)
            _tell(one, allowed)
    judged = judge(scanned, allowed)
    _tell_open(judged, failed)
    used = os.times()
    processor = used.user + used.system + used.children_user + used.children_system
    took = time.monotonic() - began
    print(f"\n{len(scanned)} of {len(names)} scanners in {took:.0f} s, with {processor:.0f} s of processor.")
    if told.report:
        told.report.write_text(_report(scanned))
        print(f"What was tried, line by line: {told.report}")
    return 0 if judged.is_good and not failed else 1


def _tell(one: Scanned, allowed: list[Allowed]) -> None:
    explained = sum(any(each.covers(finding) for each in allowed) for finding in one.findings)
    planted = "found" if not one.missed else "MISSED"
    _row(one.scanner, planted, str(len(one.findings)), str(explained), f"{one.seconds:.0f}", one.looked_at)


def _tell_open(judged: Judged, failed: list[str]) -> None:
    for title, lines in (
        ("Did not run", failed),
        ("Planted and not found", judged.missed),
        ("Found and not explained", judged.open),
        ("Explained and not found any more", [f"{each.scanner} {each.rule} {each.place}" for each in judged.idle]),
    ):
        if lines:
            print(f"\n{title}:")
            for line in lines:
                print(f"  {line}")


def _report(scanned: list[Scanned]) -> str:
    parts = [
        f"# {each.scanner}: {each.looked_at}\n" + "".join(f"{line}\n" for line in each.details) for each in scanned
    ]
    return "\n".join(parts)


def _row(*cells: str) -> None:
    print("".join(cell.ljust(width) for cell, width in zip(cells, WIDTHS, strict=False)) + cells[-1], flush=True)


if __name__ == "__main__":
    sys.exit(main())
