"""The document of a report: what Word, screen readers and a second look at the same figures need of it."""

import io
from datetime import UTC, datetime
from zipfile import ZipFile

import pytest
from docx import Document
from docx.document import Document as Doc
from docx.oxml.ns import qn
from markupsafe import Markup

from casereader.charts import ShareRow, share_chart
from casereader.exports import report_document
from casereader.exports.report import Cell, Chapter, Chart, Column, Facts, Items, Report, Row, Table, Text, finished

MOMENT = datetime(2026, 6, 15, 15, 30, tzinfo=UTC)
DRAWN = share_chart("a", "Share & more", [ShareRow("Assessment", 0.57, 0.4, 0.7, 6, 11, "the majority")])
NUMBERS = Table(
    "numbers",
    "Numbers",
    (Column("Question"), Column("Records", numeric=True)),
    (Row((Cell("C9", "Assessment"), Cell("6 of 11"))), Row((Cell("All"), Cell("11")), "total")),
    "Nothing yet.",
)


def report(*, reason: str = "As the records show.") -> Report:
    """A report with a block of each kind."""
    blocks = (Text("It was found:", "strong"), Chart("a", "Share", Markup(DRAWN)), NUMBERS, Text(reason, "quoted"))  # noqa: S704
    return finished(
        Report(
            title="Glen: figures",
            subtitle="Programme 2026",
            marking="Working figures, not published",
            data_time=MOMENT,
            cover=(Text("Invented.", "warning"), Facts((("Programme", "Programme 2026"),))),
            chapters=(
                Chapter("one", "The main findings", (), (Chapter("part", "Assessment", blocks),)),
                Chapter("two", "How to read", (Items(("A note.",)), NUMBERS)),
            ),
        )
    )


@pytest.fixture(scope="module")
def made() -> bytes:
    """That report as a document."""
    return report_document.write(report())


@pytest.fixture
def opened(made: bytes) -> Doc:
    """The document as Word's own format is read."""
    return Document(io.BytesIO(made))


def test_the_same_figures_make_the_same_bytes_with_the_time_of_the_data(made: bytes, opened: Doc) -> None:
    assert report_document.write(report()) == made
    assert (opened.core_properties.created, opened.core_properties.modified) == (MOMENT, MOMENT)
    assert opened.core_properties.author == ""
    with ZipFile(io.BytesIO(made)) as parts:
        assert {one.date_time for one in parts.infolist()} == {(2026, 6, 15, 15, 30, 0)}


def test_headings_captions_and_numbers_run_through_the_document(opened: Doc) -> None:
    headings = [(one.style.name, one.text) for one in opened.paragraphs if one.style and "Heading" in one.style.name]
    captions = [one.text for one in opened.paragraphs if one.style and one.style.name == "Caption"]

    assert headings == [
        ("Heading 1", "Contents"),
        ("Heading 1", "The main findings"),
        ("Heading 2", "Assessment"),
        ("Heading 1", "How to read"),
    ]
    assert captions == ["Figure 1. Share", "Table 1. Numbers", "Table 2. Numbers"]


def test_the_contents_lead_to_the_headings(opened: Doc) -> None:
    body = opened.element.body
    leads = [link.get(qn("w:anchor")) for link in body.iter(qn("w:hyperlink"))]
    marks = [mark.get(qn("w:name")) for mark in body.iter(qn("w:bookmarkStart"))]

    assert leads == marks
    assert len(marks) == 3


def test_every_table_repeats_its_header_row_and_breaks_no_row(opened: Doc) -> None:
    for table in opened.tables:
        rows = list(table._tbl.iter(qn("w:tr")))
        assert [row.find(f".//{qn('w:tblHeader')}") is not None for row in rows] == [True, False, False]
        assert all(row.find(f".//{qn('w:cantSplit')}") is not None for row in rows)
    assert opened.tables[0].cell(1, 0).text == "C9\nAssessment"


def test_a_picture_is_told_in_words(opened: Doc) -> None:
    (picture,) = opened.inline_shapes

    words = picture._inline.docPr.get("descr")
    assert words.startswith("Share & more. Assessment: the majority, 57% (40% to 70%)")
    assert picture.width.cm <= 17


def test_its_language_is_british_english_and_its_pages_are_numbered(opened: Doc) -> None:
    (language,) = opened.styles.element.xpath("w:docDefaults/w:rPrDefault/w:rPr/w:lang")
    fields = [one.text for one in opened.sections[0].footer._element.iter(qn("w:instrText"))]

    assert (language.get(qn("w:val")), opened.core_properties.language) == ("en-GB", "en-GB")
    assert fields == [" PAGE ", " NUMPAGES "]
    assert "not published" in opened.sections[0].header.paragraphs[0].text


def test_signs_that_no_document_can_hold_are_replaced() -> None:
    made = report_document.write(report(reason="Bad\x00\x0b\x1f sign\ud800\ufffe\r\nand a second line"))

    texts = [one.text for one in Document(io.BytesIO(made)).paragraphs]
    assert "Bad��� sign��" in texts
    assert "and a second line" in texts
