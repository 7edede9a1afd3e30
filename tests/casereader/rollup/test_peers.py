"""A group against its peers: differences worked by hand, corrected for how many are looked at, never from too few."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from casereader.instrument.load import load
from casereader.rollup.peers import ACROSS, GROUP, PEERS, Sides, Verdict, holm, peer_figures

CRR = load(Path(__file__).parents[3] / "data" / "instruments" / "crr-1.toml")
KEYS = ("C9", "D11")
GOOD, NOT_GOOD = "5", "3"


class Area:
    """Records read of one inspection, all of one stratum: who is in the group, and whose C9 is good."""

    def __init__(self, name: str, *, listed: int) -> None:
        self.name, self.listed = name, listed
        self.sides: dict[tuple[str, str], str] = {}
        self.rows: list[tuple[str, str, str, str]] = []

    def read(self, side: str, *, good: int, of: int, key: str = "C9") -> "Area":
        """So many of these records are good; the same records for every question."""
        for number in range(of):
            ref = f"{side or 'unknown'}-{number:03}"
            self.sides[self.name, ref] = side
            self.rows.append((self.name, ref, key, GOOD if number < good else NOT_GOOD))
        return self

    @property
    def cases(self) -> pd.DataFrame:
        refs = sorted({ref for _, ref, _, _ in self.rows})
        rows = [(self.name, ref, "b", self.listed, "read") for ref in refs]
        return pd.DataFrame(rows, columns=["inspection", "case_ref", "stratum", "population", "status"])


def compared(areas: Sequence[Area], *, listed: tuple[int, int] = (100, 300)) -> pd.DataFrame:
    """The figures of these areas, with as many children of each side on every list."""
    sides = {key: side for area in areas for key, side in area.sides.items()}
    answers = pd.DataFrame(
        [row for area in areas for row in area.rows], columns=["inspection", "case_ref", "key", "value"]
    )
    cases = pd.concat([area.cases for area in areas], ignore_index=True)
    lists = {area.name: listed for area in areas}
    return peer_figures(cases, answers, CRR, Sides(sides, lists), keys=KEYS)


def row_of(table: pd.DataFrame, inspection: str, question: str = "C9") -> pd.Series:
    """The one row of a question in an inspection."""
    rows = table[(table["inspection"] == inspection) & (table["question"] == question)]
    assert len(rows) == 1
    return rows.iloc[0]


def test_the_difference_of_two_groups_of_one_stratum_is_worked_by_hand() -> None:
    # 40 read of 400, so that 20 records of each side are m = 20/0.9 = 22.2222, with 19 degrees of freedom. By R, with
    # Wilson's limits of each side and uniroot for p: df 37.853172, limits −0.709554 and −0.302574, p 0.000558633.
    row = row_of(compared([Area("p/one", listed=400).read(GROUP, good=4, of=20).read(PEERS, good=15, of=20)]), "p/one")

    assert (row["share_group"], row["share_peers"]) == (0.2, 0.75)
    assert row["difference"] == pytest.approx(-0.55, abs=1e-12)
    assert row["df"] == pytest.approx(37.853172, abs=1e-6)
    assert (row["lower"], row["upper"]) == pytest.approx((-0.709554, -0.302574), abs=1e-6)
    assert row["p"] == pytest.approx(0.000558633, abs=1e-9)
    assert row["verdict"] == Verdict.WORSE


def test_the_same_gap_the_other_way_round_is_better() -> None:
    row = row_of(compared([Area("p/one", listed=400).read(GROUP, good=15, of=20).read(PEERS, good=4, of=20)]), "p/one")

    assert row["verdict"] == Verdict.BETTER


def test_under_ten_records_of_either_side_nothing_is_compared() -> None:
    row = row_of(compared([Area("p/one", listed=400).read(GROUP, good=0, of=9).read(PEERS, good=30, of=30)]), "p/one")

    assert row["verdict"] == Verdict.TOO_FEW
    assert np.isnan(row["p"])
    assert (row["k_group"], row["n_group"]) == (0, 9)


def test_a_small_gap_cannot_be_told_and_says_what_size_would() -> None:
    area = Area("p/one", listed=400).read(GROUP, good=10, of=20).read(PEERS, good=12, of=20)

    row = row_of(compared([area]), "p/one")

    # One question: z = 1.644854 + 0.841621; around 0.55, 15 apart: 0.475·0.525 + 0.625·0.375 = 0.48375;
    # n0 = 6.182557·0.48375/0.0225 = 132.9; of 100 listed 132.9/(1 + 131.9/100) = 57.3, of 300: 92.4.
    assert row["verdict"] == Verdict.CANNOT_TELL
    assert (row["read_group"], row["read_peers"]) == (58, 93)


def test_reading_every_child_leaves_no_doubt() -> None:
    area = Area("p/one", listed=40).read(GROUP, good=10, of=20).read(PEERS, good=11, of=20)

    row = row_of(compared([area], listed=(20, 20)), "p/one")

    assert (row["lower"], row["upper"]) == pytest.approx((-0.05, -0.05))
    assert row["verdict"] == Verdict.WORSE


def test_across_partnerships_each_child_is_set_against_the_peers_of_their_own_area() -> None:
    # In each area both sides are alike; the group lives mostly where shares are low. Pooled it would look worse.
    low = Area("p/low", listed=600).read(GROUP, good=9, of=30).read(PEERS, good=3, of=10)
    high = Area("p/high", listed=600).read(GROUP, good=8, of=10).read(PEERS, good=24, of=30)

    row = row_of(compared([low, high]), ACROSS)

    assert row["difference"] == pytest.approx(0, abs=1e-12)
    assert row["verdict"] == Verdict.CANNOT_TELL


def test_across_partnerships_the_children_on_each_list_are_the_weights() -> None:
    one = Area("p/one", listed=400).read(GROUP, good=4, of=20).read(PEERS, good=14, of=20)  # −0.5
    two = Area("p/two", listed=400).read(GROUP, good=12, of=20).read(PEERS, good=14, of=20)  # −0.1
    sides = {**one.sides, **two.sides}
    answers = pd.DataFrame([*one.rows, *two.rows], columns=["inspection", "case_ref", "key", "value"])
    cases = pd.concat([one.cases, two.cases])

    found = peer_figures(cases, answers, CRR, Sides(sides, {"p/one": (300, 100), "p/two": (100, 300)}), keys=KEYS)

    # Variances 0.16·0.9/19 and 0.24·0.9/19 of the group, 0.21·0.9/19 of both peers, by 0.75² and 0.25². R, as above:
    across = row_of(found, ACROSS)
    assert across["difference"] == pytest.approx(0.75 * -0.5 + 0.25 * -0.1)
    assert across["df"] == pytest.approx(47.286499, abs=1e-6)
    assert (across["lower"], across["upper"]) == pytest.approx((-0.552460, -0.207947), abs=1e-6)
    assert across["p"] == pytest.approx(0.000974815, abs=1e-9)


def test_one_record_of_the_group_has_the_uncertainty_of_a_record_elsewhere() -> None:
    many = Area("p/many", listed=400).read(GROUP, good=5, of=10).read(PEERS, good=10, of=20)
    one = Area("p/one", listed=400).read(GROUP, good=1, of=1).read(PEERS, good=10, of=20)
    ten = Area("p/one", listed=400).read(GROUP, good=5, of=10).read(PEERS, good=10, of=20)

    with_one, with_ten = (row_of(compared([many, other]), ACROSS) for other in (one, ten))

    assert with_one["upper"] - with_one["lower"] > 1.5 * (with_ten["upper"] - with_ten["lower"])


def test_a_list_read_in_full_leaves_the_others_their_interval() -> None:
    many = Area("p/many", listed=400).read(GROUP, good=5, of=10).read(PEERS, good=10, of=20)
    full = Area("p/full", listed=12).read(GROUP, good=1, of=1).read(PEERS, good=5, of=11)

    row = row_of(compared([many, full]), ACROSS)

    assert row["lower"] < row["difference"] < row["upper"]
    assert 0 < row["p"] < 1


def test_a_child_of_whom_the_list_does_not_say_is_on_neither_side() -> None:
    area = Area("p/one", listed=400).read(GROUP, good=5, of=20).read(PEERS, good=15, of=20).read("", good=0, of=20)

    row = row_of(compared([area]), "p/one")

    assert (row["n_group"], row["n_peers"]) == (20, 20)
    assert row["difference"] == pytest.approx(-0.5)


def test_without_peers_there_is_no_row() -> None:
    assert compared([Area("p/one", listed=400).read(GROUP, good=5, of=20)]).empty


def test_the_order_of_the_records_does_not_matter() -> None:
    area = Area("p/one", listed=400).read(GROUP, good=5, of=20).read(PEERS, good=15, of=20)
    turned = Area("p/one", listed=400).read(PEERS, good=15, of=20).read(GROUP, good=5, of=20)

    pd.testing.assert_frame_equal(compared([area]), compared([turned]))


def test_holms_correction_is_that_of_r() -> None:
    # p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")
    assert holm(np.array([0.01, 0.04, 0.03, 0.005])) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_a_gap_that_would_do_alone_may_not_do_among_many() -> None:
    alone = Area("p/one", listed=4000).read(GROUP, good=9, of=20).read(PEERS, good=14, of=20)
    both = Area("p/one", listed=4000).read(GROUP, good=9, of=20).read(PEERS, good=14, of=20)
    both.read(GROUP, good=10, of=20, key="D11").read(PEERS, good=10, of=20, key="D11")

    one, among = row_of(compared([alone]), "p/one"), row_of(compared([both]), "p/one")

    assert one["p_adjusted"] == pytest.approx(one["p"])
    assert among["p_adjusted"] == pytest.approx(2 * one["p"])
    assert (one["compared"], among["compared"]) == (1, 2)


@pytest.mark.parametrize("n", [30, pytest.param(300, marks=pytest.mark.slow)])
def test_where_nothing_differs_a_verdict_is_rarer_than_one_in_ten(n: int) -> None:
    chance = np.random.default_rng(6)
    wrong = 0
    for _ in range(n):
        area = Area("p/one", listed=4000)
        for key in KEYS:
            area.read(GROUP, good=int(chance.binomial(30, 0.6)), of=30, key=key)
            area.read(PEERS, good=int(chance.binomial(50, 0.6)), of=50, key=key)
        wrong += bool(compared([area])["verdict"].isin([Verdict.WORSE, Verdict.BETTER]).any())

    assert wrong / n <= 0.10 + 2 * (0.1 * 0.9 / n) ** 0.5
