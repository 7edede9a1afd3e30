"""The file in which readings made elsewhere come: a line per answer, read strictly, with every fault at once."""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from casereader.instrument import CANNOT_BE_EVALUATED, NOT_APPLICABLE, Instrument, Part
from casereader.instrument.model import Listed
from casereader.vocabulary import ReadingKind

COLUMNS = ("case_ref", "kind", "reader", "question", "answer", "note", "sources", "read_on")
KINDS = (ReadingKind.FIRST, ReadingKind.SECOND)
LONGEST_FIELD = 1_000_000
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DASHES = str.maketrans({"–": "-", "—": "-", "‑": "-", "’": "'"})


@dataclass(frozen=True, slots=True)
class Line:
    """One answer of one reading, as the file gives it; `row` as a spreadsheet counts (the header is row 1)."""

    row: int
    case_ref: str
    kind: ReadingKind
    reader: str
    question: str
    answer: str
    note: str
    sources: str
    read_on: date


def parse(content: bytes, *, today: date) -> tuple[list[Line], list[str]]:
    """The lines of the file and what is wrong with it, each fault with its row, column and remedy."""
    text, faults = _text(content)
    records, more = _records(text)
    faults += more
    if not records:
        return [], faults or ["The file is empty. Its first row names the columns: " + ", ".join(COLUMNS) + "."]
    places, more = _places(records[0])
    faults += more
    if len(places) < len(COLUMNS):
        return [], faults
    lines = []
    for row, record in enumerate(records[1:], start=2):
        if not any(value.strip() for value in record):
            continue
        if len(record) != len(records[0]):
            faults.append(
                f"row {row}: it has {len(record)} values, and the header has {len(records[0])} columns. "
                "Put a value that holds a comma in quotes."
            )
            continue
        line = _line(row, {name: record[place] for name, place in places.items()}, today, faults)
        if line is not None:
            lines.append(line)
    if not lines and not faults:
        faults.append("The file has a header and no answers.")
    return lines, faults


def spelling(text: str) -> str:
    """What two spellings of one word have in common: case, blanks, underscores and the kind of dash do not count."""
    plain = unicodedata.normalize("NFKC", text).translate(_DASHES).casefold()
    return "".join(plain.replace("_", "").split())


def part_called(instrument: Instrument, name: str) -> Part | None:
    """The part of the instrument under a key, however it is spelled."""
    if instrument.has(name):
        return instrument.part(name)
    wanted = spelling(name)
    return next((instrument.part(key) for key in instrument.parts if spelling(key) == wanted), None)


def value_and_ground(part: Part, text: str) -> tuple[str, str | None]:
    """The stored value and ground for an answer as people write it: `Very good`, `not applicable: plan too new`.

    What is not recognised comes back as it was, for the instrument's own rules to refuse.
    """
    plain = text.strip()
    if not part.choices:
        return plain, None
    if (value := _choice(part, plain)) is not None:
        return value, None
    answer, _, ground = plain.partition(":")
    value = _choice(part, answer)
    grounds = {NOT_APPLICABLE: part.na_grounds, CANNOT_BE_EVALUATED: part.cbe_grounds}.get(value or "", ())
    if value is None or not grounds:
        return plain, None
    return value, _listed(grounds, ground) or ground.strip()


def sources_in(instrument: Instrument, text: str) -> tuple[tuple[str, ...], list[str]]:
    """The sources named in a cell, separated by semicolons, and those that the instrument does not know."""
    named = [name for name in text.split(";") if name.strip()]
    found = [(name.strip(), _listed(instrument.sources, name)) for name in named]
    return tuple(value for _, value in found if value), [name for name, value in found if value is None]


def _choice(part: Part, text: str) -> str | None:
    if text in part.by_value:
        return text
    wanted = spelling(text)
    for choice in part.choices:
        if wanted in (spelling(choice.value), spelling(choice.label)):
            return choice.value
    return None


def _listed(listed: Sequence[Listed], text: str) -> str | None:
    wanted = spelling(text)
    return next((one.value for one in listed if wanted in (spelling(one.value), spelling(one.label))), None)


def _text(content: bytes) -> tuple[str, list[str]]:
    """The text; each line that is not UTF-8 is named, and read as Western European so that the rest can be checked."""
    lines, faults = content.removeprefix(codecs.BOM_UTF8).split(b"\n"), []
    for row, line in enumerate(lines, start=1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            lines[row - 1] = line.decode("cp1252", errors="ignore").encode("utf-8")
            faults.append(f"row {row}: the text is not UTF-8. Save the file as CSV UTF-8.")
    return b"\n".join(lines).decode("utf-8"), faults


def _records(text: str) -> tuple[list[list[str]], list[str]]:
    csv.field_size_limit(LONGEST_FIELD)
    records: list[list[str]] = []
    try:
        for record in csv.reader(io.StringIO(text, newline=""), strict=True):
            records.append(record)
    except csv.Error:
        return records, [
            f"row {len(records) + 1}: its quotes are out of place or never closed. Put the whole value in quotes, and "
            'write each quote inside it twice ("").'
        ]
    return records, []


def _places(header: Sequence[str]) -> tuple[dict[str, int], list[str]]:
    known = {spelling(name): name for name in COLUMNS}
    places: dict[str, int] = {}
    faults = []
    for place, given in enumerate(header):
        name = known.get(spelling(given))
        if name is None:
            faults.append(f"row 1: there is no column “{given[:60]}” here. Use {', '.join(COLUMNS)}.")
        elif name in places:
            faults.append(f"row 1, column {name}: it is there twice. Take one out.")
        else:
            places[name] = place
    missing = [name for name in COLUMNS if name not in places]
    if missing:
        faults.append(f"row 1: these columns are missing: {', '.join(missing)}. Separate the columns with commas.")
    return places, faults


def _line(row: int, values: Mapping[str, str], today: date, faults: list[str]) -> Line | None:
    def fault(column: str, says: str) -> None:
        faults.append(f"row {row}, column {column}: {says}")

    before = len(faults)
    for column in ("case_ref", "reader", "question"):
        if not values[column].strip():
            fault(column, "it is blank. Fill it in, or delete the row.")
    kind = next((one for one in KINDS if spelling(one) == spelling(values["kind"])), None)
    if kind is None:
        fault("kind", f"“{values['kind'][:60]}” is no kind of reading that can be imported. Use first or second.")
    read_on = _date(values["read_on"])
    if read_on is None:
        fault("read_on", f"“{values['read_on'][:60]}” is not a date. Write it as year-month-day, like 2026-05-31.")
    elif read_on > today:
        fault("read_on", f"{read_on} has not come yet. Give the day on which the record was read.")
    if len(faults) > before or kind is None or read_on is None:
        return None
    return Line(
        row=row,
        case_ref=unicodedata.normalize("NFC", values["case_ref"].strip()),
        kind=kind,
        reader=values["reader"].strip(),
        question=values["question"].strip(),
        answer=values["answer"].strip(),
        note=values["note"].strip(),
        sources=values["sources"],
        read_on=read_on,
    )


def _date(text: str) -> date | None:
    plain = text.strip()
    if not _DATE.fullmatch(plain):
        return None
    try:
        return date.fromisoformat(plain)
    except ValueError:
        return None
