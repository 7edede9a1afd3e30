"""What proves each requirement of ASVS and each threat: two lists kept by hand, and the documents made of them.

`asvs.csv` holds the requirements of level 1 and 2 and those of level 3 that this project takes on; `threats.csv` the
abuse cases. A row names the tests that prove it as `file::test`, several by a blank; one without a test says in `how`
why there is none. `python -m tests.security.evidence` writes `docs/security/asvs.md` and `docs/security/threats.md`.
"""

import ast
import csv
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.source import ROOT

HERE = Path(__file__).parent
FOLDER = ROOT / "docs" / "security"
OURS = "application"
SINGLE_SIGN_ON = "single sign-on"


@dataclass(frozen=True)
class Requirement:
    """One requirement of ASVS 5.0.0, how it is met here or why not, and the tests that prove it."""

    id: str
    level: int
    section: str
    scope: str
    requirement: str
    how: str
    tests: tuple[str, ...]


@dataclass(frozen=True)
class Threat:
    """One abuse case, the control against it, the files that hold the control, and the tests that prove it."""

    id: str
    abuse: str
    control: str
    where: tuple[str, ...]
    tests: tuple[str, ...]


def requirements() -> list[Requirement]:
    """The rows of `asvs.csv`, in its order."""
    return [
        Requirement(
            row["id"],
            int(row["level"]),
            row["section"],
            row["scope"],
            row["requirement"],
            row["how"],
            tuple(row["tests"].split()),
        )
        for row in _rows("asvs.csv")
    ]


def threats() -> list[Threat]:
    """The rows of `threats.csv`, in its order."""
    return [
        Threat(row["id"], row["abuse"], row["control"], tuple(row["where"].split()), tuple(row["tests"].split()))
        for row in _rows("threats.csv")
    ]


def _rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def exists(test: str) -> bool:
    """Whether `file::test` is a test of this project."""
    file, _, name = test.partition("::")
    return name in _tests_in(file)


@cache
def _tests_in(file: str) -> frozenset[str]:
    path = ROOT / file
    if not path.is_file():
        return frozenset()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name.lower().startswith("test")
    )


def asvs_document() -> str:
    """`docs/security/asvs.md`, whole."""
    rows = requirements()
    ours = [row for row in rows if row.scope == OURS and row.level < 3]
    third = [row for row in rows if row.level == 3]
    proved, reasoned = sum(bool(row.tests) for row in ours), sum(not row.tests for row in ours)
    lines = [
        "# Requirements of ASVS 5.0, and what proves each",
        "",
        "<!-- Made by `python -m tests.security.evidence` from `tests/security/asvs.csv`: change that. -->",
        "",
        f"Of the {len(ours)} requirements of levels 1 and 2 that apply to the application, **{proved} have named "
        f"automated tests and {reasoned} a written reason**; so do {len(third)} of level 3 that this project takes "
        f"on. {_count(rows, 'deployment')} are for whoever runs the service, {_count(rows, 'not applicable')} do not "
        f"apply; {_count(rows, SINGLE_SIGN_ON)} more apply where an organisation's own sign-in service is used. Which "
        "apply is one careful reading, row by row, and can be questioned there.",
        "",
        "The requirements are those of the [OWASP Application Security Verification Standard 5.0.0]"
        "(https://github.com/OWASP/ASVS), under CC BY-SA 4.0; this table is under the same licence.",
    ]
    section = ""
    for row in rows:
        if row.section != section:
            section = row.section
            lines += ["", f"## {row.id.rsplit('.', 1)[0]} {section}", "", "| id | level | requirement | here | tests |"]
            lines += ["| --- | --- | --- | --- | --- |"]
        here = row.how if row.scope == OURS else f"*{row.scope}*: {row.how}"
        lines.append(f"| {row.id} | {row.level} | {_cell(row.requirement)} | {_cell(here)} | {_links(row.tests)} |")
    return "\n".join(lines) + "\n"


def threats_document() -> str:
    """`docs/security/threats.md`, whole: the introduction kept by hand in `threats.md` here, and the table."""
    lines = [
        (HERE / "threats.md").read_text(encoding="utf-8").rstrip("\n"),
        "",
        "## Abuse cases, controls and proof",
        "",
        "<!-- Made by `python -m tests.security.evidence` from `tests/security/threats.csv`: change that. -->",
        "",
        "| id | abuse case | control | where | tests |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {row.id} | {_cell(row.abuse)} | {_cell(row.control)} | {_places(row.where)} | {_links(row.tests)} |"
        for row in threats()
    ]
    return "\n".join(lines) + "\n"


DOCUMENTS = {"asvs.md": asvs_document, "threats.md": threats_document}


def _count(rows: Iterable[Requirement], scope: str) -> int:
    return Counter(row.scope for row in rows)[scope]


def _cell(text: str) -> str:
    """A text in one cell of a table."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def _places(paths: tuple[str, ...]) -> str:
    return "<br>".join(f"[{path}](../../{path})" for path in paths)


def _links(tests: tuple[str, ...]) -> str:
    """Each test by its sentence, leading to its file."""
    return "<br>".join(
        f"[{name.removeprefix('test_').replace('_', ' ')}](../../{file})"
        for file, _, name in (test.partition("::") for test in tests)
    )


def main() -> None:
    """Write the documents anew."""
    for name, made in DOCUMENTS.items():
        (FOLDER / name).write_text(made(), encoding="utf-8")


if __name__ == "__main__":
    main()
