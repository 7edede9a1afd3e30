"""What a person chooses of a plan, and what another source says of a list: plain values, and their faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from casereader.drawing.comparison import COLUMN, Comparison
from casereader.drawing.wave_rule import Rule

LONGEST_TEXT = 300  # of a source or a reason
METHODS = {
    "proportional": "In proportion to its size",
    "equal": "The same number from each",
    "power": "In proportion to a power of its size (½ is the square root)",
    "neyman": "By its size and how far its cases differ (Neyman)",
    "fixed": "The number that I type for it",
}
SELECTIONS = {
    "tickets": "By ticket alone",
    "systematic": "Systematically, along a column in order",
}


@dataclass(frozen=True)
class Choices:
    """What the coordinator chose; shares are decimal text, 0 to 1, so that nothing is lost on the way to a digest."""

    strata: tuple[str, ...] = ("group",)
    size: int | None = None  # None: by precision
    confidence: str = "0.9"
    margin: str = "0.15"
    ineligible: str = "0"
    method: str = "proportional"
    minimum: int = 2
    maximum: int | None = None
    power: str = "0.5"
    figures: Mapping[str, str] = field(default_factory=dict)  # by stratum: its size (fixed) or deviation (neyman)
    reserve: str = "50%"
    second_share: str = "0.1"
    selection: str = "tickets"
    order_by: tuple[str, ...] = ()
    comparison_column: str = ""
    comparison_values: tuple[str, ...] = ()
    comparison_least: int = 0  # records of the group at least
    comparison_apart: bool = False  # the group makes strata of its own: the others do not tell it from its peers
    waves: Rule | None = None  # None: the sample is read as one

    @property
    def comparison(self) -> Comparison | None:
        """The group set against its peers, if there is one."""
        return Comparison(self.comparison_column, self.comparison_values) if self.comparison_column else None

    @property
    def drawn_within(self) -> tuple[str, ...]:
        """The columns whose values make a stratum: those chosen, and the comparison where it makes its own."""
        return (*self.strata, COLUMN) if self.comparison_apart else self.strata

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that the draw looks at."""
        return tuple(dict.fromkeys((*self.drawn_within, *self.order_by)))

    def as_json(self) -> dict[str, Any]:
        """The choices as a plan keeps them; waves are named only where there are any."""
        kept = {**asdict(self), "waves": self.waves.as_json() if self.waves else None}
        return {name: value for name, value in kept.items() if name != "waves" or value is not None}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Choices:
        """The choices that `as_json` wrote."""
        lists = ("strata", "order_by", "comparison_values")
        read = {**kept, **{name: tuple(kept[name]) for name in lists if name in kept}}
        return cls(**{**read, "waves": Rule.from_json(kept["waves"]) if kept.get("waves") else None})


@dataclass(frozen=True)
class IndependentCount:
    """What another source says of a group's size, or that there is none."""

    group: str
    listed: int
    count: int | None = None
    source: str = ""
    no_source: bool = False
    reason: str = ""  # for a difference

    def in_words(self) -> str:
        """One line that says it all: it goes into the digest of the plan, and onto the certificate."""
        if self.count is None:
            return f"{self.group}: {self.listed} on the list, no other source exists"
        why = f" ({self.reason.strip()})" if self.reason.strip() else ""
        return f"{self.group}: {self.listed} on the list, {self.count} by {self.source.strip()}{why}"

    def faults(self) -> list[str]:
        """What keeps this from standing beside the list."""
        if self.no_source:
            return [] if self.count is None else [f"Group {self.group}: give a count or tick that no source exists."]
        if self.count is None:
            return [f"Group {self.group}: enter the count of another source, or tick that no source exists."]
        found = [
            f"Group {self.group}: the {what} has {len(text)} characters. Say it in {LONGEST_TEXT} at most."
            for what, text in (("source", self.source), ("reason", self.reason))
            if len(text) > LONGEST_TEXT
        ]
        found += [] if self.source.strip() else [f"Group {self.group}: say where the count comes from."]
        if self.count != self.listed and not self.reason.strip():
            found.append(f"Group {self.group}: the list has {self.listed}, the other source {self.count}. Explain why.")
        return found
