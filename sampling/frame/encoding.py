"""Turns the bytes of a text file into UTF-8: UTF-8 and UTF-16 with a byte order mark, and no other."""

from __future__ import annotations

import codecs

from sampling.frame.findings import Findings

_LINES_NAMED = 20
_REMEDY = "Save the list as CSV UTF-8."


def as_utf8(data: bytes, findings: Findings) -> bytes:
    """The text in UTF-8 without byte order marks; raises `FrameError` for any other encoding, and for NULs."""
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise findings.refuse(f"The encoding of the text is UTF-32, which is not read. {_REMEDY}")
    if data.startswith(b"+/v") and data[3:4] in (b"8", b"9", b"+", b"/"):
        raise findings.refuse(f"The encoding of the text is UTF-7, which is not read. {_REMEDY}")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        data = _from_utf16(data, findings)
    while data.startswith(codecs.BOM_UTF8):
        data = data[3:]
    _check_nul(data, findings)
    return _as_utf8(data, findings)


def _from_utf16(data: bytes, findings: Findings) -> bytes:
    encoding = "utf-16-le" if data.startswith(codecs.BOM_UTF16_LE) else "utf-16-be"
    try:
        return data[2:].decode(encoding).encode("utf-8")
    except UnicodeDecodeError as error:
        row = data[2 : 2 + error.start].decode(encoding, errors="replace").count("\n") + 1
        raise findings.refuse(f"The encoding of the text is damaged UTF-16, first in row {row}. {_REMEDY}") from None


def _check_nul(data: bytes, findings: Findings) -> None:
    if b"\0" not in data:
        return
    if b"\0" in data[:4] or data.count(b"\0") * 10 > len(data) * 4:
        raise findings.refuse(
            "The text holds NUL characters at every other place: its encoding is UTF-16 or UTF-32 without a byte "
            f"order mark, or the file was cut by a crash. {_REMEDY}"
        )
    for row, line in enumerate(_lines(data), start=1):
        if b"\0" in line:
            findings.fault(
                "The row holds a NUL character; the file may have been cut by a crash. Export the list again.", row=row
            )
    findings.stop()


def _as_utf8(data: bytes, findings: Findings) -> bytes:
    """The text, each line of another encoding noted and read as Western European, so that the rest can be checked."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return data
    lines, noted = _lines(data), 0
    for row, line in enumerate(lines, start=1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError as error:
            lines[row - 1] = line.decode("cp1252", errors="ignore").encode("utf-8")
            noted += 1
            if noted <= _LINES_NAMED:  # so that there is room to list what else is wrong
                says = f"The encoding of the text is not UTF-8 (byte 0x{line[error.start]:02X}). {_REMEDY}"
                findings.fault(says, row=row)
    findings.uncounted(noted - _LINES_NAMED)
    return b"\n".join(lines)


def _lines(data: bytes) -> list[bytes]:
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
