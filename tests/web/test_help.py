"""Help: the guides of docs/ as pages, each page leading to the chapter that is about it, for whoever opens it."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from casereader import guides
from casereader.guides import GUIDES, Node
from casereader.vocabulary import Role
from casereader.web.access import Door
from casereader.web.help_chapters import CHAPTERS, address
from tests.cast import PASSWORD, Cast
from tests.source import ROOT
from tests.web.client import PageClient, page_of

DOCS = ROOT / "docs"
LEAD_TO_THE_BEGINNING = {  # pages of everybody, or of nobody yet
    "home",
    "account",
    "help",
    "readiness",
    "searching",
    "autosave",
    "time_spent",
    "static",
}


def test_the_list_of_documents_marks_those_that_help_shows_and_no_others() -> None:
    rows = [row for row in (DOCS / "README.md").read_text(encoding="utf-8").splitlines() if row.startswith("| [")]
    marked = {path for row in rows if "◆" in row for path in re.findall(r"\]\(([^)]+)\)", row.split(" | ")[0])}

    assert marked == {guide.path for guide in GUIDES.values() if not guide.path.startswith("method/")}


def test_every_chapter_that_a_page_leads_to_is_there() -> None:
    known = {name: {node.id for node in _every(guides.read(DOCS, guide).nodes)} for name, guide in GUIDES.items()}
    missing = [
        (page, guide, heading)
        for page, chapters in CHAPTERS.items()
        for guide, heading in chapters
        if guides.anchor(heading) not in known[guide]
    ]

    assert missing == []


def test_every_kind_of_page_leads_to_a_chapter(app: Flask) -> None:
    named = {page.partition(".")[0] for page in CHAPTERS}

    assert {name.partition(".")[0] for name in app.view_functions} - named == LEAD_TO_THE_BEGINNING
    assert {page for page in CHAPTERS if "." in page} <= app.view_functions.keys()


@pytest.mark.parametrize(
    ("endpoint", "opens", "leads_to"),
    [
        ("conflicts.mine", {Role.REVIEWER}, "/help/reviewer-guide#before-you-start-a-record"),
        ("conflicts.mine", {Role.MODERATOR}, "/help/moderator-guide#signing-in"),
        ("signing.methods", {Door.ADMINISTRATOR}, "/help/administrator-guide#4-the-second-step"),
        ("evaluation.section", {Role.COORDINATOR}, "/help/lead-guide#2-read-the-roll-up"),
        ("evaluation.show", {Role.LEAD}, "/help/lead-guide#4-write-the-evaluation"),
        ("home.index", {Role.LEAD}, "/help/lead-guide"),
        ("home.index", {Role.REVIEWER}, "/help/reviewer-guide"),
        ("home.index", {Role.REVIEWER, Role.MODERATOR}, "/help"),
        ("help.show", {Role.LEAD}, "/help"),
        (None, set(), "/help"),
    ],
)
def test_a_page_leads_to_the_chapter_that_is_written_for_the_person(
    app: Flask, endpoint: str | None, opens: set[Role | Door], leads_to: str
) -> None:
    with app.test_request_context():
        assert address(endpoint, frozenset(opens)) == leads_to


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_guide_can_be_read_and_its_links_lead_to_chapters_that_are_there(client: PageClient, cast: Cast) -> None:
    client.sign_in(cast.reviewer.email, PASSWORD)
    known = {name: {node.id for node in _every(guides.read(DOCS, guide).nodes)} for name, guide in GUIDES.items()}
    for name, guide in GUIDES.items():
        assert client.get(f"/help/{name}").status_code == 200
        targets = [node.to for node in _every(guides.read(DOCS, guide).nodes) if node.to]
        assert [(page, part) for page, part in targets if part and part not in known[page]] == [], name
    index = page_of(client.get("/help"))
    assert index.text.index("Guide for reviewers") < index.text.index("Everything else")
    assert index.text.index("Everything else") < index.text.index("Guide for coordinators")
    assert client.get("/help/pictures/three-steps.svg").mimetype == "image/svg+xml"
    for absent in ("/help/README", "/help/pictures/three-steps", "/help/pictures/..%2FREADME.md"):
        assert client.get(absent).status_code == 404


def test_what_a_document_holds_becomes_no_markup_and_leads_nowhere_else() -> None:
    found = guides.parsed(
        "# T\n\n<script>x</script> and <b>b</b> [a](javascript:x) [b](https://example.org) [c](glossary.md#d)"
        " ![p](../../etc/x.webp)\n\n<div>\nblock\n</div>\n",
        path="lead-guide.md",
    )
    nodes = list(_every(found.nodes))

    assert {node.kind for node in nodes} == {"paragraph", "text", "link", "image"}
    assert [node.to for node in nodes if node.kind == "link"] == [None, ("glossary", "d")]
    assert [node.picture for node in nodes if node.kind == "image"] == [""]
    assert "<script>x</script> and <b>b</b>" in "".join(node.text for node in nodes)


def test_a_heading_has_the_anchor_that_github_gives_it() -> None:
    text = "# A\n## 1. Begin, *now*\n## `flask --app app`\n## The panel’s view: é\n## A\n```\n# no\n```\n"

    assert guides.anchors(text) == ["a", "1-begin-now", "flask---app-app", "the-panels-view-é", "a-1"]


def _every(nodes: tuple[Node, ...]) -> list[Node]:
    return [one for node in nodes for one in (node, *_every(node.children))]
