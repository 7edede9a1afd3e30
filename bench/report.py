"""Figures of a bench on a page, between two markers of its own, so that none is copied by hand.

A run gives tables; each replaces the one with its title and leaves the others, which say of what commit they are.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from tests.source import ROOT

BEGINS, ENDS = "<!-- figures of make {} -->", "<!-- end of the figures of make {} -->"
QUICK_IS_NOT_FOR_A_PAGE = "the figures of a quick run do not belong on a page: leave out --quick or --report"
_PROCESSOR = re.compile(r"^model name\s*: (.+)$", flags=re.MULTILINE)


@dataclass(frozen=True)
class Circumstances:
    """When, of what commit and on what machine something is measured: taken before it begins, in words."""

    says: str

    @classmethod
    def now(cls, *packages: str) -> Circumstances:
        """Those of this moment, with the versions of these packages where they are installed."""
        at = datetime.now(UTC)
        used = [f"Python {platform.python_version()}", *filter(None, map(_version, packages))]
        return cls(
            f"{at.day} {at:%B %Y}, {_commit()}; {os.cpu_count()} processors{_processor()}, load "
            f"{os.getloadavg()[0]:.1f} before; {', '.join(used)}"
        )


@dataclass(frozen=True)
class Table:
    """What one run found: the title that it is known by, when and where, and its lines in Markdown."""

    title: str
    taken: Circumstances
    lines: Sequence[str]

    def shown(self, level: int = 4) -> list[str]:
        """All of it, with a heading of this level."""
        return [f"{'#' * level} {self.title}", "", f"{self.taken.says}.", "", *self.lines, ""]


def may_be_asked(parser: argparse.ArgumentParser) -> None:
    """Let a bench take the page that its tables go to."""
    parser.add_argument("--report", type=Path, metavar="PAGE", help="a page whose figures of this are written anew")


def end_what_was_started() -> None:
    """Have a bench that is told to end (`timeout`, `kill`) end the servers that it started, too."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


def write(page: Path, target: str, table: Table, *, level: int = 4) -> None:
    """Put a table of `make TARGET` into the page, in the place of the one with its title, or after the others."""
    page.write_text(written(page.read_text(encoding="utf-8"), target, table, level=level), encoding="utf-8")


def written(text: str, target: str, table: Table, *, level: int = 4) -> str:
    """The page's text with the table."""
    begins, ends = BEGINS.format(target), ENDS.format(target)
    before, begun, rest = text.partition(f"{begins}\n")
    block, ended, after = rest.partition(ends)
    if not begun or not ended:
        raise ValueError(f"the page has no lines {begins} and {ends}")
    head = re.compile(rf"^(?={'#' * level} )", flags=re.MULTILINE)
    kept = {part.partition("\n")[0]: part.strip("\n") for part in head.split(block) if part.strip()}
    shown = "\n".join(table.shown(level)).strip("\n")
    kept[shown.partition("\n")[0]] = shown
    return f"{before}{begins}\n\n" + "".join(f"{part}\n\n" for part in kept.values()) + f"{ends}{after}"


def _commit() -> str:
    """The commit that is measured; whether anything but the pages differs from it."""
    hashed = _git("rev-parse", "--short=10", "HEAD")
    if not hashed:
        return "commit not known"
    differs = _git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs")
    return f"commit {hashed} {'and what was changed since' if differs else ''}".strip()


def _git(*words: str) -> str:
    try:
        done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if not done.returncode else ""


def _version(package: str) -> str:
    try:
        return f"{package} {metadata.version(package)}"
    except metadata.PackageNotFoundError:
        return ""


def _processor() -> str:
    try:
        found = _PROCESSOR.search(Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    except OSError:
        return ""
    return f" ({found[1].strip()})" if found else ""
