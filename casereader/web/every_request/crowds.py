"""Signing in has a share of the threads' time: a crowd that signs in at once keeps nobody else's page waiting.

A password takes 46 MB and a core for a twentieth of a second, two at a time (`casereader.people.passwords`), and
whoever waits for that holds a thread. Some ten people in the same moment are let in as they come. Beyond the share the
answer is 429 with when to come again: nothing is looked up, checked or counted, and the page for it is made once. A
sign-in page that holds what somebody wrote gives it back.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

from flask import Flask, Response, current_app, g, request

SIGN_IN = "account.sign_in_post"
SHARE = 2.0  # threads, for as long as it lasts: as many as hash at the same time
AHEAD = 1.0  # seconds of a thread that are free before that
BEHIND = 4.0  # seconds of a thread at most that are to be made up for: what waited long was not the crowd's doing alone
AGAIN = 10  # seconds until whoever was sent away should try again
SAYS = "Many people are signing in at this moment. Nothing was checked: wait ten seconds, then press “Sign in” again."


class Share:
    """What is left of the time that signing in may take, in seconds of a thread; it fills up again by itself."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._guard = clock, Lock()
        self._left, self._looked = AHEAD, clock()

    def is_open(self) -> bool:
        """Whether somebody may begin to sign in now."""
        with self._guard:
            now = self._clock()
            self._left = min(AHEAD, self._left + (now - self._looked) * SHARE)
            self._looked = now
            return self._left > 0

    def take(self, seconds: float) -> None:
        """Take what signing in has cost."""
        with self._guard:
            self._left = max(-BEHIND, self._left - seconds)


def install(app: Flask) -> None:
    """Look at every sign-in that is sent, before anything is asked of the database."""
    share = Share()
    app.extensions["casereader_share_of_sign_ins"] = share

    @app.before_request
    def _look() -> Response | None:
        if request.endpoint != SIGN_IN:
            return None
        g.began_to_sign_in = time.monotonic()
        if share.is_open():
            return None
        if "room" in request.args:  # it holds what somebody wrote: the page itself gives it back
            g.is_in_a_crowd = True
            g.retry_after = AGAIN
            return None
        return _page()

    @app.teardown_request
    def _take(_error: BaseException | None) -> None:
        if "began_to_sign_in" in g:
            share.take(time.monotonic() - g.began_to_sign_in)


def is_too_many() -> bool:
    """Whether this sign-in is beyond the share, and was only let through for what it holds."""
    return "is_in_a_crowd" in g


def _page() -> Response:
    """The page for whoever is sent away; without what needs the database, so that it is made once."""
    kept: dict[str, str] = current_app.extensions.setdefault("casereader_page_of_a_crowd", {})
    if "html" not in kept:
        kept["html"] = current_app.jinja_env.get_template("errors/crowd.html").render()
    headers = {"Retry-After": str(AGAIN)}
    return Response(kept["html"], 429, headers, content_type="text/html; charset=utf-8")
