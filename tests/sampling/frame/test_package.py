"""A workbook as a package of parts: what it must hold, may hold, and must not."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tests.sampling.frame.reading import faults, read, warnings
from tests.sampling.frame.workbooks import (
    RELATIONS,
    STRICT,
    case,
    header,
    sheet,
    text,
    workbook,
)


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("xl/vbaProject.bin", "macros"),
        ("xl/macrosheets/sheet1.xml", "macros"),
        ("xl/externalLinks/externalLink1.xml", "external"),
        ("xl/connections.xml", "external"),
        ("xl/queryTables/queryTable1.xml", "external"),
        ("xl/pivotCache/pivotCacheRecords1.xml", "pivot"),
        ("xl/pivotTables/pivotTable1.xml", "pivot"),
        ("xl/model/item.data", "embedded"),
        ("xl/embeddings/Microsoft_Word_Document.docx", "embedded"),
        ("xl/activeX/activeX1.xml", "embedded"),
        ("xl/workbook.bin", "xlsb"),
        ("../evil", "not allowed"),
        ("xl/../../evil", "not allowed"),
        ("/etc/evil", "not allowed"),
        ("xl\\worksheets\\x.xml", "not allowed"),
        ("C:/evil", "not allowed"),
        ("XL/WORKBOOK.XML", "twice"),
        ("word/document.xml", "content"),
    ],
)
def test_parts_that_no_list_needs_are_refused(tmp_path: Path, part: str, words: str) -> None:
    assert words in faults(workbook(tmp_path / "list.xlsx", parts={part: "x"}))


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("xl/comments1.xml", "comment"),
        ("xl/threadedComments/threadedComment1.xml", "comment"),
        ("xl/media/a.png", "pictures"),
    ],
)
def test_comments_and_pictures_are_not_read_and_told(tmp_path: Path, part: str, words: str) -> None:
    assert words in warnings(workbook(tmp_path / "list.xlsx", parts={part: "Ann Other"}))
    assert "Ann" not in warnings(workbook(tmp_path / "list.xlsx", parts={part: "Ann Other"}))


@pytest.mark.parametrize(
    "part",
    [
        "docProps/core.xml",
        "xl/tables/table1.xml",
        "xl/theme/theme1.xml",
        "xl/printerSettings/printerSettings1.bin",
        "customXml/item1.xml",
        "xl/calcChain.xml",
        "xl/drawings/drawing1.xml",
    ],
)
def test_ordinary_parts_are_let_be(tmp_path: Path, part: str) -> None:
    workbook(tmp_path / "list.xlsx", parts={part: "not even XML"})

    assert {warning.column for warning in read(tmp_path / "list.xlsx").warnings} == {"stratum"}


def test_links_out_of_the_workbook_are_refused_and_those_out_of_a_cell_let_be(tmp_path: Path) -> None:
    def link(kind: str) -> str:
        return f'<Relationship Id="rId7" Type="{RELATIONS}/{kind}" Target="http://127.0.0.1:9/" TargetMode="External"/>'

    rels = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
    sheet_rels = "xl/worksheets/_rels/sheet1.xml.rels"
    path = tmp_path / "list.xlsx"

    assert len(read(workbook(path, parts={sheet_rels: rels.format(link("hyperlink"))})).table) == 4
    assert "external" in faults(workbook(path, parts={sheet_rels: rels.format(link("image"))}))
    assert "external" in faults(workbook(path, relations=link("attachedTemplate")))
    assert "external" in faults(
        workbook(path, inside_workbook='<externalReferences><externalReference r:id="rId1"/></externalReferences>')
    )


@pytest.mark.parametrize(
    "without", ["[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml"]
)
def test_a_workbook_without_a_part_it_needs_is_damaged(tmp_path: Path, without: str) -> None:
    assert "damaged" in faults(workbook(tmp_path / "list.xlsx", without=(without,)))


@pytest.mark.parametrize("without", ["xl/styles.xml", "xl/sharedStrings.xml", "_rels/.rels"])
def test_a_workbook_without_a_part_it_can_do_without_is_read(tmp_path: Path, without: str) -> None:
    path = workbook(
        tmp_path / "list.xlsx", sheet(header(), case(2, D=text("D2", "")), case(3, D="")), without=(without,)
    )

    assert len(read(path).table) == 2


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE worksheet [<!ENTITY e "ok">]>',
        '<!DOCTYPE w SYSTEM "file:///etc/passwd">',
        "<!DOCTYPE w>",
        '<!DOCTYPE w [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]>',
    ],
)
@pytest.mark.parametrize(
    "part",
    [
        "xl/worksheets/sheet1.xml",
        "xl/workbook.xml",
        "xl/sharedStrings.xml",
        "xl/styles.xml",
        "[Content_Types].xml",
        "_rels/.rels",
    ],
)
def test_a_document_type_is_not_allowed_in_any_part(tmp_path: Path, part: str, doctype: str) -> None:
    workbook(tmp_path / "first.xlsx")
    with zipfile.ZipFile(tmp_path / "first.xlsx") as file:
        content = file.read(part).decode()
    declaration, mark, rest = content.rpartition("?>")
    bad = f"{declaration}{mark}{doctype}{rest}"

    assert "not allowed" in faults(workbook(tmp_path / "list.xlsx", parts={part: bad}))


def test_strict_workbooks_and_other_encodings_of_xml_are_read_alike(tmp_path: Path) -> None:
    strict = workbook(tmp_path / "list.xlsx", sheet(namespace=STRICT), namespace=STRICT)
    assert len(read(strict).table) == 4

    wide = sheet().replace("UTF-8", "UTF-16").encode("utf-16")
    assert len(read(workbook(tmp_path / "list.xlsx", parts={"xl/worksheets/sheet1.xml": wide})).table) == 4

    unknown = sheet().replace("UTF-8", "x-none").encode()
    assert "damaged" in faults(workbook(tmp_path / "list.xlsx", parts={"xl/worksheets/sheet1.xml": unknown}))


@pytest.mark.parametrize(
    ("kind", "words"), [("sheet.macroEnabled.main+xml", "macros"), ("sheet.binary.macroEnabled.main", "xlsb")]
)
def test_the_declared_type_of_the_workbook_counts_too(tmp_path: Path, kind: str, words: str) -> None:
    assert words in faults(workbook(tmp_path / "list.xlsx", main_type=f"application/vnd.ms-excel.{kind}"))


def test_bombs_are_refused_before_they_are_unpacked(tmp_path: Path) -> None:
    blanks = workbook(tmp_path / "list.xlsx", sheet(" " * 20_000_000))
    assert "too large" in faults(blanks)

    with zipfile.ZipFile(tmp_path / "many.xlsx", "w") as file:
        for i in range(400):
            file.writestr(f"xl/{i}.xml", "")
    assert "parts" in faults(tmp_path / "many.xlsx")


@pytest.mark.parametrize("data", [b"PK\x05\x06" + bytes(18), b"PK\x03\x04", b"PKxxxx", b"PK\x03\x04" + bytes(500)])
def test_what_is_hardly_a_zip_is_damaged(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "list.xlsx").write_bytes(data)

    assert "damaged" in faults(tmp_path / "list.xlsx")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"<html><table>", "content"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old Excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"%PDF-1.7", "content"),
    ],
)
def test_what_is_no_workbook_is_refused(tmp_path: Path, data: bytes, words: str) -> None:
    (tmp_path / "list.xlsx").write_bytes(data)

    assert words in faults(tmp_path / "list.xlsx")
