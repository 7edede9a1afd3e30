"""A funnel: each share over the records behind it, between the limits that chance alone would keep it in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from casereader.charts import svg
from casereader.words import printed

_WIDTH, _HEIGHT = 560, 320
_LEFT, _TOP = 56, 40
_MARGIN = 12
_COLOUR = "#0b3c6f"
_STEPS = 80
_LABEL_ROOM = 150
_LINE = 14

Limits = Callable[[float], tuple[float, float]]  # of so many records: lowest and highest share, 0 to 1


@dataclass(frozen=True, slots=True)
class FunnelPoint:
    """A share (0 to 1) and the effective records behind it; `outside` counts the limits it lies past, 0 to 2."""

    label: str
    records: float
    share: float
    outside: int = 0


def funnel_chart(
    name: str,
    title: str,
    points: Sequence[FunnelPoint],
    *,
    target: float,
    usual: Limits,
    rare: Limits,
    finding: str,
) -> Markup:
    """Draw the points; those past the limits are diamonds with their names, past both in bold."""
    most = max((point.records for point in points), default=10.0) * 1.08
    across = Axis(most)
    parts = [_axes(across), *(_curves(across, limits, dashes) for limits, dashes in ((usual, "5 4"), (rare, "")))]
    level = across.y(target)
    parts.append(svg.line(_LEFT, level, _LEFT + _WIDTH, level, stroke=svg.INK))
    parts.append(svg.label(_LEFT + _WIDTH + 6, level + 4, f"all: {printed(target)}", size=svg.SMALL_SIZE))
    parts += [_point(across, point) for point in points]
    parts += _names(across, [point for point in points if point.outside])
    return svg.drawing(
        name=name,
        width=_LEFT + _WIDTH + _LABEL_ROOM + _MARGIN,
        height=_TOP + _HEIGHT + 48,
        title=title,
        finding=finding,
        parts=parts,
    )


@dataclass(frozen=True, slots=True)
class Axis:
    """Where records and shares lie on the drawing."""

    most: float

    def x(self, records: float) -> float:
        """The place of so many records."""
        return _LEFT + records / self.most * _WIDTH

    def y(self, share: float) -> float:
        """The height of a share, kept inside the drawing."""
        return _TOP + (1 - min(max(share, 0.0), 1.0)) * _HEIGHT


def _axes(across: Axis) -> Markup:
    parts = [svg.label(_LEFT, _TOP - 18, "Weighted share good or better", size=svg.SMALL_SIZE, fill=svg.MUTED)]
    for step in range(5):
        y = across.y(step / 4)
        parts.append(svg.line(_LEFT, y, _LEFT + _WIDTH, y, stroke="#dcdcdc"))
        parts.append(svg.label(_LEFT - 8, y + 4, f"{25 * step}%", anchor="end", size=svg.SMALL_SIZE, fill=svg.MUTED))
    gap = next(gap for gap in (5, 10, 20, 50, 100, 200, 500, 1000, 10**9) if across.most / gap <= 8)
    for at in range(0, int(across.most) + 1, gap):
        says = svg.label(
            across.x(at), _TOP + _HEIGHT + 18, str(at), anchor="middle", size=svg.SMALL_SIZE, fill=svg.MUTED
        )
        parts.append(says)
    parts.append(
        svg.label(_LEFT, _TOP + _HEIGHT + 36, "Effective number of records read", size=svg.SMALL_SIZE, fill=svg.MUTED)
    )
    return Markup("").join(parts)


def _curves(across: Axis, limits: Limits, dashes: str) -> Markup:
    places = [across.most * (step + 1) / _STEPS for step in range(_STEPS)]
    dashed = {"stroke_dasharray": dashes} if dashes else {}
    drawn = []
    for side in (0, 1):
        corners = " ".join(f"{svg.number(across.x(at))},{svg.number(across.y(limits(at)[side]))}" for at in places)
        drawn.append(svg.element("polyline", points=corners, fill="none", stroke=svg.MUTED, **dashed))
    return Markup("").join(drawn)


def _point(across: Axis, point: FunnelPoint) -> Markup:
    x, y = across.x(point.records), across.y(point.share)
    if not point.outside:
        return svg.element("circle", cx=x, cy=y, r=4, fill=svg.PAPER, stroke=_COLOUR, stroke_width=2)
    corners = ((x, y - 7), (x + 7, y), (x, y + 7), (x - 7, y))
    drawn = " ".join(f"{svg.number(a)},{svg.number(b)}" for a, b in corners)
    return svg.element("polygon", points=drawn, fill=_COLOUR, stroke=_COLOUR)


def _names(across: Axis, points: Sequence[FunnelPoint]) -> list[Markup]:
    """The names right of their points, moved down where they would lie on one another."""
    taken: list[tuple[float, float, float]] = []
    found = []
    for point in sorted(points, key=lambda one: (-one.share, one.records)):
        x, y = across.x(point.records) + 11, across.y(point.share) + 4
        end = x + svg.text_width(point.label, size=svg.SMALL_SIZE, bold=point.outside > 1)
        while any(abs(y - other) < _LINE and x < right and left < end for left, other, right in taken):
            y += _LINE / 2
        taken.append((x, y, end))
        found.append(svg.label(x, y, point.label, size=svg.SMALL_SIZE, bold=point.outside > 1))
    return found
