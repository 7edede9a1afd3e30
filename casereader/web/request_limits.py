"""What a request may hold: how large it is, how many fields and cookies, each once, and nothing that cannot be stored.

A route that takes more than the usual says so with a mark of its own; `access` holds every request to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from flask import abort, current_app, g, request

from casereader.errors import RefusedError

MOST_COOKIES = 200  # browsers keep 180 of a site at most

View = TypeVar("View", bound=Callable[..., object])


def limit_body(
    megabytes: int, *, fields: int = 1000, where: Callable[[], bool] = lambda: True
) -> Callable[[View], View]:
    """Let a route take a larger body than the usual 64 KB: always, or only `where` it has cause to."""

    def mark(view: View) -> View:
        view.body_limit = (megabytes * 1024 * 1024, fields, where)  # type: ignore[attr-defined]
        return view

    return mark


def checks_its_own_fields(view: View) -> View:
    """Mark a route that says itself, field by field, what was sent twice or cannot be stored."""
    view.checks_its_own_fields = True  # type: ignore[attr-defined]
    return view


def takes_lists(*names: str) -> Callable[[View], View]:
    """Let these fields of a route hold several values; any other field sent twice is refused."""

    def mark(view: View) -> View:
        view.lists = frozenset(names)  # type: ignore[attr-defined]
        return view

    return mark


def hold_to_its_limit(view: Callable[..., object]) -> None:
    """Let the request be as large as its route says, before anything of it is read; 413 where it is larger."""
    limit = getattr(view, "body_limit", None)
    if limit is not None and limit[2]():
        request.max_content_length = request.max_form_memory_size = limit[0]
        request.max_form_parts = limit[1]
        _refuse_many_fields(limit[1])


def refuse_odd_fields(view: Callable[..., object]) -> None:
    """400 for a field sent twice, RefusedError for what cannot be stored; unless the route says that of each itself."""
    if not getattr(view, "checks_its_own_fields", False):
        _refuse_repeated(getattr(view, "lists", frozenset()))
        _refuse_unstorable(request.form.values())


def refuse_odd_cookies() -> None:
    """Of two sessions in one request neither is taken, nor is more than a browser keeps."""
    cookies = request.cookies
    sessions = cookies.getlist(current_app.config["SESSION_COOKIE_NAME"])
    if len(sessions) > 1 or sum(len(values) for _, values in cookies.lists()) > MOST_COOKIES:
        g.person = None  # the page that says so is nobody's
        abort(400)


def _refuse_many_fields(most: int) -> None:
    """Count before reading: `max_form_parts` is for multipart alone, and a megabyte can hold half a million fields."""
    if request.mimetype == "application/x-www-form-urlencoded" and request.get_data().count(b"&") >= most:
        abort(413)


def _refuse_repeated(lists: frozenset[str]) -> None:
    """Neither the first nor the last of two values is taken in silence."""
    for fields in (request.args, request.form, request.files):
        if any(len(values) > 1 for name, values in fields.lists() if name not in lists):
            abort(400)


def _refuse_unstorable(texts: Iterable[str]) -> None:
    """PostgreSQL cannot store NUL and UTF-8 cannot write lone surrogates: both databases refuse alike."""
    if any("\0" in text or (not text.isascii() and _has_surrogate(text)) for text in texts):
        raise RefusedError("A field holds a hidden sign that cannot be stored: type the text again, without pasting.")


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in text)
