"""The weeks of many inspections side by side: a row each, a shape for each kind of date, and a line for today."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup

from casereader import dated
from casereader.charts import svg

ROW = 30
TOP = 34
AXIS_WIDTH = 640
MARGIN = 12
WIDEST_LABEL = 240
COLOUR = "#0b3c6f"
LATE = "#a8071a"
SIZE = 6.0  # half the width of a shape
ROOM = timedelta(days=7)  # beside the first and the last date


@dataclass(frozen=True)
class CalendarRow:
    """One inspection: its dates by shape, the days on which records are read, and whether something is late."""

    label: str
    notified: date | None
    list_due: date | None
    reading: tuple[date, date] | None
    panel: date | None
    publication: date | None
    late: bool = False

    @property
    def dates(self) -> list[date]:
        """Every date it has."""
        return [
            day
            for day in (self.notified, self.list_due, *(self.reading or ()), self.panel, self.publication)
            if day is not None
        ]


def calendar_chart(rows: Sequence[CalendarRow], *, name: str, title: str, finding: str, today: date) -> Markup:
    """The chart as SVG; `name` as in `svg.drawing`. Rows without any date have their label alone."""
    known = [day for row in rows for day in row.dates] + [today]
    first, last = min(known) - ROOM, max(known) + ROOM
    labels = min(WIDEST_LABEL, max((svg.text_width(row.label, bold=row.late) for row in rows), default=0) + MARGIN)
    days = max(1, (last - first).days)

    def x(day: date) -> float:
        return labels + (day - first).days / days * AXIS_WIDTH

    height = TOP + ROW * len(rows) + MARGIN
    width = labels + AXIS_WIDTH + 2 * MARGIN
    parts = [*_months(first, last, x, height, width), *_today(x(today), height)]
    for place, row in enumerate(rows):
        middle = TOP + ROW * place + ROW / 2
        parts.append(
            svg.text_lines(MARGIN / 2, middle, svg.wrapped(row.label, width=labels, most_lines=1), bold=row.late)
        )
        parts.append(_row(row, x, middle))
    return svg.drawing(name=name, width=width, height=height, title=title, finding=finding, parts=parts)


def _months(first: date, last: date, x: Callable[[date], float], height: float, width: float) -> list[Markup]:
    """A rule for each month, and its name where that has room."""
    parts = []
    month = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    while month < last:
        parts.append(svg.line(x(month), TOP - 6, x(month), height - MARGIN, stroke=svg.RULE))
        name, begins = dated.short_month(month), x(month) + 3
        if begins + svg.text_width(name, size=svg.SMALL_SIZE) <= width:
            parts.append(svg.label(begins, TOP - 12, name, size=svg.SMALL_SIZE, fill=svg.MUTED))
        month = (month + timedelta(days=32)).replace(day=1)
    return parts


def _today(at: float, height: float) -> list[Markup]:
    return [svg.line(at, TOP - 6, at, height - MARGIN, stroke=svg.INK, width=2, dashes="4 3")]


def _row(row: CalendarRow, x: Callable[[date], float], middle: float) -> Markup:
    fill = LATE if row.late else COLOUR
    dates = row.dates
    parts = []
    if dates:
        parts.append(svg.line(x(min(dates)), middle, x(max(dates)), middle, stroke=fill))
    if row.notified:
        parts.append(
            svg.element(
                "circle", cx=x(row.notified), cy=middle, r=SIZE - 1, fill=svg.PAPER, stroke=fill, stroke_width=2
            )
        )
    if row.list_due:
        at = x(row.list_due) - SIZE + 1
        parts.append(svg.element("rect", x=at, y=middle - SIZE + 1, width=2 * SIZE - 2, height=2 * SIZE - 2, fill=fill))
    if row.reading:
        begins, ends = x(row.reading[0]), x(row.reading[1] + timedelta(days=1))
        wide = max(ends - begins, 5.0)
        parts.append(svg.element("rect", x=begins, y=middle - 9, width=wide, height=18, rx=2, fill=fill))
    if row.panel:
        parts.append(_polygon(x(row.panel), middle, ((0, -SIZE), (SIZE, 0), (0, SIZE), (-SIZE, 0)), fill))
    if row.publication:
        parts.append(_polygon(x(row.publication), middle, ((-SIZE, SIZE), (SIZE, SIZE), (0, -SIZE)), fill))
    return Markup("").join(parts)


def _polygon(at: float, middle: float, corners: Sequence[tuple[float, float]], fill: str) -> Markup:
    points = " ".join(f"{svg.number(at + dx)},{svg.number(middle + dy)}" for dx, dy in corners)
    return svg.element("polygon", points=points, fill=fill)
