"""Writes an instrument as a workbook. Texts are always texts: never formulas, links or numbers."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]

from casereader.instrument.errors import InstrumentError, InstrumentFault
from casereader.instrument.schema import InstrumentTable, PartTable, QuestionTable, Table
from casereader.instrument.spreadsheet import layout
from casereader.instrument.spreadsheet.layout import HEADERS, LISTS, LONGEST_CELL, TYPE, to_cell

Row = dict[str, str | int | None]
TYPES = {"count": "integer", "text": "text"}
WIDTHS = {"label": 60, "says": 60, "hint": 40, "guidance": 40, "relevant": 40, "when": 60, "good": 40}
OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
MADE = datetime(2000, 1, 1)  # noqa: DTZ001 - the same instrument makes the same bytes, whatever the day


def write_workbook(tables: InstrumentTable) -> bytes:
    """The workbook of an instrument. Raises InstrumentError where a text is longer than a cell holds."""
    rows = {
        "survey": list(_survey(tables)),
        "choices": list(_choices(tables)),
        "settings": [{**_row(tables, layout.SETTINGS), **_row(tables.evidence, layout.EVIDENCE)}],
        "part_sets": list(_part_sets(tables)),
        "rules": list(_rules(tables)),
        "lists": [
            {"list_name": name, "name": one.value, "label": one.label}
            for name in LISTS
            for one in getattr(tables, name)
        ],
        **{sheet.name: [_row(one, sheet.columns) for one in getattr(tables, sheet.path)] for sheet in layout.FLAT},
    }
    _refuse_too_long(tables, rows)
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, OPTIONS)
    book.set_properties({"title": f"{tables.id} {tables.version}: {tables.title}", "created": MADE})
    head = book.add_format({"bold": True, "bottom": 1, "valign": "top", "num_format": "@"})
    text = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    for name in HEADERS:
        _sheet(book.add_worksheet(name), HEADERS[name], rows[name], head, text)
    book.close()
    return target.getvalue()


def _sheet(sheet: Any, headers: tuple[str, ...], rows: list[Row], head: Any, text: Any) -> None:
    sheet.freeze_panes(1, 2)
    for column, header in enumerate(headers):
        sheet.set_column(column, column, WIDTHS.get(header, max(12, len(header) + 2)), text)
        sheet.write_string(0, column, header, head)
        for number, row in enumerate(rows, start=1):
            value = row.get(header)
            if isinstance(value, int):
                sheet.write_number(number, column, value)
            elif value is not None:
                sheet.write_string(number, column, value, text)


def _row(table: Table, columns: Mapping[str, str]) -> Row:
    fields = type(table).model_fields
    return {header: to_cell(fields[field], getattr(table, field)) for header, field in columns.items() if field}


def _survey(tables: InstrumentTable) -> Iterator[Row]:
    scales = {scale.id: TYPES.get(scale.kind, "select_one") for scale in tables.scales}
    for section in tables.sections:
        yield {TYPE: "begin_group", **_row(section, layout.SECTION)}
        for question in section.questions:
            row = _row(question, layout.QUESTION)
            if question.parts:
                yield {TYPE: "begin_group", **row}
                for part in question.parts:
                    name = question.id if part.id is None else f"{question.id}.{part.id}"
                    yield {**_part(part, scales), "name": name}
                yield {TYPE: "end_group", "name": question.id}
            else:
                yield {TYPE: _type(question, scales), **row}
        yield {TYPE: "end_group", "name": section.id}


def _type(question: QuestionTable, scales: Mapping[str, str]) -> str:
    if question.part_set is not None:
        return f"{layout.PART_SET} {question.part_set}"
    scale = question.scale or ""
    return f"{'calculate' if question.rules else scales.get(scale, 'select_one')} {scale}"


def _part(part: PartTable, scales: Mapping[str, str]) -> Row:
    return {TYPE: f"{scales.get(part.scale, 'select_one')} {part.scale}", **_row(part, layout.PART)}


def _part_sets(tables: InstrumentTable) -> Iterator[Row]:
    scales = {scale.id: TYPES.get(scale.kind, "select_one") for scale in tables.scales}
    for part_set in tables.part_sets:
        for part in part_set.parts:
            yield {layout.PART_SET: part_set.id, **_part(part, scales)}


def _choices(tables: InstrumentTable) -> Iterator[Row]:
    for scale in tables.scales:
        for choice in scale.choices:
            yield {layout.LIST_NAME: scale.id, **_row(choice, layout.CHOICES)}


def _rules(tables: InstrumentTable) -> Iterator[Row]:
    for section in tables.sections:
        for question in section.questions:
            for rule in question.rules:
                yield {"rating": question.id, **_row(rule, layout.RULES)}


def _refuse_too_long(tables: InstrumentTable, rows: Mapping[str, list[Row]]) -> None:
    faults = [
        InstrumentFault(
            f"{tables.id} {tables.version}",
            None,
            None,
            f"column {header} of sheet {name}, row {number}, would hold {len(value):,} characters.",
            f"A cell holds at most {LONGEST_CELL:,}: shorten the list.",
        )
        for name, listed in rows.items()
        for number, row in enumerate(listed, start=2)
        for header, value in row.items()
        if isinstance(value, str) and len(value) > LONGEST_CELL
    ]
    if faults:
        raise InstrumentError(faults)
