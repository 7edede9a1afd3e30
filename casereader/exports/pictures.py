"""Charts as PNG: drawn with a font that we carry, so that every machine makes the same picture with its words in it."""

from __future__ import annotations

from pathlib import Path

import resvg_py

from casereader.charts.svg import FONT

CARRIED = Path(__file__).parent / "vendor" / "dejavu-fonts-2.37"
FAMILY = "DejaVu Sans"
TIMES = 2  # as large as on the page, for print and for screens with small points


def png(svg: str, times: float = TIMES) -> bytes:
    """The chart as a picture so many times as large."""
    drawn = resvg_py.svg_to_bytes(
        svg_string=svg.replace(f'font-family="{FONT}"', f'font-family="{FAMILY}"'),
        zoom=times,
        skip_system_fonts=True,
        font_files=[str(CARRIED / "DejaVuSans.ttf"), str(CARRIED / "DejaVuSans-Bold.ttf")],
        font_family=FAMILY,
        sans_serif_family=FAMILY,
    )
    return bytes(drawn)
