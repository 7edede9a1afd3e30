"""Tables of double readings: what is counted, what is measured from ten pairs on, and who meets the threshold."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd
import pytest

from casereader.agreement import (
    Threshold,
    Verdict,
    by_question,
    by_section,
    coefficients,
    confusion,
    gwet_ac,
    is_compared,
    krippendorff_alpha,
    moves,
    rating_of,
    verdict,
    weighted_kappa,
)
from tests.casereader.instrument.files import CRR_1

SIX = (1, 2, 3, 4, 5, 6)
NOT_APPLICABLE, CANNOT_BE_EVALUATED = "not_applicable", "cannot_be_evaluated"
# Twelve pairs of C9: 8 alike, 11 within one point, 9 on the same side of good.
FIRST = ["4", "4", "4", "5", "5", "3", "3", "2", "4", "3", "6", "4"]
SECOND = ["4", "4", "4", "5", "5", "3", "3", "2", "3", "4", "5", "2"]


def pairs(key: str, first: Sequence[str | None], second: Sequence[str | None]) -> pd.DataFrame:
    return pd.DataFrame({"pair": range(len(first)), "key": key, "first": first, "second": second})


def measured(key: str, first: Sequence[str | None], second: Sequence[str | None]) -> pd.Series:
    (row,) = (row for _, row in by_question(pairs(key, first, second), CRR_1).iterrows())
    return row


def test_pairs_are_counted_alike_within_a_point_and_on_four_or_better() -> None:
    row = measured("C9", FIRST, SECOND)

    assert (row["n"], row["n_exact"], row["n_within_one"]) == (12, 8, 11)
    assert (row["n_counted"], row["n_both_counted"]) == (9, 12)
    assert (row["exact"], row["within_one"], row["counted"]) == pytest.approx((8 / 12, 11 / 12, 9 / 12), abs=1e-12)


def test_ratings_have_their_weights_and_the_ordinal_metric() -> None:
    row, a, b = measured("C9", FIRST, SECOND), [*map(int, FIRST)], [*map(int, SECOND)]
    both = list(zip(a, b, strict=True))

    for name, direct in (
        ("kappa", weighted_kappa(a, b, levels=SIX)),
        ("alpha", krippendorff_alpha(both, metric="ordinal")),
        ("ac", gwet_ac(both, levels=SIX, weights="linear")),
    ):
        found = (row[name], row[f"{name}_lower"], row[f"{name}_upper"], row[f"{name}_n"])
        assert found == pytest.approx((direct.estimate, direct.lower, direct.upper, direct.n), abs=1e-12)


def test_other_scales_agree_only_where_the_answers_are_the_same() -> None:
    """Kappa by hand: 8 of 10 alike, margins 6/4 and 6/4, so (0.8 − 0.52) / 0.48."""
    first = ["yes"] * 6 + ["no"] * 4
    second = ["yes"] * 5 + ["no"] + ["no"] * 3 + ["yes"]

    row = measured("C1", first, second)

    assert row["kappa"] == pytest.approx(0.28 / 0.48, abs=1e-12)
    four = ["yes", "in_part", "no", "cannot_tell"]
    assert row["ac"] == pytest.approx(gwet_ac(list(zip(first, second, strict=True)), levels=four).estimate, abs=1e-12)
    assert row["n_within_one"] is None
    assert math.isnan(row["within_one"])


def test_cannot_tell_is_an_answer_and_counts_as_not_shown() -> None:
    row = measured("C1", ["cannot_tell", "cannot_tell", "yes"], ["cannot_tell", "no", "cannot_tell"])

    assert (row["n"], row["n_exact"]) == (3, 1)
    assert (row["n_counted"], row["n_both_counted"]) == (2, 3)  # no and cannot tell both count 0


def test_what_cannot_be_rated_is_counted_beside_the_coefficients_and_whether_it_can_is_measured() -> None:
    first = [*FIRST, NOT_APPLICABLE, "4", NOT_APPLICABLE, None, "5"]
    second = [*SECOND, "4", CANNOT_BE_EVALUATED, CANNOT_BE_EVALUATED, "3", None]

    row, without = measured("C10", first, second), measured("C10", FIRST, SECOND)

    assert (row["n"], row["one_rated"], row["none_rated"], row["one_asked"]) == (12, 2, 1, 2)
    assert row["rated"] == pytest.approx(13 / 15)
    for name in ("exact", "within_one", "counted", "kappa", "alpha"):
        assert row[name] == without[name]
    assert (row["kappa_n"], row["ac_n"]) == (12, 16)  # a single rating tells AC what chance is


def test_under_ten_pairs_there_are_counts_and_no_coefficient() -> None:
    few, enough = measured("C9", FIRST[:9], SECOND[:9]), measured("C9", FIRST[:10], SECOND[:10])

    assert (few["n"], few["n_exact"]) == (9, 8)
    assert few[["exact", "kappa", "alpha", "ac", "counted", "rated"]].isna().all()
    assert enough[["exact", "kappa", "alpha", "ac", "counted", "rated"]].notna().all()


def test_full_agreement_has_an_interval_with_a_width_and_no_coefficient_where_every_rating_is_the_same() -> None:
    """Wilson at 10 of 10: from 10 / (10 + 1.96²) to 1."""
    row = measured("C9", ["4"] * 10, ["4"] * 10)

    assert (row["exact"], row["exact_upper"]) == (1.0, 1.0)
    assert row["exact_lower"] == pytest.approx(10 / (10 + 1.959963984540054**2), abs=1e-12)
    assert math.isnan(row["kappa"])


def test_a_count_has_exact_agreement_within_one_and_alpha_alone() -> None:
    row = measured("F6", ["0", "1", "2", "3", "4"] * 2, ["0", "1", "2", "3", "5"] * 2)

    assert (row["n_exact"], row["n_within_one"]) == (8, 10)
    assert row["alpha"] > 0.9
    assert row[["kappa", "ac"]].isna().all()


def test_what_readers_do_not_judge_themselves_is_not_compared() -> None:
    compared = {key for key in CRR_1.parts if is_compared(CRR_1.part(key))}

    assert {"A5", "B6", "C1", "D6.planned", "F6", "G1.safe", "H4.present", "R1", "I8", "J5"} <= compared
    assert not compared & {"A1", "A2", "A4.health", "J7", "J9", "G4.help", "J3.1", "J6.example"}
    assert by_question(pairs("A1", ["a"] * 12, ["a"] * 12), CRR_1).empty


@pytest.mark.parametrize(
    ("key", "value", "rating"),
    [
        ("C9", "4", 4),
        ("C9", CANNOT_BE_EVALUATED, None),
        ("C9", None, None),
        ("C9", "x", None),
        ("C1", "cannot_tell", "cannot_tell"),
        ("C1", "7", None),
        ("F6", "12", 12),
        ("G2", "too_early", "too_early"),
    ],
)
def test_a_rating_is_the_value_on_its_scale(key: str, value: str | None, rating: int | str | None) -> None:
    assert rating_of(CRR_1.part(key), value) == rating


def test_more_than_two_readers_have_alpha_and_ac() -> None:
    found = coefficients(CRR_1.part("C9"), [[4, 4, 5], [3, None, 3], [2, 2, 3]])

    assert set(found) == {"alpha", "ac"}
    assert found["ac"].n == 3


def test_the_confusion_table_has_every_answer_of_both_readers_and_who_was_not_asked() -> None:
    table = confusion(pairs("C1", ["yes", "yes", "no", None], ["yes", "no", "no", "yes"]), CRR_1.part("C1"))

    assert list(table.index) == list(table.columns)
    assert list(table.index) == ["yes", "in_part", "no", "cannot_tell", NOT_APPLICABLE, "Not asked"]
    assert (table.loc["yes", "yes"], table.loc["yes", "no"], table.loc["Not asked", "yes"]) == (1, 1, 1)
    assert int(table.to_numpy().sum()) == 4


def test_a_question_meets_the_threshold_by_coefficient_or_by_exact_agreement() -> None:
    threshold = Threshold("kappa", 0.75, 0.95)
    row = {"n": 30, "alpha": 0.9, "kappa": 0.4, "kappa_upper": 0.6, "exact": 0.6, "exact_upper": 0.8}

    assert verdict(row, threshold) is Verdict.BELOW
    assert verdict(row | {"kappa_upper": 0.75}, threshold) is Verdict.PERHAPS_BELOW
    assert verdict(row | {"exact_upper": 0.96}, threshold) is Verdict.PERHAPS_BELOW
    assert verdict(row | {"kappa": 0.75}, threshold) is Verdict.MET
    assert verdict(row | {"exact": 0.95}, threshold) is Verdict.MET
    assert (
        verdict(row | {"kappa": math.nan, "alpha": math.nan, "alpha_upper": math.nan, "exact": 1.0}, threshold)
        is Verdict.MET
    )
    assert verdict(row | {"n": 9}, threshold) is Verdict.TOO_FEW


def test_a_count_has_alpha_for_the_threshold_whatever_the_coefficient() -> None:
    row = measured("F6", ["0", "1", "2", "3", "4"] * 2, ["0", "1", "2", "3", "5"] * 2)

    assert verdict(row, Threshold("ac", 0.75, 0.95)) is Verdict.MET
    assert verdict(row, Threshold("ac", 0.999, 0.95)) is Verdict.PERHAPS_BELOW


def test_a_section_tells_its_headline_and_how_its_questions_lie_and_pools_no_coefficient() -> None:
    """C1 8 of 10 alike, C9 8 of 12: 16 of 22 answers, pair by pair."""
    first, second = ["yes"] * 6 + ["no"] * 4, ["yes"] * 5 + ["no"] + ["no"] * 3 + ["yes"]
    answers = pd.concat([pairs("C1", first, second), pairs("C9", FIRST, SECOND)])
    table = by_question(answers, CRR_1)

    (row,) = by_section(table, answers, CRR_1, coefficient="kappa").to_dict("records")

    kappas = sorted(table["kappa"])
    assert (row["section"], row["headline"], row["n_questions"], row["n_measured"]) == ("C", "C9", 2, 2)
    assert (row["lowest"], row["median"], row["highest"]) == (kappas[0], pytest.approx(sum(kappas) / 2), kappas[1])
    assert (row["n_pairs"], row["n_answers"], row["n_exact"]) == (12, 22, 16)
    # residuals: C1 apart at pairs 5 and 9, C9 at 8 to 11; s = 16/22, twice ten pairs of two answers and two of one
    alike = [2, 2, 2, 2, 2, 1, 2, 2, 1, 0, 0, 0]
    answered = [2] * 10 + [1] * 2
    left = [k - 16 / 22 * m for k, m in zip(alike, answered, strict=True)]
    se = (12 / 11 * sum(one * one for one in left)) ** 0.5 / 22
    assert row["exact_upper"] - row["exact"] == pytest.approx(2.2009851600830815 * se, abs=1e-9)


def test_a_share_moves_from_first_to_second_readers_by_a_paired_difference() -> None:
    """First 8 of 12 good, second 7: one gained, two lost; limits by Bonett and Price (2012), by hand."""
    (row,) = moves(pairs("C9", FIRST, SECOND), CRR_1, ["C9", "D11"]).to_dict("records")

    assert (row["question"], row["n"], row["first_k"], row["second_k"]) == ("C9", 12, 8, 7)
    assert row["difference"] == pytest.approx(-1 / 12)
    up, down = 2 / 14, 3 / 14
    half = 1.6448536269514722 * ((up + down - (up - down) ** 2) / 14) ** 0.5
    assert (row["lower"], row["upper"]) == pytest.approx((up - down - half, up - down + half), abs=1e-9)


def test_where_no_reading_moved_the_difference_still_has_an_interval_and_under_ten_there_is_none() -> None:
    (same,) = moves(pairs("C9", ["4"] * 10, ["5"] * 10), CRR_1, ["C9"]).to_dict("records")
    (few,) = moves(pairs("C9", FIRST[:9], SECOND[:9]), CRR_1, ["C9"]).to_dict("records")

    assert (same["difference"], same["lower"] < 0 < same["upper"]) == (0.0, True)
    assert (few["n"], few["first_k"], few["second_k"]) == (9, 6, 5)
    assert math.isnan(few["difference"])
