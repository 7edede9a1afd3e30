"""Stacked bars of counts: how many partnerships stand where, or how many readings name a topic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from casereader.charts import svg
from casereader.charts.distribution import Segment, ink_on, legend

_BAR = 28
_ROW = 42
_BARS_WIDTH = 420
_GAP = 2
_MARGIN = 12
_WIDEST_LABEL = 260


@dataclass(frozen=True, slots=True)
class CountRow:
    """One bar: a count for each category, in the scale's order; every bar is of the same `of` things."""

    label: str
    counts: tuple[int, ...]


def counts_chart(
    name: str, title: str, rows: Sequence[CountRow], scale: Sequence[Segment], *, of: int, finding: str = ""
) -> Markup:
    """Draw a bar per row, each as long as its counts are of `of`; `finding` where others than partnerships count."""
    label_width = min(_WIDEST_LABEL, max((svg.text_width(row.label) for row in rows), default=0))
    left = _MARGIN + label_width + 10
    width = left + _BARS_WIDTH + _MARGIN
    key, top = legend(scale, width)
    parts = [key]
    for place, row in enumerate(rows):
        middle = top + _ROW * place + _ROW / 2
        parts.append(svg.text_lines(_MARGIN, middle, svg.wrapped(row.label, width=label_width, most_lines=2)))
        parts.append(_bar(row, scale, left, middle, of))
    return svg.drawing(
        name=name,
        width=width,
        height=top + _ROW * len(rows) + _MARGIN,
        title=title,
        finding=finding or _finding(rows, scale, of),
        parts=parts,
    )


def _bar(row: CountRow, scale: Sequence[Segment], left: float, middle: float, of: int) -> Markup:
    x, parts = left, []
    for count, segment in zip(row.counts, scale, strict=True):
        wide = count / of * _BARS_WIDTH if of else 0
        if count:
            drawn = max(wide - _GAP, 0.75)
            parts.append(svg.element("rect", x=x, y=middle - _BAR / 2, width=drawn, height=_BAR, fill=segment.colour))
            if svg.text_width(str(count), size=svg.SMALL_SIZE) + 4 <= drawn:
                fill = ink_on(segment.colour)
                inside = svg.label(
                    x + drawn / 2, middle + 4, str(count), anchor="middle", size=svg.SMALL_SIZE, fill=fill
                )
                parts.append(inside)
        x += wide
    return Markup("").join(parts)


def _finding(rows: Sequence[CountRow], scale: Sequence[Segment], of: int) -> str:
    said = [
        f"{row.label}: "
        + ", ".join(
            f"{segment.label.lower()} in {count}" for count, segment in zip(row.counts, scale, strict=True) if count
        )
        for row in rows
    ]
    return f"Of {of} inspected. " + "; ".join(said) + "."
