"""The file itself: its name, whether its content is what the name says, and its fingerprint."""

from __future__ import annotations

import hashlib
import unicodedata
from pathlib import Path

from sampling.errors import FrameError
from sampling.frame.findings import Findings, show

_OTHER_TYPES = {
    "xlsb": "a binary workbook (.xlsb)",
    "xlsm": "a workbook with macros (.xlsm)",
    "xls": "an old Excel workbook (.xls)",
    "ods": "an OpenDocument sheet (.ods)",
}
_MAGIC = (
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a compressed file (gzip)"),
    (b"BZh", "a compressed file (bzip2)"),
    (b"\xfd7zXZ", "a compressed file (xz)"),
    (b"7z\xbc\xaf", "a compressed file (7z)"),
    (b"Rar!", "a compressed file (rar)"),
    (b"\x28\xb5\x2f\xfd", "a compressed file (zstd)"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"{\\rtf", "a rich text document"),
    (b"SQLite format 3", "a database"),
    (b"PAR1", "a Parquet file"),
    (b"PARE", "a Parquet file"),
    (b"ARROW1", "an Arrow file"),
    (b"ORC", "an ORC file"),
    (b"\x80\x02", "a pickle"),
    (b"\x80\x03", "a pickle"),
    (b"\x80\x04", "a pickle"),
    (b"\x80\x05", "a pickle"),
)
ZIP, OLE = b"PK", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def file_type(filename: str) -> str:
    """`csv`, `xlsx` or `parquet`, by the name's ending; FrameError for any other name."""
    name = filename.replace("\\", "/").rsplit("/", 1)[-1]
    _, dot, ending = name.rpartition(".")
    ending = ending.casefold()
    if any(unicodedata.category(c) == "Cf" or c == "\0" for c in name):
        raise FrameError(
            f"The file name '{show(name)}' holds hidden characters that change how it reads. Rename the file."
        )
    if dot and ending in ("csv", "xlsx", "parquet"):
        return ending
    if not name:
        raise FrameError("The file has no name. Give it one that ends in .csv, .xlsx or .parquet.")
    what = f"{_OTHER_TYPES[ending]}, a type that" if ending in _OTHER_TYPES else "of a type that"
    raise FrameError(
        f"The file name '{show(name)}' says that it is {what} cannot be read. Save the list as CSV or XLSX; the "
        "name must end in .csv, .xlsx or .parquet."
    )


def fingerprint(path: Path) -> str:
    """SHA-256 of the file's bytes, in lower-case hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_content(path: Path, ending: str, findings: Findings) -> None:
    """Raise `FrameError` where the first bytes are not those of the type that the file's name says."""
    if path.stat().st_size == 0:
        raise findings.refuse("The file is empty: it holds no bytes at all. Save the list again and send it.")
    with path.open("rb") as file:
        head = file.read(4096)
        file.seek(max(0, path.stat().st_size - 65536))
        tail = file.read()
    if ending == "csv":
        _check_text(head, findings)
    elif ending == "xlsx":
        _check_workbook(path, head, findings)
    else:
        _check_parquet(head, tail, findings)


def _kind_of(head: bytes) -> str | None:
    return next((what for magic, what in _MAGIC if head.startswith(magic)), None)


def _check_text(head: bytes, findings: Findings) -> None:
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08", OLE)):
        raise findings.refuse(
            "The content is not text: the file looks like an Excel workbook named .csv. Open it in Excel and save "
            "it as CSV UTF-8, or send the workbook as .xlsx."
        )
    what = _kind_of(head)
    hidden = sum(byte < 32 and byte not in (9, 10, 13) for byte in head)
    if what is None and hidden * 10 > len(head) * 3 and head[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        what = "something else (many NUL or control characters, or an encoding that is not UTF-8)"
    if what is not None and not _reads_as_text(head, what):
        raise findings.refuse(f"The content is not text: the file looks like {what}. Save the list as CSV.")


def _reads_as_text(head: bytes, what: str) -> bool:
    """A header such as MZ_area starts like a program's; a line of plain text with separators is a list all the same."""
    first = head.split(b"\n", 1)[0].split(b"\r", 1)[0]
    return what in ("a program", "an ORC file") and first.isascii() and b"," in first and b"\0" not in head


def _check_workbook(path: Path, head: bytes, findings: Findings) -> None:
    if head.startswith(OLE):
        if _mentions(path, "EncryptedPackage".encode("utf-16-le")):
            raise findings.refuse("The workbook is locked with a password. Save it without one and send it again.")
        raise findings.refuse(
            "The content is not that of an .xlsx file: it is an old Excel workbook (.xls). Save it as .xlsx."
        )
    if not head.startswith(ZIP):
        raise findings.refuse(
            "The content is not that of a workbook, or is damaged, though the name ends in .xlsx. Save the list as "
            ".xlsx again."
        )


def _mentions(path: Path, words: bytes) -> bool:
    with path.open("rb") as file:
        return words in file.read(32 * 1024 * 1024)


def _check_parquet(head: bytes, tail: bytes, findings: Findings) -> None:
    if head.startswith(b"PARE") or tail.endswith(b"PARE"):
        raise findings.refuse("The Parquet file is encrypted. Write it again without a key.")
    if not head.startswith(b"PAR1"):
        raise findings.refuse(
            "The content is not that of a Parquet file, though the name ends in .parquet. Write the file again."
        )
    if len(tail) < 12 or not tail.endswith(b"PAR1"):
        raise findings.refuse("The Parquet file is damaged: its end is missing. Write it again.")
