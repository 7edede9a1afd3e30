"""What scanners say, and what of it is explained: the allow-list is read here, and here a run is judged."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

ALLOWED = Path(__file__).with_name("allowed.toml")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a scanner holds to be wrong: under which rule, where, and the line or answer it rests on."""

    scanner: str
    rule: str
    place: str
    says: str

    def __str__(self) -> str:
        return f"{self.scanner} {self.rule} at {self.place}: {self.says[:160]}"


@dataclass(frozen=True, slots=True)
class Allowed:
    """Findings that were looked into and are none, and why: of one rule, in places of one pattern."""

    scanner: str
    rule: str
    place: str
    why: str
    says: str = ""

    def covers(self, finding: Finding) -> bool:
        """Whether the finding is one of these."""
        return (
            self.scanner == finding.scanner
            and fnmatch(finding.rule, self.rule)
            and fnmatch(finding.place, self.place)
            and re.search(self.says, finding.says) is not None
        )


@dataclass(frozen=True, slots=True)
class Scanned:
    """What one scanner did: whether it found what was planted, and what it found where nothing was planted."""

    scanner: str
    planted: str
    missed: Sequence[str]
    looked_at: str
    findings: Sequence[Finding] = field(default=())
    seconds: float = 0.0
    details: Sequence[str] = field(default=())  # what was tried, line by line, for the report


@dataclass(frozen=True, slots=True)
class Judged:
    """A run as it counts: findings without a reason, and reasons without a finding."""

    open: Sequence[Finding]
    idle: Sequence[Allowed]
    missed: Sequence[str]

    @property
    def is_good(self) -> bool:
        """Whether each scanner found what was planted, all else is explained, and no explanation is left over."""
        return not (self.open or self.idle or self.missed)


def read_allowed(path: Path = ALLOWED) -> list[Allowed]:
    """The allow-list."""
    return [Allowed(**each) for each in tomllib.loads(path.read_text(encoding="utf-8"))["allowed"]]


def judge(scanned: Collection[Scanned], allowed: Sequence[Allowed]) -> Judged:
    """Hold what was found against what is explained; a reason that nothing needs any more is told too."""
    ran = {each.scanner for each in scanned}
    found = [finding for each in scanned for finding in each.findings]
    return Judged(
        open=[finding for finding in found if not any(each.covers(finding) for each in allowed)],
        idle=[each for each in allowed if each.scanner in ran and not any(each.covers(finding) for finding in found)],
        missed=[f"{each.scanner}: {what}" for each in scanned for what in each.missed],
    )
