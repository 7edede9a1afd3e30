"""Making a list of 100,000 children from a partnership's return, beside pandas reading the same file and no more."""

import datetime
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from bench.timing import Compared, compare
from sampling.frame.headers import header_key
from sampling.returned.children import one_case_each
from sampling.returned.rows import TabPlan, folded, rows_of
from sampling.returned.tabs import read_return

CASES = 100_000
COLUMNS = {
    "Reference": "case_ref",
    "Group": "group",
    "Age": "age",
    "Legal status": "legal_basis",
    "Placement": "living",
    "SIMD": "deprivation",
    "Family": "family_group",
    "Team": "keep",
}
GROUPS = {"Child Prot Reg": "b", "CPI": "a", "VYP": "c", "CARM": "d"}
LIVING = {"Parents": "parents", "Kinship carer": "kinship", "Foster carers": "foster"}
TODAY = datetime.date(2026, 6, 1)


def run() -> Iterator[Compared]:
    """Reading, mapping and checking a CSV file and a workbook; every tenth child is in two groups."""
    with tempfile.TemporaryDirectory() as folder:
        table = _table()
        csv, book = Path(folder) / "return.csv", Path(folder) / "return.xlsx"
        table.to_csv(csv, index=False)
        table.to_excel(book, index=False, engine="xlsxwriter")
        yield compare(
            f"list of {CASES:,} rows from CSV",
            lambda: _list_of(csv),
            lambda: pd.read_csv(csv, dtype="str"),
            floor_name="pandas reading the file as text",
        )
        yield compare(
            f"list of {CASES:,} rows from XLSX",
            lambda: _list_of(book),
            lambda: pd.read_excel(book, dtype="str", engine="openpyxl"),
            floor_name="pandas reading the file by openpyxl",
            limit=1.0,
            turns=1,
        )


def _table() -> pd.DataFrame:
    """A return in a partnership's own words: the last tenth of the rows are of children listed before."""
    children = CASES * 10 // 11
    groups, living = list(GROUPS), list(LIVING)
    numbers = [*range(children), *range(CASES - children)]
    return pd.DataFrame(
        {
            "Reference": [f"R{number:06d}" for number in numbers],
            "Group": [groups[(number + (place >= children)) % len(groups)] for place, number in enumerate(numbers)],
            "Age": [str(number % 18) for number in numbers],
            "Legal status": ["No order"] * CASES,
            "Placement": [living[number % len(living)] for number in numbers],
            "SIMD": [f"SIMD {number % 5 + 1}" for number in numbers],
            "Family": [f"F{number // 3}" for number in numbers],
            "Team": [f"Team {number % 40}" for number in numbers],
        }
    )


def _list_of(path: Path) -> None:
    codes = {
        "group": {folded(word): code for word, code in GROUPS.items()},
        "living": {folded(word): code for word, code in LIVING.items()},
        "legal_basis": {folded("No order"): "none"},
        "deprivation": {folded(f"SIMD {fifth}"): str(fifth) for fifth in range(1, 6)},
    }
    plan = TabPlan(
        {header_key(name): ours for name, ours in COLUMNS.items()}, None, codes, dict.fromkeys(codes, "codes")
    )
    returned = read_return(path, filename=path.name, references=frozenset(["reference"]))
    parts = [rows_of(tab, plan, TODAY) for tab in returned.tabs]
    columns, faults = one_case_each(parts, {}, list("abcde"))
    if faults or parts[0].findings.n_faults or len(columns["case_ref"]) != CASES * 10 // 11:
        raise RuntimeError("the bench's own return has faults")
