"""Change since an earlier round: worked by hand, only between questions asked the same, never from too few."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from casereader.instrument.load import load
from casereader.rollup.change import Round, Verdict, change_figures, change_since_published

CRR = load(Path(__file__).parents[3] / "data" / "instruments" / "crr-1.toml")
KEYS = ("C9", "D11")
SAME = {key: key for key in KEYS}


def read(good: dict[str, int], *, of: int, listed: int = 400) -> Round:
    """A round of one stratum: of so many records read, how many are good on each question."""
    refs = [f"case-{number:03}" for number in range(of)]
    cases = pd.DataFrame(
        [("p/one", ref, "b", listed, "read") for ref in refs],
        columns=["inspection", "case_ref", "stratum", "population", "status"],
    )
    answers = [
        ("p/one", ref, key, "5" if at < n_good else "3") for key, n_good in good.items() for at, ref in enumerate(refs)
    ]
    return Round(cases, pd.DataFrame(answers, columns=["inspection", "case_ref", "key", "value"]), CRR)


def published(share: float, n: int, *, now: float = 0.75, se: float = 0.065, n_now: int = 40) -> pd.Series:
    """Ours against one published figure."""
    row = {
        "question": "C9", "share_now": now, "se_now": se, "df_now": n_now - 1, "n_now": n_now, "population": 400,
        "share_then": share, "n_then": n,
    }  # fmt: skip
    return change_since_published(pd.DataFrame([row])).iloc[0]


def test_the_change_between_two_samples_is_worked_by_hand() -> None:
    # 40 read of 400 each: m = 40/0.9 = 44.4444, 39 degrees of freedom. By R, with Wilson's limits of each share and
    # uniroot for p: df 76.718134, limits 0.0790425 and 0.4016793, p 0.0168982.
    row = change_figures(read({"C9": 30}, of=40), read({"C9": 20}, of=40), SAME, keys=KEYS).iloc[0]

    assert (row["share_now"], row["share_then"], row["k_now"], row["k_then"]) == (0.75, 0.5, 30, 20)
    assert row["difference"] == pytest.approx(0.25, abs=1e-12)
    assert row["df"] == pytest.approx(76.718134, abs=1e-6)
    assert (row["lower"], row["upper"]) == pytest.approx((0.0790425, 0.4016793), abs=1e-6)
    assert row["p"] == pytest.approx(0.0168982, abs=1e-7)
    assert row["verdict"] == Verdict.IMPROVED


def test_the_same_change_backwards_is_a_decline() -> None:
    row = change_figures(read({"C9": 20}, of=40), read({"C9": 30}, of=40), SAME, keys=KEYS).iloc[0]

    assert (row["difference"], row["verdict"]) == (pytest.approx(-0.25), Verdict.DECLINED)


def test_strata_keep_the_weights_of_their_own_round() -> None:
    # 10 good of 10 read in a stratum of 300, none of 10 in one of 100: three quarters, though half of the records.
    one, other = read({"C9": 10}, of=10, listed=300), read({"C9": 0}, of=10, listed=100)
    other = Round(other.cases.assign(stratum="c"), other.answers, CRR)
    both = Round(
        pd.concat([one.cases, other.cases.assign(case_ref="c" + other.cases["case_ref"])], ignore_index=True),
        pd.concat([one.answers, other.answers.assign(case_ref="c" + other.answers["case_ref"])], ignore_index=True),
        CRR,
    )

    row = change_figures(both, read({"C9": 20}, of=40), SAME, keys=KEYS).iloc[0]

    assert (row["share_now"], row["k_now"], row["n_now"]) == (pytest.approx(0.75), 10, 20)


def test_several_questions_looked_at_must_each_be_surer() -> None:
    # C9 as above: p = 0.0168982, times 2 for two questions. D11 is the same in both: p = 1.
    now, then = read({"C9": 30, "D11": 20}, of=40), read({"C9": 20, "D11": 20}, of=40)

    table = change_figures(now, then, SAME, keys=KEYS).set_index("question")

    assert list(table.index) == ["C9", "D11"]
    assert table["p"].tolist() == pytest.approx([0.0168982, 1.0], abs=1e-6)
    assert table["p_adjusted"].tolist() == pytest.approx([0.0337963, 1.0], abs=2e-6)
    assert table["compared"].tolist() == [2, 2]
    assert table["verdict"].tolist() == [Verdict.IMPROVED, Verdict.NO_CLEAR_CHANGE]


def test_only_what_is_asked_the_same_is_compared_under_its_present_key() -> None:
    now, then = read({"C9": 30, "D11": 30}, of=40), read({"C9": 20, "D11": 40}, of=40)

    table = change_figures(now, then, {"C9": "D11"}, keys=KEYS)

    assert table["question"].tolist() == ["C9"]
    assert (table.loc[0, "share_then"], table.loc[0, "share_now"]) == (1.0, 0.75)
    assert change_figures(now, then, {}, keys=KEYS).empty


def test_under_ten_records_of_either_round_there_is_no_verdict() -> None:
    row = change_figures(read({"C9": 40}, of=40), read({"C9": 0}, of=9), SAME, keys=KEYS).iloc[0]

    assert row["verdict"] == Verdict.TOO_FEW
    assert np.isnan(row["p"]) and row["compared"] == 0


def test_all_good_in_both_rounds_is_no_change_and_has_a_width() -> None:
    row = change_figures(read({"C9": 20}, of=20), read({"C9": 20}, of=20), SAME, keys=KEYS).iloc[0]

    assert row["verdict"] == Verdict.NO_CLEAR_CHANGE
    assert row["lower"] < 0 < row["upper"]


def test_rounds_read_in_full_leave_no_doubt() -> None:
    now, then = read({"C9": 21}, of=40, listed=40), read({"C9": 20}, of=40, listed=40)

    row = change_figures(now, then, SAME, keys=KEYS).iloc[0]

    assert (row["lower"], row["upper"]) == pytest.approx((0.025, 0.025))
    assert row["verdict"] == Verdict.IMPROVED


def test_a_question_that_one_round_never_answered_has_no_row() -> None:
    assert change_figures(read({"C9": 30}, of=40), read({"D11": 30}, of=40), SAME, keys=KEYS).empty


def test_a_published_share_is_taken_as_of_a_simple_random_sample() -> None:
    # Ours is of 0.1875/0.065² = 44.378698 effective records with 39 degrees of freedom, theirs of 80 with 79. R: df
    # 91.068291, limits 0.0018628 and 0.2801571, p 0.0959625: less than 0.1, one figure looked at.
    row = published(0.6, 80)

    assert row["difference"] == pytest.approx(0.15)
    assert row["df"] == pytest.approx(91.068291, abs=1e-6)
    assert (row["lower"], row["upper"]) == pytest.approx((0.0018628, 0.2801571), abs=1e-6)
    assert row["p"] == pytest.approx(0.0959625, abs=1e-7)
    assert row["verdict"] == Verdict.IMPROVED


def test_a_published_share_of_all_is_not_taken_as_certain() -> None:
    # R: limits −0.3712274 and −0.0969687, p 0.0210749
    row = published(1.0, 20)

    assert (row["lower"], row["upper"]) == pytest.approx((-0.3712274, -0.0969687), abs=1e-6)
    assert row["p"] == pytest.approx(0.0210749, abs=1e-7)
    assert row["verdict"] == Verdict.DECLINED


def test_our_own_share_of_all_is_not_taken_as_certain_unless_every_child_was_read() -> None:
    # m = 40/(1 − 40/400) = 44.4444, R: limits 0.2959377 and 0.4927963. With ours certain only Wilson's limits of 48 of
    # 80 are left, at qt(0.95, 79) = 1.664371: 0.3136614 and 0.4930322.
    row = published(0.6, 80, now=1.0, se=0.0)
    certain = published(0.6, 80, now=1.0, se=0.0, n_now=400)

    assert (row["lower"], row["upper"]) == pytest.approx((0.2959377, 0.4927963), abs=1e-6)
    assert (certain["lower"], certain["upper"]) == pytest.approx((0.3136614, 0.4930322), abs=1e-6)


def test_a_published_share_of_few_records_is_not_tested() -> None:
    assert published(0.2, 9)["verdict"] == Verdict.TOO_FEW


def test_three_quarters_after_all_of_twelve_is_no_decline_among_six_questions() -> None:
    half = dict.fromkeys(("B6", "D11", "E7", "F9", "G5"), 6)
    now = read({"C9": 29, **dict.fromkeys(half, 20)}, of=40, listed=200)
    then = read({"C9": 12, **half}, of=12, listed=60)

    table = change_figures(now, then, {key: key for key in ("C9", *half)}, keys=("C9", *half)).set_index("question")

    assert table.loc["C9", "compared"] == 6
    assert table.loc["C9", "verdict"] == Verdict.NO_CLEAR_CHANGE


@pytest.mark.parametrize("n", [30, pytest.param(300, marks=pytest.mark.slow)])
def test_where_nothing_changed_few_pages_say_that_something_did(n: int) -> None:
    rng = np.random.default_rng(52)
    wrong = 0
    for _ in range(n):
        now, then = (read({key: int(rng.hypergeometric(240, 160, 40)) for key in KEYS}, of=40) for _ in range(2))
        table = change_figures(now, then, SAME, keys=KEYS)
        wrong += bool(table["verdict"].isin([Verdict.IMPROVED, Verdict.DECLINED]).any())

    assert wrong / n <= 0.10 + 2 * (0.1 * 0.9 / n) ** 0.5  # one in ten is promised
