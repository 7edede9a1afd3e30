"""The rule by which cases are dealt: loads, strata, families, pairs, conflicts; compared with exact assignments."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from casereader.assignments.dealing import Dealt, Reader, Sampled, deal, in_order, shares

SEEDS = st.text("abcdef0123456789", min_size=1, max_size=8)


@st.composite
def rooms(draw: st.DrawFn, *, free: bool = False) -> tuple[list[Sampled], list[Reader]]:
    """Cases of some strata and families, and readers in pairs with their conflicts; `free`: without the last three."""
    n, m = draw(st.integers(1, 40)), draw(st.integers(1, 7))
    strata = draw(st.lists(st.sampled_from("abcde"), min_size=n, max_size=n))
    families = draw(st.lists(st.sampled_from(["", "", "", "", "f1", "f2", "f3"]), min_size=n, max_size=n))
    cases = [
        Sampled(f"case-{number}", stratum, "" if free else family)
        for number, (stratum, family) in enumerate(zip(strata, families, strict=True))
    ]
    refs = [case.ref for case in cases]
    readers = []
    for number in range(m):
        inspects = free or number == 0 or draw(st.booleans())
        pair = f"r{number}" if inspects else "r0"
        barred = frozenset() if free else draw(st.frozensets(st.sampled_from(refs), max_size=3))
        readers.append(Reader(f"r{number}", draw(st.sampled_from([4, 8, 12])), pair, inspects, barred))
    return cases, readers


def n_by(cases: list[Sampled], dealt: Dealt) -> Counter[tuple[str, str]]:
    return Counter((dealt.first[case.ref], case.stratum) for case in cases)


@given(rooms(free=True), SEEDS)
def test_loads_are_within_one_of_the_fair_share(room: tuple[list[Sampled], list[Reader]], seed: str) -> None:
    cases, readers = room
    loads = Counter(deal(cases, readers, seed=seed).first.values())
    total = sum(reader.capacity for reader in readers)

    assert sum(loads.values()) == len(cases)
    assert all(abs(loads[one.key] - Fraction(len(cases) * one.capacity, total)) < 1 for one in readers)


def test_in_waves_everybody_has_their_share_of_all_and_nearly_that_of_every_wave() -> None:
    far: list[Fraction] = []
    for seed in range(60):
        chance = Random(seed)
        n, m, n_waves = chance.randint(20, 45), chance.randint(2, 7), chance.randint(2, 5)
        cases = [Sampled(f"c{k}", chance.choice("abcd"), wave=k * n_waves // n + 1) for k in range(n)]
        readers = [Reader(f"r{k}", chance.choice([4, 8, 12]), f"r{k}") for k in range(m)]
        dealt = deal(cases, readers, seed=str(seed)).first
        loads = Counter((dealt[case.ref], case.wave) for case in cases)
        sizes, total = Counter(case.wave for case in cases), sum(reader.capacity for reader in readers)
        for one in readers:
            n_all = sum(loads[one.key, wave] for wave in sizes)
            assert abs(n_all - Fraction(n * one.capacity, total)) < 1
            far += [abs(loads[one.key, wave] - Fraction(sizes[wave] * one.capacity, total)) for wave in sizes]

    assert sum(one < 1 for one in far) / len(far) > 0.97
    assert max(far) < Fraction(5, 2)


@given(rooms(), st.integers(0, 20), SEEDS)
def test_in_waves_too_nobody_is_given_what_they_must_not_read_and_what_is_held_stays(
    room: tuple[list[Sampled], list[Reader]], n_held: int, seed: str
) -> None:
    cases, readers = room
    numbered = [replace(case, wave=number % 3 + 1) for number, case in enumerate(cases)]
    before = deal(numbered[:n_held], readers, seed=seed, share="0.2") if n_held else Dealt({}, {})
    dealt = deal(numbered, readers, seed=seed, share="0.2", held=before)

    barred = {reader.key: reader.barred for reader in readers}
    assert all(ref not in barred[key] for ref, key in [*dealt.first.items(), *dealt.second.items()])
    left = {ref for bundle in dealt.left for ref in bundle}
    assert {*before.first, *dealt.first, *left} == {case.ref for case in cases}
    assert not before.first.keys() & dealt.first.keys()


@given(rooms(), SEEDS)
def test_nothing_goes_to_whom_it_must_not_and_every_case_has_a_reader_or_is_named(
    room: tuple[list[Sampled], list[Reader]], seed: str
) -> None:
    cases, readers = room
    by_key = {reader.key: reader for reader in readers}
    dealt = deal(cases, readers, seed=seed, share="0.3")
    left = {ref for bundle in dealt.left for ref in bundle}

    assert dealt.first.keys() | left == {case.ref for case in cases}
    assert not dealt.first.keys() & left
    for ref, key in dealt.first.items():
        assert ref not in by_key[key].barred | by_key[by_key[key].pair].barred
    for bundle in dealt.left:
        assert all(set(bundle) & (one.barred | by_key[one.pair].barred) for one in readers)
    for ref, key in dealt.second.items():
        assert by_key[key].inspects and ref not in by_key[key].barred
        family = next(case.family for case in cases if case.ref == ref)
        kin = [case.ref for case in cases if case.ref == ref or (family and case.family == family)]
        assert all(by_key[dealt.first[one]].pair != by_key[key].pair for one in kin if one in dealt.first)
    for family in {case.family for case in cases} - {""}:
        assert len({dealt.first.get(case.ref) for case in cases if case.family == family}) == 1


@given(rooms(), SEEDS, st.randoms(use_true_random=False))
def test_the_order_of_the_lists_does_not_matter(
    room: tuple[list[Sampled], list[Reader]], seed: str, chance: Random
) -> None:
    cases, readers = room
    dealt = deal(cases, readers, seed=seed, share="0.2")
    mixed_cases, mixed_readers = list(cases), list(readers)
    chance.shuffle(mixed_cases)
    chance.shuffle(mixed_readers)

    again = deal(mixed_cases, mixed_readers, seed=seed, share="0.2")
    assert (again.first, again.second) == (dealt.first, dealt.second)


@given(rooms(), SEEDS, st.integers(1, 20))
def test_cases_that_come_later_change_nothing_that_is_given(
    room: tuple[list[Sampled], list[Reader]], seed: str, n_before: int
) -> None:
    cases, readers = room
    before = deal(cases[:n_before], readers, seed=seed, share="0.2")
    after = deal(cases, readers, seed=seed, share="0.2", held=before)
    by_key = {reader.key: reader for reader in readers}

    assert not after.first.keys() & before.first.keys()
    assert after.second.keys() <= after.first.keys()
    both = {**before.first, **after.first}
    for ref, key in {**before.second, **after.second}.items():
        family = next(case.family for case in cases if case.ref == ref)
        kin = [case.ref for case in cases if case.ref == ref or (family and case.family == family)]
        assert all(by_key[both[one]].pair != by_key[key].pair for one in kin if one in both)


def test_added_cases_go_to_whoever_has_least_for_their_capacity() -> None:
    readers = [Reader(key, 4, key) for key in ("Ann", "Bob", "Cat")]
    held = Dealt({f"old-{n}": "Ann" for n in range(4)} | {f"older-{n}": "Bob" for n in range(4)}, {})
    cases = [Sampled(ref, "a") for ref in (*held.first, "new-1", "new-2", "new-3", "new-4")]

    assert Counter(deal(cases, readers, seed="s", held=held).first.values()) == {"Cat": 4}


def test_a_family_that_somebody_holds_gets_its_late_member_from_them_and_never_from_its_blind_reader() -> None:
    readers = [Reader(key, 4, key) for key in ("Ann", "Bob", "Cat")]
    cases = [Sampled("one", "a", "kin"), Sampled("two", "a", "kin")]

    assert deal(cases, readers, seed="s", held=Dealt({"one": "Bob"}, {"one": "Cat"})).first == {"two": "Bob"}
    barred = [Reader("Ann", 4, "Ann"), Reader("Bob", 4, "Bob", barred=frozenset({"two"})), readers[2]]
    assert deal(cases, barred, seed="s", held=Dealt({"one": "Bob"}, {"one": "Cat"})).first == {"two": "Ann"}


def test_a_local_reviewer_gets_nothing_that_their_inspector_must_not_countersign() -> None:
    readers = [
        Reader("Ann", 4, "Ann", barred=frozenset({"one"})),
        Reader("Loc", 400, "Ann", inspects=False),
        Reader("Bob", 4, "Bob"),
    ]

    assert deal([Sampled("one", "a")], readers, seed="s").first == {"one": "Bob"}


def test_shares_are_whole_and_sum_to_all() -> None:
    readers = [Reader("Ann", 12, "Ann"), Reader("Bob", 8, "Bob"), Reader("Cat", 1, "Cat")]

    assert shares(10, readers) == {"Ann": 6, "Bob": 4, "Cat": 0}
    assert {one.key for one in in_order([*readers, Reader("Dan", 0, "Dan")], seed="s")} == {"Ann", "Bob", "Cat"}


@pytest.mark.parametrize("seed", range(12))
def test_where_an_exact_assignment_gives_everybody_their_share_so_does_the_rule(seed: int) -> None:
    """Rooms of real size with many conflicts; the exact assignment is that of cases to seats, by linear programming."""
    cases, readers = crowded(seed, n_conflicts=12)
    fair = shares(len(cases), in_order(readers, seed=str(seed)))
    by_seat = [reader for reader in readers for _ in range(fair[reader.key])]
    cost = np.array([[case.ref in reader.barred for reader in by_seat] for case in cases], dtype=float)
    rows, seats = linear_sum_assignment(cost)
    assert cost[rows, seats].sum() == 0, "no exact assignment gives everybody their share"

    loads = Counter(deal(cases, readers, seed=str(seed)).first.values())

    assert loads == fair


@pytest.mark.parametrize("seed", [0, 1, 3, 4, 5, 6])
def test_with_families_and_conflicts_the_rule_is_at_most_one_off_the_best_of_all_ways(seed: int) -> None:
    cases, readers = crowded(seed, n_cases=11, n_readers=3, n_conflicts=2, families=("f1", "f1", "f2", "f2", "f2"))
    total = sum(reader.capacity for reader in readers)
    families = [case.family or case.ref for case in cases]
    bundles = [
        [case for case, name in zip(cases, families, strict=True) if name == one] for one in dict.fromkeys(families)
    ]
    may = [[r.key for r in readers if not {case.ref for case in bundle} & r.barred] for bundle in bundles]

    def distance(loads: Counter[str]) -> float:
        return max(abs(loads[reader.key] - len(cases) * reader.capacity / total) for reader in readers)

    best = min(
        distance(Counter(key for key, bundle in zip(way, bundles, strict=True) for _ in bundle))
        for way in itertools.product(*may)
    )

    assert distance(Counter(deal(cases, readers, seed=str(seed)).first.values())) <= best + 1


def crowded(
    seed: int, *, n_cases: int = 45, n_readers: int = 7, n_conflicts: int, families: tuple[str, ...] = ()
) -> tuple[list[Sampled], list[Reader]]:
    """A room whose readers each have so many conflicts."""
    chance = np.random.default_rng(seed)
    names = [*families, *[""] * (n_cases - len(families))]
    cases = [Sampled(f"case-{n}", "abcd"[chance.integers(4)], family) for n, family in enumerate(names)]
    readers = [
        Reader(
            f"r{n}",
            int(chance.choice([4, 8, 12])),
            f"r{n}",
            barred=frozenset(f"case-{k}" for k in chance.choice(n_cases, size=n_conflicts, replace=False)),
        )
        for n in range(n_readers)
    ]
    return cases, readers
