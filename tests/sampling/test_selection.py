"""Systematic selection and selection with probability proportional to size, against R and by hand."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from hashlib import sha256
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.draw import draw
from sampling.errors import PlanError
from sampling.plan import plan_for
from sampling.selection import hartley_rao_variance, inclusion_probabilities, points, pps, random_start
from sampling.tickets import tickets
from tests.sampling.lists import make_list, references

VALUES = references("selection")


@pytest.mark.parametrize(
    ("sizes", "n", "key"), [(list(range(1, 21)), 12, "incl_1"), ([2, 2, 3, 5, 8, 100], 3, "incl_2")]
)
def test_inclusion_probabilities_are_those_of_r_sampling(sizes: list[int], n: int, key: str) -> None:
    assert [float(p) for p in inclusion_probabilities(sizes, n)] == pytest.approx(VALUES[key], rel=1e-12)


def test_the_systematic_points_fall_where_r_puts_them() -> None:
    # π = .2 .7 .8 .5 .4 .4 laid end to end, with u = 0.3: the second, third and fifth.
    taken = points(int(Fraction(3, 10) * 2**64), 3, [2, 7, 8, 5, 4, 4], 6)

    assert [int(i in taken) for i in range(6)] == VALUES["sys_pik_known_u"]


@given(st.lists(st.integers(1, 500), min_size=1, max_size=30), st.data())
def test_pps_takes_n_different_cases_with_chances_that_sum_to_n(sizes: list[int], data: st.DataObject) -> None:
    n = data.draw(st.integers(1, len(sizes)))

    taken, chances = pps(data.draw(st.integers(0, 2**64 - 1)), sizes, n)

    assert len(set(taken)) == n
    assert sum(chances) == n
    assert all(0 < chance <= 1 for chance in chances)
    assert all(i in taken for i, chance in enumerate(chances) if chance == 1)


@given(st.integers(1, 60), st.integers(0, 2**64 - 1), st.data())
def test_cases_of_equal_size_are_taken_as_systematically(population: int, start: int, data: st.DataObject) -> None:
    n = data.draw(st.integers(1, population))

    equal = points(start, n, None, population)

    assert equal == points(start, n, [7] * population, population)
    assert equal == sorted(set(equal))


def ordered_list() -> pd.DataFrame:
    ages = [i % 18 for i in range(40)]
    table = make_list({"CPR": 25, "CPI": 15}, age=ages, size=[str(1 + 0.25 * (i % 7)) for i in range(40)])
    return table.astype({"age": "Int64"})


def drawn(seed: str = "s", **options: Any) -> pd.DataFrame:
    table = ordered_list()
    plan, _ = plan_for(table, **options)
    return draw(table, plan, seed=seed).sample


def test_systematic_selection_takes_every_so_many_of_the_ordered_cases() -> None:
    table = ordered_list()
    sample = drawn(size=10, selection="systematic", order_by=("age",), reserve=2)

    for label, n in (("CPI", 4), ("CPR", 6)):
        inside = table[table["stratum"] == label].assign(ticket=lambda rows: tickets("s", rows["case_ref"]))
        line = inside.sort_values(["age", "ticket"])["case_ref"].tolist()
        u = Fraction(int(sha256(f"s|start|{label}".encode()).hexdigest()[:16], 16), 2**64)
        places = [math.floor((u + i) * len(line) / n) for i in range(n)]
        main = [line[place] for place in places]
        rest = inside[~inside["case_ref"].isin(main)].sort_values("ticket")["case_ref"].tolist()
        assert sample.loc[sample["stratum"] == label, "case_ref"].tolist() == [*main, *rest[:2]]


def test_an_order_puts_numbers_by_size_and_blanks_last() -> None:
    table = make_list(
        {"CPR": 6},
        age=[10, 9, None, 2, None, 30],
        note=["b", "", "a", "B", None, "a"],
        score=[0.5, None, 2, None, -1, 7],
    ).astype({"age": "Int64"})

    def line(column: str) -> list[Any]:
        plan, _ = plan_for(table, size=6, selection="systematic", order_by=(column,))
        refs = draw(table, plan, seed="s").sample["case_ref"]
        return table.set_index("case_ref").loc[refs, column].tolist()

    assert line("age")[:4] == [2, 9, 10, 30]
    assert line("note")[:4] == ["B", "a", "a", "b"]
    assert line("score")[:4] == [-1, 0.5, 2, 7]


def test_cases_that_tie_in_one_column_are_ordered_by_the_next_then_by_ticket() -> None:
    table = make_list({"CPR": 8}, age=["5", "", "4", "5", "4", "", "5", "4"], sex=list("fmmfmmmf"))
    plan, _ = plan_for(table, size=8, selection="systematic", order_by=("age", "sex"))

    found = draw(table, plan, seed="s").sample["case_ref"].tolist()

    table["ticket"] = tickets("s", table["case_ref"])
    in_order = table.assign(age=table["age"].replace("", "9")).sort_values(["age", "sex", "ticket"])
    assert found == in_order["case_ref"].tolist()


def test_pps_weighs_by_one_over_the_chance_and_its_reserves_are_the_rest_by_ticket() -> None:
    table = ordered_list().set_index("case_ref")
    sample = drawn(size=10, selection="pps", measure="size", reserve=3)

    for label, n in (("CPI", 4), ("CPR", 6)):
        inside = sample[sample["stratum"] == label]
        main, reserves = inside[inside["role"] == "main"], inside[inside["role"] == "reserve"]
        sizes = table.loc[table["stratum"] == label, "size"].astype(float)
        chances = n * sizes / sizes.sum()
        assert main["inclusion_probability"].tolist() == pytest.approx(chances[main["case_ref"]].tolist())
        assert (main["weight"] * main["inclusion_probability"]).tolist() == pytest.approx([1] * n)
        # The n points (u + i)·M/n along the sizes laid end to end in ticket order.
        line = sorted(sizes.index, key=lambda ref: tickets("s", [ref])[0])
        u = Fraction(int(sha256(f"s|start|{label}".encode()).hexdigest()[:16], 16), 2**64)
        ends = [Fraction(end) for end in sizes[line].cumsum()]
        falls = [(u + i) * ends[-1] / n for i in range(n)]
        assert main["case_ref"].tolist() == [line[sum(end <= fall for end in ends)] for fall in falls]
        left = [ref for ref in sizes.index if ref not in set(main["case_ref"])]
        assert reserves["case_ref"].tolist() == sorted(left, key=lambda ref: tickets("s", [ref])[0])[:3]


def test_the_random_start_comes_from_seed_and_stratum() -> None:
    assert random_start("s", "CPR") == int(sha256(b"s|start|CPR").hexdigest()[:16], 16)
    assert random_start("s", "CPR") != random_start("s", "CPI")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"selection": "guess"}, "must be one of"),
        ({"order_by": ("age",)}, "systematic selection only"),
        ({"measure": "size"}, "pps selection only"),
        ({"selection": "pps"}, "needs the column"),
        ({"selection": "pps", "measure": "nowhere"}, "not a column"),
        ({"selection": "systematic", "order_by": ("nowhere",)}, "not a column"),
        ({"selection": "systematic", "start": {"CPR": "0" * 64}}, "with tickets only"),
        ({"selection": "pps", "measure": "stratum"}, "must be a number above 0"),
        ({"selection": "pps", "measure": "age"}, "must be a number above 0"),
    ],
)
def test_choices_that_do_not_go_together_are_refused(options: dict[str, Any], says: str) -> None:
    with pytest.raises(PlanError, match=says):
        drawn(size=10, **options)


def test_the_variance_of_hartley_and_rao_is_about_right_over_all_orders() -> None:
    # Every order of six cases and a fine grid of starts: the true variance of the total, and the mean of its estimate.
    sizes, y, n, grid = [3, 4, 5, 6, 7, 5], [31, 45, 46, 66, 64, 52], 3, 60
    chances = [n * size / sum(sizes) for size in sizes]
    squares = sum(chance**2 for chance in chances)
    totals, estimates = [], []
    for order in itertools.permutations(range(6)):
        if order[0] > order[-1]:
            continue  # the mirror image of another
        for step in range(grid):
            taken, _ = pps((2 * step + 1) * 2**63 // grid, [sizes[i] for i in order], n)
            cases = [order[i] for i in taken]
            totals.append(sum(y[i] / chances[i] for i in cases))
            estimates.append(hartley_rao_variance([y[i] for i in cases], [chances[i] for i in cases], squares))
    mean = sum(totals) / len(totals)
    true = sum((total - mean) ** 2 for total in totals) / len(totals)

    assert mean == pytest.approx(sum(y), rel=0.005)
    assert sum(estimates) / len(estimates) == pytest.approx(true, rel=0.15)
    assert math.isnan(hartley_rao_variance([1], [0.5], 0.25))


def test_the_variance_of_hartley_and_rao_by_hand() -> None:
    # One pair: (1 − ½ − ¼ + 0.4/2) × (3/½ − 5/¼)².
    assert hartley_rao_variance([3, 5], [Fraction(1, 2), 0.25], 0.4) == pytest.approx(0.45 * 14**2)
    # Three: each pair's square, 196, 4 and 144, by 1 − π − π + 0.6/3, halved.
    expected = (0.45 * 196 + 0.2 * 4 + 0.45 * 144) / 2
    assert hartley_rao_variance([3, 5, 4], [0.5, 0.25, 0.5], 0.6) == pytest.approx(expected)
