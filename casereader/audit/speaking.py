"""What stands in an event as one says it: names of columns and values, JSON without its brackets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NOTHING = "nothing"
COLUMNS = {
    ("ending", "n_stopped"): "cases left unread",
    ("ending", "figures"): "figures that it was asked on",
    ("ending", "published"): "figures of every record that counts",
    ("ending", "certificate_sha256"): "digest of the certificate",
}
FIGURE = {  # what is kept of a question's figure, by the names of questions.csv
    "n": "Records with an answer",
    "k": "Of them counted",
    "share": "Weighted share",
    "lower": "Interval from",
    "upper": "Interval to",
    "lowest": "If no record not produced counted",
    "highest": "If all of them counted",
}
SHARES = frozenset({"share", "lower", "upper", "lowest", "highest"})


def spoken(name: str) -> str:
    """The name of a table or column as words: those of people without what the machine adds."""
    for ending in ("_by_id", "_id"):
        if name.endswith(ending):
            name = name.removesuffix("_id")
            break
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]


def column_spoken(table: str, name: str) -> str:
    """A column within its table, as words that begin small."""
    return COLUMNS.get((table, name)) or spoken(name).lower()


def said(value: Any) -> str:
    """A value as one says it, however much it holds."""
    if value is None or value in ("", [], {}):
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return "; ".join(_named(str(name), one) for name, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_within(one) for one in value)
    return str(value)


def _named(name: str, value: Any) -> str:
    if name in SHARES and isinstance(value, str):
        return f"{FIGURE[name]}: {float(value):.1%}"
    return f"{FIGURE.get(name) or spoken(name)}: {_within(value)}"


def _within(value: Any) -> str:
    return f"({said(value)})" if isinstance(value, Mapping | list | tuple) and value else said(value)
