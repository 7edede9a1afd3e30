"""Two readers' answers crossed: a square for every pair of answers, darker where more records fell, with its number."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from casereader.charts import svg

_CELL = (64, 40)
_MARGIN = 12
_WIDEST_LABEL = 190
_SHADES = (svg.PAPER, "#e3e8ed", "#c3cdd6", "#8fa0b0", "#3d5166")
_DARKEST = _SHADES[-1]


def confusion_chart(name: str, title: str, labels: Sequence[str], counts: Sequence[Sequence[int]]) -> Markup:
    """Draw the first reader's answers as rows and the second's as columns; where they agree the square has an edge.

    Columns carry the number of their row's label, since words have no room above them.
    """
    numbered = [f"{place}. {label}" for place, label in enumerate(labels, start=1)]
    label_width = min(_WIDEST_LABEL, max((svg.text_width(text) for text in numbered), default=0))
    left, top = _MARGIN + label_width + 12, _MARGIN + 48.0
    most = max((count for row in counts for count in row), default=0)
    parts = [
        svg.label(_MARGIN, _MARGIN + 12, "Down: the first reader. Across: the second.", size=svg.SMALL_SIZE),
        *(
            svg.label(left + _CELL[0] * (place + 0.5), top - 8, str(place + 1), anchor="middle", bold=True)
            for place in range(len(labels))
        ),
    ]
    for row, text in enumerate(numbered):
        middle = top + _CELL[1] * (row + 0.5)
        parts.append(svg.text_lines(_MARGIN, middle, svg.wrapped(text, width=label_width, most_lines=2)))
        parts += [
            _square(left + _CELL[0] * column, middle - _CELL[1] / 2, count, most, is_same=row == column)
            for column, count in enumerate(counts[row])
        ]
    return svg.drawing(
        name=name,
        width=max(left + _CELL[0] * len(labels) + _MARGIN, 320),
        height=top + _CELL[1] * len(labels) + _MARGIN,
        title=title,
        finding=_finding(labels, counts),
        parts=parts,
    )


def _square(x: float, y: float, count: int, most: int, *, is_same: bool) -> Markup:
    shade = _SHADES[0] if not count else _SHADES[max(1, round(count / most * (len(_SHADES) - 1)))]
    inset = 3.0 if is_same else 1.0
    ink = svg.PAPER if shade == _DARKEST else svg.INK if count else svg.MUTED
    middle = x + _CELL[0] / 2, y + _CELL[1] / 2 + 5
    square = svg.element(
        "rect",
        x=x + inset,
        y=y + inset,
        width=_CELL[0] - 2 * inset,
        height=_CELL[1] - 2 * inset,
        fill=shade,
        stroke=svg.INK if is_same else svg.RULE,
        stroke_width=3 if is_same else 1,
    )
    return square + svg.label(*middle, str(count), anchor="middle", fill=ink, bold=is_same)


def _finding(labels: Sequence[str], counts: Sequence[Sequence[int]]) -> str:
    """How many agree, and where most do not."""
    total = sum(sum(row) for row in counts)
    if not total:
        return "No record was answered by two readers."
    same = sum(row[place] for place, row in enumerate(counts))
    apart = [
        (count, labels[row], labels[column])
        for row, line in enumerate(counts)
        for column, count in enumerate(line)
        if row != column and count
    ]
    said = f"The two readers gave the same answer on {same} of {total} records."
    if not apart:
        return said
    count, first, second = max(apart, key=lambda one: one[0])
    return f"{said} Most often apart: {first} and then {second}, {count} times."
