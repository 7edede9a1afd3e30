"""docs/sampling.md does what it says: its commands and its notebook are run as they stand."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.sampling.commands import run, written
from tests.source import ROOT

GUIDE = (ROOT / "docs" / "sampling.md").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to write to, with the project's data."""
    (tmp_path / "data").symlink_to(ROOT / "data")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def blocks(language: str) -> list[str]:
    """The examples in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


def test_the_commands_of_the_guide_run_one_after_the_other(folder: Path) -> None:
    said = []
    for block in blocks("sh"):
        python, dash_m, sampling, *arguments = shlex.split(block.replace("\\\n", ""))
        assert [python, dash_m, sampling] == ["python", "-m", "sampling"]
        done = run(*arguments)
        assert done.exit_code == 0, done.stderr
        said.append(done.stdout)

    assert [bool(words) for words in said] == [True] * 4
    assert said[0].startswith("Draw 27 of 240 cases.")
    assert said[-1] == "verified\n"
    assert written(folder / "drawn").keys() == {"sample.csv", "certificate.json"}


def test_the_notebook_of_the_guide_estimates_every_area() -> None:
    names: dict[str, Any] = {}
    for block in blocks("python"):
        exec(block, names)  # noqa: S102 - the example as a reader would run it

    shares = names["shares"]
    assert shares.columns.tolist() == ["partnership", "n", "estimate", "se", "lower", "upper", "df"]
    assert len(shares) == names["frame"].table["partnership"].nunique()
    assert shares["estimate"].between(0, 1).all()


def test_the_rules_of_the_guide_can_be_used(folder: Path) -> None:
    (rules,) = blocks("toml")
    (folder / "rules.toml").write_text(rules, encoding="utf-8")
    (folder / "list.csv").write_text("case_ref,stratum,age,locality\nA-1,cpr,5,x\nA-2,CPI,6,x\n", encoding="utf-8")

    done = run("allocate", "list.csv", "--strata", "stratum", "--size", 2, "--rules", "rules.toml", "--json")

    assert done.exit_code == 0, done.stderr
    assert '"CPR"' in done.stdout
