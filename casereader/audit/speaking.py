"""What stands in an event as one says it: names of columns and values, JSON without its brackets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NOTHING = "nothing"


def spoken(name: str) -> str:
    """The name of a table or column as words: those of people without what the machine adds."""
    for ending in ("_by_id", "_id"):
        if name.endswith(ending):
            name = name.removesuffix("_id")
            break
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]


def said(value: Any) -> str:
    """A value as one says it, however much it holds."""
    if value is None or value in ("", [], {}):
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return "; ".join(f"{spoken(str(name))}: {_within(one)}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_within(one) for one in value)
    return str(value)


def _within(value: Any) -> str:
    return f"({said(value)})" if isinstance(value, Mapping | list | tuple) and value else said(value)
