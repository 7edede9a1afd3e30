"""The whole form of an instrument, rendered once; a page puts into its places what one reading holds.

A form has some 160 answers: rendering each for each page took fifty times what handing out a finished text takes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import current_app, get_template_attribute, render_template
from markupsafe import Markup, escape

from casereader.instrument import Answer, Answers, Instrument, Part, Question, Section
from casereader.instrument.rules import rules_of
from casereader.web.answers.questions import has_cells, heading_of, scale_meanings, section_groups, title_of

BLANK_LINES = re.compile(r"\n\s*\n")
MARK = "\0"  # no text that is shown can hold it
Place = tuple[str, str, str]  # whose it is (a key, a question or a section), what it is, for which value


@dataclass
class Remarks:
    """What stands beside answers, by key: what is wrong or missing, and what warns."""

    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    warnings: Mapping[str, Sequence[str]] = field(default_factory=dict)
    asked: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)  # queries that are not resolved


class Pattern:
    """A text with places in it."""

    def __init__(self, text: str) -> None:
        self._pieces = text.split(MARK)
        self._at: dict[str, list[int]] = {}
        for index in range(1, len(self._pieces), 2):
            self._at.setdefault(self._pieces[index], []).append(index)
            self._pieces[index] = ""

    def filled(self, values: Mapping[Place, str]) -> Markup:
        """The text with these values, already escaped, in their places and nothing in the others."""
        pieces = self._pieces.copy()
        for place, value in values.items():
            for index in self._at.get("|".join(place), ()):
                pieces[index] = value
        return Markup("".join(pieces))  # noqa: S704 - the pattern is a template's, the values are escaped


def pattern_of(instrument: Instrument, *, has_history: bool = True) -> Pattern:
    """The form of an instrument with its places, made once; `has_history`: each question leads to its own."""
    known: dict[tuple[str, bool], Pattern] = current_app.extensions.setdefault("casereader_forms", {})
    key = (instrument.digest, has_history)
    if key not in known:
        text = render_template(
            "reading/pattern.html",
            place=_place,
            sections=[_section(instrument, index) for index in range(len(instrument.sections))],
            reading_period=instrument.reading_period,
            note_shortest=instrument.note_shortest,
            has_history=has_history,
        )
        known[key] = Pattern(BLANK_LINES.sub("\n", text))
    return known[key]


def rules_text(instrument: Instrument, stratum: str) -> Markup:
    """The instrument's rules for the script, as JSON that can stand in a page."""
    known: dict[tuple[str, str | None], Markup] = current_app.extensions.setdefault("casereader_rules", {})
    key = (instrument.digest, instrument.stratum_code(stratum))
    if key not in known:
        text = json.dumps(rules_of(instrument, stratum), ensure_ascii=False, separators=(",", ":"))
        known[key] = Markup(text.replace("<", "\\u003c"))  # noqa: S704 - JSON that cannot end its element
    return known[key]


def values_of(
    instrument: Instrument, answers: Answers, *, asked: Collection[str], remarks: Remarks
) -> dict[Place, str]:
    """What goes into the places of the questions: answers, what is hidden, and what is said beside them."""
    values: dict[Place, str] = {}
    for key, answer in answers.items():
        if instrument.has(key):
            values.update(_answer_values(instrument.part(key), answer))
    for key in instrument.parts:
        if key not in asked:
            values[key, "hidden", ""] = " hidden"
    for question in instrument.questions:
        if not any(part.key in asked for part in _behind(instrument, question)):
            values[question.id, "hidden", ""] = " hidden"
    for key in {*remarks.errors, *remarks.warnings, *remarks.asked}:
        values.update(_remark_values(key, remarks))
    return values


def asked_values(section: Section, *, asked: Collection[str]) -> dict[Place, str]:
    """What goes into the places of a section by whether anything in it is asked."""
    if any(part.key in asked for part in section.parts):
        return {(section.id, "asked", ""): " hidden", (section.id, "go", ""): "Save and go on"}
    return {(section.id, "unasked", ""): " hidden", (section.id, "go", ""): "Go on"}


def _place(whose: str, kind: str = "", value: str = "") -> Markup:
    return Markup(f"{MARK}{escape(whose)}|{kind}|{escape(value)}{MARK}")  # noqa: S704 - escaped


def _section(instrument: Instrument, index: int) -> dict[str, Any]:
    section = instrument.sections[index]
    before = instrument.sections[index - 1] if index else None
    groups = section_groups(instrument, section)
    noted = [item for group in groups for item in group["items"] if item["sources"] and not item["is_computed"]]
    for group in groups:
        group["follows"] = all(item["show_if"] for item in group["items"][1:])
    return {
        "id": section.id,
        "heading": heading_of(section),
        "intro": section.intro,
        "evidence": section.evidence,
        "groups": groups,
        "noted": [{"key": item["key"], "label": title_of(instrument, instrument.part(item["key"]))} for item in noted],
        "is_grid": section.layout == "grid" and all(group["is_grid"] for group in groups),
        "meanings": scale_meanings(section),
        "before": f"/{before.id}" if before else "",
        "before_says": heading_of(before) if before else "Task list",
    }


def _behind(instrument: Instrument, question: Question) -> Sequence[Part]:
    """The parts that are seen only where one is asked: in a grid all but the first, which opens them."""
    is_grid = instrument.section(question.section).layout == "grid" and len(question.parts) > 1
    return question.parts[1:] if is_grid else question.parts


def _answer_values(part: Part, answer: Answer) -> Iterator[tuple[Place, str]]:
    key = part.key
    if answer.value:
        if part.choices:
            picked = " checked" if has_cells(part) else " selected"
            yield (key, "picked", _inside(answer.value)), picked
        else:
            yield (key, "written", ""), escape(answer.value)
    if answer.ground:
        yield (key, "ground", _inside(answer.ground)), " selected"
    if answer.note:
        yield (key, "note", ""), escape(answer.note)
    for source in answer.sources:
        yield (key, "source", _inside(source)), " checked"
    if answer.discuss:
        yield (key, "discuss", ""), " checked"
    if answer.note or answer.sources or answer.discuss:
        yield (key, "open", ""), " open"


def _inside(value: str) -> str:
    """A value as the name of a place holds it; what is typed into an address may hold anything."""
    return str(escape(value.replace(MARK, "")))


def _remark_values(key: str, remarks: Remarks) -> Iterator[tuple[Place, str]]:
    errors = remarks.errors.get(key, ())
    shown = get_template_attribute("macros/errors.html", "remarks")
    yield (key, "remarks", ""), str(shown(errors, remarks.warnings.get(key, ()), remarks.asked.get(key, ())))
    if errors:
        yield (key, "faulty", ""), " cr_item--error"
        yield (key, "invalid", ""), ' aria-invalid="true"'
        yield (key, "open", ""), " open"
