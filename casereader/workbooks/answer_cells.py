"""Reads one row of a case's sheet: answer, ground, note, sources and mark, with every fault at its cell. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from casereader.instrument import CANNOT_BE_EVALUATED, NOT_APPLICABLE, Answer, Instrument, Part, faults_of, tidied
from casereader.instrument.model import Listed
from casereader.readings.reading_file import spelling, value_and_ground
from casereader.workbooks.layout import ANSWER, FIRST_SOURCE, GROUND, NOTE, Line, all_grounds, discuss_column, words_of
from sampling.frame.sheet import letters
from sampling.sheets import Cell

TICKS = frozenset({"x", "✓", "✔", "yes", "y", "true", "1"})
NOT_TEXT = {
    "DATE": "a date",
    "TIMED": "a date",
    "NO_DATE": "a date",
    "FLAG": "TRUE or FALSE",
    "ERROR": "an error of the spreadsheet",
}
CUT = 60


@dataclass(frozen=True, slots=True)
class CellFault:
    """One thing wrong in a workbook: the sheet, the cell (blank: the whole sheet), its value cut short, the remedy."""

    sheet: str
    cell: str
    value: str
    says: str


def shown(text: str) -> str:
    """A value as a message may show it: 60 characters, with a mark for each that cannot be seen."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text[:CUT])


def answer_in(
    instrument: Instrument,
    line: Line,
    sheet: str,
    row: int,
    cells: Mapping[str, Cell],
    *,
    stratum: str,
    issued: Answer,
) -> tuple[Answer, list[CellFault]]:
    """The answer of a row as it would be stored, and what is wrong with it.

    `cells` are the row's filled ones, by column; an answer that stands as `issued` is not held against the reader.
    """
    part = line.part
    faults: list[CellFault] = []

    def text_in(column: int) -> str:
        cell = cells.get(letters(column))
        if cell is None:
            return ""
        says = ""
        if cell.is_formula:
            says = "This is a formula. Write the answer itself."
        elif cell.kind in NOT_TEXT:
            says = f"This is {NOT_TEXT[cell.kind]}, not a text. Write it again as a text."
        if says:
            faults.append(CellFault(sheet, f"{letters(column)}{row}", shown(cell.text), says))
            return ""
        return cell.text

    def fault(column: int, reasons: Sequence[str]) -> None:
        text = cells[letters(column)].text if letters(column) in cells else ""
        faults.extend(
            CellFault(sheet, f"{letters(column)}{row}", shown(text), f"{part.key}: {says}") for says in reasons
        )

    value, ground = _value(part, text_in(ANSWER))
    given_ground = text_in(GROUND).strip()
    if given_ground:
        ground = _ground(part, value, given_ground)
    known = {one.value for one in all_grounds(part)}
    if value not in (NOT_APPLICABLE, CANNOT_BE_EVALUATED) and (ground is None or ground in known):
        ground = None  # left over from another answer, as in the form
    note = text_in(NOTE)
    sources = []
    for place, source in enumerate(instrument.sources):
        if _is_ticked(sheet, row, FIRST_SOURCE + place, cells, faults):
            sources.append(source.value)
    discuss = _is_ticked(sheet, row, discuss_column(instrument), cells, faults)
    answer = tidied(Answer(value, note=note, sources=tuple(sources), ground=ground, discuss=discuss))
    if answer == issued:
        return answer, faults
    of_value = faults_of(instrument, part.key, Answer(answer.value), stratum=stratum)
    fault(ANSWER, of_value)
    fault(NOTE, faults_of(instrument, part.key, Answer(None, note=answer.note), stratum=stratum))
    if not of_value:
        fault(GROUND, faults_of(instrument, part.key, Answer(answer.value, ground=answer.ground), stratum=stratum))
    return answer, faults


def _value(part: Part, text: str) -> tuple[str | None, str | None]:
    """The stored value for what a cell says, and the ground where it names one after a colon."""
    if not text.strip():
        return None, None
    wanted = spelling(text)
    for choice in part.choices:
        if wanted == spelling(words_of(part, choice)):
            return choice.value, None
    return value_and_ground(part, text)


def _ground(part: Part, value: str | None, text: str) -> str:
    """The ground for what a cell says: of the answer it was given for first; what is not known stays as it was."""
    wanted = spelling(text)
    of_answer = {NOT_APPLICABLE: part.na_grounds, CANNOT_BE_EVALUATED: part.cbe_grounds}.get(value or "", ())
    grounds: Sequence[Listed] = (*of_answer, *all_grounds(part))
    found = (one.value for one in grounds if wanted in (spelling(one.value), spelling(one.label)))
    return next(found, text)


def _is_ticked(sheet: str, row: int, column: int, cells: Mapping[str, Cell], faults: list[CellFault]) -> bool:
    cell = cells.get(letters(column))
    if cell is None or (not cell.is_formula and cell.text.strip().casefold() in ("", "false", "0", "no")):
        return False
    if not cell.is_formula and cell.text.strip().casefold() in TICKS:
        return True
    says = "Write x to tick it, or clear the cell."
    faults.append(CellFault(sheet, f"{letters(column)}{row}", shown(cell.text), says))
    return False
