"""What an event of the trail says besides the changes that went with the deed."""

from __future__ import annotations

from typing import Any

from casereader.models import AuditEvent


def said(event: AuditEvent) -> dict[str, Any]:
    """The body as whoever recorded the deed gave it."""
    return {name: value for name, value in event.body.items() if name != "changes"}
