"""The documents are whole: every command, setting, make target and word is explained, and every link leads on."""

import ast
import enum
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from flask import Flask

from casereader import vocabulary
from casereader.models import metadata
from tests.source import ROOT, files, named, parsed
from tests.web.app import make_app

README = ROOT / "README.md"
DOCUMENTS = tuple(path for path in files() if path.suffix == ".md")
MANUAL = "\n".join(
    path.read_text(encoding="utf-8") for path in DOCUMENTS if path == README or path.is_relative_to(ROOT / "docs")
)
FLASK_S_OWN = {"run", "shell", "routes"}
FOR_TESTS = {"TESTING"}


@pytest.fixture
def app(sqlite_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application, once: its commands do not depend on the database."""
    made = make_app(sqlite_url, tmp_path)
    yield made
    made.extensions["casereader_engine"].dispose()


def test_every_page_that_is_said_to_answer_the_national_review_exists(app: Flask) -> None:
    text = (ROOT / "docs" / "method.md").read_text(encoding="utf-8")
    _, _, rest = text.partition("## What the national review says, and where it is answered\n")
    rows = [line for line in rest.partition("\n## ")[0].splitlines() if line.startswith("| ")][1:]
    named_in = [re.findall(r"`(/[^`]*)`", row.rsplit("|", 2)[1]) for row in rows]
    pages = {rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}

    assert len(rows) >= 20
    assert all(named_in), "a point without a page is said under the table"
    assert {page for pages_of_row in named_in for page in pages_of_row} <= pages


def test_every_flask_command_is_documented_and_has_help(app: Flask) -> None:
    for words, command in _commands(app.cli):
        if words[0] not in FLASK_S_OWN:
            assert f"flask --app app {' '.join(words)}" in MANUAL
            _check_help(command, " ".join(words))


def test_every_sampling_command_and_option_is_documented_and_has_help() -> None:
    group = importlib.import_module("sampling.__main__").main
    assert isinstance(group, click.Group)

    for words, command in _commands(group):
        assert f"python -m sampling {' '.join(words)}" in MANUAL
        _check_help(command, " ".join(words))


def test_every_command_that_the_documents_name_exists(app: Flask) -> None:
    existing = {" ".join(words) for words, _ in _commands(app.cli)}
    groups = {name.split(" ")[0] for name in existing if " " in name}

    for written in re.findall(r"flask --app app ([a-z][a-z-]*(?: [a-z][a-z-]*)?)", MANUAL):
        name = written if written.split(" ")[0] in groups else written.split(" ")[0]
        assert name in existing, f"the documents name `flask --app app {written}`, which does not exist"


def test_every_setting_is_documented() -> None:
    settings = {
        node.value
        for node in ast.walk(parsed(ROOT / "casereader" / "config.py"))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"[A-Z][A-Z_]{3,}", node.value)
    }

    assert len(settings) > 5
    assert {name for name in settings - FOR_TESTS if f"| `{name}` |" not in README.read_text(encoding="utf-8")} == set()


def test_every_make_target_is_documented() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z][a-z-]*):.*## ", makefile, flags=re.MULTILINE)

    assert "test" in targets
    assert [target for target in targets if f"`make {target}`" not in MANUAL] == []
    assert {name for name in re.findall(r"`make ([a-z-]+)", MANUAL) if f"\n{name}:" not in makefile} == set()


def test_every_word_with_a_fixed_meaning_is_in_the_glossary() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    entries = [row.split("|")[1].strip() for row in glossary.splitlines() if row.startswith("|")]
    explained = [word.strip() for entry in entries for word in re.split(r"[·,]", entry)]
    kinds = [kind for kind in vars(vocabulary).values() if isinstance(kind, enum.EnumMeta) and list(kind)]

    assert {str(word.value) for kind in kinds for word in kind} - set(explained) == set()
    assert len(entries) == len(set(entries)) + 2 * (glossary.count("\n## ") - 1)  # the heads repeat, nothing else


def test_every_table_is_in_the_glossary() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    tables = {
        node.name
        for path in (ROOT / "casereader" / "models").glob("*.py")
        for node in parsed(path).body
        if isinstance(node, ast.ClassDef) and any(keyword.arg == "table" for keyword in node.keywords)
    }

    assert len(tables) == len(metadata.tables)
    assert {name for name in tables if f"`{name}`" not in glossary} == set()


def test_every_decision_says_its_context_and_what_follows() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))

    assert decisions
    assert len({path.name[:4] for path in decisions}) == len(decisions), "two decisions have one number"
    for path in decisions:
        heads = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        assert re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", path.name), path.name
        assert heads[1:] == ["Context", "Decision", "Consequences"], path.name


def test_the_changelog_tells_what_is_not_released_yet() -> None:
    heads = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), flags=re.MULTILINE)

    assert heads[0] == "[Unreleased]"


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_every_link_in_a_document_leads_to_a_file(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (document.parent / target).exists(), target


def _commands(group: click.Group, before: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from _commands(command, (*before, name))
        else:
            yield (*before, name), command


def _check_help(command: click.Command, name: str) -> None:
    assert command.help, f"{name} has no help"
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, f"{name} {option.opts[0]} has no help"
