"""Reads a list of cases as a sampling frame, strictly: every fault at once, with row, column, value and remedy."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
from numpy.typing import NDArray

from sampling.errors import Fault, FrameError
from sampling.frame.ages import check_ages
from sampling.frame.cells import Cells, Column, Kind
from sampling.frame.characters import check_characters
from sampling.frame.dates import check_dates
from sampling.frame.delimited import read_delimited
from sampling.frame.findings import Findings, show
from sampling.frame.headers import Asked, Layout, arrange
from sampling.frame.health_numbers import check_further_column
from sampling.frame.parquet import read_parquet
from sampling.frame.references import check_references
from sampling.frame.rules import FrameRules
from sampling.frame.source import check_content, file_type, fingerprint
from sampling.frame.strata import check_counts, check_strata, join_labels
from sampling.frame.workbook import list_sheets, read_workbook


@dataclass(frozen=True, eq=False, slots=True)
class Frame:
    """The checked list that a sample is drawn from.

    `table` has the columns in the order of the list, under the names asked for: references, strata and further
    columns as text, ages Int64, dates ISO text; a blank age or date is missing. `rows` numbers the table's rows as
    the sender counts them.
    """

    table: pd.DataFrame
    warnings: list[Fault]
    file_sha256: str
    id: str
    strata: tuple[str, ...]
    within: str | None
    rules: FrameRules | None
    rows: NDArray[np.int64]


def read_frame(
    path: str | Path,
    *,
    id: str = "case_ref",
    strata: str | Iterable[str] = ("stratum",),
    within: str | None = None,
    rules: FrameRules | None = None,
    filename: str | None = None,
    today: datetime.date | None = None,
    sheet: str | None = None,
) -> Frame:
    """Read and check a list of cases from CSV, XLSX or Parquet; `FrameError` carries every fault found.

    `filename` is the sender's name for the file where it differs from `path`; `today` bounds dates, the clock's day
    by default; `sheet` names the one sheet to read of a workbook that holds several lists.
    """
    asked = Asked.of(id, strata, within)
    given = rules or FrameRules()
    findings = Findings()
    place = Path(path)
    ending = checked_type(place, filename, findings)
    digest = fingerprint(place)
    cells = _cells(place, ending, asked, sheet, findings).without_blank_rows()
    layout = arrange(cells, asked, given, findings)
    if not len(cells.rows):
        findings.fault("There are no cases: nothing stands under the header. Send the list with its cases.")
    if layout is None or not len(cells.rows):
        findings.stop()
        raise AssertionError("a list without its columns or cases has a fault")
    table = _checked_table(cells, layout, asked, given, today or datetime.datetime.now().astimezone().date(), findings)
    findings.stop()
    return Frame(table, findings.warnings, digest, asked.id, asked.strata, within, rules, cells.rows)


def sheet_names(
    path: str | Path,
    *,
    id: str = "case_ref",
    strata: str | Iterable[str] = ("stratum",),
    within: str | None = None,
    filename: str | None = None,
) -> list[str]:
    """The names of a workbook's sheets whose first row has the columns asked for; none for another file."""
    asked = Asked.of(id, strata, within)
    findings = Findings()
    place = Path(path)
    if checked_type(place, filename, findings) != "xlsx":
        return []
    try:
        return list_sheets(place, asked, findings)
    except FrameError:
        raise
    except Exception:
        raise damaged(findings) from None


def checked_type(place: Path, filename: str | None, findings: Findings) -> str:
    """The file's type by its name, once its content is of that type; FrameError where it is not, or is not there."""
    ending = file_type(place.name if filename is None else filename)
    try:
        check_content(place, ending, findings)
    except OSError:
        raise FrameError(f"The file {show(place.name)} cannot be opened. Check its name and place.") from None
    return ending


def _cells(place: Path, ending: str, asked: Asked, sheet: str | None, findings: Findings) -> Cells:
    """The cells of the file; whatever a damaged or hostile file makes a reader stumble over is one fault."""
    if sheet is not None and ending != "xlsx":
        raise findings.refuse("Only a workbook has sheets; no sheet can be chosen in this file.")
    try:
        if ending == "csv":
            return read_delimited(place.read_bytes(), asked, findings)
        if ending == "xlsx":
            return read_workbook(place, asked, sheet, findings)
        return read_parquet(place, asked, findings)
    except FrameError:
        raise
    except MemoryError:
        raise findings.refuse("The file is too large to be read here. Keep only the list of cases in it.") from None
    except Exception:
        # Nothing of the exception is told or logged: its text may quote the file.
        raise damaged(findings) from None


def damaged(findings: Findings) -> FrameError:
    """The error to raise where a reader stumbled; nothing of what it stumbled over is told."""
    return findings.refuse("The file is damaged and cannot be read. Save the list again and send that.")


def _checked_table(
    cells: Cells,
    layout: Layout,
    asked: Asked,
    rules: FrameRules,
    today: datetime.date,
    findings: Findings,
) -> pd.DataFrame:
    """The table of the frame; every fault in the cells is noted in the findings."""
    check_characters(Cells(layout.columns, cells.rows), findings)
    done: dict[str, Any] = {layout.id.name: _text(check_references(cells, layout.id, findings))}
    labels = []
    first_of_strata = len(layout.labels) - len(asked.strata)
    for place, column in enumerate(layout.labels):
        allowed = rules.strata if place == first_of_strata else None
        labels.append(check_strata(cells, column, allowed, findings))
        done[column.name] = _text(labels[-1])
    for column in layout.ages:
        check_formulas(cells, column, findings)
        done[column.name] = check_ages(cells, column, findings)
    for column in layout.dates:
        check_formulas(cells, column, findings)
        done[column.name] = _text(check_dates(cells, column, today, findings))
    for column in layout.others:
        check_formulas(cells, column, findings)
        check_errors(cells, column, findings)
        check_further_column(column, findings)
        done[column.name] = _text(column.text)
    findings.stop()
    if labels:
        first = labels[first_of_strata] if asked.strata else labels[0]
        names = " and ".join(column.name for column in layout.labels)
        check_counts(join_labels(labels), names, rules.strata if asked.strata else None, first, findings)
    return pd.DataFrame({column.name: done[column.name] for column in layout.columns})


def check_formulas(cells: Cells, column: Column, findings: Findings) -> None:
    """Warn of values that formulas gave, and refuse formulas without one."""
    findings.at(
        cells,
        column,
        column.formulas,
        lambda value: f"The value '{value}' is what a formula gave when the workbook was saved. Check it.",
        warning=True,
    )
    findings.at(
        cells,
        column,
        column.unstored_formulas,
        "There is a formula with no stored value. Open the workbook in Excel and save it, or paste the values.",
    )


def check_errors(cells: Cells, column: Column, findings: Findings) -> None:
    """Refuse a spreadsheet's error values."""
    if column.kinds is not None:
        findings.at(
            cells,
            column,
            column.is_kind(Kind.ERROR),
            lambda value: f"{value} is an error value. Put the right value there, or clear the cell.",
        )


def _text(array: Any) -> pd.api.extensions.ExtensionArray:
    """An Arrow array as pandas' text, missing where it is null."""
    text: pd.api.extensions.ExtensionArray = pd.array(pc.cast(array, pa.large_string()), dtype="str")
    return text
