"""Lists of cases for tests: invented, by a stated rule, as the partnership would send them."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

GROUPS: Mapping[str, int] = {"a": 20, "b": 40, "c": 30, "d": 10}


def list_csv(groups: Mapping[str, int] = GROUPS) -> str:
    """A list with so many cases of each group; ages and living arrangements go round."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["case_ref", "stratum", "age", "legal_basis", "living"])
    number = 0
    for group, n in groups.items():
        for _ in range(n):
            number += 1
            living = ("parents", "kinship", "foster")[number % 3]
            writer.writerow([f"T{number:05}", group, number % 18, "none", living])
    return text.getvalue()


def write_list(folder: Path, groups: Mapping[str, int] = GROUPS) -> Path:
    """The same as a file."""
    path = folder / "list.csv"
    path.write_text(list_csv(groups), encoding="utf-8")
    return path
