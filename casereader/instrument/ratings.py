"""Ratings that follow from answers: by rules that stand in the instrument file, and nothing else.

A rating stays open until every answer it rests on is given. Where a person set another rating, that one stands, and
what rests on the rating goes by it; the computed one is kept beside it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from casereader.instrument.answers import Answers
from casereader.instrument.expressions import decide
from casereader.instrument.logic import Gate, Rating, Rule
from casereader.instrument.model import Choice, Instrument


@dataclass(frozen=True, slots=True)
class Rated:
    """One rating of a reading; `computed` and `override` are None where the one or the other is not there (yet)."""

    key: str
    computed: Choice | None
    by: Rule | None
    override: Choice | None = None
    reason: str = ""

    @property
    def stands(self) -> Choice | None:
        """The rating that counts."""
        return self.override or self.computed


@dataclass(frozen=True, slots=True)
class Resolved:
    """The answers of a reading by the instrument's steps: `values` of what is asked, with the ratings that stand;

    `closed`, the keys that are not asked; `by`, the rule that gave each computed rating.
    """

    values: Mapping[str, str | None]
    closed: Collection[str]
    by: Mapping[str, Rule]


def rule_for(
    rating: Rating, values: Mapping[str, str | None], closed: Collection[str], stratum: str | None
) -> Rule | None:
    """The rule that gives the rating; None while an answer is outstanding, or where no rule holds.

    `stratum` is the instrument's own code. A rule that turns on a stratum which is not known leaves the rating open.
    """
    if any(not values.get(key) and key not in closed for key in rating.inputs):
        return None
    for rule in rating.rules:
        holds = decide(rule.when, values, stratum)
        if holds is not False:
            return rule if holds else None
    return None


def resolve(instrument: Instrument, answers: Answers, *, stratum: str | None) -> Resolved:
    """Close what is not asked and compute the ratings, in the order in which one asks about the other."""
    values = {key: answer.value for key, answer in answers.items() if _is_offered(instrument, key, answer.value)}
    code = instrument.stratum_code(stratum)
    closed: set[str] = set()
    by: dict[str, Rule] = {}
    for step in instrument.steps:
        if isinstance(step, Gate):
            if decide(step.shown, values, code) is False:
                closed.update(step.keys)
                for key in step.keys:
                    values.pop(key, None)
            continue
        values.pop(step.key, None)
        if step.key in closed:
            continue
        if (rule := rule_for(step, values, closed, code)) is not None:
            by[step.key] = rule
        override = _override(instrument, step, values)
        stands = override.value if override else rule.gives if rule else None
        if stands is not None:
            values[step.key] = stands
    return Resolved(values, closed, by)


def ratings_of(instrument: Instrument, answers: Answers, *, stratum: str | None) -> dict[str, Rated]:
    """Every rating that is asked for, by key, with the rule it follows from and the override with its reason."""
    resolved = resolve(instrument, answers, stratum=stratum)
    found: dict[str, Rated] = {}
    for rating in instrument.ratings:
        if rating.key in resolved.closed:
            continue
        rule = resolved.by.get(rating.key)
        computed = instrument.part(rating.key).choice(rule.gives) if rule else None
        override = _override(instrument, rating, resolved.values)
        reason = answers[rating.override].note if override and rating.override else ""
        found[rating.key] = Rated(rating.key, computed, rule, override, reason)
    return {key: found[key] for key in instrument.parts if key in found}


def _is_offered(instrument: Instrument, key: str, value: str | None) -> bool:
    """Whether a value can count as given; one that a list does not offer equals nothing in any condition."""
    if not instrument.has(key):
        return False
    part = instrument.part(key)
    return not part.choices or value in part.by_value


def _override(instrument: Instrument, rating: Rating, values: Mapping[str, str | None]) -> Choice | None:
    if rating.override is None:
        return None
    return instrument.part(rating.override).choice(values.get(rating.override))
