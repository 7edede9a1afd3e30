"""A small spreadsheet for tests: works out the formulas of our workbooks from the cells beside them.

It knows what our formulas use and nothing else; anything further is an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from openpyxl.utils import column_index_from_string
from openpyxl.worksheet.worksheet import Worksheet

_TOKEN = re.compile(r'"(?:[^"]|"")*"|\$?[A-Z]+\$?\d+(?::\$?[A-Z]+\$?\d+)?|[A-Z]+(?=\()|<>|>=|<=|[=<>&(),]|\d+')
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "IF": lambda condition, then, otherwise: then if condition else otherwise,
    "AND": lambda *all_of: all(all_of),
    "OR": lambda *any_of: any(any_of),
    "NOT": lambda one: not one,
    "TRIM": lambda text: " ".join(str(text).split()),
    "LEN": lambda text: len(str(text)),
    "LEFT": lambda text, n: str(text)[:n],
    "COUNTA": lambda cells: sum(cell != "" for cell in cells),
}
_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "=": lambda a, b: _plain(a) == _plain(b),
    "<>": lambda a, b: _plain(a) != _plain(b),
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
    "&": lambda a, b: f"{a}{b}",
}


class Spreadsheet:
    """The cells of one sheet, each worked out when it is asked for."""

    def __init__(self, sheet: Worksheet) -> None:
        self.sheet = sheet
        self.known: dict[str, Any] = {}

    def value(self, cell: str) -> Any:
        """What a cell shows; blank is ''."""
        name = cell.replace("$", "")
        if name not in self.known:
            held = self.sheet[name]
            is_formula = held.data_type == "f"
            self.known[name] = self._worked_out(str(held.value)[1:]) if is_formula else held.value
            if self.known[name] is None:
                self.known[name] = ""
        return self.known[name]

    def _worked_out(self, formula: str) -> Any:
        tokens = _TOKEN.findall(formula)
        assert "".join(tokens) == formula, f"not understood: {formula}"
        value, rest = self._expression(tokens)
        assert rest == [], f"not understood from {rest} on: {formula}"
        return value

    def _expression(self, tokens: list[str]) -> tuple[Any, list[str]]:
        value, tokens = self._one(tokens)
        while tokens and tokens[0] in _OPERATORS:
            other, rest = self._one(tokens[1:])
            if tokens[0] != "&" and rest and rest[0] == "&":  # joins before it compares
                more, rest = self._one(rest[1:])
                other = f"{other}{more}"
            value, tokens = _OPERATORS[tokens[0]](value, other), rest
        return value, tokens

    def _one(self, tokens: list[str]) -> tuple[Any, list[str]]:
        first, *rest = tokens
        if first.startswith('"'):
            return first[1:-1].replace('""', '"'), rest
        if first.isdigit():
            return int(first), rest
        if first in _FUNCTIONS:
            given = []
            while rest[0] != ")":
                value, rest = self._expression(rest[1:])
                given.append(value)
            return _FUNCTIONS[first](*given), rest[1:]
        if ":" in first:
            start, end = first.replace("$", "").split(":")
            return [self.value(cell.coordinate) for row in self.sheet[f"{start}:{end}"] for cell in row], rest
        assert re.fullmatch(r"\$?[A-Z]+\$?\d+", first), f"not understood: {first}"
        assert column_index_from_string(re.sub(r"[$\d]", "", first))
        return self.value(first), rest


def _plain(value: Any) -> Any:
    """Text as a spreadsheet compares it: without regard to case."""
    return value.casefold() if isinstance(value, str) else value
