"""A benchmark strip: one partnership's share on a line with the others', unnamed, and with what it was before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from casereader.charts import svg
from casereader.words import printed

_ROW, _HEAD = 84, 62
_AXIS_WIDTH = 460
_MARGIN = 12
_WIDEST_LABEL = 260
_COLOUR = "#0b3c6f"
_OTHERS = "#5e5e5e"
_APART, _STEP, _MOST_LEVELS = 9, 9, 3
OTHERS_SAY, OWN_SAYS, ROUND_SAYS, PUBLISHED_SAYS = (
    "another partnership",
    "this one, with its interval",
    "an earlier round",
    "published earlier",
)


@dataclass(frozen=True, slots=True)
class StripRow:
    """One question; shares from 0 to 1. `others` are not named, `rounds` and `published` are this partnership's own."""

    label: str
    share: float
    lower: float | None
    upper: float | None
    others: tuple[float, ...] = ()
    rounds: tuple[float, ...] = ()
    published: tuple[float, ...] = ()


def benchmark_chart(name: str, title: str, rows: Sequence[StripRow]) -> Markup:
    """Draw a strip for each row: others above the line, this one on it, what it was before below."""
    label_width = min(_WIDEST_LABEL, max((svg.text_width(row.label) for row in rows), default=0))
    left = _MARGIN + label_width + 16
    bottom = _HEAD + _ROW * len(rows)
    parts = [_key(), *_axis(left, bottom)]
    for place, row in enumerate(rows):
        top = _HEAD + _ROW * place
        parts.append(svg.text_lines(_MARGIN, top + 46, svg.wrapped(row.label, width=label_width)))
        parts += _strip(row, left, top)
    return svg.drawing(
        name=name,
        width=max(left + _AXIS_WIDTH + 30, 700),
        height=bottom + _MARGIN,
        title=title,
        finding=_finding(rows),
        parts=parts,
    )


def _key() -> Markup:
    """What each mark is, in one line above the strips."""
    x, middle = float(_MARGIN + 6), float(_MARGIN + 6)
    parts = []
    for mark, says in (
        (_circle, OTHERS_SAY),
        (_diamond, OWN_SAYS),
        (_square, ROUND_SAYS),
        (_triangle, PUBLISHED_SAYS),
    ):
        parts.append(mark(x, middle))
        parts.append(svg.label(x + 12, middle + 4, says, size=svg.SMALL_SIZE))
        x += 12 + svg.text_width(says, size=svg.SMALL_SIZE) + 18
    return Markup("").join(parts)


def _axis(left: float, bottom: float) -> list[Markup]:
    parts = []
    for step in range(5):
        x = left + _AXIS_WIDTH * step / 4
        parts.append(svg.line(x, _HEAD, x, bottom, stroke=svg.RULE if step in (0, 4) else "#dcdcdc"))
        parts.append(svg.label(x, _HEAD - 8, f"{25 * step}%", anchor="middle", size=svg.SMALL_SIZE, fill=svg.MUTED))
    return parts


def _strip(row: StripRow, left: float, top: float) -> list[Markup]:
    def at(share: float) -> float:
        return left + share * _AXIS_WIDTH

    middle, below = top + 50, top + 70
    parts = [svg.line(left, middle, left + _AXIS_WIDTH, middle, stroke=svg.RULE)]
    last = [float("-inf")] * _MOST_LEVELS
    for share in sorted(row.others):
        x = at(share)
        level = next((one for one in range(_MOST_LEVELS) if x - last[one] >= _APART), 0)
        last[level] = x
        parts.append(_circle(x, middle - 16 - _STEP * level))
    if row.lower is not None and row.upper is not None:
        low, high = at(row.lower), at(row.upper)
        parts.append(svg.line(low, middle, high, middle, stroke=_COLOUR, width=3))
        parts += [svg.line(x, middle - 5, x, middle + 5, stroke=_COLOUR, width=2) for x in (low, high)]
    parts.append(_diamond(at(row.share), middle))
    parts += [_square(at(share), below) for share in row.rounds]
    parts += [_triangle(at(share), below) for share in row.published]
    return parts


def _circle(x: float, y: float) -> Markup:
    return svg.element("circle", cx=x, cy=y, r=4, fill=svg.PAPER, stroke=_OTHERS, stroke_width=1.5)


def _diamond(x: float, y: float) -> Markup:
    return _shape(((x, y - 7), (x + 7, y), (x, y + 7), (x - 7, y)), fill=_COLOUR)


def _square(x: float, y: float) -> Markup:
    return _shape(((x - 5, y - 5), (x + 5, y - 5), (x + 5, y + 5), (x - 5, y + 5)), fill=svg.PAPER)


def _triangle(x: float, y: float) -> Markup:
    return _shape(((x, y - 6), (x + 6, y + 5), (x - 6, y + 5)), fill=svg.PAPER)


def _shape(corners: Sequence[tuple[float, float]], *, fill: str) -> Markup:
    drawn = " ".join(f"{svg.number(x)},{svg.number(y)}" for x, y in corners)
    return svg.element("polygon", points=drawn, fill=fill, stroke=_COLOUR, stroke_width=2)


def _finding(rows: Sequence[StripRow]) -> str:
    """Each strip in a sentence; where this one lies among the others is said by nobody but the reader."""
    return " ".join(_sentence(row) for row in rows) or "No question has a figure yet."


def _sentence(row: StripRow) -> str:
    said = f"{row.label}: {printed(row.share)}"
    if row.lower is not None and row.upper is not None:
        said += f" ({printed(row.lower)} to {printed(row.upper)})"
    if row.others:
        lowest, highest = printed(min(row.others)), printed(max(row.others))
        said += f"; {len(row.others)} other partnerships from {lowest} to {highest}"
    if row.rounds:
        said += f"; earlier rounds {', '.join(map(printed, row.rounds))}"
    if row.published:
        said += f"; published earlier {', '.join(map(printed, row.published))}"
    return f"{said}."
