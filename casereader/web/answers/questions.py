"""Questions of the instrument as the form's macros take them: finished values, one mapping per part."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from casereader.instrument import (
    CANNOT_BE_EVALUATED,
    NOT_APPLICABLE,
    Answer,
    Choice,
    Instrument,
    Part,
    Question,
    Section,
)

MOST_CELLS = 6  # a pick list longer than this is a select
CELL_KINDS = frozenset({"six", "ypn", "freq", "diff", "presence"})
OUTSIDE_KEYS = {CANNOT_BE_EVALUATED: "0", "cannot_tell": "0", NOT_APPLICABLE: "9"}  # the same in every row


def heading_of(section: Section) -> str:
    """What a section is called."""
    return f"{section.id}. {section.title}" if len(section.id) == 1 else section.title


def slug(key: str) -> str:
    """A key as it stands in anchors."""
    return key.replace(".", "-")


def anchor_of(key: str) -> str:
    """Where the answer to a part stands on a page of answers."""
    return f"r-{slug(key)}"


def section_groups(instrument: Instrument, section: Section) -> list[dict[str, Any]]:
    """The questions of a section in order; one of several parts has a heading of its own, and is a row of a grid."""
    return [_group(instrument, section, question) for question in section.questions]


def scale_meanings(section: Section) -> list[dict[str, Any]]:
    """The cells whose meaning is told once for the page: each scale but the six-point one, which tells its own."""
    found: dict[str, dict[str, Any]] = {}
    for part in section.parts:
        if part.scale.kind != "six" and has_cells(part) and any(choice.says for choice in part.choices):
            known = found.setdefault(part.scale.id, {"of": "", "cells": []})
            cells = cells_of(part)
            if len(cells) > len(known["cells"]):
                known["cells"] = cells
    for meaning in found.values():
        meaning["of"] = ", ".join(cell["label"] for cell in meaning["cells"])
    return list(found.values())


def cells_of(part: Part) -> list[dict[str, Any]]:
    """The answer cells of a part, each with the number key that picks it."""
    cells = []
    for place, choice in enumerate(part.choices, 1):
        is_point = part.scale.kind == "six" and choice.value.isdigit()
        cells.append(
            {
                "value": choice.value,
                "label": choice.label,
                "mark": choice.value if is_point else "",
                "number": OUTSIDE_KEYS.get(choice.value, choice.value if part.scale.kind == "six" else str(place)),
                "descriptor": choice.says,
                "grounds": _grounds(part, choice),
            }
        )
    return cells


def words_of(part: Part, answer: Answer | None) -> str:
    """An answer in words, with its ground; blank where there is none."""
    if answer is None or not answer.value:
        return ""
    choice = part.choice(answer.value)
    if choice is None:
        return answer.value
    point = f"{choice.value} " if part.scale.kind == "six" and choice.value.isdigit() else ""
    ground = next((one.label for one in (*part.na_grounds, *part.cbe_grounds) if one.value == answer.ground), "")
    # A ground that only says the answer again is left out: “No need assessed (No need was assessed here)”.
    says_more = not set(choice.label.lower().split()) <= set(ground.lower().split())
    return f"{point}{choice.label}{f' ({ground})' if ground and says_more else ''}"


def source_words(instrument: Instrument, sources: Iterable[str]) -> str:
    """Where evidence was found, in words."""
    labels = {source.value: source.label for source in instrument.sources}
    return ", ".join(labels.get(source, source) for source in sources)


def title_of(instrument: Instrument, part: Part) -> str:
    """What a part is called in lists: the question's label, and its own where the question has several."""
    question = instrument.question(part.question)
    is_alone = len(question.parts) == 1 or part.label == question.label
    return question.label if is_alone else f"{question.label}: {part.label}"


def named(instrument: Instrument, part: Part) -> str:
    """The same after its code, as it is known among all questions."""
    return f"{part.code} {title_of(instrument, part)}"


def _group(instrument: Instrument, section: Section, question: Question) -> dict[str, Any]:
    is_single = len(question.parts) == 1
    items = [_item(instrument, question, part, is_single) for part in question.parts]
    guidance = " ".join(filter(None, (question.guidance, question.good and f"What good looks like: {question.good}")))
    is_grid = section.layout == "grid" and not is_single
    if is_grid:
        items[1:] = [{**item, "label": item["short"], "within": question.label} for item in items[1:]]
    if is_single or is_grid:
        items[0] |= {"hint": guidance, "code": question.id, "label": question.text}
    else:
        items = [{**item, "is_said": item["label"] == question.text} for item in items]
    return {
        "id": question.id,
        "text": question.text,
        "label": question.label,
        "guidance": guidance,
        "is_single": is_single,
        "is_grid": is_grid,
        "may_hide": all(item["show_if"] for item in items),
        "items": items,
    }


def _item(instrument: Instrument, question: Question, part: Part, is_single: bool) -> dict[str, Any]:
    """One part as `macros/scale.html` takes it: all but what a reading holds."""
    is_written = part.scale.kind in ("count", "text")
    return {
        "key": part.key,
        "slug": slug(part.key),
        "section": part.section,
        "short": part.label,
        "label": "Computed rating" if part.rating else part.text if is_single or part.text else part.label,
        "code": question.id if is_single else "",
        "of": question.id if is_single else f"{question.id} {part.label}",
        "hint": "",
        "sources": () if is_written else instrument.sources,
        "note_for": " ".join(choice.value for choice in part.choices if choice.need != "none"),
        "show_if": part.shown is not None,
        "is_computed": part.rating is not None,
        "cells": cells_of(part) if has_cells(part) else (),
        "descriptors": part.scale.kind == "six",
        "kind": "select" if part.choices else part.scale.kind if part.scale.kind == "count" else _text_kind(part),
        "choices": part.choices,
    }


def _text_kind(part: Part) -> str:
    return "text" if part.scale.longest > 200 else "line"


def has_cells(part: Part) -> bool:
    """Whether a part is answered in a row of cells; else by a list to choose from, or in writing."""
    return part.scale.kind in CELL_KINDS or (part.scale.kind == "pick" and len(part.choices) <= MOST_CELLS)


def _grounds(part: Part, choice: Choice) -> Sequence[Any]:
    """The grounds to choose from; where there is only one, the answer itself gives it."""
    grounds = {NOT_APPLICABLE: part.na_grounds, CANNOT_BE_EVALUATED: part.cbe_grounds}.get(choice.value, ())
    return grounds if len(grounds) > 1 else ()
