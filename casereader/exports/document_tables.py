"""Tables of a DOCX document, written as elements: the library takes seconds to find the cells of so many."""

from __future__ import annotations

from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.table import Table as DocumentTable

from casereader.exports.report import Cell, Row, Table

LETTER, PADDING = 100, 240  # room for a letter of a cell and beside its text, in twentieths of a point
LONGEST = 60  # letters beyond which a column is not made wider
CELL_SIZE, HINT_SIZE = "16", "14"  # half points


def fill(empty: DocumentTable, table: Table, *, width: int) -> None:
    """Put header row and rows into an empty table; `width` in twentieths of a point."""
    made = empty._tbl
    layout = OxmlElement("w:tblLayout")
    layout.set(qn("w:type"), "fixed")
    made.tblPr.append(layout)
    widths = _widths(table, width)
    for one in widths:
        column = OxmlElement("w:gridCol")
        column.set(qn("w:w"), str(one))
        made.tblGrid.append(column)
    numeric = [one.numeric for one in table.columns]
    head = Row(tuple(Cell(one.text) for one in table.columns))
    made.append(_row(head, widths, numeric, is_head=True))
    for row in table.rows:
        made.append(_row(row, widths, numeric))


def run_of(text: str, *, size: str = "", bold: bool = False) -> Any:
    """A run of text, as an element; `size` in half points."""
    run = OxmlElement("w:r")
    if size or bold:
        form = OxmlElement("w:rPr")
        if bold:
            form.append(OxmlElement("w:b"))
        if size:
            one = OxmlElement("w:sz")
            one.set(qn("w:val"), size)
            form.append(one)
        run.append(form)
    said = OxmlElement("w:t")
    said.text = text
    said.set(qn("xml:space"), "preserve")
    run.append(said)
    return run


def _widths(table: Table, whole: int) -> list[int]:
    """Each column gets room for its longest word, and of what is left a part by the length of its texts."""
    texts = [
        [column.text, *(line for row in table.rows for line in (row.cells[place].text, row.cells[place].hint))]
        for place, column in enumerate(table.columns)
    ]
    least = [LETTER * max(len(word) for one in column for word in one.split() or [""]) + PADDING for column in texts]
    shrunk = min(1.0, whole / sum(least))
    left = whole - sum(least) * shrunk
    lengths = [min(max(map(len, column)), LONGEST) for column in texts]
    return [int(one * shrunk + left * length / sum(lengths)) for one, length in zip(least, lengths, strict=True)]


def _row(row: Row, widths: list[int], numeric: list[bool], *, is_head: bool = False) -> Any:
    made = OxmlElement("w:tr")
    form = OxmlElement("w:trPr")
    form.append(OxmlElement("w:cantSplit"))
    if is_head:
        form.append(OxmlElement("w:tblHeader"))
    made.append(form)
    for place, (cell, width) in enumerate(zip(row.cells, widths, strict=True)):
        box, shape, size = OxmlElement("w:tc"), OxmlElement("w:tcPr"), OxmlElement("w:tcW")
        size.set(qn("w:w"), str(width))
        size.set(qn("w:type"), "dxa")
        shape.append(size)
        box.append(shape)
        bold = is_head or row.kind == "total"
        lines = [run_of(cell.text, size=CELL_SIZE, bold=bold)]
        if cell.hint:
            lines.append(run_of(cell.hint, size=HINT_SIZE))
        for line in lines:
            box.append(_line(line, right=numeric[place] and place > 0, keep=is_head))
        made.append(box)
    return made


def _line(run: Any, *, right: bool, keep: bool) -> Any:
    """A paragraph of a cell; `keep` it on the page of the row that follows."""
    paragraph, form, spacing = OxmlElement("w:p"), OxmlElement("w:pPr"), OxmlElement("w:spacing")
    if keep:
        form.append(OxmlElement("w:keepNext"))
    for name, value in {"before": "20", "after": "20", "line": "240", "lineRule": "auto"}.items():
        spacing.set(qn(f"w:{name}"), value)
    form.append(spacing)
    if right:
        side = OxmlElement("w:jc")
        side.set(qn("w:val"), "right")
        form.append(side)
    paragraph.append(form)
    paragraph.append(run)
    return paragraph
