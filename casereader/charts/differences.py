"""Differences of two shares about a line at none: a dot and an interval each, filled where the difference is sure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from casereader.charts import svg

_ROW = 40
_AXIS_WIDTH = 420
_MARGIN = 12
_WIDEST_LABEL = 290
_COLOUR = "#0b3c6f"
# How far the axis goes either way, the first that holds every limit, and how far apart its marks are.
_REACHES = ((0.25, 0.1), (0.5, 0.25), (1.0, 0.5))


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """One line: a difference from −1 to 1 with its limits (None where there are none), and whether it is sure."""

    label: str
    difference: float
    lower: float | None
    upper: float | None
    is_sure: bool
    says: str


def points(value: float) -> str:
    """A difference of shares in whole percentage points, with its sign."""
    whole = int(abs(round(value * 100, 9)) + 0.5)
    return "0" if not whole else f"{'+' if value > 0 else '−'}{whole}"


def in_points(difference: float, lower: float | None, upper: float | None) -> str:
    """A difference in percentage points, with its interval where there is one."""
    said = points(difference)
    unit = "point" if said[1:] == "1" else "points"
    return f"{said} {unit}" if lower is None or upper is None else f"{said} {unit} ({points(lower)} to {points(upper)})"


def difference_chart(
    name: str, title: str, rows: Sequence[DifferenceRow], *, axis_label: str, below: str, above: str
) -> Markup:
    """Draw each difference; `below` and `above` say what lies left and right of none.

    The axis reaches 25, 50 or 100 points either way, as the limits need. A sure difference is a filled diamond with its
    label in bold, any other a hollow dot.
    """
    label_width = min(_WIDEST_LABEL, max((svg.text_width(row.label, bold=row.is_sure) for row in rows), default=0))
    left = _MARGIN + label_width + 16
    figures = [in_points(row.difference, row.lower, row.upper) for row in rows]
    right = max((svg.text_width(text, bold=True) for text in figures), default=0)
    top = _MARGIN + 58
    bottom = top + _ROW * len(rows)
    most = max(
        (abs(value) for row in rows for value in (row.difference, row.lower, row.upper) if value is not None),
        default=0.0,
    )
    scale = Scale(left, *next(one for one in _REACHES if most <= one[0] or one == _REACHES[-1]))
    parts = [_axis(scale, top, bottom, axis_label, below, above)]
    for place, row in enumerate(rows):
        middle = top + _ROW * place + _ROW / 2
        parts.append(_row(row, scale, middle, label_width))
        parts.append(svg.label(left + _AXIS_WIDTH + 20, middle + 5, figures[place], bold=row.is_sure))
    return svg.drawing(
        name=name,
        width=left + _AXIS_WIDTH + 20 + right + _MARGIN,
        height=bottom + _MARGIN,
        title=title,
        finding=_finding(rows),
        parts=parts,
    )


@dataclass(frozen=True, slots=True)
class Scale:
    """Where differences lie on the drawing: from `reach` below none to as much above, with marks a `step` apart."""

    left: float
    reach: float
    step: float

    def x(self, value: float) -> float:
        """The place of a difference."""
        return self.left + (value / self.reach + 1) / 2 * _AXIS_WIDTH


def _axis(scale: Scale, top: float, bottom: float, axis_label: str, below: str, above: str) -> Markup:
    says = f"{axis_label}; drawn to {points(scale.reach)[1:]} points either way"
    parts = [
        svg.label(scale.left, _MARGIN + 10, says, size=svg.SMALL_SIZE, fill=svg.MUTED),
        svg.label(scale.x(0) - 6, _MARGIN + 28, f"← {below}", anchor="end", size=svg.SMALL_SIZE),
        svg.label(scale.x(0) + 6, _MARGIN + 28, f"{above} →", size=svg.SMALL_SIZE),
    ]
    for step in (mark * scale.step for mark in (-2, -1, 0, 1, 2)):
        x = scale.x(step)
        parts.append(svg.line(x, top, x, bottom, stroke=svg.INK if step == 0 else "#dcdcdc"))
        says = "none" if step == 0 else points(step)
        parts.append(svg.label(x, top - 8, says, anchor="middle", size=svg.SMALL_SIZE, fill=svg.MUTED))
    return Markup("").join(parts)


def _row(row: DifferenceRow, scale: Scale, middle: float, label_width: float) -> Markup:
    parts = [svg.text_lines(_MARGIN, middle, svg.wrapped(row.label, width=label_width, most_lines=2), bold=row.is_sure)]
    if row.lower is not None and row.upper is not None:
        low, high = scale.x(row.lower), scale.x(row.upper)
        parts.append(svg.line(low, middle, high, middle, stroke=_COLOUR, width=2))
        parts += [svg.line(x, middle - 5, x, middle + 5, stroke=_COLOUR, width=2) for x in (low, high)]
    at = scale.x(row.difference)
    if row.is_sure:
        corners = ((at, middle - 8), (at + 8, middle), (at, middle + 8), (at - 8, middle))
        drawn = " ".join(f"{svg.number(x)},{svg.number(y)}" for x, y in corners)
        parts.append(svg.element("polygon", points=drawn, fill=_COLOUR, stroke=_COLOUR, stroke_width=2))
    else:
        parts.append(svg.element("circle", cx=at, cy=middle, r=6, fill=svg.PAPER, stroke=_COLOUR, stroke_width=2))
    return Markup("").join(parts)


def _finding(rows: Sequence[DifferenceRow]) -> str:
    if not rows:
        return "Nothing can be compared yet."
    sure = [row for row in rows if row.is_sure]
    said = "; ".join(f"{row.label}: {row.says}, {in_points(row.difference, row.lower, row.upper)}" for row in sure)
    rest = len(rows) - len(sure)
    return f"{said or 'No difference is sure'}. {rest} of {len(rows)} cannot be told apart from chance."
