"""Who is shown, beside whom, and what of the shares would move: small tables worked by hand, and invented ones.

`read` makes a reading with one question; its stratum is that of a partnership where none is said.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count

import numpy as np
import pandas as pd
import pytest

from bench.severity import NONE, SOME, programme, truths
from casereader.severity import COLUMNS, Moved, Severity, measure

Row = tuple[object, ...]


def table_of(rated: Iterable[tuple[str, str, float]]) -> pd.DataFrame:
    """Records of a partnership each rated once: reader, partnership, points."""
    numbers = count()
    rows: list[Row] = []
    for reader, place, points in rated:
        number = next(numbers)
        y = np.nan if np.isnan(points) else float(points >= 4)
        rows.append((number, number, reader, place, "b", "C9", points, y))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def rated(reader: str, place: str, *points: float) -> list[tuple[str, str, float]]:
    """What a reader rated in a partnership."""
    return [(reader, place, one) for one in points]


# A rates 2, 4, 4 and B 4, 5, 6 in one partnership: means 10/3 and 5. The mean by readings is halfway.
A_AND_B = [*rated("A", "Glen", 2, 4, 4), *rated("B", "Glen", 4, 5, 6)]


def measured(rows: list[tuple[str, str, float]], *, hidden: Iterable[str] = (), least: int = 1) -> Severity:
    """Readers measured, from `least` readings on."""
    return measure(table_of(rows), hidden=set(hidden), least_readings=least)


def by_name(found: Severity) -> dict[str, float | None]:
    """Severity in points by reader."""
    return {str(one.reader): None if one.points is None else one.points.estimate for one in found.readers}


def test_severity_is_the_distance_from_the_mean_of_the_readers_by_their_readings() -> None:
    found = measured(A_AND_B)

    assert by_name(found) == pytest.approx({"A": -5 / 6, "B": 5 / 6})
    assert found.readers[0].share is not None
    assert found.readers[0].share.estimate == pytest.approx(-1 / 6)  # good or better: 2 of 3, and 3 of 3
    assert [one.n_readings for one in found.readers] == [3, 3]


def test_a_partnership_that_does_better_makes_nobody_lenient() -> None:
    # In each partnership the two readers rate alike; one partnership is two points above the other.
    rows = [
        *rated("A", "Glen", 2, 4),
        *rated("B", "Glen", 3, 3),
        *rated("B", "Strath", 5, 5),
        *rated("C", "Strath", 4, 6),
    ]

    assert by_name(measured(rows)) == pytest.approx({"A": 0, "B": 0, "C": 0}, abs=1e-12)


def test_a_reader_whose_records_nobody_shares_cannot_be_told_apart() -> None:
    found = measured([*A_AND_B, *rated("C", "Strath", 1, 2, 1)])

    assert by_name(found) == {"A": pytest.approx(-5 / 6), "B": pytest.approx(5 / 6), "C": None}
    assert not found.readers[-1].stands_apart


def test_a_reader_with_few_readings_beside_a_colleague_s_cannot_be_told_apart_however_many_they_read() -> None:
    # A and B each read six: two of each in one partnership, the others where nobody else read.
    rows = [
        *rated("A", "Glen", 2, 3),
        *rated("B", "Glen", 5, 6),
        *rated("A", "Strath", 4, 4, 4, 4),
        *rated("B", "Ness", 4, 4, 4, 4),
    ]

    assert by_name(measured(rows, least=6)) == {"A": None, "B": None}
    assert by_name(measured(rows, least=2)) == pytest.approx({"A": -1.5, "B": 1.5})


def test_blank_ratings_say_nothing() -> None:
    found = measured([*A_AND_B, *rated("A", "Glen", np.nan, np.nan)])

    assert by_name(found) == pytest.approx({"A": -5 / 6, "B": 5 / 6})
    assert found.readers[0].n_readings == 3


def test_a_reader_short_of_the_least_readings_is_only_counted() -> None:
    found = measured([*A_AND_B, *rated("C", "Glen", 6, 6)], least=3)

    assert set(by_name(found)) == {"A", "B"}
    assert found.n_too_few == 1


def test_local_reviewers_are_in_nothing_that_is_handed_out() -> None:
    # However the hidden reader rates, the differences of the others and what would move stay the same.
    records = records_of([("A", 1, 1.0), ("A", 1, 0.0), ("L", 2, 1.0)])
    found = [
        measured([*A_AND_B, *rated("L", "Glen", *points)], hidden=["L"]) for points in ((1, 1, 2), (6, 6, 6), (3, 4, 3))
    ]

    assert [set(by_name(one)) for one in found] == [{"A", "B"}] * 3
    assert [by_name(one)["A"] for one in found] == pytest.approx([-5 / 6] * 3)
    assert [one.moves(records)[0].by.estimate for one in found] == pytest.approx([1 / 12] * 3)  # type: ignore[union-attr]


def test_a_reader_beside_hidden_ones_alone_is_not_shown_as_their_mirror() -> None:
    found = measured([*rated("A", "Glen", 2, 4, 4), *rated("L", "Glen", 4, 5, 6)], hidden=["L"])

    assert by_name(found) == {"A": None}


def records_of(rows: list[tuple[str | None, float, float]]) -> pd.DataFrame:
    """Records of one partnership's C9: reader, weight, y."""
    return pd.DataFrame(
        [("Glen", "C9", reader, weight, y) for reader, weight, y in rows],
        columns=["partnership", "question", "reader", "weight", "y"],
    ).astype({"reader": object})


