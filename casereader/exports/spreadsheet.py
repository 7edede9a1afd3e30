"""The result tables as an OpenDocument spreadsheet (ODS): the sheets of the workbook, cell for cell; and as CSV."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZipFile

import pandas as pd

from casereader.exports import archives, sheets, tables
from casereader.exports.sheets import Sheet
from casereader.exports.workbook import Cover, cover_facts, lines_of
from casereader.instrument.model import Instrument
from casereader.rollup import RollUp
from casereader.words import MOST_PLACES, places, printed

if TYPE_CHECKING:  # whoever takes a spreadsheet waits for the library, and nobody who starts the program
    from odfdo import Document, Style

MIMETYPE = "mimetype"  # the first file of the archive, not compressed, says what it is
BOLD, TITLE, SHARE, WIDE = "cr-bold", "cr-title", "cr-share", "cr-wide"
PER_CENT = "cr-per-cent"
GENERATOR = "casereader"
CONTENT = "content.xml"
PLACE = '<table:table table:name="place"/>'
CANNOT_STAND = {
    **dict.fromkeys((*range(32), *range(0x7F, 0xA0), *range(0xD800, 0xE000), 0x2028, 0x2029, 0xFFFE, 0xFFFF), " ")
}
"""Signs that XML cannot hold, and ends of lines, which a cell's one paragraph cannot."""


def write(roll_up: RollUp, instrument: Instrument, cover: Cover, *, more: Sequence[Sheet] = ()) -> bytes:
    """Cover, contents, notes and one titled table a sheet; every text is text and nothing a formula."""
    found = [*sheets.of_roll_up(roll_up, instrument), *more]
    lines = lines_of(cover)
    said = enumerate(sheets.notes(roll_up, cover.reader_notes, more), start=1)
    made = [
        _sheet("Cover", cover.title, [], [], cover_facts(cover, roll_up)),
        _sheet("Contents", "Contents", lines, ["Worksheet", "What it holds"], sheets.contents(found), ("link", "text")),
        _sheet(
            "Notes",
            "Notes",
            lines_of(cover, notes=False),
            ["Note", "What it says"],
            [(f"[note {place}]", note) for place, note in said],
        ),
    ]
    for place, table in enumerate(found, start=1):
        heads = [column.header for column in table.columns]
        kinds = [column.kind for column in table.columns]
        made.append(_sheet(f"Table_{place}", f"Table {place}: {table.title}", lines, heads, table.rows, kinds))
    return _filled(_empty(cover), made, cover.data_time)


def csv_files(roll_up: RollUp, instrument: Instrument, cover: Cover, *, more: Sequence[Sheet] = ()) -> bytes:
    """An archive with each table as CSV under its own name, cover and notes; the banner stands in every row."""
    files = {}
    for table in [*sheets.of_roll_up(roll_up, instrument), *more]:
        names = [column.header for column in table.columns]
        files[f"{table.name}.csv"] = _csv(pd.DataFrame(table.rows, columns=names, dtype=object), cover.banner)
    facts = pd.DataFrame(cover_facts(cover, roll_up), columns=["What", "Says"], dtype="str")
    files["cover.csv"] = _csv(facts, cover.banner)
    said = sheets.notes(roll_up, cover.reader_notes, more)
    files["notes.csv"] = _csv(pd.DataFrame({"Note": said}, dtype="str"), cover.banner)
    return archives.write(dict(sorted(files.items())), cover.data_time)


def _empty(cover: Cover) -> bytes:
    """The document with a single sheet, `PLACE`, that stands where all are to be."""
    from odfdo import Document, Element

    document = Document("spreadsheet")
    document.body.clear()
    _styles(document)
    moment = cover.data_time.astimezone(UTC).replace(microsecond=0, tzinfo=None)
    meta = document.meta
    meta.title, meta.description, meta.generator, meta.language = cover.title, cover.banner, GENERATOR, "en-GB"
    meta.creation_date = meta.date = moment
    meta.creator = meta.initial_creator = ""
    document.body.append(Element.from_tag(PLACE))
    target = io.BytesIO()
    document.save(target, backup=False)
    return target.getvalue()


