"""The small language of skip logic and contradictions: parse, print and decide; it never runs anything.

    expression = all { "or" all }          all = one { "and" one }
    one        = "not" one | "(" expression ")" | comparison
    comparison = name ( "=" | "!=" ) text | name "in" "(" text { "," text } ")"

A name is the key of a part (`A3`, `H4.present`), `.present` for another part of the same question, or
`stratum`. A text stands in double quotes; inside it `\\"` and `\\\\` stand for a quote and a backslash.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

STRATUM = "stratum"
LONGEST = 2_000
DEEPEST = 40

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>"(?:[^"\\]|\\["\\])*") |
        (?P<mark>!=|=|\(|\)|,) |
        (?P<word>\.?[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)?)
    )""",
    re.VERBOSE,
)
_RESERVED = frozenset({"and", "or", "not", "in"})


class ExpressionError(ValueError):
    """A condition that cannot be read; the message says where and what was expected."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """`name` holds one of `values`; `differs` turns it round (`!=`). Printed with `in` for several values."""

    name: str
    values: tuple[str, ...]
    differs: bool = False

    def __str__(self) -> str:
        if len(self.values) == 1:
            return f"{self.name} {'!=' if self.differs else '='} {_quoted(self.values[0])}"
        listed = f"{self.name} in ({', '.join(map(_quoted, self.values))})"
        return f"not {listed}" if self.differs else listed


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of an expression."""

    of: Expression

    def __str__(self) -> str:
        return f"not ({self.of})"


@dataclass(frozen=True, slots=True)
class All:
    """Every one of several expressions."""

    of: tuple[Expression, ...]

    def __str__(self) -> str:
        return " and ".join(map(_inside, self.of))


@dataclass(frozen=True, slots=True)
class Some:
    """At least one of several expressions."""

    of: tuple[Expression, ...]

    def __str__(self) -> str:
        return " or ".join(map(_inside, self.of))


Expression = Comparison | Not | All | Some


def parse(text: str, *, question: str = "") -> Expression:
    """Read a condition; a name that begins with a dot belongs to `question`. Raises ExpressionError."""
    if len(text) > LONGEST:
        raise ExpressionError(f"the condition is longer than {LONGEST} characters")
    return _Reader(text, question).whole()


def decide(expression: Expression, values: Mapping[str, str | None], stratum: str | None) -> bool | None:
    """Whether an expression holds for these answers; None where it turns on a stratum that is not known.

    An unanswered part differs from every value.
    """
    if isinstance(expression, Comparison):
        if expression.name == STRATUM:
            if stratum is None:
                return None
            return (stratum in expression.values) is not expression.differs
        return (values.get(expression.name) in expression.values) is not expression.differs
    if isinstance(expression, Not):
        inner = decide(expression.of, values, stratum)
        return None if inner is None else not inner
    settling = isinstance(expression, Some)  # one True settles "or", one False settles "and"
    unknown = False
    for one in expression.of:
        result = decide(one, values, stratum)
        if result is settling:
            return settling
        unknown = unknown or result is None
    return None if unknown else not settling


def comparisons(expression: Expression) -> Iterator[Comparison]:
    """Every comparison in an expression, from left to right."""
    if isinstance(expression, Comparison):
        yield expression
    elif isinstance(expression, Not):
        yield from comparisons(expression.of)
    else:
        for one in expression.of:
            yield from comparisons(one)


def _inside(expression: Expression) -> str:
    return str(expression) if isinstance(expression, Comparison) else f"({expression})"


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


class _Reader:
    """Recursive descent over the tokens of one condition."""

    def __init__(self, text: str, question: str) -> None:
        self.question = question
        self.depth = 0
        self.at = 0
        self.tokens: list[tuple[str, str]] = []
        position = 0
        while text[position:].strip():
            found = _TOKEN.match(text, position)
            if found is None:
                rest = text[position:].strip()
                raise ExpressionError(f"“{rest[:30]}” is not understood")
            self.tokens.append((found.lastgroup or "", found[found.lastgroup or 0]))
            position = found.end()

    def whole(self) -> Expression:
        result = self.some()
        if self.at < len(self.tokens):
            raise ExpressionError(f"“{self.tokens[self.at][1]}” was not expected here")
        return result

    def some(self) -> Expression:
        found = [self.all()]
        while self.take("or"):
            found.append(self.all())
        return found[0] if len(found) == 1 else Some(tuple(found))

    def all(self) -> Expression:
        found = [self.one()]
        while self.take("and"):
            found.append(self.one())
        return found[0] if len(found) == 1 else All(tuple(found))

    def one(self) -> Expression:
        self.depth += 1
        if self.depth > DEEPEST:
            raise ExpressionError(f"more than {DEEPEST} brackets or “not” stand inside each other")
        try:
            if self.take("not"):
                inner = self.one()
                if isinstance(inner, Comparison):  # one printed form for `not X in (…)` and `X != …`
                    return Comparison(inner.name, inner.values, not inner.differs)
                return Not(inner)
            if self.take("("):
                inside = self.some()
                self.expect(")")
                return inside
            return self.comparison()
        finally:
            self.depth -= 1

    def comparison(self) -> Comparison:
        kind, word = self.next("the key of a question")
        if kind != "word" or word in _RESERVED:
            raise ExpressionError(f"“{word}” stands where the key of a question was expected")
        name = self.question + word if word.startswith(".") else word
        if name.startswith("."):
            raise ExpressionError(f"“{name}” begins with a dot outside a question")
        if self.take("in"):
            self.expect("(")
            values = [self.text()]
            while self.take(","):
                values.append(self.text())
            self.expect(")")
            return Comparison(name, tuple(dict.fromkeys(values)))
        if self.take("="):
            return Comparison(name, (self.text(),))
        if self.take("!="):
            return Comparison(name, (self.text(),), differs=True)
        raise ExpressionError(f"after “{name}” one of =, != or in was expected")

    def text(self) -> str:
        kind, word = self.next("a value in double quotes")
        if kind != "text":
            raise ExpressionError(f"“{word}” must stand in double quotes")
        return re.sub(r"\\(.)", r"\1", word[1:-1])

    def next(self, wanted: str) -> tuple[str, str]:
        if self.at >= len(self.tokens):
            raise ExpressionError(f"{wanted} was expected at the end")
        self.at += 1
        return self.tokens[self.at - 1]

    def take(self, mark: str) -> bool:
        if self.at < len(self.tokens) and self.tokens[self.at] in (("mark", mark), ("word", mark)):
            self.at += 1
            return True
        return False

    def expect(self, mark: str) -> None:
        if not self.take(mark):
            found = f"not “{self.tokens[self.at][1]}”" if self.at < len(self.tokens) else "at the end"
            raise ExpressionError(f"“{mark}” was expected, {found}")
