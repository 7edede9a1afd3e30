"""An instrument's rules as plain data, for a program without this one: the form's script (`static/js/rules.js`).

It decides from them what is asked, what is missing, what does not go together and how far each section is, while there
is no network. The server decides in the end: `tests/browser/test_rules.py` holds the two to the same answers.
"""

from __future__ import annotations

from typing import Any

from casereader.instrument.answers import refused_in
from casereader.instrument.expressions import All, Comparison, Expression, Not
from casereader.instrument.logic import Contradiction, Gate, Step
from casereader.instrument.model import Choice, Instrument, Part, Section
from casereader.instrument.warning import NONE_RAISED, NOT_RAISED, RAISED, SOME_RAISED, several_of_one


def compiled(expression: Expression) -> list[Any]:
    """A condition as lists: ["in" | "not in", name, values], ["not", one], ["and" | "or", several]."""
    if isinstance(expression, Comparison):
        return ["not in" if expression.differs else "in", expression.name, list(expression.values)]
    if isinstance(expression, Not):
        return ["not", compiled(expression.of)]
    return ["and" if isinstance(expression, All) else "or", [compiled(one) for one in expression.of]]


def rules_of(instrument: Instrument, stratum: str | None) -> dict[str, Any]:
    """Everything that follows from answers to one case of a stratum, ready to be written as JSON.

    Choices and grounds that parts share stand once, under `lists`; a part names them by their place there.
    """
    lists = _Lists()
    return {
        "stratum": instrument.stratum_code(stratum),
        "shortest": instrument.note_shortest,
        "longest": instrument.note_longest,
        "steps": [_step(step) for step in instrument.steps],
        "sections": [_section(section) for section in instrument.sections],
        "parts": {key: _part(instrument, instrument.part(key), stratum, lists) for key in instrument.parts},
        "contradictions": [_contradiction(instrument, one) for one in instrument.contradictions],
        "several": [list(keys) for keys in several_of_one(instrument)],
        "concerns": {
            "keys": [part.key for part in instrument.filled_from("concern")],
            "noneRaised": {"value": RAISED, "says": NONE_RAISED},
            "someRaised": {"value": NOT_RAISED, "says": SOME_RAISED},
        },
        "lists": lists.found,
    }


class _Lists:
    """Lists that are named by their place."""

    def __init__(self) -> None:
        self.found: list[Any] = []

    def place(self, one: Any) -> int:
        if one not in self.found:
            self.found.append(one)
        return self.found.index(one)


def _step(step: Step) -> dict[str, Any]:
    if isinstance(step, Gate):
        return {"when": compiled(step.shown), "opens": list(step.keys)}
    return {
        "rating": step.key,
        "rules": [[rule.gives, compiled(rule.when)] for rule in step.rules],
        "inputs": list(step.inputs),
        "override": step.override,
    }


def _section(section: Section) -> dict[str, Any]:
    return {
        "id": section.id,
        "evidence": section.evidence,
        "headline": section.headline,
        "keys": [part.key for part in section.parts],
    }


def _part(instrument: Instrument, part: Part, stratum: str | None, lists: _Lists) -> dict[str, Any]:
    question = instrument.question(part.question)
    rules: dict[str, Any] = {
        "section": part.section,
        "kind": part.scale.kind,
        "code": part.code,
        "title": question.label if part.label == question.label else f"{question.label}: {part.label}",
        "question": part.question,
        **({"label": part.label} if part.filled_from == "agency" else {}),
    }
    if part.choices:
        rules["choices"] = lists.place([_choice(choice) for choice in part.choices])
    for name, grounds in (("naGrounds", part.na_grounds), ("cbeGrounds", part.cbe_grounds)):
        if grounds:
            rules[name] = lists.place([{"value": one.value, "label": one.label} for one in grounds])
    if part.scale.kind == "count":
        rules["bounds"] = [part.scale.minimum, part.scale.maximum]
    if part.scale.kind == "text":
        rules["longest"] = part.scale.longest
    refused = refused_in(instrument, part, stratum)
    flags = {
        "optional": not part.required,
        "judgement": part.scale.judgement,
        "filled": part.filled_from is not None,
        "agency": part.filled_from == "agency",
        "computed": part.rating is not None,
        "overrides": part.overrides is not None,
        "refuses": sorted(refused),
    }
    return rules | {name: value for name, value in flags.items() if value}


def _choice(choice: Choice) -> dict[str, Any]:
    rules: dict[str, Any] = {"value": choice.value, "label": choice.label}
    if choice.need != "none":
        rules["need"] = choice.need
    if choice.y is not None:
        rules["y"] = choice.y
    if choice.partly:
        rules["partly"] = True
    return rules


def _contradiction(instrument: Instrument, one: Contradiction) -> dict[str, Any]:
    return {
        "says": one.says,
        "keys": list(one.keys),
        "section": instrument.part(one.keys[0]).section,
        "when": compiled(one.when) if one.when is not None else None,
        "rating": one.rating,
        "answers": list(one.answers),
        "high": list(one.high),
        "low": list(one.low),
    }
