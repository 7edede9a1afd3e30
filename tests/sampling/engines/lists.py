"""Lists in files for the tests of the engines, and what both ways of drawing make of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sampling.draw import Draw, draw
from sampling.engines import open_large
from sampling.engines.large import EngineName
from sampling.frame import read_frame
from sampling.plan import Plan, plan_for

SEED = "2026-06-01 4-8-15'16"
COLUMNS = {"strata": ("reason", "age_band"), "within": "partnership"}
ONE_ROW_IN_DOUBT = pytest.mark.parametrize(  # what one row of a list may hold that only the reader decides about
    ("column", "value"),
    [
        ("case_ref", None),
        ("case_ref", "c-00000000"),  # another's, but for its case
        ("case_ref", "C-1\n"),
        ("case_ref", "CÉ-1"),
        ("case_ref", "Total"),
        ("case_ref", "123456789"),
        ("reason", None),
        ("reason", "cpr"),
        ("age", "x"),
    ],
)
ENGINES: tuple[EngineName, ...] = ("duckdb", "batches")


def long_list(rows: int) -> pd.DataFrame:
    """A list in mixed order: four partnerships of unequal size, three reasons, four age bands."""
    rng = np.random.default_rng(7)
    return pd.DataFrame(
        {
            "case_ref": [f"C-{i * 7919 % 10_000_019:08d}" for i in range(rows)],
            "partnership": rng.choice(
                ["Brigg", "Dùn mòr", "Kinnaird & Ladeside", "Ostrey"], rows, p=[0.6, 0.3, 0.09, 0.01]
            ),
            "reason": rng.choice(["CPR", "CPI", "VYP"], rows, p=[0.7, 0.25, 0.05]),
            "age_band": rng.choice(["0–4", "5–11", "12–15", "16+"], rows),
        }
    )


def write(table: pd.DataFrame, path: Path) -> Path:
    """The list as a CSV or Parquet file, by the name's ending."""
    if path.suffix == ".csv":
        table.to_csv(path, index=False, lineterminator="\n")
    else:
        pq.write_table(pa.Table.from_pandas(table, preserve_index=False), path, row_group_size=20_000)
    return path


def plan_of(path: Path, **choices: object) -> tuple[Plan, Draw]:
    """A plan for the list, and what `sampling.draw` draws by it from memory."""
    table = read_frame(path, **COLUMNS).table
    plan, _ = plan_for(table, **COLUMNS, **{"size": 60, "reserve": "50%", **choices})  # type: ignore[arg-type]
    return plan, draw(table, plan, seed=SEED)


def drawn_by(engine: EngineName, path: Path, plan: Plan) -> Draw:
    """What the engine draws by the plan from where the list lies."""
    with open_large(path, **COLUMNS, least=1, engine=engine) as large:
        assert large is not None
        return large.draw(plan, seed=SEED)


def assert_same(one: Draw, other: Draw) -> None:
    """The two draws agree in every column, row, count and digest."""
    pd.testing.assert_frame_equal(one.sample, other.sample)
    assert one.sample.to_csv() == other.sample.to_csv()
    assert list(one.counts.items()) == list(other.counts.items())
    assert (one.plan, one.seed, one.frame_digest) == (other.plan, other.seed, other.frame_digest)
