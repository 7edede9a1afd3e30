"""The files of a flat export in one archive, each byte following from the data alone."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from casereader import dated
from casereader.exports import archives, books
from casereader.exports.flat.scripts import LABELS, r_script, spss_syntax
from casereader.exports.flat.tables import Tables
from casereader.exports.sheets import Column, Sheet
from casereader.exports.tables import GUARD_NOTE, write_table
from casereader.instrument import Instrument, codebook

OF_EACH_FILE = {
    "long.csv": "a row for each answer and note: what was answered, what it counts as (y), and what stands beside it",
    "wide.csv": "a row for each sampled record (and reading), one that nobody read too (status says why): a number for "
    "each answer, by the names in variables.csv",
    "notes.csv": "a row for each sampled record (and reading): the note beside each answer, line breaks as “ / ”",
    "variables.csv": "each variable with the question it stands for: names are made legal for SPSS and R",
    "values.csv": "each answer of each variable: its number, how it is stored, its label, and what it counts as",
    "answers.xlsx": "the same tables as a workbook",
    "codebook.docx": "the whole instrument in words, with its logic",
    "labels.R": "reads wide.csv into R, with levels and labels",
    "labels.sps": "reads wide.csv into SPSS, with variable and value labels",
}
TITLES = {
    "wide.csv": "Wide",
    "long.csv": "Long",
    "notes.csv": "Notes",
    "variables.csv": "Variables",
    "values.csv": "Values",
}


@dataclass(frozen=True)
class About:
    """What the files are of, and what must be known of them; `data_time` is that of the data."""

    title: str
    data_time: datetime
    banner: str = ""
    facts: tuple[str, ...] = ()


def pack(tables: Tables, instrument: Instrument, about: About) -> bytes:
    """Write the archive."""
    written = {"wide.csv": tables.wide, "long.csv": tables.long}
    if tables.notes is not None:
        written["notes.csv"] = tables.notes
    written |= {"variables.csv": variable_table(tables, instrument), "values.csv": value_table(tables)}
    files = {name: _csv(table, about.banner) for name, table in written.items()}
    files["answers.xlsx"] = _workbook(written, about)
    from casereader.exports import codebook_document  # whoever takes a document waits for its library

    files["codebook.docx"] = archives.restamped(codebook_document.write(instrument), about.data_time)
    files["labels.R"] = r_script(tables, banner=about.banner).encode("ascii")
    files["labels.sps"] = spss_syntax(tables, banner=about.banner).encode()
    files["README.txt"] = _read_me(about, list(files)).encode()
    return archives.write({name: files[name] for name in sorted(files)}, about.data_time)


def variable_table(tables: Tables, instrument: Instrument) -> pd.DataFrame:
    """A row for each variable: those of the case first, then each with the question that it stands for."""
    entries = {entry.key: entry for entry in codebook(instrument)}
    rows = [(name, "", "", label, "", "", "") for name, label in LABELS.items() if name in tables.wide.columns]
    for one in tables.variables:
        entry = entries[one.key]
        rows.append((one.name, one.key, entry.section_title, one.label, entry.kind, one.holds, "; ".join(entry.facts)))
    names = ["variable", "question", "section", "label", "scale", "holds", "facts"]
    return pd.DataFrame(rows, columns=names, dtype="str")


def value_table(tables: Tables) -> pd.DataFrame:
    """A row for each answer of each variable."""
    rows = [
        (one.name, one.key, level.code, level.value, level.label, level.y, int(level.is_missing))
        for one in tables.variables
        for level in one.levels
    ]
    names = ["variable", "question", "code", "stored_as", "label", "y", "missing"]
    table = pd.DataFrame(rows, columns=names)
    return table.astype({"code": "Int64", "y": "Int64", "missing": "Int64"})


def _csv(table: pd.DataFrame, banner: str) -> bytes:
    text = io.StringIO(newline="")
    write_table(text, table, banner=banner)
    return text.getvalue().encode()


def _workbook(written: dict[str, pd.DataFrame], about: About) -> bytes:
    sheets = [
        Sheet(
            TITLES[name].lower(),
            TITLES[name],
            tuple(Column(str(column), "text") for column in table.columns),
            list(zip(*(_cells(table[one]) for one in table), strict=True)),
            frozen=1,
        )
        for name, table in written.items()
    ]
    target = io.BytesIO()
    books.write_tables(target, sheets, title=about.title, data_time=about.data_time, banner=about.banner)
    return target.getvalue()


def _cells(column: pd.Series[Any]) -> list[Any]:
    return ["" if is_blank else value for value, is_blank in zip(column.tolist(), column.isna().tolist(), strict=True)]


def _read_me(about: About, names: list[str]) -> str:
    lines = [about.title, "", *([about.banner, ""] if about.banner else [])]
    lines += [f"Data as they stood at {dated.moment(about.data_time.astimezone(UTC))}.", *about.facts, ""]
    lines += [f"{name}: {OF_EACH_FILE[name]}." for name in names]
    lines += [
        "",
        "Keep these files as you keep the records: they hold answers about single children, and small groups in them "
        "may point to a child. They are not cleared for publication.",
        "A blank is a question that was not asked or not answered, never a nought. Not applicable is -1 and cannot be "
        "evaluated -2; both are in no share. In long.csv, counts is 0 for an answer that skip logic closed later.",
        "In answers.xlsx a blank cell is an empty text. A text too long for a cell is cut there, and says so; the CSV "
        "files hold it whole. A line break within a text is a line feed in long.csv.",
        GUARD_NOTE,
        "",
    ]
    return "\n".join(lines)
