"""The draw: which cases are read, and which stand in reserve. It follows from list, plan and seed, and nothing else.

Within a stratum cases are taken by ticket, then case reference: the first n are main, the next r reserve. So the order
of the list does not matter, a larger sample later contains the earlier one, and a late case moves any other by at most
one place. Every case of a stratum has the same chance n/N, and weighs N/n. (Systematic selection, and selection with
probability proportional to size, are in `sampling.selection`; their reserves are the rest by ticket.)
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sampling.digest import frame_digest
from sampling.errors import Fault, PlanError
from sampling.labels import Labelled, label_cases, stratum_label
from sampling.plan import Plan, column_faults, measures, selection_faults
from sampling.selection import points, pps, random_start
from sampling.tickets import normal_reference, seed_faults, ticket, ticket_bytes, tickets

__all__ = ["Draw", "Plan", "draw", "start_after", "stratum_label", "ticket"]


@dataclass(frozen=True, slots=True)
class Draw:
    """What was drawn: `sample` has the columns and rows of sample.csv, `counts` the population of each stratum."""

    sample: pd.DataFrame
    plan: Plan
    seed: str
    counts: Mapping[str, int]
    frame_digest: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What one stratum gives: rows of the list in their order, how many of them are main, and the chances of those."""

    rows: list[int]
    n: int
    chances: list[Fraction]


def draw(table: pd.DataFrame, plan: Plan, *, seed: str) -> Draw:
    """Draw from a list as `read_frame` leaves it; raises PlanError where they do not fit together."""
    faults = seed_faults(seed)
    faults += column_faults(plan.strata, plan.within, plan.id)
    faults += selection_faults(table, plan.selection, plan.order_by, plan.measure, plan.start)
    refs, labelled = read_cases(table, plan, faults)
    if labelled is not None:
        faults += size_faults(plan, labelled.counts)
    lengths = measures(table, plan.measure, refs, faults)
    if faults or labelled is None:
        raise PlanError(faults)
    taken = select(table, refs, labelled, plan, seed, lengths)
    digest = frame_digest(zip((labelled.labels[code] for code in labelled.codes.tolist()), refs, strict=True))
    return Draw(sample_of(table, refs, labelled.counts, plan, seed, taken), plan, seed, labelled.counts, digest)


def read_cases(table: pd.DataFrame, plan: Plan, faults: list[Fault]) -> tuple[list[str], Labelled | None]:
    """The references in their normal form, and the stratum of each row; what is wrong is added to `faults`."""
    refs: list[str] = []
    if plan.id not in table.columns:
        faults.append(Fault(None, plan.id, None, "is not a column of the list"))
    else:
        refs = _references(table[plan.id].tolist(), plan.id, faults)
    try:
        return refs, label_cases(table, plan.strata, plan.within)
    except PlanError as error:
        faults += error.faults
        return refs, None


def select(
    table: pd.DataFrame,
    refs: Sequence[str],
    labelled: Labelled,
    plan: Plan,
    seed: str,
    lengths: Sequence[int] | None,
) -> dict[str, Taken]:
    """What each stratum gives, never more than it has; `lengths` are the sizes of the cases for pps."""
    digests = ticket_bytes(seed, refs)
    heads = np.frombuffer(digests, dtype=">u8")[::4].astype(np.uint64)
    ranked = np.lexsort((heads, labelled.codes))
    ends = np.cumsum(np.bincount(labelled.codes))

    def by_ticket(row: int) -> tuple[bytes, str]:
        return digests[32 * row : 32 * row + 32], refs[row]

    taken = {}
    for label, cases in zip(labelled.labels, np.split(ranked, ends[:-1]), strict=True):
        n = min(plan.sizes.get(label, 0), len(cases))
        whole = n + min(plan.reserves.get(label, 0), len(cases) - n)
        if plan.selection == "tickets" and label not in plan.start:
            rows = sorted(_candidates(cases, heads, whole), key=by_ticket)
            taken[label] = Taken(rows[:whole], n, [Fraction(n, len(cases))] * n)
            continue
        rows = sorted(cases.tolist(), key=by_ticket)
        chances = [Fraction(n, len(cases))] * n
        if plan.selection == "tickets":
            after = bytes.fromhex(plan.start[label])
            rows.sort(key=lambda row: by_ticket(row)[0] <= after)
            main = rows[:n]
        elif plan.selection == "systematic":
            line = sorted(rows, key=_order_key(table, plan.order_by))
            main = [line[i] for i in points(random_start(seed, label), n, None, len(line))]
        else:
            assert lengths is not None
            indexes, chance = pps(random_start(seed, label), [lengths[row] for row in rows], n)
            main, chances = [rows[i] for i in indexes], [chance[i] for i in indexes]
        drawn = set(main)
        taken[label] = Taken([*main, *(row for row in rows if row not in drawn)][:whole], n, chances)
    return taken


