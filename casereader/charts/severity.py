"""Readers in the order of their severity, each with two intervals; and shares as they are beside what they would be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from markupsafe import Markup

from casereader.charts import svg

_ROW = 36
_AXIS_WIDTH = 420
_MARGIN = 12
_WIDEST_LABEL = 240
_COLOUR = "#0b3c6f"
_STEPS = (0.1, 0.25, 0.5, 1.0)  # between the marks of an axis, the finest that leaves few enough
_MOST_MARKS = 4  # to either side of 0


@dataclass(frozen=True, slots=True)
class ReaderRow:
    """One reader: the estimate, its own interval (thick) and the one that holds for all at once (thin).

    `flagged` rows are set in bold with a diamond, so that they do not stand out by colour alone.
    """

    label: str
    estimate: float
    lower: float
    upper: float
    lowest: float
    highest: float
    figure: str
    flagged: bool = False


@dataclass(frozen=True, slots=True)
class MovedRow:
    """One share as it is, and where it would stand, with the interval of the latter; from 0 to 1."""

    label: str
    share: float
    moved: float
    lower: float
    upper: float
    figure: str


def severity_chart(name: str, title: str, rows: Sequence[ReaderRow], *, axis_label: str, finding: str) -> Markup:
    """A dot for each reader on an axis with 0, the mean of all, in the middle as a dashed line."""
    reach = max((max(abs(row.lowest), abs(row.highest)) for row in rows), default=0.1)
    step = next((one for one in _STEPS if reach / one <= _MOST_MARKS), ceil(reach / _MOST_MARKS))
    n_marks = max(ceil(reach / step - 1e-9), 1)
    left, label_width = _left([row.label for row in rows])
    top, bottom = _MARGIN + 38, _MARGIN + 38 + _ROW * len(rows)
    scale = _AXIS_WIDTH / (2 * n_marks * step)
    middle_x = left + _AXIS_WIDTH / 2
    parts = [svg.label(left, _MARGIN + 10, axis_label, size=svg.SMALL_SIZE, fill=svg.MUTED)]
    for mark in range(-n_marks, n_marks + 1):
        x = middle_x + mark * step * scale
        is_mean = mark == 0
        parts.append(svg.line(x, top, x, bottom, stroke=svg.INK if is_mean else "#dcdcdc", dashes="5 4" * is_mean))
        words = f"{mark * step:+.2f}".rstrip("0").rstrip(".").replace("-", "−") if mark else "0"
        parts.append(svg.label(x, top - 8, words, anchor="middle", size=svg.SMALL_SIZE, fill=svg.MUTED))
    for place, row in enumerate(rows):
        y = top + _ROW * place + _ROW / 2
        parts.append(_label(row.label, y, label_width, bold=row.flagged))
        parts.append(_span(middle_x + row.lowest * scale, middle_x + row.highest * scale, y, width=1))
        parts.append(
            svg.line(middle_x + row.lower * scale, y, middle_x + row.upper * scale, y, stroke=_COLOUR, width=5)
        )
        parts.append(_dot(middle_x + row.estimate * scale, y, is_diamond=row.flagged, fill=svg.PAPER))
        parts.append(svg.label(left + _AXIS_WIDTH + 20, y + 5, row.figure, bold=row.flagged))
    return _drawn(name, title, finding, left, bottom, [row.figure for row in rows], parts)


def moved_chart(name: str, title: str, rows: Sequence[MovedRow], *, axis_label: str, finding: str) -> Markup:
    """A filled dot for each share as it is, joined to a hollow diamond where it would stand, with its interval."""
    left, label_width = _left([row.label for row in rows])
    top, bottom = _MARGIN + 38, _MARGIN + 38 + _ROW * len(rows)
    parts = [svg.label(left, _MARGIN + 10, axis_label, size=svg.SMALL_SIZE, fill=svg.MUTED)]
    for mark in range(5):
        x = left + _AXIS_WIDTH * mark / 4
        parts.append(svg.line(x, top, x, bottom, stroke="#dcdcdc"))
        parts.append(svg.label(x, top - 8, f"{25 * mark}%", anchor="middle", size=svg.SMALL_SIZE, fill=svg.MUTED))
    for place, row in enumerate(rows):
        y = top + _ROW * place + _ROW / 2
        at, to = left + row.share * _AXIS_WIDTH, left + row.moved * _AXIS_WIDTH
        parts.append(_label(row.label, y, label_width))
        parts.append(_span(left + row.lower * _AXIS_WIDTH, left + row.upper * _AXIS_WIDTH, y + 8, width=1))
        parts.append(svg.line(at, y, to, y + 8, stroke=_COLOUR, width=2))
        parts.append(_dot(at, y, fill=_COLOUR))
        parts.append(_dot(to, y + 8, is_diamond=True, fill=svg.PAPER))
        parts.append(svg.label(left + _AXIS_WIDTH + 20, y + 5, row.figure))
    return _drawn(name, title, finding, left, bottom, [row.figure for row in rows], parts)


def _left(labels: Sequence[str]) -> tuple[float, float]:
    width = min(_WIDEST_LABEL, max((svg.text_width(label, bold=True) for label in labels), default=0))
    return _MARGIN + width + 16, width


def _label(text: str, y: float, width: float, *, bold: bool = False) -> Markup:
    return svg.text_lines(_MARGIN, y, svg.wrapped(text, width=width, most_lines=2), bold=bold)


def _span(low: float, high: float, y: float, *, width: float) -> Markup:
    ends = [svg.line(x, y - 5, x, y + 5, stroke=_COLOUR, width=width) for x in (low, high)]
    return Markup("").join([svg.line(low, y, high, y, stroke=_COLOUR, width=width), *ends])


def _dot(x: float, y: float, *, fill: str, is_diamond: bool = False) -> Markup:
    if not is_diamond:
        return svg.element("circle", cx=x, cy=y, r=5, fill=fill, stroke=_COLOUR, stroke_width=2)
    corners = ((x, y - 7), (x + 7, y), (x, y + 7), (x - 7, y))
    points = " ".join(f"{svg.number(one)},{svg.number(other)}" for one, other in corners)
    return svg.element("polygon", points=points, fill=fill, stroke=_COLOUR, stroke_width=2)


def _drawn(
    name: str, title: str, finding: str, left: float, bottom: float, figures: Sequence[str], parts: Sequence[Markup]
) -> Markup:
    right = max((svg.text_width(text, bold=True) for text in figures), default=0)
    return svg.drawing(
        name=name,
        width=max(left + _AXIS_WIDTH + 20 + right + _MARGIN, 480),
        height=bottom + _MARGIN,
        title=title,
        finding=finding,
        parts=parts,
    )
