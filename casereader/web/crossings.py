"""What another site had a browser send: refused before any of it is read, whatever token it carries.

Browsers say where a request comes from in two headers that no page can write, `Sec-Fetch-Site` and `Origin`. A link
from elsewhere may lead to a page of ours; nothing else from elsewhere is answered. A client that says neither is no
browser of today, and is held to its token alone.
"""

from __future__ import annotations

import logging

from flask import Flask, g, request
from werkzeug.exceptions import BadRequest

from casereader.web.request_session import SAFE_METHODS

LOG = logging.getLogger("casereader")

FROM_HERE = frozenset({"same-origin", "none"})  # none: typed, or opened from a bookmark
PARTS_OF_A_PAGE = frozenset({"embed", "fencedframe", "frame", "iframe", "object"})


class CrossedError(BadRequest):
    """A request that a page of another site had a browser send."""

    description = "This was sent by a page of another site. Nothing was changed."


def came_from_here() -> bool | None:
    """Whether a page of ours sent this request, by what its browser says; None where it is silent."""
    if (site := request.headers.get("Sec-Fetch-Site")) is not None:
        return site == "same-origin"
    if (origin := request.headers.get("Origin")) is not None:
        return origin == f"{request.scheme}://{request.host}"
    return None


def install(app: Flask) -> None:
    """Refuse what crossed from another site, before the guard asks who sends it."""

    @app.before_request
    def _refuse_crossing() -> None:
        if _crossed():
            LOG.warning("refused: sent by another site, to %s", request.endpoint)
            g.person = None  # the page that says so is nobody's
            raise CrossedError


def _crossed() -> bool:
    if request.headers.get("Sec-Fetch-Site", "none") not in FROM_HERE:
        return not _is_followed_link()
    origin = request.headers.get("Origin")
    return request.method not in SAFE_METHODS and origin not in (None, f"{request.scheme}://{request.host}")


def _is_followed_link() -> bool:
    headers = request.headers
    is_whole_page = headers.get("Sec-Fetch-Dest") not in PARTS_OF_A_PAGE
    return request.method in SAFE_METHODS and headers.get("Sec-Fetch-Mode") == "navigate" and is_whole_page
