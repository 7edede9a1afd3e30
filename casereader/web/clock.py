"""The one place where the web reads the clock: everything below is handed the moment."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import g


def now() -> datetime:
    """The moment of this request, the same wherever it is asked for."""
    if "now" not in g:
        g.now = datetime.now(UTC)
    moment: datetime = g.now
    return moment
