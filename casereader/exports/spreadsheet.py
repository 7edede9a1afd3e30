"""The result tables as an OpenDocument spreadsheet (ODS): the sheets of the workbook, cell for cell; and as CSV."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pandas as pd
from odfdo import Document, Element, Style

from casereader.charts.svg import per_cent
from casereader.exports import archives, sheets, tables
from casereader.exports.workbook import ONE_TABLE, Cover, cover_facts
from casereader.instrument.model import Instrument
from casereader.rollup import RollUp

MIMETYPE = "mimetype"  # the first file of the archive, not compressed, says what it is
BOLD, TITLE, SHARE, WIDE = "cr-bold", "cr-title", "cr-share", "cr-wide"
PER_CENT = "cr-per-cent"
GENERATOR = "casereader"


def write(roll_up: RollUp, instrument: Instrument, cover: Cover) -> bytes:
    """Cover, contents, notes and one titled table a sheet; every text is text and nothing a formula."""
    found = sheets.of_roll_up(roll_up, instrument)
    document = Document("spreadsheet")
    document.body.clear()
    _styles(document)
    moment = cover.data_time.astimezone(UTC).replace(microsecond=0, tzinfo=None)
    meta = document.meta
    meta.title, meta.description, meta.generator, meta.language = cover.title, cover.banner, GENERATOR, "en-GB"
    meta.creation_date = meta.date = moment
    meta.creator = meta.initial_creator = ""
    document.body.append(_sheet("Cover", cover.title, [], [], cover_facts(cover, roll_up)))
    listed = [("Notes", "Notes: how to read the figures")]
    listed += [(f"Table_{place}", table.title) for place, table in enumerate(found, start=1)]
    lines = _lines(cover, notes=False)
    document.body.append(_sheet("Contents", "Contents", lines, ["Worksheet", "What it holds"], listed))
    said = [(f"[note {place}]", note) for place, note in enumerate(sheets.notes(roll_up, cover.reader_notes), start=1)]
    document.body.append(_sheet("Notes", "Notes", lines, ["Note", "What it says"], said))
    for place, table in enumerate(found, start=1):
        heads = [column.header for column in table.columns]
        kinds = [column.kind for column in table.columns]
        title = f"Table {place}: {table.title}"
        document.body.append(_sheet(f"Table_{place}", title, _lines(cover), heads, table.rows, kinds))
    target = io.BytesIO()
    document.save(target, backup=False)
    return archives.restamped(target.getvalue(), cover.data_time, stored=(MIMETYPE,))


def csv_files(roll_up: RollUp, instrument: Instrument, cover: Cover) -> bytes:
    """An archive with each table as CSV under its own name, and the notes; the banner stands in every row."""
    files = {}
    for table in sheets.of_roll_up(roll_up, instrument):
        names = [column.header for column in table.columns]
        files[f"{table.name}.csv"] = _csv(pd.DataFrame(table.rows, columns=names, dtype=object), cover.banner)
    said = sheets.notes(roll_up, cover.reader_notes)
    files["notes.csv"] = _csv(pd.DataFrame({"Note": said}, dtype="str"), cover.banner)
    return archives.write(dict(sorted(files.items())), cover.data_time)


def _csv(table: pd.DataFrame, banner: str) -> bytes:
    typed = table.astype({name: float for name in table if all(isinstance(value, float) for value in table[name])})
    typed = typed.astype({name: "Int64" for name in table if all(isinstance(value, int) for value in table[name])})
    text = io.StringIO(newline="")
    tables.write_table(text, typed, banner=banner)
    return text.getvalue().encode()


def _lines(cover: Cover, *, notes: bool = True) -> list[str]:
    lines = [ONE_TABLE, "Notes are on the worksheet “Notes”." if notes else "", cover.banner]
    return [line for line in lines if line]


def _styles(document: Document) -> None:
    bold = Style("table-cell", name=BOLD)
    bold.set_properties(area="text", properties={"fo:font-weight": "bold"})
    title = Style("table-cell", name=TITLE)
    title.set_properties(area="text", properties={"fo:font-weight": "bold", "fo:font-size": "15pt"})
    shown = (
        f'<number:percentage-style style:name="{PER_CENT}"><number:number number:decimal-places="0" '
        'number:min-integer-digits="1"/><number:text>%</number:text></number:percentage-style>'
    )
    share = Style("table-cell", name=SHARE)
    share.set_attribute("style:data-style-name", PER_CENT)
    wide = Style("table-column", name=WIDE)
    wide.set_properties(area="table-column", properties={"style:column-width": "6cm"})
    for style in (bold, title, shown, share, wide):
        document.insert_style(style, automatic=True)


def _sheet(
    name: str,
    title: str,
    lines: Sequence[str],
    heads: Sequence[str],
    rows: Sequence[Sequence[Any]],
    kinds: Sequence[str] = (),
) -> Element:
    """A sheet, read by the library from its text at once: made cell by cell it takes a hundred times as long."""
    parts = [f'<table:table table:name={quoteattr(name)}><table:table-column table:style-name="{WIDE}" ']
    parts.append(f'table:number-columns-repeated="{max(len(heads), 2)}"/>')
    parts += [_row([_cell(title, style=TITLE)]), *(_row([_cell(line)]) for line in lines)]
    if heads:
        header = _row([_cell(head, style=BOLD) for head in heads])
        parts.append(f"<table:table-header-rows>{header}</table:table-header-rows>")
    for values in rows:
        listed = kinds or ["text"] * len(values)
        parts.append(_row([_cell(value, kind=kind) for value, kind in zip(values, listed, strict=True)]))
    return Element.from_tag("".join([*parts, "</table:table>"]))


def _row(cells: Sequence[str]) -> str:
    return f"<table:table-row>{''.join(cells)}</table:table-row>"


def _cell(value: Any, *, kind: str = "text", style: str = "") -> str:
    """A text stays text whatever it looks like; a figure keeps its digits, and a share is shown in per cent."""
    dressed = f' table:style-name="{style}"' if style else ""
    if isinstance(value, str):
        plain = "".join(sign if sign.isprintable() else " " for sign in value)
        return (
            f'<table:table-cell office:value-type="string"{dressed}><text:p>{escape(plain)}</text:p></table:table-cell>'
        )
    if kind == "share":
        dressed = f' table:style-name="{SHARE}"'
    of = "percentage" if kind == "share" else "float"
    shown = per_cent(value) if kind == "share" else f"{value:g}"
    held = f'office:value-type="{of}" office:value="{value!r}"'
    return f"<table:table-cell {held}{dressed}><text:p>{escape(shown)}</text:p></table:table-cell>"
