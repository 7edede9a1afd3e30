"""Three records that the partnership says it cannot find: they stay in every denominator that is theirs, by hand.

Of a (40 on the list) 8 were drawn: 4, 4 and 5 are good, 3 and 2 are not, three were not produced. Each of the eight
stands for 40/8 = 5. Of b (12 on the list) 4 were drawn and read: 5 and 4 are good, 3 and 1 are not; 12/4 = 3 each.
"""

import pandas as pd
import pytest

from casereader.figures.results import plain_rows
from casereader.rollup import roll_up
from casereader.rollup.records import NOT_PRODUCED, record_figures
from casereader.vocabulary import CaseStatus
from tests.casereader.rollup import golden
from tests.casereader.rollup.test_records_and_themes import CRR, row

RATED = {"a": (40, "44532---"), "b": (12, "5431")}


def tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    """The cases, and the answers to C9."""
    cases, answers = [], []
    for stratum, (listed, ratings) in RATED.items():
        for place, rating in enumerate(ratings):
            status = CaseStatus.NOT_PRODUCED if rating == "-" else CaseStatus.READ
            cases.append(("p/one", f"{stratum}{place}", stratum, listed, status.value))
            if rating != "-":
                answers.append(("p/one", f"{stratum}{place}", "C9", rating))
    return (
        pd.DataFrame(cases, columns=["inspection", "case_ref", "stratum", "population", "status"]),
        pd.DataFrame(answers, columns=["inspection", "case_ref", "key", "value"]),
    )


def test_t08_three_records_not_produced_stay_in_the_weights_and_open_the_range() -> None:
    cases, answers = tables()
    whole = golden.figure(roll_up(cases, answers, golden.INSTRUMENT), "C9")

    assert (whole["population"], whole["n"], whole["k"], whole["not_produced"]) == (52, 9, 5, 3)
    assert whole["share"] == pytest.approx((3 * 5 + 2 * 3) / (5 * 5 + 4 * 3))  # 21/37; left out of a, it were 30/52
    assert whole["lowest"] == pytest.approx(21 / (37 + 3 * 5))
    assert whole["highest"] == pytest.approx((21 + 3 * 5) / (37 + 3 * 5))


def test_t08_three_records_not_produced_are_a_figure_of_their_own() -> None:
    cases, answers = tables()
    found = record_figures(cases, answers, CRR)

    whole, a, b = (row(found, NOT_PRODUCED, level) for level in ("", "a", "b"))
    assert (whole["n"], whole["k"], whole["share"]) == (12, 3, pytest.approx(15 / 52))
    assert (a["n"], a["k"], a["share"]) == (8, 3, pytest.approx(3 / 8))
    assert (b["n"], b["k"], b["share"]) == (4, 0, 0.0)
    assert {one["question"] for one in plain_rows(found)} == {NOT_PRODUCED}
