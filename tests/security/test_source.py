"""What the program's source never does: the quick half of our rules for semgrep, in every run of the tests.

The rules themselves (rules/casereader.yml) follow values through functions; here it is enough that the dangerous calls
are not there at all, or in the one place that is known.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from sampling.engines.references import notable
from tests.source import ROOT, files, is_vendored, modules, named, parsed

PROGRAM = modules("app.py", "casereader", "sampling")
STARTS_PROCESSES = {
    "casereader/backups/of_postgresql.py": "pg_dump and pg_restore, on the command line alone",
    "sampling/apart.py": "our own modules, to read what was sent with little memory and time",
}
NAMES_IN_SQL = {  # where no name can be bound, and each is quoted
    "casereader/append_only.py": "tables of ours and the operator's role, in GRANT",
    "casereader/backups/database_aside.py": "databases of ours to check a backup in, in CREATE and DROP",
    "casereader/backups/digests.py": "tables and columns that the database names itself, in SELECT",
    "casereader/backups/of_postgresql.py": "tables, types and functions that PostgreSQL names itself, in DROP",
    "casereader/erasing/traces.py": "tables of ours, in VACUUM",
    "casereader/migrations/versions/0004_publication.py": "words of ours, in triggers",
    "sampling/engines/in_duckdb.py": "columns of a list, quoted by one function",
}
RUNS_SQL = {"execute", "exec_driver_sql", "text", "literal_column", "executemany", "executescript", "sql"}
MAKES_CODE = {"eval", "exec", "compile", "__import__", "render_template_string"}
READS_OBJECTS = {"pickle", "marshal", "shelve", "dill", "joblib", "yaml"}
SCRIPTS = [path for path in files() if path.suffix == ".js" and path.is_relative_to(ROOT / "casereader")]
IN_SCRIPTS = {
    "text put into a page as markup": r"\.(?:inner|outer)HTML\s*\+?=|insertAdjacentHTML|document\.write\b|HTMLUnsafe",
    "code made of text": r"\beval\(|new Function\b",
    "what was typed kept in the browser": r"\b(?:local|session)Storage\b|\bindexedDB\b|document\.cookie\s*=",
    "prototypes within reach of what was received": r"__proto__|setPrototypeOf|Object\.assign\([^,]+,\s*(?:await|JSON)",
    "a table by names that have a prototype": r"this\.\w+ = \{\};|\b\w+ in (?:this\.|reasons|answers|signs|held)",
}
RUNS_PATTERNS = {"compile", "search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer"}
RUNS_PATTERNS |= {"match_substring_regex", "replace_substring_regex", "extract_regex"}
PATTERNS_OF_PARTS = {  # where a pattern is not one literal, and what it is made of
    "casereader/identifying.py": "patterns of our own file of signs",
    "sampling/engines/in_batches.py": "constants, and the header of a column, escaped by `notable`",
    "sampling/frame/cells.py": "constants of the module that asks",
    "sampling/frame/dates.py": "constants",
    "sampling/frame/delimited.py": "the separator, escaped",
    "sampling/frame/headers.py": "a constant",
    "sampling/frame/references.py": "constants, and the header of a column, escaped",
}


def test_values_go_to_the_database_apart_from_sql() -> None:
    made = {
        named(path)
        for path in PROGRAM.values()
        for call in _calls(path, RUNS_SQL)
        if call.args and not _is_whole(call.args[0])
    }

    assert made == NAMES_IN_SQL.keys()


def test_no_shell_is_asked_and_the_named_modules_alone_start_processes() -> None:
    asking = re.compile(
        r"^\s*(?:import|from) (?:subprocess|pty|multiprocessing)\b|\bos\.(?:system|popen|exec|spawn|fork)"
    )
    starting = {
        named(path)
        for path in PROGRAM.values()
        if any(asking.search(line) for line in path.read_text(encoding="utf-8").splitlines())
    }

    assert starting == STARTS_PROCESSES.keys()
    for name in STARTS_PROCESSES:
        assert "shell=" not in (ROOT / name).read_text(encoding="utf-8")


def test_no_code_and_no_template_is_made_while_the_program_runs() -> None:
    made = [
        f"{named(path)}:{call.lineno}"
        for path in PROGRAM.values()
        for call in _calls(path, MAKES_CODE | {"from_string", "Template"})
        if isinstance(call.func, ast.Name) or call.func.attr in {"from_string", "Template"}  # type: ignore[attr-defined]
    ]

    assert made == []


def test_nothing_sent_is_turned_into_objects_by_a_format_that_can_hold_code() -> None:
    readers = re.compile(rf"^\s*(?:import|from) (?:{'|'.join(READS_OBJECTS)})\b|read_pickle|allow_pickle", re.MULTILINE)

    assert [named(path) for path in PROGRAM.values() if readers.search(path.read_text(encoding="utf-8"))] == []


def test_what_was_sent_is_put_into_our_formats_and_is_never_one() -> None:
    loose = [
        f"{named(path)}:{call.lineno}"
        for path in PROGRAM.values()
        if "web" in path.parts or path.is_relative_to(ROOT / "casereader" / "exports")
        for call in _calls(path, {"format", "format_map", "strftime"})
        if isinstance(call.func, ast.Attribute) and not _is_ours(call)
    ]

    assert loose == []


def test_a_pattern_is_a_literal_or_one_of_those_whose_parts_are_known() -> None:
    of_parts = {
        named(path)
        for path in PROGRAM.values()
        for call in _calls(path, RUNS_PATTERNS)
        if isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) in ("re", "pc")
        if not isinstance(call.args[1 if ast.unparse(call.func.value) == "pc" else 0], ast.Constant)
    }

    assert of_parts == PATTERNS_OF_PARTS.keys(), "escape what is put into it with re.escape, and say so here"


@pytest.mark.parametrize("header", ["ref(.*", "a.c", "[x", "case|number", "id$", "a+b"])
def test_the_name_of_a_column_is_looked_for_as_it_is_and_never_as_a_pattern(header: str) -> None:
    found = pc.match_substring_regex(pa.array([header, header.upper(), "axc", "xx", "case", "aab"]), notable(header))

    assert found.to_pylist() == [True, True, False, False, False, False]


@pytest.mark.parametrize("what", IN_SCRIPTS)
def test_no_script_of_ours_does_what_a_page_must_not(what: str) -> None:
    found = [
        f"{named(path)}:{number}: {line.strip()[:90]}"
        for path in SCRIPTS
        if not is_vendored(path)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(IN_SCRIPTS[what], line)
    ]

    assert SCRIPTS
    assert found == []


def test_every_template_escapes_everything_and_holds_no_script_of_its_own() -> None:
    bad = re.compile(
        r"\|\s*safe\b|autoescape\s+false|<[a-z][^>{]*\son[a-z]+\s*=|<script(?![^>]*(?:src=|application/json))"
    )
    templates = [path for path in files() if path.is_relative_to(ROOT / "templates")]

    assert len(templates) > 50
    assert [named(path) for path in templates if bad.search(path.read_text(encoding="utf-8"))] == []


@cache
def _every_call(path: Path) -> tuple[tuple[str, ast.Call], ...]:
    calls = [node for node in ast.walk(parsed(path)) if isinstance(node, ast.Call)]
    return tuple(
        (each.func.attr if isinstance(each.func, ast.Attribute) else getattr(each.func, "id", ""), each)
        for each in calls
    )


def _calls(path: Path, names: set[str]) -> Iterator[ast.Call]:
    return (call for name, call in _every_call(path) if name in names)


def _is_whole(argument: ast.expr) -> bool:
    """Whether SQL is one literal, an expression of SQLAlchemy's or a name for either; pragmas take our own values."""
    if isinstance(argument, ast.JoinedStr):
        first = argument.values[0]
        return isinstance(first, ast.Constant) and str(first.value).startswith("PRAGMA ")
    if isinstance(argument, ast.BinOp):
        return False
    is_formatted = isinstance(argument, ast.Call) and isinstance(argument.func, ast.Attribute)
    return not (is_formatted and argument.func.attr in ("format", "join"))  # type: ignore[attr-defined]


def _is_ours(call: ast.Call) -> bool:
    assert isinstance(call.func, ast.Attribute)
    pattern = call.args[0] if call.func.attr == "strftime" and call.args else call.func.value
    if isinstance(pattern, ast.Call):  # Markup("…").format(…), which escapes
        pattern = pattern.args[0] if pattern.args else pattern
    name = pattern.id if isinstance(pattern, ast.Name) else pattern.attr if isinstance(pattern, ast.Attribute) else ""
    is_constant_by_name = name.isupper()
    return isinstance(pattern, ast.Constant | ast.JoinedStr) or is_constant_by_name
