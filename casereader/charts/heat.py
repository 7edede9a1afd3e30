"""A heat table: a shade for each row and column with its figure written in it, so that no shade stands alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from casereader.charts import svg
from casereader.charts.distribution import Segment, legend
from casereader.words import printed

SHADES = ("#ffffff", "#eef1f4", "#d9dfe5", "#bac5cf", "#9aa9b7")  # as a page's table has them; all hold dark words
_CELL_WIDTH, _CELL = 112, 44
_MARGIN = 12
_HEAD_LINES = 4
_WIDEST_LABEL = 220


@dataclass(frozen=True, slots=True)
class HeatCell:
    """What is written in a cell, in one line and in small letters under it; `shade` from 0 to 4, None where no figure.

    `share` from 0 to 1 is for the finding in words.
    """

    text: str
    hint: str = ""
    shade: int | None = None
    share: float | None = None


@dataclass(frozen=True, slots=True)
class HeatRow:
    """A row with a cell for each column."""

    label: str
    cells: tuple[HeatCell, ...]


def heat_chart(name: str, title: str, columns: Sequence[str], rows: Sequence[HeatRow], shades: Sequence[str]) -> Markup:
    """Draw the table in the order given; `shades` says what each of them stands for, from the lightest on."""
    label_width = min(_WIDEST_LABEL, max((svg.text_width(row.label) for row in rows), default=0))
    left = _MARGIN + label_width + 12
    width = left + _CELL_WIDTH * len(columns) + _MARGIN
    key, top = legend([Segment(says, "", SHADES[at]) for at, says in enumerate(shades)], width)
    room = (_CELL_WIDTH - 12) / svg.BOLD_FACTOR
    heads = [svg.wrapped(column, width=room, size=svg.SMALL_SIZE, most_lines=_HEAD_LINES) for column in columns]
    body = top + max((len(lines) for lines in heads), default=0) * (svg.SMALL_SIZE + 4) + 10
    parts = [key]
    for at, lines in enumerate(heads):
        x = left + _CELL_WIDTH * at + 6
        parts.append(svg.text_lines(x, (top + body) / 2 - 2, lines, size=svg.SMALL_SIZE, bold=True))
    for place, row in enumerate(rows):
        y = body + _CELL * place
        parts.append(svg.text_lines(_MARGIN, y + _CELL / 2, svg.wrapped(row.label, width=label_width, most_lines=2)))
        parts += [_cell(cell, left + _CELL_WIDTH * at, y) for at, cell in enumerate(row.cells)]
    return svg.drawing(
        name=name,
        width=width,
        height=body + _CELL * len(rows) + _MARGIN,
        title=title,
        finding=_finding(columns, rows),
        parts=parts,
    )


def _cell(cell: HeatCell, x: float, y: float) -> Markup:
    fill = svg.PAPER if cell.shade is None else SHADES[cell.shade]
    dashed = {"stroke_dasharray": "3 3"} if cell.shade is None else {}
    middle = x + _CELL_WIDTH / 2
    parts = [
        svg.element("rect", x=x, y=y, width=_CELL_WIDTH, height=_CELL, fill=fill, stroke=svg.RULE, **dashed),
        svg.label(middle, y + 19, cell.text, anchor="middle", bold=cell.shade is not None),
        svg.label(middle, y + 35, cell.hint, anchor="middle", size=svg.SMALL_SIZE),
    ]
    return Markup("").join(parts)


def _finding(columns: Sequence[str], rows: Sequence[HeatRow]) -> str:
    """How far the shares of each column lie apart; nobody is named first or last."""
    said = []
    for at, column in enumerate(columns):
        shares = [row.cells[at].share for row in rows]
        known = [share for share in shares if share is not None]
        if len(known) > 1:
            said.append(f"{column}: {printed(min(known))} to {printed(max(known))} in {len(known)}")
        else:
            said.append(f"{column}: {'one figure' if known else 'no figure'}")
    return f"Of {len(rows)} partnerships. {'; '.join(said)}."
