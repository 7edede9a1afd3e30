"""A sample split into waves: as even as can be, each a beginning of every stratum, in proportion to the strata."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling import PlanError, waves_of

Waves = Mapping[tuple[str, int], int]

strata = st.dictionaries(st.text("abß/ 1", min_size=1, max_size=3), st.integers(0, 60), min_size=1, max_size=9)
numbers = st.integers(1, 15)


def up_to(found: Waves, wave: int) -> Counter[str]:
    """How many cases of each stratum waves 1 to `wave` have."""
    return Counter(stratum for (stratum, _), number in found.items() if number <= wave)


@given(strata, numbers)
def test_every_case_has_one_wave_and_waves_differ_by_one_case_at_most(sizes: dict[str, int], n_waves: int) -> None:
    found = waves_of(sizes, n_waves)

    assert found.keys() == {(label, order) for label, n in sizes.items() for order in range(1, n + 1)}
    per_wave = Counter(found.values())
    counts = [per_wave[wave] for wave in range(1, n_waves + 1)]
    assert sum(counts) == sum(sizes.values())
    assert max(counts) - min(counts) <= 1


@given(strata, numbers)
def test_the_cases_up_to_a_wave_are_a_beginning_of_every_stratum(sizes: dict[str, int], n_waves: int) -> None:
    found = waves_of(sizes, n_waves)

    for wave in range(1, n_waves + 1):
        n_by_stratum = up_to(found, wave)
        assert all((number <= wave) == (order <= n_by_stratum[label]) for (label, order), number in found.items())


@given(strata, numbers)
def test_up_to_every_wave_no_stratum_is_a_whole_case_from_its_share(sizes: dict[str, int], n_waves: int) -> None:
    found = waves_of(sizes, n_waves)
    n = sum(sizes.values())

    for wave in range(1, n_waves + 1):
        n_by_stratum = up_to(found, wave)
        end = sum(n_by_stratum.values())
        assert all(abs(n_by_stratum[label] * n - size * end) < n for label, size in sizes.items() if size)


@given(strata, numbers, st.randoms(use_true_random=False))
def test_in_which_order_the_strata_are_named_makes_no_difference(
    sizes: dict[str, int], n_waves: int, random: object
) -> None:
    shuffled = list(sizes.items())
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert list(waves_of(dict(shuffled), n_waves).items()) == list(waves_of(sizes, n_waves).items())


def test_small_strata_are_spread_over_the_waves_and_do_not_all_come_together() -> None:
    small = [f"small {number}" for number in range(10)]
    found = waves_of({"large": 90, **dict.fromkeys(small, 1)}, 3)

    assert [up_to(found, wave)["large"] for wave in (1, 2, 3)] == [31, 60, 90]
    assert Counter(found[label, 1] for label in small) == {1: 3, 2: 4, 3: 3}


def test_one_wave_is_the_whole_sample_and_more_waves_than_cases_leave_some_empty() -> None:
    assert set(waves_of({"a": 3, "b": 2}, 1).values()) == {1}
    assert waves_of({"a": 1, "b": 1}, 4) == {("a", 1): 1, ("b", 1): 3}
    assert waves_of({}, 3) == waves_of({"a": 0}, 3) == {}


@pytest.mark.parametrize(("sizes", "n_waves"), [({"a": 3}, 0), ({"a": 3, "b": -1}, 2)])
def test_no_waves_and_strata_below_nothing_are_refused(sizes: dict[str, int], n_waves: int) -> None:
    with pytest.raises(PlanError):
        waves_of(sizes, n_waves)
