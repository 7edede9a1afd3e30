"""Charts as server-side SVG text: no script, no style sheet, readable in grey and by a screen reader.

Every chart is drawn with presentation attributes, carries its finding in words, and stands above a table with
the same figures. The functions return `Markup`, with everything that came from outside escaped.
"""

from __future__ import annotations

from casereader.charts.confusion import confusion_chart
from casereader.charts.counts import CountRow, counts_chart
from casereader.charts.distribution import Distribution, Segment, distribution_chart
from casereader.charts.figures import distribution_rows, segments
from casereader.charts.intervals import ShareRow, share_chart
from casereader.charts.pace import PaceColumn, pace_chart
from casereader.charts.severity import MovedRow, ReaderRow, moved_chart, severity_chart
from casereader.charts.spread import SpreadRow, spread_chart

__all__ = [
    "CountRow",
    "Distribution",
    "MovedRow",
    "PaceColumn",
    "ReaderRow",
    "Segment",
    "ShareRow",
    "SpreadRow",
    "confusion_chart",
    "counts_chart",
    "distribution_chart",
    "distribution_rows",
    "moved_chart",
    "pace_chart",
    "segments",
    "severity_chart",
    "share_chart",
    "spread_chart",
]
