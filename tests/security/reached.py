"""What of the program a scanner reached, by the program's own log: routes, and whether it was still signed in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STAYS_IN = 0.8  # of a scanner's requests: fewer as somebody, and it was signed out on the way
NEED_NOBODY = ("account.sign_in", "home.health", "autosave.session", "static")


@dataclass(frozen=True, slots=True)
class Reached:
    """The requests that were answered from some moment on."""

    requests: int
    routes: frozenset[str]
    opened: frozenset[str]  # of the routes: those that gave what was asked for, or took what was sent
    signed_in: float  # the share of the requests, of those for somebody, that were somebody's

    def __str__(self) -> str:
        return f"{len(self.routes)} routes ({len(self.opened)} opened) by {self.requests:,} requests"

    @property
    def missed(self) -> list[str]:
        """What there is to say against the scan: it was signed out."""
        if self.signed_in >= STAYS_IN:
            return []
        return [f"what is behind the sign-in: {self.signed_in:.0%} of its requests were somebody's"]


def moment(log: Path) -> int:
    """Now, as a place in the log."""
    return log.stat().st_size


def reached(log: Path, since: int) -> Reached:
    """What was asked for since a moment."""
    with log.open("rb") as said:
        said.seek(since)
        lines = [_read(line) for line in said]
    answered = [line for line in lines if line.get("says") == "answered" and line["route"]]
    routes = {(line["method"], line["route"]) for line in answered}
    opened = {(line["method"], line["route"]) for line in answered if _is_open(line)}
    behind = [line for line in answered if not line["route"].startswith(NEED_NOBODY)]
    somebody = sum(line["account"] is not None for line in behind)
    return Reached(
        len(answered),
        frozenset(" ".join(each) for each in routes),
        frozenset(" ".join(each) for each in opened),
        somebody / len(behind) if behind else 1.0,
    )


def _is_open(line: dict[str, Any]) -> bool:
    is_ours = line["account"] is not None or line["route"].startswith(NEED_NOBODY)
    return is_ours and line["status"] < 400


def _read(line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
