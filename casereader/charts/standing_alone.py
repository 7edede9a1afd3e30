"""A chart as a file of its own: caption and what the data are stand under it."""

from __future__ import annotations

import re

from markupsafe import Markup

from casereader.charts.svg import MUTED, PAPER, SMALL_SIZE, element, label, number, wrapped

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
MARGIN, STEP = 12, 18
_SIZE = re.compile(r' width="([0-9.]+)" height="([0-9.]+)" viewBox="0 0 [0-9.]+ [0-9.]+"')


def standing_alone(svg: str, *, caption: str, banner: str = "") -> str:
    """The finished `svg` of a page with caption and banner under it."""
    found = _SIZE.search(svg)
    if found is None:
        raise ValueError("This is no chart of ours: it has no size.")
    width, height = float(found[1]), float(found[2])
    lines = [*wrapped(caption, width=width - 2 * MARGIN, size=SMALL_SIZE)]
    lines += wrapped(banner, width=width - 2 * MARGIN, size=SMALL_SIZE) if banner else []
    taller = height + STEP * len(lines) + MARGIN
    under = [element("rect", x=0, y=height, width=width, height=taller - height, fill=PAPER)]
    under += [
        label(MARGIN, height + STEP * (place + 1), line, size=SMALL_SIZE, fill=MUTED)
        for place, line in enumerate(lines)
    ]
    sized = f' width="{number(width)}" height="{number(taller)}" viewBox="0 0 {number(width)} {number(taller)}"'
    whole = svg[: found.start()] + sized + svg[found.end() :]
    return DECLARATION + whole.removesuffix("</svg>") + str(Markup("").join(under)) + "</svg>\n"