def start_after(sample: pd.DataFrame) -> dict[str, str]:
    """The ticket in each stratum after which a later programme with the same seed takes its cases, to avoid these.

    `sample` is the earlier one, with its reserves. Where both together need more than a stratum has, cases are shared.
    """
    last = sample.sort_values("order").groupby("stratum")["ticket"].last()
    return {str(label): str(value) for label, value in last.items()}


def _candidates(cases: NDArray[np.intp], heads: NDArray[np.uint64], whole: int) -> list[int]:
    """The first `whole` cases by the head of their ticket, with any more that share the last one's head."""
    if not whole:
        return []
    found: list[int] = cases[: np.searchsorted(heads[cases], heads[cases[whole - 1]], side="right")].tolist()
    return found


def _order_key(table: pd.DataFrame, order_by: Sequence[str]) -> Callable[[int], tuple[tuple[bool, Any], ...]]:
    """Numbers by size, text by its bytes, blanks last; rows that tie keep the ticket order they come in."""
    columns = [table[column].tolist() for column in order_by]

    def key(row: int) -> tuple[tuple[bool, Any], ...]:
        values = [column[row] for column in columns]
        blank = [value is None or value is pd.NA or value != value or value == "" for value in values]
        return tuple((no, "" if no else value) for no, value in zip(blank, values, strict=True))

    return key


def sample_of(
    table: pd.DataFrame,
    refs: Sequence[str],
    counts: Mapping[str, int],
    plan: Plan,
    seed: str,
    taken: Mapping[str, Taken],
) -> pd.DataFrame:
    """The columns and rows of sample.csv; `taken` numbers rows of `table` and `refs`, which need hold no others."""
    rows = [row for part in taken.values() for row in part.rows]
    columns: dict[str, Any] = {"case_ref": [refs[row] for row in rows]}
    for column in [*([plan.within] if plan.within else []), *plan.strata]:
        columns[column] = table[column].iloc[rows].astype(str).tolist()
    columns["stratum"] = [label for label, part in taken.items() for _ in part.rows]
    columns["role"] = [
        "main" if place < part.n else "reserve" for part in taken.values() for place in range(len(part.rows))
    ]
    columns["order"] = [place + 1 for part in taken.values() for place in range(len(part.rows))]
    columns["ticket"] = tickets(seed, columns["case_ref"])
    columns["population"] = [counts[label] for label, part in taken.items() for _ in part.rows]
    columns["sample_size"] = [part.n for part in taken.values() for _ in part.rows]
    blanks = [[math.nan] * (len(part.rows) - part.n) for part in taken.values()]
    for name, power in (("inclusion_probability", 1), ("weight", -1)):
        columns[name] = [
            value
            for part, blank in zip(taken.values(), blanks, strict=True)
            for value in [*(float(chance**power) for chance in part.chances), *blank]
        ]
    return pd.DataFrame(columns)


def _references(values: Sequence[Any], column: str, faults: list[Fault]) -> list[str]:
    """The references in their normal form; one not text, blank, broken over lines or there twice is a fault."""
    strange = [row for row, value in enumerate(values) if not isinstance(value, str)]
    if strange:
        says = "is not text; read references as text, never as numbers"
        faults += [Fault(row + 2, column, str(values[row]), says) for row in strange]
        return []
    together = "".join(values)
    refs = [ref.strip() for ref in values] if together.isascii() else [normal_reference(ref) for ref in values]
    if len(set(refs)) < len(refs) or "" in refs or any(c in together for c in "\t\n\r"):
        seen: dict[str, int] = {}
        for row, ref in enumerate(refs):
            if not ref:
                faults.append(Fault(row + 2, column, "", "is blank; every case needs its reference"))
            elif any(c in ref for c in "\t\n\r"):
                faults.append(Fault(row + 2, column, ref, "holds a TAB or a line break; write it on one line"))
            elif ref in seen:
                faults.append(Fault(row + 2, column, ref, f"is also the case of row {seen[ref] + 2}; keep one"))
            seen.setdefault(ref, row)
    return refs


def size_faults(plan: Plan, counts: Mapping[str, int]) -> list[Fault]:
    """Where the sizes of a plan do not fit the strata of a list."""
    faults = []
    for label, n in plan.sizes.items():
        if label not in counts:
            if n:
                says = f"the plan draws {n} from stratum '{label}', which the list does not have"
                faults.append(Fault(None, "stratum", label, says))
        elif not 0 <= n <= counts[label]:
            says = f"the plan draws {n} from stratum '{label}', which has {counts[label]} cases"
            faults.append(Fault(None, "stratum", label, says))
    for label, population in counts.items():
        if label not in plan.sizes:
            says = f"stratum '{label}' has {population} cases, and the plan has no size for it; give it one, or 0"
            faults.append(Fault(None, "stratum", label, says))
    return faults + start_faults(plan)


def start_faults(plan: Plan) -> list[Fault]:
    """Where a plan starts after what cannot be a ticket."""
    return [
        Fault(None, "start", after, f"is no ticket to start stratum '{label}' after")
        for label, after in plan.start.items()
        if not re.fullmatch("[0-9a-f]{64}", after)
    ]
