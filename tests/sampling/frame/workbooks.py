"""Workbooks made part by part, so that a test can break or bend any one of them."""

from __future__ import annotations

import zipfile
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

HEADER = ("case_ref", "stratum", "age", "start", "locality")
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="000000"/>'
    '<numFmt numFmtId="165" formatCode="[$-809]dd\\ mmmm\\ yyyy;@"/></numFmts>'
    '<cellStyleXfs count="1"><xf numFmtId="14"/></cellStyleXfs>'
    '<cellXfs count="7"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/>'
    '<xf numFmtId="10"/><xf numFmtId="44"/><xf numFmtId="22"/></cellXfs></styleSheet>'
)
DATE, ZEROS, LONG_DATE, PERCENT, MONEY, STAMP = 1, 2, 3, 4, 5, 6


def text(place: str, value: str) -> str:
    """A cell of text at a place such as A2."""
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def number(place: str, value: str | float, style: int = 0) -> str:
    """A cell that holds a number, in one of the styles above."""
    return f'<c r="{place}" s="{style}"><v>{value}</v></c>'


def case(row: int, **cells: str) -> str:
    """The row of one case; a cell given by its letter takes the place of the usual one."""
    usual = {
        "A": text(f"A{row}", f"{row:06d}"),
        "B": text(f"B{row}", "CPR" if row % 2 else "CPI"),
        "C": number(f"C{row}", row % 18),
        "D": number(f"D{row}", 45000 + row, DATE),
        "E": text(f"E{row}", "Area A"),
    }
    return f'<row r="{row}">' + "".join((usual | cells)[letter] for letter in sorted(usual | cells)) + "</row>"


def header(*names: str) -> str:
    """Row 1 with these names."""
    return '<row r="1">' + "".join(text(f"{chr(65 + i)}1", name) for i, name in enumerate(names or HEADER)) + "</row>"


def sheet(*rows: str, before: str = "", after: str = "", namespace: str = MAIN) -> str:
    """The part of a sheet: usually a header and four cases."""
    inside = "".join(rows or (header(), *(case(row) for row in range(2, 6))))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{namespace}" xmlns:r="{RELATIONS}">{before}'
        f"<sheetData>{inside}</sheetData>{after}</worksheet>"
    )


def workbook(
    path: Path,
    *sheets: str,
    names: tuple[str, ...] = ("Frame", "Other", "Third"),
    states: tuple[str, ...] = (),
    kinds: tuple[str, ...] = (),
    strings: str | None = None,
    inside_workbook: str = "",
    parts: dict[str, str | bytes] | None = None,
    without: tuple[str, ...] = (),
    relations: str = "",
    main_type: str = f"{_TYPE}.sheet.main+xml",
    namespace: str = MAIN,
) -> Path:
    """Write a workbook of these sheets; `parts` adds or replaces parts, `without` leaves them out."""
    given = sheets or (sheet(),)
    kinds = kinds or ("worksheet",) * len(given)
    listed = "".join(
        f'<sheet name={quoteattr(names[i])} sheetId="{i + 1}" r:id="rId{i + 1}"'
        + (f' state="{states[i]}"' if i < len(states) and states[i] else "")
        + "/>"
        for i in range(len(given))
    )
    links = "".join(
        f'<Relationship Id="rId{i + 1}" Type="{RELATIONS}/{kinds[i]}" Target="worksheets/sheet{i + 1}.xml"/>'
        for i in range(len(given))
    )
    every: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Override PartName="/xl/workbook.xml" '
        f'ContentType="{main_type}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{namespace}" xmlns:r="{RELATIONS}">{inside_workbook}'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{links}'
        f'<Relationship Id="rId90" Type="{RELATIONS}/styles" Target="styles.xml"/>'
        f'<Relationship Id="rId91" Type="{RELATIONS}/sharedStrings" Target="/xl/sharedStrings.xml"/>'
        f"{relations}</Relationships>",
        "xl/styles.xml": STYLES,
        "xl/sharedStrings.xml": strings or f'<sst xmlns="{MAIN}"/>',
        **{f"xl/worksheets/sheet{i + 1}.xml": part for i, part in enumerate(given)},
        **(parts or {}),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in every.items():
            if name not in without:
                file.writestr(name, content)
    return path
