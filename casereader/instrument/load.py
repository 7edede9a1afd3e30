"""Read instrument files: TOML, checked by the schema, built into the model; every fault is told at once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from casereader.instrument.assemble import assemble
from casereader.instrument.errors import InstrumentError, InstrumentFault
from casereader.instrument.library import Library
from casereader.instrument.model import Instrument
from casereader.instrument.schema import InstrumentTable
from casereader.instrument.versions import faults_between


@dataclass(frozen=True)
class InstrumentFile:
    """An instrument with the tables of the file it was made from."""

    name: str
    tables: InstrumentTable
    instrument: Instrument


def load(path: Path | str) -> Instrument:
    """Read one instrument file. Raises InstrumentError with every fault in it."""
    return read(path).instrument


def loads(content: bytes, *, name: str) -> Instrument:
    """Read an instrument from the bytes of a file called `name`. Raises InstrumentError."""
    return reads(content, name=name).instrument


def load_all(folder: Path | str) -> Library:
    """Read every `*.toml` of a folder. Raises InstrumentError with the faults of all files, and those between them."""
    paths = sorted(Path(folder).glob("*.toml"))
    if not paths:
        says = "no instrument file is here."
        raise InstrumentError([_fault(str(Path(folder).name), says, "Add a file ending in .toml.")])
    files, faults = read_each(paths)
    faults += between(files)
    if faults:
        raise InstrumentError(faults)
    return Library(file.instrument for file in files)


def read_each(paths: Iterable[Path]) -> tuple[list[InstrumentFile], list[InstrumentFault]]:
    """The files that are sound in themselves, and the faults of the others."""
    files: list[InstrumentFile] = []
    faults: list[InstrumentFault] = []
    for path in paths:
        try:
            files.append(read(path))
        except InstrumentError as error:
            faults.extend(error.faults)
    return files, faults


def between(files: Iterable[InstrumentFile]) -> list[InstrumentFault]:
    """What is wrong between files: two of one version, a text fix that changes more than text, a false mapping."""
    found: list[InstrumentFault] = []
    by_version: dict[tuple[str, str], InstrumentFile] = {}
    for file in files:
        name = (file.instrument.id, file.instrument.version)
        if name in by_version:
            says = f"another file, {by_version[name].name}, is also {name[0]} {name[1]}."
            remedy = "Give this one the next number: of a text fix where only wording differs, else the next whole one."
            found.append(_fault(file.name, says, remedy))
            continue
        by_version[name] = file
    for file in by_version.values():
        others = [one for one in by_version.values() if one.instrument.id == file.instrument.id]
        found += faults_between(file.name, (file.tables, file.instrument), [(o.tables, o.instrument) for o in others])
    return found


def read(path: Path | str) -> InstrumentFile:
    """Read one instrument file with its tables. Raises InstrumentError with every fault in it."""
    path = Path(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        says = f"the file cannot be read ({error.strerror})."
        raise InstrumentError([_fault(path.name, says, "Check its name and place.")]) from error
    return reads(content, name=path.name)


def reads(content: bytes, *, name: str) -> InstrumentFile:
    """Read an instrument with its tables from the bytes of a file called `name`. Raises InstrumentError."""
    try:
        tables = tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise InstrumentError([_fault(name, "the file is not UTF-8 text.", "Save it as UTF-8.")]) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        said = error if isinstance(error, tomllib.TOMLDecodeError) else "brackets stand too deep inside each other"
        remedy = "Mend the line; quotes and brackets must close."
        raise InstrumentError([_fault(name, f"this is not sound TOML: {said}.", remedy)]) from error
    return InstrumentFile(name, *assemble(tables, name=name))


def _fault(file: str, says: str, remedy: str) -> InstrumentFault:
    return InstrumentFault(file, None, None, says, remedy)
