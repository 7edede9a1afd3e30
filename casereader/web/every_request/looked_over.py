"""What was typed is looked over for signs of a person, in whatever form it came: the next page warns who typed it.

It is a warning and bars nothing; the texts go nowhere from here. Forms that ask before they take such a
text are not warned of again, nor are those that are for names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from flask import Flask, Response, flash, g, request

from casereader.identifying import signs_in

FOR_NAMES = "it is for the names of staff, of partnerships or of programmes: only numbers, postcodes and dates count"
NOTHING_KEPT = "what is looked for is kept nowhere"
NO_TEXT_KEPT = "it holds a password, a code or a token, and no text"
SAYS_WHICH = "it says itself which answer it is"
OTHERWISE: Mapping[str, str] = {
    "searching": NOTHING_KEPT,
    "account": NO_TEXT_KEPT,
    "signing": NO_TEXT_KEPT,
    "settings": NO_TEXT_KEPT,
    "admin": FOR_NAMES,
    "joining": FOR_NAMES,
    "contacts": FOR_NAMES,
    "programmes": FOR_NAMES,
    "several": FOR_NAMES,
    "section": SAYS_WHICH,
    "practice": "its cases are invented, with names",
}
"""The blueprints whose forms are looked over in another way, or not, and why."""

OF_STAFF = frozenset({"a name", "an e-mail address", "a telephone number"})
_NOT_TYPED = ("csrf_token", "file")  # the sealed file that a preview carries along
_SHORTEST = 4
_NO_WORDS = re.compile(r"[A-Za-z0-9_-]{16,}|\d{4}-\d{2}-\d{2}")


def install(app: Flask) -> None:
    """Look over what came with every form that was taken."""

    @app.after_request
    def _look(response: Response) -> Response:
        if _is_looked_over(response) and (signs := [one for one in dict.fromkeys(_signs()) if one not in _not_here()]):
            flash(
                f"What you wrote looks as if it held {' and '.join(signs)}. If anybody could be known by it, write it "
                "again without.",
                "warning",
            )
        return response


def _is_looked_over(response: Response) -> bool:
    """Whether a form was taken that is looked over: a script is told in the answer to it (autosave.py)."""
    reason = OTHERWISE.get(request.blueprint or "")
    taken = (303,) if reason is None else (303, 200)  # of names of staff some are taken and shown at once
    if request.method != "POST" or response.status_code not in taken or g.get("only_reads", False) or request.is_json:
        return False
    return reason in (None, FOR_NAMES)


def _not_here() -> frozenset[str]:
    """What is no sign in the form that was sent."""
    return OF_STAFF if (request.blueprint or "") in OTHERWISE else frozenset()


def _signs() -> Iterator[str]:
    if any(request.form.get(name) for name in ("keep_signs", "looked")):
        return  # whoever typed it was asked already
    for name, values in request.form.lists():
        if name not in _NOT_TYPED:
            for value in values:
                if len(value) >= _SHORTEST and not _NO_WORDS.fullmatch(value):
                    yield from signs_in(value)
