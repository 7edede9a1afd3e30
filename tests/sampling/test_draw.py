"""The draw: tickets, and what holds whatever the list, the plan and the seed."""

from __future__ import annotations

import csv
import json
import math
from hashlib import sha256
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.draw import _candidates, draw, start_after
from sampling.errors import Fault, PlanError
from sampling.labels import label_cases, stratum_label
from sampling.plan import Plan, plan_for
from sampling.tickets import ticket, ticket_bytes, tickets
from tests.sampling.lists import NAMES, REFERENCE, make_list

KNOWN = json.loads((REFERENCE / "prn_known_answers.json").read_text(encoding="utf-8"))


def drawn(table: pd.DataFrame, seed: str = "2026-06-01", **options: Any) -> pd.DataFrame:
    plan, _ = plan_for(table, **options)
    return draw(table, plan, seed=seed).sample


def main(sample: pd.DataFrame) -> set[str]:
    return set(sample.loc[sample["role"] == "main", "case_ref"])


def test_tickets_are_those_that_coreutils_gives() -> None:
    known = KNOWN["known"]

    assert tickets(KNOWN["seed"], [each["case_id"] for each in known]) == [each["sha256"] for each in known]


def test_the_order_within_strata_is_that_of_the_shell() -> None:
    with (REFERENCE / "data" / "prn_frame_200.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    table = pd.DataFrame(rows).rename(columns={"case_id": "case_ref"})

    sample = drawn(table, KNOWN["seed"], strata=("partnership", "category"), size=200)

    for stratum, expected in KNOWN["stratum_order"].items():
        inside = sample[sample["stratum"] == stratum.replace("|", " / ")]
        assert inside["case_ref"].tolist() == expected


def test_a_reference_is_stripped_and_composed_before_it_is_hashed() -> None:
    assert ticket("s", " e\u0301 ") == ticket("s", "é") == tickets("s", ["é"])[0]


@pytest.mark.parametrize("seed", ["", "x" * 201, "a|b", "é", "a\n", "\x7f", "a\tb"])
def test_a_seed_is_one_to_two_hundred_printable_ascii_characters_but_the_bar(seed: str) -> None:
    with pytest.raises(PlanError):
        ticket(seed, "a")


@pytest.mark.parametrize("seed", [" ", "~", " a ", "x" * 200])
def test_a_seed_is_used_as_given(seed: str) -> None:
    assert ticket(seed, "a") == tickets(seed, ["a"])[0]


COUNTED = st.dictionaries(st.sampled_from(NAMES), st.integers(1, 40), min_size=1)
SEEDS = st.text(st.characters(min_codepoint=32, max_codepoint=126, exclude_characters="|"), min_size=1, max_size=20)


@given(COUNTED, SEEDS, st.data())
def test_a_draw_has_its_sizes_its_order_and_weights_that_sum_to_the_population(
    counts: dict[str, int], seed: str, data: st.DataObject
) -> None:
    table = make_list(counts)
    size = data.draw(st.integers(1, len(table)))
    reserve = data.draw(st.sampled_from([0, 2, "50%", "33.3%", "100%"]))
    selection = data.draw(st.sampled_from(["tickets", "systematic"]))
    plan, _ = plan_for(table, size=size, reserve=reserve, selection=selection)

    sample = draw(table, plan, seed=seed).sample

    assert sample["case_ref"].is_unique
    stratum_of = dict(zip(table["case_ref"], table["stratum"], strict=True))
    assert sample["stratum"].tolist() == [stratum_of[ref] for ref in sample["case_ref"]]
    for label, population in counts.items():
        inside = sample[sample["stratum"] == label]
        n, r = plan.sizes[label], plan.reserves[label]
        assert inside["role"].tolist() == ["main"] * n + ["reserve"] * r
        assert inside["order"].tolist() == list(range(1, n + r + 1))
        assert inside["ticket"].tolist() == tickets(seed, inside["case_ref"])
        reserves = inside[inside["role"] == "reserve"]
        assert reserves["ticket"].is_monotonic_increasing
        assert reserves["weight"].isna().all()
        if n:
            assert inside["weight"].sum() == pytest.approx(population)
            assert inside["inclusion_probability"].dropna().unique().tolist() == [n / population]
    assert list(sample["stratum"]) == sorted(sample["stratum"])


@given(COUNTED, SEEDS, st.data())
def test_neither_the_order_of_the_list_nor_a_smaller_size_changes_which_cases_come_first(
    counts: dict[str, int], seed: str, data: st.DataObject
) -> None:
    table = make_list(counts)
    shuffled = table.iloc[data.draw(st.permutations(range(len(table))))]
    sizes = {label: data.draw(st.integers(0, n), label=label) for label, n in counts.items()}
    smaller = {label: data.draw(st.integers(0, n)) for label, n in sizes.items()}

    large = draw(table, Plan(sizes=sizes), seed=seed)
    again = draw(shuffled, Plan(sizes=sizes), seed=seed)
    small = draw(table, Plan(sizes=smaller), seed=seed)

    pd.testing.assert_frame_equal(large.sample, again.sample)
    assert large.frame_digest == again.frame_digest
    assert main(small.sample) <= main(large.sample)


@given(st.integers(2, 40), SEEDS, st.data())
def test_a_late_case_moves_any_other_by_one_place_at_most(population: int, seed: str, data: st.DataObject) -> None:
    table = make_list({"CPR": population})
    late = data.draw(st.integers(0, population - 1))
    before = draw(table.drop(index=late), Plan(sizes={"CPR": population - 1}), seed=seed).sample
    after = draw(table, Plan(sizes={"CPR": population}), seed=seed).sample

    place = dict(zip(after["case_ref"], after["order"], strict=True))
    moves = {place[ref] - order for ref, order in zip(before["case_ref"], before["order"], strict=True)}
    assert moves <= {0, 1}


def test_a_stratum_with_fewer_cases_than_the_reserves_planned_gives_all_it_has() -> None:
    sample = draw(make_list({"CPR": 5, "CPI": 3}), Plan(sizes={"CPR": 2, "CPI": 3}, reserves={"CPR": 9}), seed="s")

    assert sample.sample.groupby("stratum")["role"].value_counts().to_dict() == {
        ("CPI", "main"): 3,
        ("CPR", "main"): 2,
        ("CPR", "reserve"): 3,
    }


def test_a_draw_says_what_it_was_drawn_from() -> None:
    table, plan = make_list({"CPR": 5, "CPI": 3}), Plan(sizes={"CPR": 2, "CPI": 1})

    found = draw(table, plan, seed="s")

    lines = sorted(f"{label}\t{ref}" for ref, label in zip(table["case_ref"], table["stratum"], strict=True))
    assert (found.plan, found.seed, found.counts) == (plan, "s", {"CPI": 3, "CPR": 5})
    assert found.frame_digest == sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()
    assert found.sample["population"].tolist() == [3, 5, 5]
    assert found.sample["sample_size"].tolist() == [1, 2, 2]


def test_a_reserve_never_crosses_strata() -> None:
    sample = drawn(make_list({"CPR": 5, "CPI": 50}), size=12, minimum=4, reserve=10)

    assert sample["stratum"].value_counts().to_dict() == {"CPR": 5, "CPI": 18}


def test_every_case_is_drawn_equally_often_over_twenty_thousand_seeds() -> None:
    table = make_list({"CPR": 36, "CPI": 24})
    refs = table["case_ref"].tolist()
    ours = np.array([code == 0 for code in label_cases(table, ("stratum",)).codes])
    plan = Plan(sizes={"CPR": 9, "CPI": 6})
    for seed in ("seed 0", "seed 19999"):  # the shortcut below is the draw itself
        heads = np.frombuffer(ticket_bytes(seed, refs), dtype=">u8")[::4]
        first = {refs[i] for i in np.argsort(np.where(ours, heads, np.uint64(2**64 - 1)))[:6]}
        first |= {refs[i] for i in np.argsort(np.where(ours, np.uint64(2**64 - 1), heads))[:9]}
        assert first == main(draw(table, plan, seed=seed).sample)

    buffers = b"".join(ticket_bytes(f"seed {i}", refs) for i in range(20_000))
    heads = np.frombuffer(buffers, dtype=">u8")[::4].reshape(20_000, len(refs))

    for inside, n in ((ours, 6), (~ours, 9)):
        cases = heads[:, inside]
        taken = np.bincount(np.argsort(cases, axis=1)[:, :n].ravel(), minlength=inside.sum())
        expected = 20_000 * n / inside.sum()
        # Without replacement the counts vary by (1 − n/N)·N/(N − 1) of what independent draws would.
        chi_square = ((taken - expected) ** 2 / expected).sum() / (1 - n / inside.sum()) * (1 - 1 / inside.sum())
        df = inside.sum() - 1
        assert abs(chi_square - df) < 3.3 * math.sqrt(2 * df)


def test_cases_whose_tickets_begin_alike_are_all_compared_in_full() -> None:
    heads = np.array([5, 3, 9, 5, 5, 1], dtype=np.uint64)

    assert _candidates(np.argsort(heads, kind="stable"), heads, 3) == [5, 1, 0, 3, 4]


def test_two_programmes_with_the_same_seed_share_their_cases_or_avoid_them() -> None:
    table = make_list({"CPR": 60, "CPI": 30, "CARM": 5})
    first = drawn(table, size=30, minimum=5, reserve=2)

    shared = drawn(table, size=30, minimum=5, reserve=2)
    other = drawn(table, size=30, minimum=4, reserve=2, start=start_after(first))

    assert main(shared) == main(first)
    both = set(first["case_ref"]) & set(other["case_ref"])
    assert {
        ref for ref, label in zip(table["case_ref"], table["stratum"], strict=True) if ref in both and label != "CARM"
    } == set()
    assert len(other[other["stratum"] == "CARM"]) == 5  # too few to avoid; taken round from the smallest ticket


def test_a_third_programme_goes_on_after_the_second() -> None:
    table = make_list({"CPR": 30})
    first = drawn(table, size=10)
    second = drawn(table, size=10, start=start_after(first))
    third = drawn(table, size=10, start=start_after(second))

    assert main(first) | main(second) | main(third) == set(table["case_ref"])


def test_the_sample_has_the_columns_of_the_contract() -> None:
    table = make_list({"CPR": 4, "CPI": 4}, partnership=["Brigg", "Tarn"] * 4, age=["3"] * 8)

    plain = drawn(table, size=2)
    inside = drawn(table.rename(columns={"stratum": "reason"}), within="partnership", strata=("reason",), size=2)

    ends = ["role", "order", "ticket", "population", "sample_size", "inclusion_probability", "weight"]
    assert list(plain.columns) == ["case_ref", "stratum", *ends]
    assert list(inside.columns) == ["case_ref", "partnership", "reason", "stratum", *ends]
    assert set(inside["stratum"]) == set(inside["partnership"] + " / " + inside["reason"])


@pytest.mark.parametrize(
    ("strata", "within"),
    [
        (("stratum",), "partnership"),
        (("role",), None),
        (("partnership", "partnership"), None),
        (("partnership",), "partnership"),
        (("case_ref",), None),
        (("nowhere",), None),
        ((), None),
    ],
)
def test_columns_that_cannot_stand_in_the_sample_are_refused(strata: tuple[str, ...], within: str | None) -> None:
    table = make_list({"CPR": 4}, partnership=["Brigg"] * 4, role=["x"] * 4)

    with pytest.raises(PlanError):
        plan_for(table, strata=strata, within=within, size=2)
    with pytest.raises(PlanError):
        draw(table, Plan(sizes={}, strata=strata, within=within), seed="s")


def test_the_label_joins_within_and_strata_and_refuses_what_would_break_it() -> None:
    assert stratum_label(["Dunmere", "CPR"]) == "Dunmere / CPR"
    for value in ("a / b", "a\tb", "a\nb", "a\u2028b", " ", ""):
        with pytest.raises(PlanError):
            stratum_label([value])
        with pytest.raises(PlanError):
            label_cases(pd.DataFrame({"stratum": [value, "x"]}), ("stratum",))


def test_two_strata_that_would_share_a_label_are_refused() -> None:
    table = pd.DataFrame({"a": ["x /", "x"], "b": ["y", "/ y"]})

    with pytest.raises(PlanError, match="two strata would have this label"):
        label_cases(table, ("a", "b"))


def test_a_missing_stratum_is_a_fault_and_not_a_dropped_row() -> None:
    with pytest.raises(PlanError, match="row 3, column stratum"):
        label_cases(pd.DataFrame({"stratum": ["a", None, "b"]}), ("stratum",))


def faults_of(table: pd.DataFrame, plan: Plan, seed: str = "s") -> list[Fault]:
    with pytest.raises(PlanError) as caught:
        draw(table, plan, seed=seed)
    return caught.value.faults


@pytest.mark.parametrize("alone", ["a\tb", "a\nb", "a\rb", "", " "])
def test_one_reference_that_cannot_stand_in_a_line_is_enough(alone: str) -> None:
    table = pd.DataFrame({"case_ref": ["x", alone], "stratum": ["a", "a"]})

    assert [fault.row for fault in faults_of(table, Plan(sizes={"a": 1}))] == [3]


def test_a_reference_is_found_twice_however_it_is_written() -> None:
    table = pd.DataFrame({"case_ref": ["é", "x", "e\u0301 ", "é"], "stratum": ["a"] * 4})

    assert faults_of(table, Plan(sizes={"a": 1})) == [
        Fault(row, "case_ref", "é", "is also the case of row 2; keep one") for row in (4, 5)
    ]


def test_references_that_are_numbers_blank_broken_or_there_twice_are_told_with_their_rows() -> None:
    plan = Plan(sizes={"a": 1})
    numbers = pd.DataFrame({"case_ref": [1, 2], "stratum": ["a", "a"]})
    odd = pd.DataFrame({"case_ref": ["x", " ", "x ", "y\tz"], "stratum": ["a"] * 4})

    assert faults_of(numbers, plan) == [
        Fault(row, "case_ref", value, "is not text; read references as text, never as numbers")
        for row, value in ((2, "1"), (3, "2"))
    ]
    assert faults_of(odd, plan) == [
        Fault(3, "case_ref", "", "is blank; every case needs its reference"),
        Fault(4, "case_ref", "x", "is also the case of row 2; keep one"),
        Fault(5, "case_ref", "y\tz", "holds a TAB or a line break; write it on one line"),
    ]


def test_a_plan_that_does_not_fit_the_list_is_refused_with_everything_else_that_is_wrong() -> None:
    sizes = {"a": 3, "gone": 1, "none": 0, "c": -1}
    plan = Plan(sizes=sizes, start={"a": "no ticket", "b": "0" * 64, "c": "0" * 63, "d": "F" * 64})
    table = pd.DataFrame({"case_ref": ["x", "y", "z", "v"], "stratum": ["a", "a", "b", "c"]})

    assert faults_of(table, plan, seed="a|b") == [
        Fault(None, "seed", "a|b", "may not hold '|', which parts seed and reference in a ticket"),
        Fault(None, "stratum", "a", "the plan draws 3 from stratum 'a', which has 2 cases"),
        Fault(None, "stratum", "gone", "the plan draws 1 from stratum 'gone', which the list does not have"),
        Fault(None, "stratum", "c", "the plan draws -1 from stratum 'c', which has 1 cases"),
        Fault(
            None,
            "stratum",
            "b",
            "stratum 'b' has 1 cases, and the plan has no size for it; give it one, or 0",
        ),
        Fault(None, "start", "no ticket", "is no ticket to start stratum 'a' after"),
        Fault(None, "start", "0" * 63, "is no ticket to start stratum 'c' after"),
        Fault(None, "start", "F" * 64, "is no ticket to start stratum 'd' after"),
    ]
    assert faults_of(table, Plan(sizes=dict.fromkeys("abc", 1), id="nowhere")) == [
        Fault(None, "nowhere", None, "is not a column of the list")
    ]


def test_every_fault_of_list_and_plan_is_told_with_those_of_the_labels() -> None:
    table = pd.DataFrame({"case_ref": ["x", "x"], "stratum": ["a", " "]})
    plan = Plan(sizes={"a": 1}, selection="pps", measure="size", strata=("stratum", "stratum"))

    assert [(fault.row, fault.column) for fault in faults_of(table, plan, seed="")] == [
        (None, "seed"),
        (None, "stratum"),
        (None, "size"),
        (3, "case_ref"),
        (None, "stratum"),
        (None, "stratum"),
    ]


@pytest.mark.parametrize(
    ("reserve", "n", "reserves"),
    [("50%", 5, 3), ("55%", 20, 11), (3, 5, 3), ("0", 5, 0), ("12.5%", 8, 1), ("100%", 15, 5)],
)
def test_reserves_are_a_number_or_a_share_rounded_up_and_never_more_than_is_left(
    reserve: str | int, n: int, reserves: int
) -> None:
    plan, _ = plan_for(make_list({"CPR": max(20, n + 11) if n != 15 else 20}), size=n, reserve=reserve)

    assert plan.reserves == {"CPR": reserves}


def test_a_number_of_reserves_is_for_every_stratum_and_a_share_only_where_cases_are_drawn() -> None:
    table = make_list({"CPR": 99, "CPI": 1})

    assert plan_for(table, size=3, reserve=2)[0].reserves == {"CPI": 1, "CPR": 2}
    assert plan_for(table, size=3, reserve="50%")[0].reserves == {"CPI": 0, "CPR": 2}


@pytest.mark.parametrize("reserve", ["-1", "x", "2.5", "-5%", ""])
def test_a_reserve_that_makes_no_sense_is_refused(reserve: str) -> None:
    with pytest.raises(PlanError, match="reserve"):
        plan_for(make_list({"CPR": 9}), size=3, reserve=reserve)
