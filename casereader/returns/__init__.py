"""A partnership's return on its way to the list, and the list: received, mapped, mended where it is wrong, and taken.

The file is kept only on that way, and only for an hour after the last step.
"""

from __future__ import annotations

from casereader.returns.columns import CODED, OURS, coded_choices, codes_of
from casereader.returns.guessing import Guess, guess, guess_values, unknown_values
from casereader.returns.mapping import (
    GROUP_COLUMN,
    KEEP,
    LEAVE,
    NO_LIST,
    Mapped,
    look_request,
    mapping_faults,
    remember,
    remembered,
    request_for,
)
from casereader.returns.mending import Mend, mend, take_back
from casereader.returns.receiving import (
    KEPT_FOR,
    READING,
    are_open,
    changes_of,
    drop,
    drop_lost,
    due,
    expire,
    latest,
    looked_at,
    map_return,
    opened,
    receive,
)
from casereader.returns.taking import case_rows, take

__all__ = [
    "CODED",
    "GROUP_COLUMN",
    "KEEP",
    "KEPT_FOR",
    "LEAVE",
    "NO_LIST",
    "OURS",
    "READING",
    "Guess",
    "Mapped",
    "Mend",
    "are_open",
    "case_rows",
    "changes_of",
    "coded_choices",
    "codes_of",
    "drop",
    "drop_lost",
    "due",
    "expire",
    "guess",
    "guess_values",
    "latest",
    "look_request",
    "looked_at",
    "map_return",
    "mapping_faults",
    "mend",
    "opened",
    "receive",
    "remember",
    "remembered",
    "request_for",
    "take",
    "take_back",
    "unknown_values",
]
