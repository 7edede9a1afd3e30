"""Figures whose limits hold at any time, against every way in which the cases of two small strata could be.

Of a (8 on the list) 5 are decided: three good, one not, one not produced. Of b (5) three: one good, two not. Of c (2)
none is, so that each of the two may be anything.
"""

import numpy as np
import pandas as pd
import pytest

from casereader.rollup import ALWAYS_VALID, roll_up
from casereader.rollup.combined import combined_figures
from casereader.rollup.known_counts import weighted_to_counts
from casereader.vocabulary import CaseStatus
from sampling.sequential import share_limits
from tests.casereader.rollup import golden
from tests.casereader.rollup.test_combined import CRR
from tests.casereader.rollup.together import tables
from tests.sampling import every_make_up

RATED = {"a": (8, "5543-"), "b": (5, "521"), "c": (2, " ")}


def small(*, always: bool = True) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The cases of one inspection, and the answers to C9; three of a are young."""
    cases, answers = [], []
    for stratum, (listed, ratings) in RATED.items():
        for place, rating in enumerate(ratings):
            status = {"-": CaseStatus.NOT_PRODUCED, " ": CaseStatus.NOT_REACHED}.get(rating, CaseStatus.READ)
            band = "young" if stratum == "a" and place < 3 else "older"
            cases.append(("p/one", f"{stratum}{place}", stratum, listed, status.value, band, always))
            if status is CaseStatus.READ:
                answers.append(("p/one", f"{stratum}{place}", "C9", rating))
    names = ["inspection", "case_ref", "stratum", "population", "status", "age_band", ALWAYS_VALID]
    return pd.DataFrame(cases, columns=names), pd.DataFrame(answers, columns=["inspection", "case_ref", "key", "value"])


@pytest.mark.parametrize(
    ("domain", "level", "strata"),
    [
        ("all", "", [(8, 3, 1, 1), (5, 1, 2, 0), (2, 0, 0, 0)]),
        ("stratum", "a", [(8, 3, 1, 1)]),
        ("stratum", "b", [(5, 1, 2, 0)]),
        ("age_band", "young", [(8, 3, 0, 2), (5, 0, 0, 3), (2, 0, 0, 0)]),
    ],
)
def test_limits_leave_out_no_way_that_the_cases_of_the_whole_list_could_be(
    domain: str, level: str, strata: list[tuple[int, int, int, int]]
) -> None:
    table = roll_up(*small(), golden.INSTRUMENT).questions
    row = table[(table["domain"] == domain) & (table["level"] == level) & (table["question"] == "C9")].iloc[0]

    least, greatest = every_make_up.limits(strata, 0.10)
    assert row["lower"] <= least <= greatest <= row["upper"]
    assert (row["lower"], row["upper"]) == pytest.approx(
        [float(one) for one in share_limits(*np.array(strata).T, alpha=0.10)]
    )
    assert row["method"] == "always-valid"
    assert pd.isna(row["se"]) and pd.isna(row["df"]), "nothing that the other interval could be made of"


def test_the_share_and_all_that_is_counted_are_what_they_are_without() -> None:
    fixed, always = (roll_up(*small(always=one), golden.INSTRUMENT).questions for one in (False, True))

    same = [name for name in fixed if name not in ("lower", "upper", "se", "df", "method", "word", "also")]
    pd.testing.assert_frame_equal(fixed[same], always[same])
    assert set(fixed["method"]) == {"logit"}
    assert (always["lower"] <= always["share"]).all() and (always["upper"] >= always["share"]).all()


def test_partnerships_together_have_such_limits_as_soon_as_one_of_them_has_and_their_mean_has_none() -> None:
    cases, answers, counts = tables()
    watched = cases.assign(**{ALWAYS_VALID: cases["inspection"] == "p/one"})

    row = combined_figures(watched, answers, CRR, keys=["C9"], frame_counts=counts).iloc[0]

    assert row["method"] == "always-valid" and row["lower"] < 0.4886 and row["upper"] > 0.7810
    assert row["mean"] == pytest.approx((0.439071566731 + 0.75) / 2)
    assert np.isnan(row["mean_lower"]) and np.isnan(row["mean_upper"])
    assert weighted_to_counts(watched, answers, CRR, frame_counts=counts, keys=["C9"]) == []
