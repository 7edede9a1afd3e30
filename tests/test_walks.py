"""docs/architecture.md holds to the code: its rooms are all there are, and each step of its walks leads to the next."""

import ast
import re
from itertools import chain
from pathlib import Path

import pytest

from tests.source import ROOT, parsed

TEXT = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
WALKS = ("One rating, from the browser to the published table", "One case, from the list to the certificate")
ROW = re.compile(r"^\|(.*)\| `([^`|]+)` \|(.*)\|$", re.MULTILINE)


def _part(heading: str) -> str:
    return TEXT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def _steps(walk: str) -> list[tuple[str, Path, list[str]]]:
    """What is said of each step, its file, and the functions named of it."""
    return [
        (says.strip(), ROOT / path, re.findall(r"`([^`]+)`", named)) for says, path, named in ROW.findall(_part(walk))
    ]


def _functions(path: Path) -> dict[str, str]:
    """The functions of a file, a method as `Class.method`, each with its own text."""
    if path.suffix == ".js":
        text = path.read_text(encoding="utf-8")
        return dict.fromkeys(
            re.findall(r"^(?:export )?(?:  )?(?:async )?(?:function )?(\w+)\(.*\{$", text, re.MULTILINE), text
        )
    if path.suffix != ".py":
        return {}
    found: dict[str, str] = {}
    for node in parsed(path).body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = ast.unparse(node)
        elif isinstance(node, ast.ClassDef):
            found |= {
                f"{node.name}.{one.name}": ast.unparse(node) for one in node.body if isinstance(one, ast.FunctionDef)
            }
    return found


@pytest.mark.parametrize("folder", ["casereader", "casereader/web"])
def test_the_rooms_are_all_there_are(folder: str) -> None:
    listed = re.findall(r"^\| `(\w+)` \|", _part(f"The rooms of `{folder}/`"), re.MULTILINE)

    there = [path.name for path in (ROOT / folder).iterdir() if path.is_dir() and path.name != "__pycache__"]
    assert listed == sorted(there)


@pytest.mark.parametrize("walk", WALKS)
def test_every_file_and_function_of_a_walk_is_there(walk: str) -> None:
    steps = _steps(walk)

    assert len(steps) > 20
    assert [str(path) for _, path, _ in steps if not path.is_file()] == []
    assert [(path.name, name) for _, path, names in steps for name in names if name not in _functions(path)] == []


@pytest.mark.parametrize("walk", WALKS)
def test_every_step_of_a_walk_is_called_by_an_earlier_one_or_is_somebodys_own(walk: str) -> None:
    steps = _steps(walk)
    unled = [
        f"{path.relative_to(ROOT)}: {name}"
        for at, (says, path, names) in enumerate(steps)
        if at and not says.startswith("**")
        for name in names or [path.name]
        if not any(_calls(earlier, name) for _, earlier, _ in [*steps[: at + 1]])
    ]

    assert unled == []


def test_every_person_of_a_walk_begins_at_an_address_a_script_or_a_program_of_their_own() -> None:
    begun = [(path, names) for says, path, names in chain(*map(_steps, WALKS)) if says.startswith("**")]

    assert len(begun) > 10
    for path, names in begun:
        is_view = (
            path.suffix == ".py"
            and f"\ndef {names[0]}(" in path.read_text(encoding="utf-8").partition("@blueprint.")[2]
        )
        assert is_view or path.suffix == ".js" or path.is_relative_to(ROOT / "docs"), path


def _calls(path: Path, name: str) -> bool:
    """Whether a file calls or hands on what is so named, beyond saying where it is."""
    text = path.read_text(encoding="utf-8")
    last = re.escape(name.rpartition(".")[2])
    return (
        re.search(rf"(?<!def )(?<!function )\b{last}\b", re.sub(r"^(from|import) .*$", "", text, flags=re.MULTILINE))
        is not None
    )
