"""Reading workbooks: XLSX files for reading without a server, given out for a reader and taken back with a preview."""

from casereader.workbooks.answer_cells import CellFault
from casereader.workbooks.conditions import in_words as condition_in_words
from casereader.workbooks.issuing import content_of, find, issue, of_inspection, readers
from casereader.workbooks.layout import grounds_of, words_of
from casereader.workbooks.previewing import ALL, CHOICES, NEW, NONE, CasePreview, preview, seen
from casereader.workbooks.returning import WorkbookFaultsError, drop, find_return, receive, returns_of, take
from casereader.workbooks.writing import write

__all__ = [
    "ALL",
    "CHOICES",
    "NEW",
    "NONE",
    "CasePreview",
    "CellFault",
    "WorkbookFaultsError",
    "condition_in_words",
    "content_of",
    "drop",
    "find",
    "find_return",
    "grounds_of",
    "issue",
    "of_inspection",
    "preview",
    "readers",
    "receive",
    "returns_of",
    "seen",
    "take",
    "words_of",
    "write",
]
