"""The codebook as a DOCX document: the same words and tables as the page, with headings, captions and header rows."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache

from docx import Document
from docx.document import Document as Doc
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt
from docx.table import Table, _Cell

from casereader.instrument import Entry, Instrument, appendix, codebook

LANGUAGE = "en-GB"
SMALL = Pt(9)
MADE = datetime(2000, 1, 1, tzinfo=UTC)  # the document's time is nobody's: it follows from the file alone


@lru_cache(maxsize=4)
def write(instrument: Instrument) -> bytes:
    """The codebook of an instrument with its logic as an appendix."""
    document = Document()
    title = f"{instrument.title}: codebook of {instrument.id} {instrument.version}"
    properties = document.core_properties
    properties.title, properties.language, properties.author = title, LANGUAGE, ""
    properties.created = properties.modified = MADE
    for language in document.styles.element.xpath("w:docDefaults/w:rPrDefault/w:rPr/w:lang"):
        language.set(qn("w:val"), LANGUAGE)
    document.add_heading(title, 0)
    if instrument.example:
        document.add_paragraph("An example: no programme can be begun on it.")
    for text in (instrument.reading_period, f"Digest (SHA-256): {instrument.digest}"):
        if text:
            document.add_paragraph(text)
    entries = codebook(instrument)
    for section in instrument.sections:
        document.add_heading(f"{section.id}. {section.title}", 1)
        for text in (section.intro, f"Asked where {section.shown}" if section.shown else ""):
            if text:
                document.add_paragraph(text)
        for entry in entries:
            if entry.section == section.id:
                _entry(document, entry)
    document.add_heading("Appendix: the full logic", 1).paragraph_format.page_break_before = True
    for chapter in appendix(instrument):
        document.add_heading(chapter.title, 2)
        document.add_paragraph(chapter.intro)
        _table(document, chapter.columns, chapter.rows)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def _entry(document: Doc, entry: Entry) -> None:
    document.add_heading(f"{entry.key} {entry.label}{' (headline)' if entry.is_headline else ''}", 2)
    document.add_paragraph(entry.text)
    if entry.guidance:
        document.add_paragraph(entry.guidance)
    for line in entry.facts:
        document.add_paragraph(line, style="List Bullet")
    if entry.answers:
        rows = [
            (one.value, f"{one.label}: {one.says}" if one.says else one.label, "blank" if one.y is None else str(one.y))
            for one in entry.answers
        ]
        _table(document, ("Stored as", "Answer", "Counts as"), rows)


def _table(document: Doc, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    listed = [columns, *rows]
    table = document.add_table(rows=len(listed), cols=len(columns), style="Table Grid")
    for cells, texts in zip(_rows_of(table, len(columns)), listed, strict=True):
        for cell, text in zip(cells, texts, strict=True):
            run = cell.paragraphs[0].add_run(text)
            run.font.size = SMALL
            run.bold = texts is columns
    header = table.rows[0]._tr.get_or_add_trPr()
    header.append(OxmlElement("w:tblHeader"))  # repeated on every page, and read out with each cell
    document.add_paragraph()


def _rows_of(table: Table, width: int) -> Iterable[Sequence[_Cell]]:
    """The cells row by row; the library looks each cell up anew, which is slow for long tables."""
    cells = table._cells
    return (cells[start : start + width] for start in range(0, len(cells), width))
