"""Result tables as CSV: UTF-8, LF, one header line, shares unrounded, blanks empty, text that no program will run."""

from __future__ import annotations

from pathlib import Path
from typing import IO

import pandas as pd

from casereader.rollup import COLUMNS

STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
GUARD_NOTE = (
    "In CSV files, a text that begins with =, +, -, @, a tab or a carriage return has an apostrophe (') put "
    "before it, so that no spreadsheet program runs it. Numbers are never changed."
)
BANNER_COLUMN = "about"
HEAD_COLUMN = "audit_head"


def guarded(text: str) -> str:
    """`text` with an apostrophe before it where a spreadsheet program might take it for a formula."""
    return f"'{text}" if text.startswith(STARTS_A_FORMULA) else text


def write_table(target: Path | IO[str], table: pd.DataFrame, *, banner: str = "", head: str = "") -> None:
    """Write any result table; a `banner` stands in every row of a column `about`, a trail's head in a last one."""
    safe = table.copy()
    for column in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[column]):
            known = zip(safe[column].tolist(), safe[column].notna().tolist(), strict=True)
            safe[column] = [_cell(value) if is_held else "" for value, is_held in known]
    safe.columns = pd.Index([guarded(str(column)) for column in safe.columns])
    if banner:
        safe[BANNER_COLUMN] = guarded(banner)
    if head:
        safe[HEAD_COLUMN] = head
    if isinstance(target, Path):
        with target.open("w", encoding="utf-8", newline="") as opened:
            safe.to_csv(opened, index=False, lineterminator="\n")
    else:
        safe.to_csv(target, index=False, lineterminator="\n")


def _cell(value: object) -> str:
    """A text guarded, each line in it ended as the file's own are; a number among texts as it is."""
    if not isinstance(value, str):
        return str(value)
    return guarded(value) if "\r" not in value else guarded(value).replace("\r\n", "\n").replace("\r", "\n")


def write_questions(target: Path | IO[str], questions: pd.DataFrame) -> None:
    """Write `RollUp.questions` as questions.csv, its columns in their fixed order and no other beside them.

    `target` is a path or a text stream opened with newline="". What the data are is said by the file's name.
    """
    write_table(target, questions.loc[:, list(COLUMNS)])
