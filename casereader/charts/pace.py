"""Records read by the end of each reading day as columns, and the line on which they would all be read in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from casereader.charts import svg

_HEIGHT, _TOP, _BOTTOM, _LEFT, _RIGHT = 200, 44, 40, 56, 24
_SLOT = (48, 110)  # the least and the greatest width of a day
_COLOUR = "#0b3c6f"


@dataclass(frozen=True, slots=True)
class PaceColumn:
    """One day: records read by its end, None while it is to come, and those needed by then."""

    label: str
    so_far: int | None
    needed: float


def pace_chart(name: str, title: str, columns: Sequence[PaceColumn], *, total: int, finding: str) -> Markup:
    """Draw a column a day from 0 to `total` records, its number above it, with the line needed across them, dashed."""
    slot = min(_SLOT[1], max(_SLOT[0], 620 / max(1, len(columns))))
    top, foot = _TOP, _TOP + _HEIGHT
    width = _LEFT + slot * len(columns) + _RIGHT
    most = max(total, 1)

    def height(n: float) -> float:
        return foot - _HEIGHT * min(n, most) / most

    parts = [
        svg.label(_LEFT, 16, f"Read by the end of each day, of {total}; dashed: what is needed", size=svg.SMALL_SIZE),
        svg.line(_LEFT, top, _LEFT, foot, stroke=svg.RULE),
        svg.line(_LEFT, foot, width - _RIGHT, foot, stroke=svg.INK),
        svg.label(_LEFT - 8, foot + 5, "0", anchor="end", size=svg.SMALL_SIZE, fill=svg.MUTED),
        svg.label(_LEFT - 8, top + 5, str(total), anchor="end", size=svg.SMALL_SIZE, fill=svg.MUTED),
    ]
    before: tuple[float, float] = (_LEFT, foot)
    for place, column in enumerate(columns):
        left = _LEFT + slot * place
        if column.so_far is not None:
            at = height(column.so_far)
            bar = {"x": left + slot * 0.2, "y": at, "width": slot * 0.6, "height": foot - at}
            parts.append(svg.element("rect", fill=_COLOUR, **bar))
            parts.append(svg.label(left + slot / 2, at - 6, str(column.so_far), anchor="middle", bold=True))
        parts.append(svg.label(left + slot / 2, foot + 20, column.label, anchor="middle", size=svg.SMALL_SIZE))
        here = (left + slot, height(column.needed))
        parts.append(svg.line(*before, *here, stroke="#b35900", width=2, dashes="6 4"))
        before = here
    return svg.drawing(
        name=name,
        width=max(width, 480),
        height=foot + _BOTTOM,
        title=title,
        finding=finding,
        parts=parts,
    )
