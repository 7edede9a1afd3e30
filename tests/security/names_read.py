"""Which names of what was sent a view reads, by its own source and that of the functions it leads to.

The pages show what they send; the source shows what would be taken from whoever sends it without a page. Both are held
against each other, so that no parameter is left out because the demonstration happened not to show its form.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from wtforms.fields.core import UnboundField
from wtforms.form import BaseForm

from tests.source import parsed

OURS = "casereader.web"
SENT = {"request.args": "GET", "request.form": "POST", "request.files": "POST"}
READS = ("get", "getlist")


@dataclass(frozen=True, slots=True)
class Read:
    """A name that is read of an address (GET) or of a form (POST); `*` stands for what the code puts in."""

    method: str
    name: str


def names_read(view: Callable[..., Any]) -> set[Read]:
    """What a view reads, itself or by functions and forms of the web layer that it names."""
    found: set[Read] = set()
    begun = inspect.unwrap(view)
    waiting: list[tuple[Any, tuple[tuple[str, str], ...]]] = [(begun, ())]
    seen = set()
    while waiting:
        one, given = waiting.pop()
        if (one, given) in seen:
            continue
        seen.add((one, given))
        node = _definition(one)
        if node is None:
            continue
        reading = _Reading(sys.modules[one.__module__], dict(given))
        found |= set(reading.names(node))
        waiting += reading.leads_to(node)
    return found


class _Reading:
    """The reading of one function: which of its own names hold what was sent."""

    def __init__(self, module: ModuleType, given: dict[str, str]) -> None:
        self.module, self.holds = module, given
        self.loops: dict[str, ast.AST] = {}  # the name of a loop: what it goes over

    def names(self, node: ast.AST) -> Iterator[Read]:
        for each in ast.walk(node):
            if isinstance(each, ast.Assign) and isinstance(each.targets[0], ast.Name) and self._method(each.value):
                self.holds[each.targets[0].id] = self._method(each.value) or ""
            elif isinstance(each, ast.comprehension | ast.For) and isinstance(each.target, ast.Name):
                self.loops[each.target.id] = each.iter
        for each in ast.walk(node):
            match each:
                case ast.Call(func=ast.Attribute(value=value, attr=attr), args=[name, *_]) if attr in READS:
                    yield from self._read(value, name)
                case ast.Subscript(value=value, slice=name):
                    yield from self._read(value, name)
                case ast.Compare(left=name, comparators=[value]):
                    yield from self._read(value, name)
                case ast.Call(args=[value, name, *_]):
                    yield from self._read(value, name)
                case ast.Name():
                    yield from self._fields(self.module.__dict__.get(each.id))

    def leads_to(self, node: ast.AST) -> Iterator[tuple[Any, tuple[tuple[str, str], ...]]]:
        """Functions and classes of the web layer that are named, and what of ours is handed to them."""
        called = {id(each.func): each for each in ast.walk(node) if isinstance(each, ast.Call)}
        for each in ast.walk(node):
            if not isinstance(each, ast.Name | ast.Attribute):
                continue
            thing = self._thing(each)
            if not getattr(thing, "__module__", "").startswith(OURS):
                continue
            if isinstance(thing, FunctionType):
                yield inspect.unwrap(thing), self._handed(thing, called.get(id(each)))
            elif isinstance(thing, type) and not issubclass(thing, BaseForm):
                for method in vars(thing).values():
                    if isinstance(method, FunctionType):
                        yield method, ()

    def _handed(self, thing: FunctionType, call: ast.Call | None) -> tuple[tuple[str, str], ...]:
        if call is None:
            return ()
        names = list(inspect.signature(thing).parameters)
        pairs = [*zip(names, call.args, strict=False), *((each.arg or "", each.value) for each in call.keywords)]
        return tuple((name, method) for name, value in pairs if (method := self._method(value)))

    def _thing(self, node: ast.Name | ast.Attribute) -> Any:
        if isinstance(node, ast.Name):
            return self.module.__dict__.get(node.id)
        inside = self._thing(node.value) if isinstance(node.value, ast.Name | ast.Attribute) else None
        return getattr(inside, node.attr, None) if isinstance(inside, ModuleType) else None

    def _method(self, node: ast.AST) -> str | None:
        if isinstance(node, ast.Name):
            return self.holds.get(node.id)
        return SENT.get(ast.unparse(node)) if isinstance(node, ast.Attribute) else None

    def _read(self, value: ast.AST, name: ast.AST) -> Iterator[Read]:
        if method := self._method(value):
            yield from (Read(method, each) for each in self._names(name))

    def _names(self, node: ast.AST) -> list[str]:
        match node:
            case ast.Constant(value=str() as name):
                return [name]
            case ast.JoinedStr(values=parts):
                return ["".join(part.value if isinstance(part, ast.Constant) else "*" for part in parts)]
            case ast.Name(id=loop) if loop in self.loops:
                return self._gone_over(self.loops[loop])
            case ast.Name() | ast.Attribute():
                value = self._thing(node)
                return [str(value)] if isinstance(value, str) else ["*"]
        return ["*"]

    def _gone_over(self, node: ast.AST) -> list[str]:
        """The names that a loop goes over, where they are written down."""
        if isinstance(node, ast.Tuple | ast.List):
            values: Any = [
                each.value if isinstance(each, ast.Constant) else self._thing_or_none(each) for each in node.elts
            ]
        else:
            values = self._thing_or_none(node)
        is_known = isinstance(values, tuple | list | dict | set | frozenset)
        return [str(each) for each in values if isinstance(each, str)] if is_known else ["*"]

    def _thing_or_none(self, node: ast.AST) -> Any:
        return self._thing(node) if isinstance(node, ast.Name | ast.Attribute) else None

    def _fields(self, form: Any) -> Iterator[Read]:
        if isinstance(form, type) and issubclass(form, BaseForm) and form.__module__.startswith(OURS):
            names = [name for name in dir(form) if isinstance(getattr(form, name), UnboundField)]
            yield from (Read("POST", name) for name in names)


@cache
def _definitions(path: str) -> dict[str, ast.AST]:
    found: dict[str, ast.AST] = {}
    for node in ast.walk(parsed(Path(path))):
        if isinstance(node, ast.FunctionDef):
            found[f"{node.name}:{node.lineno}"] = node
    return found


def _definition(function: FunctionType) -> ast.AST | None:
    if function.__code__.co_filename.startswith("<"):
        return None  # made by dataclasses
    lines = function.__code__.co_firstlineno
    of_name = [
        node
        for key, node in _definitions(function.__code__.co_filename).items()
        if key.startswith(f"{function.__name__}:")
    ]
    # The first line of a function's code is that of its first decorator.
    return next((node for node in of_name if abs(node.lineno - lines) < 12), None)  # type: ignore[attr-defined]
