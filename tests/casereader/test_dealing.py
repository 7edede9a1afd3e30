"""The rule by which cases are dealt: loads, strata, families, pairs, conflicts; compared with exact assignments."""

from __future__ import annotations

import itertools
from collections import Counter
from fractions import Fraction
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from casereader.dealing import Dealt, Reader, Sampled, deal, in_order, shares

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


@settings(max_examples=150, deadline=None)
@given(rooms(free=True), SEEDS)
def test_loads_are_within_one_of_the_fair_share(room: tuple[list[Sampled], list[Reader]], seed: str) -> None:
    cases, readers = room
    loads = Counter(deal(cases, readers, seed=seed).first.values())
    total = sum(reader.capacity for reader in readers)

    assert sum(loads.values()) == len(cases)
    assert all(abs(loads[one.key] - Fraction(len(cases) * one.capacity, total)) < 1 for one in readers)


@settings(max_examples=150, deadline=None)
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


@settings(max_examples=60, deadline=None)
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


@settings(max_examples=60, deadline=None)
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


@pytest.mark.parametrize("seed", range(6))
def test_the_rule_comes_close_to_an_exact_assignment(seed: int) -> None:
    """Families and conflicts in a room that is small enough for the solver."""
    chance = np.random.default_rng(seed)
    families = ["f1"] * 2 + ["f2"] * 3 + [""] * 13
    cases = [Sampled(f"case-{n}", "abcd"[chance.integers(4)], family) for n, family in enumerate(families)]
    readers = [
        Reader(
            f"r{n}",
            int(chance.choice([4, 8, 12])),
            pair,
            n < 3,
            frozenset(f"case-{k}" for k in chance.choice(18, size=3, replace=False)),
        )
        for n, pair in enumerate(["r0", "r1", "r2", "r0"])
    ]
    total = sum(reader.capacity for reader in readers)
    loads = Counter(deal(cases, readers, seed=str(seed)).first.values())
    ours = max(abs(loads[one.key] - len(cases) * one.capacity / total) for one in readers)

    assert ours <= _exact(cases, readers) + 1


def _exact(cases: list[Sampled], readers: list[Reader]) -> float:
    """The smallest possible largest distance of a load from its fair share, by a mixed integer programme."""
    by_key = {reader.key: reader for reader in readers}
    bundles = [
        list(found)
        for _, found in itertools.groupby(
            sorted(cases, key=lambda case: case.family or case.ref), key=lambda case: case.family or case.ref
        )
    ]
    n, m = len(bundles), len(readers)
    total = sum(reader.capacity for reader in readers)
    upper = np.ones(n * m + 1)
    upper[-1] = len(cases)
    for i, bundle in enumerate(bundles):
        for j, reader in enumerate(readers):
            if {case.ref for case in bundle} & (reader.barred | by_key[reader.pair].barred):
                upper[i * m + j] = 0
    once = np.zeros((n, n * m + 1))
    for i in range(n):
        once[i, i * m : (i + 1) * m] = 1
    load = np.zeros((m, n * m + 1))
    for i, bundle in enumerate(bundles):
        for j in range(m):
            load[j, i * m + j] = len(bundle)
    fair = np.array([len(cases) * reader.capacity / total for reader in readers])
    over, under = load.copy(), load.copy()
    over[:, -1], under[:, -1] = -1, 1
    whole = np.ones(n * m + 1)
    whole[-1] = 0
    found = milp(
        c=np.eye(n * m + 1)[-1],
        constraints=[
            LinearConstraint(once, 1, 1),
            LinearConstraint(over, -np.inf, fair),
            LinearConstraint(under, fair, np.inf),
        ],
        integrality=whole,
        bounds=Bounds(0, upper),
    )
    assert found.success
    return float(found.fun)
