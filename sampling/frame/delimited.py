"""Reads a CSV file strictly: nothing is guessed but the separator, and nothing is repaired in silence.

The places of quotes, separators and line ends are checked on the bytes (RFC 4180, with any line end); Arrow
then splits a text that is known to be sound. Rows are counted as a spreadsheet counts them.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.csv as arrow_csv  # type: ignore[import-untyped]
from numpy.typing import NDArray

from sampling.frame.cells import Cells, Column, as_text
from sampling.frame.encoding import as_utf8
from sampling.frame.findings import LISTED, Findings
from sampling.frame.headers import LOOK_BELOW, MOST_COLUMNS, Asked, header_below

LONGEST_ROW = 200_000
MOST_ROWS = 20_000_000
_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs (TAB)"}
_QUOTE, _LF, _CR = ord('"'), ord("\n"), ord("\r")
_IS_CONTROL = np.isin(np.arange(256), [*range(1, 9), 11, 12, *range(14, 32), 127])
_LINE = re.compile(rb"([^\r\n]*)(?:\r\n|\r|\n|\Z)")
_QUOTE_SAYS = (
    'A quote (") stands in the middle of a value, or is never closed. Put the whole value in quotes and write each '
    'quote inside it twice ("").'
)


def read_delimited(data: bytes, asked: Asked, findings: Findings) -> Cells:
    """The cells of a CSV text; raises `FrameError` where no rows can be told apart."""
    data = as_utf8(data, findings)
    if not data.strip():
        raise findings.refuse("The file is empty: it holds no header and no cases.")
    _check_size(data, findings)
    separator = _separator(data, asked, findings)
    data = _without_stray_quotes(data, separator, findings)
    records = _records(data, separator)
    headers = _headers(data, records, separator, findings)
    if not asked.are_in(headers):
        _look_for_header_below(data, records, asked, findings)
    kept = _check_widths(data, records, len(headers), findings)
    _check_controls(data, records, kept, findings)
    return _cells(data, records, kept, headers, separator, findings)


@dataclass(slots=True)
class _Records:
    """Where each record starts and ends in the bytes, without its line end, and how many values it holds."""

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    widths: NDArray[np.int64]
    quotes: NDArray[np.int64]


def _check_size(data: bytes, findings: Findings) -> None:
    lines = data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n")
    if lines > MOST_ROWS:
        raise findings.refuse(f"The file is too large: {lines:,} lines, where at most {MOST_ROWS:,} can be read.")
    if lines > 1_000_000 and len(data) < lines * 4:
        raise findings.refuse("The file is too large for what it holds: most of its lines are blank. Delete them.")


def _separator(data: bytes, asked: Asked, findings: Findings) -> str:
    """Comma, unless only semicolons or tabs give the columns asked for; that is warned of."""
    line = re.split(rb"[\r\n]", data[: 1 << 20], maxsplit=1)[0].decode("utf-8", errors="replace")
    if re.fullmatch(r"sep=.?", line.strip(), re.IGNORECASE):
        raise findings.refuse(f"Row 1 must be the header, and it is '{line.strip()}'. Delete that line.")
    found = {mark: line.count(mark) for mark in _SEPARATORS}
    candidates = [m for m in _SEPARATORS if asked.are_in(h.strip().strip('"') for h in line.split(m))]
    separator = candidates[0] if candidates else max(found, key=lambda mark: found[mark])
    if separator != "," and found[separator]:
        findings.warn(
            f"The columns are separated by {_SEPARATORS[separator]}, not commas. Check that they came out right.",
            row=1,
        )
        return separator
    return ","


def _outside(positions: NDArray[np.int64], quotes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Those of the positions that are not inside quotes, which is where an even number of quotes stands before."""
    if not len(quotes):
        return positions
    outside: NDArray[np.int64] = positions[np.searchsorted(quotes, positions) % 2 == 0]
    return outside


