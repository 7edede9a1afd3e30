"""Reserves standing in for ineligible cases, and what each case then weighs.

Only an ineligible case is replaced, by the next reserve of its own stratum; one that was not produced never is.
"""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from sampling.errors import Fault, PlanError


def next_reserve(sample: pd.DataFrame, stratum: str, used: Collection[str]) -> str | None:
    """The reference of the next reserve of the stratum, in the order of the draw, or None when all are used.

    `sample` has the columns of sample.csv; `used` are the reserves taken so far. Raises PlanError where the stratum
    is not in the sample, or an earlier reserve was passed over.
    """
    inside = sample[sample["stratum"] == stratum]
    if inside.empty:
        raise PlanError([Fault(None, "stratum", stratum, "is no stratum of this sample")])
    reserves = inside[inside["role"] == "reserve"].sort_values("order")["case_ref"].tolist()
    taken = [ref in used for ref in reserves]
    following = taken.index(False) if False in taken else len(taken)
    passed_over = [ref for ref, was_used in zip(reserves[following:], taken[following:], strict=True) if was_used]
    if passed_over:
        says = f"was used before reserve '{reserves[following]}', which comes first"
        raise PlanError([Fault(None, "case_ref", ref, says) for ref in passed_over])
    return str(reserves[following]) if following < len(reserves) else None


def weigh(sample: pd.DataFrame, decided: Collection[str]) -> tuple[pd.DataFrame, dict[str, int]]:
    """The cases decided, each weighing N over the cases decided in its stratum; and the N of the strata with none.

    Decided is a case that was read, not produced or found ineligible, main or reserve. Raises PlanError for a case that
    is not in the sample, and for a sample whose cases had unequal chances, where N over n is no weight.
    """
    strange = [ref for ref in dict.fromkeys(decided) if ref not in set(sample["case_ref"])]
    if strange:
        raise PlanError([Fault(None, "case_ref", ref, "is not in the sample") for ref in strange])
    if (sample.groupby("stratum")["inclusion_probability"].nunique() > 1).any():
        raise PlanError("the cases of a stratum had unequal chances, so N over the cases decided is not their weight")
    rows = sample[sample["case_ref"].isin(list(decided))].copy()
    rows["weight"] = rows["population"] / rows.groupby("stratum")["case_ref"].transform("size")
    left_out = sample[~sample["stratum"].isin(rows["stratum"])]
    return rows, {str(label): int(n) for label, n in zip(left_out["stratum"], left_out["population"], strict=True)}
