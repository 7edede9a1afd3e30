"""Read instrument files: TOML, checked by the schema, built into the model; every fault is told at once."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from casereader.instrument.build import build
from casereader.instrument.errors import InstrumentError, InstrumentFault
from casereader.instrument.model import Instrument
from casereader.instrument.schema import InstrumentTable


def load(path: Path | str) -> Instrument:
    """Read one instrument file. Raises InstrumentError with every fault in it."""
    path = Path(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InstrumentError(
            [_fault(path.name, f"the file cannot be read ({error.strerror}).", "Check its name and place.")]
        ) from error
    return loads(content, name=path.name)


def load_all(folder: Path | str) -> dict[str, Instrument]:
    """Read every `*.toml` of a folder, by instrument id. Raises InstrumentError with the faults of all files."""
    found: dict[str, Instrument] = {}
    faults: list[InstrumentFault] = []
    paths = sorted(Path(folder).glob("*.toml"))
    if not paths:
        faults.append(_fault(str(Path(folder).name), "no instrument file is here.", "Add a file ending in .toml."))
    for path in paths:
        try:
            instrument = load(path)
        except InstrumentError as error:
            faults.extend(error.faults)
            continue
        if instrument.id in found:
            faults.append(
                _fault(path.name, f"another file is also {instrument.id}.", "Give each instrument its own id.")
            )
        found[instrument.id] = instrument
    if faults:
        raise InstrumentError(faults)
    return found


def loads(content: bytes, *, name: str) -> Instrument:
    """Read an instrument from the bytes of a file called `name`. Raises InstrumentError."""
    try:
        tables = tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise InstrumentError([_fault(name, "the file is not UTF-8 text.", "Save it as UTF-8.")]) from error
    except tomllib.TOMLDecodeError as error:
        raise InstrumentError(
            [_fault(name, f"this is not sound TOML: {error}.", "Mend the line; quotes and brackets must close.")]
        ) from error
    try:
        checked = InstrumentTable.model_validate(tables)
    except ValidationError as error:
        raise InstrumentError(list(_shape_faults(name, tables, error.errors(include_url=False)))) from error
    return build(checked, name=name, digest=hashlib.sha256(content).hexdigest())


def _fault(file: str, says: str, remedy: str) -> InstrumentFault:
    return InstrumentFault(file, None, None, says, remedy)


def _shape_faults(name: str, tables: Mapping[str, Any], errors: Sequence[ErrorDetails]) -> Iterator[InstrumentFault]:
    for error in errors:
        section, question, where = _place(tables, error["loc"])
        says, remedy = _words(error, where)
        yield InstrumentFault(name, section, question, says, remedy)


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
    return f"“{where}” is {shown}: {error['msg'].lower()}.", "Mend the value."
