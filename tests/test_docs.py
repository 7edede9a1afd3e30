"""The documents are whole: every command, setting, make target and word is explained, and every link leads on."""

import ast
import enum
import importlib
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import click
import pytest
from flask import Flask

from casereader import guides, vocabulary
from casereader.models import metadata
from sampling.version import VERSION
from tests.source import ROOT, files, is_vendored, modules, named, parsed
from tests.web.app import make_app

README = ROOT / "README.md"
DOCUMENTS = tuple(path for path in files() if path.suffix == ".md")
MANUAL = "\n".join(
    path.read_text(encoding="utf-8") for path in DOCUMENTS if path == README or path.is_relative_to(ROOT / "docs")
)
PROSE = re.sub(r"^ *```.*?^ *```", "", MANUAL, flags=re.DOTALL | re.MULTILINE)
FENCED = "\n".join(re.findall(r"^ *```\w*\n(.*?)^ *```", MANUAL, flags=re.DOTALL | re.MULTILINE))
GUIDES = {path.name: path.read_text(encoding="utf-8") for path in DOCUMENTS if path.name.endswith("-guide.md")}
SPEAKS = ("templates/", "casereader/", "data/")
SPOKEN = [
    path for path in files() if path.suffix in (".html", ".py", ".js", ".toml") and named(path).startswith(SPEAKS)
]
ADMINISTRATORS = GUIDES["administrator-guide.md"]
AUDIENCES = ("Reviewers", "Coordinators", "Leads and moderators", "Administrators", "Engineers")
FLASK_S_OWN = {"run", "shell", "routes"}
UNNAMED = "docs/decisions/NNNN-what-it-is.md"
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


def test_every_option_that_the_documents_name_exists(app: Flask) -> None:
    options = {
        " ".join(words): {opt for option in command.params for opt in (*option.opts, *option.secondary_opts)}
        for words, command in _commands(app.cli)
    }
    unknown = [
        (name, option)
        for written in (*re.findall(r"`([^`]+)`", PROSE), *re.findall(r"^ *(.*--.*)$", FENCED, flags=re.MULTILINE))
        for name, rest in re.findall(r"flask --app app ([a-z-]+(?: [a-z-]+)?)((?:.|\n)*)", written)
        for option in re.findall(r"(?<!\S)--[a-z][a-z0-9-]+", rest)
        if option != "--help" and option not in options.get(name, options.get(name.split(" ")[0], set()))
    ]

    assert "--anchor" in options["audit verify"]
    assert unknown == []


def test_every_setting_is_in_the_list_of_settings_and_no_other() -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[A-Z][^|]*) \|", text, flags=re.MULTILINE)

    assert set(re.findall(r"`([A-Z_]+)`", " ".join(rows))) == _settings()


def test_the_guide_for_administrators_says_of_every_setting_when_it_is_needed() -> None:
    part = ADMINISTRATORS.partition("\n## 9. Settings\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`[A-Z][^|]*) \|", part, flags=re.MULTILINE)

    assert set(re.findall(r"`([A-Z_]+)`", " ".join(rows))) == _settings()
    assert set(re.findall(r"\b([A-Z]+_[A-Z_]*[A-Z])\b", "\n".join(GUIDES.values()))) - {"FLASK_DEBUG"} <= _settings()


