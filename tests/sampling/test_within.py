"""Allocation inside each value of a column: every partnership for itself, faults of all of them together."""

from __future__ import annotations

import pytest

from sampling.errors import PlanError
from sampling.within import allocate_within

GROUPS = {"Brigg": {"Brigg / a": 30, "Brigg / b": 10}, "Tarn": {"Tarn / a": 5, "Tarn / b": 5}}


def test_each_partnership_gets_the_size_for_itself() -> None:
    assert allocate_within(GROUPS, size=8) == {"Brigg / a": 6, "Brigg / b": 2, "Tarn / a": 4, "Tarn / b": 4}


def test_each_partnership_gets_the_size_its_own_margin_needs() -> None:
    # Of 40: 30.0616/(1 + 29.0616/40) = 17.41 → 18; of 10: 7.69 → 8.
    sizes = allocate_within(GROUPS, confidence="0.9")

    assert sizes["Brigg / a"] + sizes["Brigg / b"] == 18
    assert sizes["Tarn / a"] + sizes["Tarn / b"] == 8


def test_a_warning_says_which_partnership_it_is_about() -> None:
    allocation = allocate_within(GROUPS, size=20)

    assert [warning.says.split(":")[0] for warning in allocation.warnings] == ["Tarn"]


def test_the_faults_of_all_partnerships_are_told_and_what_is_wrong_everywhere_once() -> None:
    with pytest.raises(PlanError) as both:
        allocate_within(GROUPS, size=3, minimum=2, take_all=["Nowhere"])
    with pytest.raises(PlanError) as once:
        allocate_within(GROUPS, size=3, method="guess")  # type: ignore[typeddict-item]

    assert [fault.says[:12] for fault in both.value.faults] == ["'Nowhere' is", "the least th"]
    assert len(once.value.faults) == 1


def test_figures_for_a_stratum_of_no_partnership_are_refused() -> None:
    with pytest.raises(PlanError) as caught:
        allocate_within(GROUPS, sizes={"Brigg / a": 1, "Brigg / b": 1, "Tarn / a": 1, "Tarn / c": 1})

    assert [fault.says.split("'")[1] for fault in caught.value.faults] == ["Tarn / c", "Tarn / b"]


@pytest.mark.parametrize("options", [{}, {"size": 3, "margin": 0.1}, {"size": 3, "sizes": {}}])
def test_how_many_is_said_in_one_way(options: dict[str, object]) -> None:
    with pytest.raises(PlanError, match="in one way"):
        allocate_within(GROUPS, **options)  # type: ignore[arg-type]
