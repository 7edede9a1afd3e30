"""What can be read of our rooms by whoever calls them: what each public name is for, and what a verb refuses.

Types are mypy's business (strict), and `py.typed` hands them on; here are the words beside them.
"""

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from functools import cache

import pytest

from casereader import errors
from casereader.errors import CasereaderError
from tests.source import ROOT, modules, named, parsed

PURE = ("agreement", "charts", "disclosure", "instrument", "rollup", "severity")
REFUSALS = {name for name, each in vars(errors).items() if inspect.isclass(each) and issubclass(each, CasereaderError)}
EDGES = ("casereader.web", "casereader.cli", "casereader.demo", "casereader.migrations")
OURS = {name: path for name, path in modules("casereader").items() if not name.startswith(EDGES)}


@pytest.mark.parametrize("room", PURE)
def test_every_public_name_of_a_room_of_rules_says_what_it_is_for_and_is_listed_once(room: str) -> None:
    module = importlib.import_module(f"casereader.{room}")

    assert len(set(module.__all__)) == len(module.__all__)
    public = [getattr(module, name) for name in module.__all__]
    does = [each for each in public if inspect.isfunction(each) or inspect.isclass(each)]
    assert [each.__name__ for each in does if not inspect.getdoc(each)] == []


def test_both_packages_hand_their_types_on() -> None:
    assert [(ROOT / name / "py.typed").is_file() for name in ("casereader", "sampling")] == [True, True]


def test_a_verb_that_pages_or_commands_call_names_in_its_words_what_it_refuses_by() -> None:
    edges = [
        path for name, path in modules("casereader").items() if name.startswith(("casereader.web", "casereader.cli"))
    ]
    called = {word for path in edges for word in re.findall(r"\w+", path.read_text(encoding="utf-8"))}
    refusing = [name for name, path in OURS.items() if re.search(r"raise |present\(", path.read_text(encoding="utf-8"))]
    unsaid = {
        f"{named(OURS[module])}:{name}": sorted(missing)
        for module in refusing
        for name, verb in _functions(module).items()
        if not name.startswith("_") and name in called
        if (missing := set(_raised(module, verb)) - set(re.findall(r"\w+Error", ast.get_docstring(verb) or "")))
    }

    assert unsaid == {}


@cache
def _functions(module: str) -> dict[str, ast.FunctionDef]:
    return {node.name: node for node in parsed(OURS[module]).body if isinstance(node, ast.FunctionDef)}


def _raised(module: str, verb: ast.FunctionDef, passed: tuple[str, ...] = ()) -> Iterator[str]:
    """The refusals that a verb raises itself, or by what is private to its module."""
    for node in ast.walk(verb):
        if isinstance(node, ast.Raise) and node.exc:
            name = ast.unparse(node.exc.func if isinstance(node.exc, ast.Call) else node.exc).rpartition(".")[2]
            yield from {name} & REFUSALS
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            name = node.func.id
            if name == "present":
                yield "AbsentError"
            elif name.startswith("_") and name not in passed and name in _functions(module):
                yield from _raised(module, _functions(module)[name], (*passed, name))
