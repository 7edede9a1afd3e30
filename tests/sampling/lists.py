"""Lists of cases and figures of other programs, for the tests of `sampling`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

REFERENCE = Path(__file__).parents[1] / "reference"
GOLDEN = Path(__file__).parents[1] / "golden" / "draw"
NAMES = ("CARM", "CPI", "CPR", "VYP")


def references(name: str) -> dict[str, Any]:
    """The values another program gave, by id, from a file of tests/reference."""
    refs = json.loads((REFERENCE / f"{name}.json").read_text(encoding="utf-8"))["refs"]
    return {key: ref["value"] for key, ref in refs.items()}


def make_list(counts: dict[str, int], **columns: list[Any]) -> pd.DataFrame:
    """A list with so many cases in each stratum, in mixed order, with any further columns."""
    strata = [label for label, count in counts.items() for _ in range(count)]
    refs = [f"CASE-{(i * 7919) % 100_003:06d}" for i in range(len(strata))]
    table = pd.DataFrame({"case_ref": refs, "stratum": strata, **columns})
    return table.sort_values("case_ref", ignore_index=True)
