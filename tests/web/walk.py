"""One person's way through the pages, counted: by links and buttons that stand there, without scripts."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from tests.web.client import PageClient, filled_in, page_of
from tests.web.page import IN_EVERY_HEAD, Page, words


@dataclass
class Walk:
    """One person's way through the pages from their first one, and how often they pressed anything."""

    client: PageClient
    page: Page
    presses: int = 0
    path: str = "/"

    @property
    def cost(self) -> tuple[int, int]:
        """How often they pressed, and how many pages they saw: the first, and one after each press."""
        return self.presses, self.presses + 1

    def follow(self, text: str) -> Walk:
        """Press the first link of the page that says so."""
        link = next(one for one in self.page.root.iter("a") if words(one).startswith(text))
        self._press(self.client.get(link.get("href", "").partition("#")[0], follow_redirects=True))
        return self

    def press(self, text: str, values: dict[str, object] | None = None) -> Walk:
        """Press the button that says so, with its form filled in; what the form does not ask for is an error."""
        forms = [form for form in self.page.root.iter("form") if form.get("action") not in IN_EVERY_HEAD]
        form, button = next((form, one) for form in forms for one in form.iter("button") if words(one).startswith(text))
        filled: dict[str, object] = dict(filled_in(form))
        assert not set(values or {}) - names(form), names(form)
        filled |= values or {}
        if name := button.get("name"):
            filled[name] = button.get("value", "")
        self._press(self.client.post(form.get("action") or self.path, data=filled, follow_redirects=True))
        return self

    def _press(self, answer: object) -> None:
        self.presses += 1
        self.page = page_of(answer)  # type: ignore[arg-type]
        assert self.page.status == 200, self.page.text[:400]
        self.path = answer.request.path  # type: ignore[attr-defined]


def names(form: Element) -> set[str]:
    """What a form asks for."""
    return {one.get("name", "") for tag in ("input", "select", "textarea") for one in form.iter(tag)}


def at_home(client: PageClient) -> Walk:
    """Somebody at their first page."""
    return Walk(client, client.page("/"))
