"""Checks on case references: text for ever, one for each case, none that identifies a child."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
from numpy.typing import NDArray

from sampling.frame.cells import Cells, Column, Kind, as_text, is_ascii, matches
from sampling.frame.characters import hidden_character, look_alike, skeleton
from sampling.frame.findings import Findings, show
from sampling.frame.headers import header_key
from sampling.frame.health_numbers import check_reference_digits, warn_of_lost_zeros

LONGEST_REFERENCE = 40
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec"
PLAIN = r"^[0-9\p{Latin}](?:[0-9\p{Latin} ._/()#&,:-]{0,38}[0-9\p{Latin})])?$"
NOTABLE = (
    r"(?i)^(?:[0-9][0-9 -]{7,15}|[0-9.,]+e[+-]?[0-9]+|[0-9]+[.]0+|(?:grand |sub)?totals?\b.*|"
    rf"[0-9]{{1,4}}[ /.-](?:{_MONTHS}|[0-9]{{1,2}})[a-z]*(?:[ /.-][0-9]{{1,4}})?|(?:{_MONTHS})[a-z]*[ -][0-9]{{1,4}})$"
)
_SCIENTIFIC = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE]\+[0-9]+|[0-9]+[.,][0-9]+[eE]-?[0-9]+")
_FROM_FLOAT = re.compile(r"[0-9]+\.0+")
_TOTAL = re.compile(r"(?:grand |sub)?total[s]?\b.*", re.IGNORECASE)
_DATE_LIKE = re.compile(
    rf"[0-9]{{1,2}}[ /.-](?:{_MONTHS})[a-z]*(?:[ /.-][0-9]{{2,4}})?|(?:{_MONTHS})[a-z]*[ -][0-9]{{2,4}}"
    r"|[0-9]{1,2}/[0-9]{1,2}/[0-9]{2,4}|[0-9]{4}-[0-9]{2}-[0-9]{2}",
    re.IGNORECASE,
)
_NAME = (
    r"^\s*(?:\p{L}[\p{L}'’-]+(?:,? +\p{L}[\p{L}'’-]+)+|\p{Lu}[.]? \p{Lu}\p{Ll}{2,}|\p{Lu}\p{Ll}{2,}, ?\p{Lu}[.]?)\s*$"
)
_ERROR_VALUE = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!)")
_KINDS = {
    Kind.NUMBER: "is kept as a number, so leading zeros may be lost",
    Kind.DATE: "has been turned into a date",
    Kind.TIMED: "has been turned into a date",
    Kind.NO_DATE: "has been turned into a date",
    Kind.FLAG: "is TRUE or FALSE, not text",
    Kind.ERROR: "is an error value",
}


def check_references(cells: Cells, column: Column, findings: Findings, *, each_once: bool = True) -> Any:
    """The references stripped and in NFC, with every fault in them noted; `each_once`: no child on two rows."""
    _check_kinds(cells, column, findings)
    text = _normal(column.text)
    _check_lengths_and_blanks(cells, column, text, findings)
    header_again = f"(?i)^[ _]*{'[ _]*'.join(re.escape(c) for c in header_key(column.header))}[ _]*$"
    odd = ~np.asarray(pc.match_substring_regex(text, PLAIN))
    odd |= np.asarray(pc.match_substring_regex(text, f"{NOTABLE}|{header_again}"))
    ten, nine = _digits_only(text, odd, 10), _digits_only(text, odd, 9)
    odd[ten] = odd[nine] = False
    places = np.flatnonzero(odd)
    for index, value in zip(places.tolist(), text.take(pa.array(places)).to_pylist(), strict=True):
        if findings.is_full:
            break
        _check_one(cells, column, text, index, value, findings)
    check_reference_digits(cells, column, text, ten, findings)
    warn_of_lost_zeros(cells, column, text, nine, findings)
    findings.at(
        cells,
        column,
        _names(text, column.header),
        "The reference reads like a name, which identifies a child. Use a local reference in its place.",
        echo=False,
    )
    if each_once:
        _check_duplicates(cells, column, text, findings)
    return text


def holds_names(text: Any, header: str = "") -> bool:
    """Whether any of these references reads like a name: two words or more, of letters only."""
    return bool(len(_names(text, header)))


def _names(text: Any, header: str) -> NDArray[np.intp]:
    """The indexes of those that read like a name; the header once more, and a total, are told of as what they are."""
    at = matches(text, _NAME)
    if not len(at):
        return at
    keep = [
        not _TOTAL.fullmatch(value.strip()) and header_key(value) != header_key(header)
        for value in text.take(pa.array(at)).to_pylist()
    ]
    kept: NDArray[np.intp] = at[np.array(keep, dtype=np.bool_)]
    return kept


def reference_keys(text: Any) -> Any:
    """What two references share that an eye takes for one: case and the alphabet of a letter do not matter."""
    return pc.ascii_lower(text) if is_ascii(text) else as_text([_folded(value) for value in text.to_pylist()])


def _check_kinds(cells: Cells, column: Column, findings: Findings) -> None:
    for kind, says in _KINDS.items():
        findings.at(
            cells,
            column,
            column.is_kind(kind) if column.kinds is not None else [],
            lambda value, says=says: (  # type: ignore[misc]
                f"The reference {value} {says}. References must be text: format the column as text and type the "
                "references again from the record system."
            ),
        )
    findings.at(
        cells,
        column,
        sorted({*column.formulas, *column.unstored_formulas}),
        "A reference must not be a formula. Paste the values in place of the formula.",
    )


def _normal(text: Any) -> Any:
    return pc.utf8_trim_whitespace(pc.utf8_normalize(text, "NFC"))


def _check_lengths_and_blanks(cells: Cells, column: Column, text: Any, findings: Findings) -> None:
    lengths = np.asarray(pc.utf8_length(text))
    blank = lengths == 0
    for unstored in column.unstored_formulas:
        blank[unstored] = False
    findings.at(
        cells,
        column,
        np.flatnonzero(blank),
        "The reference is blank. Give the case its reference, or delete the row if it is no case.",
    )
    findings.at(
        cells,
        column,
        np.flatnonzero(lengths > LONGEST_REFERENCE),
        f"The reference is longer than {LONGEST_REFERENCE} characters. Give only the reference itself.",
    )


def _check_one(cells: Cells, column: Column, every: Any, index: int, text: str, findings: Findings) -> None:
    """Look at one reference that is out of the ordinary; `every` holds all of them."""
    if not text:
        return
    kind = Kind.TEXT if column.kinds is None else Kind(column.kinds[index])
    if kind != Kind.TEXT:
        return
    says = _fault_in(text, column.header)
    if says is not None:
        findings.at(cells, column, [index], says)
        return
    if re.fullmatch(r"[0-9]{3,6}[ -][0-9 -]+", text) and len(re.sub(r"[ -]", "", text)) == 10:
        check_reference_digits(cells, column, every, np.array([index]), findings)
    elif _DATE_LIKE.fullmatch(text):
        findings.at(
            cells,
            column,
            [index],
            lambda value: (
                f"The reference {value} reads like a date; spreadsheets turn such as MAR1 into 01-Mar. "
                "Check it against the record system."
            ),
            warning=True,
        )
    elif (code := look_alike(text)) is not None:
        findings.at(
            cells,
            column,
            [index],
            lambda value: (
                f"The reference '{value}' holds a character ({code}) that looks like a plainer one. Check it "
                "against the record system."
            ),
            warning=True,
        )


def _fault_in(text: str, header: str) -> str | None:
    shown = show(text)
    if "\n" in text or "\r" in text or "\t" in text:
        return "The reference holds a line break or a TAB. Give each case one reference on one line."
    if (code := hidden_character(text)) is not None:
        return f"The reference '{shown}' holds a character that does not show ({code}). Type it again."
    if "\ufffd" in text:
        return f"The reference '{shown}' has lost a letter (replacement character). Type it again."
    if text[0] in "=+-@":
        return f"The reference '{shown}' starts like a formula ({text[0]}). Give the reference itself as text."
    if text[0] == "'":
        return f"The reference '{shown}' starts with an apostrophe, left from a spreadsheet. Take it away."
    if header_key(text) == header_key(header):
        return "The header stands here again: two lists seem to be pasted together. Delete this header row."
    if _TOTAL.fullmatch(text):
        return f"'{shown}' looks like a total row, not a case. Delete the row."
    if _ERROR_VALUE.fullmatch(text):
        return f"The reference {shown} is an error value of a spreadsheet. Give the reference itself."
    if _SCIENTIFIC.fullmatch(text):
        return (
            f"The reference {shown} was turned to a rounded number by a spreadsheet; its digits are lost. "
            "Export the list again with the references as text."
        )
    if _FROM_FLOAT.fullmatch(text):
        return (
            f"The reference {shown} ends in .0: it was saved as a decimal number and leading zeros may be lost. "
            "Export the list again with the references as text."
        )
    return None


def _digits_only(text: Any, odd: NDArray[np.bool_], length: int) -> NDArray[np.intp]:
    """The indexes of the odd references that are exactly this many ASCII digits."""
    places = np.flatnonzero(odd)
    if not len(places):
        return places
    digits: NDArray[np.intp] = places[matches(text.take(pa.array(places)), f"^[0-9]{{{length}}}$")]
    return digits


def _check_duplicates(cells: Cells, column: Column, text: Any, findings: Findings) -> None:
    """Refuse a reference that stands twice, also where only case or the alphabet of a letter differs."""
    codes = reference_keys(text).dictionary_encode()
    if len(codes.dictionary) == len(text):
        return
    first_of, repeats = _repeats(np.asarray(codes.indices))
    repeats = repeats[np.asarray(pc.utf8_length(text))[repeats] > 0]
    for index in repeats[: findings.listed + 1]:
        first = int(first_of[index])
        one, other = text[int(index)].as_py(), text[first].as_py()
        earlier = f"stands already in row {int(cells.rows[first])}"
        if one != other:
            earlier += f" as '{show(other)}', which differs only in case or in letters that look alike"
        findings.at(
            cells,
            column,
            [int(index)],
            lambda value, earlier=earlier: (  # type: ignore[misc]
                f"The reference {value} {earlier}. Each case is listed once: mend the reference or delete one row."
            ),
        )
    if len(repeats) > findings.listed + 1:
        findings.at(cells, column, repeats[findings.listed + 1 :], "The reference stands twice. List each case once.")


def _folded(value: str) -> str:
    return value.lower() if value.isascii() else skeleton(value)


def _repeats(codes: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """For each place the first place with the same code, and the places that are not the first."""
    order = np.argsort(codes, kind="stable")
    in_order = codes[order]
    starts = np.flatnonzero(np.r_[True, in_order[1:] != in_order[:-1]])
    first = np.repeat(order[starts], np.diff(np.r_[starts, len(codes)]))
    first_of = np.empty(len(codes), np.int64)
    first_of[order] = first
    return first_of, np.flatnonzero(first_of != np.arange(len(codes)))
