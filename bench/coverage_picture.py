"""The picture of docs/method/estimation.md: how often each interval holds the truth, by the number of records read."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from casereader.charts import svg
from casereader.charts.standing_alone import standing_alone
from sampling.estimation.shares import DEFAULT, METHODS

PROMISED = 0.90
_LEFT, _TOP, _WIDTH, _STEP, _GAP = 200, 64, 420, 20, 14
_LOWEST, _HIGHEST = 0.75, 1.0
_RIGHT = 110


def picture(lines: pd.DataFrame) -> str:
    """A row per number of records and method: the mean over the settings, and from their lowest to their highest."""
    found = lines.groupby(["n", "method"]).agg(
        held=("coverage", "mean"), low=("coverage", "min"), high=("coverage", "max"), width=("width", "mean")
    )
    sizes = sorted(lines["n"].unique())
    height = _TOP + len(sizes) * (len(METHODS) * _STEP + _GAP)
    parts = [_axis(height)]
    y: float = _TOP
    for size in sizes:
        parts.append(svg.label(12, y + _STEP * 0.7, f"{size} records read", bold=True))
        for method in METHODS:
            parts.append(_row(y + _STEP / 2, method, found.loc[(size, method)]))
            y += _STEP
        y += _GAP
    drawn = svg.drawing(
        name="coverage",
        width=_LEFT + _WIDTH + _RIGHT,
        height=height + 30,
        title="How often a 90% interval holds the truth",
        finding=f"At 60 records {DEFAULT} is the narrowest whose mean is not below 90%.",
        parts=parts,
    )
    return standing_alone(
        str(drawn),
        caption="Dot: mean over all settings of population, share and design. Line: from the lowest setting to the "
        "highest. Drawn by python -m bench.coverage --picture FILE.",
    )


def _x(share: float) -> float:
    return _LEFT + (max(share, _LOWEST) - _LOWEST) / (_HIGHEST - _LOWEST) * _WIDTH


def _axis(height: float) -> Markup:
    parts = [
        svg.label(12, 22, "How often a 90% interval holds the truth", bold=True),
        svg.label(_LEFT + _WIDTH + 16, _TOP - 12, "Mean width", size=svg.SMALL_SIZE, fill=svg.MUTED),
    ]
    for per_cent in range(75, 101, 5):
        x = _x(per_cent / 100)
        is_promised = per_cent == round(PROMISED * 100)
        parts.append(
            svg.line(x, _TOP - 6, x, height - _GAP, stroke=svg.INK if is_promised else svg.RULE, width=1 + is_promised)
        )
        parts.append(svg.label(x, height + 8, f"{per_cent}%", anchor="middle", size=svg.SMALL_SIZE, fill=svg.MUTED))
    return Markup("").join(parts)


def _row(y: float, method: str, row: pd.Series[float]) -> Markup:
    is_default = method == DEFAULT
    dot = svg.element(
        "circle",
        cx=_x(row["held"]),
        cy=y,
        r=5,
        stroke=svg.INK,
        stroke_width=2,
        fill=svg.INK if is_default else svg.PAPER,
    )
    parts = [
        svg.label(_LEFT - 12, y + 5, method, anchor="end", bold=is_default),
        svg.line(_x(row["low"]), y, _x(row["high"]), y, width=2),
        dot,
        svg.label(_LEFT + _WIDTH + 16, y + 5, f"{row['width']:.3f}", bold=is_default),
    ]
    return Markup("").join(parts)
