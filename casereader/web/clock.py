"""The one place where the web reads the clock, and how a time is said: everything below is handed the moment."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import g


def now() -> datetime:
    """The moment of this request, the same wherever it is asked for."""
    if "now" not in g:
        g.now = datetime.now(UTC)
    moment: datetime = g.now
    return moment


def in_words(minutes: int) -> str:
    """How long that is, as people say it: minutes up to two hours, hours up to two days, then days."""
    for size, unit in ((1440, "days"), (60, "hours")):
        if minutes >= 2 * size:
            return f"{minutes // size} {unit}"
    return f"{minutes} minute{'' if minutes == 1 else 's'}"


def moment() -> datetime:
    """The moment it is asked, for work that goes on outside a request."""
    return datetime.now(UTC)
