"""Allocation inside each value of a `within` column: a programme's partnerships, each with a sample of its own.

No method of its own: sizes are those of `sampling.size`, shared out by `sampling.allocation`, which name theirs.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, TypedDict, Unpack

from sampling.allocation import Allocation, Method, allocate
from sampling.errors import Fault, PlanError
from sampling.exact import Number
from sampling.size import sample_size


class Choices(TypedDict, total=False):
    """How sizes are shared out; each as in `allocate`."""

    method: Method
    minimum: int | None
    maximum: int | None
    sd: Mapping[str, Number] | None
    mean: Mapping[str, Number] | None
    power: Number
    take_all: Collection[str]


def allocate_within(
    groups: Mapping[str, Mapping[str, int]],
    *,
    size: int | None = None,
    sizes: Mapping[str, int] | None = None,
    confidence: Number | None = None,
    margin: Number | None = None,
    **choices: Unpack[Choices],
) -> Allocation:
    """Allocate in each group by itself (`groups`: group → label → N); every label stands once in the result.

    One of `size` (for each group), `sizes` (for each label) and `confidence` with `margin` (0–1, for each group; 0.90
    and 0.15 where one is left out) says how many. Raises PlanError with the faults of all groups.
    """
    by_margin = confidence is not None or margin is not None
    if (size is not None) + (sizes is not None) + by_margin != 1:
        says = "say how many in one way: a size, a size for each stratum, or a confidence and margin"
        raise PlanError([Fault(None, "size", None if size is None else str(size), says)])
    labels = {label for counts in groups.values() for label in counts}
    by_label = {"sizes": sizes, "sd": choices.get("sd"), "mean": choices.get("mean")}
    faults = [
        Fault(None, name, label, f"'{label}' is no stratum of this list; mend the label or leave it out")
        for name, given in (*by_label.items(), ("take_all", dict.fromkeys(choices.get("take_all", ()))))
        for label in given or ()
        if label not in labels
    ]
    result: dict[str, int] = {}
    warnings: dict[Fault, list[str]] = {}
    refusals: dict[Fault, list[str]] = {}
    for group, counts in groups.items():
        part: dict[str, Any] = dict(choices) | {
            name: None if given is None else {label: given[label] for label in counts if label in given}
            for name, given in by_label.items()
        }
        part["take_all"] = [label for label in choices.get("take_all", ()) if label in counts]
        try:
            if by_margin:
                level, half = confidence if confidence is not None else "0.90", margin if margin is not None else "0.15"
                part["size"] = sample_size(sum(counts.values()), confidence=level, margin=half).sample_size
            else:
                part["size"] = size
            allocation = allocate(counts, **part)
        except PlanError as error:
            for fault in error.faults:
                refusals.setdefault(fault, []).append(group)
        else:
            result.update(allocation)
            for warning in allocation.warnings:
                warnings.setdefault(warning, []).append(group)
    faults += _by_group(refusals, len(groups))
    if faults:
        raise PlanError(faults)
    return Allocation(result, _by_group(warnings, len(groups)))


def _by_group(found: Mapping[Fault, list[str]], groups: int) -> list[Fault]:
    """What holds in every group is said once; what holds in some says in which, unless it names a stratum already."""
    said = []
    for fault, where in found.items():
        if len(where) == groups or "stratum '" in fault.says:
            said.append(fault)
        else:
            said += [replace(fault, says=f"{group}: {fault.says}") for group in where]
    return said
