"""Words that both sides wrote in one place where no person need choose: both are kept, the office's first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from casereader.errors import RefusedError

MOST_NOTES, MOST_STORY, MOST_REFERENCE = 20_000, 2_000, 100
FROM_THE_OTHER = "\n\nWritten on the laptop:\n"
TOO_LONG = (
    "The running notes of a record are too long to be put together from both sides. Ask its reader to shorten them on"
    " one side, then pack it there again."
)


def joined_notes(office: Mapping[str, Any], laptop: Mapping[str, Any]) -> dict[str, str]:
    """A reader's running notes and story of both sides; a story that grows too long goes on in the notes."""
    notes, story = _both(office["notes"], laptop["notes"]), _both(office["story"], laptop["story"])
    if len(story) > MOST_STORY:
        notes, story = _both(notes, laptop["story"]), office["story"]
    if len(notes) > MOST_NOTES:
        raise RefusedError(TOO_LONG)
    return {"notes": notes, "story": story}


def joined_reference(office: str, laptop: str) -> str:
    """The partnership's references of both sides."""
    if not office or not laptop:
        return office or laptop
    return f"{office} / {laptop}"[:MOST_REFERENCE]


def _both(first: str, then: str) -> str:
    if then in first:
        return first
    return then if first in then else first + FROM_THE_OTHER + then
