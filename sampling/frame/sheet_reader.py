"""Reads the cells of one sheet from its part with expat: values by their type, formulas, merged and hidden cells."""

from __future__ import annotations

import math
import re

from sampling.errors import Fault, FrameError
from sampling.frame.cells import Kind
from sampling.frame.findings import LISTED
from sampling.frame.headers import MOST_COLUMNS
from sampling.frame.package import DAMAGED, Package, XmlReader, local
from sampling.frame.serials import DateStyles
from sampling.frame.sheet import STORED_FORMULA, UNSTORED_FORMULA, Sheet, letters
from sampling.frame.strings import unescaped

MOST_CELLS = 2_000_000
MOST_ROWS = 1_048_576
_PREVIEWED = 60
_NUMBER = re.compile(r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_LETTERS = [letters(column) for column in range(MOST_COLUMNS)]
_TYPES = frozenset(["n", "s", "str", "inlineStr", "b", "e", "d"])


class _Enough(Exception):
    """Raised by the reader to stop a preview."""


def read_sheet(package: Package, part: str, strings: list[str], dates: DateStyles) -> Sheet:
    """Every filled cell of the sheet."""
    reader = _Reader(strings, dates, None)
    reader.xml.read(package, part)
    return reader.sheet


def preview(package: Package, part: str, strings: list[str], dates: DateStyles) -> Sheet:
    """The cells of the first rows that hold anything, without reading the rest."""
    reader = _Reader(strings, dates, _PREVIEWED)
    try:
        reader.xml.read(package, part)
    except _Enough:
        return reader.sheet
    return reader.sheet


class _Reader:
    """The state of reading one sheet: which row and cell expat is in, and what has been found."""

    def __init__(self, strings: list[str], dates: DateStyles, most_rows: int | None) -> None:
        self.sheet = Sheet()
        self.xml = XmlReader()
        self._strings, self._dates, self._most_rows = strings, dates, most_rows
        self._names: dict[str, str] = {}
        self._in_data = False
        self._row, self._row_text, self._column = 0, "0", -1
        self._type, self._style = "n", ""
        self._formula = self._taking = self._phonetic = False
        self._pieces: list[str] = []
        self._found: list[tuple[int, str, Kind, int]] = []
        self._cells = 0
        self._seen_rows: set[int] = set()
        self.xml.parser.StartElementHandler = self._start
        self.xml.parser.EndElementHandler = self._end
        self.xml.parser.CharacterDataHandler = self._text

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = self._names.get(tag)
        if name is None:
            name = self._names[tag] = local(tag)
        if self._in_data:
            if name == "c":
                self._start_cell(attributes)
            elif name == "v":
                self._taking = True
            elif name == "t":
                self._taking = not self._phonetic
            elif name == "f":
                self._formula = True
            elif name == "row":
                self._start_row(attributes)
            elif name == "rPh":
                self._phonetic = True
        elif name == "sheetData":
            self._in_data = True
        elif name == "mergeCell":
            self.sheet.merged.append(attributes.get("ref", "?")[:30])
        elif name == "col":
            self._note_column(attributes)

    def _text(self, data: str) -> None:
        if self._taking:
            self._pieces.append(data)

    def _end(self, tag: str) -> None:
        if not self._in_data:
            return
        name = self._names[tag]
        if name in ("v", "t"):
            self._taking = False
        elif name == "c":
            self._end_cell()
        elif name == "row":
            self._end_row()
        elif name == "rPh":
            self._phonetic = False
        elif name == "sheetData":
            self._in_data = False

    def _start_row(self, attributes: dict[str, str]) -> None:
        number = attributes.get("r")
        if number is None:
            row = self._row + 1
        elif number.isascii() and number.isdecimal() and 1 <= int(number[:9]) <= MOST_ROWS:
            row = int(number)
        else:
            raise FrameError(DAMAGED)
        if row in self._seen_rows:
            self._fault(row, f"The part of the sheet gives row {row} twice. Save the workbook again in Excel.")
        elif row <= self._row:
            self._fault(row, f"The rows are not in order: row {row} comes after row {self._row}. Save it in Excel.")
        self._seen_rows.add(row)
        self._row, self._column, self._found = row, -1, []
        self._row_text = str(row)
        if attributes.get("hidden", "0") in ("1", "true") or attributes.get("ht") == "0":
            self.sheet.hidden_rows.append(row)

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self._pieces.clear()
        self._formula = False
        self._type, self._style = attributes.get("t", "n"), attributes.get("s", "")
        if self._type not in _TYPES:
            raise FrameError(DAMAGED)
        following = self._column + 1
        place = attributes.get("r")
        # Nearly every cell stands where the one before it leads to expect; only others need their place taken apart.
        if place is None or (following < MOST_COLUMNS and place == _LETTERS[following] + self._row_text):
            self._column = following
        else:
            self._column = self._checked_column(place)

    def _checked_column(self, place: str) -> int:
        """The column of a cell that does not follow the one before it, with a cell out of place noted."""
        found = _REFERENCE.fullmatch(place)
        if found is None:
            raise FrameError(DAMAGED)
        column = _column_of(found[1])
        if int(found[2]) != self._row:
            self._fault(self._row, f"Cell {place} stands in row {self._row} of the part. Save the workbook in Excel.")
        elif column <= self._column:
            twice = column == self._column or any(column == other[0] for other in self._found)
            says = "is given twice" if twice else "is not in order"
            self._fault(self._row, f"Cell {place} {says}. Save the workbook again in Excel.")
        return column

    def _end_cell(self) -> None:
        self._cells += 1
        if self._cells > MOST_CELLS:
            raise FrameError(
                f"The sheet is too large: more than {MOST_CELLS:,} cells. Copy only the rows and columns of the list "
                "into a new workbook, or save it as CSV."
            )
        raw = "".join(self._pieces)
        formula = 0
        if self._formula:
            formula = STORED_FORMULA if raw else UNSTORED_FORMULA
        elif not raw:
            return
        kind, text = self._value(raw) if raw else (Kind.TEXT, "")
        if self._column >= MOST_COLUMNS and text.strip():
            raise FrameError(
                f"The sheet is too large: cell {letters(self._column)}{self._row} holds a value, and at most "
                f"{MOST_COLUMNS:,} columns are read."
            )
        self._found.append((self._column, text, kind, formula))

    def _value(self, raw: str) -> tuple[Kind, str]:
        if self._type == "s":
            if not (raw.isascii() and raw.strip().isdecimal() and int(raw[:9]) < len(self._strings)):
                raise FrameError(DAMAGED)
            return Kind.TEXT, self._strings[int(raw)]
        if self._type in ("inlineStr", "str"):
            return Kind.TEXT, unescaped(raw)
        if self._type == "b":
            return Kind.FLAG, "TRUE" if raw.strip() in ("1", "true") else "FALSE"
        if self._type == "e":
            return Kind.ERROR, raw
        if self._type == "d":
            return (Kind.TIMED if _has_time(raw) else Kind.DATE), raw[:10]
        if not raw.strip():
            return Kind.TEXT, ""
        number = raw.strip()
        is_plain = number.isascii() and number.isdecimal() and len(number) < 16
        if not is_plain and (not _NUMBER.fullmatch(number) or math.isinf(float(number))):
            raise FrameError(DAMAGED)
        if self._style and self._style.isdecimal() and int(self._style[:9]) in self._dates.styles:
            return self._dates.day(number)
        return Kind.NUMBER, number if is_plain else f"{float(number):.15g}"

    def _end_row(self) -> None:
        if not any(formula or text.strip() for _, text, _, formula in self._found):
            return
        sheet = self.sheet
        place = len(sheet.rows)
        sheet.rows.append(self._row)
        for column, text, kind, formula in self._found:
            texts = sheet.texts.get(column)
            if texts is None:
                if column >= MOST_COLUMNS:
                    continue
                texts = sheet.texts[column] = []
                sheet.kinds[column] = bytearray()
            short = place - len(texts)
            if short < 0:
                continue
            if short:
                texts.extend([""] * short)
                sheet.kinds[column].extend(bytes(short))
            texts.append(text)
            sheet.kinds[column].append(kind)
            if formula:
                sheet.formulas.setdefault(column, {})[place] = formula
        if self._most_rows is not None and place + 1 >= self._most_rows:
            raise _Enough

    def _note_column(self, attributes: dict[str, str]) -> None:
        if attributes.get("hidden", "0") in ("1", "true") or attributes.get("width") == "0":
            first, last = attributes.get("min", ""), attributes.get("max", "")
            if first.isdecimal() and last.isdecimal():
                self.sheet.hidden_spans.append((int(first[:9]) - 1, int(last[:9]) - 1))

    def _fault(self, row: int, says: str) -> None:
        if len(self.sheet.faults) < LISTED:
            self.sheet.faults.append(Fault(row, None, None, says))


def _column_of(name: str) -> int:
    column = 0
    for letter in name:
        column = column * 26 + ord(letter) - 64
    if column > 16_384:
        raise FrameError(DAMAGED)
    return column - 1


def _has_time(raw: str) -> bool:
    return bool(re.search(r"[1-9]", re.split(r"[Z+-]", raw[10:])[0]))