def _filled(document: bytes, made: Sequence[str], moment: datetime) -> bytes:
    """The sheets put in as text: moved in one by one by the library, they take ten times as long."""
    with ZipFile(io.BytesIO(document)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    before, found, after = files[CONTENT].partition(PLACE.encode())
    if not found:
        raise ValueError("the library writes an empty sheet otherwise than we do")
    files[CONTENT] = b"".join([before, *(sheet.encode() for sheet in made), after])
    return archives.write(files, moment, stored=(MIMETYPE,))


def _csv(table: pd.DataFrame, banner: str) -> bytes:
    typed = table.astype({name: float for name in table if all(isinstance(value, float) for value in table[name])})
    typed = typed.astype({name: "Int64" for name in table if all(isinstance(value, int) for value in table[name])})
    text = io.StringIO(newline="")
    tables.write_table(text, typed, banner=banner)
    return text.getvalue().encode()


def _styles(document: Document) -> None:
    from odfdo import Style

    bold = Style("table-cell", name=BOLD)
    bold.set_properties(area="text", properties={"fo:font-weight": "bold"})
    title = Style("table-cell", name=TITLE)
    title.set_properties(area="text", properties={"fo:font-weight": "bold", "fo:font-size": "15pt"})
    shares: list[str | Style] = []
    for decimals in range(MOST_PLACES + 1):
        shares.append(
            f'<number:percentage-style style:name="{PER_CENT}-{decimals}"><number:number '
            f'number:decimal-places="{decimals}" number:min-integer-digits="1"/><number:text>%</number:text>'
            "</number:percentage-style>"
        )
        share = Style("table-cell", name=f"{SHARE}-{decimals}")
        share.set_attribute("style:data-style-name", f"{PER_CENT}-{decimals}")
        shares.append(share)
    wide = Style("table-column", name=WIDE)
    wide.set_properties(area="table-column", properties={"style:column-width": "6cm"})
    for style in (bold, title, *shares, wide):
        document.insert_style(style, automatic=True)


def _sheet(
    name: str,
    title: str,
    lines: Sequence[str],
    heads: Sequence[str],
    rows: Sequence[Sequence[Any]],
    kinds: Sequence[str] = (),
) -> str:
    """A sheet as the text of its element."""
    parts = [f'<table:table table:name={quoteattr(name)}><table:table-column table:style-name="{WIDE}" ']
    parts.append(f'table:number-columns-repeated="{max(len(heads), 2)}"/>')
    parts += [_row([_cell(title, style=TITLE)]), *(_row([_cell(line)]) for line in lines)]
    if heads:
        header = _row([_cell(head, style=BOLD) for head in heads])
        parts.append(f"<table:table-header-rows>{header}</table:table-header-rows>")
    for values in rows:
        listed = kinds or ["text"] * len(values)
        parts.append(_row([_cell(value, kind=kind) for value, kind in zip(values, listed, strict=True)]))
    return "".join([*parts, "</table:table>"])


def _row(cells: Sequence[str]) -> str:
    return f"<table:table-row>{''.join(cells)}</table:table-row>"


def _cell(value: Any, *, kind: str = "text", style: str = "") -> str:
    """A text stays text whatever it looks like; a figure keeps its digits, and a share is shown in per cent."""
    dressed = f' table:style-name="{style}"' if style else ""
    if isinstance(value, str):
        held = f"<text:p>{_linked(value) if kind == 'link' else escape(value.translate(CANNOT_STAND))}</text:p>"
        return f'<table:table-cell office:value-type="string"{dressed}>{held}</table:table-cell>'
    is_share = kind in ("share", "difference")
    if is_share:
        dressed = f' table:style-name="{SHARE}-{places(value) if kind == "share" else 0}"'
    shown = f"{value:+.0%}" if kind == "difference" else printed(value) if is_share else f"{value:g}"
    held = f'office:value-type="{"percentage" if is_share else "float"}" office:value="{value!r}"'
    return f"<table:table-cell {held}{dressed}><text:p>{escape(shown)}</text:p></table:table-cell>"


def _linked(name: str) -> str:
    """A link to another sheet, by a name that we have given it ourselves."""
    return f'<text:a xlink:type="simple" xlink:href={quoteattr(f"#{name}.A1")}>{escape(name)}</text:a>'
