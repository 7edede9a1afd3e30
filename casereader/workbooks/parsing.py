"""Reads the cells of a workbook that came back: whose it is, what each case's sheet says, and every fault by its cell.

Pure. The rules are those of the web form; an answer that stands as it was issued is not held against the reader.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from casereader import identifying
from casereader.instrument import Answer, Answers, Instrument
from casereader.workbooks.answer_cells import CellFault, answer_in, shown
from casereader.workbooks.layout import (
    ANSWER,
    GUIDE,
    HEADERS,
    KEY,
    MARK,
    OWN_SHEETS,
    QUESTION,
    REFERENCE,
    SHEET_MARK,
    TO_DO,
    WORKBOOK,
    answer_lines,
    discuss_column,
    headers,
)
from sampling.frame.sheet import letters
from sampling.sheets import Cell, SheetCells

Grid = dict[tuple[int, str], Cell]  # by row, counted from 1, and the column's letters


@dataclass(frozen=True)
class ExpectedCase:
    """A case as it was issued: the mark of its sheet, its reading, and what the sheet held."""

    reading: str
    reference: str
    mark: str
    stratum: str
    instrument: Instrument
    answers: Answers


@dataclass
class Found:
    """What a workbook says: answers by reading and key, what is worth a look, and what is wrong."""

    answers: dict[str, dict[str, Answer]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    faults: list[CellFault] = field(default_factory=list)


def workbook_named(sheets: Sequence[SheetCells]) -> str | None:
    """Which workbook the first sheet says it is; None where it says nothing."""
    return next((_facts(sheet)[WORKBOOK].text for sheet in sheets if WORKBOOK in _facts(sheet)), None)


def parse(sheets: Sequence[SheetCells], facts: Sequence[Sequence[str]], cases: Sequence[ExpectedCase]) -> Found:
    """What the workbook says, held against how it was issued."""
    found = Found()
    guide = next((sheet for sheet in sheets if sheet.name == GUIDE), None)
    if guide is None:
        found.faults.append(CellFault(GUIDE, "", "", f"The sheet “{GUIDE}” is gone. Send the workbook whole."))
    else:
        _check_facts(guide, facts, found)
    by_mark = {case.mark: case for case in cases}
    seen: dict[str, str] = {}
    for sheet in sheets:
        if sheet.name in OWN_SHEETS or not sheet.cells:
            continue
        case = _case_of(sheet, by_mark, seen, found)
        if case is not None:
            found.answers[case.reading] = _answers_on(sheet, case, found)
    for case in cases:
        if case.mark not in seen:
            found.notes.append(f"There is no sheet for {case.reference}: nothing is taken in for it.")
    return found


def _facts(sheet: SheetCells) -> dict[str, Cell]:
    """What stands in column B, by the label in column A."""
    grid = _grid(sheet)
    return {
        cell.text.strip(): grid[row, "B"]
        for (row, column), cell in grid.items()
        if column == "A" and (row, "B") in grid
    }


def _check_facts(guide: SheetCells, facts: Sequence[Sequence[str]], found: Found) -> None:
    said = _facts(guide)
    for label, value in facts:
        cell = said.get(label)
        if cell is None:
            says = f"The line “{label}” is gone. What identifies the workbook must stay as it was issued."
            found.faults.append(CellFault(GUIDE, "", "", says))
        elif cell.text.strip() != value or cell.is_formula:
            what = "The mark is not the one that was issued" if label == MARK else f"“{label}” was changed"
            says = f"{what}: this is not the workbook as it was given out. Send that one."
            found.faults.append(CellFault(GUIDE, f"B{cell.row}", shown(cell.text), says))


def _case_of(
    sheet: SheetCells, by_mark: Mapping[str, ExpectedCase], seen: dict[str, str], found: Found
) -> ExpectedCase | None:
    said = _facts(sheet)
    mark = said.get(SHEET_MARK)
    if mark is None:
        says = "This sheet is none of the workbook’s own. Take it out: only sheets as they were issued are read."
        found.faults.append(CellFault(sheet.name, "", "", says))
        return None
    where = f"B{mark.row}"
    case = by_mark.get(mark.text.strip())
    if case is None:
        says = "This sheet belongs to another workbook. Put back the sheet that was issued in this one."
        found.faults.append(CellFault(sheet.name, where, shown(mark.text), says))
        return None
    if case.mark in seen:
        says = f"This sheet is there twice, also as “{seen[case.mark]}”. Keep the one with the right answers."
        found.faults.append(CellFault(sheet.name, where, "", says))
        return None
    seen[case.mark] = sheet.name
    reference = said.get(REFERENCE)
    if reference is None or reference.text.strip() != case.reference:
        says = f"The reference was changed: this sheet was issued for {case.reference}."
        text, cell = (shown(reference.text), f"B{reference.row}") if reference else ("", "")
        found.faults.append(CellFault(sheet.name, cell, text, says))
    return case


def _answers_on(sheet: SheetCells, case: ExpectedCase, found: Found) -> dict[str, Answer]:
    grid = _grid(sheet)
    instrument = case.instrument
    if sheet.merged:
        says = f"Cells are merged ({', '.join(sheet.merged[:5])}). Unmerge them, and fill in each."
        found.faults.append(CellFault(sheet.name, sheet.merged[0], "", says))
    head = _head_row(grid)
    if head is None or not _heads_stand(grid, head, instrument):
        says = "The row of column heads was changed. Copy the answers into the workbook as it was issued."
        found.faults.append(CellFault(sheet.name, f"A{head}" if head else "", "", says))
        return {}
    lines = {line.part.key: line for line in answer_lines(instrument, case.stratum)}
    entries = [letters(column) for column in range(ANSWER, discuss_column(instrument) + 1)]
    answers: dict[str, Answer] = {}
    rows: dict[str, int] = {}
    for row in sorted({row for row, _ in grid if row > head}):
        key_cell = grid.get((row, letters(KEY)))
        key = key_cell.text.strip() if key_cell else ""
        cells = {column: grid[row, column] for column in entries if (row, column) in grid}
        if key not in lines:
            if cells:
                first = next(iter(cells.values()))
                says = f"“{shown(key)}” is no question of this sheet." if key else "This row has no question."
                says += " Write only in the white cells."
                found.faults.append(CellFault(sheet.name, f"{first.column}{row}", shown(first.text), says))
            continue
        if key in rows:
            says = f"{key} is there twice, also in row {rows[key]}. Keep one row."
            found.faults.append(CellFault(sheet.name, f"A{row}", key, says))
            continue
        rows[key] = row
        issued = case.answers.get(key, Answer(None))
        answer, faults = answer_in(instrument, lines[key], sheet.name, row, cells, stratum=case.stratum, issued=issued)
        found.faults.extend(faults)
        if answer != issued:
            found.notes.extend(_names_in(sheet.name, row, cells))
        if answer != Answer(None):
            answers[key] = answer
    gone = [key for key in lines if key not in rows]
    if gone:
        listed = ", ".join(gone[:10]) + (f" and {len(gone) - 10} more" if len(gone) > 10 else "")
        found.faults.append(CellFault(sheet.name, "", "", f"These rows are gone: {listed}. Put them back."))
    return answers


def _names_in(sheet: str, row: int, cells: Mapping[str, Cell]) -> list[str]:
    """Warnings about texts that look as if they identified somebody; the text itself is not repeated."""
    return [
        f"Sheet {sheet}, cell {column}{row}: this looks like {' and '.join(signs)}. Look at it before you take it in."
        for column, cell in cells.items()
        if (signs := identifying.signs_in(cell.text))
    ]


def _head_row(grid: Grid) -> int | None:
    column = letters(KEY)
    return next((row for (row, place), cell in grid.items() if place == column and cell.text == HEADERS[KEY]), None)


def _heads_stand(grid: Grid, row: int, instrument: Instrument) -> bool:
    return all(
        (cell := grid.get((row, letters(column)))) is not None and cell.text == head
        for column, head in enumerate(headers(instrument))
        if column not in (QUESTION, TO_DO)
    )


def _grid(sheet: SheetCells) -> Grid:
    return {(cell.row, cell.column): cell for cell in sheet.cells if cell.text.strip() or cell.is_formula}
