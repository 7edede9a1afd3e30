"""Somebody who reads with the keyboard alone: which keys answer what, and how many there were."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page

from casereader.instrument import Instrument
from tests.reading import NOTE

SKIP = "Skip to main content"  # the first that a Tab comes to: past the head of the page
WHERE = """() => {
  const at = document.activeElement, item = at.closest("[data-key]");
  return {
    name: at.name || "", tag: at.localName, type: at.type || "", value: at.value || "",
    text: at.textContent.slice(0, 60),
    key: item ? item.dataset.key : "", options: at.options ? [...at.options].map(one => one.value) : [],
    scale: Boolean(at.closest("fieldset[data-scale]")), ticks: Boolean(at.closest("fieldset[data-ticks]")),
    picked: item ? (item.querySelector("fieldset[data-scale] input:checked") || {}).value || "" : "",
    numbers: item ? Object.fromEntries([...item.querySelectorAll("fieldset[data-scale] input")].map(
      one => [one.value, one.dataset.number])) : {},
  };
}"""


@dataclass
class Typist:
    """Presses keys, one at a time, and keeps count by what they were for."""

    page: Page
    instrument: Instrument
    answers: dict[str, str]  # what to answer, by key; by default the best
    keys: Counter[str] = field(default_factory=Counter)
    given: dict[str, str] = field(default_factory=dict)
    judgements: dict[str, int] = field(default_factory=dict)  # the keys each took, by question
    noted: set[str] = field(default_factory=set)

    def press(self, key: str, what: str) -> None:
        """One key."""
        self.page.keyboard.press(key)
        self.keys[what] += 1

    def where(self) -> dict[str, Any]:
        """What the focus is on."""
        found: dict[str, Any] = self.page.evaluate(WHERE)
        return found

    def go_to(self, text: str, what: str = "going about") -> None:
        """Tab until the focus is on the button, link or tick with these words."""
        for _ in range(60):
            found = self.where()
            if text in found["text"] or text in found["name"]:
                return
            if SKIP in found["text"]:
                self.press("Enter", what)
            self.press("Tab", what)
        raise AssertionError(f"no key leads to “{text}”")

    def go_to_first_question(self) -> None:
        """Tab until the focus is in a question."""
        while not self.where()["key"]:
            self.press("Tab", "going about")

    def section(self) -> None:
        """Answer every question of the section in view, from where the focus is to its button, and go on."""
        for _ in range(400):
            found = self.where()
            if found["tag"] == "button" and found["type"] == "submit":
                return self.press("Enter", "going about")
            if found["tag"] == "summary":  # what is missing in the section
                self.press("Tab", "going about")
                continue
            assert found["key"], f"the way through the section leads out of it, to {found}"
            self.question(found)
        raise AssertionError("the section has no end")

    def question(self, found: dict[str, Any]) -> None:
        """Answer what the focus is on, and Tab on."""
        key = found["key"]
        if found["scale"]:
            return self.judge(found)
        if found["name"].endswith("__note"):
            return self.note(found)
        if found["ticks"] or found["name"].endswith(("__ground", "__see", "__discuss")):
            return self.press("Tab", "passing by")
        if found["tag"] == "select":
            for _ in range(found["options"].index(found["value"]), 1):
                self.press("ArrowDown", "choosing and writing")
            self.given[key] = found["options"][max(1, found["options"].index(found["value"]))]
        elif not found["value"]:
            words = "1" if self.instrument.part(key).scale.kind == "count" else "Nothing to add."
            self.page.keyboard.insert_text(words)
            self.keys["words"] += len(words)
            self.given[key] = words
        self.press("Tab", "choosing and writing")

    def judge(self, found: dict[str, Any]) -> None:
        """Pick an answer by its number; one note a section, where its first judgement of weight is."""
        key = found["key"]
        if found["picked"]:  # filled in from the list
            self.given[key] = found["picked"]
            return self.press("Tab", "passing by")
        value = self.answers.get(key) or self._best(key, found["numbers"])
        self.press(found["numbers"][value], "judgements")
        self.given[key] = value
        part = self.instrument.part(key)
        section = self.instrument.section(part.section)
        choice = part.choice(value)
        if choice is not None and choice.need != "none":
            self.press("Tab", "judgements")  # the note has opened: it is the next stop
            return None
        if section.evidence and section.id not in self.noted and part.scale.judgement:
            self.noted.add(section.id)
            return self.press("n", "evidence")
        self.press("Tab", "judgements")
        self.judgements[key] = 2
        return None

    def note(self, found: dict[str, Any]) -> None:
        """Write the note, tick the first source, and Tab on."""
        if not found["value"]:
            self.page.keyboard.insert_text(NOTE)
            self.keys["words"] += len(NOTE)
        while not self.where()["ticks"]:
            self.press("Tab", "evidence")
        self.press("1", "evidence")
        self.press("Tab", "evidence")

    def _best(self, key: str, numbers: dict[str, str]) -> str:
        part = self.instrument.part(key)
        if part.scale.kind == "six":
            return "4"
        if part.scale.kind == "presence":
            return "not_indicated"
        good = [choice.value for choice in part.choices if choice.y == 1 and choice.need == "none"]
        quiet = [choice.value for choice in part.choices if choice.need == "none"]
        return next(value for value in (*good, *quiet, *numbers) if value in numbers)
