"""ACRO, the checker of research outputs that data services use, flags nothing of what is published."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from casereader.disclosure import Figure, Finding, Shown
from tests.casereader.disclosure.linked import linked, publish

pytestmark = pytest.mark.slow

ACRO = Path(sys.prefix) / "acro"  # where `make test-all` installs it
TOTAL = "All"


def test_acro_flags_no_number_that_is_published_and_many_that_are_withheld() -> None:
    published, tables = {}, {}
    for seed in range(30):
        rng = random.Random(seed)
        findings = linked(rng, sizes=[rng.randint(8, 90) for _ in range(4)], n_ages=3, levels=6 if seed % 2 else 0)
        for domain in ("all", "stratum", "age_band"):
            mine = [one for one in findings if one.domain == domain]
            for what, records in (("counts", _counted), ("scale", _on_the_scale)):
                if made := [(one.level or "-", column) for one in mine for column in records(one)]:
                    tables[f"{seed} {domain} {what}"] = made
        published[seed] = publish(*findings).figures

    said = _asked(tables)

    shown = [(cell, said[table][row][cell]) for table, row, cell in _cells(published, is_shown=True)]
    hidden = [said[table][row].get(cell, "none") for table, row, cell in _cells(published, is_shown=False)]
    assert [(cell, says) for cell, says in shown if says.strip() != "ok"] == []
    assert len(shown) > 300
    assert sum("MinimumThresholdCheck" in says for says in hidden) > 100


def _asked(tables: dict[str, list[tuple[str, str]]]) -> dict[str, dict[str, dict[str, str]]]:
    program = Path(__file__).with_name("in_acro.py")
    run = subprocess.run(
        [sys.executable, program],
        input=json.dumps(tables),
        capture_output=True,
        check=False,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ACRO), "MPLCONFIGDIR": str(ACRO / "settings")},
        cwd=ACRO,
    )
    assert run.returncode == 0, run.stderr
    found: dict[str, dict[str, dict[str, str]]] = json.loads(run.stdout)
    return found


def _counted(finding: Finding) -> list[str]:
    return ["yes"] * finding.k + ["no"] * (finding.n - finding.k)


def _on_the_scale(finding: Finding) -> list[str]:
    return [one.value for one in finding.levels for _ in range(one.count)]


def _cells(published: dict[int, tuple[Figure, ...]], *, is_shown: bool) -> list[tuple[str, str, str]]:
    """The cells of which a number is published, or not: with how many count, how many do not goes out too."""
    found = []
    for seed, figures in published.items():
        for figure in figures:
            row, table = figure.level or "-", f"{seed} {figure.domain}"
            if (figure.records.shown is Shown.COUNT) is is_shown:
                found.append((f"{table} counts", row, TOTAL))
            if (figure.share.shown is Shown.COUNT) is is_shown:
                found += [(f"{table} counts", row, "yes"), (f"{table} counts", row, "no")]
            found += [
                (f"{table} scale", row, value) for value, count in figure.scale if (count is not None) is is_shown
            ]
    return found
