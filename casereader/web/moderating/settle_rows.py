"""Two readings of a case side by side, question by question, as finished values: those they differ in, and the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from casereader import dated
from casereader.instrument import Answer, Answers, Instrument, Part, evidence_of, open_keys
from casereader.models import Settlement
from casereader.moderating import moderation
from casereader.moderating.moderation import Pair
from casereader.moderating.settlements import Chosen, Earlier, chosen_in
from casereader.readings import answers_of_many
from casereader.web.answers.questions import cells_of, named, slug, source_words, title_of, words_of
from casereader.web.request_session import db

WHOSE = {
    "first": "The first reading’s answer",
    "second": "The second reading’s answer",
    "both": "Both answers, joined",
    "other": "Another answer",
}


@dataclass(frozen=True)
class Typed:
    """What stands in the fields of one question: typed, or chosen before."""

    whose: str = ""
    value: str = ""
    ground: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Compared:
    """Two readings as they are compared: their answers, and where these differ."""

    pair: Pair
    instrument: Instrument
    first: Answers
    second: Answers
    differing: Mapping[str, bool]  # by key, whether it is in dispute

    @property
    def keys(self) -> list[str]:
        """The keys that differ: what is in dispute first."""
        return sorted(self.differing, key=lambda key: not self.differing[key])


def compared(pair: Pair, instrument: Instrument) -> Compared:
    """The two readings with their answers."""
    found = answers_of_many(db(), [pair.first.key, pair.second.key])
    first, second = found[pair.first.key], found[pair.second.key]
    differing = moderation.differences(instrument, first, second, stratum=pair.first.stratum(instrument))
    return Compared(pair, instrument, first, second, {one.part.key: one.disputed for one in differing})


def to_choose(
    two: Compared, typed: Mapping[str, Typed], faults: Mapping[str, Sequence[str]], *, agreed: Mapping[str, Chosen]
) -> list[dict[str, Any]]:
    """A question to settle in each row, what is in dispute first; those that a choice opened come last."""
    opened = [key for key in two.instrument.parts if key not in two.differing and (key in faults or key in typed)]
    return [
        _compared_row(two, key) | _fields(two, two.instrument.part(key), typed.get(key), faults.get(key, ()), agreed)
        for key in (*two.keys, *opened)
    ]


def n_chosen(rows: Sequence[Mapping[str, Any]]) -> int:
    """In how many rows something is chosen."""
    return sum(any(choice["selected"] for choice in row["choice"]["choices"]) for row in rows)


def alike(two: Compared) -> list[list[Any]]:
    """The questions that both answer alike, with the notes of both, as rows of a table."""
    stratum = two.pair.first.stratum(two.instrument)
    rows: list[list[Any]] = []
    for key in open_keys(two.instrument, two.first, stratum=stratum):
        part = two.instrument.part(key)
        if key not in two.differing and part.filled_from != "minutes" and key in two.first:
            first, second = (_side(two.instrument, key, answers) for answers in (two.first, two.second))
            said = {"text": named(two.instrument, part)}
            rows.append([said, first["value"], _evidence(first), _evidence(second)])
    return rows


def as_settled(two: Compared, consensus: Answers, settlement: Settlement | None) -> list[dict[str, Any]]:
    """First, second and consensus side by side where they differ, and whose answer was taken or why another was."""
    chosen = chosen_in(settlement)
    before = {key: one.get("changed") for key, one in (settlement.chosen if settlement else {}).items()}
    other = [key for key in two.instrument.parts if key in chosen and key not in two.differing]
    rows = []
    for key in (*two.keys, *other):
        part, counts = two.instrument.part(key), consensus.get(key)
        choice = chosen.get(key)
        whose = choice.whose if choice else _whose(counts, two.first.get(key), two.second.get(key))
        changed = before.get(key)
        rows.append(
            _compared_row(two, key)
            | {
                "consensus": words_of(part, counts) or "Not asked, with what was chosen elsewhere",
                "taken": WHOSE.get(whose, "Neither reading’s answer"),
                "reason": choice.reasons if choice else counts.note if counts and whose == "other" else "",
                "changed": f"The readers had agreed on: {WHOSE[changed].lower()}." if changed else "",
            }
        )
    return rows


def chosen_as_typed(chosen: Mapping[str, Chosen]) -> dict[str, Typed]:
    """What was chosen before, as it stands in the fields."""
    return {key: Typed(one.whose, one.value or "", one.ground or "", one.reason) for key, one in chosen.items()}


def earlier(two: Compared, found: Sequence[Earlier]) -> list[list[Any]]:
    """What was proposed before and did not come to be, as rows of a table."""
    rows: list[list[Any]] = []
    for one in found:
        agreed = f", agreed by {one.agreed_by}" if one.agreed_by else ""
        said = f"Proposed by {one.proposed_by}, {dated.moment(one.proposed_at)}{agreed}"
        for key in two.instrument.parts:
            if (choice := one.chosen.get(key)) is not None:
                what = {"text": WHOSE[choice.whose], "hint": _other_words(two.instrument.part(key), choice)}
                rows.append([named(two.instrument, two.instrument.part(key)), what, choice.reasons, said])
    return rows


def _other_words(part: Part, choice: Chosen) -> str:
    return words_of(part, Answer(choice.value)) if choice.whose == "other" else ""


def _whose(counts: Answer | None, first: Answer | None, second: Answer | None) -> str:
    values = [one.value if one else None for one in (counts, first, second)]
    return "first" if values[0] == values[1] else "second" if values[0] == values[2] else "other"


def _compared_row(two: Compared, key: str) -> dict[str, Any]:
    part = two.instrument.part(key)
    names = (
        ("First reading", two.pair.first_reader, two.first),
        ("Second reading", two.pair.second_reader, two.second),
    )
    return {
        "code": part.code,
        "slug": slug(key),
        "name": title_of(two.instrument, part),
        "text": part.text,
        "disputed": two.differing.get(key, False),
        "sides": [
            {"label": f"{label}, {reader}"} | _side(two.instrument, key, answers) for label, reader, answers in names
        ],
    }


def _side(instrument: Instrument, key: str, answers: Answers) -> dict[str, Any]:
    answer, evidence = answers.get(key), evidence_of(instrument, answers, key)
    note = evidence.note if evidence.of == key else f"{answer.note if answer else ''}: {evidence.note}".strip(": ")
    return {
        "value": words_of(instrument.part(key), answer) or "Not answered",
        "note": note,
        "sources": source_words(instrument, answer.sources) if answer else "",
        "discuss": bool(answer and answer.discuss),
    }


def _evidence(side: Mapping[str, Any]) -> dict[str, str]:
    return {"text": side["note"], "hint": f"Found in: {side['sources']}" if side["sources"] else ""}


def _fields(
    two: Compared, part: Part, typed: Typed | None, errors: Sequence[str], agreed: Mapping[str, Chosen]
) -> dict[str, Any]:
    typed = typed or Typed()
    asked = two.first.get(part.key), two.second.get(part.key)
    whose = typed.whose
    words = {"first": "First", "second": "Second"}
    choices = [
        {"value": value, "label": f"{label}: {words_of(part, answer) or 'not answered'}", "selected": whose == value}
        for (value, label), answer in zip(words.items(), asked, strict=True)
    ]
    if part.scale.kind == "text" and all(one and one.value for one in asked):
        choices.append({"value": "both", "label": WHOSE["both"], "selected": whose == "both"})
    choices.append({"value": "other", "label": "Another answer", "selected": whose == "other"})
    grounds = {one.value: one.label for one in (*part.na_grounds, *part.cbe_grounds)}
    name, was = slug(part.key), agreed.get(part.key)
    return {
        "opens": bool(errors or typed.reason or typed.value or whose == "other"),
        "agreed": f"Both readers agreed on: {WHOSE[was.whose].lower()}." if was else "",
        "also": was.also if was else "",
        "choice": {
            "id": f"c-{name}",
            "name": f"{part.key}__choice",
            "label": f"What counts for {named(two.instrument, part)}?",
            "choices": choices,
            "errors": list(errors),
        },
        "value": {
            "id": f"v-{name}",
            "name": part.key,
            "label": f"The other answer to {part.code}",
            "value": typed.value,
            "choices": [
                {
                    "value": cell["value"],
                    "label": f"{cell['mark']} {cell['label']}".strip(),
                    "selected": typed.value == cell["value"],
                }
                for cell in cells_of(part)
            ],
        },
        "ground": {
            "id": f"g-{name}",
            "name": f"{part.key}__ground",
            "label": f"Ground, if {part.code} is not applicable or cannot be evaluated",
            "choices": [
                {"value": value, "label": label, "selected": typed.ground == value} for value, label in grounds.items()
            ],
        },
        "reason": {
            "id": f"y-{name}",
            "name": f"{part.key}__reason",
            "label": f"Why, for {part.code}",
            "value": typed.reason,
        },
    }
