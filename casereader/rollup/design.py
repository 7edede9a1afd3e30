"""The sampled cases of a roll-up: who counts, with what weight, in which group.

A case counts once it is decided (read, not produced or ineligible). A case not reached is no row of any
estimate; it is only counted. A stratum with none decided is left out, and its size in the frame is reported.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress

import numpy as np
import numpy.typing as npt
import pandas as pd

from casereader.rollup.checks import (
    ALWAYS_VALID,
    ATTRIBUTES,
    PLANNED,
    STRATUM,
    WHOLE,
    RollUpError,
    check_cases,
    check_frame_counts,
)
from casereader.vocabulary import CaseStatus

DECIDED = (CaseStatus.READ.value, CaseStatus.NOT_PRODUCED.value, CaseStatus.INELIGIBLE.value)
DOMAINS = (WHOLE, STRATUM, *ATTRIBUTES)

Level = tuple[str, str]  # inspection and level, within one domain
Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Design:
    """The decided cases, one place each in every list and array, and what stands beside them.

    `levels` holds each case's inspection and level by domain; `population` the frame's N and `not_reached` the
    cases not reached, by domain, then inspection and level. `strata_left_out`: inspection, stratum, population,
    not_reached. `always_valid` holds the inspections whose limits must hold at any time, and `planned` how many cases
    the plan reads of each stratum, where that is known.
    """

    inspection: list[str]
    case_ref: list[str]
    stratum: list[str]
    is_read: npt.NDArray[np.bool_]
    is_not_produced: npt.NDArray[np.bool_]
    stratum_code: Codes
    stratum_size: Codes
    weight: Floats
    levels: Mapping[str, list[Level]]
    population: Mapping[str, Mapping[Level, int]]
    not_reached: Mapping[str, Mapping[Level, int]]
    strata_left_out: pd.DataFrame
    always_valid: frozenset[str] = frozenset()
    planned: Mapping[Level, int] = field(default_factory=dict)

    def coded(self, domain: str) -> tuple[Codes, list[Level]]:
        """Each case's level of a domain as a code, and the levels by code.

        A case with the attribute blank has a level of its own, named "", which no table shows: to drop its row
        would change the weights of the others.
        """
        return _coded(self.levels[domain])


def build_design(cases: pd.DataFrame, frame_counts: pd.DataFrame | None = None) -> Design:
    """Check the sampled cases and weigh each decided one: its stratum's N over the cases decided in it."""
    table = check_cases(cases)
    counts = None if frame_counts is None else check_frame_counts(frame_counts)
    is_decided = table["status"].isin(DECIDED)
    decided = table[is_decided]
    every = _levels(table)
    levels, waiting = (
        {domain: list(compress(named, which)) for domain, named in every.items()}
        for which in (is_decided.tolist(), (~is_decided).tolist())
    )
    code, _ = _coded(levels[STRATUM])
    size = decided["population"].to_numpy(dtype="int64")
    status = decided["status"].to_numpy(dtype=object)
    not_reached = {domain: Counter(named) for domain, named in waiting.items()}
    population = _population(every[STRATUM], table, counts)
    return Design(
        inspection=decided["inspection"].tolist(),
        case_ref=decided["case_ref"].tolist(),
        stratum=decided["stratum"].tolist(),
        is_read=status == CaseStatus.READ.value,
        is_not_produced=status == CaseStatus.NOT_PRODUCED.value,
        stratum_code=code,
        stratum_size=size,
        weight=size / np.bincount(code, minlength=1)[code],
        levels=levels,
        population=population,
        not_reached=not_reached,
        strata_left_out=_left_out(population[STRATUM], levels[STRATUM], not_reached[STRATUM]),
        always_valid=frozenset(compress(table["inspection"].tolist(), table[ALWAYS_VALID].tolist())),
        planned={level: n for level, n in zip(every[STRATUM], table[PLANNED].tolist(), strict=True) if n},
    )


def count_frame(frame: pd.DataFrame, *, attributes: Sequence[str] = ATTRIBUTES) -> pd.DataFrame:
    """Count a frame (columns inspection, stratum and any of `attributes`) as `frame_counts` of a roll-up."""
    rows = []
    inspections = frame["inspection"].astype(str).tolist()
    for domain in (WHOLE, STRATUM, *attributes):
        if domain == WHOLE:
            levels = [""] * len(frame)
        elif domain in frame.columns:
            levels = frame[domain].fillna("").astype(str).tolist()
        else:
            continue
        sizes = Counter(zip(inspections, levels, strict=True))
        rows += [
            (inspection, domain, level, size)
            for (inspection, level), size in sorted(sizes.items())
            if level or domain == WHOLE
        ]
    return pd.DataFrame(rows, columns=["inspection", "domain", "level", "population"])


def _levels(table: pd.DataFrame) -> dict[str, list[Level]]:
    inspections = table["inspection"].tolist()
    named = {domain: table[domain].tolist() for domain in (STRATUM, *ATTRIBUTES)}
    named[WHOLE] = [""] * len(table)
    return {domain: list(zip(inspections, named[domain], strict=True)) for domain in DOMAINS}


def _coded(named: list[Level]) -> tuple[Codes, list[Level]]:
    levels = sorted(set(named))
    place = {level: code for code, level in enumerate(levels)}
    return np.fromiter((place[level] for level in named), dtype="int64", count=len(named)), levels


def _population(strata: list[Level], table: pd.DataFrame, counts: pd.DataFrame | None) -> dict[str, dict[Level, int]]:
    """The frame's N of every level it holds; of the whole it is the sum of the strata unless the frame says it."""
    known: dict[str, dict[Level, int]] = {domain: {} for domain in DOMAINS}
    sampled = zip(strata, table["population"].tolist(), strict=True)
    known[STRATUM] = dict(sampled)
    if counts is not None:
        columns = (counts[name].tolist() for name in ("inspection", "domain", "level", "population"))
        torn = []
        for inspection, domain, level, size in zip(*columns, strict=True):
            before = known.setdefault(domain, {}).setdefault((inspection, level), size)
            if before != size:
                torn.append(f"{inspection} “{level}”" if level else inspection)
        if torn:
            raise RollUpError(f"There are different populations for {', '.join(torn)}.")
    sums: Counter[Level] = Counter()
    for (inspection, _), size in known[STRATUM].items():
        sums[inspection, ""] += size
    known[WHOLE] = {**sums, **known[WHOLE]}
    return known


def _left_out(population: Mapping[Level, int], decided: list[Level], not_reached: Mapping[Level, int]) -> pd.DataFrame:
    touched = set(decided)
    rows = [
        (*level, size, not_reached.get(level, 0)) for level, size in sorted(population.items()) if level not in touched
    ]
    return pd.DataFrame(rows, columns=["inspection", "stratum", "population", "not_reached"])
