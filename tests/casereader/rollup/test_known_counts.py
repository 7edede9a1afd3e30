"""Weighted to what the list holds: R's post-stratification, groups settled by the list and the draw alone."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from casereader.instrument.load import load
from casereader.rollup import RollUpError
from casereader.rollup.known_counts import Group, Weighted, WhyNot, groups_of, weighted_to_counts
from sampling.estimation import estimate_share
from tests.casereader.rollup import golden
from tests.casereader.rollup.together import tables

CRR = load(Path(__file__).parents[3] / "data" / "instruments" / "crr-1.toml")


def first() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Cases, answers and counts of the first inspection."""
    cases, answers, counts = (table[table["inspection"] == "p/one"].reset_index(drop=True) for table in tables())
    return cases, answers, counts


def weighted(cases: pd.DataFrame, answers: pd.DataFrame, counts: pd.DataFrame) -> list[Weighted]:
    """The figures of C9."""
    return weighted_to_counts(cases, answers, CRR, frame_counts=counts, keys=["C9"])


def test_a_share_weighted_to_known_counts_is_that_of_r() -> None:
    # R survey 4.1: postStratify(svydesign(strata=~stratum, fpc=~population), ~age_band, c(older=40, young=50)), then
    # svymean and svyciprop(method="xlogit", level=0.90) over the records with an answer. By design it is 0.439.
    (one,) = weighted(*first())
    row = one.figures.iloc[0]

    assert (one.attribute, one.why_not) == ("age_band", None)
    assert one.groups == (Group(("older",), 12, 40), Group(("young",), 16, 50))
    assert row["share"] == pytest.approx(0.4276541636, abs=1e-10)
    assert row["se"] == pytest.approx(0.0799838038388, abs=1e-11)
    assert (row["lower"], row["upper"]) == pytest.approx((0.299327008049, 0.566515275459), abs=1e-10)
    assert (row["n"], row["k"], row["df"]) == (26, 11, 24)
    assert (row["word"], row["also"]) == ("less than half", "the majority")


def test_groups_of_few_records_are_taken_together_until_they_are_ten() -> None:
    listed = {"0-4": 20, "5-11": 60, "12-15": 70, "16-17": 5, "": 2}

    assert groups_of(listed, {"0-4": 4, "5-11": 18, "12-15": 20, "16-17": 6}) == [
        Group(("", "0-4", "16-17"), 10, 27),
        Group(("12-15",), 20, 70),
        Group(("5-11",), 18, 60),
    ]
    assert groups_of({"0-4": 20, "5-11": 60, "12-15": 70}, {"0-4": 4, "5-11": 12, "12-15": 20}) == [
        Group(("0-4", "5-11"), 16, 80),
        Group(("12-15",), 20, 70),
    ]


def test_one_group_alone_is_no_figure_and_the_groups_say_why() -> None:
    cases, answers, counts = first()
    few = cases[(cases["age_band"] == "young") | (cases["stratum"] == "b")]

    (one,) = weighted(few, answers, counts)

    assert one.why_not is WhyNot.TOO_FEW_GROUPS
    assert one.groups == (Group(("older", "young"), 23, 90),)
    assert one.figures.empty


def test_what_the_strata_hold_already_is_not_weighted_again() -> None:
    cases, answers, counts = first()
    cases = cases.assign(age_band=cases["stratum"].map({"a": "young", "b": "older"}))

    (one,) = weighted(cases, answers, counts.assign(population=[60, 30]))

    assert one.why_not is WhyNot.STRATA_HOLD_IT


def test_no_weight_is_carried_to_children_of_a_stratum_without_a_record() -> None:
    cases, answers, counts = first()
    whole = pd.DataFrame([("p/one", "all", "", 95)], columns=counts.columns)  # five children in another stratum

    assert weighted(cases, answers, pd.concat([counts, whole])) == []


def test_children_of_whom_the_list_does_not_say_it_are_a_group_of_their_own() -> None:
    cases, answers, counts = first()
    cases.loc[cases["stratum"] == "b", "age_band"] = ""

    (one,) = weighted(cases, answers, counts.assign(population=[40, 20]))

    assert one.groups == (Group(("", "older"), 16, 50), Group(("young",), 12, 40))


def test_a_level_that_the_list_does_not_hold_is_refused() -> None:
    cases, answers, counts = first()

    with pytest.raises(RollUpError, match="age_band that the list does not hold"):
        weighted(cases.assign(age_band="elsewhere"), answers, counts)


def test_where_age_matters_the_interval_is_shorter_and_holds_the_truth_as_often_as_it_says() -> None:
    # 300 children, half of them young: 90% of the young are good and 30% of the others, so 0.6 of all. 80 are drawn.
    chance = np.random.default_rng(11)
    young = np.repeat([True, False], 150)
    good = np.concatenate([np.arange(150) < 135, np.arange(150) < 45])
    counts = pd.DataFrame(
        [("p", "age_band", "young", 150), ("p", "age_band", "older", 150)],
        columns=["inspection", "domain", "level", "population"],
    )
    held, to_counts, by_design = 0, 0.0, 0.0
    for _ in range(100):
        drawn = chance.choice(300, 80, replace=False)
        refs = [f"c{place}" for place in drawn]
        cases = pd.DataFrame({"inspection": "p", "case_ref": refs, "stratum": "b", "population": 300, "status": "read"})
        cases["age_band"] = np.where(young[drawn], "young", "older")
        answers = pd.DataFrame(
            {"inspection": "p", "case_ref": refs, "key": "C9", "value": np.where(good[drawn], "5", "2")}
        )
        (one,) = weighted_to_counts(cases, answers, golden.INSTRUMENT, frame_counts=counts, keys=["C9"])
        row = one.figures.iloc[0]
        plain = estimate_share(cases.assign(y=good[drawn]), "y", stratum="stratum", population="population").iloc[0]
        held += row["lower"] <= 0.6 <= row["upper"]
        to_counts += row["upper"] - row["lower"]
        by_design += plain["upper"] - plain["lower"]

    assert abs(held / 100 - 0.90) < 3 * (0.9 * 0.1 / 100) ** 0.5
    assert to_counts < 0.85 * by_design
