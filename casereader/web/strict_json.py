"""JSON from a page, read strictly: one meaning or none. Nothing is guessed, rounded, dropped or doubled."""

from __future__ import annotations

import json
from typing import Any, NoReturn

LONGEST_NUMBER = 18


class UnreadableError(ValueError):
    """A body that is not the JSON we take; the message says what is wrong with it."""


def read(body: bytes) -> dict[str, Any]:
    """The object in a UTF-8 JSON body; UnreadableError for anything else.

    Refused are keys that stand twice, NaN, Infinity, fractions, −0, very long numbers, and nesting without end.
    """
    try:
        found = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_refuse,
            parse_float=_refuse,
            parse_int=_whole,
        )
    except UnicodeDecodeError as error:
        raise UnreadableError("The body is not UTF-8 text.") from error
    except json.JSONDecodeError as error:
        raise UnreadableError(f"The body is not JSON: {error.msg} at character {error.pos}.") from error
    except RecursionError as error:
        raise UnreadableError("The body is nested too deep.") from error
    if not isinstance(found, dict):
        raise UnreadableError("The body is not a JSON object.")
    return found


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise UnreadableError("A name stands twice in one object.")
    return found


def _refuse(text: str) -> NoReturn:
    raise UnreadableError(f"“{text[:20]}” is not a number that is taken here.")


def _whole(text: str) -> int:
    if len(text) > LONGEST_NUMBER or text == "-0":
        _refuse(text)
    return int(text)
