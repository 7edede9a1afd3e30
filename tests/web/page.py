"""A page as a test sees it: its words, links and forms, and everything that is unsound about its HTML."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element

from tests.web.sound_html import errors_in, tree_of

NOT_READ = ("script", "style", "template")
LABELLED = ("input", "select", "textarea")
NEED_NO_LABEL = ("hidden", "submit", "button", "image", "reset")
LEAKS = re.compile(r"\bnan\b|\bNaN\b|\bNaT\b|\{\{|\}\}|\{%|%\}|\bUndefined\b|datetime\.|<class |object at 0x")
REFERENCES = ("aria-labelledby", "aria-describedby", "aria-controls", "aria-owns")
NUMBER = re.compile(r"\b[0-9a-f]{16}\b")  # of a request, on the page of its error
IN_EVERY_HEAD = ("/lock", "/sign-out", "/search")


class Page:
    """One HTML page. Reading it never raises for bad HTML: `faults` lists what is wrong."""

    def __init__(self, html: str, *, status: int = 200) -> None:
        self.html = html
        self.status = status
        self.root = tree_of(html)

    @property
    def heading(self) -> str:
        """The words of the first h1."""
        found = self.root.find(".//h1")
        return "" if found is None else words(found)

    @property
    def title(self) -> str:
        """The words of the title."""
        found = self.root.find(".//title")
        return "" if found is None else words(found)

    @property
    def text(self) -> str:
        """All words of the body, blanks collapsed."""
        body = self.root.find("body")
        return "" if body is None else words(body)

    @property
    def links(self) -> list[str]:
        """Where the links lead, in order."""
        return [element.get("href", "") for element in self.root.iter("a") if element.get("href") is not None]

    @property
    def errors(self) -> list[str]:
        """The messages of the error summary, in order."""
        return [words(link) for summary in self._error_summaries() for link in summary.iter("li")]

    def with_class(self, name: str) -> list[Element]:
        """The elements of a class, in order."""
        return [element for element in self.root.iter() if name in element.get("class", "").split()]

    def rows(self, table: int = 0) -> list[list[str]]:
        """The words of a table's cells, row by row, the headers included."""
        found = list(self.root.iter("table"))[table]
        return [[words(cell) for cell in row if cell.tag in ("th", "td")] for row in found.iter("tr")]

    def form(self, action: str | None = None) -> Element:
        """The form that posts to `action`, or the only one that is not of every page’s head, with all its fields.

        A field may stand outside its form and name it; it then comes last.
        """
        forms = [form for form in self.root.iter("form") if form.get("method", "").lower() == "post"]
        if action is None:
            found = [form for form in forms if form.get("action") not in IN_EVERY_HEAD]
        else:
            found = [form for form in forms if form.get("action") == action]
        if len(found) != 1:
            raise AssertionError(f"{len(found)} forms on “{self.heading}” post to {action or 'one place'}")
        whole = Element(found[0].tag, found[0].attrib)
        whole.extend(found[0])
        if name := whole.get("id"):
            within = set(found[0].iter())
            whole.extend(one for one in self.root.iter() if one.get("form") == name and one not in within)
        return whole

    def faults(self) -> list[str]:
        """Everything unsound about the page, in words; empty for a sound one."""
        return [
            *self._parse_faults(),
            *self._heading_faults(),
            *self._id_faults(),
            *self._label_faults(),
            *self._form_faults(),
            *self._summary_faults(),
            *self._inline_faults(),
            *self._picture_faults(),
            *self._table_faults(),
        ]

    def _parse_faults(self) -> Iterator[str]:
        for error in errors_in(self.html):
            yield f"HTML that a strict parser refuses: {error}"
        if not self.root.get("lang"):
            yield "no language on <html>"
        if leaks := sorted(set(LEAKS.findall(self.text))):
            yield f"words that only a program would say: {leaks}"

    def _heading_faults(self) -> Iterator[str]:
        headings = [words(heading) for heading in self.root.iter("h1")]
        if len(headings) != 1 or not headings[0]:
            yield f"not one h1 with words, but {headings}"
            return
        title = self.title.removeprefix("Error: ") if self.status in (422, 429) else self.title
        if not title.startswith(f"{headings[0]} – ") or not title.endswith(" – casereader"):
            yield f"title “{self.title}” does not match h1 “{headings[0]}”"
        for of_what in self._of_what():
            if of_what not in title:
                yield f"title “{self.title}” does not say that it is of “{of_what}”, as it must in a list of tabs"

    def _of_what(self) -> Iterator[str]:
        """What the page says it is of: its record, and the line above its heading."""
        for element in self.with_class("cr_identity__reference"):
            yield words(element).removeprefix("Case ")
        for element in self.with_class("cr_title__caption"):
            said = words(element)
            yield "Practice" if said.startswith("Practice: ") else said

    def _id_faults(self) -> Iterator[str]:
        ids = [element.get("id", "") for element in self.root.iter() if element.get("id") is not None]
        for name, times in Counter(ids).items():
            if times > 1 or not name:
                yield f"id “{name}” stands {times} times"
        for element in self.root.iter():
            for attribute in REFERENCES:
                for name in element.get(attribute, "").split():
                    if name not in ids:
                        yield f"{attribute} of <{element.tag}> names no element: “{name}”"
        for link in self.links:
            if link.startswith("#") and link[1:] not in ids:
                yield f"link within the page leads nowhere: “{link}”"

    def _label_faults(self) -> Iterator[str]:
        labels = list(self.root.iter("label"))
        named = {label.get("for") for label in labels if words(label)}
        wrapped = {id(field) for label in labels if words(label) for field in label.iter()}
        fields = {element.get("id") for tag in LABELLED for element in self.root.iter(tag)}
        for label in labels:
            if label.get("for") is not None and label.get("for") not in fields:
                yield f"label “{words(label)}” is for no field"
        for field in (field for tag in LABELLED for field in self.root.iter(tag)):
            if field.tag == "input" and field.get("type") in NEED_NO_LABEL:
                continue
            by_itself = field.get("aria-label") or field.get("aria-labelledby")
            if not (by_itself or field.get("id") in named or id(field) in wrapped):
                yield f"<{field.tag} name={field.get('name')}> has no label"
        for field in self.root.iter("select"):
            if not all(words(option) for option in field.iter("option")):
                yield f"<select name={field.get('name')}> offers a choice without words"

    def _form_faults(self) -> Iterator[str]:
        for form in self.root.iter("form"):
            where = form.get("action") or "its own address"
            method = form.get("method", "").lower()
            inputs = list(form.iter("input"))
            if method not in ("get", "post"):
                yield f"form to {where} has no method"
            tokens = [field for field in inputs if field.get("name") == "csrf_token" and field.get("value")]
            if len(tokens) != (method == "post"):
                yield f"form to {where} by {method} has {len(tokens)} csrf tokens"
            takes_a_file = any(field.get("type") == "file" for field in inputs)
            if takes_a_file and form.get("enctype") != "multipart/form-data":
                yield f"form to {where} takes a file but is not multipart"

    def _summary_faults(self) -> Iterator[str]:
        summaries = self._error_summaries()
        if len(summaries) != (self.status == 422) and self.status != 429:  # a form, or a page that only says it
            yield f"{len(summaries)} error summaries on a page with status {self.status}"
        for summary in summaries:
            if not list(summary.iter("li")):
                yield "an error summary that names no error"

    def _inline_faults(self) -> Iterator[str]:
        for element in self.root.iter():
            if element.tag == "style" or element.get("style") is not None:
                yield f"inline style on <{element.tag}>"
            if element.tag == "script" and not element.get("src") and element.get("type") != "application/json":
                yield "inline script"
            for name in element.keys():  # noqa: SIM118 - an Element iterates over its children
                if str(name).lower().startswith("on"):
                    yield f"inline handler {name} on <{element.tag}>"
            if element.get("href", "").strip().lower().startswith("javascript:"):
                yield "a link that runs a script"

    def _picture_faults(self) -> Iterator[str]:
        for image in self.root.iter("img"):
            if image.get("alt") is None:
                yield f"picture {image.get('src')} without alternative text"

    def _table_faults(self) -> Iterator[str]:
        for table in self.root.iter("table"):
            widths = list(_widths(table))
            if len(set(widths)) > 1:
                caption = table.find("caption")
                named = "" if caption is None else words(caption)
                yield f"table “{named}” has rows of different width: {sorted(set(widths))} cells"

    def _error_summaries(self) -> list[Element]:
        return self.with_class("ds_error-summary")


def _widths(table: Element) -> Iterator[int]:
    """How many columns each row of a table takes, with what stands down into it from rows above."""
    below: list[tuple[int, int]] = []  # rows still to come, columns
    for row in table.iter("tr"):
        cells = [cell for cell in row if cell.tag in ("th", "td")]
        spans = [(int(cell.get("rowspan", "1")), int(cell.get("colspan", "1"))) for cell in cells]
        yield sum(columns for _, columns in [*spans, *below])
        below = [(rows - 1, columns) for rows, columns in [*spans, *below] if rows > 1]


def words(element: Element) -> str:
    """The words inside an element as a person reads them, blanks collapsed."""
    return " ".join("".join(_pieces(element)).split())


def _pieces(element: Element) -> Iterable[str]:
    if any(next(element.iter(tag), None) is not None for tag in NOT_READ):
        return _pieces_read(element)
    return element.itertext()


def _pieces_read(element: Element) -> Iterator[str]:
    if element.tag in NOT_READ:
        return
    yield element.text or ""
    for child in element:
        yield from _pieces(child)
        yield child.tail or ""
