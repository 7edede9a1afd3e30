"""Rows and pictures as the pages have them, made into blocks of a report: the same words, without links."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from casereader.exports.report import Block, Cell, Chart, Column, Row, Table
from casereader.web.evaluation.cells import FIGURE_COLUMNS, OTHER_COLUMNS
from casereader.web.evaluation.pictures import ALWAYS, FIXED, Picture

INTERVALS = "weighted shares with 90% intervals"
_COUNTS = OTHER_COLUMNS[:-1]
BESIDE = {"text": "Other answers, and records not read"}
SHORT_COLUMNS = [*FIGURE_COLUMNS, BESIDE, OTHER_COLUMNS[-1]]


def table(
    id: str, caption: str, columns: Sequence[Any], rows: Iterable[Any], *, empty: str = "Nothing to show yet."
) -> Table:
    """A table of a page."""
    made = tuple(_row(one) for one in rows)
    return Table(id, caption, tuple(_column(one) for one in columns), made, empty)


def chart(id: str, caption: str, svg: str) -> list[Chart]:
    """A chart of a page, whose caption names the kind of interval that it has; none where the page has none."""
    said = caption.replace(FIXED, ALWAYS) if ALWAYS in svg else caption
    return [Chart(id, said, Markup(svg))] if svg else []  # noqa: S704 - made by casereader.charts


def pictures_of(found: Iterable[Picture], *, prefix: str) -> Iterator[Block]:
    """Each picture with the table of its figures, or the table alone."""
    for one in found:
        id = f"{prefix}-{one.id}"
        yield from chart(id, one.caption, one.svg)
        yield table(f"{id}-table", f"{one.caption}: records, and their weighted share", one.columns, one.rows)


def shortened(rows: Iterable[Any]) -> list[list[Any]]:
    """Rows of `FIGURE_COLUMNS` and `OTHER_COLUMNS`, their counts told in one cell: for `SHORT_COLUMNS`."""
    found = []
    for row in rows:
        *first, last = row
        counted = zip(_COUNTS, first[-len(_COUNTS) :], strict=True)
        said = "; ".join(f"{column['text']}: {n}" for column, n in counted if n)
        found.append([*first[: -len(_COUNTS)], said, last])
    return found


def _column(given: Any) -> Column:
    return Column(given["text"], bool(given.get("numeric"))) if isinstance(given, Mapping) else Column(str(given))


def _row(given: Any) -> Row:
    if isinstance(given, Mapping):
        return Row(tuple(_cell(one) for one in given["cells"]), given["kind"])
    return Row(tuple(_cell(one) for one in given))


def _cell(given: Any) -> Cell:
    if isinstance(given, Mapping):
        return Cell(str(given["text"]), str(given.get("hint") or ""))
    return Cell("" if given is None else str(given))
