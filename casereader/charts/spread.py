"""Spread of a few readers: for each question a column for every answer, as high as many gave it, the model's framed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from casereader.charts import svg

_ROW, _HIGHEST, _HEAD = 62, 30, 46
_NARROW, _WIDE, _LONG = 46, 88, 4  # a column is wide where any mark is longer than so many letters
_MARGIN, _WIDEST_LABEL = 12, 250
FRAMED = "Framed: the model answer"
_BAR = "#2f6fae"
_FRAME = "#6b3d0c"


@dataclass(frozen=True, slots=True)
class SpreadRow:
    """One question: how many gave each answer, None where it is not offered, and the place of the model's answer."""

    label: str
    counts: tuple[int | None, ...]
    model: int | None = None


def spread_chart(name: str, title: str, marks: Sequence[str], rows: Sequence[SpreadRow], *, finding: str) -> Markup:
    """Draw a small distribution for each row over the answers that `marks` names."""
    for row in rows:
        if len(row.counts) != len(marks):
            raise ValueError(f"“{row.label}” has {len(row.counts)} counts for {len(marks)} answers.")
    wide = _WIDE if any(len(mark) > _LONG for mark in marks) else _NARROW
    needed = max(svg.text_width(FRAMED, size=svg.SMALL_SIZE), *(svg.text_width(row.label) for row in rows), 0)
    label_width = min(_WIDEST_LABEL, needed)
    left = _MARGIN + label_width + 12
    parts = [svg.text_lines(_MARGIN, _HEAD / 2, [FRAMED], size=svg.SMALL_SIZE)]
    parts += [_head(mark, left + wide * (at + 0.5), wide) for at, mark in enumerate(marks)]
    for place, row in enumerate(rows):
        top = _HEAD + _ROW * place
        parts.append(svg.text_lines(_MARGIN, top + _ROW / 2, svg.wrapped(row.label, width=label_width)))
        parts.append(svg.line(left, top + _ROW - 8, left + wide * len(marks), top + _ROW - 8, stroke=svg.RULE))
        parts += _columns(row, left, top, wide)
    return svg.drawing(
        name=name,
        width=left + wide * len(marks) + _MARGIN,
        height=_HEAD + _ROW * len(rows) + _MARGIN,
        title=title,
        finding=finding,
        parts=parts,
    )


def _head(mark: str, middle: float, wide: float) -> Markup:
    lines = svg.wrapped(mark, width=wide - 4, size=svg.SMALL_SIZE, most_lines=3)
    return Markup("").join(
        svg.label(middle, 14 + 13 * at, line, anchor="middle", size=svg.SMALL_SIZE, bold=True)
        for at, line in enumerate(lines)
    )


def _columns(row: SpreadRow, left: float, top: float, wide: float) -> list[Markup]:
    base, most = top + _ROW - 8, max((count or 0 for count in row.counts), default=0)
    parts = []
    for at, count in enumerate(row.counts):
        x = left + wide * at
        if count:
            high = _HIGHEST * count / most
            parts.append(svg.element("rect", x=x + 9, y=base - high, width=wide - 18, height=high, fill=_BAR))
            parts.append(svg.label(x + wide / 2, base - high - 4, str(count), anchor="middle", size=svg.SMALL_SIZE))
        if at == row.model:
            parts.append(
                svg.element(
                    "rect",
                    x=x + 3,
                    y=top + 4,
                    width=wide - 6,
                    height=_ROW - 8,
                    fill="none",
                    stroke=_FRAME,
                    stroke_width=2,
                    stroke_dasharray="5 3",
                )
            )
    return parts
