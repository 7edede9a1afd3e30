"""What was typed is looked over for signs of a person, in whatever form it came: the next page warns who typed it.

It is a warning and bars nothing; the texts go nowhere from here. Forms that ask before they take such a
text are not warned of again, nor are those that are for names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from flask import Flask, Response, flash, g, request

from casereader.identifying import signs_in

FOR_NAMES = "it is for the names of staff, of partnerships or of programmes"
NO_TEXT_KEPT = "it holds a password, a code or a token, and no text"
ASKS = "it asks itself before it takes such a text"
OTHERWISE: Mapping[str, str] = {
    "account": NO_TEXT_KEPT,
    "signing": NO_TEXT_KEPT,
    "settings": NO_TEXT_KEPT,
    "admin": FOR_NAMES,
    "joining": FOR_NAMES,
    "contacts": FOR_NAMES,
    "programmes": FOR_NAMES,
    "several": FOR_NAMES,
    "section": ASKS,
    "reading": ASKS,
    "practice": "its cases are invented, with names",
}
"""The blueprints whose forms are not looked over here, and why."""

_SHORTEST = 4
_NO_WORDS = re.compile(r"[A-Za-z0-9_-]{16,}|\d{4}-\d{2}-\d{2}")


def install(app: Flask) -> None:
    """Look over what came with every form that was taken."""

    @app.after_request
    def _look(response: Response) -> Response:
        if _is_looked_over(response) and (signs := list(dict.fromkeys(_signs()))):
            flash(
                f"What you wrote looks as if it held {' and '.join(signs)}. If anybody could be known by it, write it "
                "again without.",
                "warning",
            )
        return response


def _is_looked_over(response: Response) -> bool:
    """Whether a form was taken that is looked over: a script is told nothing, and warns while one types."""
    taken = request.method == "POST" and response.status_code == 303 and not g.get("only_reads", False)
    return taken and (request.blueprint or "") not in OTHERWISE and not request.is_json


def _signs() -> Iterator[str]:
    if any(request.form.get(name) for name in ("keep_signs", "looked")):
        return  # whoever typed it was asked already
    for name, values in request.form.lists():
        if name != "csrf_token":
            for value in values:
                if len(value) >= _SHORTEST and not _NO_WORDS.fullmatch(value):
                    yield from signs_in(value)