def _records(data: bytes, separator: str) -> _Records:
    found = np.frombuffer(data, np.uint8)
    quotes = np.flatnonzero(found == _QUOTE) if b'"' in data else np.empty(0, np.int64)
    line_ends = found == _LF
    if b"\r" in data:
        lone = found == _CR
        lone[:-1] &= found[1:] != _LF
        line_ends |= lone
    breaks = _outside(np.flatnonzero(line_ends), quotes)
    del line_ends
    if not len(breaks) or breaks[-1] != len(data) - 1:
        breaks = np.append(breaks, len(data))
    starts = np.concatenate(([0], breaks[:-1] + 1))
    ends = breaks.copy()
    after_cr = (ends > starts) & (ends < len(data))
    after_cr[after_cr] = (found[ends[after_cr]] == _LF) & (found[ends[after_cr] - 1] == _CR)
    ends[after_cr] -= 1
    marks = _outside(np.flatnonzero(found == ord(separator)), quotes)
    widths = np.diff(np.searchsorted(marks, breaks), prepend=0) + 1
    widths[ends == starts] = 0
    return _Records(starts, ends, widths, quotes)


def _stray_quote(data: bytes, separator: str) -> int | None:
    """Where the first quote opens other than at the start of a value, closes other than at its end, or stays open."""
    found = np.frombuffer(data, np.uint8)
    quotes = np.flatnonzero(found == _QUOTE)
    allowed = np.zeros(256, dtype=np.bool_)
    allowed[[_QUOTE, _LF, _CR, ord(separator)]] = True
    opening, closing = quotes[::2], quotes[1::2]
    wrong = [quotes[-1:]] if len(quotes) % 2 else []
    wrong.append(opening[(opening > 0) & ~allowed[found[opening - 1]]][:1])
    inner = closing[closing < len(data) - 1]
    wrong.append(inner[~allowed[found[inner + 1]]][:1])
    places = np.concatenate(wrong)
    return int(places.min()) if len(places) else None


def _without_stray_quotes(data: bytes, separator: str, findings: Findings) -> bytes:
    """The text with each line that has a stray quote noted and blanked, so that the rest can still be checked."""
    if b'"' not in data or _stray_quote(data, separator) is None:
        return data
    mark = re.escape(separator.encode())
    value = rb'(?:"(?:[^"]|"")*"|[^"%b]*)' % mark
    sound = re.compile(value + rb"(?:" + mark + value + rb")*")
    kept, after, noted = [], 0, 0
    for row, found in enumerate(_LINE.finditer(data), start=1):
        line = found[1]
        if b'"' not in line or (len(line) <= LONGEST_ROW and sound.fullmatch(line)):
            continue
        if row == 1:
            raise findings.refuse("Row 1 must be the header, with a name for each column; its quotes are out of place.")
        noted += 1
        if noted > LISTED:
            raise findings.refuse("More rows have quotes out of place; the rows after them have not been looked at.")
        findings.fault(_QUOTE_SAYS, row=row)
        kept.append(data[after : found.start(1)])
        after = found.end(1)
    rest = b"".join([*kept, data[after:]])
    place = _stray_quote(rest, separator)
    if place is not None:
        row = len(_LINE.findall(rest[:place]))
        findings.fault(_QUOTE_SAYS, row=row)
        findings.stop()
    return rest


def _check_controls(data: bytes, records: _Records, kept: NDArray[np.int64], findings: Findings) -> None:
    """Note control characters in rows that become no cells; those in cells are found, with their column, later."""
    found = np.frombuffer(data, np.uint8)
    is_control = _IS_CONTROL[found]
    if not data.isascii():
        is_control[:-1] |= (found[:-1] == 0xC2) & (found[1:] >= 0x80) & (found[1:] <= 0x9F)
    if not is_control.any():
        return
    places = np.unique(np.searchsorted(records.starts, np.flatnonzero(is_control), side="right") - 1)
    places = np.setdiff1d(places, kept, assume_unique=True)
    findings.uncounted(len(places) - findings.listed)
    for place in places[: findings.listed].tolist():
        findings.fault(
            "The row holds a control character, which does not show. Delete it and type the value again.", row=place + 1
        )


