"""What an instrument's own logic says of figures: whose answers open a part, and which ratings follow from which. Pure.

The instrument is published, so that an attacker knows all of it: parts behind one condition are asked of the same
records, and those are the ones that gave the answers which open it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

import pandas as pd

from casereader.disclosure import Finding, Row, Ties
from casereader.disclosure.knowledge import adds_up, at_most, lies
from casereader.instrument import Instrument
from casereader.instrument.expressions import STRATUM, All, Comparison, Expression, Not, comparisons
from casereader.instrument.logic import Gate, Rating
from casereader.instrument.model import Part
from casereader.instrument.ratings import rule_for

_MOST_TRIED = 20_000  # combinations of answers behind one rating
_NOT_ASKED = "not asked"
_INTO: dict[frozenset[int | None], str] = {frozenset({1}): "k", frozenset({0}): "rest", frozenset({0, 1}): "n"}

Given = Mapping[str, Mapping[str, int]]  # by question, how many records have each answer


def ties_of(instrument: Instrument, distributions: pd.DataFrame, findings: Sequence[Finding]) -> Ties:
    """The statements that tie whole-sample findings to each other, and the numbers that only these are about.

    `distributions` are those of the roll-up that gave the findings. What is not true of the figures (an answer is
    missing, a rating was set by hand) is left out.
    """
    given: dict[str, dict[str, dict[str, int]]] = {}
    columns = (distributions[name].tolist() for name in ("inspection", "question", "value", "count"))
    for inspection, question, value, count in zip(*columns, strict=True):
        given.setdefault(inspection, {}).setdefault(question, {})[value] = count
    counts: dict[str, int] = {}
    rows: list[Row] = []
    for inspection in given:
        whole = {one.question: one for one in findings if one.is_whole and one.inspection == inspection}
        for step in instrument.steps:
            tied = _Tied(instrument, whole, given[inspection])
            if isinstance(step, Gate):
                tied.gate(step)
            else:
                tied.rating(step)
            if all(row.holds(tied.counts) for row in tied.rows):
                counts |= tied.counts
                rows += tied.rows
    return Ties(counts, tuple(rows))


@dataclass
class _Tied:
    """What one step says of the findings of one inspection, or of all together."""

    instrument: Instrument
    whole: Mapping[str, Finding]
    given: Given
    counts: dict[str, int] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)

    def gate(self, gate: Gate) -> None:
        """Every part behind the condition is asked of as many records; where one answer opens it, of those with it."""
        parts = [self.instrument.part(key) for key in gate.keys if self.given.get(key)]
        behind = [part for part in parts if part.key in self.whole]
        if not behind:
            return
        n_asked = max(sum(self.given[part.key].values()) for part in parts)
        asked = self._cell(self.whole[behind[0].key], "asked", n_asked)
        for part in behind:
            finding = self.whole[part.key]
            n, outside = self._known(finding, "n"), n_asked - finding.n
            # Answers outside every share are rare: whoever attacks is taken to know it where there are none.
            left = [self._cell(finding, "outside", outside)] if outside else []
            self.rows.append(adds_up(asked, [n, *left]))
        if all(one.name == STRATUM for one in comparisons(gate.shown)):
            self.rows.append(lies(asked, float(n_asked), float(n_asked)))  # both sides hold the sample
        elif (opened := self._opened_by(gate.shown)) is not None:
            self.rows.append(adds_up(asked, self._with_answers(*opened)))
        elif len(behind) == 1:
            self.rows.clear()  # how many were asked is known from nothing else

    def rating(self, rating: Rating) -> None:
        """What the rating and one of its inputs tell of each other, whatever the other inputs are."""
        of = self.whole.get(rating.key)
        inputs = [key for key in rating.inputs if key in self.whole]
        if of is None or not inputs:
            return
        seen: dict[str, set[tuple[int | None, int | None]]] = {key: set() for key in inputs}
        for values, gives in self._combinations(rating):
            for key in inputs:
                seen[key].add((_y(self.instrument.part(key), values.get(key)), gives))
        for key, pairs in seen.items():
            for one, other, met in (
                (self.whole[key], of, pairs),
                (of, self.whole[key], {(of_rating, of_input) for of_input, of_rating in pairs}),
            ):
                for y, part in ((1, "k"), (0, "rest")):
                    follows = {after for before, after in met if before == y}
                    into = _INTO.get(frozenset(follows))
                    if into is not None:
                        self.rows.append(at_most(self._known(one, part), self._known(other, into)))

    def _combinations(self, rating: Rating) -> Iterator[tuple[dict[str, str | None], int | None]]:
        """Every set of answers to the inputs, with what the rating then counts as; none where they are too many."""
        part, strata = self.instrument.part(rating.key), [one.code for one in self.instrument.strata]
        offered = []
        for key in rating.inputs:
            one = self.instrument.part(key)
            closed = [_NOT_ASKED] if one.shown is not None else []
            offered.append([*(choice.value for choice in one.choices), *closed])
        turns_on_stratum = any(one.name == STRATUM for rule in rating.rules for one in comparisons(rule.when))
        groups = strata if turns_on_stratum else [None]
        size = len(groups)
        for one_of in offered:
            size *= len(one_of)
        if size > _MOST_TRIED:
            return
        for stratum, chosen in product(groups, product(*offered)):
            values = {key: value for key, value in zip(rating.inputs, chosen, strict=True) if value != _NOT_ASKED}
            rule = rule_for(rating, values, set(rating.inputs) - values.keys(), stratum)
            yield dict(values), _y(part, rule.gives if rule else None)

    def _opened_by(self, shown: Expression) -> tuple[Finding, Part, list[str]] | None:
        """The finding whose answers alone open a condition, its part, and these answers."""
        if isinstance(shown, All):
            # What must hold for the other part to be asked at all holds where it is answered.
            named = {one.name for one in comparisons(shown)} & self.whole.keys()
            implied = [self.instrument.part(name).shown for name in named]
            left = [one for one in shown.of if one not in implied]
            shown = left[0] if len(left) == 1 else shown
        turned = isinstance(shown, Not)
        one = shown.of if isinstance(shown, Not) else shown
        if not isinstance(one, Comparison) or one.name not in self.whole:
            return None
        part = self.instrument.part(one.name)
        opening = [choice.value for choice in part.choices if (choice.value in one.values) is (turned == one.differs)]
        return self.whole[one.name], part, opening

    def _with_answers(self, finding: Finding, part: Part, values: Sequence[str]) -> list[str]:
        """The numbers that add up to the records with one of these answers."""
        found = []
        for y, total in ((1, "k"), (0, "rest"), (None, "")):
            every = [choice.value for choice in part.choices if choice.y == y]
            here = [value for value in every if value in values and (total or self.given[part.key].get(value))]
            if here and here == every and total:
                found.append(self._known(finding, total))
                continue
            cells = [self._cell(finding, f"={value}", self.given[part.key].get(value, 0)) for value in here]
            if cells and total:
                left = sum(self.given[part.key].get(value, 0) for value in every if value not in here)
                beside = self._cell(finding, f"{total} beside {' '.join(here)}", left)
                self.rows.append(adds_up(self._known(finding, total), [*cells, beside]))
            found += cells
        return found

    def _known(self, finding: Finding, part: str) -> str:
        return self._cell(finding, part, {"n": finding.n, "k": finding.k, "rest": finding.n - finding.k}[part])

    def _cell(self, finding: Finding, part: str, count: int) -> str:
        name = finding.cell(part)
        self.counts[name] = count
        return name


def _y(part: Part, value: str | None) -> int | None:
    choice = part.choice(value)
    return None if choice is None else choice.y
