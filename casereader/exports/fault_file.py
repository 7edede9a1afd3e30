"""What is wrong with a return, as a workbook to send back to whoever sent it: every text is text, nothing a formula."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]

from casereader.exports.workbook import OPTIONS

COLUMNS = (("Tab", 20), ("Row", 8), ("Column", 22), ("Value", 30), ("What is wrong and what to do", 90))


def workbook_of(faults: Sequence[Sequence[Any]], *, n_faults: int, at: datetime) -> bytes:
    """One table: tab, row, column, value (cut) and remedy; `n_faults` counts those that are not listed, too."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, OPTIONS)
    book.set_properties({"title": "What to put right", "created": at.astimezone(UTC).replace(tzinfo=None)})
    bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet("to_put_right")
    for place, (header, width) in enumerate(COLUMNS):
        sheet.set_column(place, place, width, wrapped)
        sheet.write_string(0, place, header, bold)
    for number, (tab, row, column, value, says, *_) in enumerate(faults, start=1):
        for place, text in ((0, tab), (2, column), (3, value), (4, says)):
            sheet.write_string(number, place, text or "")
        if row is not None:
            sheet.write_number(number, 1, row)
    if n_faults > len(faults):
        sheet.write_string(len(faults) + 1, 4, f"… and {n_faults - len(faults):,} more like these.")
    sheet.freeze_panes(1, 0)
    book.close()
    return stream.getvalue()
