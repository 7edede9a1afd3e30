"""What the repository may not hold, and how long its files may grow: read from every file that git keeps."""

import hashlib
import re
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

from tests.source import ROOT, files, is_text, is_vendored, named

LONGEST = 300
LONGEST_TEST = 550  # tests are read one at a time
CODE = {".py", ".js", ".css", ".html", ".sh", ".mako"}
LONGER = {
    "casereader/migrations/versions/": "one release's tables stand in one migration, which is never edited again",
    "docs/codebook-crr-1.html": "printed by `make docs`, and read in a browser",
}
PINS = (
    "requirements.txt",
    "requirements-dev.txt",
    "tests/mutation/requirements.txt",
    "tests/sampling/engines/requirements.txt",
)

MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:work|root|home|Users|tmp)/[\w.]|\.\./shared")
INDEX = re.compile(r"--(?:extra-)?index-url|--find-links|pythonhosted|pypi\.org/simple|/opt/pypi")
SECRETS = {
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "a cloud key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a token": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|xox[abp]-[A-Za-z0-9-]{20,}|sk-[A-Za-z0-9]{32,})"),
    "a password in an address": re.compile(r"\w+://[\w.-]+:[^\s@/{}$<>]{3,}@[\w.-]+"),
}
LEFT_OUT = re.compile(r"pytest\.(?:mark\.)?(?:skip|xfail|importorskip)|unittest\.skip|SkipTest")
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b|raise NotImplementedError")


@cache
def _texts() -> tuple[tuple[str, str], ...]:
    # This file holds what it looks for.
    read = [path for path in files() if is_text(path) and not is_vendored(path) and path != Path(__file__).resolve()]
    return tuple((named(path), path.read_text(encoding="utf-8")) for path in read)


def _found(pattern: re.Pattern[str], among: Iterable[tuple[str, str]]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()[:100]}"
        for name, text in among
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_file_names_a_folder_of_some_machine() -> None:
    assert _found(MACHINE_PATHS, _texts()) == []


def test_no_file_names_a_package_index() -> None:
    assert _found(INDEX, _texts()) == []


@pytest.mark.parametrize("kind", SECRETS)
def test_no_file_holds_a_secret(kind: str) -> None:
    assert _found(SECRETS[kind], _texts()) == []


def test_no_test_is_left_out() -> None:
    tests = [
        (name, text) for name, text in _texts() if name.startswith("tests/") and name != "tests/test_repository.py"
    ]

    assert _found(LEFT_OUT, tests) == []


def test_nothing_is_put_off() -> None:
    assert _found(UNFINISHED, [(name, text) for name, text in _texts() if Path(name).suffix in CODE]) == []


def test_files_are_split_by_task_before_they_grow_long() -> None:
    long = {
        name: text.count("\n")
        for name, text in _texts()
        if Path(name).suffix in CODE and not name.startswith(tuple(LONGER))
        if text.count("\n") > (LONGEST_TEST if name.startswith("tests/") else LONGEST)
    }

    assert long == {}


def test_every_dependency_is_pinned_with_its_hashes_and_both_lists_agree() -> None:
    pinned = {name: _pins((ROOT / name).read_text(encoding="utf-8")) for name in PINS}

    assert all(hashes for pins in pinned.values() for hashes in pins.values())
    for requirement, hashes in pinned["requirements.txt"].items():
        assert pinned["requirements-dev.txt"].get(requirement) == hashes, requirement


def test_every_direct_dependency_is_in_the_pins() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    for listed, name in ((project["dependencies"], PINS[0]), (project["optional-dependencies"]["dev"], PINS[1])):
        pinned = {pin.partition("==")[0] for pin in _pins((ROOT / name).read_text(encoding="utf-8"))}
        wanted = {re.split(r"[\[<>=~! ]", requirement)[0].lower() for requirement in listed}
        assert wanted - pinned == set(), name


def test_vendored_files_are_what_their_list_says() -> None:
    lists = [path for path in files() if path.name == "VENDOR.toml"]

    assert lists
    for path in lists:
        vendor = tomllib.loads(path.read_text(encoding="utf-8"))
        for name, digest in vendor["sha256"].items():
            assert hashlib.sha256((path.parent / name).read_bytes()).hexdigest() == digest, path.parent / name
        assert {file.name for file in path.parent.iterdir()} - vendor["sha256"].keys() == {"VENDOR.toml"}


def _pins(text: str) -> dict[str, frozenset[str]]:
    entries = re.split(r"\n(?=[a-z0-9])", text.replace("\\\n", " "))
    found: dict[str, frozenset[str]] = {}
    for entry in entries:
        if match := re.match(r"([a-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)", entry):
            found[f"{match[1]}=={match[2]}"] = frozenset(re.findall(r"--hash=(sha256:[0-9a-f]{64})", entry))
    return found
