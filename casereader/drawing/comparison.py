"""The group of children that a programme sets against their peers: which cases are in it, and what a list offers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from casereader.models import Programme
from casereader.returns import frames
from casereader.returns.frames import OnList

COLUMN = "comparison"  # of the list as fixed, where the group is drawn as a stratum of its own
PEERS, NOT_KNOWN = "Peers", "Not known"
MOST_LEVELS = 40  # a column with more values names no group worth setting against the rest
COLUMNS = ("legal_basis", "group", "age_band", "living", "deprivation", *frames.ALSO_READ)


@dataclass(frozen=True)
class Comparison:
    """The cases with one of these values in a column, against those with any other; a blank is in neither."""

    column: str
    values: tuple[str, ...]

    @property
    def name(self) -> str:
        """What the group is called on the page, and in the list as fixed."""
        return " or ".join(self.values)

    def side(self, value: str | None) -> str:
        """Where a case with this value stands."""
        if not value:
            return NOT_KNOWN
        return self.name if value in self.values else PEERS

    @classmethod
    def of(cls, plain: Mapping[str, Any] | None) -> Comparison | None:
        """The comparison that a programme keeps as `{"column": …, "values": […]}`, if it keeps a sound one."""
        if not plain or plain.get("column") not in COLUMNS or not plain.get("values"):
            return None
        return cls(plain["column"], tuple(str(value) for value in plain["values"]))


def value_of(case: OnList, column: str, comparison: Comparison | None) -> str | None:
    """A case's value in a column of the list as it is drawn from."""
    if column == COLUMN and comparison is not None:
        return comparison.side(frames.value_of(case, comparison.column))
    return frames.value_of(case, column)


def levels(cases: Sequence[OnList]) -> dict[str, Counter[str]]:
    """Cases with each value of each column that may name a group, blanks left out."""
    found: dict[str, Counter[str]] = {}
    for column in COLUMNS:
        counted = Counter(value for case in cases if (value := frames.value_of(case, column)))
        if 0 < len(counted) <= MOST_LEVELS:
            found[column] = counted
    return found


def usual(programme: Programme, on_list: Mapping[str, Mapping[str, int]]) -> Comparison | None:
    """What the programme reports, or children on orders at home where the list holds the legal basis; else none."""
    stated = Comparison.of(programme.comparison)
    if stated is not None and any(value in on_list.get(stated.column, {}) for value in stated.values):
        return stated
    at_home = [value for value in on_list.get("legal_basis", {}) if _is_order_at_home(value)]
    return Comparison("legal_basis", tuple(sorted(at_home))) if at_home else None


def _is_order_at_home(value: str) -> bool:
    words = value.casefold()
    return "home" in words and "away" not in words and ("cso" in words or "order" in words)
