"""The simulations behind docs/method/sequential.md, in small."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from bench import sequences
from bench.sequential import ALPHA, LISTS, covered
from bench.sequential_runs import against_truth, listed, told, wagers_on_truth
from tests.source import ROOT

PAGE = (ROOT / "docs" / "method" / "sequential.md").read_text(encoding="utf-8").splitlines()
FEW = 300
SIZES = np.array([40, 30, 20, 10])


def test_strata_cost_our_sequence_little_and_the_likeliest_split_much() -> None:
    read = sequences.orders(SIZES, np.array([36, 27, 18, 9]), SIZES * 0, 40, np.random.default_rng(1))

    ours, _ = sequences.ours(*read)
    likeliest, _ = sequences.likeliest_split(common=False)(*read)

    assert likeliest.mean() == pytest.approx(15, abs=2)
    assert ours.mean() < likeliest.mean() * 0.8


@pytest.mark.parametrize(
    "sequence", [sequences.ones_and_zeros, sequences.betting_in_strata, sequences.likeliest_split(common=True)]
)
def test_every_sequence_that_is_compared_finds_the_majority_there_is(sequence: object) -> None:
    read = sequences.orders(SIZES, np.array([34, 26, 17, 8]), SIZES * 0, 10, np.random.default_rng(2))

    _, is_yes = sequence(*read)  # type: ignore[operator]

    assert is_yes.all()


def test_no_wager_on_the_truth_wins_more_often_than_promised_and_the_evidence_is_never_above_it() -> None:
    source = listed("unlike", [40, 30, 20, 10], (0.95, 0.8, 0.5, 0.1), 0.1, [16, 12, 8, 6])
    held = np.ones(1000, dtype=bool)

    for at, found in enumerate(told(source, source.read_after(range(2, 100, 3)), 1000, np.random.default_rng(5))):
        wagers = wagers_on_truth(source, found)
        held &= wagers < np.log(20)
        if at == 10:
            assert (against_truth(source, found[:, :50]) <= wagers[:50] + 1e-9).all()

    assert held.mean() > 0.9 - 2 * np.sqrt(0.09 / 1000)


def published(*begins: str) -> list[str]:
    """The cells of the one line of the page that begins with these."""
    (line,) = [line for line in PAGE if line.startswith(f"| {' | '.join(begins)} |")]
    return [cell.strip() for cell in line.strip("|").split("|")][len(begins) :]


@pytest.mark.parametrize("name", ["40, 30, 20, 10, alike, 75%", "300, 60, 20, 6, read unevenly, unlike"])
def test_the_page_says_how_often_the_truth_stays_within_as_a_few_runs_find_it(name: str) -> None:
    (source,) = [one for one in LISTS if one.name == name]
    said = [float(cell) for cell in published(name)[-2:]]

    found = covered(source, FEW, np.random.default_rng(7))

    for on_page, here in zip(said, found, strict=True):
        assert on_page >= 1 - ALPHA
        assert here == pytest.approx(on_page, abs=4 * sqrt(on_page * (1 - on_page) / FEW))


def test_the_page_says_after_how_many_records_the_majority_is_settled_as_a_few_samples_find_it() -> None:
    on_page = [float(cell) for cell in published("**ours**", "40, 30, 20, 10", "0%")[:3]]

    for share, said in zip((0.90, 0.75, 0.65), on_page, strict=True):
        ones = np.rint(SIZES * share).astype(np.int64)
        at, _ = sequences.ours(*sequences.orders(SIZES, ones, SIZES * 0, 16, np.random.default_rng(8)))
        assert at.mean() == pytest.approx(said, abs=4 * at.std() / sqrt(len(at)))
