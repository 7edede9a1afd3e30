"""What comes from others: justified, pinned with hashes, listed, and under a licence that somebody agreed to."""

import json
import re
import tomllib
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

import pytest

from tests.security.sbom import PATH, plain
from tests.source import ROOT, files, named

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SUPPLY = (ROOT / "docs" / "security" / "supply.md").read_text(encoding="utf-8")
DECISION = (ROOT / "docs" / "decisions" / "0075-few-direct-dependencies.md").read_text(encoding="utf-8")
SCANNERS = ROOT / "tests" / "security" / "scanners"
PINNED = [path for path in files() if re.fullmatch(r"requirements.*\.txt", path.name) or path.parent == SCANNERS]

PIN = re.compile(r"^([a-z0-9._-]+)(?:\[[^\]]*\])?==(\S+?)(?: ;.*)?$")
FREE = ("MIT", "MIT-0", "0BSD", "BSD", "Apache", "PSF", "Zlib", "CC0", "ISC", "ZPL", "Zope")


def test_every_direct_dependency_has_its_row_in_the_decision_and_none_is_there_for_nothing() -> None:
    rows = _table(DECISION, "package")

    assert sorted(row[0] for row in rows) == sorted(_direct())
    assert all(cell for row in rows for cell in row)


@pytest.mark.parametrize("path", PINNED, ids=named)
def test_nothing_is_installed_that_its_hash_does_not_name(path: Path) -> None:
    entries = [each for each in _entries(path) if not each.startswith("#")]

    assert entries
    for entry in entries:
        first, *rest = entry.split(" --hash=")
        assert PIN.fullmatch(first.strip()), entry
        assert rest and all(re.fullmatch(r"sha256:[0-9a-f]{64}", each.strip()) for each in rest), entry


def test_what_serves_with_gunicorn_is_tested_on_the_same_pins() -> None:
    alone, several, tested = (set(_pins(ROOT / f"requirements{end}.txt")) for end in ("", "-production", "-dev"))

    assert {name for name, _ in several - alone} == {"gunicorn"}
    assert alone < several < tested


def test_each_scanner_has_pins_of_its_own_outside_those_of_the_program() -> None:
    groups = PROJECT["dependency-groups"]
    serving = {name for name, _ in _pins(ROOT / "requirements-dev.txt")}

    for path in SCANNERS.glob("*.txt"):
        (wanted,) = groups[path.stem]
        name = re.split(r"[<>=~]", wanted)[0]
        assert name in {pinned for pinned, _ in _pins(path)}
        assert name not in serving


def test_the_list_of_components_is_that_of_the_pins_with_their_hashes() -> None:
    components = _components(json.loads(PATH.read_text(encoding="utf-8")))
    listed = {(plain(each["name"]), each["version"]): {one["content"] for one in each["hashes"]} for each in components}

    assert listed == _pins_with_hashes(), "run `make sbom` after the pins have changed"


def test_what_a_file_of_ours_is_made_of_stands_in_the_list_and_on_the_page() -> None:
    whole = json.loads(PATH.read_text(encoding="utf-8"))
    (carried,) = [each for each in whole["components"] if each["type"] == "data"]
    made_of = [(each["name"], each["version"]) for each in carried["pedigree"]["ancestors"]]

    assert (ROOT / carried["name"]).is_file() and f"`{carried['name']}`" in SUPPLY
    rows = [row[:2] for row in _table(SUPPLY, "from")]
    assert len(rows) == len(made_of)
    assert all(any(name in said and pin in how for said, how in rows) for name, pin in made_of)