def _headers(data: bytes, records: _Records, separator: str, findings: Findings) -> list[str]:
    width = int(records.widths[0])
    if width > MOST_COLUMNS:
        raise findings.refuse(
            f"The list is too large: its header has {width:,} columns, and at most {MOST_COLUMNS:,} can be read."
        )
    line = data[records.starts[0] : records.ends[0]].decode("utf-8")
    if not line.replace(separator, "").strip():
        raise findings.refuse("Row 1 is blank. The header must be in row 1: delete the blank rows above it.")
    if len(line) > MOST_COLUMNS * 200:
        raise findings.refuse("The header in row 1 is too long to be one. Check where its line ends.")
    return next(csv.reader([line], delimiter=separator, strict=True))


def _look_for_header_below(data: bytes, records: _Records, asked: Asked, findings: Findings) -> None:
    """Where rows stand above the header, say that and no more: every other row would be a fault too."""
    for place in range(1, min(len(records.starts), LOOK_BELOW)):
        line = data[records.starts[place] : records.ends[place]][:65536].decode("utf-8", errors="replace")
        if any(asked.are_in(value.strip().strip('"') for value in line.split(mark)) for mark in _SEPARATORS):
            raise findings.refuse(header_below(place + 1))


def _check_widths(data: bytes, records: _Records, width: int, findings: Findings) -> NDArray[np.int64]:
    """The records after the header that have a value for each column; others that are not blank are faults."""
    filled = np.flatnonzero(records.widths[1:]) + 1
    ragged = filled[records.widths[filled] != width]
    ragged = [
        int(place)
        for place in ragged
        if records.widths[place] > 1 or data[records.starts[place] : records.ends[place]].strip()
    ]
    for place in ragged[: findings.listed]:
        findings.fault(_ragged(int(records.widths[place]), width), row=place + 1)
    findings.uncounted(len(ragged) - findings.listed)
    kept: NDArray[np.int64] = filled[records.widths[filled] == width]
    longest = records.ends[kept] - records.starts[kept]
    for place in kept[longest > LONGEST_ROW][: findings.listed]:
        findings.fault(
            f"The row is too long ({int(records.ends[place] - records.starts[place]):,} bytes). Check where it ends.",
            row=int(place) + 1,
        )
    return kept


def _ragged(found: int, width: int) -> str:
    says = f"The row has {found} {'value' if found == 1 else 'values'}, and the header has {width} columns."
    if found > width:
        return says + " Put a value that holds a comma in quotes, or delete what is too much."
    return says + " Fill in what is missing, or delete the row if it is no case."


def _cells(
    data: bytes,
    records: _Records,
    kept: NDArray[np.int64],
    headers: list[str],
    separator: str,
    findings: Findings,
) -> Cells:
    if not len(kept):
        return Cells([Column(header, as_text([])) for header in headers], np.empty(0, np.int64))
    names = [str(place) for place in range(len(headers))]
    # From the line end before row 2, which Arrow skips as a blank line: it drops a byte order mark at the very start.
    body = int(records.starts[1]) - 1
    longest = int((records.ends[1:] - records.starts[1:]).max())
    table = arrow_csv.read_csv(
        pa.py_buffer(data).slice(body),
        read_options=arrow_csv.ReadOptions(column_names=names, block_size=max(1 << 22, longest + 64)),
        parse_options=arrow_csv.ParseOptions(
            delimiter=separator,
            newlines_in_values=bool(len(records.quotes)),
            invalid_row_handler=lambda _row: "skip",
            ignore_empty_lines=True,
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        ),
    )
    if table.num_rows != len(kept):
        raise findings.refuse("The rows of the file cannot be told apart. Save the list as CSV again.")
    columns = [Column(header, _one_array(table[name])) for header, name in zip(headers, names, strict=True)]
    return Cells(columns, kept + 1)


def _one_array(column: Any) -> Any:
    combined = column.combine_chunks()
    return combined.combine_chunks() if isinstance(combined, pa.ChunkedArray) else combined
