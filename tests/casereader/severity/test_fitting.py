"""The model fitted once against the same one with every dummy written out and every record left out in turn."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import stdtrit

from casereader.severity.fitting import Codes, Fit, Floats, fit

Design = tuple[Codes, Codes, Codes, Floats]  # reader, cell, record, rated


def some_ratings(*, seed: int = 5, n_records: int = 40, n_readers: int = 5, n_questions: int = 3) -> Design:
    """Records of four strata, each rated on three questions by one reader and every fifth by two; some left unrated."""
    chance = np.random.default_rng(seed)
    rows = []
    for record in range(n_records):
        stratum = record % 4
        for reader in chance.choice(n_readers, 2 if record % 5 == 0 else 1, replace=False):
            for question in range(n_questions):
                if chance.random() > 0.1:
                    rows.append((reader, stratum * n_questions + question, record, chance.integers(1, 7)))
    table = np.array(rows)
    return table[:, 0], table[:, 1], table[:, 2], table[:, 3].astype(float)


def written_out(design: Design, *, n_readers: int) -> Floats:
    """Readers' effects less their mean, by least squares with a column for every reader and every cell."""
    reader, cell, _, rated = design
    columns = np.hstack([np.eye(n_readers)[reader], np.eye(int(cell.max()) + 1)[cell]])
    found = np.linalg.lstsq(columns, rated, rcond=None)[0][:n_readers]
    return np.asarray(found - found.mean())


def without(design: Design, record: int) -> Design:
    """The ratings without one record's."""
    kept = design[2] != record
    reader, cell, records, rated = (column[kept] for column in design)
    return reader, cell, records, rated


def deviation(place: int, n: int) -> Floats:
    """The weights of one effect less the mean of all."""
    return np.asarray(np.eye(n)[place] - 1 / n)


def test_effects_are_those_of_least_squares_with_every_dummy_written_out() -> None:
    design = some_ratings()

    found = fit(*design, n_readers=5)

    expected = written_out(design, n_readers=5)
    assert [found.combined(deviation(at, 5), confidence=0.95).estimate for at in range(5)] == pytest.approx(expected)


def test_the_error_is_that_of_leaving_out_every_record_in_turn() -> None:
    design = some_ratings()
    every = written_out(design, n_readers=5)
    left_out = np.array([written_out(without(design, record), n_readers=5) for record in np.unique(design[2])])

    found = fit(*design, n_readers=5)

    expected = np.sqrt(np.square(left_out - every).sum(axis=0))
    assert [found.combined(deviation(at, 5), confidence=0.95).se for at in range(5)] == pytest.approx(expected)


def test_two_readers_of_one_stratum_differ_by_the_difference_of_their_means() -> None:
    # A rated five records 2, 3, 4, 4, 5 (mean 3.6, squares 5.2), B four 3, 5, 5, 6 (mean 4.75, squares 4.75). A record
    # left out of n moves its mean by its residual / (n - 1), so the variance is 5.2 / 16 + 4.75 / 9.
    reader = np.array([0] * 5 + [1] * 4)
    rated = np.array([2, 3, 4, 4, 5, 3, 5, 5, 6], dtype=float)

    found = fit(reader, np.zeros(9, dtype=np.int64), np.arange(9), rated, n_readers=2)
    effect = found.combined(np.array([-1.0, 1.0]), confidence=0.95)

    assert effect.estimate == pytest.approx(1.15)
    assert effect.se == pytest.approx(np.sqrt(5.2 / 16 + 4.75 / 9))
    # Each record of A has weight 1/5, of B 1/4: (1/5 + 1/4)² / (5/5⁴ + 4/4⁴) - 1.
    assert effect.df == pytest.approx(0.45**2 / (1 / 125 + 1 / 64) - 1)
    half = stdtrit(effect.df, 0.975) * effect.se
    assert (effect.lower, effect.upper) == pytest.approx((1.15 - half, 1.15 + half))


def test_records_read_twice_alone_tell_two_readers_apart_by_their_differences() -> None:
    # Six records of six strata, each read by both: differences 1, 0, 2, 1, 1, 1 with mean 1 and squares 2.
    record = np.repeat(np.arange(6), 2)
    rated = np.array([3, 4, 4, 4, 2, 4, 5, 6, 3, 4, 1, 2], dtype=float)

    found = fit(np.tile([0, 1], 6), record, record, rated, n_readers=2)
    effect = found.combined(np.array([-1.0, 1.0]), confidence=0.95)

    assert effect.estimate == pytest.approx(1.0)
    assert effect.se == pytest.approx(np.sqrt(2 / 25))
    assert effect.df == pytest.approx(5)


def test_a_reader_whom_no_cell_links_to_others_is_in_a_group_alone() -> None:
    reader = np.array([0, 0, 1, 1, 2, 2, 2, 3, 3, 3])
    cell = np.array([0, 0, 0, 0, 1, 1, 1, 2, 2, 2])

    found = fit(reader, cell, np.arange(10), np.arange(10.0), n_readers=4)

    assert groups_of(found) == [{0, 1}, {2}, {3}]


def test_readers_are_linked_through_others() -> None:
    reader = np.array([0, 0, 1, 1, 1, 1, 2, 2])
    cell = np.array([0, 0, 0, 0, 1, 1, 1, 1])

    assert groups_of(fit(reader, cell, np.arange(8), np.arange(8.0), n_readers=3)) == [{0, 1, 2}]


def test_a_link_that_hangs_on_one_record_is_none() -> None:
    reader = np.array([0, 0, 1, 1, 1, 2, 2, 2])  # reader 1 meets reader 2 in one record only
    cell = np.array([0, 0, 0, 0, 1, 1, 1, 1])

    found = fit(reader, cell, np.arange(8), np.arange(8.0), n_readers=3)

    assert groups_of(found) == [{0, 1}, {2}]


def test_nothing_rated_is_no_effect_and_no_fault() -> None:
    nothing = np.zeros(0, dtype=np.int64)

    assert groups_of(fit(nothing, nothing, nothing, np.zeros(0), n_readers=2)) == [{0}, {1}]


def groups_of(found: Fit) -> list[set[int]]:
    """The groups of readers, smallest reader first."""
    by_group: dict[int, set[int]] = {}
    for reader, group in enumerate(found.group):
        by_group.setdefault(int(group), set()).add(reader)
    return sorted(by_group.values(), key=min)
