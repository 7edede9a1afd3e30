"""docs/architecture.md holds to the code: its rooms are all there are, and each arrow of its walks is a call."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import pytest

from tests.source import ROOT, named, parsed

TEXT = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
WALKS = ("One rating, from the browser to the published table", "One case, from the list to the certificate")
ROW = re.compile(r"^\|(.*)\| `([^`|]+)` \|(.*)\|$", re.MULTILINE)
JS_FUNCTION = re.compile(r"^(?:export )?(?:  )?(?:async )?(?:function )?(\w+)\(.*\{$", re.MULTILINE)
JS_COMMENT = re.compile(r"/\*[\s\S]*?\*/|^\s*//.*$|^import .*$", re.MULTILINE)
WHOLE = ""  # what a file does outside its functions, and what a template or a script does at all


@dataclass(frozen=True)
class Step:
    """A row of a walk: what it says, its file, and the functions named of it."""

    says: str
    path: Path
    names: list[str]

    @property
    def is_begun_by_somebody(self) -> bool:
        """Whether a person does it: nothing of ours calls it."""
        return self.says.startswith("**")


def _part(heading: str) -> str:
    return TEXT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def _steps(walk: str) -> list[Step]:
    return [
        Step(says.strip(), ROOT / path, re.findall(r"`([^`]+)`", names))
        for says, path, names in ROW.findall(_part(walk))
    ]


def _functions(path: Path) -> dict[str, ast.AST | str]:
    """What a file does, by function, a method as `Class.method`: syntax trees of ours in Python, text of the others."""
    if path.suffix == ".js":
        text = JS_COMMENT.sub("", path.read_text(encoding="utf-8"))
        return {WHOLE: text} | dict.fromkeys(JS_FUNCTION.findall(text), JS_FUNCTION.sub("", text))
    if path.suffix != ".py":
        return {WHOLE: path.read_text(encoding="utf-8")}
    body = parsed(path).body
    defined = ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom
    found: dict[str, ast.AST | str] = {
        WHOLE: ast.Module([node for node in body[1:] if not isinstance(node, defined)], type_ignores=[])
    }
    for node in body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = node
        elif isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{one.name}": one for one in node.body if isinstance(one, ast.FunctionDef)}
    return found


def _used(does: ast.AST | str) -> set[str]:
    """The names that are called or handed on, and the files that are named; no word of a docstring, no import."""
    if isinstance(does, str):
        return {*re.findall(r"[\w.-]+", does), *re.findall(r"\w+(?=\()", does)}
    said = ast.get_docstring(does, clean=False) if isinstance(does, ast.FunctionDef) else None
    names: set[str] = set()
    for node in ast.walk(does):
        if isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Attribute):
            names.add(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value != said:
            names.add(node.value.rpartition("/")[2])
    return names


def _reached(path: Path, names: list[str]) -> dict[str, set[str]]:
    """What these functions of a file use, and what they call in the same file, as far as it goes."""
    functions = _functions(path)
    begun = [name for name in names or functions if name in functions]
    begun += [WHOLE] if path.name == "__main__.py" else []  # a program of its own does that, too
    found: dict[str, set[str]] = {}
    while begun:
        name = begun.pop()
        if name not in found:
            found[name] = _used(functions[name])
            begun += [each for each in functions if each.rpartition(".")[2] in found[name] - {name}]
    return found


def _calls(path: Path, used: set[str], target: Path, name: str) -> bool:
    """Whether what uses these names calls it: a function by its name or its address, a page or script by its file."""
    if name == target.name:
        return name in used
    last = name.rpartition(".")[2]
    is_address = target.is_relative_to(ROOT / "casereader" / "web") and any(one.endswith(f".{last}") for one in used)
    return (last in used and _knows(path, target)) or is_address


def _knows(path: Path, target: Path) -> bool:
    """Whether a module imports another, or a package that hands on what is in it; scripts and pages name it."""
    if path == target or path.suffix != ".py" or target.suffix != ".py":
        return True
    module = ".".join(target.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    whole = {".".join(module.split(".")[:n]) for n in range(1, module.count(".") + 2)} - {"casereader", "sampling"}
    return any(each in whole for each in _imported(path))


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("folder", ["casereader", "casereader/web"])
def test_the_rooms_are_all_there_are(folder: str) -> None:
    listed = re.findall(r"^\| `(\w+)` \|", _part(f"The rooms of `{folder}/`"), re.MULTILINE)

    there = [path.name for path in (ROOT / folder).iterdir() if path.is_dir() and path.name != "__pycache__"]
    assert listed == sorted(there)


@pytest.mark.parametrize("walk", WALKS)
def test_every_file_and_function_of_a_walk_is_there(walk: str) -> None:
    steps = _steps(walk)

    assert len(steps) > 20
    assert [str(step.path) for step in steps if not step.path.is_file()] == []
    assert [(step.path.name, name) for step in steps for name in step.names if name not in _functions(step.path)] == []


@pytest.mark.parametrize("walk", WALKS)
def test_every_step_of_a_walk_is_called_by_an_earlier_one_or_is_somebodys_own(walk: str) -> None:
    earlier: list[tuple[Path, set[str]]] = []
    unled = []
    for at, step in enumerate(_steps(walk)):
        here = _reached(step.path, step.names)
        for name in step.names or [step.path.name]:
            own = [(step.path, used) for by, used in here.items() if by != name and step.names]
            is_called = any(_calls(path, used, step.path, name) for path, used in [*earlier, *own])
            if at and not step.is_begun_by_somebody and not is_called:
                unled.append(f"{named(step.path)}: {name}")
        earlier += [(step.path, used) for used in here.values()]

    assert unled == []


def test_every_person_of_a_walk_begins_at_an_address_a_script_or_a_program_of_their_own() -> None:
    begun = [step for step in chain(*map(_steps, WALKS)) if step.is_begun_by_somebody]

    assert len(begun) > 10
    for step in begun:
        is_view = (
            step.path.suffix == ".py"
            and f"\ndef {step.names[0]}(" in step.path.read_text(encoding="utf-8").partition("@blueprint.")[2]
        )
        assert is_view or step.path.suffix == ".js" or step.path.is_relative_to(ROOT / "docs"), step.path
