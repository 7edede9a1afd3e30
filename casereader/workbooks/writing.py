"""Writes a reading workbook: how to use it, a sheet for each case, what the answers mean, and the lists behind them.

Texts are always texts, never formulas or links; the only formulas are ours, in the column "Still to do". The document's
time is that of the issue, so that the same issue makes the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Any

import xlsxwriter  # type: ignore[import-untyped]

from casereader.exports.workbook import OPTIONS
from casereader.instrument import Answers, Instrument
from casereader.workbooks.case_sheet import CaseSheet
from casereader.workbooks.guidance import COLOURS, KEPT, steps
from casereader.workbooks.layout import GUIDE, LISTS, MEANINGS, TO_TELL, words_of
from casereader.workbooks.looks import Formats, GrowingSheet, Lists, formats_of, protect

GUIDE_WIDTHS, MEANING_WIDTHS = (26, 110), (24, 30, 90)


@dataclass(frozen=True)
class CaseContent:
    """One case: its sheet's name, what stands at the sheet's top, its stratum and instrument, the answers so far."""

    sheet: str
    top: Sequence[tuple[str, str]]
    stratum: str
    instrument: Instrument
    answers: Answers


@dataclass(frozen=True)
class Content:
    """Everything a workbook holds; `instrument` is the one whose answers are explained."""

    title: str
    banner: str
    facts: Sequence[tuple[str, str]]
    instrument: Instrument
    cases: Sequence[CaseContent]
    issued_at: datetime


def write(target: IO[bytes], content: Content) -> None:
    """Write the workbook to a binary stream."""
    book = xlsxwriter.Workbook(target, OPTIONS)
    issued = content.issued_at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    book.set_properties({"title": content.title, "comments": content.banner, "created": issued})
    formats = formats_of(book)
    lists = Lists()
    _guide(book.add_worksheet(GUIDE, GrowingSheet), content, formats)
    for case in content.cases:
        CaseSheet(book.add_worksheet(case.sheet, GrowingSheet), case.instrument, formats, lists).write(
            title=content.title,
            banner=content.banner,
            top=case.top,
            stratum=case.stratum,
            answers=case.answers,
        )
    _meanings(book.add_worksheet(MEANINGS, GrowingSheet), content.instrument, formats)
    _lists(book.add_worksheet(LISTS), lists, formats)
    book.close()


def _guide(sheet: Any, content: Content, formats: Formats) -> None:
    sheet.write_string(0, 0, content.title, formats.title)
    sheet.write_string(1, 0, content.banner, formats.bold)
    told = steps(dict(content.facts).get(TO_TELL, ""))  # not there in a workbook that was issued before it was printed
    for number, step in enumerate(told, start=1):
        sheet.write_string(1 + number, 0, f"{number}.", formats.bold)
        sheet.write_string(1 + number, 1, step, formats.text)
        sheet.fit(1 + number, (step, GUIDE_WIDTHS[1]))
    row = 3 + len(told)
    for says, means in COLOURS:
        sheet.write_string(row, 0, says, formats.bold)
        sheet.write_string(row, 1, means, formats.text)
        sheet.fit(row, (says, GUIDE_WIDTHS[0]), (means, GUIDE_WIDTHS[1]))
        row += 1
    row += 1
    sheet.write_string(row, 0, KEPT, formats.plain_bold)
    for label, value in content.facts:
        row += 1
        sheet.write_string(row, 0, label, formats.bold)
        sheet.write_string(row, 1, value, formats.text)
        sheet.fit(row, (label, GUIDE_WIDTHS[0]), (value, GUIDE_WIDTHS[1]))
    for column, width in enumerate(GUIDE_WIDTHS):
        sheet.set_column(column, column, width)
    protect(sheet)
    sheet.fit_to_pages(1, 0)


def _meanings(sheet: Any, instrument: Instrument, formats: Formats) -> None:
    sheet.write_string(0, 0, "What the answers mean", formats.title)
    for place, head in enumerate(("Used for", "Answer", "Meaning")):
        sheet.write_string(2, place, head, formats.head)
    row = 3
    told: set[str] = set()
    for key in instrument.parts:
        part = instrument.part(key)
        if part.scale.id in told or not any(choice.says for choice in part.choices):
            continue
        told.add(part.scale.id)
        for choice in part.choices:
            words = (f"{key} and others like it", words_of(part, choice), choice.says)
            for column, (text, look) in enumerate(zip(words, (formats.text, formats.bold, formats.text), strict=True)):
                sheet.write_string(row, column, text, look)
            sheet.fit(row, *zip(words, MEANING_WIDTHS, strict=True))
            row += 1
    for column, width in enumerate(MEANING_WIDTHS):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(3, 0)
    protect(sheet)


def _lists(sheet: Any, lists: Lists, formats: Formats) -> None:
    for words, column in lists.columns.items():
        sheet.write_string(0, column, f"List {column + 1}", formats.head)
        for row, text in enumerate(words, start=1):
            sheet.write_string(row, column, text, formats.text)
    sheet.set_column(0, max(len(lists.columns) - 1, 0), 30)
    protect(sheet)
