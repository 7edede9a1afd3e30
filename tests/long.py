"""Which tests are long: `make test` leaves them to `.ci/run`, so that whoever changes something waits five minutes.

`tests/long.txt` names them, with the seconds that they took. `python -m tests.long RUN.xml` writes it anew from a run
of all of them (`make test LONG=1 PYTEST_OPTIONS=--junitxml=RUN.xml`) and of those that are left then (without
`LONG=1`), with nothing else at work (decision 114).
"""

import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

LIST = Path(__file__).with_suffix(".txt")
TOO_LONG = 0.4  # seconds by the clock, with three tests at work on two processors
SHORTEST_CASE = 1.0  # what the shortest case of a test may take that is long in all of them, and stays
SHORTEST_OF_FILE = 3.0  # what the shortest test of a file may take in which all are long (one may be all), and stays

# What whoever changes something must know at once, whatever it takes: that a case goes from a list to an evaluation in
# a browser, and that no door stands open to whoever has least.
MATRIX = "tests/security/test_access_matrix.py::test_everybody_is_answered_as_the_table_says"
ALWAYS = {
    "tests/browser/test_story.py::test_from_a_list_of_cases_to_an_evaluation",
    *(f"{MATRIX}[{who}-{method}-quick]" for who in ("nobody", "beginner", "reviewer-2") for method in ("GET", "POST")),
}

# What all tests of a file look at takes long to make, whichever of them it is counted to: none of them stays.
WORLDS = ("tests/test_pages.py::",)


@cache
def long_tests() -> frozenset[str]:
    """The names in the list, each of a test or of one of its cases."""
    lines = LIST.read_text(encoding="utf-8").splitlines()
    return frozenset(line.split(" ", 1)[1] for line in lines if line and not line.startswith("#"))


def is_long(name: str) -> bool:
    """Whether the test of this name (its path, `::`, what it is called and its case in brackets) is one of them."""
    return name in long_tests() or name.split("[")[0] in long_tests()


def found_long(taken: dict[str, float]) -> dict[str, float]:
    """Of tests, by their names, with the seconds that they took: those that are long."""
    found = {
        name: seconds
        for name, seconds in taken.items()
        if seconds > TOO_LONG and not ALWAYS & {name, name.split("[")[0]}
    }
    for divider, limit, least in (("[", SHORTEST_CASE, 2), ("::", SHORTEST_OF_FILE, 1)):
        together: dict[str, list[str]] = {}
        for name in taken:
            together.setdefault(name.split(divider)[0], []).append(name)
        for names in together.values():
            shortest = min(names, key=lambda name: taken[name])
            if len(names) >= least and taken[shortest] < limit and all(name in found for name in names):
                del found[shortest]
    return found | {name: seconds for name, seconds in taken.items() if name.startswith(WORLDS)}


def lines_of(taken: dict[str, float]) -> Iterable[str]:
    """The lines of the list; a test all of whose cases are long has one line."""
    found = found_long(taken)
    cases: dict[str, list[str]] = {}
    for name in taken:
        cases.setdefault(name.split("[")[0], []).append(name)
    for test, names in sorted(cases.items()):
        if all(name in found for name in names):
            yield f"{sum(taken[name] for name in names):.1f} {test}"
        else:
            yield from (f"{taken[name]:.1f} {name}" for name in sorted(names) if name in found)


def seconds_taken(run: Path) -> dict[str, float]:
    """The tests of a run, by their names, with the seconds that each took, as pytest's JUnit file has them."""
    cases = ElementTree.parse(run).iter("testcase")  # noqa: S314  # of our own run
    return {
        f"{case.attrib['classname'].replace('.', '/')}.py::{case.attrib['name']}": float(case.attrib["time"])
        for case in cases
    }


def main(*runs: str) -> None:
    """Write the list by what each test took at most: what several need is counted to whichever of them came first."""
    taken: dict[str, float] = {}
    for run in runs:
        for name, seconds in seconds_taken(Path(run)).items():
            taken[name] = max(seconds, taken.get(name, 0.0))
    head = "# Seconds and name of each test that `make test` leaves to `.ci/run`; `python -m tests.long` writes this."
    LIST.write_text("\n".join([head, *lines_of(taken)]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