def test_the_list_of_components_says_what_each_needs() -> None:
    whole = json.loads(PATH.read_text(encoding="utf-8"))
    needs = {each["ref"]: each["dependsOn"] for each in whole["dependencies"]}
    name_of = {each["bom-ref"]: plain(each["name"]) for each in _components(whole)}

    assert {name_of[ref] for ref in needs[whole["metadata"]["component"]["bom-ref"]]} == set(_direct())
    assert needs.keys() - {whole["metadata"]["component"]["bom-ref"]} == name_of.keys()
    reached: set[str] = set()
    waiting = [whole["metadata"]["component"]["bom-ref"]]
    while waiting:
        found = set(needs[waiting.pop()]) - reached
        reached |= found
        waiting += found
    unneeded = {name_of[ref] for ref in name_of.keys() - reached}
    assert unneeded <= {"tzdata"}, "tzdata comes with pandas and psycopg on systems without time zones of their own"


def test_every_licence_is_of_the_allow_list_or_explained() -> None:
    explained = {row[0]: row for row in _table(SUPPLY, "package", "licence", "why it is taken")}
    open_questions = {name: licence for name, licence in _licences().items() if not _is_free(licence)}

    assert open_questions.keys() == explained.keys()
    assert all(row[2] for row in explained.values())


@pytest.mark.parametrize(
    ("licence", "free"),
    [
        ("MIT", True),
        ("BSD-3-Clause AND 0BSD AND MIT", True),
        ("Apache-2.0 OR GPL-3.0-only", True),
        ("MIT AND GPL-3.0-only", False),
        ("LGPL-3.0-only", False),
        ("Mozilla Public License 2.0 (MPL 2.0)", False),
        ("", False),
    ],
)
def test_a_licence_is_free_where_one_choice_is_free_in_all_its_parts(licence: str, free: bool) -> None:
    assert _is_free(licence) is free


def test_faults_of_others_are_mended_within_days_that_are_written_down() -> None:
    rows = _table(SUPPLY, "what is known")

    assert [re.match(r"\d+ days|every quarter", row[1])[0] for row in rows] == [  # type: ignore[index]
        "7 days",
        "30 days",
        "90 days",
        "every quarter",
    ]


def _components(whole: dict[str, Any]) -> list[dict[str, Any]]:
    """Those that are installed."""
    return [each for each in whole["components"] if each["type"] != "data"]


def _direct() -> list[str]:
    project = PROJECT["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["production"]
    return [re.split(r"[\[<>=~! ]", each)[0] for each in wanted]


def _entries(path: Path) -> list[str]:
    text = re.sub(r"^ +#.*\n?", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [re.sub(r"\s+", " ", each).strip() for each in text.replace("\\\n", " ").splitlines() if each.strip()]


def _pins(path: Path) -> list[tuple[str, str]]:
    found = [PIN.match(entry.split(" --hash=")[0].strip()) for entry in _entries(path)]
    return [(match[1], match[2]) for match in found if match]


def _pins_with_hashes() -> dict[tuple[str, str], set[str]]:
    path = ROOT / "requirements-production.txt"
    hashes = [set(re.findall(r"--hash=sha256:([0-9a-f]{64})", entry)) for entry in _entries(path)]
    return dict(zip(_pins(path), hashes, strict=True))


def _table(text: str, *heads: str) -> list[list[str]]:
    """The rows of the table whose first heads are these."""
    lines = iter(text.splitlines())
    start = "| " + " | ".join(heads) + " |"
    next(line for line in lines if line.startswith(start))
    next(lines)
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def _licences() -> dict[str, str]:
    """What each installed package of the pins says of its licence; one for another Python is not installed here."""
    found = {}
    for name, _ in _pins(ROOT / "requirements-production.txt"):
        try:
            said = metadata(name)
        except PackageNotFoundError:
            continue
        classified = [each.split(" :: ")[-1] for each in said.get_all("Classifier") or [] if each.startswith("License")]
        written = (said.get("License") or "").strip()
        found[name] = said.get("License-Expression") or " AND ".join(classified) or written.partition("\n")[0]
    return found


def _is_free(licence: str) -> bool:
    return any(
        all(re.match(rf"\(?(?:{'|'.join(FREE)})\b", part.strip()) for part in choice.split(" AND "))
        for choice in licence.split(" OR ")
    )
