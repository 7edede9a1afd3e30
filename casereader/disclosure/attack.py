"""The attack: between which whole numbers must a hidden one lie, given all that is known?

This is the attacker's problem of the literature on cell suppression, solved exactly by integer programming (HiGHS).
Statements that share no number are attacked apart. Limits are first drawn by arithmetic on one statement after
another; a number that some solution was already seen to reach needs no further search. What remains is solved.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp  # type: ignore[import-untyped]
from scipy.sparse import csc_array  # type: ignore[import-untyped]

from casereader.disclosure.errors import DisclosureError
from casereader.disclosure.knowledge import Knowledge, Row
from casereader.disclosure.limits import TOLERANCE, Floats, Places, Terms, drawn

Interval = tuple[int | None, int | None]


_SPREADS, _FEW = 4, 4
_SOLVED, _INFEASIBLE = 0, 2


class Attack:
    """The attack on a set of statements; `interval` is the least and the greatest value a number can have."""

    def __init__(
        self,
        knowledge: Knowledge,
        names: Iterable[str] = (),
        *,
        solution: Mapping[str, int] | None = None,
        seen: Iterable[Solutions] = (),
    ) -> None:
        """`solution`, the true numbers, and those `seen` before as far as they agree make it quicker, not other."""
        wanted, before = list(names), {name: one for one in seen for name in one.names}
        self._of: dict[str, Component] = {}
        for part, rows in components(knowledge.rows, wanted):
            component = Component(part, rows, signed=knowledge.signed)
            if solution is not None:
                component.see(solution)
            if part[0] in before:
                component.see_again(before[part[0]])
            self._of |= dict.fromkeys(part, component)

    def interval(self, name: str) -> Interval:
        """The least and the greatest value; None where nothing limits it."""
        return self._of[name].interval(name)


def components(rows: Iterable[Row], names: Iterable[str] = ()) -> list[tuple[list[str], list[Row]]]:
    """Numbers and statements divided so that no statement joins two parts; in the order of the first names."""
    parent: dict[str, str] = {name: name for name in names}

    def root(name: str) -> str:
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    kept = list(rows)
    for row in kept:
        first = row.terms[0][0]
        for name, _ in row.terms:
            parent.setdefault(name, name)
            parent[root(name)] = root(first)
    members: dict[str, list[str]] = {}
    for name in parent:
        members.setdefault(root(name), []).append(name)
    stated: dict[str, list[Row]] = {one: [] for one in members}
    for row in kept:
        stated[root(row.terms[0][0])].append(row)
    return [(names_here, stated[one]) for one, names_here in members.items()]


@dataclass(frozen=True)
class Solutions:
    """Solutions that were seen: a row for each, a column for each number."""

    names: Sequence[str]
    points: Floats


class Component:
    """Numbers that statements join, with what was found of them so far."""

    def __init__(self, names: list[str], rows: list[Row], *, signed: frozenset[str] = frozenset()) -> None:
        self.names = names
        self._place = {name: at for at, name in enumerate(names)}
        limits = [abs(limit) for row in rows for limit in (row.low, row.high) if limit is not None]
        # Far above what the statements can add up to: a number that can come near it has no limit.
        self._cap = float(4 * (250 + sum(limits)))
        self._signed = np.array([name in signed for name in names])
        self._points: list[Floats] = []
        self.state(rows)

    def state(self, rows: list[Row]) -> None:
        """Set what is stated; solutions seen before are kept where they still agree with it."""
        matrix = np.zeros((len(rows), len(self.names)))
        low, high = np.full(len(rows), -np.inf), np.full(len(rows), np.inf)
        for at, row in enumerate(rows):
            for name, factor in row.terms:
                matrix[at, self._place[name]] += factor
            low[at] = -np.inf if row.low is None else row.low
            high[at] = np.inf if row.high is None else row.high
        self._matrix, self._row_low, self._row_high = matrix, low, high
        self._terms = Terms.of(matrix)
        places = (self._terms.statement, self._terms.number)
        sparse: Any = csc_array((self._terms.factor, places), shape=matrix.shape)
        self._constraint = LinearConstraint(sparse, low, high) if rows else None
        # The numbers of which another is said to be a part; they are what keeps corners from being whole.
        divided = {name for row in rows if row.terms[0][1] != 1.0 for name, _ in row.terms[1:]}
        self._divided = np.array([self._place[name] for name in sorted(divided)], dtype=int)
        self._limits: tuple[Floats, Floats] | None = None
        self._set: dict[bytes, tuple[Floats, Floats] | None] = {}
        self._points = [point for point in self._points if self._agrees(point)]
        self._see()

    def see(self, point: Mapping[str, int]) -> None:
        """Add a solution that is known, such as the true numbers."""
        found = np.array([float(point[name]) for name in self.names])
        if np.abs(found).max() > self._cap / 4:  # numbers of which hardly anything is stated
            self._cap = 4.0 * float(np.abs(found).max())
            self._limits = None
        if not self._agrees(found):
            raise DisclosureError("What is published is not true of the figures.")
        self._points.append(found)
        self._see()

    def see_again(self, seen: Solutions) -> None:
        """Keep solutions seen elsewhere, as far as they agree with what is stated here."""
        place = {name: at for at, name in enumerate(seen.names)}
        if all(name in place for name in self.names):
            found = seen.points[:, [place[name] for name in self.names]]
            self._points += [point for point in found if self._agrees(point)]
            self._see()

    def seen(self) -> Solutions:
        """The solutions found so far."""
        return Solutions(self.names, np.array(self._points))

    def interval(self, name: str) -> Interval:
        """The least and the greatest value of a number; None where nothing limits it."""
        at = self._place[name]
        lowest, highest = self._extreme(at, 1.0), self._extreme(at, -1.0)
        limit = self._cap / 2
        return (None if lowest <= -limit else round(lowest)), (None if highest >= limit else round(highest))

    def is_wide(self, name: str, width: int) -> bool:
        """Whether a number can have two values that are `width` apart; solves no more than it must."""
        at = self._place[name]
        if self._seen_high[at] - self._seen_low[at] >= width:
            return True
        low, high = self._drawn()
        if high[at] - low[at] < width - TOLERANCE:
            return False
        if self._points:
            for sign, seen, limit in ((-1.0, self._seen_high, high), (1.0, self._seen_low, low)):
                if seen[at] != limit[at] and (found := self._run_near(at, sign, self._points[0])) is not None:
                    self._points.append(found)
                    self._see()
                    if self._seen_high[at] - self._seen_low[at] >= width:
                        return True
        return self._extreme(at, -1.0) - self._extreme(at, 1.0) >= width

    def spread(self, names: Iterable[str], width: int) -> None:
        """Look for solutions that are far apart in many of these numbers, so that fewer are sought one by one."""
        places = np.array([self._place[name] for name in names], dtype=int)
        for sign in (1.0, -1.0) * _SPREADS:
            if len(places) < _FEW:
                return
            found = self._run_near(places, sign, self._points[0])
            if found is None:
                return
            self._points.append(found)
            self._see()
            places = places[~(self._seen_high[places] - self._seen_low[places] >= width)]

    def _extreme(self, at: int, sign: float) -> float:
        """The least (`sign` 1) or the greatest (−1) value of the number at a place."""
        low, high = self._drawn()
        limit, seen = (low[at], self._seen_low[at]) if sign > 0 else (high[at], self._seen_high[at])
        if self._points and seen == limit:
            return float(seen)
        point = self._solve(at, sign, low, high)
        if point is None:
            return float(seen)
        self._points.append(point)
        self._see()
        return float(point[at])

    def _solve(self, at: int, sign: float, low: Floats, high: Floats) -> Floats | None:
        """A solution with the number at a place at its extreme; None if one seen before is as extreme.

        The programme without whole numbers is quick and says how far the number can go. Where its answer is not
        whole, that is as a rule because of shares of numbers of records: with those set to whole ones it mostly is,
        and if it goes as far, it is the answer. Else the programme with whole numbers is solved.
        """
        free = self._run(at, sign, low, high)
        if free is None:
            raise DisclosureError("What is said to be known contradicts itself.")
        if self._is_whole(free):
            return np.round(free)
        furthest = np.ceil(free[at] - TOLERANCE) if sign > 0 else np.floor(free[at] + TOLERANCE)
        if (self._seen_low[at] if sign > 0 else self._seen_high[at]) == furthest:
            return None
        near = self._run_near(at, sign, free)
        if near is not None and near[at] == furthest:
            return near
        nearer_low, nearer_high = low.copy(), high.copy()
        (nearer_low if sign > 0 else nearer_high)[at] = furthest
        return self._solve_whole(at, sign, nearer_low, nearer_high)

    def _solve_whole(self, at: int, sign: float, low: Floats, high: Floats) -> Floats:
        """The programme with whole numbers, until nothing further is found: the solver is not taken at its word."""
        best: Floats | None = None
        while best is None or (low[at] if sign > 0 else high[at]) != best[at]:
            found = self._run(at, sign, low, high, whole=True)
            if found is None:
                break
            if not self._is_whole(found):
                raise DisclosureError(f"The attack on {self.names[at]} could not be run to its end.")
            best = np.round(found)
            (high if sign > 0 else low)[at] = best[at] - sign
            if high[at] < low[at]:
                break
        if best is None:
            raise DisclosureError("What is said to be known contradicts itself.")
        return best

    def _run_near(self, at: int | Places, sign: float, near: Floats) -> Floats | None:
        """A whole solution with the numbers that are divided set to those nearest to a point; None if none is met."""
        divided = np.clip(np.round(near[self._divided]), *(limit[self._divided] for limit in self._drawn()))
        key = divided.tobytes()
        if key not in self._set:
            self._set[key] = self._narrowed(divided)
        limits = self._set[key]
        if limits is None:
            return None
        found = self._run(at, sign, *limits)
        return np.round(found) if found is not None and self._is_whole(found) else None

    def _narrowed(self, divided: Floats) -> tuple[Floats, Floats] | None:
        low, high = (limit.copy() for limit in self._drawn())
        low[self._divided] = high[self._divided] = divided
        low, high = drawn(self._terms, self._row_low, self._row_high, low, high)
        return None if (low > high).any() else (low, high)

    def _run(self, at: int | Places, sign: float, low: Floats, high: Floats, *, whole: bool = False) -> Floats | None:
        """One run of the solver; None where there is no solution."""
        aim = np.zeros(len(self.names))
        aim[at] = sign
        found = milp(
            aim,
            integrality=np.full(len(self.names), whole),
            bounds=Bounds(low, high),
            constraints=self._constraint,
            # The presolve of HiGHS 1.12 calls programmes infeasible that are not.
            options={"presolve": False, "mip_rel_gap": 0.0},
        )
        if found.status == _INFEASIBLE:
            return None
        if found.status != _SOLVED:
            raise DisclosureError(f"The attack could not be run to its end: {found.message}")
        point: Floats = found.x
        return point

    def _is_whole(self, point: Floats) -> bool:
        whole = np.round(point)
        return bool(np.abs(whole - point).max() < TOLERANCE) and self._agrees(whole)

    def _agrees(self, point: Floats) -> bool:
        total = self._matrix @ point
        lowest = np.where(self._signed, -self._cap, 0.0)
        return bool(
            (total >= self._row_low - TOLERANCE).all()
            and (total <= self._row_high + TOLERANCE).all()
            and (point >= lowest).all()
            and (point <= self._cap).all()
        )

    def _see(self) -> None:
        none = np.full(len(self.names), np.nan)
        self._seen_low = np.min(self._points, axis=0) if self._points else none
        self._seen_high = np.max(self._points, axis=0) if self._points else none

    def _drawn(self) -> tuple[Floats, Floats]:
        """Limits by arithmetic, once for what is stated."""
        if self._limits is None:
            lowest = np.where(self._signed, -self._cap, 0.0)
            self._limits = drawn(
                self._terms, self._row_low, self._row_high, lowest, np.full(len(self.names), self._cap)
            )
        return self._limits
