"""What can be read of the sampling library by whoever uses it from a notebook: what each name takes, gives, refuses.

Types are mypy's business (strict); here are the words beside them.
"""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import sampling
from tests.source import modules, named, parsed

SHARES = {"confidence", "margin", "margins", "expected_share", "ineligible"}  # of 1, never per cent
FUNCTIONS = {name: getattr(sampling, name) for name in sampling.__all__ if inspect.isfunction(getattr(sampling, name))}
# Modules that work out a figure, and what counts as naming where its method is from.
METHODS = {
    *("allocation", "evidence", "hypergeometric", "intervals", "make_ups", "margins", "optimum", "rejected"),
    *("selection", "sequential", "size", "within"),
    *(f"estimation.{name}" for name in ("comparison", "design_effect", "overlap", "poststratification")),
    *(f"estimation.{name}" for name in ("shares", "totals", "variance")),
}
SOURCE = re.compile(r"\b(?:19|20)\d\d\b|\bR `?(?:survey|samplingbook)|docs/method/|`sampling\.\w+")
NOT_RAISED = {
    "sampling/frame/read.py:read_frame": {"AssertionError"},  # by `stop`, which never comes back
}


def test_every_public_name_of_the_library_says_what_it_is_for() -> None:
    assert [f"{named(path)}: {node.name}" for path, node in _public() if not ast.get_docstring(node)] == []


def test_every_error_that_a_function_raises_itself_is_named_in_its_words() -> None:
    unsaid = {
        f"{named(path)}:{node.name}": sorted(missing)
        for path, node in _public()
        if isinstance(node, ast.FunctionDef)
        if (missing := _raised(node) - set(re.findall(r"\w+Error", ast.get_docstring(node) or "")))
        if missing != NOT_RAISED.get(f"{named(path)}:{node.name}")
    }

    assert unsaid == {}


def test_every_module_that_works_out_a_figure_names_its_source_at_its_head() -> None:
    heads = {name: ast.get_docstring(parsed(path)) or "" for name, path in modules("sampling").items()}

    assert [name for name in METHODS if not SOURCE.search(heads[f"sampling.{name}"])] == []


def test_whoever_takes_a_share_says_that_it_is_of_one_or_like_whose_it_is() -> None:
    takes = [name for name, each in FUNCTIONS.items() if SHARES & inspect.signature(each).parameters.keys()]

    assert len(takes) > 8
    assert [name for name in takes if "0–1" not in _words(name)] == []


def test_what_is_public_is_listed_once_and_in_order() -> None:
    assert sampling.__all__ == sorted(set(sampling.__all__))
    assert [name for name in sampling.__all__ if not inspect.getdoc(getattr(sampling, name))] == []


def _words(name: str, *passed: str) -> str:
    """What a function says, with what is said by those public ones that it names."""
    said = inspect.getdoc(FUNCTIONS[name]) or ""
    named_here = [each for each in re.findall(r"`(\w+)`", said) if each in FUNCTIONS and each not in (name, *passed)]
    return " ".join([said, *(_words(each, name, *passed) for each in named_here)])


def _public() -> Iterator[tuple[Path, ast.ClassDef | ast.FunctionDef]]:
    """Functions and classes of the library's modules, and methods of those classes, that have a name without `_`."""
    for path in modules("sampling").values():
        for node in parsed(path).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                yield path, node
                for inner in node.body if isinstance(node, ast.ClassDef) else []:
                    if isinstance(inner, ast.FunctionDef) and not inner.name.startswith("_"):
                        yield path, inner


def _raised(node: ast.FunctionDef) -> set[str]:
    raised = [each.exc for each in ast.walk(node) if isinstance(each, ast.Raise) and each.exc]
    names = {ast.unparse(exc.func if isinstance(exc, ast.Call) else exc).rpartition(".")[2] for exc in raised}
    return {name for name in names if name.endswith("Error")}
