"""The few SVG elements our charts are made of, and the width their text needs."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

FONT = "Roboto, Arial, Helvetica, sans-serif"
FONT_SIZE = 14
SMALL_SIZE = 12
INK = "#1a1a1a"
MUTED = "#5e5e5e"
RULE = "#b3b3b3"
PAPER = "#ffffff"
CHARACTER_WIDTH = 7.6  # of 14 px text in the widest of the fonts it may fall back to
BOLD_FACTOR = 1.08


def text_width(text: str, *, size: int = FONT_SIZE, bold: bool = False) -> float:
    """The room, in px, that `text` may need; on the generous side, since fonts fall back."""
    return len(text) * CHARACTER_WIDTH * size / FONT_SIZE * (BOLD_FACTOR if bold else 1)


def number(value: float) -> str:
    """A coordinate with at most two decimals."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def element(name: str, content: Markup | str = "", /, **attributes: str | float) -> Markup:
    """One element; attribute names write `_` for `-`, values and plain content are escaped."""
    written = "".join(
        f' {key.replace("_", "-")}="{escape(_printable(value)) if isinstance(value, str) else number(value)}"'
        for key, value in attributes.items()
    )
    if content == "":
        return Markup(f"<{name}{written}/>")  # noqa: S704 - every part is ours or escaped
    inside = content if isinstance(content, Markup) else escape(_printable(content))
    return Markup(f"<{name}{written}>{inside}</{name}>")  # noqa: S704 - every part is ours or escaped


def _printable(text: str) -> str:
    """Control characters have no place in XML, even escaped."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else " " for character in text)


def label(
    x: float,
    y: float,
    text: str,
    *,
    anchor: str = "start",
    size: int = FONT_SIZE,
    fill: str = INK,
    bold: bool = False,
) -> Markup:
    """Text whose baseline stands at y."""
    weight = {"font_weight": "bold"} if bold else {}
    return element("text", text, x=x, y=y, text_anchor=anchor, font_size=size, fill=fill, **weight)


def line(
    x1: float, y1: float, x2: float, y2: float, *, stroke: str = INK, width: float = 1, dashes: str = ""
) -> Markup:
    """A straight line."""
    dashed = {"stroke_dasharray": dashes} if dashes else {}
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=stroke, stroke_width=width, **dashed)


def drawing(*, name: str, width: float, height: float, title: str, finding: str, parts: Iterable[Markup]) -> Markup:
    """The whole chart: an image to assistive technology, named by its title and described by its finding.

    `name` makes the ids unique on the page; letters, digits and hyphens.
    """
    if not name or not all(character.isalnum() or character == "-" for character in name):
        raise ValueError(f"A chart's name is letters, digits and hyphens, not {name!r}.")
    body = Markup("").join(
        [
            element("title", title, id=f"{name}-title"),
            element("desc", finding, id=f"{name}-desc"),
            element("rect", x=0, y=0, width=width, height=height, fill=PAPER),
            *parts,
        ]
    )
    return element(
        "svg",
        body,
        xmlns="http://www.w3.org/2000/svg",
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
        width=width,
        height=height,
        viewBox=f"0 0 {number(width)} {number(height)}",
        font_family=FONT,
    )


def wrapped(text: str, *, width: float, size: int = FONT_SIZE, most_lines: int = 3) -> list[str]:
    """`text` broken at blanks into lines of about `width` px; past `most_lines` it ends in “…”."""
    room = max(8, int(width / (CHARACTER_WIDTH * size / FONT_SIZE)))
    lines = textwrap.wrap(text, room, max_lines=most_lines, placeholder=" …")
    return lines or [""]


def text_lines(x: float, middle: float, lines: Sequence[str], *, size: int = FONT_SIZE, bold: bool = False) -> Markup:
    """Lines of text, together centred on the height `middle`."""
    step = size + 4
    first = middle - step * (len(lines) - 1) / 2 + size * 0.35
    return Markup("").join(label(x, first + step * place, row, size=size, bold=bold) for place, row in enumerate(lines))
