"""What is typed on the command line, read strictly: every fault is collected, so that all are told at once."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from sampling.errors import Fault
from sampling.exact import exact

SHOWN = 60


class Options:
    """Reads options as text and keeps what is wrong with them; an option not given is None."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []

    def refuse(self, option: str, value: str | None, says: str, *, row: int | None = None) -> None:
        """Note one fault of an option, or of a row of the file it names."""
        self.faults.append(Fault(row, option, value, says))

    def whole(self, option: str, text: str | None, *, least: int = 0) -> int | None:
        """A whole number of at least `least`."""
        if text is None:
            return None
        if not re.fullmatch("[0-9]{1,12}", text.strip()) or int(text) < least:
            self.refuse(option, text, f"must be a whole number of {least} or more, written in digits")
            return None
        return int(text)

    def number(self, option: str, text: str | None) -> Fraction | None:
        """A decimal number."""
        if text is None:
            return None
        try:
            return exact(text)
        except ValueError:
            self.refuse(option, text, "must be a number, such as 0.5")
            return None

    def per_cent(self, option: str, text: str | None) -> Fraction | None:
        """A share given per cent, as a fraction."""
        if text is None:
            return None
        try:
            amount = exact(text.strip().removesuffix("%"))
        except ValueError:
            self.refuse(option, text, "must be a number per cent, such as 15")
            return None
        if 0 < amount < 1:
            self.warnings.append(Fault(None, option, text, "is read per cent, so less than one in a hundred"))
        return amount / 100

    def names(self, option: str, text: str | None) -> tuple[str, ...]:
        """Names of columns, parted by commas."""
        if text is None:
            return ()
        names = tuple(name.strip() for name in text.split(","))
        if not all(names):
            self.refuse(option, text, "must name columns, parted by commas, such as reason,age_band")
        return names

    def figures(self, option: str, path: str | None, columns: Sequence[str]) -> dict[str, dict[str, str]]:
        """A CSV file with a column `stratum` and the first of `columns`, or more: column → label → text."""
        found: dict[str, dict[str, str]] = {}
        rows = [] if path is None else self._rows(option, path)
        if not rows:
            return found
        headers = [re.sub(r"[\s_]", "", header).casefold() for header in rows[0]]
        for column in ("stratum", columns[0]):
            if headers.count(column) != 1:
                self.refuse(option, path, f"needs one column '{column}' in its first row")
                return found
        found = {column: {} for column in columns if column in headers}
        for number, row in enumerate(rows[1:], start=2):
            if not any(cell.strip() for cell in row):
                continue
            cells = dict(zip(headers, row, strict=False))
            label = " ".join(unicodedata.normalize("NFC", cells.get("stratum", "")).split())
            if not label or label in found[columns[0]]:
                says = (
                    f"stratum '{label}' stands there twice; keep one row" if label else "the stratum is blank; name it"
                )
                self.refuse(option, label or None, says, row=number)
                continue
            for column in found:
                text = cells.get(column, "").strip()
                whole = column == "size"
                if not (re.fullmatch("[0-9]{1,12}", text) if whole else _is_number(text)):
                    kind = "a whole number, written in digits" if whole else "a number"
                    self.refuse(option, text, f"the {column} of stratum '{label}' must be {kind}", row=number)
                found[column][label] = text
        return found

    def sizes(self, option: str, path: str | None) -> dict[str, int] | None:
        """The size for each stratum from a file."""
        before = len(self.faults)
        found = self.figures(option, path, ("size",))
        return None if path is None or len(self.faults) > before else {k: int(v) for k, v in found["size"].items()}

    def _rows(self, option: str, path: str) -> list[list[str]]:
        try:
            text = Path(path).read_bytes().decode("utf-8-sig")
            rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
        except OSError:
            self.refuse(option, path, "cannot be opened; check its name and place")
            return []
        except (UnicodeDecodeError, csv.Error):
            self.refuse(option, path, "is not a sound CSV file in UTF-8; save it again as that")
            return []
        if len(rows) < 2:
            self.refuse(option, path, "holds no row under its header")
            return []
        return rows


def told(fault: Fault) -> str:
    """One fault on one line: where it is, the value as far as it can be shown, and what is to be done."""
    where = [f"row {fault.row}"] if fault.row is not None else []
    if fault.column:
        option = f"--{fault.column.replace('_', '-')}" if fault.column in _OPTION_NAMES else fault.column
        where.append(option if option.startswith("--") else f"column {option}")
    shown = "" if fault.value is None else shortened(fault.value)
    if shown and f"'{shown}'" not in fault.says:
        where.append(f"'{shown}'")
    return f"{', '.join(where)}: {fault.says}" if where else fault.says


def shortened(value: Any) -> str:
    """A value cut at 60 characters, what does not print written as an escape."""
    text = str(value)
    cut = text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in cut)


_OPTION_NAMES = frozenset(
    [
        "population",
        "confidence",
        "margin",
        "expected_share",
        "ineligible",
        "formula",
        "size",
        "sizes",
        "method",
        "minimum",
        "maximum",
        "sd",
        "mean",
        "power",
        "take_all",
        "reserve",
        "selection",
        "order_by",
        "measure",
        "start",
        "seed",
        "strata",
    ]
)


def _is_number(text: str) -> bool:
    try:
        exact(text)
    except ValueError:
        return False
    return True
