"""Who may use which address, about whose things and in which state: the table, written by hand, and how it is read.

`access.csv` has a row for each method of each address. `who`: the roles and doors that open it. `of`: whose thing it
is about. `when`: what it answers, other than that it is open, by how far things have come; the first that fits counts.
`empty`: what a form is answered that brings nothing but its token, and where it leads on to.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Flask
from werkzeug.routing import Rule

TABLE = Path(__file__).parent / "access.csv"
COLUMNS = ("method", "address", "who", "of", "when", "empty", "what")
DOORS = ("anyone", "signed-in", "second-step", "covered", "administrator", "beginner")
ROLES = ("reviewer", "local-reviewer", "moderator", "coordinator", "lead", "deputy")
OBJECTS = (
    "-",
    "inspection",
    "own reading",
    "own reading or one to countersign",
    "programme",
    "own programme",
    "account",
    "own sign-in",
    "own sign-in method",
    "link",
    "practice case",
    "guide",
)


@dataclass(frozen=True)
class Reply:
    """A status, and the address that it leads on to, if the table names one."""

    status: int
    leads_to: str = ""


@dataclass(frozen=True)
class Row:
    """One method of one address."""

    method: str
    address: str
    who: frozenset[str]
    of: str
    when: tuple[tuple[str, Reply], ...]
    empty: Reply | None
    what: str

    @property
    def key(self) -> tuple[str, str]:
        """What names it."""
        return self.method, self.address

    @property
    def tells_apart(self) -> bool:
        """Whether it says another thing of some states than of others; where all is erased is apart."""
        return any(condition not in ("always", "erased") for condition, _ in self.when)


@cache
def table() -> tuple[Row, ...]:
    """Every row, in the order of the file."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        lines = csv.DictReader(file, strict=True)
        return tuple(
            Row(
                one["method"],
                one["address"],
                frozenset(one["who"].split()),
                one["of"],
                tuple(_clauses(one["when"])),
                _reply(one["empty"]) if one["empty"] else None,
                one["what"],
            )
            for one in lines
        )


def _clauses(text: str) -> list[tuple[str, Reply]]:
    clauses = [clause.rpartition(": ") for clause in text.split("; ") if clause]
    return [(condition, _reply(reply)) for condition, _, reply in clauses]


def _reply(text: str) -> Reply:
    status, _, leads_to = text.partition(" ")
    return Reply(int(status), leads_to)


def rules_of(app: Flask) -> dict[tuple[str, str], Rule]:
    """Every method of every address of the app."""
    return {
        (method, rule.rule): rule
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
