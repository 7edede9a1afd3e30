"""How far readers of one practice case lie apart: counts, pairs of readers that agree, coefficients. Pure.

One practice case is one record, so that a question has one unit and no coefficient: it has its spread, and the share of
all pairs of readers that agree. Over the questions of a case that are answered on one scale each question is a unit,
and a coefficient is given from `LEAST_UNITS` of them on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from casereader.agreement import Agreement, gwet_ac, krippendorff_alpha
from casereader.instrument import CANNOT_BE_EVALUATED, NOT_APPLICABLE, Answers, Instrument, Part, open_keys

LEAST_READERS = 3  # under this many, the answers could be told to be somebody's
LEAST_UNITS = 10
GOOD = 4  # the line that the headline turns on
COMPARED = frozenset({"six", "ypn", "freq", "diff", "presence", "pick", "topic"})
MEASURED = {"six": "The six-point scale", "ypn": "Yes, in part, no"}


@dataclass(frozen=True)
class Pairs:
    """Of `n` pairs of readers, `k` agree."""

    k: int
    n: int

    @property
    def share(self) -> float | None:
        """The share that agrees; None where there is no pair."""
        return self.k / self.n if self.n else None

    def __add__(self, other: Pairs) -> Pairs:
        return Pairs(self.k + other.k, self.n + other.n)


@dataclass(frozen=True)
class QuestionSpread:
    """How the readers' answers to one question divide, and which pairs agree; `near` and `on_good` of ratings only."""

    part: Part
    counts: Mapping[str, int]  # by every value offered, in its order
    model: str | None
    exact: Pairs
    near: Pairs | None = None
    on_good: Pairs | None = None

    @property
    def n(self) -> int:
        """The readers who answered."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class SectionAgreement:
    """The agreement over the questions on one scale, of one section or (`section` blank) of all.

    `ac` is Gwet's AC1, AC2 with linear weights on the six-point scale; `alpha` is Krippendorff's, nominal or
    ordinal. Neither is given under `LEAST_UNITS` questions.
    """

    section: str
    kind: str
    n: int
    exact: Pairs
    ac: Agreement | None
    alpha: Agreement | None


def spreads(
    instrument: Instrument, answers: Sequence[Answers], model: Answers, *, stratum: str, known: Iterable[str]
) -> list[QuestionSpread]:
    """The spread of every question that was chosen from a list, widest first; what the case tells beforehand left out.

    Widest: fewest pairs agree; among equals, fewest within a point, then fewest on the line between 3 and 4.
    """
    asked = _asked(instrument, answers, stratum=stratum)
    found = []
    for key in instrument.parts:
        part = instrument.part(key)
        if part.scale.kind not in COMPARED or part.rating is not None or key in set(known):
            continue
        given = Counter(value for value in asked[key] if value is not None)
        if given:
            own = model.get(key)
            found.append(_spread(part, given, own.value if own else None))
    return sorted(found, key=_widest_first)


def agreements(
    instrument: Instrument, answers: Sequence[Answers], *, stratum: str, known: Iterable[str]
) -> list[SectionAgreement]:
    """The agreement by scale, over all questions and then section by section.

    *Not applicable* and *cannot be evaluated* count as no answer; *cannot tell* is an answer like any other.
    """
    asked = _asked(instrument, answers, stratum=stratum)
    found = []
    for kind in MEASURED:
        keys = [key for key in instrument.parts if instrument.part(key).scale.kind == kind and key not in set(known)]
        offered = (choice.value for key in keys for choice in instrument.part(key).choices)
        levels = [level for value in dict.fromkeys(offered) if (level := _level(kind, value)) is not None]
        for section in ("", *(one.id for one in instrument.sections)):
            units = [asked[key] for key in keys if section in ("", instrument.part(key).section)]
            measured = _measured(section, kind, levels, units)
            if measured.n:
                found.append(measured)
    return found


def _asked(instrument: Instrument, answers: Sequence[Answers], *, stratum: str) -> dict[str, list[str | None]]:
    """Each reader's value by key; None where the question was closed to them, or a text or a number answers it."""
    opened = [frozenset(open_keys(instrument, one, stratum=stratum)) for one in answers]
    return {
        key: [
            one[key].value if key in keys and key in one and instrument.part(key).choice(one[key].value) else None
            for one, keys in zip(answers, opened, strict=True)
        ]
        for key in instrument.parts
    }


def _spread(part: Part, given: Counter[str], model: str | None) -> QuestionSpread:
    counts = {choice.value: given[choice.value] for choice in part.choices}
    if part.scale.kind != "six":
        return QuestionSpread(part, counts, model, _pairs(given, 0))
    points = Counter({int(value): count for value, count in given.items() if value.isdigit()})
    sides = Counter({True: 0, False: 0})
    for point, count in points.items():
        sides[point >= GOOD] += count
    return QuestionSpread(part, counts, model, _pairs(given, 0), near=_pairs(points, 1), on_good=_pairs(sides, 0))


def _pairs(given: Mapping[Any, int], within: int) -> Pairs:
    """The pairs of readers whose answers are the same, or ratings `within` so many points of each other."""
    n = sum(given.values())
    agree = sum(count * (count - 1) // 2 for count in given.values())
    if within:
        agree += sum(given[one] * given[other] for one, other in combinations(given, 2) if abs(one - other) <= within)
    return Pairs(agree, n * (n - 1) // 2)


def _measured(
    section: str, kind: str, levels: Sequence[str | int], units: Sequence[Sequence[str | None]]
) -> SectionAgreement:
    """`n` counts the questions that two readers or more answered."""
    rows = [[_level(kind, value) for value in unit] for unit in units]
    rows = [row for row in rows if sum(level is not None for level in row) >= 2]
    exact = Pairs(0, 0)
    for row in rows:
        exact += _pairs(Counter(str(level) for level in row if level is not None), 0)
    if len(rows) < LEAST_UNITS:
        return SectionAgreement(section, kind, len(rows), exact, None, None)
    is_rated = kind == "six"
    ac = gwet_ac(rows, levels=levels, weights="linear" if is_rated else None)
    alpha = krippendorff_alpha(rows, metric="ordinal" if is_rated else "nominal")
    return SectionAgreement(section, kind, len(rows), exact, ac, alpha)


def _level(kind: str, value: str | None) -> str | int | None:
    """The value as a rating; None for what is outside the scale."""
    if value is None or value in (NOT_APPLICABLE, CANNOT_BE_EVALUATED):
        return None
    return int(value) if kind == "six" else value


def _widest_first(one: QuestionSpread) -> tuple[float, float, float]:
    exact, near, on_good = (
        1.0 if pairs is None or pairs.share is None else pairs.share for pairs in (one.exact, one.near, one.on_good)
    )
    return exact, near, on_good
