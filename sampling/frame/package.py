"""Opens a workbook's zip as a hostile one: every part is named, counted and bounded before any is unpacked."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO
from xml.parsers import expat

from sampling.errors import FrameError
from sampling.frame.findings import Findings, show

MOST_PARTS = 300
MOST_UNPACKED = 300 * 1024 * 1024
MOST_UNPACKED_SMALL = 10 * 1024 * 1024
MOST_TIMES = 100
_CHUNK = 1 << 18

DAMAGED = "The workbook is damaged or not complete. Open it in Excel, save it again as .xlsx and send that."
_NOT_ALLOWED = "Save the list as a new .xlsx in Excel and send that."

# What no list needs and what may carry more than is seen: told by the names of the parts.
_REFUSED_PARTS = (
    ("vbaproject", "The workbook holds macros. Save it as .xlsx without macros."),
    ("xl/macrosheets/", "The workbook holds macros. Save it as .xlsx without macros."),
    (
        "xl/externallinks/",
        "The workbook has links to an external workbook. Paste values in place of the links, break the links and "
        "save it again.",
    ),
    (
        "xl/connections",
        "The workbook has connections to external data. Paste the values into a new workbook.",
    ),
    ("xl/querytables/", "The workbook has connections to external data. Paste the values into a new workbook."),
    (
        "xl/pivot",
        "The workbook holds a pivot table, whose cache can hold every record behind it. Paste the values into a new "
        "workbook.",
    ),
    ("xl/model/", "The workbook holds an embedded data model. Paste the values into a new workbook."),
    ("xl/embeddings/", "The workbook holds embedded objects or files. Delete them and save it again."),
    ("oleobject", "The workbook holds embedded objects or files. Delete them and save it again."),
    ("xl/activex/", "The workbook holds embedded controls. Delete them and save it again."),
)


class Package:
    """The parts of a workbook by name, each read only within its bounds."""

    def __init__(self, path: Path, findings: Findings) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, UnicodeDecodeError):
            raise findings.refuse(DAMAGED) from None
        self._parts = {part.filename.casefold(): part for part in self._zip.infolist()}
        self.on_piece: Callable[[int], None] | None = None  # hears of the bytes of each piece that is read
        self.names = [part.filename for part in self._zip.infolist()]
        self._check(findings)

    def close(self) -> None:
        """Let the file go."""
        self._zip.close()

    def has(self, name: str) -> bool:
        """Whether there is a part of that name, in capitals or not."""
        return name.casefold() in self._parts

    def chunks(self, name: str) -> Iterator[bytes]:
        """The part's bytes in pieces; FrameError for a part that is missing or damaged."""
        part = self._parts.get(name.casefold())
        if part is None:
            raise FrameError(DAMAGED)
        left = part.file_size
        with self._open(part) as file:
            while piece := file.read(_CHUNK):
                left -= len(piece)
                if left < 0:
                    raise FrameError(DAMAGED)
                if self.on_piece is not None:
                    self.on_piece(len(piece))
                yield piece

    @property
    def unpacked(self) -> int:
        """The bytes of all its parts together."""
        return sum(part.file_size for part in self._parts.values())

    def _open(self, part: zipfile.ZipInfo) -> IO[bytes]:
        return self._zip.open(part)

    def _check(self, findings: Findings) -> None:
        parts = self._zip.infolist()
        if not parts:
            raise findings.refuse(DAMAGED)
        if any(part.flag_bits & 0x1 for part in parts):
            raise findings.refuse("The workbook is locked with a password. Save it without one and send it again.")
        if len(parts) > MOST_PARTS:
            raise findings.refuse(
                f"The workbook has {len(parts):,} parts, and at most {MOST_PARTS} are read. Save only the list."
            )
        for part in parts:
            self._check_part(part, findings)
        if len(self._parts) < len(parts):
            seen: set[str] = set()
            for name in self.names:
                if name.casefold() in seen:
                    findings.fault(f"The part {show(name)} is in the workbook twice. {_NOT_ALLOWED}")
                seen.add(name.casefold())
        findings.stop()
        self._check_sizes(parts, findings)
        self._check_what_it_is(findings)
        for part_name, says in _REFUSED_PARTS:
            if any(part_name in name.casefold() for name in self.names):
                findings.fault(says)
        findings.stop()

    def _check_part(self, part: zipfile.ZipInfo, findings: Findings) -> None:
        name = part.orig_filename
        pieces = name.replace("\\", "/").split("/")
        if ".." in pieces or name.startswith(("/", "\\")) or ":" in name or "\0" in name or "\\" in name:
            findings.fault(f"The workbook holds a part at {show(name)}, which is not allowed. {_NOT_ALLOWED}")
        elif stat.S_ISLNK(part.external_attr >> 16):
            findings.fault(f"The workbook holds a link at {show(name)}, which is not allowed. {_NOT_ALLOWED}")
        elif part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            findings.fault(f"The workbook packs {show(name)} in a way that is not allowed. {_NOT_ALLOWED}")

    def _check_sizes(self, parts: list[zipfile.ZipInfo], findings: Findings) -> None:
        unpacked = sum(part.file_size for part in parts)
        swollen = any(
            part.file_size > MOST_UNPACKED_SMALL and part.file_size > MOST_TIMES * part.compress_size for part in parts
        )
        if unpacked > MOST_UNPACKED or swollen:
            raise findings.refuse(
                f"The workbook is too large: it unpacks to {unpacked / 1e6:,.0f} MB. Copy only the rows and columns "
                "of the list into a new workbook, or save it as CSV."
            )

    def _check_what_it_is(self, findings: Findings) -> None:
        if self.has("xl/workbook.bin"):
            raise findings.refuse(
                "The file is a binary workbook (.xlsb), whatever its name says. Save it as .xlsx and send that."
            )
        if any(self.has(name) for name in ("word/document.xml", "ppt/presentation.xml", "content.xml", "mimetype")):
            raise findings.refuse(
                "The content is not that of an .xlsx workbook but of another document. Save the list as .xlsx."
            )
        if not self.has("[Content_Types].xml"):
            raise findings.refuse(f"The content is not that of an .xlsx workbook. {DAMAGED}")


class XmlReader:
    """Expat with no document types, no entities and nothing fetched; calls back with names without namespaces."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse
        self.parser.ExternalEntityRefHandler = self._refuse_to_fetch
        self.parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)

    def read(self, package: Package, name: str) -> None:
        """Parse the part to its end; FrameError where it is not sound XML."""
        try:
            for piece in package.chunks(name):
                self.parser.Parse(piece, False)
            self.parser.Parse(b"", True)
        except expat.ExpatError:
            raise FrameError(DAMAGED) from None

    def _refuse_to_fetch(self, *_: object) -> int:
        self._refuse()
        return 0

    def _refuse(self, *_: object) -> None:
        raise FrameError(
            "The workbook holds a document type or an entity, which is not allowed: such XML can fetch or multiply "
            f"data. {_NOT_ALLOWED}"
        )


def elements(package: Package, name: str) -> list[tuple[str, dict[str, str]]]:
    """Every element of a small part in order: its name and attributes without namespaces; FrameError if too many."""
    reader = XmlReader()
    found: list[tuple[str, dict[str, str]]] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if len(found) > 200_000:
            raise FrameError(DAMAGED)
        found.append((local(tag), {local(key): value for key, value in attributes.items()}))

    reader.parser.StartElementHandler = start
    reader.read(package, name)
    return found


def local(tag: str) -> str:
    """A name without its namespace; both kinds of workbook, transitional and strict, are read alike."""
    return tag.rpartition(" ")[2]
