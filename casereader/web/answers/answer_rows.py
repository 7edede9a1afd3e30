"""The answers of a reading as rows, section by section: what was chosen, its note, and what it lacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for

from casereader.instrument import Answer, Answers, Instrument, Rated, evidence_of, open_keys, ratings_of
from casereader.readings import Opened
from casereader.web.answers.computed import both_words
from casereader.web.answers.questions import anchor_of, heading_of, source_words, title_of, words_of
from casereader.web.answers.reading_pages import anchor


def answer_rows(
    opened: Opened,
    instrument: Instrument,
    answers: Answers,
    *,
    lacking: Mapping[str, Sequence[str]],
    may_change: bool,
) -> list[dict[str, Any]]:
    """Every open answer by section, with its note and what it lacks, and the link to change it."""
    stratum = opened.stratum(instrument)
    asked = frozenset(open_keys(instrument, answers, stratum=stratum))
    ratings = ratings_of(instrument, answers, stratum=stratum)
    sections = []
    for section in instrument.sections:
        rows = [
            _row(opened, instrument, part.key, answers, lacking.get(part.key, ()), may_change)
            if part.rating is None
            else _rating_row(opened, instrument, ratings[part.key])
            for part in section.parts
            if part.key in asked and (part.overrides is None or _is_given(answers.get(part.key)))
        ]
        if rows:
            sections.append({"id": section.id, "heading": heading_of(section), "rows": rows})
    return sections


def _is_given(answer: Answer | None) -> bool:
    """Whether there is anything to show of an answer that most readings lack."""
    return answer is not None and bool(answer.value or answer.note or answer.discuss)


def _rating_row(opened: Opened, instrument: Instrument, rated: Rated) -> dict[str, Any]:
    """A computed rating among the answers, with the one that stands in its place."""
    row = _row(opened, instrument, rated.key, {}, (), may_change=False)
    return {**row, "value": both_words(rated), "is_answered": rated.stands is not None}


def _row(
    opened: Opened,
    instrument: Instrument,
    key: str,
    answers: Answers,
    lacking: Sequence[str],
    may_change: bool,
) -> dict[str, Any]:
    part, answer = instrument.part(key), answers.get(key)
    evidence = evidence_of(instrument, answers, key)
    pointer = f"{answer.note}: " if answer and evidence.of != key and evidence.note else ""
    return {
        "id": anchor_of(key),
        "of": key,
        "code": part.code,
        "key": title_of(instrument, part),
        "value": words_of(part, answer) or "Not answered",
        "is_answered": bool(answer and answer.value),
        "note": f"{pointer}{evidence.note}" if pointer or evidence.of == key else answer.note if answer else "",
        "sources": source_words(instrument, answer.sources) if answer else "",
        "discuss": bool(answer and answer.discuss),
        "error": " ".join(lacking),
        "href": anchor(opened, part.section, key) if may_change else "",
        "history": url_for("reading.history", public_id=opened.reading.public_id, question=part.question),
    }
