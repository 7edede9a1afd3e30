"""From plain tables, as a TOML file or a workbook holds them, to a sound instrument; every fault is told at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any, get_args

from casereader.instrument.build import build
from casereader.instrument.errors import InstrumentError, Place
from casereader.instrument.model import Instrument
from casereader.instrument.schema import InstrumentTable, Table, Wording
from casereader.instrument.shape import checked, digest_of

FILLED_IN = "…"


def assemble(plain: Mapping[str, Any], *, name: str) -> tuple[InstrumentTable, Instrument]:
    """The tables and the instrument of the file called `name`. Raises InstrumentError with every fault.

    Where only wording or what may be left out is of the wrong shape, the rest is built all the same, so that what is
    wrong there is told too.
    """
    try:
        tables = checked(plain, name=name)
    except InstrumentError as error:
        rest = _without(plain, [fault.place for fault in error.faults])
        if rest is not None:
            error.faults += _further(rest, name)
        raise InstrumentError(error.faults) from error
    return tables, build(tables, name=name, digest=digest_of(tables))


def _further(plain: Mapping[str, Any], name: str) -> list[Any]:
    try:
        build(checked(plain, name=name), name=name, digest="")
    except InstrumentError as error:
        return error.faults
    return []


def _without(plain: Mapping[str, Any], places: Sequence[Place]) -> dict[str, Any] | None:
    """The tables without what is at these places; None where something needed is among them."""
    rest: dict[str, Any] = deepcopy(dict(plain))
    return rest if all(_take_out(rest, place) for place in places) else None


def _take_out(tables: dict[str, Any], place: Place) -> bool:
    """Take out what may be left out, and put something in the place of missing words."""
    here: Any = tables
    table: type[Table] | None = InstrumentTable
    for at, step in enumerate(place):
        if isinstance(step, int):
            if not isinstance(here, list) or step >= len(here):
                return True  # taken out already
            here = here[step]
            continue
        if table is None or not isinstance(here, dict):
            return here is None  # taken out already
        field = table.model_fields.get(step)
        inner = _table_of(field.annotation) if field is not None else None
        if inner is not None and len(place) > at + 1:
            here, table = here.get(step), inner
            continue
        if field is None or not field.is_required():
            here.pop(step, None)
            return True
        here[step] = FILLED_IN
        return any(one is Wording for one in field.metadata)
    return False


def _table_of(annotation: Any) -> type[Table] | None:
    """The kind of table that a field holds, one or a list of."""
    found = [one for one in (annotation, *get_args(annotation)) if isinstance(one, type) and issubclass(one, Table)]
    return found[0] if found else None
