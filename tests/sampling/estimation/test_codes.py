"""Values as codes: whatever type and size a column has, equal rows come together and in order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from sampling.estimation import estimate_share, estimate_total
from sampling.estimation.variance import compress, tally

FAR = 10**12


@pytest.mark.parametrize(
    "codes",
    [[], [0], [3, 1, 3, 3], [FAR, 0, FAR, 7], [65_540, 0, 2], [65_544, 0, 2], [65_548, 0, 2], [65_549, 0, 2]],
)
def test_codes_near_and_far_are_counted_and_numbered_as_by_sorting(codes: list[int]) -> None:
    array = np.array(codes, dtype=np.int64)
    distinct, place, counts = np.unique(array, return_inverse=True, return_counts=True)

    for ours, by_sorting in ((compress(array), (distinct, place)), (tally(array), (distinct, counts))):
        assert ours[0].tolist() == by_sorting[0].tolist()
        assert ours[1].tolist() == by_sorting[1].tolist()
    assert [each.dtype for each in (*compress(array), *tally(array))] == [np.int64] * 3 + [np.float64]


@pytest.mark.parametrize(
    "values",
    [
        [3, 1, 2],
        [-3, -5, -4],
        [FAR, -FAR, 0],
        [2.5, -1.0, 2.0],
        [True, False, True],
        ["b", "B", "a"],
        list(pd.to_datetime(["2026-03-01", "2025-03-01", "2026-02-01"])),
        list(pd.Categorical(["x", "y", "x"])),
    ],
)
def test_groups_of_any_type_are_the_values_in_order(values: list[Any]) -> None:
    cases = pd.DataFrame({"by": pd.Series(values * 2), "y": [1, 0, 1, 1, 0, 0]})
    expected = cases.groupby("by", observed=True)["y"].agg(["size", "mean"])

    found = estimate_share(cases, "y", by="by").set_index("by")

    assert found.index.tolist() == expected.index.tolist()
    assert found["n"].tolist() == expected["size"].tolist()
    assert found["estimate"].tolist() == pytest.approx(expected["mean"].tolist())


def test_several_columns_make_strata_and_groups_of_their_combinations_that_occur() -> None:
    cases = pd.DataFrame(
        {
            "h": ["A", "A", "B", "B", "B", "A"],
            "g": [1, 2, 1, 1, 2, 1],
            "N": [10, 4, 6, 6, 3, 10],
            "k": [FAR, 5, FAR, 5, 5, 5],
            "y": [1] * 6,
        }
    )

    found = estimate_total(cases, "y", stratum=["h", "g"], population="N", by=["k", "g", "h"])

    # Weights: A1 10/2, A2 4/1, B1 6/2, B2 3/1.
    assert found[["k", "g", "h"]].to_numpy().tolist() == [
        [5, 1, "A"],
        [5, 1, "B"],
        [5, 2, "A"],
        [5, 2, "B"],
        [FAR, 1, "A"],
        [FAR, 1, "B"],
    ]
    assert found["estimate"].tolist() == [5, 3, 4, 3, 5, 3]


def test_a_table_with_an_index_of_its_own_is_read_by_its_rows() -> None:
    cases = pd.DataFrame({"h": list("AABB"), "N": [4, 4, 6, 6], "y": [1, 0, 1, 1]}, index=[7, 7, 3, 1])

    found = estimate_share(cases, "y", stratum="h", population="N", by="h")

    assert found.index.tolist() == [0, 1]
    assert found["estimate"].tolist() == [0.5, 1]
