"""The documents that *Help* shows: which there are, for whom, and what each says, as nodes for a template to write out.

They are the files of `docs/` themselves, so that nothing is worded twice. HTML in them is text like any other, and a
link leads to another of these documents or is none: no page of ours leads off this site.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from casereader.errors import AbsentError
from casereader.places import as_called_here
from casereader.vocabulary import Role

PICTURES = "pictures"


@dataclass(frozen=True)
class Guide:
    """A document. `name` stands in its address; `roles`: for whom it is written, beside whoever wants to read it."""

    name: str
    path: str
    roles: frozenset[Role] = frozenset()
    is_for_administrators: bool = False
    is_sheet: bool = False


@dataclass(frozen=True)
class Node:
    """A piece of a document. `kind` is markdown-it's; `to`: the document and the anchor that a link leads to."""

    kind: str
    children: tuple[Node, ...] = ()
    text: str = ""
    level: int = 0
    start: int = 1
    id: str = ""
    to: tuple[str, str] | None = None
    picture: str = ""
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Document:
    """What a document says. `nodes`: all but its title."""

    title: str
    nodes: tuple[Node, ...]

    @property
    def chapters(self) -> list[Node]:
        """The headings that lead through it."""
        return [node for node in self.nodes if node.kind == "heading" and node.level == 2]


READS = frozenset({Role.REVIEWER, Role.LOCAL_REVIEWER})
_OF_ROLES = (
    Guide("reviewer-sheet", "reviewer-sheet.md", READS, is_sheet=True),
    Guide("reviewer-guide", "reviewer-guide.md", READS),
    Guide("coordinator-guide", "coordinator-guide.md", frozenset({Role.COORDINATOR})),
    Guide("moderator-guide", "moderator-guide.md", frozenset({Role.MODERATOR})),
    Guide("lead-guide", "lead-guide.md", frozenset({Role.LEAD, Role.DEPUTY})),
    Guide("administrator-guide", "administrator-guide.md", is_for_administrators=True),
)
_OF_SUBJECTS = (
    "how-the-sample-is-drawn",
    "verify-a-draw",
    "glossary",
    "method",
    "method/sampling",
    "method/estimation",
    "method/results",
    "method/sequential",
    "method/readers",
    "method/disclosure",
    "method/checks",
    "instruments",
    "offline-weeks",
    "backups",
    "deployment",
    "settings",
    "commands",
    "upgrading",
)
GUIDES = {
    guide.name: guide for guide in (*_OF_ROLES, *(Guide(one.replace("/", "-"), f"{one}.md") for one in _OF_SUBJECTS))
}
_BY_PATH = {guide.path: guide.name for guide in GUIDES.values()}
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


def find(name: str) -> Guide:
    """The document of that name; AbsentError where there is none."""
    if name not in GUIDES:
        raise AbsentError("There is no such guide.")
    return GUIDES[name]


@cache
def read(folder: Path, guide: Guide) -> Document:
    """What a document of the folder says, of commands as they are called here; none changes while the program runs."""
    return parsed(as_called_here((folder / guide.path).read_text(encoding="utf-8")), path=guide.path)


def parsed(text: str, *, path: str) -> Document:
    """What a Markdown text says. `path`: its own under the folder, from which its links lead."""
    nodes = tuple(_children(SyntaxTreeNode(_MARKDOWN.parse(text)), path, iter(anchors(text))))
    title = "".join(_plain(node) for node in nodes[:1] if node.kind == "heading" and node.level == 1)
    return Document(title, nodes[1:] if title else nodes)


def anchor(heading: str) -> str:
    """The part of an address that leads to a heading, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(text: str) -> list[str]:
    """The anchors of a text's headings, in order; a heading that stands there twice has a number the second time."""
    names = [anchor(_words(one)) for one in SyntaxTreeNode(_MARKDOWN.parse(text)).walk() if one.type == "heading"]
    before = [names[:place].count(name) for place, name in enumerate(names)]
    return [f"{name}-{n}" if n else name for name, n in zip(names, before, strict=True)]


def pictures(folder: Path) -> frozenset[str]:
    """The names of the pictures that documents show."""
    return frozenset(path.name for path in (folder / PICTURES).glob("*.*") if path.suffix in (".svg", ".webp"))


def _words(tree: SyntaxTreeNode) -> str:
    return "".join(one.content for one in tree.walk() if one.type in ("text", "code_inline"))


def _plain(node: Node) -> str:
    return node.text + "".join(_plain(child) for child in node.children)


def _children(tree: SyntaxTreeNode, path: str, ids: Iterator[str]) -> Iterator[Node]:
    for child in tree.children:
        if child.type == "inline" or (child.type == "paragraph" and child.hidden):
            yield from _children(child, path, ids)  # a paragraph of a list without blank lines
        else:
            yield _node(child, path, ids)


def _node(tree: SyntaxTreeNode, path: str, ids: Iterator[str]) -> Node:
    kind = tree.type
    if kind == "heading":
        name = next(ids)
        return Node(kind, tuple(_children(tree, path, ids)), level=int(tree.tag[1:]), id=name)
    if kind == "link":
        to = _leads_to(str(tree.attrs["href"]), path)
        return Node(kind, tuple(_children(tree, path, ids)), to=to)
    if kind == "image":
        source = _beside(str(tree.attrs["src"]), path)
        folder, _, name = source.rpartition("/")
        return Node(kind, text=tree.content, picture=name if folder == PICTURES else "")
    if kind in ("softbreak", "hardbreak"):
        return Node("text", text=" ")
    children = tuple(_children(tree, path, ids)) if tree.children else ()
    if kind == "table":
        head = tuple(_plain(cell) for cell in children[0].children[0].children)
        return Node(kind, children, columns=head)
    if kind == "ordered_list":
        return Node(kind, children, start=int(str(tree.attrs.get("start", 1))))
    return Node(kind, children, text="" if children else tree.content)


def _leads_to(href: str, path: str) -> tuple[str, str] | None:
    target, _, part = href.partition("#")
    if "://" in href or href.startswith("mailto:"):
        return None
    name = _BY_PATH.get(_beside(target, path) if target else path)
    return (name, part) if name else None


def _beside(target: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
