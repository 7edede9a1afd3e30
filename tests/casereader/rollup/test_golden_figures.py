"""Every figure of a small roll-up against tests/golden/questions.csv, worked by hand.

Stratum a has N 40 and 8 decided cases (7 read, a8 not produced): each weighs 40/8 = 5. Stratum b has N 18 and
6 decided (5 read, b6 ineligible; b5 is the reserve that replaced it): each weighs 18/6 = 3. a9 and c1 were not
reached and b7 waits: they are no rows. Stratum c (N 7) has none decided and is left out.

C9, all records. a1 6, a2 5, a3 4, a5 4 are good, a4 3 and a6 2 are not, a7 cannot be evaluated;
b1 4, b3 5, b4 4 are good, b2 1 and b5 3 are not. So n = 6 + 5 = 11, k = 4 + 3 = 7,
share = (4·5 + 3·3) / (6·5 + 5·3) = 29/45. a8 weighs 5: from 29/50 to (29 + 5)/50 = 34/50.
Stratum a: (4·5)/(6·5) = 20/30, from 20/35 to 25/35. Stratum b: 9/15, nothing not produced.
0–4 (a1 a2 a3 b1 b2): (3·5 + 3)/(3·5 + 2·3) = 18/21. 5–11 (a4 a5 a6 b3 b4): (5 + 2·3)/(3·5 + 2·3) = 11/21,
with a8 from 11/26 to 16/26. b5 has no age: it is in neither, but keeps its weight in b.

C1: yes throughout, b3 not applicable: n = 7 + 4 = 11, share 1; with a8 from (7·5 + 4·3)/(47 + 5) = 47/52.

D8 is reversed: no counts as 1 (a1 a5 a6 b1 b5), yes, in part and cannot tell as 0 (a2 a3 a4 b2 b3), not
applicable (b4) not at all, a7 is blank. n = 6 + 4 = 10, k = 3 + 2 = 5, share (15 + 6)/(30 + 12) = 21/42, exactly
half and so the majority; with a8 from 21/47 to 26/47. H4 has under 10 records, and no word.

H4.addressed is asked where the theme is present or indicated: a1 yes, b2 in part: 5/(5 + 3), with a8 from 5/13
to 10/13; no record of 5–11, so no row. H4.present and D6 have no y, D11 no answer: no rows.

Standard errors, limits and degrees of freedom are R's: tests/golden/rollup_intervals.R.
"""

import pandas as pd
import pytest

from casereader.rollup import COLUMNS
from tests.casereader.rollup import golden

EXACT = [column for column in COLUMNS if column not in ("share", "se", "lower", "upper", "lowest", "highest")]


@pytest.mark.parametrize("column", EXACT)
def test_counts_and_words_are_those_worked_by_hand(column: str) -> None:
    ours, expected = golden.rolled_up().questions, golden.questions_csv()

    assert ours[column].tolist() == expected[column].tolist()


@pytest.mark.parametrize("column", ["share", "se", "lower", "upper", "lowest", "highest"])
def test_shares_and_limits_are_those_worked_by_hand_and_by_r(column: str) -> None:
    ours, expected = golden.rolled_up().questions, golden.questions_csv()

    assert ours[column].tolist() == pytest.approx(expected[column].tolist(), rel=1e-9, abs=1e-12)


def test_the_columns_are_exactly_those_of_questions_csv() -> None:
    assert tuple(golden.rolled_up().questions.columns) == COLUMNS == tuple(golden.questions_csv().columns)


def test_a_stratum_with_none_decided_is_left_out_and_its_size_is_reported() -> None:
    left_out = golden.rolled_up().strata_left_out

    assert left_out.to_dict("records") == [
        {"inspection": "2026/Ashfield", "stratum": "c", "population": 7, "not_reached": 1}
    ]
    assert "c" not in set(golden.rolled_up().questions["level"])


def test_the_opening_rows_stand_in_order_even_before_anything_is_answered() -> None:
    opening = golden.rolled_up().opening

    assert opening["label"].tolist() == ["Assessment", "Planning"]
    assert opening["question"].tolist() == ["C9", "D11"]
    assert opening["n"].tolist() == [11, 0]
    assert opening["share"].isna().tolist() == [False, True]


def test_each_question_stands_under_its_quality_indicator_in_the_instrument_s_order() -> None:
    by_qi = golden.rolled_up().by_qi

    assert by_qi[["qi", "qi_label", "question"]].values.tolist() == [
        ["5.3", "Planning", "D8"],
        ["5.2", "Assessment", "C9"],
    ]
    assert by_qi["n"].tolist() == [10, 11]


def test_a_section_s_figure_is_its_headline_question() -> None:
    sections = golden.rolled_up().sections

    assert sections[["title", "question"]].values.tolist() == [["Assessment", "C9"], ["Planning", "D11"]]
    assert sections["share"].iloc[0] == pytest.approx(29 / 45)


def test_a_distribution_shows_every_choice_counted_and_weighted() -> None:
    # C9 weights: 6: 5; 5: 5 + 3; 4: 5 + 5 + 3 + 3; 3: 5 + 3; 2: 5; 1: 3; together 45.
    table = golden.rolled_up().distributions
    ratings = table[table["question"] == "C9"]

    assert ratings["value"].tolist() == ["6", "5", "4", "3", "2", "1", "cannot_be_evaluated"]
    assert ratings["count"].tolist() == [1, 2, 4, 2, 1, 1, 1]
    weighted = [5 / 45, 8 / 45, 16 / 45, 8 / 45, 5 / 45, 3 / 45]
    assert ratings["weighted"].tolist()[:6] == pytest.approx(weighted)
    assert ratings["unweighted"].tolist()[:6] == pytest.approx([count / 11 for count in (1, 2, 4, 2, 1, 1)])
    assert pd.isna(ratings["weighted"].iloc[6])


def test_a_distribution_s_headline_choices_add_up_to_the_share() -> None:
    result = golden.rolled_up()
    good = result.distributions[result.distributions["y"] == 1].groupby("question")["weighted"].sum()

    for question in ("C9", "C1", "D8", "H4.addressed"):
        assert good[question] == pytest.approx(golden.figure(result, question)["share"])


def test_a_question_without_a_headline_still_has_its_distribution() -> None:
    # Stratum a, 5 each: weekly ×4, monthly, less, none. Stratum b, 3 each: weekly ×3, none, one blank. 35 + 12 = 47.
    table = golden.rolled_up().distributions
    frequency = table[table["question"] == "D6"]

    assert frequency["count"].tolist() == [7, 1, 1, 2]
    assert frequency["weighted"].tolist() == pytest.approx([29 / 47, 5 / 47, 5 / 47, 8 / 47])
