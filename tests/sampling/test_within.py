"""Allocation inside each value of a column: every partnership for itself, faults of all of them together."""

from __future__ import annotations

from typing import Any

import pytest

from sampling.errors import Fault, PlanError
from sampling.within import allocate_within

GROUPS = {"Brigg": {"Brigg / a": 30, "Brigg / b": 10}, "Tarn": {"Tarn / a": 5, "Tarn / b": 5}}


def test_each_partnership_gets_the_size_for_itself() -> None:
    assert allocate_within(GROUPS, size=8) == {"Brigg / a": 6, "Brigg / b": 2, "Tarn / a": 4, "Tarn / b": 4}


def test_each_partnership_gets_the_size_its_own_margin_needs() -> None:
    # Of 40: 30.0616/(1 + 29.0616/40) = 17.41 → 18; of 10: 7.69 → 8.
    sizes = allocate_within(GROUPS, confidence="0.9")
    assert sizes == allocate_within(GROUPS, margin="0.15")

    assert sizes["Brigg / a"] + sizes["Brigg / b"] == 18
    assert sizes["Tarn / a"] + sizes["Tarn / b"] == 8


def test_a_warning_says_which_partnership_it_is_about() -> None:
    allocation = allocate_within(GROUPS, size=20)

    says = "Tarn: 20 cases are asked for and there are 10; all 10 that may be taken are taken"
    assert allocation.warnings == (Fault(None, "size", "20", says),)


def test_a_warning_of_every_partnership_is_said_once_and_one_of_a_stratum_names_it_already() -> None:
    both = allocate_within(GROUPS, size=50).warnings
    stratum = allocate_within({"Brigg": {"Brigg / a": 30, "Brigg / b": 1}, "Tarn": {"Tarn / a": 5}}, size=2).warnings

    assert [warning.says.split(":")[0] for warning in both] == ["Brigg", "Tarn"]
    assert [(warning.value, warning.says[:19]) for warning in stratum] == [("Brigg / b", "stratum 'Brigg / b'")]
    (once,) = allocate_within({"Brigg": {"Brigg / a": 3}, "Tarn": {"Tarn / a": 3}}, size=4).warnings
    assert once.says == "4 cases are asked for and there are 3; all 3 that may be taken are taken"


def test_choices_are_those_of_each_partnership_by_itself() -> None:
    sd = {"Brigg / a": 1, "Brigg / b": 9, "Tarn / a": 3, "Tarn / b": 1}

    # N·S: 30 : 90 of 8, and 15 : 5 of 8, of which a has 5.
    assert allocate_within(GROUPS, size=8, method="neyman", sd=sd) == {
        "Brigg / a": 2,
        "Brigg / b": 6,
        "Tarn / a": 5,
        "Tarn / b": 3,
    }
    # √30·1/1 : √10·9/3 = 5.48 : 9.49 of 8, and √5·3/1 : √5·1/1 = 3 : 1, of which a has 5.
    mean = {"Brigg / a": 1, "Brigg / b": 3, "Tarn / a": 1, "Tarn / b": 1}
    assert list(allocate_within(GROUPS, size=8, method="power", sd=sd, mean=mean).values()) == [3, 5, 5, 3]
    assert list(allocate_within(GROUPS, size=8, method="power", power=0, maximum=7).values()) == [4, 4, 4, 4]


def test_strata_read_in_full_are_so_in_their_own_partnership() -> None:
    sizes = allocate_within(GROUPS, size=12, take_all=["Tarn / b", "Brigg / b"], maximum=6)

    assert list(sizes.values()) == [2, 10, 5, 5]


def test_fixed_sizes_of_all_partnerships_are_taken_as_given() -> None:
    sizes = {"Brigg / a": 1, "Brigg / b": 2, "Tarn / a": 3, "Tarn / b": 0}

    allocation = allocate_within(GROUPS, sizes=sizes)

    assert allocation == sizes
    assert [warning.value for warning in allocation.warnings] == ["Tarn / b"]


def test_the_faults_of_all_partnerships_are_told_and_what_is_wrong_everywhere_once() -> None:
    with pytest.raises(PlanError) as both:
        allocate_within(GROUPS, size=3, minimum=2, take_all=["Nowhere"])
    with pytest.raises(PlanError) as once:
        allocate_within(GROUPS, size=3, method="guess")  # type: ignore[typeddict-item]

    assert both.value.faults == [
        Fault(None, "take_all", "Nowhere", "'Nowhere' is no stratum of this list; mend the label or leave it out"),
        Fault(
            None,
            "minimum",
            "3",
            "the least that each stratum must have adds up to 2 + 2 = 4, more than the 3 to be drawn; "
            "draw 4 or more, or lower the minimum",
        ),
    ]
    assert once.value.faults == [
        Fault(None, "method", "guess", "must be one of proportional, equal, neyman, power, fixed")
    ]


def test_a_fault_of_one_partnership_says_which() -> None:
    with pytest.raises(PlanError) as caught:
        allocate_within(GROUPS, size=9, take_all=["Brigg / b"])

    assert caught.value.faults == [
        Fault(
            None,
            "size",
            "9",
            "Brigg: the least that each stratum must have adds up to 10 = 10, more than the 9 to be drawn; "
            "draw 10 or more, or lower the minimum",
        )
    ]


def test_figures_for_a_stratum_of_no_partnership_are_refused() -> None:
    with pytest.raises(PlanError) as caught:
        allocate_within(GROUPS, sizes={"Brigg / a": 1, "Brigg / b": 1, "Tarn / a": 1, "Tarn / c": 1})

    assert caught.value.faults == [
        Fault(None, "sizes", "Tarn / c", "'Tarn / c' is no stratum of this list; mend the label or leave it out"),
        Fault(None, "size", None, "stratum 'Tarn / b' has 5 cases and no size; give it one (0 if none is to be read)"),
    ]


@pytest.mark.parametrize("column", ["sd", "mean"])
def test_a_figure_for_a_stratum_of_no_partnership_is_refused_once(column: str) -> None:
    figures = dict.fromkeys(["Brigg / a", "Brigg / b", "Tarn / a", "Tarn / b"], 1)

    with pytest.raises(PlanError) as caught:
        allocate_within(
            GROUPS, size=5, method="power", **({"sd": figures, "mean": figures} | {column: figures | {"c": 1}})
        )  # type: ignore[typeddict-item]

    says = "'c' is no stratum of this list; mend the label or leave it out"
    assert caught.value.faults == [Fault(None, column, "c", says)]


@pytest.mark.parametrize("options", [{}, {"size": 3, "margin": 0.1}, {"size": 3, "sizes": {}}])
def test_how_many_is_said_in_one_way(options: dict[str, Any]) -> None:
    with pytest.raises(PlanError) as caught:
        allocate_within(GROUPS, **options)

    says = "say how many in one way: a size, a size for each stratum, or a confidence and margin"
    assert caught.value.faults == [Fault(None, "size", "3" if "size" in options else None, says)]
