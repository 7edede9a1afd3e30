"""HTML as a browser reads it: its tree, and what a strict reader complains of.

Two parsers made for speed do what one written in Python took most of the page tests' time for: Servo's tells the errors
of the standard's tokens and of its tree, the other builds the tree (the same, node by node, as Servo's).
"""

from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import markupever
import turbohtml


def tree_of(html: str) -> Element:
    """The tree that a browser makes of a page: names without namespaces, no comments."""
    read = turbohtml.parse(html, positions=False).root
    assert read is not None, "the standard gives every text a root"
    root = ElementTree.fromstring(read.canonicalize())  # noqa: S314 - what the parser wrote itself
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def errors_in(html: str) -> list[str]:
    """Every parse error of the HTML standard, in order, in the parser's words."""
    parser = markupever.Parser(markupever.HtmlOptions())
    parser.process(html)
    parser.finish()
    return list(parser.errors())
