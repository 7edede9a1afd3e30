"""The shared strings of a workbook: rich text joined, phonetic guides left out, escapes undone."""

from __future__ import annotations

import re

from sampling.errors import FrameError
from sampling.frame.package import DAMAGED, Package, XmlReader, local

MOST_STRINGS = 3_000_000
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


def read_strings(package: Package, part: str) -> list[str]:
    """Every shared string in order; FrameError where the part is damaged or holds too many."""
    reader = XmlReader()
    strings: list[str] = []
    pieces: list[str] = []
    taking = False
    phonetic = 0

    def start(tag: str, _: dict[str, str]) -> None:
        nonlocal taking, phonetic
        name = local(tag)
        if name == "t":
            taking = not phonetic
        elif name == "rPh":
            phonetic += 1
        elif name == "si":
            pieces.clear()

    def end(tag: str) -> None:
        nonlocal taking, phonetic
        name = local(tag)
        if name == "t":
            taking = False
        elif name == "rPh":
            phonetic -= 1
        elif name == "si":
            strings.append(unescaped("".join(pieces)))
            if len(strings) > MOST_STRINGS:
                raise FrameError(DAMAGED)

    def text(data: str) -> None:
        if taking:
            pieces.append(data)

    reader.parser.StartElementHandler = start
    reader.parser.EndElementHandler = end
    reader.parser.CharacterDataHandler = text
    reader.read(package, part)
    return strings


def unescaped(text: str) -> str:
    """The text with `_x000D_` and its like turned back into the characters they stand for."""
    if "_x" not in text:
        return text
    return _ESCAPE.sub(lambda found: _character(found[0], int(found[1], 16)), text)


def _character(written: str, code: int) -> str:
    return written if 0xD800 <= code <= 0xDFFF else chr(code)
