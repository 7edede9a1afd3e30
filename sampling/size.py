"""How many cases a sample needs, and how near a sample of given size comes: shares, with finite populations.

Cochran (Sampling Techniques, 3rd ed. 1977, 4.4): n0 = z²·p(1−p)/e², n = n0 / (1 + (n0 − 1)/N). Wilson: n0 is the size
at which the half-width of the Wilson interval is e. Hypergeometric: by the exact interval. Sizes are rounded up,
divided by the share expected to be eligible, rounded up again, and never exceed the population.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from statistics import NormalDist
from typing import Literal, get_args

from sampling.errors import Fault, PlanError
from sampling.exact import Number, ceiling, exact
from sampling.hypergeometric import interval

Formula = Literal["cochran", "wilson", "hypergeometric"]


@dataclass(frozen=True, slots=True)
class SampleSize:
    """How many cases to draw, and what that was worked out from; `exact` is before rounding and ineligibility."""

    sample_size: int
    exact: float
    population: int
    confidence: float
    margin: float
    expected_share: float
    ineligible: float
    formula: Formula


def sample_size(
    population: int,
    *,
    confidence: Number = 0.90,
    margin: Number = 0.15,
    expected_share: Number = 0.5,
    ineligible: Number = 0,
    formula: Formula = "cochran",
) -> SampleSize:
    """The smallest sample whose share comes within `margin` of the true share, at `confidence`; all shares 0–1.

    Raises PlanError with every fault of the numbers.

    >>> sample_size(200).sample_size
    27
    """
    level, half, share, lost = _shares(population, confidence, margin, expected_share, ineligible, formula)
    if formula == "hypergeometric":
        needed = Fraction(_hypergeometric(population, level, half, share))
    else:
        spread = _z(level) ** 2 * share * (1 - share)
        unlimited = spread / half**2 if formula == "cochran" else _wilson(_z(level), half, share)
        needed = unlimited / (1 + (unlimited - 1) / population)
    drawn = ceiling(ceiling(needed) / (1 - lost))
    return SampleSize(
        min(drawn, population),
        float(needed),
        population,
        float(level),
        float(half),
        float(share),
        float(lost),
        formula,
    )


def sample_sizes(
    populations: Mapping[str, int],
    *,
    margins: Mapping[str, Number] | None = None,
    confidence: Number = 0.90,
    margin: Number = 0.15,
    expected_share: Number = 0.5,
    ineligible: Number = 0,
    formula: Formula = "cochran",
) -> dict[str, int]:
    """The size each subgroup needs to meet its own margin (`margins`, else `margin`); `Σ` of them meets every one.

    `populations` is name → N, the result name → size; the rest as in `sample_size`. Raises PlanError likewise.
    """
    return {
        name: sample_size(
            population,
            confidence=confidence,
            margin=(margins or {}).get(name, margin),
            expected_share=expected_share,
            ineligible=ineligible,
            formula=formula,
        ).sample_size
        for name, population in populations.items()
        if population
    }


def margin_of(population: int, sample_size: int, *, confidence: Number = 0.90, expected_share: Number = 0.5) -> float:
    """The half-width (0–1) that `sample_size` of `population` gives: Cochran's formula turned round; 0 if all are.

    `confidence` and `expected_share` are 0–1. Raises PlanError where so many cannot be read of so many.
    """
    if not 1 <= sample_size <= population:
        raise PlanError(f"a sample of {sample_size} cannot be read from {population} cases")
    level, share = exact(confidence), exact(expected_share)
    return math.sqrt(_variance(population, sample_size, share)) * float(_z(level))


def margins_of(
    counts: Mapping[str, int],
    sizes: Mapping[str, int],
    *,
    confidence: Number = 0.90,
    expected_share: Number = 0.5,
) -> tuple[dict[str, float], float]:
    """The half-width (0–1) per stratum, and of the weighted share over all; NaN where a stratum with cases is not read.

    `counts` and `sizes` are label → N and label → n; the rest as in `margin_of`.
    """
    level, share = exact(confidence), exact(expected_share)
    total = sum(counts.values())
    widths: dict[str, float] = {}
    variance = 0.0
    for label, population in counts.items():
        if not population:
            continue
        size = sizes.get(label, 0)
        stratum = _variance(population, size, share) if size else math.nan
        widths[label] = math.sqrt(stratum) * float(_z(level))
        variance += (population / total) ** 2 * stratum
    return widths, math.sqrt(variance) * float(_z(level))


def share_quantile(confidence: Number) -> float:
    """The normal quantile z that a two-sided confidence (0–1) stands for."""
    return float(_z(exact(confidence)))


def _variance(population: int, size: int, share: Fraction) -> float:
    if population == size:
        return 0.0
    return float(share * (1 - share) * (population - size) / (size * (population - 1)))


def _z(confidence: Fraction) -> Fraction:
    return Fraction(NormalDist().inv_cdf(float((1 + confidence) / 2)))


def _wilson(z: Fraction, half: Fraction, share: Fraction) -> Fraction:
    """The real n at which z·√(n·p(1−p) + z²/4) / (n + z²) is `half`."""
    spread = share * (1 - share)
    under_root = spread**2 - 4 * spread * half**2 + half**2
    with localcontext() as context:
        context.prec = 60
        root = Fraction((Decimal(under_root.numerator) / Decimal(under_root.denominator)).sqrt())
    return z**2 / (2 * half**2) * (spread - 2 * half**2 + root)


def _hypergeometric(population: int, level: Fraction, half: Fraction, share: Fraction) -> int:
    """Walks down from a size that is surely enough (Serfling's bound) to the first that is not."""
    bound = math.log(2 / float(1 - level)) / (2 * float(half) ** 2)
    size = min(population, math.ceil(bound * (1 + 1 / population) / (1 + bound / population)) + 1)
    near: tuple[int, int] | None = None
    before = 0.0
    while size:
        count = math.floor(size * share + Fraction(1, 2))
        guess = None
        if near is not None:
            shift = round(population * (count / size - before))
            guess = (near[0] + shift, near[1] + shift)
        near = interval(count, size, population, level, near=guess)
        if near[1] - near[0] > 2 * half * population:
            break
        before = count / size
        size -= 1
    return size + 1


def _shares(
    population: int, confidence: Number, margin: Number, share: Number, ineligible: Number, formula: str
) -> tuple[Fraction, Fraction, Fraction, Fraction]:
    faults: list[Fault] = []

    def refuse(column: str, value: object, says: str) -> None:
        faults.append(Fault(None, column, str(value), says))

    def between(column: str, value: Number, ends: str, inside: bool) -> Fraction:
        try:
            number = exact(value)
        except ValueError as error:
            refuse(column, value, str(error))
            return Fraction(1, 2)
        if not 0 <= number <= 1 or (inside and number in (0, 1)) or (column == "ineligible" and number == 1):
            refuse(column, value, f"must lie between {ends}")
            return Fraction(1, 2)
        return number

    if isinstance(population, bool) or population < 1:
        refuse("population", population, "must be a whole number of 1 or more")
    if formula not in get_args(Formula):
        refuse("formula", formula, f"must be one of {', '.join(get_args(Formula))}")
    level = between("confidence", confidence, "0% and 100%, and be neither", True)
    half = between("margin", margin, "0% and 100%, and be neither", True)
    expected = between("expected_share", share, "0% and 100%", False)
    lost = between("ineligible", ineligible, "0% and 100%, which it must not reach", False)
    if not faults and formula == "cochran" and expected in (0, 1):
        refuse(
            "expected_share",
            share,
            "Cochran's formula asks for no case at all at 0% or 100%; use wilson or hypergeometric",
        )
    if not faults and formula == "wilson" and half >= Fraction(1, 2):
        refuse("margin", margin, "Wilson's interval is never wider than 50% to each side; give a smaller margin")
    if faults:
        raise PlanError(faults)
    return level, half, expected, lost
