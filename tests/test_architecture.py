"""Imports go down only, and chance, time and commits stay at the edge: read from the source itself."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests import layers
from tests.source import ROOT, files, imports, modules, named, parsed

WEB = {"flask", "flask_wtf", "werkzeug", "wtforms", "waitress", "gunicorn", "itsdangerous"}
TABLES = {"sqlmodel", "sqlalchemy", "alembic"}
DATABASE = TABLES | {"psycopg", "sqlite3"}
PURE = {"instrument", "scoring", "agreement", "rollup", "severity", "words", "dated", "charts", "disclosure"}
UNDER_EVERYTHING = {"vocabulary", "errors"}
EDGES = {"__init__", "cli", "web"}  # create_app, the command line and the pages

READS_THE_CLOCK = {
    "casereader/web/clock.py": "the moment of a request",
    "casereader/cli/edge.py": "the moment of a command",
    "sampling/frame/__init__.py": "the default of read_frame's `today`, fixed by contract",
    "sampling/__main__.py": "the moment of a command",
}
COMMITS = {
    "casereader/db.py": "the transaction of a command",
    "casereader/web/request_session.py": "the transaction of a request",
}
# Past the watched session nothing is told to the trail: these may go there, to read or to write.
READS_PAST_THE_TRAIL = {
    "casereader/audit/comparing.py": "every row that stands, and the events it is held against",
    "casereader/audit/statements.py": "what rows were before a statement changes them",
    "casereader/audit/verification.py": "the chain itself, half a million rows of it",
    "casereader/audit/watching.py": "what the database holds of an object",
    "casereader/backup_list.py": "which database it is, so that nothing is erased while a backup is put on the list",
    "casereader/backups/of_postgresql.py": "one moment of every table, to copy it",
    "casereader/backups/of_sqlite.py": "one moment of every table, to copy it",
    "casereader/backups/digests.py": "every row of every table, to hold a copy against it",
    "casereader/backups/shape.py": "what a database is made of",
    "casereader/backups/state.py": "every row of every table, to hold a copy against it",
    "casereader/cli/database.py": "whether the program's role has what it needs",
    "casereader/jobs.py": "whether whoever does a job still holds its lock",
    "casereader/readings/holding.py": "which database it is",
    "casereader/subject.py": "every table by one reference",
    "casereader/web/home.py": "whether the database answers",
    "casereader/web/starting.py": "whether the program's role could change the trail",
    "casereader/web/trail.py": "whether the program's role could change the trail",
}
WRITES_PAST_THE_TRAIL = {
    "casereader/append_only.py": "the rights of the program's role",
    "casereader/audit/recording.py": "the trail itself",
    "casereader/audit/texts.py": "the trail's texts",
    "casereader/db.py": "the connections under every session",
    "casereader/demo/writing.py": "the readings of a demonstration, a hundred thousand rows of it",
    "casereader/people/allowances.py": "which database it is; tries are counted, and are no content",
    "casereader/erasing/doing.py": "content that goes, which the trail must not keep",
    "casereader/erasing/rows.py": "content that goes, table by table",
    "casereader/erasing/traces.py": "tables written anew",
    "casereader/schema.py": "migrations",
}
GOES_PAST = re.compile(
    r".*\.(connection|raw_connection|driver_connection|exec_driver_sql|get_bind)|.*\bengine(\(\))?\.(connect|begin)"
)
CLOCKS = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "time.time",
    "time.time_ns",
    "Timestamp.now",
}
SEEDED = {"Random", "default_rng", "Generator", "SeedSequence", "PCG64", "SystemRandom"}

OURS = modules("app.py", "sampling", "casereader", "bench")
KNOWN = frozenset(OURS)


def test_imports_are_found_wherever_they_stand_and_named_in_full(tmp_path: Path) -> None:
    module = tmp_path / "leaky.py"
    module.write_text(
        "from casereader.people import accounts\n"
        "def late():\n    import flask.json as j\n    from sqlmodel import col\n"
    )

    assert imports(module, frozenset({"casereader.people", "casereader.people.accounts"})) == {
        "casereader.people.accounts",
        "flask.json",
        "sqlmodel",
    }


def test_the_sampling_library_imports_nothing_of_ours_no_web_and_no_tables() -> None:
    # One engine counts and draws in a database; it gets rows, never objects.
    sampling = _ours_in("sampling")
    others = {name: path for name, path in sampling.items() if name != "sampling.engines.in_postgresql"}

    assert _offences(sampling, {"casereader", "app", "bench", "tests"} | WEB | TABLES) == []
    assert _offences(others, DATABASE) == []


def test_the_sampling_library_starts_without_the_application_the_web_and_the_database() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import sampling, sampling.__main__, sys; print(*sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    assert {"casereader", "app", *WEB, *DATABASE} & set(loaded) == set()


def test_nothing_below_the_pages_and_the_command_line_imports_the_web() -> None:
    below = {name: path for name, path in _ours_in("casereader").items() if _room(name) not in EDGES}

    assert _offences(below, {"casereader.web", "casereader.cli"} | WEB) == []


def test_the_pages_do_not_import_the_command_line() -> None:
    pages = {name: path for name, path in _ours_in("casereader").items() if _room(name) == "web"}

    assert _offences(pages, {"casereader.cli"}) == []


def test_pure_rooms_import_no_database_and_no_service() -> None:
    pure = {name: path for name, path in _ours_in("casereader").items() if _room(name) in PURE}
    rooms = {f"casereader.{_room(name)}" for name in _ours_in("casereader")}
    allowed = {f"casereader.{room}" for room in PURE | UNDER_EVERYTHING}

    assert _offences(pure, DATABASE | (rooms - allowed)) == []


def test_tables_know_only_the_words_they_hold() -> None:
    tables = {name: path for name, path in _ours_in("casereader").items() if _room(name) == "models"}
    rooms = {f"casereader.{_room(name)}" for name in _ours_in("casereader")}

    assert _offences(tables, rooms - {"casereader.models", "casereader.vocabulary"}) == []


def test_the_words_import_nothing_of_ours() -> None:
    words = {name: path for name, path in _ours_in("casereader").items() if _room(name) == "vocabulary"}

    assert _offences(words, {"casereader", "sampling"}) == []


def test_no_two_modules_import_each_other_by_any_way_round() -> None:
    graph = {name: imports(path, KNOWN) & KNOWN - {name} for name, path in OURS.items()}

    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"these import each other in a circle: {' → '.join(error.args[1])}")


@pytest.mark.parametrize(("floor", "but"), [("casereader", EDGES), ("casereader.web", {"__init__"})])
def test_no_two_rooms_of_a_floor_import_each_other_by_any_way_round(floor: str, but: set[str]) -> None:
    def room(name: str) -> str:
        return name.removeprefix(f"{floor}.").split(".")[0] if name != floor else "__init__"

    graph: dict[str, set[str]] = {}
    for name, path in _ours_in("casereader").items():
        if name.startswith(floor) and room(name) not in but:
            of = {room(found) for found in imports(path, KNOWN) & KNOWN if found.startswith(f"{floor}.")}
            graph.setdefault(room(name), set()).update(of - {room(name)})

    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"these rooms import each other in a circle: {' → '.join(error.args[1])}")


def test_rooms_of_verbs_use_only_those_that_the_decision_puts_before_them() -> None:
    (decision,) = (ROOT / "docs" / "decisions").glob("0111-*.md")
    (listed,) = re.findall(r"^`\w+`(?:(?:,| ·) `\w+`)+$", decision.read_text(encoding="utf-8"), flags=re.MULTILINE)
    step = {room: number for number, rooms in enumerate(listed.split(" · ")) for room in re.findall(r"`(\w+)`", rooms)}
    used = {
        (_room(name), _room(found))
        for name, path in _ours_in("casereader").items()
        for found in imports(path, KNOWN) & KNOWN
        if found.startswith("casereader.") and _room(name) != _room(found)
    }
    folders = {path.name for path in (ROOT / "casereader").iterdir() if (path / "__init__.py").is_file()}

    assert step.keys() == folders - EDGES - {"migrations"}
    assert [pair for pair in used if {*pair} <= step.keys() and step[pair[1]] >= step[pair[0]]] == []


def test_floors_import_downwards_only_and_the_picture_of_them_is_of_the_source_as_it_is() -> None:
    drawn = layers.layers()

    assert [arrow for arrow in drawn.arrows if layers.FLOORS.index(arrow[0]) > layers.FLOORS.index(arrow[1])] == []
    assert layers.PATH.read_text(encoding="utf-8") == layers.picture(drawn), "draw it anew: python -m tests.layers"


def test_templates_are_handed_finished_values() -> None:
    queries = re.compile(r"\.(all|first|one|scalars?|exec|execute|query|filter_by)\(|\b(session|db)\.")
    asking = [
        f"{named(path)}:{number}"
        for path in files()
        if path.suffix == ".html" and path.is_relative_to(ROOT / "templates")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        for code in re.findall(r"\{[{%].*?[}%]\}", line)
        if queries.search(code)
    ]

    assert asking == []


def test_templates_have_hyphens_in_their_names() -> None:
    assert [name for name in map(named, files()) if name.startswith("templates/") and "_" in name] == []


def test_only_the_edges_read_the_clock() -> None:
    reading = {named(path) for path in _program() if any(name in CLOCKS for name in _calls(path))}

    assert reading - READS_THE_CLOCK.keys() == set()


def test_only_the_edges_commit() -> None:
    committing = {named(path) for path in _program() if any(name.endswith(".commit") for name in _calls(path))}

    assert committing - COMMITS.keys() == set()


def test_nobody_goes_past_the_session_that_tells_the_trail_but_those_who_say_why() -> None:
    ours = {
        named(path): path for name, path in OURS.items() if name.startswith("casereader") and ".versions." not in name
    }
    past = {name for name, path in ours.items() if any(GOES_PAST.fullmatch(call) for call in _calls(path))}

    assert past - READS_PAST_THE_TRAIL.keys() - WRITES_PAST_THE_TRAIL.keys() == set()
    assert (READS_PAST_THE_TRAIL.keys() | WRITES_PAST_THE_TRAIL.keys()) - past == set(), "what is listed goes there"
    changing = {name for name in READS_PAST_THE_TRAIL if _changes_rows(ours[name])}
    assert changing == set()


def test_chance_is_always_seeded_and_handed_in() -> None:
    loose = [
        f"{named(path)}: {name}"
        for path in _program()
        for name in _calls(path)
        if re.match(r"(random|np\.random|numpy\.random)\.", name) and name.rpartition(".")[2] not in SEEDED
    ]

    assert loose == []


def test_every_module_says_what_it_is_for() -> None:
    everything = OURS | modules("tests")

    silent = [path for path in everything.values() if parsed(path).body and not ast.get_docstring(parsed(path))]
    assert [named(path) for path in silent] == []


def test_no_module_is_a_drawer() -> None:
    drawers = re.compile(r"(^|_)(utils?|helpers?|common|misc|shared|managers?)(_|$)")

    assert [name for name in OURS | modules("tests") if drawers.search(name.rpartition(".")[2])] == []


def test_no_import_takes_everything() -> None:
    starred = [
        named(path)
        for path in (OURS | modules("tests")).values()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)
    ]

    assert starred == []


def _ours_in(folder: str) -> dict[str, Path]:
    return {name: path for name, path in OURS.items() if name.split(".")[0] == folder}


def _program() -> list[Path]:
    return [path for name, path in OURS.items() if name.split(".")[0] in ("sampling", "casereader")]


def _room(name: str) -> str:
    parts = name.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def _offences(importers: dict[str, Path], forbidden: set[str]) -> list[str]:
    return sorted(
        f"{named(path)} imports {found}"
        for path in importers.values()
        for found in imports(path, KNOWN)
        if any(found == name or found.startswith(f"{name}.") for name in forbidden)
    )


def _changes_rows(path: Path) -> bool:
    """Whether a module makes a statement that changes rows, in SQLAlchemy's words or in SQL's."""
    made = {"insert", "update", "delete", "bulk_save_objects"}
    return any(
        (isinstance(node, ast.alias) and node.name in made)
        or (isinstance(node, ast.Constant) and re.match(r"\s*(INSERT|UPDATE|DELETE|TRUNCATE)\b", str(node.value)))
        for node in ast.walk(parsed(path))
    )


def _calls(path: Path) -> Iterator[str]:
    """The dotted names that a module calls, or hands on to be called."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Attribute):
            yield ast.unparse(node)
