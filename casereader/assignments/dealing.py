"""Sharing sampled cases among readers by a rule that follows from the seed, so that nobody steers who reads what.

**Shares.** Each reader's share of the cases is in proportion to their capacity (days × records on a day); a whole
number for each by largest remainder, of equal remainders the earlier reader's first. Readers stand in the order of
SHA-256(seed + "|reader|" + key).

**First readings.** Cases of one family are one bundle, a case without family is a bundle of its own. A reader may take
a bundle when none of its cases is barred to them, nor to the inspector of their pair. Bundles are dealt one after
another: those with the fewest readers who may take them first, then the larger, then in the order of
SHA-256(seed + "|assign|" + case_ref), the smallest of the bundle's. Each goes to the reader, of those who may,

1. whose share has room for it, else whose share it exceeds least;
2. where the sample is read in waves, who is furthest behind their part of the bundle's waves (their part of a wave is
   its cases in proportion to capacity);
3. who is furthest behind their part of the bundle's strata, in the same sense;
4. who has the most room left;
5. who stands first.

**Second readings** are those of the ⌈share · n⌉ cases with the smallest SHA-256(seed + "|second|" + case_ref) that
somebody independent may read: an inspector, not of a pair that has a first reading of the case or of its family, and
not barred. Each goes to whoever of these has the fewest second readings for their capacity, counting this one.

Cases that come later are dealt by the same rule around what is `held` already, which stays; a family that is held by
somebody goes to them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from hashlib import sha256
from math import ceil, floor


@dataclass(frozen=True)
class Sampled:
    """A case to be read; `family` is blank where the list gave none, `wave` 0 where the sample is read as one."""

    ref: str
    stratum: str
    family: str = ""
    wave: int = 0


@dataclass(frozen=True)
class Reader:
    """Who reads: `pair` is the inspector of their pair, `barred` the cases that they must not read."""

    key: str
    capacity: int
    pair: str
    inspects: bool = True
    barred: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Dealt:
    """Who reads what: reader by case. `left` holds the bundles that nobody may take, `n_wanted` the second readings."""

    first: dict[str, str]
    second: dict[str, str]
    left: list[tuple[str, ...]] = field(default_factory=list)
    n_wanted: int = 0


def deal(
    cases: Sequence[Sampled],
    readers: Sequence[Reader],
    *,
    seed: str,
    share: str = "0",
    held: Dealt | None = None,
) -> Dealt:
    """Who reads each case first, and which are read twice, and by whom; what is `held` stays and is not repeated.

    >>> deal([Sampled("c1", "a")], [Reader("Ann", 4, "Ann")], seed="s").first
    {'c1': 'Ann'}
    """
    held = held or Dealt({}, {})
    first, left = _first(cases, readers, seed, held)
    wanted = max(ceil(Fraction(share) * len(cases)) - len(held.second), 0)
    second = deal_seconds(
        list(first), cases, readers, seed=seed, first={**held.first, **first}, given=held.second, most=wanted
    )
    if set(first) | {ref for bundle in left for ref in bundle} | set(held.first) < {case.ref for case in cases}:
        raise AssertionError("a case was not dealt")
    return Dealt(first, second, left, wanted)


def deal_seconds(
    refs: Collection[str],
    cases: Sequence[Sampled],
    readers: Sequence[Reader],
    *,
    seed: str,
    first: Mapping[str, str],
    given: Mapping[str, str],
    most: int,
) -> dict[str, str]:
    """Who reads a second time: at most `most` of `refs`; `first` reads first, `given` are second readings that stay."""
    everybody = {reader.key: reader for reader in readers}
    readers = in_order(readers, seed=seed)
    families = {case.ref: case.family or f"case {case.ref}" for case in cases}
    known: defaultdict[str, set[str]] = defaultdict(set)  # the pairs that read a case of the family first
    for ref, key in first.items():
        known[families[ref]].add(_pair_of(key, everybody))
    n_given = Counter(given.values())
    places = {reader.key: place for place, reader in enumerate(readers)}
    found: dict[str, str] = {}
    for ref in sorted(refs, key=lambda ref: (_digest(seed, "second", ref), ref)):
        if len(found) >= most:
            break
        others = [
            reader
            for reader in readers
            if reader.inspects and reader.pair not in known[families[ref]] and ref not in reader.barred
        ]
        if others:
            chosen = min(others, key=lambda one: (Fraction(n_given[one.key] + 1, one.capacity), places[one.key]))
            found[ref] = chosen.key
            n_given[chosen.key] += 1
    return found


def in_order(readers: Sequence[Reader], *, seed: str) -> list[Reader]:
    """The readers in the order that the seed gives them; those who can read nothing are left out."""
    able = [reader for reader in readers if reader.capacity > 0]
    return sorted(able, key=lambda reader: (_digest(seed, "reader", reader.key), reader.key))


def shares(n: int, readers: Sequence[Reader]) -> dict[str, int]:
    """How many of `n` cases each reader gets, in proportion to capacity: whole numbers by largest remainder.

    >>> shares(7, [Reader("Ann", 8, "Ann"), Reader("Bob", 4, "Bob")])
    {'Ann': 5, 'Bob': 2}
    """
    total = sum(reader.capacity for reader in readers)
    exact = {reader.key: Fraction(n * reader.capacity, total) for reader in readers}
    found = {key: floor(one) for key, one in exact.items()}
    places = {reader.key: place for place, reader in enumerate(readers)}
    behind = sorted(exact, key=lambda key: (found[key] - exact[key], places[key]))
    for key in behind[: n - sum(found.values())]:
        found[key] += 1
    return found


class _Parts:
    """How far each reader is behind their part of the groups, strata or waves, that cases fall into."""

    def __init__(self, groups: Mapping[str, str | int], shared: Sequence[Sampled], total: int) -> None:
        self.groups, self.total = groups, total
        self.sizes = Counter(groups[case.ref] for case in shared)
        self.has: Counter[tuple[str, str | int]] = Counter()

    def give(self, key: str, ref: str) -> None:
        """Count a case that a reader has; one that is not to be read is part of no group."""
        if ref in self.groups:
            self.has[key, self.groups[ref]] += 1

    def behind(self, reader: Reader, bundle: Sequence[Sampled]) -> Fraction:
        """How many cases of the bundle's groups the reader lacks to their part, summed over the bundle."""
        of = [self.groups[case.ref] for case in bundle]
        parts = (Fraction(self.sizes[one] * reader.capacity, self.total) - self.has[reader.key, one] for one in of)
        return sum(parts, start=Fraction(0))


