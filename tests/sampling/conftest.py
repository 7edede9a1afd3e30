"""What every test of `sampling` may ask for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sampling.lists import make_list


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    """A list of 60 cases in three strata, with an age and a size."""
    table = make_list(
        {"CARM": 4, "CPI": 20, "CPR": 36},
        age=[str(i % 18) for i in range(60)],
        Sibling_Count=[str(1 + i % 4) for i in range(60)],
    )
    table.to_csv(tmp_path / "list.csv", index=False)
    return tmp_path / "list.csv"
