"""Characters that mislead: that do not show, look like another, or are left from a wrong conversion."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import pyarrow.compute as pc  # type: ignore[import-untyped]
from numpy.typing import NDArray

from sampling.frame.cells import Cells, Column, is_ascii, matches
from sampling.frame.findings import Findings

# Letters of other alphabets drawn like a Latin one (the everyday part of Unicode's list of confusables).
_LOOK_LIKE = str.maketrans(
    "АВЕЗКМНОРСТУХІЈЅԚԜҮаеорсухіјѕԁԛԝһӏΑΒΕΖΗΙΚΜΝΟΡΤΥΧοανιρυκϲ",
    "ABE3KMHOPCTYXIJSQWYaeopcyxijsdqwhlABEZHIKMNOPTYXoavipukc",
)
LONGEST_CELL = 32_767
_SPACES = re.compile(r"\s+")
_HIDDEN = frozenset(["Cf", "Cc", "Co", "Cn", "Cs", "Zl", "Zp"])


class _Folds(dict[int, str]):
    """What an eye takes each character for, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        c = chr(code)
        folded = "" if unicodedata.category(c) == "Cf" else " " if c.isspace() else c.translate(_LOOK_LIKE)
        self[code] = folded
        return folded


_FOLDS = _Folds()
CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x{80}-\x{9f}]"
_MOJIBAKE = r"Ã[\x{80}-\x{bf}]|Â[\x{80}-\x{bf}]|â€|Ã[ŠƒÅ‚šœžŸ]"
_DIRECTION = r"[\x{202a}-\x{202e}\x{2066}-\x{2069}]"


def skeleton(text: str) -> str:
    """The text as an eye takes it in: case, compatibility forms, look-alike letters and hidden characters folded."""
    seen = unicodedata.normalize("NFKC", text).translate(_FOLDS).casefold().translate(_FOLDS)
    return unicodedata.normalize("NFKC", seen).strip()


def hidden_character(text: str) -> str | None:
    """The first character that does not show or turns the reading direction, by its code, or None."""
    for c in text:
        if unicodedata.category(c) in _HIDDEN:
            return f"U+{ord(c):04X}"
    return None


def look_alike(text: str) -> str | None:
    """The first character that is drawn like a plainer one (a Cyrillic А, a full-width １), by its code, or None."""
    for c in text:
        if not c.isascii() and (c.translate(_LOOK_LIKE) != c or unicodedata.normalize("NFKC", c) != c):
            return f"U+{ord(c):04X}"
    return None


def tidy(text: str) -> str:
    """The text stripped, in NFC, with every run of blanks inside as one."""
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()


def check_characters(cells: Cells, findings: Findings) -> None:
    """Refuse control characters in any cell; warn of what a wrong conversion or a turned direction left."""
    for column in cells.columns:
        findings.at(
            cells,
            column,
            matches(column.text, CONTROL),
            lambda value: f"'{value}' holds a control character, which does not show. Type the value again.",
        )
        if (pc.max(pc.binary_length(column.text)).as_py() or 0) > LONGEST_CELL:
            findings.at(
                cells,
                column,
                np.flatnonzero(np.asarray(pc.utf8_length(column.text)) > LONGEST_CELL),
                f"The value is longer than {LONGEST_CELL:,} characters. Shorten it.",
            )
        if is_ascii(column.text):
            continue
        _warn(
            cells,
            column,
            findings,
            matches(column.text, _MOJIBAKE),
            "looks as if it was saved in the wrong encoding (such as Ã© for é). Check it against the record",
        )
        _warn(
            cells,
            column,
            findings,
            matches(column.text, r"\x{fffd}"),
            "holds the replacement character �: a letter was lost in a conversion. Check it against the record",
        )
        _warn(
            cells,
            column,
            findings,
            matches(column.text, _DIRECTION),
            "holds a hidden mark that turns the reading direction (right-to-left override)",
        )


def _warn(cells: Cells, column: Column, findings: Findings, indexes: NDArray[np.intp], says: str) -> None:
    findings.at(cells, column, indexes, lambda value: f"'{value}' {says}.", warning=True)
