"""How many cases each stratum gets.

Proportional, equal, power (Bankier 1988; power 0.5 is square-root allocation), Neyman (exact integer optimum) and fixed
sizes, each within a minimum and a maximum that are kept, with strata that are read in full. What cannot be met is
refused with the arithmetic. `sampling.optimum` holds the arithmetic itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Literal, get_args

from sampling.errors import Fault, PlanError
from sampling.exact import Number, exact
from sampling.optimum import Stratum, largest_remainder, real_sizes, whole_sizes

Method = Literal["proportional", "equal", "neyman", "power", "fixed"]


class Allocation(dict[str, int]):
    """The size of each stratum by its label, with what a person should know before using it."""

    def __init__(self, sizes: Mapping[str, int], warnings: Iterable[Fault] = ()) -> None:
        super().__init__(sizes)
        self.warnings = tuple(warnings)


def allocate(
    counts: Mapping[str, int],
    *,
    size: int | None = None,
    sizes: Mapping[str, int] | None = None,
    method: Method = "proportional",
    minimum: int | None = None,
    maximum: int | None = None,
    sd: Mapping[str, Number] | None = None,
    mean: Mapping[str, Number] | None = None,
    power: Number = 0.5,
    take_all: Collection[str] = (),
) -> Allocation:
    """Share `size` cases out over the strata (`counts`: label → N), or check the `sizes` given for each.

    `minimum` is 0 unless given, for neyman 1; a stratum smaller than it is taken whole, as those in `take_all` are.
    Raises PlanError with every fault when labels, numbers or bounds do not fit together.

    >>> allocate({"CPR": 50, "CPI": 30, "CARM": 4}, size=12, minimum=2)
    {'CPR': 6, 'CPI': 4, 'CARM': 2}
    """
    faults = _option_faults(counts, size, sizes, method, minimum, maximum, take_all)
    if faults:
        raise PlanError(faults)
    if sizes is not None:
        return _fixed(counts, sizes, minimum or 0, maximum, take_all)
    assert size is not None
    strata = _strata(counts, method, minimum, maximum, sd, mean, power, take_all)
    wanted, warnings = _fitting(strata, size, minimum, maximum)
    exact_optimum = method == "neyman"
    whole = whole_sizes(strata, wanted) if exact_optimum else largest_remainder(strata, real_sizes(strata, wanted))
    result = {stratum.label: n for stratum, n in zip(strata, whole, strict=True)}
    assert sum(result.values()) == wanted
    return Allocation(result, warnings + _none_allocated(counts, result))


def _option_faults(
    counts: Mapping[str, int],
    size: int | None,
    sizes: Mapping[str, int] | None,
    method: str,
    minimum: int | None,
    maximum: int | None,
    take_all: Collection[str],
) -> list[Fault]:
    faults: list[Fault] = []

    def refuse(column: str | None, value: object, says: str) -> None:
        faults.append(Fault(None, column, None if value is None else str(value), says))

    if method not in get_args(Method):
        refuse("method", method, f"must be one of {', '.join(get_args(Method))}")
    if size is not None and sizes is not None:
        refuse("size", size, "give one size to share out, or a size for each stratum, not both")
    elif size is None and sizes is None:
        refuse("size", None, "give a size to share out, or a size for each stratum")
    if method == "fixed" and sizes is None:
        refuse("method", method, "fixed needs a size for each stratum")
    if sizes is not None and method not in ("fixed", "proportional"):
        refuse("method", method, "sizes given for each stratum are fixed; leave the method out")
    if size is not None and size < 1:
        refuse("size", size, "must be a whole number of 1 or more")
    if minimum is not None and minimum < 0:
        refuse("minimum", minimum, "must be a whole number of 0 or more")
    if maximum is not None and maximum < 1:
        refuse("maximum", maximum, "must be a whole number of 1 or more")
    for label, population in counts.items():
        if population < 0:
            refuse("population", population, f"stratum '{label}' cannot have fewer than no cases")
    if not any(counts.values()):
        refuse("population", 0, "there is no case to draw from")
    for label in take_all:
        if label not in counts:
            refuse("take_all", label, "is no stratum of this list")
    return faults


def _strata(
    counts: Mapping[str, int],
    method: str,
    minimum: int | None,
    maximum: int | None,
    sd: Mapping[str, Number] | None,
    mean: Mapping[str, Number] | None,
    power: Number,
    take_all: Collection[str],
) -> list[Stratum]:
    least = (1 if method == "neyman" else 0) if minimum is None else minimum
    measures = _measures(counts, method, sd, mean, power)
    strata, faults = [], []
    for label, population in counts.items():
        lower = population if label in take_all else min(least, population)
        upper = population if label in take_all or maximum is None else min(maximum, population)
        if lower > upper:
            says = f"stratum '{label}': the minimum of {least} is above the maximum of {maximum}"
            faults.append(Fault(None, "minimum", str(least), says))
        strata.append(Stratum(label, population, measures[label], lower, upper))
    if faults:
        raise PlanError(faults)
    return strata


def _measures(
    counts: Mapping[str, int],
    method: str,
    sd: Mapping[str, Number] | None,
    mean: Mapping[str, Number] | None,
    power: Number,
) -> dict[str, Fraction]:
    """The measure a of each stratum: N, 1, N·S, or N^p with the coefficient of variation where it is known."""
    if method == "proportional":
        return {label: Fraction(population) for label, population in counts.items()}
    if method == "equal":
        return dict.fromkeys(counts, Fraction(1))
    faults: list[Fault] = []
    if method == "neyman":
        if sd is None:
            raise PlanError([Fault(None, "sd", None, "neyman needs the standard deviation of each stratum")])
        spread = _figures("sd", sd, counts, faults)
        measures = {label: counts[label] * spread.get(label, Fraction(0)) for label in counts}
    else:
        deviation = _figures("sd", sd, counts, faults) if sd is not None and mean is not None else {}
        average = _figures("mean", mean, counts, faults) if sd is not None and mean is not None else {}
        exponent = _power(power, faults)
        measures = {}
        for label, population in counts.items():
            variation = Fraction(1)
            if label in deviation and label in average:
                if average[label] == 0:
                    says = f"stratum '{label}' has a mean of 0, so that its coefficient of variation is not defined"
                    faults.append(Fault(None, "mean", "0", says))
                    continue
                variation = deviation[label] / abs(average[label])
            measures[label] = _raised(population, exponent) * variation
    if faults:
        raise PlanError(faults)
    return measures


def _figures(
    column: str, given: Mapping[str, Number], counts: Mapping[str, int], faults: list[Fault]
) -> dict[str, Fraction]:
    figures: dict[str, Fraction] = {}
    faults.extend(
        Fault(None, column, label, "is no stratum of this list; mend the label or leave it out")
        for label in given
        if label not in counts
    )
    for label in counts:
        if label not in given:
            faults.append(Fault(None, column, None, f"stratum '{label}' has no {column}; add it"))
            continue
        try:
            figures[label] = exact(given[label])
        except ValueError as error:
            faults.append(Fault(None, column, str(given[label]), f"stratum '{label}': {error}"))
            continue
        if column == "sd" and figures[label] < 0:
            faults.append(Fault(None, column, str(given[label]), f"stratum '{label}': must be 0 or more"))
    return figures


def _power(power: Number, faults: list[Fault]) -> Fraction:
    try:
        exponent = exact(power)
    except ValueError as error:
        faults.append(Fault(None, "power", str(power), str(error)))
        return Fraction(1)
    if not 0 <= exponent <= 1:
        faults.append(Fault(None, "power", str(power), "must lie between 0 (equal) and 1 (proportional)"))
    return exponent


def _raised(population: int, exponent: Fraction) -> Fraction:
    if not population:
        return Fraction(0)
    with localcontext() as context:
        context.prec = 60
        return Fraction(Decimal(population) ** (Decimal(exponent.numerator) / Decimal(exponent.denominator)))


def _fitting(strata: list[Stratum], size: int, minimum: int | None, maximum: int | None) -> tuple[int, list[Fault]]:
    """The size that can be met: at most all there is; refused where the bounds leave no room for it."""
    least, most = sum(s.lower for s in strata), sum(s.upper for s in strata)
    population = sum(s.population for s in strata)
    if least > size:
        says = (
            f"the least that each stratum must have adds up to {_sum(s.lower for s in strata)} = {least}, more than "
            f"the {size} to be drawn; draw {least} or more, or lower the minimum"
        )
        raise PlanError([Fault(None, "minimum" if minimum is not None else "size", str(size), says)])
    if size > population:
        says = f"{size} cases are asked for and there are {population}; all {most} that may be taken are taken"
        return most, [Fault(None, "size", str(size), says)]
    if most < size:
        says = (
            f"the maximum of {maximum} leaves at most {_sum(s.upper for s in strata)} = {most}, fewer than the "
            f"{size} to be drawn; draw {most} or fewer, or raise the maximum"
        )
        raise PlanError([Fault(None, "maximum", str(maximum), says)])
    return size, []


def _sum(numbers: Iterable[int]) -> str:
    parts = [str(number) for number in numbers if number]
    return " + ".join(parts if len(parts) <= 24 else [*parts[:23], f"… ({len(parts)} strata)"])


def _fixed(
    counts: Mapping[str, int],
    sizes: Mapping[str, int],
    minimum: int,
    maximum: int | None,
    take_all: Collection[str],
) -> Allocation:
    faults: list[Fault] = []

    def refuse(label: str, value: int | None, says: str) -> None:
        faults.append(Fault(None, "size", None if value is None else str(value), f"stratum '{label}' {says}"))

    for label, size in sizes.items():
        if label not in counts:
            refuse(label, size, "is no stratum of this list; mend the label or leave it out")
    for label, population in counts.items():
        wanted = population if label in take_all else sizes.get(label)
        if wanted is None:
            if population:
                refuse(label, None, f"has {population} cases and no size; give it one (0 if none is to be read)")
        elif wanted < 0:
            refuse(label, wanted, "cannot have fewer than no cases drawn")
        elif wanted > population:
            refuse(label, wanted, f"has {population} cases, fewer than the {wanted} to be drawn")
        elif wanted < min(minimum, population):
            refuse(label, wanted, f"gets {wanted}, fewer than the minimum of {min(minimum, population)}")
        elif maximum is not None and wanted > maximum and label not in take_all:
            refuse(label, wanted, f"gets {wanted}, more than the maximum of {maximum}")
    if not faults and not sum(sizes.values()):
        faults.append(Fault(None, "size", "0", "the sizes add up to no case at all"))
    if faults:
        raise PlanError(faults)
    result = {label: counts[label] if label in take_all else sizes.get(label, 0) for label in counts}
    return Allocation(result, _none_allocated(counts, result))


def _none_allocated(counts: Mapping[str, int], sizes: Mapping[str, int]) -> list[Fault]:
    return [
        Fault(
            None,
            "stratum",
            label,
            f"stratum '{label}' has {population} {'case' if population == 1 else 'cases'} and none is drawn, so that "
            "nothing can be said about it; merge it with another, or set a minimum of 1",
        )
        for label, population in counts.items()
        if population and not sizes[label]
    ]
