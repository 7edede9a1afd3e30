"""A dot for each share, a line for its interval, and a pale band for what records not produced leave open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from casereader.charts import svg
from casereader.words import WORDING, printed, said_with

_ROW = 40
_AXIS_WIDTH = 420
_MARGIN = 12
_WIDEST_LABEL = 290
_COLOUR = "#0b3c6f"
_BAND = "#d9dfe6"


@dataclass(frozen=True, slots=True)
class ShareRow:
    """One line of the chart; shares from 0 to 1, None where there is none.

    `also` are the other words that the interval touches, joined as in the table.
    `lowest` and `highest`: the share were no not-produced record, and every one, counted as good.
    `flagged` rows are set in bold with a diamond, so that they do not stand out by colour alone.
    """

    label: str
    share: float | None
    lower: float | None
    upper: float | None
    k: int
    n: int
    word: str = ""
    also: str = ""
    lowest: float | None = None
    highest: float | None = None
    flagged: bool = False


def share_chart(
    name: str,
    title: str,
    rows: Sequence[ShareRow],
    *,
    axis_label: str = "Share good or better, with its 90% interval",
    reference: float | None = None,
    reference_label: str = "",
    finding: str | None = None,
    cut_offs: Sequence[float] = (),
) -> Markup:
    """Draw a dot and interval per row on an axis from 0 to 100%, `reference` as a dashed line through all.

    So are the `cut_offs`, each with its share under it. Of fewer than 10 records the counts stand there, and nothing is
    drawn.
    """
    label_width = min(_WIDEST_LABEL, max((svg.text_width(row.label, bold=row.flagged) for row in rows), default=0))
    left = _MARGIN + label_width + 16
    figures = [_figure(row) for row in rows]
    right = max((svg.text_width(text) for text in figures), default=0)
    top = _MARGIN + (38 if reference is None else 58)
    bottom = top + _ROW * len(rows)
    parts = [_axis(left, top, bottom, axis_label)]
    if reference is not None:
        x = left + reference * _AXIS_WIDTH
        parts.append(svg.line(x, top - 24, x, bottom, stroke=svg.INK, dashes="5 4"))
        parts.append(_reference(x, top - 28, left, f"{reference_label} {printed(reference)}".strip()))
    for cut in cut_offs:
        x = left + cut * _AXIS_WIDTH
        parts.append(svg.line(x, top, x, bottom + 6, stroke=svg.INK, dashes="5 4"))
        parts.append(svg.label(x, bottom + 22, printed(cut), anchor="middle", size=svg.SMALL_SIZE))
    for place, row in enumerate(rows):
        middle = top + _ROW * place + _ROW / 2
        parts.append(_row(row, left, middle, label_width))
        parts.append(svg.label(left + _AXIS_WIDTH + 20, middle + 5, figures[place], bold=row.flagged))
    return svg.drawing(
        name=name,
        width=max(left + _AXIS_WIDTH + 20 + right * svg.BOLD_FACTOR + _MARGIN, 480),
        height=bottom + _MARGIN + (20 if cut_offs else 0),
        title=title,
        finding=finding if finding is not None else _finding(rows),
        parts=parts,
    )


def _axis(left: float, top: float, bottom: float, axis_label: str) -> Markup:
    parts = [svg.label(left, _MARGIN + 10, axis_label, size=svg.SMALL_SIZE, fill=svg.MUTED)]
    for step in range(5):
        x = left + _AXIS_WIDTH * step / 4
        parts.append(svg.line(x, top, x, bottom, stroke=svg.RULE if step in (0, 4) else "#dcdcdc"))
        parts.append(svg.label(x, top - 8, f"{25 * step}%", anchor="middle", size=svg.SMALL_SIZE, fill=svg.MUTED))
    return Markup("").join(parts)


def _reference(x: float, y: float, left: float, text: str) -> Markup:
    wide = svg.text_width(text, size=svg.SMALL_SIZE)
    kept = min(max(x, left + wide / 2), left + _AXIS_WIDTH - wide / 2)
    return svg.label(kept, y, text, anchor="middle", size=svg.SMALL_SIZE)


def _row(row: ShareRow, left: float, middle: float, label_width: float) -> Markup:
    lines = svg.wrapped(row.label, width=label_width, most_lines=2)
    parts = [svg.text_lines(_MARGIN, middle, lines, bold=row.flagged)]
    if row.share is None or row.n < WORDING.least_n:
        return parts[0]
    at = left + row.share * _AXIS_WIDTH
    if row.lowest is not None and row.highest is not None and row.highest > row.lowest:
        low, high = left + row.lowest * _AXIS_WIDTH, left + row.highest * _AXIS_WIDTH
        parts.append(svg.element("rect", x=low, y=middle - 8, width=high - low, height=16, fill=_BAND))
    if row.lower is not None and row.upper is not None:
        low, high = left + row.lower * _AXIS_WIDTH, left + row.upper * _AXIS_WIDTH
        parts.append(svg.line(low, middle, high, middle, stroke=_COLOUR, width=2))
        parts += [svg.line(x, middle - 5, x, middle + 5, stroke=_COLOUR, width=2) for x in (low, high)]
    if row.flagged:
        points = f"{svg.number(at)},{svg.number(middle - 8)} {svg.number(at + 8)},{svg.number(middle)} "
        points += f"{svg.number(at)},{svg.number(middle + 8)} {svg.number(at - 8)},{svg.number(middle)}"
        parts.append(svg.element("polygon", points=points, fill=_COLOUR, stroke=_COLOUR, stroke_width=2))
    else:
        parts.append(svg.element("circle", cx=at, cy=middle, r=6, fill=_COLOUR, stroke=_COLOUR, stroke_width=2))
    return Markup("").join(parts)


def _figure(row: ShareRow) -> str:
    if row.share is None:
        return "no records"
    if row.n < WORDING.least_n:
        return f"{row.k:,} of {row.n:,}: too few"
    if row.lower is None or row.upper is None:
        return f"{printed(row.share, row.word)} · {row.k:,} of {row.n:,}"
    is_known = row.lower == row.upper
    limits = "all read" if is_known else f"{printed(row.lower)} to {printed(row.upper)}"
    return f"{printed(row.share, row.word)} ({limits}) · {row.k:,} of {row.n:,}"


def _finding(rows: Sequence[ShareRow]) -> str:
    """The chart in a sentence or two: every line when few, the highest and lowest when many."""
    shown = [row for row in rows if row.share is not None]
    if not shown:
        return "No record has an answer yet."
    if len(shown) <= 8:
        return "; ".join(_sentence(row) for row in shown) + "."
    by_share = sorted((row for row in shown if row.n >= WORDING.least_n), key=lambda row: row.share or 0.0)
    if not by_share:
        return f"None of {len(shown)} lines has {WORDING.least_n} records; the table below has their counts."
    return (
        f"Highest: {_sentence(by_share[-1])}. Lowest: {_sentence(by_share[0])}. "
        f"{len(shown)} lines in all; the table below has every figure."
    )


def _sentence(row: ShareRow) -> str:
    has_word = row.word and row.n >= WORDING.least_n
    word = f"{said_with(row.word, row.also)}, " if has_word else ""
    return f"{row.label}: {word}{_figure(row)}"