def _first(
    cases: Sequence[Sampled], readers: Sequence[Reader], seed: str, held: Dealt
) -> tuple[dict[str, str], list[tuple[str, ...]]]:
    found: dict[str, str] = {}
    everybody = {reader.key: reader for reader in readers}
    readers = in_order(readers, seed=seed)
    may = {bundle: _who_may(bundle, cases, readers, everybody, held) for bundle in _bundles(cases, held)}
    left = [tuple(case.ref for case in bundle) for bundle, who in may.items() if not who]
    if not readers:
        return found, left
    able = {reader.key for reader in readers}
    shared = [case for case in cases if held.first.get(case.ref, readers[0].key) in able]  # what others hold is theirs
    stays = Counter(held.first.values())
    room = {key: n - stays[key] for key, n in shares(len(shared), readers).items()}
    total = sum(reader.capacity for reader in readers)
    places = {reader.key: place for place, reader in enumerate(readers)}
    of_strata = _Parts({case.ref: case.stratum for case in cases}, shared, total)
    of_waves = _Parts({case.ref: case.wave for case in cases}, shared, total)
    in_waves = any(case.wave for case in cases)
    for ref, key in held.first.items():
        of_strata.give(key, ref)
        of_waves.give(key, ref)

    def wish(reader: Reader, bundle: tuple[Sampled, ...]) -> tuple[int, Fraction, Fraction, int, int]:
        left_over = room[reader.key] - len(bundle)
        behind = of_waves.behind(reader, bundle) if in_waves else Fraction(0)
        return min(left_over, 0), behind, of_strata.behind(reader, bundle), left_over, -places[reader.key]

    def turn(bundle: tuple[Sampled, ...]) -> tuple[int, int, str]:
        return len(may[bundle]), -len(bundle), min(_digest(seed, "assign", case.ref) for case in bundle)

    for bundle in sorted((one for one, who in may.items() if who), key=turn):
        chosen = max(may[bundle], key=lambda reader: wish(reader, bundle))
        room[chosen.key] -= len(bundle)
        for case in bundle:
            found[case.ref] = chosen.key
            of_strata.give(chosen.key, case.ref)
            of_waves.give(chosen.key, case.ref)
    return found, left


def _bundles(cases: Sequence[Sampled], held: Dealt) -> list[tuple[Sampled, ...]]:
    """The cases that are not held, those of one family together."""
    families: defaultdict[str, list[Sampled]] = defaultdict(list)
    for case in sorted(cases, key=lambda case: case.ref):
        if case.ref not in held.first:
            families[f"family {case.family}" if case.family else f"case {case.ref}"].append(case)
    return [tuple(bundle) for bundle in families.values()]


def _who_may(
    bundle: tuple[Sampled, ...],
    cases: Sequence[Sampled],
    readers: Sequence[Reader],
    everybody: Mapping[str, Reader],
    held: Dealt,
) -> list[Reader]:
    """The readers who may take a bundle; of a family that somebody holds already, they alone where they may."""
    refs = {case.ref for case in bundle}
    family = refs | {case.ref for case in cases if case.family and case.family == bundle[0].family}
    blind = {_pair_of(held.second[ref], everybody) for ref in family if ref in held.second}
    may = [reader for reader in readers if reader.pair not in blind and not refs & _barred_from(reader, everybody)]
    known = {held.first[ref] for ref in family if ref in held.first}
    return [reader for reader in may if reader.key in known] or may


def _pair_of(key: str, everybody: Mapping[str, Reader]) -> str:
    """The pair of a reader; whoever reads no more is a pair of their own."""
    return everybody[key].pair if key in everybody else key


def _barred_from(reader: Reader, everybody: Mapping[str, Reader]) -> frozenset[str]:
    """What a reader must not read; a local reviewer's reading is countersigned, so their inspector's as well."""
    return reader.barred | everybody.get(reader.pair, reader).barred


def _digest(seed: str, purpose: str, text: str) -> str:
    return sha256(f"{seed}|{purpose}|{text}".encode()).hexdigest()
