"""The instrument on paper: every question with boxes to tick and lines to write on, as its page takes it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from casereader.instrument import CANNOT_BE_EVALUATED, NOT_APPLICABLE, Choice, Instrument, Part, Question, Section
from casereader.instrument.expressions import Expression
from casereader.workbooks import condition_in_words, grounds_of, words_of

OF_THE_SCREEN = re.compile(r"\b(filled in|measured|link)\b", re.IGNORECASE)
NOTHING_FILLED_IN = "Nothing is filled in on paper: tick what the record shows."
LONG_TEXT = 200  # characters from which a text is given several lines


def sections_of(instrument: Instrument) -> list[dict[str, Any]]:
    """The sections in order, each with its questions; conditions in plain words."""
    return [_section(instrument, section) for section in instrument.sections]


def meanings_of(instrument: Instrument) -> list[dict[str, Any]]:
    """What each answer of each scale means, once for the form."""
    found: dict[str, dict[str, Any]] = {}
    for key in instrument.parts:
        part = instrument.part(key)
        said = [{"key": words_of(part, choice), "value": choice.says} for choice in part.choices if choice.says]
        if said and part.scale.id not in found:
            found[part.scale.id] = {"heading": ", ".join(row["key"] for row in said[:3]) + " …", "rows": said}
    return list(found.values())


def _section(instrument: Instrument, section: Section) -> dict[str, Any]:
    return {
        "id": section.id,
        "heading": f"{section.id}. {section.title}" if len(section.id) == 1 else section.title,
        "intro": _intro(section),
        "asked": _asked(section.shown, instrument),
        "evidence": section.evidence,
        "questions": [_question(instrument, section, question) for question in section.questions],
    }


def _intro(section: Section) -> str:
    parts = [part for question in section.questions for part in question.parts]
    kept = _on_paper(section.intro, parts)
    return kept if kept == section.intro else f"{kept} {NOTHING_FILLED_IN}".strip()


def _on_paper(text: str, parts: Iterable[Part]) -> str:
    """The text without the sentences about what the program fills in or measures, where it does: paper does neither."""
    if all(part.filled_from is None for part in parts):
        return text
    return " ".join(one for one in re.split(r"(?<=[.!?]) ", text) if not OF_THE_SCREEN.search(one))


def _question(instrument: Instrument, section: Section, question: Question) -> dict[str, Any]:
    shown = question.parts[0].shown if question.parts else None
    of_all = shown if all(part.shown == shown for part in question.parts) and shown != section.shown else None
    takes_evidence = any(part.scale.kind not in ("count", "text") for part in question.parts)
    is_single = len(question.parts) == 1
    return {
        "code": question.id,
        "text": question.text,
        "guidance": " ".join(filter(None, (_on_paper(question.guidance, question.parts), question.good))),
        "asked": _asked(of_all, instrument),
        "evidence": takes_evidence and bool(instrument.sources) and section.evidence,
        "parts": [
            _part(instrument, part, of_all, is_single=is_single) for part in question.parts if part.rating is None
        ],
    }


def _part(instrument: Instrument, part: Part, of_all: Expression | None, *, is_single: bool) -> dict[str, Any]:
    section = instrument.section(part.section)
    own = part.shown if part.shown not in (of_all, section.shown) else None
    return {
        "label": "" if is_single else part.label,
        "asked": _asked(own, instrument),
        "kind": part.scale.kind,
        "choices": [_choice(part, choice) for choice in part.choices],
        "lines": _lines(part),
    }


def _lines(part: Part) -> int:
    """Lines to write on: a topic takes a sentence beside what is ticked."""
    if part.choices:
        return 1 if part.scale.kind == "topic" else 0
    return 4 if part.scale.longest > LONG_TEXT else 1


def _choice(part: Part, choice: Choice) -> dict[str, Any]:
    grounds = grounds_of(part, choice.value) if choice.value in (NOT_APPLICABLE, CANNOT_BE_EVALUATED) else ()
    return {"words": words_of(part, choice), "grounds": [ground.label for ground in grounds]}


def _asked(shown: Expression | None, instrument: Instrument) -> str:
    return "" if shown is None else f"Only where {condition_in_words(shown, instrument)}."
