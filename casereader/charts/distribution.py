"""Stacked bars: how the records divide over the categories of one scale, best on the left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from casereader.charts import svg
from casereader.words import WORDING, per_cent, printed

SIX_COLOURS = ("#0b3c6f", "#2f6fae", "#9cc3e6", "#f3e2bd", "#cf9445", "#6b3d0c")
YPN_COLOURS = ("#0b3c6f", "#9cc3e6", "#cf9445", "#d6d6d6")

_DARK = frozenset({"#0b3c6f", "#2f6fae", "#6b3d0c"})
_BAR = 30
_ROW = 46
_BARS_WIDTH = 460
_GAP = 2
_MARGIN = 12
_WIDEST_LABEL = 250


@dataclass(frozen=True, slots=True)
class Segment:
    """One category of a scale: its name in the legend, the mark inside wide segments, its colour."""

    label: str
    mark: str
    colour: str


@dataclass(frozen=True, slots=True)
class Distribution:
    """One bar: the shares of the categories, in the scale's order and summing to 1 (none where n is 0).

    `good` is the share the headline counts, drawn as a tick; `n` the records the shares are of.
    """

    label: str
    shares: tuple[float, ...]
    n: int
    good: float | None = None

    @property
    def is_few(self) -> bool:
        """Whether so few records stand behind the bar that counts are given and no share."""
        return self.n < WORDING.least_n


def ink_on(colour: str) -> str:
    """The colour of words that can be read on a segment of this colour."""
    return svg.PAPER if colour in _DARK else svg.INK


def distribution_chart(
    name: str,
    title: str,
    rows: Sequence[Distribution],
    scale: Sequence[Segment],
    *,
    good_label: str = "good or better",
    finding: str | None = None,
) -> Markup:
    """Draw a stacked bar per row; `finding` replaces the sentence made from the rows' own figures."""
    for row in rows:
        if row.shares and len(row.shares) != len(scale):
            raise ValueError(f"“{row.label}” has {len(row.shares)} shares for {len(scale)} categories.")
    label_width = min(_WIDEST_LABEL, max((svg.text_width(row.label) for row in rows), default=0))
    left = _MARGIN + label_width + 10
    totals = [_total(row, good_label) for row in rows]
    right = max((svg.text_width(text) for text in totals), default=0)
    width = left + _BARS_WIDTH + 10 + right + _MARGIN
    key, top = legend(scale, width)
    parts = [key]
    for place, row in enumerate(rows):
        middle = top + _ROW * place + _ROW / 2
        parts.append(svg.text_lines(_MARGIN, middle, svg.wrapped(row.label, width=label_width, most_lines=2)))
        parts.append(_bar(row, scale, left, middle))
        parts.append(svg.label(left + _BARS_WIDTH + 10, middle + 5, totals[place]))
    return svg.drawing(
        name=name,
        width=width,
        height=top + _ROW * len(rows) + _MARGIN,
        title=title,
        finding=finding if finding is not None else _finding(rows, good_label),
        parts=parts,
    )


def _total(row: Distribution, good_label: str) -> str:
    if not row.shares:
        return "no records"
    if row.good is None:
        return _records(row.n)
    if row.is_few:
        return f"{_records(row.n)}: too few for a share"
    return f"{printed(row.good)} {good_label}, of {row.n:,}"


def _records(n: int) -> str:
    return f"{n} record" if n == 1 else f"{n} records"


def legend(scale: Sequence[Segment], width: float) -> tuple[Markup, float]:
    """The legend, over as many lines as it needs, and the height where the bars begin."""
    x, y = float(_MARGIN), float(_MARGIN)
    parts = []
    for segment in scale:
        needs = 14 + 6 + svg.text_width(segment.label, size=svg.SMALL_SIZE) + 14
        if x > _MARGIN and x + needs > width - _MARGIN:
            x, y = float(_MARGIN), y + 22
        parts.append(svg.element("rect", x=x, y=y, width=14, height=14, fill=segment.colour, stroke=svg.MUTED))
        parts.append(svg.label(x + 20, y + 11.5, segment.label, size=svg.SMALL_SIZE))
        x += needs
    return Markup("").join(parts), y + 26


def _bar(row: Distribution, scale: Sequence[Segment], left: float, middle: float) -> Markup:
    top = middle - _BAR / 2
    if not row.shares:
        return svg.element(
            "rect",
            x=left,
            y=top,
            width=_BARS_WIDTH,
            height=_BAR,
            fill=svg.PAPER,
            stroke=svg.RULE,
            stroke_dasharray="4 4",
        )
    parts = []
    x = left
    for share, segment in zip(row.shares, scale, strict=True):
        wide = share * _BARS_WIDTH
        if share > 0:
            drawn = max(wide - _GAP, 0.75)
            parts.append(svg.element("rect", x=x, y=top, width=drawn, height=_BAR, fill=segment.colour))
            parts.append(_inside(segment, "" if row.is_few else per_cent(share), x, drawn, middle))
        x += wide
    if row.good is not None and not row.is_few:
        tick = left + row.good * _BARS_WIDTH - _GAP / 2
        parts.append(svg.line(tick, top - 5, tick, top + _BAR + 5, stroke=svg.INK, width=2))
    return Markup("").join(parts)


def _inside(segment: Segment, shown: str, x: float, drawn: float, middle: float) -> Markup:
    """The segment's mark and per cent where they fit; the per cent alone where only it does; of few the mark alone."""
    fill = ink_on(segment.colour)
    both = " · ".join(text for text in (segment.mark, shown) if text)
    for text in (both, shown):
        if text and svg.text_width(text, size=svg.SMALL_SIZE) + 4 <= drawn:
            return svg.label(x + drawn / 2, middle + 4, text, anchor="middle", size=svg.SMALL_SIZE, fill=fill)
    return Markup("")


def _finding(rows: Sequence[Distribution], good_label: str) -> str:
    """The chart in a sentence or two: every bar's headline when few, the highest and lowest when many."""
    counted = [row for row in rows if row.shares]
    rated = [row for row in counted if row.good is not None]
    if not counted:
        return "No record has an answer yet."
    if not rated:
        return "; ".join(f"{row.label}: {_records(row.n)}" for row in counted[:8]) + "."
    if len(rated) <= 8:
        return "; ".join(_sentence(row, good_label) for row in rated) + "."
    rated = [row for row in rated if not row.is_few] or rated
    by_share = sorted(rated, key=lambda row: row.good or 0.0)
    return (
        f"Highest: {_sentence(by_share[-1], good_label)}. Lowest: {_sentence(by_share[0], good_label)}. "
        f"{len(rated)} bars in all; the table below has every figure."
    )


def _sentence(row: Distribution, good_label: str) -> str:
    if row.is_few:
        return f"{row.label}: {_records(row.n)}, too few for a share"
    return f"{row.label}: {printed(row.good or 0.0)} {good_label}, of {_records(row.n)}"
