"""The pages of docs/method/ hold the tables that their commands print, to the last digit."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.source import ROOT

METHOD = [
    line for page in (ROOT / "docs" / "method").glob("*.md") for line in page.read_text(encoding="utf-8").splitlines()
]


@pytest.mark.slow
@pytest.mark.parametrize(
    "bench",
    [
        "coverage",
        "services_coverage",
        "agreement",
        "severity",
        "verdicts",
        "between",
        "sequential --only peers",
        "sequential --only services",
    ],
)
def test_the_method_shows_what_its_simulations_print(bench: str) -> None:
    name, *options = bench.split()
    assert any(f"`python -m bench.{name}`" in line for line in METHOD)

    printed = subprocess.run(
        [sys.executable, "-m", f"bench.{name}", *options], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout

    rows = [line for line in printed.splitlines() if line.startswith("|")]
    assert rows
    assert [row for row in rows if row not in METHOD] == []


@pytest.mark.slow
def test_the_method_shows_the_picture_that_its_simulation_draws(tmp_path: Path) -> None:
    drawn = tmp_path / "intervals.svg"

    subprocess.run([sys.executable, "-m", "bench.coverage", "--picture", drawn], cwd=ROOT, check=True)

    assert drawn.read_text(encoding="utf-8") == (ROOT / "docs" / "method" / "intervals.svg").read_text(encoding="utf-8")
