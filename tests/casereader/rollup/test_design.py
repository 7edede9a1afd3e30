"""What a roll-up refuses, what it needs of the frame, and that many inspections are the same as each alone."""

import pandas as pd
import pytest

from casereader.rollup import RollUpError, count_frame, roll_up
from tests.casereader.rollup import golden


def _second_inspection() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The same references and labels in another inspection, with other sizes and the ratings turned round."""
    cases = golden.cases().assign(inspection="2026/Birchwood")
    cases["population"] = cases["population"] * 3
    answers = golden.answers().assign(inspection="2026/Birchwood")
    answers["value"] = answers["value"].replace({"6": "1", "5": "2", "1": "6", "2": "5"})
    counts = golden.frame_counts().assign(inspection="2026/Birchwood")
    return cases, answers, counts.assign(population=counts["population"] * 3)


def test_many_inspections_at_once_are_each_of_them_alone() -> None:
    cases, answers, counts = _second_inspection()
    alone = roll_up(cases, answers, golden.INSTRUMENT, frame_counts=counts, method="logit")

    both = roll_up(
        pd.concat([cases, golden.cases()], ignore_index=True),
        pd.concat([answers, golden.answers()], ignore_index=True),
        golden.INSTRUMENT,
        frame_counts=pd.concat([counts, golden.frame_counts()], ignore_index=True),
        method="logit",
    )

    for name in ("questions", "distributions", "opening", "sections", "by_qi", "strata_left_out"):
        expected = pd.concat([getattr(golden.rolled_up(), name), getattr(alone, name)], ignore_index=True)
        pd.testing.assert_frame_equal(getattr(both, name), expected, check_exact=False, rtol=1e-12)


def test_the_order_of_the_rows_does_not_matter() -> None:
    shuffled = roll_up(
        golden.cases().iloc[::-1].reset_index(drop=True),
        golden.answers().sample(frac=1, random_state=7),
        golden.INSTRUMENT,
        frame_counts=golden.frame_counts(),
        method="logit",
    )

    pd.testing.assert_frame_equal(shuffled.questions, golden.rolled_up().questions, rtol=1e-12)
    pd.testing.assert_frame_equal(shuffled.distributions, golden.rolled_up().distributions, rtol=1e-12)


def test_rows_stand_by_inspection_then_the_instrument_s_order_then_domain_and_level() -> None:
    table = golden.rolled_up().questions
    order = {key: place for place, key in enumerate(golden.INSTRUMENT.parts)}
    keys = list(zip(table["inspection"], table["question"].map(order), table["domain"], table["level"], strict=True))

    assert keys == sorted(keys)


def test_without_counts_of_the_frame_only_the_strata_and_the_whole_have_a_population() -> None:
    result = roll_up(golden.cases(), golden.answers(), golden.INSTRUMENT)

    assert golden.figure(result, "C9")["population"] == 65
    assert golden.figure(result, "C9", "stratum", "a")["population"] == 40
    assert golden.figure(result, "C9", "age_band", "0-4")["population"] is pd.NA


def test_a_frame_is_counted_level_by_level_without_its_blanks() -> None:
    frame = pd.DataFrame(
        {
            "inspection": "2026/Ashfield",
            "stratum": ["a", "a", "b"],
            "age_band": ["0-4", None, "5-11"],
        }
    )

    assert count_frame(frame).values.tolist() == [
        ["2026/Ashfield", "all", "", 3],
        ["2026/Ashfield", "stratum", "a", 2],
        ["2026/Ashfield", "stratum", "b", 1],
        ["2026/Ashfield", "age_band", "0-4", 1],
        ["2026/Ashfield", "age_band", "5-11", 1],
    ]


def test_a_stratum_of_the_frame_from_which_nothing_was_sampled_is_left_out_by_name() -> None:
    more = pd.DataFrame([["2026/Ashfield", "stratum", "d", 4]], columns=golden.frame_counts().columns)
    counts = pd.concat([golden.frame_counts(), more], ignore_index=True)

    left_out = roll_up(golden.cases(), golden.answers(), golden.INSTRUMENT, frame_counts=counts).strata_left_out

    assert left_out[["stratum", "population", "not_reached"]].values.tolist() == [["c", 7, 1], ["d", 4, 0]]


def test_every_fault_of_the_cases_is_told_at_once() -> None:
    cases = golden.cases().astype({"population": object})
    cases.loc[0, "status"] = "lost"
    cases.loc[1, "stratum"] = None
    cases.loc[2, "population"] = 40.5
    cases.loc[4, "case_ref"] = "a4"

    with pytest.raises(RollUpError) as caught:
        roll_up(cases, golden.answers(), golden.INSTRUMENT)

    for said in ("no stratum", "whole number", "status that is not known", "met before (first: a4)"):
        assert said in str(caught.value)


def test_a_stratum_with_two_populations_or_more_cases_than_children_is_refused() -> None:
    cases = golden.cases()
    cases.loc[0, "population"] = 41
    cases.loc[cases["stratum"] == "b", "population"] = 3

    with pytest.raises(RollUpError, match=r"“a” has more than one population.*“b” has 7 sampled cases"):
        roll_up(cases, golden.answers(), golden.INSTRUMENT)


def test_cases_and_frame_that_disagree_about_a_stratum_are_refused() -> None:
    counts = golden.frame_counts()
    counts.loc[counts["level"] == "b", "population"] = 19

    with pytest.raises(RollUpError, match=r"different populations for 2026/Ashfield “b”"):
        roll_up(golden.cases(), golden.answers(), golden.INSTRUMENT, frame_counts=counts)


def test_two_answers_to_one_question_of_a_case_are_refused() -> None:
    answers = pd.concat([golden.answers(), golden.answers().head(1)], ignore_index=True)

    with pytest.raises(RollUpError, match=r"given twice \(first: C1 of a1\)"):
        roll_up(golden.cases(), answers, golden.INSTRUMENT)


def test_an_answer_to_no_question_of_the_instrument_is_refused() -> None:
    answers = golden.answers().replace({"key": {"D6": "D66"}})

    with pytest.raises(RollUpError, match="no question D66"):
        roll_up(golden.cases(), answers, golden.INSTRUMENT)


def test_missing_columns_are_named() -> None:
    with pytest.raises(RollUpError, match="cases lack the columns stratum, population"):
        roll_up(golden.cases().drop(columns=["stratum", "population"]), golden.answers(), golden.INSTRUMENT)
    with pytest.raises(RollUpError, match="answers lack the columns key"):
        roll_up(golden.cases(), golden.answers().drop(columns="key"), golden.INSTRUMENT)
