"""Which tests `make test` leaves to `.ci/run`: by what they took, and never all of a file."""

import ast
from functools import cache

import pytest

from tests.long import ALWAYS, LIST, TOO_LONG, WORLDS, found_long, lines_of, long_tests
from tests.source import ROOT

SHORT, LONG, TOO_LONG_TO_STAY = TOO_LONG / 2, TOO_LONG + 0.1, 6.0


@cache
def _tests_of(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef))


def test_each_name_in_the_list_and_each_that_always_runs_is_of_a_test() -> None:
    gone = []
    for name in sorted(long_tests() | ALWAYS):
        file, test = name.split("[")[0].split("::")
        if not (ROOT / file).is_file() or test not in _tests_of(file):
            gone.append(name)

    assert gone == []


def test_the_list_leaves_nothing_out_that_always_runs() -> None:
    assert long_tests() & ALWAYS == set()


def test_a_test_that_took_long_is_left_out_and_a_short_one_is_not() -> None:
    assert set(found_long({"a.py::one": LONG, "a.py::two": SHORT})) == {"a.py::one"}


@pytest.mark.parametrize(
    ("taken", "left_out"),
    [
        ({"a.py::one[x]": LONG, "a.py::one[y]": LONG + 1, "a.py::two": SHORT}, {"a.py::one[y]"}),
        ({"a.py::one": LONG + 1, "a.py::two": LONG}, {"a.py::one"}),
        ({"a.py::one": LONG}, set()),
        ({"a.py::one": TOO_LONG_TO_STAY, "a.py::two": TOO_LONG_TO_STAY + 1}, {"a.py::one", "a.py::two"}),
    ],
    ids=["of cases", "of a file", "of a file with one test", "unless that too takes very long"],
)
def test_where_all_are_long_the_shortest_stays(taken: dict[str, float], left_out: set[str]) -> None:
    assert set(found_long(taken)) == left_out


def test_of_a_file_whose_world_takes_long_to_make_nothing_stays() -> None:
    assert found_long({f"{WORLDS[0]}one": SHORT, f"{WORLDS[0]}two": LONG}).keys() == {
        f"{WORLDS[0]}one",
        f"{WORLDS[0]}two",
    }


def test_what_always_runs_stays_whatever_it_takes() -> None:
    assert found_long(dict.fromkeys([*ALWAYS, "a.py::other"], 60.0)).keys() == {"a.py::other"}


def test_a_test_that_is_long_in_all_its_cases_has_one_line_with_their_seconds() -> None:
    long = {"a.py::one[x]": 6.0, "a.py::one[y]": 7.0, "a.py::two[x]": 2.0, "a.py::two[y]": SHORT}

    assert list(lines_of(long)) == ["13.0 a.py::one", "2.0 a.py::two[x]"]


def test_the_list_is_one_that_the_command_writes() -> None:
    lines = LIST.read_text(encoding="utf-8").splitlines()[1:]

    assert [line.split(" ", 1)[1] for line in lines] == sorted(name for name in long_tests())
