"""A report as a DOCX document: real headings, captions, header rows, alternative texts and page numbers.

Its time is the data's, so that the same figures make the same bytes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from datetime import UTC
from html import unescape
from itertools import count
from typing import Any

from docx import Document
from docx.document import Document as Doc
from docx.enum.section import WD_ORIENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from casereader.exports import archives, pictures
from casereader.exports.document_tables import fill, run_of
from casereader.exports.report import Block, Chapter, Chart, Facts, Items, Report, Table, Text

LANGUAGE = "en-GB"
FONT, INK, MUTED = "Arial", RGBColor(0x1A, 0x1A, 0x1A), RGBColor(0x5E, 0x5E, 0x5E)
PAGE, MARGIN = (Cm(21), Cm(29.7)), Cm(2)
WIDE = Cm(17)
TALL = Cm(20)
TWIP = 635
TIMES = 1.5  # as large as on the page: sharp in print, and drawn in half the time of twice
SMALL = "19"  # half points
CONTENTS = ' TOC \\o "1-2" \\h \\n \\z '
_SAID = re.compile(r"<(title|desc) [^>]*>(.*?)</\1>", re.DOTALL)


def write(report: Report) -> bytes:
    """The whole document."""
    document = Document()
    _set_up(document, report)
    document.add_heading(report.title, 0)
    document.add_paragraph(report.subtitle, style="Subtitle")
    for block in report.cover:
        _block(document, block)
    marks = count(1)
    _contents(document, report)
    for chapter in report.chapters:
        _chapter(document, chapter, 1, marks)
    target = io.BytesIO()
    document.save(target)
    return archives.restamped(target.getvalue(), report.data_time)


def _set_up(document: Doc, report: Report) -> None:
    properties = document.core_properties
    properties.title, properties.subject, properties.language = report.title, report.marking, LANGUAGE
    properties.author = properties.last_modified_by = properties.comments = ""
    properties.created = properties.modified = report.data_time.astimezone(UTC).replace(microsecond=0)
    for language in document.styles.element.xpath("w:docDefaults/w:rPrDefault/w:rPr/w:lang"):
        language.set(qn("w:val"), LANGUAGE)
    page = document.sections[0]
    page.orientation, page.page_width, page.page_height = WD_ORIENT.PORTRAIT, *PAGE
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = MARGIN
    sizes = {"Normal": 10.5, "Title": 24, "Subtitle": 14, "Heading 1": 18, "Heading 2": 14, "Caption": 9.5}
    for name, size in sizes.items():
        style: Any = document.styles[name]
        style.font.name, style.font.size, style.font.color.rgb = FONT, Pt(size), INK
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
    document.styles["Subtitle"].font.italic = False
    document.styles["Caption"].paragraph_format.keep_with_next = True
    page.header.paragraphs[0].text = f"{report.title} – {report.marking}"
    foot = page.footer.paragraphs[0]
    foot.add_run("Page ")
    _field(foot, " PAGE ", "1")
    foot.add_run(" of ")
    _field(foot, " NUMPAGES ", "1")
    for paragraph in (page.header.paragraphs[0], foot):
        for run in paragraph.runs:
            run.font.size, run.font.color.rgb = Pt(8.5), MUTED


def _contents(document: Doc, report: Report) -> None:
    """The headings as links: a field that Word can make anew, filled in already since it holds no page number."""
    document.add_heading("Contents", 1).paragraph_format.page_break_before = True
    listed = [(level, one.title) for chapter in report.chapters for level, one in _with_parts(chapter)]
    for place, (level, title) in enumerate(listed, start=1):
        paragraph = document.add_paragraph()
        form = paragraph.paragraph_format
        form.left_indent, form.space_after, form.line_spacing = Cm(0.8 * (level - 1)), Pt(1), 1.0
        if place == 1:
            _field_mark(paragraph, "begin")
            _instruction(paragraph, CONTENTS)
            _field_mark(paragraph, "separate")
        link = OxmlElement("w:hyperlink")
        link.set(qn("w:anchor"), _mark(place))
        link.set(qn("w:history"), "1")
        link.append(run_of(title, size=SMALL))
        paragraph._p.append(link)
        if place == len(listed):
            _field_mark(paragraph, "end")


def _with_parts(chapter: Chapter) -> Iterator[tuple[int, Chapter]]:
    yield 1, chapter
    for part in chapter.parts:
        yield 2, part


def _chapter(document: Doc, chapter: Chapter, level: int, marks: Iterator[int]) -> None:
    heading = document.add_heading(chapter.title, level)
    heading.paragraph_format.page_break_before = level == 1
    number = next(marks)
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    for mark in (start, end):
        mark.set(qn("w:id"), str(number))
    start.set(qn("w:name"), _mark(number))
    heading._p.insert(1, start)
    heading._p.append(end)
    for block in chapter.blocks:
        _block(document, block)
    for part in chapter.parts:
        _chapter(document, part, level + 1, marks)


def _mark(number: int) -> str:
    return f"_Toc{number:08}"


def _block(document: Doc, block: Block) -> None:
    writers: dict[str, Callable[[Doc, Any], None]] = {
        "text": _text,
        "items": _items,
        "facts": _facts,
        "table": _table,
        "chart": _chart,
    }
    writers[block.kind](document, block)


def _text(document: Doc, text: Text) -> None:
    said = [one for one in text.says.split("\n") if one.strip()] if text.tone == "quoted" else [text.says]
    for one in said:
        paragraph = document.add_paragraph()
        run = paragraph.add_run(one)
        run.bold = text.tone == "strong" or None
        if text.tone == "warning":
            _framed(paragraph)
        if text.tone == "quoted":
            paragraph.paragraph_format.left_indent = Cm(0.8)


def _items(document: Doc, items: Items) -> None:
    for one in items.says:
        document.add_paragraph(one, style="List Bullet")


def _facts(document: Doc, facts: Facts) -> None:
    for name, says in facts.pairs:
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.space_after = Pt(3)
        paragraph.add_run(f"{name}: ").bold = True
        paragraph.add_run(says)


def _framed(paragraph: Paragraph) -> None:
    borders = OxmlElement("w:pBdr")
    for side in ("top", "left", "bottom", "right"):
        line = OxmlElement(f"w:{side}")
        for name, value in {"val": "single", "sz": "8", "space": "4", "color": "1A1A1A"}.items():
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    before = paragraph._p.get_or_add_pPr()
    before.insert_element_before(borders, "w:shd", "w:spacing", "w:ind", "w:jc", "w:rPr")


def _caption(document: Doc, word: str, number: int, says: str) -> None:
    paragraph = document.add_paragraph(f"{word} ", style="Caption")
    _field(paragraph, f" SEQ {word} \\* ARABIC ", str(number))
    paragraph.add_run(f". {says}")


def _chart(document: Doc, chart: Chart) -> None:
    _caption(document, "Figure", chart.number, chart.caption)
    document.add_picture(io.BytesIO(pictures.png(str(chart.svg), TIMES)))
    shape: Any = document.inline_shapes[-1]
    width, height = shape.width / TIMES, shape.height / TIMES
    shrunk = min(1.0, WIDE / width, TALL / height)
    shape.width, shape.height = int(width * shrunk), int(height * shrunk)
    about = shape._inline.docPr
    about.set("name", f"Figure {chart.number}")
    about.set("descr", said_of(chart))


def said_of(chart: Chart) -> str:
    """A chart in words: its title and its finding, which are in the drawing itself."""
    return " ".join(unescape(match[2]).rstrip(".") + "." for match in _SAID.finditer(chart.svg))


def _table(document: Doc, table: Table) -> None:
    if not table.rows:
        document.add_paragraph(f"{table.caption}: {table.empty}")
        return
    _caption(document, "Table", table.number, table.caption)
    fill(document.add_table(rows=0, cols=0, style="Table Grid"), table, width=WIDE // TWIP)
    document.add_paragraph().paragraph_format.space_after = Pt(6)


def _field(paragraph: Paragraph, instruction: str, shown: str) -> None:
    _field_mark(paragraph, "begin")
    _instruction(paragraph, instruction)
    _field_mark(paragraph, "separate")
    paragraph.add_run(shown)
    _field_mark(paragraph, "end")


def _field_mark(paragraph: Paragraph, kind: str) -> None:
    mark = OxmlElement("w:fldChar")
    mark.set(qn("w:fldCharType"), kind)
    paragraph.add_run()._r.append(mark)


def _instruction(paragraph: Paragraph, says: str) -> None:
    text = OxmlElement("w:instrText")
    text.text = says
    text.set(qn("xml:space"), "preserve")
    paragraph.add_run()._r.append(text)
