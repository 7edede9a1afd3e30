"""Mutation testing of allocation, draw and estimation: how many small changes to their code the tests notice.

Run by `make mutation`. mutmut changes one thing at a time in a copy of the project, in a temporary folder, and runs the
tests that reach the changed function; a change that no test notices survives and is printed. What is changed and which
tests run stands in pyproject.toml under [tool.mutmut]; the changes that alter nothing anybody can see, with the reason
for each, in equivalent.toml beside this file. Ends with 1 where a part scores below 90%.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from collections import Counter
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from mutmut.configuration import config
from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code

from tests.source import files, named

LEAST = 90
PARTS = {
    "allocation": ("allocation", "optimum", "within"),
    "draw": ("draw", "selection", "tickets", "replacement"),
    "estimation": ("estimation", "intervals", "hypergeometric"),
}
# A test that never ends has noticed the change as well.
NOTICED = ("killed", "timeout")


@dataclass(frozen=True, slots=True)
class Change:
    """One change to one function: the lines it takes away and those it puts there, their blanks made even."""

    module: str
    function: str
    was: str
    becomes: str

    def __str__(self) -> str:
        return f"{self.module}, {self.function}\n    - {self.was}\n    + {self.becomes}"


@dataclass(frozen=True, slots=True)
class Equivalents:
    """Changes that alter nothing anybody can see: one by one, and by what they leave when a pattern is taken away."""

    single: frozenset[Change]
    patterns: tuple[re.Pattern[str], ...]

    @classmethod
    def read(cls, path: Path) -> Equivalents:
        listed = tomllib.loads(path.read_text(encoding="utf-8"))
        single = {
            Change(each["module"], function, _even(was), _even(becomes))
            for each in listed.get("same", [])
            for function in [each["function"]]
            for was, becomes in each["changes"]
        }
        return cls(frozenset(single), tuple(re.compile(each["without"]) for each in listed["pattern"]))

    def __contains__(self, change: Change) -> bool:
        return change in self.single or any(
            pattern.sub("", change.was) == pattern.sub("", change.becomes) for pattern in self.patterns
        )


def main() -> int:
    """Run mutmut on a copy and print what it found: 0, or 1 where a part scores too little or mutmut fails."""
    asked = argparse.ArgumentParser(prog="make mutation")
    asked.add_argument("--processes", type=int, default=2, help="how many run at a time (2)")
    asked.add_argument("only", nargs="*", help="names of mutants to test alone, such as sampling.draw*")
    options = asked.parse_args()
    equivalents = Equivalents.read(Path(__file__).with_name("equivalent.toml"))
    begun = time.monotonic()
    with TemporaryDirectory() as folder, chdir(folder):
        for path in files():
            copy = Path(named(path))
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
        command = [sys.executable, "-m", "mutmut", "run", "--max-children", str(options.processes), *options.only]
        # Each change collects its tests anew: compiled once, that takes half the time.
        compiled = os.environ | {"PYTHONDONTWRITEBYTECODE": ""}
        with Path("mutmut.log").open("w") as log:
            ended = subprocess.run(command, env=compiled, stdout=log, stderr=subprocess.STDOUT, check=False)
        if ended.returncode:
            print(Path("mutmut.log").read_text()[-4000:])
            return 1
        found = _found()
        survivors = {module: _survivors(module, results) for module, results in found.items()}
    print(f"{(time.monotonic() - begun) / 60:.1f} minutes")
    return _report(found, survivors, equivalents, whole=not options.only)


def _found() -> dict[str, dict[str, str]]:
    """What became of each mutant, by module and by name."""
    found = {}
    for path in sorted(Path("sampling").rglob("*.py")):
        if config().should_mutate(path):
            data = SourceFileMutationData(path=path)
            data.load()
            results = {name: status_by_exit_code[code] for name, code in data.exit_code_by_key.items()}
            found[str(path)] = {name: status for name, status in results.items() if status != "not checked"}
    return {module: results for module, results in found.items() if results}


def _survivors(module: str, results: dict[str, str]) -> list[Change]:
    return [_change(module, name) for name, status in results.items() if status not in NOTICED]


def _change(module: str, name: str) -> Change:
    lines = get_diff_for_mutant(name, path=module).splitlines()[2:]
    was, becomes = (_even(" ".join(line[1:] for line in lines if line.startswith(sign))) for sign in "-+")
    function = name.rpartition("__mutmut_")[0].rpartition(".")[2]
    return Change(module, function.removeprefix("x_").replace("xǁ", "").replace("ǁ", "."), was, becomes)


def _even(text: str) -> str:
    return " ".join(text.split())


def _report(
    found: dict[str, dict[str, str]], survivors: dict[str, list[Change]], equivalents: Equivalents, *, whole: bool
) -> int:
    """Print the survivors and the scores; a part fails by its noticed mutants over all that are not equivalent."""
    for module in found:
        for change in survivors[module]:
            if change not in equivalents:
                print(f"\nsurvived: {change}")
    gone = equivalents.single - {change for changes in survivors.values() for change in changes}
    for change in sorted(gone, key=str) if whole else ():
        print(f"\nlisted as equivalent, but no survivor: {change}")
    print(f"\n{'':42}mutants noticed (endless) equivalent survived   score")
    low = []
    for part, modules in PARTS.items():
        total: Counter[str] = Counter()
        for module, results in found.items():
            if module.removeprefix("sampling/").partition("/")[0].removesuffix(".py") in modules:
                same = sum(change in equivalents for change in survivors[module])
                counted = Counter(
                    mutants=len(results),
                    noticed=len(results) - len(survivors[module]),
                    endless=sum(status == "timeout" for status in results.values()),
                    equivalent=same,
                    survived=len(survivors[module]) - same,
                )
                _line(f"  {module}", counted)
                total += counted
        if total:
            _line(part, total)
            if _score(total) < LEAST:
                low.append(part)
    if low:
        print(f"\nBelow {LEAST} %: {', '.join(low)}.")
    return 1 if low else 0


def _line(title: str, counted: Counter[str]) -> None:
    figures = (counted[each] for each in ("mutants", "noticed", "endless", "equivalent", "survived"))
    print("{:42}{:7} {:7} {:9} {:10} {:8}".format(title, *figures) + f" {_score(counted):5.1f}%")


def _score(counted: Counter[str]) -> float:
    return 100 * counted["noticed"] / max(counted["mutants"] - counted["equivalent"], 1)


if __name__ == "__main__":
    sys.exit(main())