def test_what_the_guide_for_administrators_quotes_is_what_the_program_says() -> None:
    part = ADMINISTRATORS.partition("\n## 10. When it does not start\n")[2].partition("\n## ")[0]
    quoted = [
        words for row in re.findall(r"^\| (“[^|]*) \|", part, flags=re.M) for words in re.findall("“([^”]+)”", row)
    ]
    sources = " ".join(
        node.value
        for path in sorted((ROOT / "casereader").rglob("*.py"))
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    config = [says for says in _said_by("config.py", "ConfigError") if not says.endswith("….")]  # passed on from below
    refusals = [
        *config,
        *_said_by("private_files.py", "OpenToOthersError"),
        *_said_by("outside/service.py", "RefusedError"),
    ]

    assert [words for words in quoted if words not in sources] == []
    assert len(refusals) > 12
    assert [says for says in refusals if not any(words in says for words in quoted)] == []


def test_every_page_that_a_guide_names_exists(app: Flask) -> None:
    pages = {rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    addresses = {
        address for text in GUIDES.values() for address in re.findall(r"`(?:https://YOUR-HOST)?(/[a-z][a-z/-]*)`", text)
    }

    assert len(addresses) >= 6
    assert addresses - pages == set()


def test_a_per_cent_sign_stands_beside_its_number_as_on_the_pages() -> None:
    apart = re.compile(r"\d[ \u00a0\u202f]%(?![\w(}])")
    written = [path for path in files() if path.suffix in (".md", ".html", ".svg", ".cff") and not is_vendored(path)]

    assert [
        (named(path), line.strip()[:80])
        for path in written
        for line in path.read_text(encoding="utf-8").splitlines()
        if apart.search(line)
    ] == []


def test_what_a_guide_says_to_press_or_to_read_stands_on_a_page_in_those_words() -> None:
    # With a capital it is a link, a button, a label or a heading: a text of its own. Other words may be in a sentence.
    pages, labels = _plain(" ".join(path.read_text(encoding="utf-8") for path in SPOKEN)).lower(), _labels()
    said = {
        (name, _plain(words).strip(" .,:;"))
        for name, text in GUIDES.items()
        for emphasis in re.findall(r"(?<![\w*])\*([^*\n|][^*]*?)\*(?![\w*])", re.sub(r"`[^`]*`|\*\*", "", text))
        for words in re.split("[→…]", emphasis)
    }

    assert len(said) > 200
    assert "Publication" in labels and "Issues" not in labels, "a caption “Issues of …” is no link of that name"
    assert {(name, words) for name, words in said if words not in labels and not _is_within(words, pages)} == {
        ("reviewer-guide.md", "Saved at 14:02 UTC"),
        ("reviewer-guide.md", "Not saved yet. Trying again. 2 answers waiting"),
        ("reviewer-guide.md", "1 answer waiting"),
    }, "a script makes these of a time and a number"


def test_every_guide_is_linked_from_the_readme() -> None:
    assert [name for name in GUIDES if f"(docs/{name})" not in README.read_text(encoding="utf-8")] == []


def test_every_document_is_in_the_list_of_documents() -> None:
    listed = {
        (lists.parent / target.partition("#")[0]).resolve()
        for lists in (
            ROOT / "docs" / "README.md",
            ROOT / "docs" / "security" / "README.md",
            ROOT / "docs" / "method.md",
        )
        for target in re.findall(r"\]\(([^)]+)\)", lists.read_text(encoding="utf-8"))
    }
    missing = [path for path in DOCUMENTS if path.is_relative_to(ROOT / "docs") and path not in listed]

    assert [named(path) for path in missing if path.name != "README.md" and path.parent.name != "decisions"] == []


def test_the_readme_says_how_to_start_and_how_to_test_and_what_each_promise_rests_on() -> None:
    text = README.read_text(encoding="utf-8")
    promises = text.partition("\n## What it promises")[2].partition("\n## ")[0]
    rows = [row for row in promises.splitlines() if row.startswith("| **")]

    assert "\n```\nmake run\nmake test\n```\n" in text
    assert len(text.split()) < 1500
    assert [row for row in rows if not re.search(r"`(?:make|sh|\.venv/bin/python) [^`]+`", row)] == []
    assert len(rows) == 4


def test_every_path_that_a_document_names_is_there() -> None:
    own = r"(?:bench|casereader|data|docs|sampling|templates|tests)"
    gone = {
        (named(path), written)
        for path in DOCUMENTS
        if path.parent.name != "decisions" and path.name != "CHANGELOG.md"  # they tell of what was
        for code in re.findall(r"`([^`\n]+)`", path.read_text(encoding="utf-8"))
        for written in re.findall(rf"(?:^|\s)({own}/[\w./-]*\w/?)(?=$|\s|::)", code)
        if not (ROOT / written).exists() and "NNNN" not in written
    }

    assert gone == set()


def test_the_codebook_is_what_the_program_prints(app: Flask) -> None:
    printed = app.test_cli_runner().invoke(args=["instrument", "codebook", "CRR-1"]).output

    assert printed.strip() == (ROOT / "docs" / "codebook-crr-1.html").read_text(encoding="utf-8").strip(), "make docs"


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


def test_what_the_glossary_names_of_the_code_is_there() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    last = [row.split("|")[-2] for row in glossary.splitlines() if row.startswith("| ")]
    code = " ".join(f"{named(path)} {path.read_text()}" for path in modules("casereader", "sampling").values())
    named_there = {name for cell in last for name in re.findall(r"`([\w.]+)`", cell)}

    assert len(named_there) > 80
    assert {name for name in named_there if not all(part in code for part in name.split("."))} == set()


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


def test_the_changelog_begins_with_what_is_not_released_yet_or_with_this_version_for_each_audience() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest, *_ = re.split(r"^## ", changelog, flags=re.MULTILINE)[1:]

    assert newest.startswith(("[Unreleased]", f"[{VERSION}] - "))
    audiences = re.findall(r"^### (.+)$", newest, flags=re.MULTILINE)
    assert audiences == [each for each in AUDIENCES if each in audiences]


def test_every_file_and_list_that_the_guide_for_engineers_names_is_there() -> None:
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    paths = set(re.findall(r"`((?:casereader|docs|data|sampling|templates|tests)/[^` ]*)`", guide)) - {UNNAMED}
    lists = re.findall(r"`([A-Z][A-Z_]+)`(?:,? and `[A-Z_]+`)? (?:of|in) `([^`]+\.py)`", guide)

    assert len(paths) > 40 and len(lists) > 8
    assert {path for path in paths if not (ROOT / path).exists()} == set()
    assert {one for one in lists if not re.search(rf"^{one[0]}\b", (ROOT / one[1]).read_text(), flags=re.M)} == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_every_link_in_a_document_leads_to_a_file_and_a_heading_that_are_there(document: Path) -> None:
    for target, part in re.findall(r"\]\(([^)#\s]*)(?:#([^)]*))?\)", document.read_text(encoding="utf-8")):
        if "://" not in target:
            leads_to = document.parent / target if target else document
            assert leads_to.exists(), target
            if part and leads_to.suffix == ".md":
                assert part in guides.anchors(leads_to.read_text(encoding="utf-8")), f"{target}#{part}"


def _commands(group: click.Group, before: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from _commands(command, (*before, name))
        else:
            yield (*before, name), command


def _plain(text: str) -> str:
    """Words without markup, blanks and the seams of Python's strings."""
    without = re.sub(r"</?(?:em|strong|span|a|code)\b[^>]*>", "", re.sub(r'"\n\s*f?"', "", text))
    return " ".join(unescape(without).split()).replace("’", "'")


def _is_within(words: str, pages: str) -> bool:
    return not words[:1].isupper() and words.lower() in pages


def _labels() -> set[str]:
    """Each text that stands by itself between two tags or in quotes, and how it begins before a stop."""
    labels = set()
    for path in SPOKEN:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".py":
            nodes = list(ast.walk(parsed(path)))
            told = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}  # docstrings are on no page
            strings = [node for node in nodes if isinstance(node, ast.Constant) and id(node) not in told]
            texts = [node.value for node in strings if isinstance(node.value, str)]
        elif path.suffix == ".html":
            shown = re.sub(r'\{#.*?#\}|<span class="visually-hidden">.*?</span>', "", text, flags=re.DOTALL)
            texts = re.findall(r'"([^"{}<>]*)"', shown)
            texts += re.split(r"<[^<>]*>|\{%.*?%\}|\{\{.*?\}\}", re.sub(r"</?(?:span|strong|em)\b[^>]*>", "", shown))
        else:
            texts = [found.strip("\"'`") for found in re.findall(r""""[^"\n]*"|'[^'\n]*'|`[^`]*`""", text)]
        for said in map(_plain, texts):
            labels |= {said.strip(" .,:;"), *(said[: stop.start()] for stop in re.finditer("[.,:;…]", said))}
    return labels


def _settings() -> set[str]:
    return {
        node.value
        for path in (ROOT / "casereader" / "config.py", ROOT / "casereader" / "outside" / "service.py")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"[A-Z][A-Z_]{3,}", node.value)
    } - FOR_TESTS


def _said_by(module: str, error: str) -> list[str]:
    """What a module says when it raises that error, with a gap for each value."""
    raised = [node.exc for node in ast.walk(parsed(ROOT / "casereader" / module)) if isinstance(node, ast.Raise)]
    calls = [call for call in raised if isinstance(call, ast.Call) and ast.unparse(call.func) == error]
    return [
        "".join(
            part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else "…"
            for part in (call.args[0].values if isinstance(call.args[0], ast.JoinedStr) else [call.args[0]])
        )
        for call in calls
        if not isinstance(call.args[0], ast.Call)
    ]


def _check_help(command: click.Command, name: str) -> None:
    assert command.help, f"{name} has no help"
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, f"{name} {option.opts[0]} has no help"
