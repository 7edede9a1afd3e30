"""From plain tables, as a file holds them, to checked ones: every fault in words, with its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from casereader.instrument.errors import InstrumentError, InstrumentFault
from casereader.instrument.schema import InstrumentTable
from sampling.digest import json_digest


def checked(tables: Mapping[str, Any], *, name: str) -> InstrumentTable:
    """The tables of the file called `name`, checked. Raises InstrumentError with every fault of shape."""
    try:
        return InstrumentTable.model_validate(tables)
    except ValidationError as error:
        raise InstrumentError(list(_faults(name, tables, error.errors(include_url=False)))) from error


def plain(tables: InstrumentTable) -> dict[str, Any]:
    """The tables as a file would hold them, without what is left out there anyway."""
    return tables.model_dump(exclude_defaults=True)


def digest_of(tables: InstrumentTable) -> str:
    """The SHA-256, in lower-case hex, of all that an instrument says, whatever its file's layout and comments."""
    return json_digest(plain(tables))


def _faults(name: str, tables: Mapping[str, Any], errors: Sequence[ErrorDetails]) -> Iterator[InstrumentFault]:
    for error in errors:
        section, question, where = _place(tables, error["loc"])
        says, remedy = _words(error, where)
        yield InstrumentFault(name, section, question, says, remedy, error["loc"])


def _place(tables: Mapping[str, Any], loc: tuple[int | str, ...]) -> tuple[str | None, str | None, str]:
    """The section, the question and the rest of a place that pydantic gives as keys and positions."""
    section: str | None = None
    question: str | None = None
    rest: list[str] = []
    here: Any = tables
    list_name = ""
    for step in loc:
        try:
            here = here[step]
        except (KeyError, IndexError, TypeError):
            here = None
        if isinstance(step, str):
            list_name = step
            rest.append(step)
            continue
        known = here.get("id") or here.get("value") or here.get("code") if isinstance(here, dict) else None
        called = str(known or f"number {step + 1}")
        if list_name == "sections":
            section, rest = called, []
        elif list_name == "questions" and section:
            question, rest = called, []
        else:
            rest[-1:] = [f"{list_name} {called}"]
    return section, question, ", ".join(rest)


def _words(error: ErrorDetails, where: str) -> tuple[str, str]:
    kind, context = error["type"], error.get("ctx", {})
    shown = repr(error["input"])[:60]
    if kind == "missing":
        return f"“{where}” is missing.", "Add it."
    if kind == "extra_forbidden":
        return f"“{where}” is not a field here.", "Check its spelling, or take it out."
    if kind == "literal_error":
        return f"“{where}” is {shown}.", f"Use one of {context['expected']}."
    if kind == "string_pattern_mismatch":
        return f"“{where}” is {shown}, which is not of the right form.", f"It must match {context['pattern']}."
    if kind == "too_short":
        return f"“{where}” has nothing in it.", "Add at least one."
    if kind == "string_too_short":
        return f"“{where}” is blank.", "Write something, or take the line out."
    if kind == "string_too_long":
        return f"“{where}” is longer than {context['max_length']:,} characters.", "Shorten it."
    if kind in ("unprintable", "line_break"):
        return f"“{where}” holds {error['msg']}.", "Delete it."
    if kind in _TYPES:
        return f"“{where}” is {shown}, which is not {_TYPES[kind]}.", "Mend the value."
    if kind in _BOUNDS:
        sign, name = _BOUNDS[kind]
        return f"“{where}” is {shown}.", f"Use a whole number of {sign} {context[name]:,}."
    return f"“{where}” is {shown}: {error['msg'].lower()}.", "Mend the value."


_BOUNDS = {"greater_than_equal": ("at least", "ge"), "less_than_equal": ("at most", "le")}
_TYPES = {
    "string_type": "a text in quotes",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "list_type": "a list",
    "model_type": "a table",
    "dict_type": "a table",
}
