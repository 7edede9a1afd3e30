"""A part of the population that a sample is to say something about: how many of it are drawn, and with what margin.

The part may cut through strata. `allocate_with_part` sees to it that at least so many cases come from the strata that
lie inside it; `expected` says what any allocation is likely to give of any part.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Unpack

from sampling.allocation import Allocation, allocate
from sampling.errors import Fault, PlanError
from sampling.exact import Number, exact
from sampling.size import share_quantile
from sampling.within import Choices


@dataclass(frozen=True, slots=True)
class Expected:
    """What a sample is likely to give of a part; `margin` is a half-width (0–1), NaN where some of it is never read."""

    population: int
    sample: float
    margin: float
    reserve: float = 0.0

    @property
    def weight(self) -> float | None:
        """How many cases of the part each one read is likely to stand for."""
        return self.population / self.sample if self.sample else None


def allocate_with_part(
    counts: Mapping[str, int], *, part: Collection[str], least: int, size: int, **choices: Unpack[Choices]
) -> Allocation:
    """Share `size` out as `allocate` does, but at least `least` to the strata of `part` together (all, if fewer).

    Where the shares of the method give the part too few, part and rest are shared out each by itself by that method:
    what is minimised is a sum over strata, so that the bound, once it is met exactly, leaves two separate problems.
    Raises PlanError where fewer cases are drawn in all than are asked of the part.

    >>> allocate_with_part({"home": 10, "peers": 90}, part=["home"], least=6, size=20)
    {'home': 6, 'peers': 14}
    """
    plain = allocate(counts, size=size, **choices)
    inside = {label: n for label, n in counts.items() if label in part}
    rest = {label: n for label, n in counts.items() if label not in part}
    wanted = min(least, sum(inside.values()))
    if sum(plain[label] for label in inside) >= wanted:
        return plain
    if not rest or wanted >= size:
        says = f"{wanted} cases of the part are asked for, and {size} are drawn in all; draw more, or ask for fewer"
        raise PlanError([Fault(None, "part", str(wanted), says)])
    shared = {
        **allocate(inside, size=wanted, **_of(choices, inside)),
        **allocate(rest, size=size - wanted, **_of(choices, rest)),
    }
    sizes = {label: shared[label] for label in counts}
    return Allocation(sizes, [warning for warning in plain.warnings if not _is_mended(warning, sizes)])


def expected(
    counts: Mapping[str, int],
    sizes: Mapping[str, int],
    inside: Mapping[str, int],
    *,
    reserves: Mapping[str, int] | None = None,
    confidence: Number = 0.90,
    expected_share: Number = 0.5,
) -> Expected:
    """What `sizes` of `counts` are likely to give of a part that has `inside` of each stratum.

    Of a stratum n·N_hd/N are expected; the variance of the part's share is Σ (N_hd/N_d)²·(1 − n/N)·S²/(n·N_hd/N), with
    S² = p(1 − p)·N_hd/(N_hd − 1). For a part made of whole strata it is the margin of `margins_of`.
    """
    share = float(exact(expected_share))
    population = sum(inside.values())
    sample, variance = 0.0, 0.0
    for label, members in inside.items():
        if not members:
            continue
        drawn = sizes.get(label, 0)
        if not drawn:
            variance = math.nan
            continue
        read = drawn * members / counts[label]
        spread = share * (1 - share) * members / max(members - 1, 1)
        sample += read
        variance += (members / population) ** 2 * (1 - drawn / counts[label]) * spread / read
    margin = math.sqrt(variance) * share_quantile(confidence) if population else math.nan
    reserve = sum(
        (reserves or {}).get(label, 0) * members / counts[label] for label, members in inside.items() if members
    )
    return Expected(population, sample, margin, reserve)


def margin_of_difference(one: Expected, other: Expected) -> float:
    """The half-width of the difference of two parts that share no case: the variances add up."""
    return math.hypot(one.margin, other.margin)


def _of(choices: Choices, counts: Mapping[str, int]) -> Choices:
    """The choices that hold for these strata: what is said of single strata is said of theirs alone."""
    given = choices.copy()
    if (sd := choices.get("sd")) is not None:
        given["sd"] = {label: value for label, value in sd.items() if label in counts}
    if (mean := choices.get("mean")) is not None:
        given["mean"] = {label: value for label, value in mean.items() if label in counts}
    if "take_all" in choices:
        given["take_all"] = [label for label in choices["take_all"] if label in counts]
    return given


def _is_mended(warning: Fault, sizes: Mapping[str, int]) -> bool:
    return warning.column == "stratum" and sizes.get(warning.value or "", 0) > 0
