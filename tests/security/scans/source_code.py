"""The scanners that read source: bandit, semgrep with our own rules, detect-secrets."""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path

from tests.security.findings import Finding, Scanned
from tests.security.scans.running import line_of, said_by, tool
from tests.security.stage import Stage
from tests.source import ROOT, files, is_text, is_vendored, named

SECURITY = Path(__file__).resolve().parent.parent
SOURCE = ("app.py", "casereader", "sampling")
MARKED = re.compile(r"(ruleid|ok): ([\w-]+)")
Marks = set[tuple[str, int, str]]


def bandit(stage: Stage) -> Scanned:
    """Bandit on the program, and on the planted flaws."""
    program = tool("bandit", "bandit")

    def scan(*paths: Path) -> list[Finding]:
        said = json.loads(
            said_by([program, "-q", "-f", "json", "-r", *paths], seconds=600, folder=stage.own_folder_of_tool("bandit"))
        )
        if said["errors"]:
            raise RuntimeError(f"bandit could not read {said['errors'][:3]}")
        return [_finding("bandit", each["test_id"], each["filename"], each["line_number"]) for each in said["results"]]

    planted = {finding.rule for finding in scan(SECURITY / "planted" / "flaws.py")}
    expected = {"B608": "SQL put together", "B602": "a shell", "B311": "chance that can be guessed"}
    return Scanned(
        "bandit",
        ", ".join(expected.values()),
        [what for rule, what in expected.items() if rule not in planted],
        f"{sum(1 for _ in _sources('.py'))} modules",
        scan(*(ROOT / name for name in SOURCE)),
    )


def semgrep(stage: Stage) -> Scanned:
    """Our rules on the program, its scripts and its templates, and on their own samples."""
    folder = stage.own_folder_of_tool("semgrep")
    # Copies: semgrep leaves out, by itself, whatever lies in a folder called tests.
    shutil.copytree(SECURITY / "rules" / "samples", folder / "samples")
    for name in (*SOURCE, "templates"):
        here = ROOT / name
        copy = shutil.copytree if here.is_dir() else shutil.copy
        copy(here, folder / name)
    config = SECURITY / "rules" / "casereader.yml"
    command = [tool("semgrep", "semgrep"), "scan", "--config", config, "--metrics=off", "--disable-version-check"]
    command += ["--json", "--no-git-ignore", "-j", "1", "--exclude", "vendor", folder]
    said = json.loads(said_by(command, seconds=600, folder=folder))
    if said["errors"]:
        raise RuntimeError(f"semgrep could not read {str(said['errors'])[:500]}")
    found = {
        (Path(each["path"]).relative_to(folder).as_posix(), each["start"]["line"], each["check_id"].rpartition(".")[2])
        for each in said["results"]
    }
    bad, good = marks()
    of_samples = {each for each in found if each[0].startswith("samples/")}
    missed = [f"{rule} at {place}:{line}" for place, line, rule in sorted(bad - of_samples)]
    missed += [f"{rule} at {place}:{line}, which is sound" for place, line, rule in sorted(of_samples - bad)]
    return Scanned(
        "semgrep",
        f"{len(bad)} bad lines among {len(good)} sound ones",
        missed,
        f"{len({rule for _, _, rule in bad})} rules on {len(said['paths']['scanned']) - len(_samples())} files",
        [_finding("semgrep", rule, ROOT / place, line) for place, line, rule in sorted(found - of_samples)],
    )


def detect_secrets(stage: Stage) -> Scanned:
    """Detect-secrets on every file of the project, and on one with a key made for this run."""
    folder = stage.own_folder_of_tool("detect-secrets")
    # Copies, with the planted file among them: one scan, so that what finds the one has looked at the others.
    read = [path for path in files() if is_text(path) and not is_vendored(path) and not _is_of_hashes(path)]
    for path in read:
        copy = folder / "project" / named(path)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    planted = folder / "project" / "casereader" / "planted_settings.py"
    key = secrets.token_hex(20)
    planted.write_text(f'"""Settings."""\n\nAPI_KEY = "{key}"\nAWS_KEY = "AKIA{secrets.token_hex(8).upper()}"\n')
    command = [tool("detect-secrets", "detect-secrets"), "-c", "1", "scan", "--all-files", "project"]
    results = json.loads(said_by(command, seconds=600, folder=folder))["results"]
    found = [
        (each["type"], Path(place).relative_to("project"), each["line_number"])
        for place, lines in results.items()
        for each in lines
    ]
    rules = {rule for rule, place, _ in found if place.name == planted.name}
    return Scanned(
        "detect-secrets",
        "a key in a file",
        [rule for rule in ("Hex High Entropy String", "AWS Access Key", "Secret Keyword") if rule not in rules],
        f"{len(read)} files",
        [
            _finding("detect-secrets", rule, ROOT / place, number)
            for rule, place, number in found
            if place.name != planted.name
        ],
    )


def marks() -> tuple[Marks, Marks]:
    """The lines of the samples that rules must find, and those that they must not."""
    found: dict[str, Marks] = {"ruleid": set(), "ok": set()}
    for path in _samples():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if mark := MARKED.search(line):
                found[mark[1]].add((f"samples/{path.name}", number + 1, mark[2]))
    return found["ruleid"], found["ok"]


def _samples() -> list[Path]:
    return sorted((SECURITY / "rules" / "samples").iterdir())


def _sources(ending: str) -> Iterable[Path]:
    return (path for path in files() if path.suffix == ending and path.relative_to(ROOT).parts[0] in SOURCE)


def _is_of_hashes(path: Path) -> bool:
    """Whether a file is a list of digests of what is public: pins, components, known answers, worked certificates."""
    in_tests = named(path).startswith(("tests/reference/", "tests/golden/", "tests/security/scanners/"))
    return in_tests or path.name.startswith("requirements") or path.name == "sbom.json"


def _finding(scanner: str, rule: str, place: str | Path, number: int) -> Finding:
    path = Path(place)
    shown = named(path) if path.is_relative_to(ROOT) else path.name
    return Finding(scanner, rule, f"{shown}:{number}", line_of(path, number))
