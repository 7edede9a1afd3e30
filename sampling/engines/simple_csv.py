"""Looks a CSV file through as bytes: whether it is of the simplest form, which leaves no two ways to read it.

That form has commas, under the header no quotes, one kind of line end, no blank line, no control character, and in
every line as many values as in the header. (That each line has them is for the engine to see; the sum of all commas is
counted here, since an engine may let one at a line's end pass.) No line is so long that a value could be too long.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

_BLOCK = 1 << 20
_WINDOW = 1 << 14  # each holds the end of a line, so that no line is longer than two
_ODD = bytes(code for code in range(256) if (code < 32 or code in (0x22, 0x7F)) and code not in b"\r\n")
_REST = bytes(code for code in range(256) if code not in _ODD)


@dataclass(frozen=True, slots=True)
class SimpleCsv:
    """What is known of such a file."""

    headers: list[str]
    rows: int
    sha256: str
    plain: list[str]  # the headers of columns that hold nothing but printable ASCII: all or none


def look_through(path: Path) -> SimpleCsv | None:
    """The headers, rows and fingerprint of a CSV file of the simplest form; None for any other."""
    digest = sha256()
    commas = breaks = returns = pairs = 0
    is_ascii, before, header = True, b"", b""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            if not header:
                header = block.split(b"\n", 1)[0]
            body = block if before else block[len(header) :]
            seam = before + body
            if body.translate(None, _REST) or b"\n\n" in seam or b"\n\r" in seam:
                return None
            if any(b"\n" not in block[at : at + _WINDOW] for at in range(0, len(block) - _WINDOW + 1, _WINDOW)):
                return None
            commas += body.count(b",")
            breaks += body.count(b"\n")
            returns += block.count(b"\r")
            pairs += block.count(b"\r\n") + (before == b"\r" and block[:1] == b"\n")
            is_ascii = is_ascii and block.isascii()
            before = block[-1:]
    headers = _headers(header)
    rows = breaks - (before == b"\n")
    if headers is None or returns not in (0, breaks) or pairs != returns or commas != (len(headers) - 1) * rows:
        return None
    return SimpleCsv(headers, rows, digest.hexdigest(), headers if is_ascii else [])


def _headers(line: bytes) -> list[str] | None:
    try:
        text = line.removesuffix(b"\r").removeprefix(b"\xef\xbb\xbf").decode("utf-8")
        return next(csv.reader([text], strict=True), None)
    except (UnicodeDecodeError, csv.Error):
        return None
