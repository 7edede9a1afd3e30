"""The actions of an inspection as a table for the partnership: no reader's name, no question and no rating."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import IO

import pandas as pd

from casereader.exports import books, tables
from casereader.exports.sheets import Column, Sheet

HEADINGS = {
    "case_ref": "Reference",
    "what": "What must be put right",
    "given_to": "Given to",
    "due": "Due",
    "state": "State",
    "last_step": "Last step",
    "last_step_on": "Day of the last step",
}


@dataclass(frozen=True)
class ActionRow:
    """One action in words; days as ISO text, blank where there is none."""

    case_ref: str
    what: str
    given_to: str
    due: str
    state: str
    last_step: str
    last_step_on: str


def write_csv(target: IO[str], rows: Sequence[ActionRow], *, banner: str = "", head: str = "") -> None:
    """Write them as CSV."""
    table = pd.DataFrame([astuple(row) for row in rows], columns=list(HEADINGS), dtype="str")
    tables.write_table(target, table, banner=banner, head=head)


def write_workbook(
    target: IO[bytes], rows: Sequence[ActionRow], *, title: str, data_time: datetime, banner: str = "", head: str = ""
) -> None:
    """Write them as a workbook of one sheet."""
    columns = tuple(Column(heading, "text") for heading in HEADINGS.values())
    sheet = Sheet("actions", "Actions", columns, [astuple(row) for row in rows], frozen=1)
    books.write_tables(target, [sheet], title=title, data_time=data_time, banner=banner, head=head)
