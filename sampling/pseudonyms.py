"""Keyed references in place of a partnership's own: made where the list is kept, with a key that never leaves there.

A pseudonym is HMAC-SHA256 of the reference under the key, written in 12 signs that hold no vowel: the same reference
under the same key is always the same pseudonym, so that lists of different days still fit together, and without the key
nobody can find the reference. Columns whose header says that they identify a child are left out. Imports nothing of
ours above `sampling`.
"""

from __future__ import annotations

import csv
import hmac
import io
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sampling.errors import Fault, FrameError
from sampling.frame.cells import Cells, Column, Kind
from sampling.frame.delimited import read_delimited
from sampling.frame.findings import Findings
from sampling.frame.headers import Asked, header_key
from sampling.frame.health_numbers import check_further_column
from sampling.frame.package import DAMAGED
from sampling.frame.personal import is_personal
from sampling.frame.source import check_content, file_type
from sampling.frame.workbook import read_workbook

SIGNS = "23456789BCDFGHJKLMNPQRSTVWXZ"  # no vowels: no word comes of it, and no number in scientific form
LENGTH = 12  # 28^12, some 58 bits
SHORTEST_KEY = 32  # bytes


@dataclass(frozen=True)
class Pseudonymised:
    """The list with its references replaced, which reference is which, and the columns that were left out."""

    headers: list[str]
    rows: list[list[str]]
    references: dict[str, str]  # pseudonym → reference
    left_out: list[str]

    def as_csv(self) -> bytes:
        """The list, to be sent."""
        return _csv([self.headers, *self.rows])

    def lookup_csv(self) -> bytes:
        """Which pseudonym stands for which reference, to be kept."""
        return _csv([["pseudonym", "reference"], *([name, ref] for name, ref in sorted(self.references.items()))])


def pseudonym(key: bytes, reference: str, *, of: str = "case") -> str:
    """The keyed reference; `of` keeps those of cases and of families apart.

    >>> pseudonym(bytes(32), "2019/00417") == pseudonym(bytes(32), " 2019/00417 ")
    True
    """
    plain = unicodedata.normalize("NFC", reference).strip()
    number = int.from_bytes(hmac.digest(key, f"{of}|{plain}".encode(), "sha256"))
    signs = []
    for _ in range(LENGTH):
        number, place = divmod(number, len(SIGNS))
        signs.append(SIGNS[place])
    return f"{of[0].upper()}-{''.join(signs)}"


def pseudonymise(
    path: Path, *, key: bytes, id: str = "case_ref", also: Sequence[str] = (), sheet: str | None = None
) -> Pseudonymised:
    """The list at `path` (CSV or XLSX) with keyed references; FrameError with every fault, by row and column.

    `also` names further columns that hold references, such as the family group. The first column of the result is
    called `case_ref`, whatever it was called before. A `key` too short to be one is a ValueError.
    """
    if len(key) < SHORTEST_KEY:
        raise ValueError(f"a key has {SHORTEST_KEY} bytes or more")
    findings = Findings()
    cells = _cells(path, Asked.of(id, tuple(also), None), sheet, findings).without_blank_rows()
    by_key = {header_key(column.header): column for column in cells.columns if header_key(column.header)}
    missing = [name for name in (id, *also) if header_key(name) not in by_key]
    if missing:
        found = ", ".join(column.header for column in cells.columns if column.header)
        raise FrameError([Fault(1, name, None, f"There is no such column; row 1 holds: {found}.") for name in missing])
    if not len(cells.rows):
        raise FrameError("There are no cases: nothing stands under the header.")
    keyed = {header_key(id): "case"} | {header_key(name): "family" for name in also}
    references: dict[str, str] = {}
    headers, columns, left_out = [], [], []
    for place, column in by_key.items():
        column.name = column.header.strip()
        if place in keyed:
            headers.append("case_ref" if keyed[place] == "case" else column.name)
            columns.append(_replaced(cells, column, key, keyed[place], references, findings))
        elif is_personal(column.header) or _holds_health_numbers(column):
            left_out.append(column.name)
        else:
            headers.append(column.name)
            columns.append(column.text.to_pylist())
    findings.stop()
    rows = [list(row) for row in zip(*columns, strict=True)]
    return Pseudonymised(headers, rows, references, left_out)


def _replaced(
    cells: Cells, column: Column, key: bytes, of: str, references: dict[str, str], findings: Findings
) -> list[str]:
    """The column with its references replaced; a case without one, and a number that lost its zeros, are faults."""
    findings.at(
        cells,
        column,
        column.is_kind(Kind.NUMBER, Kind.DATE, Kind.TIMED, Kind.NO_DATE) if column.kinds is not None else (),
        "The cell holds a number or a date, which may have lost zeros. Format the column as text and type it again.",
        echo=False,
    )
    plain = [unicodedata.normalize("NFC", text).strip() for text in column.text.to_pylist()]
    if of == "case":
        blank = [place for place, text in enumerate(plain) if not text]
        findings.at(cells, column, blank, "The reference is blank. Every case needs one.", echo=False)
    spellings: defaultdict[str, list[int]] = defaultdict(list)
    for place, text in enumerate(plain):
        spellings["".join(text.split()).casefold()].append(place)
    for places in spellings.values():
        unlike = [place for place in places if plain[place] != plain[places[0]]]
        findings.at(
            cells,
            column,
            unlike,
            f"The reference differs only in case or blanks from that in row {cells.rows[places[0]]}. Write both alike.",
            echo=False,
        )
    found = []
    for text in plain:
        name = pseudonym(key, text, of=of) if text else ""
        if name and references.setdefault(name, text) != text:
            raise FrameError("Two references came to the same pseudonym. Make another key and begin again.")
        found.append(name)
    return found


def _holds_health_numbers(column: Column) -> bool:
    probe = Findings()
    check_further_column(column, probe)
    try:
        probe.stop()
    except FrameError:
        return True
    return False


def _cells(path: Path, asked: Asked, sheet: str | None, findings: Findings) -> Cells:
    ending = file_type(path.name)
    try:
        check_content(path, ending, findings)
        if ending == "csv":
            found = read_delimited(path.read_bytes(), asked, findings)
        elif ending == "xlsx":
            found = read_workbook(path, asked, sheet, findings)
        else:
            raise FrameError("Send the list through as CSV or XLSX: a Parquet file is not read here.")
    except OSError:
        raise FrameError(f"The file {path.name} cannot be opened. Check its name and place.") from None
    except FrameError:
        raise
    except Exception:  # as in read_frame: nothing of the exception is told, its text may quote the file
        raise FrameError(DAMAGED) from None
    findings.stop()
    return found


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()