def test_a_share_moves_by_the_severity_of_whoever_read_each_record_as_it_weighs() -> None:
    # A is 1/6 below the mean and B 1/6 above. Weights 3 of A, 1 of B, 1 settled: (3 - 1) / 5 / 6 up.
    (moved,) = measured(A_AND_B).moves(records_of([("A", 3, 1.0), ("B", 1, 0.0), (None, 1, 1.0)]))

    assert (moved.partnership, moved.question, moved.n, moved.n_moved) == ("Glen", "C9", 3, 2)
    assert moved.share == pytest.approx(4 / 5)
    assert moved.by is not None
    assert moved.by.estimate == pytest.approx(1 / 15)
    assert moved.by.lower < 1 / 15 < moved.by.upper


def test_a_share_whose_readers_cannot_be_told_apart_has_no_figure() -> None:
    found = measured([*A_AND_B, *rated("C", "Strath", 1, 2, 1)])

    assert found.moves(records_of([("C", 1, 1.0), (None, 1, 0.0)])) == [Moved("Glen", "C9", 2, 0, 0.5, None)]


def test_where_everybody_read_alike_much_nothing_moves() -> None:
    (moved,) = measured(A_AND_B).moves(records_of([("A", 1, 1.0), ("B", 1, 0.0)]))

    assert moved.by is not None
    assert moved.by.estimate == pytest.approx(0)


def test_ratings_without_points_are_measured_by_good_or_better() -> None:
    found = measure(table_of(A_AND_B).assign(points=np.nan), least_readings=1)

    assert not found.has_points
    assert found.readers[0].points is None
    assert found.readers[0].share is not None
    assert found.readers[0].together is not None


def test_an_empty_table_shows_nobody() -> None:
    found = measure(table_of([]).astype({"points": "float64", "y": "float64"}))

    assert (found.readers, found.n_too_few) == ([], 0)


def test_known_severities_are_found_and_stand_apart() -> None:
    found = measure(programme(np.random.default_rng(7), 20, SOME))

    apart = {int(str(one.reader)) for one in found.readers if one.stands_apart}
    assert {0, 13} <= apart <= {0, 1, 12, 13}
    assert found.readers[0].reader == 0


def test_intervals_hold_the_truth_about_as_often_as_they_say_and_hardly_anybody_stands_apart_by_chance() -> None:
    held, false = [], 0
    for seed in range(12):
        found = measure(programme(np.random.default_rng(seed), 12, NONE))
        truth = truths(found, NONE)
        held += [
            one.points.lower <= truth[int(str(one.reader))] <= one.points.upper for one in found.readers if one.points
        ]
        false += any(one.stands_apart for one in found.readers)

    assert np.mean(held) > 0.9
    assert false <= 2


def test_the_interval_of_all_at_once_is_wider_than_that_of_one() -> None:
    for one in measure(programme(np.random.default_rng(3), 12, SOME)).readers:
        assert one.points is not None
        assert one.together is not None
        assert one.together[0] < one.points.lower < one.points.upper < one.together[1]
