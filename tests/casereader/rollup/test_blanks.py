"""A blank is never a nought: what is not answered, closed, refused or unread changes no figure it has no part in."""

import pandas as pd
import pytest

from casereader.rollup import RollUp, roll_up
from tests.casereader.rollup import golden


def _rolled(answers: pd.DataFrame, cases: pd.DataFrame | None = None) -> RollUp:
    return roll_up(
        golden.cases() if cases is None else cases,
        answers,
        golden.INSTRUMENT,
        frame_counts=golden.frame_counts(),
        method="logit",
    )


@pytest.mark.parametrize("blank", [None, "", "no such value"])
def test_a_blank_answer_counts_as_no_answer(blank: str | None) -> None:
    answers = golden.answers()
    mine = (answers["case_ref"] == "a1") & (answers["key"] == "C9")
    blanked = answers.assign(value=answers["value"].mask(mine, blank).astype(object))

    with_blank, without_row = _rolled(blanked), _rolled(answers[~mine])

    assert golden.figure(with_blank, "C9")["n"] == 10
    assert golden.figure(with_blank, "C9")["share"] == pytest.approx(24 / 40)
    pd.testing.assert_frame_equal(with_blank.questions, without_row.questions)


def test_a_question_nobody_answered_has_no_row_and_no_nought() -> None:
    assert "D11" not in set(golden.rolled_up().questions["question"])


def test_a_case_not_reached_changes_nothing_but_its_own_count() -> None:
    cases = golden.cases()
    fewer = cases[cases["status"].isin(["read", "not produced", "ineligible"])]
    before, after = golden.rolled_up().questions, _rolled(golden.answers(), fewer).questions

    assert golden.figure(_rolled(golden.answers(), fewer), "C9")["not_reached"] == 0
    pd.testing.assert_frame_equal(before.drop(columns="not_reached"), after.drop(columns="not_reached"))


def test_answers_of_a_case_that_was_not_read_count_nowhere() -> None:
    answers = golden.answers()
    stray = pd.DataFrame(
        {"inspection": "2026/Ashfield", "case_ref": ["a8", "b6", "a9", "b7"], "key": "C9", "value": "6"}
    )

    with_stray = _rolled(pd.concat([answers, stray], ignore_index=True))

    pd.testing.assert_frame_equal(with_stray.questions, golden.rolled_up().questions)
    pd.testing.assert_frame_equal(with_stray.distributions, golden.rolled_up().distributions)


def test_an_ineligible_case_keeps_its_place_in_its_stratum_s_weight() -> None:
    # Without b6 stratum b has 5 decided cases of 18, each 3.6: C9 is (20 + 3·3.6)/(30 + 5·3.6) = 30.8/48.
    cases = golden.cases()

    without = _rolled(golden.answers(), cases[cases["case_ref"] != "b6"])

    assert golden.figure(without, "C9")["share"] == pytest.approx(30.8 / 48)
    assert golden.figure(golden.rolled_up(), "C9")["share"] == pytest.approx(29 / 45)


def test_an_answer_that_skip_logic_closed_afterwards_does_not_count() -> None:
    # a2's theme is not present, so its old answer about the plan is no record of the theme.
    answers = golden.answers()
    left_over = pd.DataFrame(
        {"inspection": ["2026/Ashfield"], "case_ref": ["a2"], "key": ["H4.addressed"], "value": ["no"]}
    )

    with_left_over = _rolled(pd.concat([answers, left_over], ignore_index=True))

    pd.testing.assert_frame_equal(with_left_over.questions, golden.rolled_up().questions)
    pd.testing.assert_frame_equal(with_left_over.distributions, golden.rolled_up().distributions)


def test_a_case_with_a_blank_attribute_is_in_no_level_of_it_but_in_all_the_rest() -> None:
    result = golden.rolled_up()
    by_age = result.questions[(result.questions["domain"] == "age_band") & (result.questions["question"] == "C9")]

    assert by_age["level"].tolist() == ["0-4", "5-11"]
    assert by_age["n"].sum() == 10
    assert golden.figure(result, "C9")["n"] == 11


def test_an_attribute_the_frame_does_not_hold_has_no_rows() -> None:
    assert set(golden.rolled_up().questions["domain"]) == {"all", "stratum", "age_band"}


def test_nothing_decided_gives_empty_tables_and_says_what_was_left_out() -> None:
    cases = golden.cases().assign(status="waiting")

    result = _rolled(golden.answers(), cases)

    assert result.questions.empty
    assert result.distributions.empty
    assert result.opening["n"].tolist() == [0, 0]
    assert result.strata_left_out["population"].tolist() == [40, 18, 7]


def test_cases_decided_but_none_read_give_empty_tables() -> None:
    cases = golden.cases().assign(status="not produced")

    assert _rolled(golden.answers(), cases).questions.empty
