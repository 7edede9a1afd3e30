"""What an engine does for a draw: count, and give the cases whose ticket is below the bound of their stratum.

The ticket is that of `sampling.tickets`: no engine's own hash or sample is used, since their results change between
versions. The bound keeps all but a few cases out of every sort: tickets fall evenly, so that the m-th of N all but
always lies under (m + 8·√(m + 1) + 12)/N; a stratum that comes out short is taken again without a bound, so that the
sample never depends on it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

Values = tuple[str, ...]
NO_BOUND = "g"  # beyond every hexadecimal ticket
CHANGED = "The list was changed while it was read, or cannot be read. Draw from a copy that nothing else writes to."


class Candidate(NamedTuple):
    """One case that may be drawn: its within and strata values as the list has them, ticket and reference."""

    values: Values
    ticket: str
    case_ref: str


class Engine(Protocol):
    """A list that stays where it is. It knows which column holds the references, and which make the strata.

    Whatever goes wrong in reading it is a FrameError.
    """

    def distinct(self, columns: Sequence[str], most: int) -> Any | None:
        """An Arrow table of the different values in these columns and, as its last column, how many rows have each.

        None where there are more than `most`. Columns go by their header as written.
        """

    def is_plain(self, column: str) -> bool:
        """Whether a column of text holds nothing but printable ASCII, and no value over 32,767 characters."""

    def has_sound_references(self) -> bool:
        """Whether every reference is beyond doubt: nothing to strip, normalise, refuse or warn of, each there once.

        It is never said of a list whose references `read_frame` would refuse; it may be denied of one it would take.
        """

    def below(self, seed: str, bounds: Mapping[Values, str]) -> list[Candidate]:
        """Every case with these within and strata values whose ticket is below the bound given for them."""

    def lines(self, labels: Mapping[Values, str]) -> Iterator[bytes]:
        """The frame digest's lines of the cases with these values, in pieces; their labels come sorted by bytes."""

    def close(self) -> None:
        """Give back what is held."""


def bound(rank: int, population: int) -> str:
    """What the first `rank` tickets of so many cases are all but surely below: 16 hexadecimal digits, or `NO_BOUND`."""
    share = (rank + 8 * math.sqrt(rank + 1) + 12) / population
    return NO_BOUND if share >= 1 else f"{int(share * 2**64):016x}"
