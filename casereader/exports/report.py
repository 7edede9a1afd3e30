"""A report as one description, of which the document and the page to print are two renderings.

Chapters hold blocks: texts, lists, facts, tables and charts. `finished` numbers tables and charts through the whole
report and makes every text one that a document can hold, so that both renderings say the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import datetime
from itertools import count
from typing import Any, Literal

from markupsafe import Markup

_NOT_PRINTED = re.compile("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010fffd]")
REPLACED_BY = "\ufffd"

Tone = Literal["plain", "strong", "warning", "quoted"]


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; `quoted` is what a person wrote, which may have paragraphs of its own."""

    says: str
    tone: Tone = "plain"
    kind: Literal["text"] = field(default="text", init=False)


@dataclass(frozen=True, slots=True)
class Items:
    """A list with points."""

    says: tuple[str, ...]
    kind: Literal["items"] = field(default="items", init=False)


@dataclass(frozen=True, slots=True)
class Facts:
    """Values, each by its name."""

    pairs: tuple[tuple[str, str], ...]
    kind: Literal["facts"] = field(default="facts", init=False)


@dataclass(frozen=True, slots=True)
class Column:
    """A column's header, and whether numbers stand in it."""

    text: str
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell, and a smaller line under it."""

    text: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a row, the first of them its header; `kind` is "total" for a sum."""

    cells: tuple[Cell, ...]
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table under its caption; `empty` is said where it has no rows."""

    id: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    empty: str
    number: int = 0
    kind: Literal["table"] = field(default="table", init=False)


@dataclass(frozen=True, slots=True)
class Chart:
    """A finished chart of `casereader.charts` under its caption."""

    id: str
    caption: str
    svg: Markup
    number: int = 0
    kind: Literal["chart"] = field(default="chart", init=False)


Block = Text | Items | Facts | Table | Chart


@dataclass(frozen=True, slots=True)
class Chapter:
    """A heading with what stands under it; a chapter has parts, and a part none."""

    id: str
    title: str
    blocks: tuple[Block, ...] = ()
    parts: tuple[Chapter, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """The whole: its cover, then its chapters. `data_time` is that of the data, never the clock's."""

    title: str
    subtitle: str
    marking: str
    data_time: datetime
    cover: tuple[Block, ...]
    chapters: tuple[Chapter, ...]


def finished(report: Report) -> Report:
    """The same report, tables and charts numbered in their order, its texts free of signs that nothing can print."""
    sound: Report = _printable(report)
    tables, charts = count(1), count(1)

    def numbered(chapter: Chapter) -> Chapter:
        blocks = tuple(_with_number(one, tables, charts) for one in chapter.blocks)
        return replace(chapter, blocks=blocks, parts=tuple(numbered(one) for one in chapter.parts))

    return replace(sound, chapters=tuple(numbered(one) for one in sound.chapters))


def _with_number(block: Block, tables: Iterator[int], charts: Iterator[int]) -> Block:
    if isinstance(block, Table):
        return replace(block, number=next(tables) if block.rows else 0)
    return replace(block, number=next(charts)) if isinstance(block, Chart) else block


def _printable(value: Any) -> Any:
    """The value with every text in it made printable; charts see to their own."""
    if isinstance(value, str):
        plain = value.replace("\r\n", "\n").replace("\r", "\n")
        return value if isinstance(value, Markup) else _NOT_PRINTED.sub(REPLACED_BY, plain)
    if isinstance(value, tuple):
        return tuple(_printable(one) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{one.name: _printable(getattr(value, one.name)) for one in fields(value) if one.init})
    return value
