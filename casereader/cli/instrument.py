"""Checking questionnaire files, printing what a questionnaire asks, and writing one in a spreadsheet."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import ParamSpec

import click
import tomli_w
from flask import current_app
from flask.cli import AppGroup

from casereader.beginning import NoDatabaseError
from casereader.cli.edge import looking, refusals_exit_2
from casereader.errors import AbsentError, RefusedError
from casereader.instrument import (
    Instrument,
    InstrumentError,
    InstrumentFault,
    InstrumentFile,
    Library,
    appendix,
    between,
    codebook,
    read,
    read_each,
    text_before,
    version_of,
)
from casereader.instrument.shape import plain
from casereader.instrument.spreadsheet import read_workbook, write_workbook
from casereader.places import TOP
from casereader.programmes import publishing
from casereader.web.installed import instruments
from sampling.files import write_together

Words = ParamSpec("Words")
FOLDER = "data/instruments"
command = AppGroup("instrument", help="Check questionnaire files, print their codebooks, write them in a spreadsheet.")

readable = click.Path(exists=True, dir_okay=False, path_type=Path)
writable = click.Path(dir_okay=False, path_type=Path)
force = click.option("--force", is_flag=True, help="Replace the file that is there.")
of_version = click.option("--version", help="Its version; without it, the newest.")


def faults_exit_2(run: Callable[Words, None]) -> Callable[Words, None]:
    """Say every fault of an instrument on standard error, and leave with 2; nothing was written."""

    @wraps(run)
    def wrapped(*args: Words.args, **kwargs: Words.kwargs) -> None:
        try:
            run(*args, **kwargs)
        except InstrumentError as error:
            _say(error.faults)
            sys.exit(2)

    return refusals_exit_2(wrapped)


@command.command()
@click.argument("files", nargs=-1, required=True, type=readable)
@refusals_exit_2
def check(files: tuple[Path, ...]) -> None:
    """Say whether each of FILES is a sound questionnaire, and everything that is wrong with it (exit 1 when so).

    A version that is installed or in use never changes; a text fix may change wording only. FILES are compared with
    each other, with what is installed and with what programmes use.

    \b
    Example:
      flask --app app instrument check data/instruments/crr-1.toml
    """
    found, faults = read_each(files)
    installed = [read(path) for path in sorted(_folder().glob("*.toml"))]
    here = {path.resolve() for path in files}
    others = [one for one in installed if (_folder() / one.name).resolve() not in here]
    told = between([*(one for one in others if not _is_same(one, found)), *found])
    names = {one.name for one in found}
    faults += [fault for fault in told if fault.file in names]
    _say(faults)
    changed = _changed([one.instrument for one in found])
    for line in changed:
        click.echo(line, err=True)
    wanting = {fault.file for fault in faults}
    wanting |= {one.name for one in found if any(line.startswith(_called(one.instrument)) for line in changed)}
    for one in found:
        if one.name not in wanting:
            click.echo(_sound(one.instrument))
            if not _has_text_before(one, [*found, *others]):
                click.echo("  It is a text fix, but the version before it is not here to compare it with.", err=True)
    if faults or changed:
        sys.exit(1)


@command.command("codebook")
@click.argument("name", metavar="ID")
@of_version
@click.option("--out", type=writable, help="The HTML or DOCX file to write, by its ending; without it, print HTML.")
@force
@refusals_exit_2
def print_codebook(name: str, version: str | None, out: Path | None, force: bool) -> None:
    """Print all that the questionnaire ID asks, how answers count, and its full logic, as a page or a document.

    \b
    Example:
      flask --app app instrument codebook CRR-1 --out codebook.docx
    """
    found = _installed(name, version)
    if out is not None and out.suffix.casefold() == ".docx":
        from casereader.exports import codebook_document  # whoever takes a document waits for its library

        _write(out, codebook_document.write(found), force=force)
        return
    template = current_app.jinja_env.get_template("instrument/codebook.html")
    page = template.render(instrument=found, entries=codebook(found), chapters=appendix(found))
    if out is None:
        click.echo(page)
        return
    _write(out, page.encode(), force=force)


@command.command()
@click.argument("file", metavar="FILE.xlsx", type=writable)
@click.option("--of", "name", default="CRR-1", show_default=True, help="The questionnaire: its ID, or a TOML file.")
@of_version
@force
@faults_exit_2
def export(file: Path, name: str, version: str | None, force: bool) -> None:
    """Write a questionnaire as a workbook in the shape of XLSForm, to be changed in a spreadsheet program.

    \b
    Example:
      flask --app app instrument export crr-1.xlsx --of CRR-1
    """
    _refuse_in_the_way(file, force=force)
    path = Path(name) if name.casefold().endswith(".toml") else _file_of(_installed(name, version))
    _write(file, write_workbook(read(path).tables), force=force)


@command.command("import")
@click.argument("file", metavar="FILE.xlsx", type=readable)
@click.option("--out", type=writable, help="The TOML file to write; without it, beside FILE.xlsx.")
@force
@faults_exit_2
def import_(file: Path, out: Path | None, force: bool) -> None:
    """Read a workbook back into a questionnaire file; faults are told by sheet, row and column, and nothing is written.

    \b
    Example:
      flask --app app instrument import crr-1.xlsx --out data/instruments/crr-2.toml
    """
    target = out or file.with_suffix(".toml")
    _refuse_in_the_way(target, force=force)
    found = read_workbook(file)
    _write(target, tomli_w.dumps(plain(found.tables)).encode(), force=force)
    click.echo(_sound(found.instrument))


def _say(faults: Sequence[InstrumentFault]) -> None:
    for fault in faults:
        click.echo(str(fault), err=True)


def _called(one: Instrument) -> str:
    return f"{one.id} {one.version} is "


def _sound(one: Instrument) -> str:
    return (
        f"{_called(one)}sound: {len(one.questions)} questions with {len(one.parts)} parts in "
        f"{len(one.sections)} sections."
    )


def _folder() -> Path:
    return TOP / FOLDER


def _is_same(one: InstrumentFile, others: list[InstrumentFile]) -> bool:
    """Whether a file says what another says, as a copy of an installed one does."""
    return any(one.instrument.digest == other.instrument.digest for other in others)


def _has_text_before(one: InstrumentFile, others: list[InstrumentFile]) -> bool:
    """Whether a text fix has a version to be compared with; a whole version needs none."""
    if version_of(one.tables.version)[1] == 0:
        return True
    of_same = [other.tables for other in others if other.tables.id == one.tables.id]
    return text_before(one.tables, of_same) is not None


def _changed(instruments: list[Instrument]) -> list[str]:
    """What programmes use and says something else here; where there is no database, that is said."""
    try:
        with looking() as session:
            return publishing.changed(session, Library(instruments))
    except NoDatabaseError:
        click.echo("There is no database here, so nothing was compared with what programmes use.", err=True)
    except RefusedError as why:
        click.echo(f"{why} So nothing was compared with what programmes use.", err=True)
    return []


def _installed(name: str, version: str | None) -> Instrument:
    known = instruments()
    id = next((key for key in known if key.casefold() == name.casefold()), None)
    if id is None:
        raise AbsentError(f"There is no questionnaire {name} here. Known are {', '.join(sorted(known))}.")
    found = known[id] if version is None else next((o for o in known.versions(id) if o.version == version), None)
    if found is None:
        versions = ", ".join(one.version for one in known.versions(id))
        raise AbsentError(f"There is no version {version} of {id} here. Known are {versions}.")
    return found


def _file_of(instrument: Instrument) -> Path:
    """The file that an installed instrument came from."""
    for path in sorted(_folder().glob("*.toml")):
        if read(path).instrument.digest == instrument.digest:
            return path
    raise AbsentError(f"The file of {instrument.id} {instrument.version} is no longer in {FOLDER}.")


def _refuse_in_the_way(target: Path, *, force: bool) -> None:
    if target.exists() and not force:
        raise RefusedError(f"{target} is there already, and nothing was written. Name another file, or add --force.")


def _write(target: Path, content: bytes, *, force: bool) -> None:
    """Write a file whole or not at all, and over no other unasked."""
    _refuse_in_the_way(target, force=force)
    try:
        write_together(target.parent, {target.name: content})
    except OSError as error:
        raise RefusedError(f"Cannot write {target}: {error.strerror}.") from error
    click.echo(f"Wrote {target}")
