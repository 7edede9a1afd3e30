"""Numbers that statements join, and the search for solutions of these statements with one number at its extreme."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from casereader.disclosure.errors import DisclosureError
from casereader.disclosure.knowledge import Row
from casereader.disclosure.limits import TOLERANCE, Floats, Places
from casereader.disclosure.statements import Flags, Statements

Interval = tuple[int | None, int | None]


_FEW = 4  # numbers that are better sought one by one
_IN_VAIN = 2  # searches for many at once that met nothing new
_SOLVED, _INFEASIBLE = 0, 2


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
        self._statements = Statements(names)
        self._points: list[Floats] = []
        self._seen_low: Floats
        self._seen_high: Floats
        self.state(rows)

    def state(self, rows: list[Row]) -> None:
        """Set what is stated; solutions seen before are kept where they still agree with it."""
        self._stated = self._statements.of(rows)
        self._limits: tuple[Floats, Floats] | None = None
        self._set: dict[bytes, tuple[Floats, Floats] | None] = {}
        self._near: dict[int, Component] = {}
        self._see(self._points)

    def see(self, point: Mapping[str, int]) -> None:
        """Add a solution that is known, such as the true numbers."""
        found = np.array([float(point[name]) for name in self.names])
        if np.abs(found).max() > self._cap / 4:  # numbers of which hardly anything is stated
            self._cap = 4.0 * float(np.abs(found).max())
            self._limits = None
        if not self._agrees(found):
            raise DisclosureError("What is published is not true of the figures.")
        self._add(found)

    def see_again(self, seen: Solutions) -> None:
        """Keep solutions seen elsewhere, as far as they agree with what is stated here."""
        place = {name: at for at, name in enumerate(seen.names)}
        if all(name in place for name in self.names):
            found = seen.points[:, [place[name] for name in self.names]]
            self._see([*self._points, *found])

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
        if high[at] - low[at] < width - TOLERANCE or not self._is_wide_nearby(at, width):
            return False
        if self._points:
            for sign, seen, limit in ((-1.0, self._seen_high, high), (1.0, self._seen_low, low)):
                if seen[at] == limit[at]:
                    continue
                found = self._run_near(self._aim(at, sign), self._points[0])
                if found is not None:
                    self._add(found)
                    if self._seen_high[at] - self._seen_low[at] >= width:
                        return True
        return self._extreme(at, -1.0) - self._extreme(at, 1.0) >= width

    def _is_wide_nearby(self, at: int, width: int) -> bool:
        """Whether the short statements around a number leave it so wide: all others can but narrow it."""
        part, rows = self._stated.around(at)
        if len(part) == len(self.names):
            return True
        if part[0] not in self._near:
            names = [self.names[place] for place in part]
            signed = frozenset(self.names[place] for place in part if self._signed[place])
            self._near[part[0]] = Component(names, rows, signed=signed)
        lowest, highest = self._near[part[0]].interval(self.names[at])
        return lowest is None or highest is None or highest - lowest >= width

    def spread(self, names: Iterable[str], width: int) -> None:
        """Look for solutions that are far apart in many of these numbers, so that fewer are sought one by one."""

        def is_open(places: Places) -> Flags:
            found: Flags = ~(self._seen_high[places] - self._seen_low[places] >= width)
            return found

        places, in_vain = np.array([self._place[name] for name in names], dtype=int), 0
        for aim in self._aims(places, is_open):
            before = is_open(places).sum()
            found = self._run_near(aim, self._points[0])
            if found is not None:
                self._add(found)
            if is_open(places).sum() == before:
                found = self._furthest(aim)
                if found is not None:
                    self._add(found)
            in_vain = in_vain + 1 if is_open(places).sum() == before else 0
            if in_vain == _IN_VAIN:  # what is left is not so wide, or sought quicker one by one
                return

    def reach(self, names: Iterable[str]) -> None:
        """Look for solutions in which many of these numbers are at a limit, so that fewer are sought one by one."""
        low, high = self._drawn()

        def is_open(places: Places) -> Flags:
            found: Flags = ~((self._seen_low[places] == low[places]) & (self._seen_high[places] == high[places]))
            return found

        for aim in self._aims(np.array([self._place[name] for name in names], dtype=int), is_open):
            found = self._furthest(aim)
            if found is not None:
                self._add(found)

    def _furthest(self, aim: Floats) -> Floats | None:
        """A whole solution as far as the programme without whole numbers goes, or near that; None if none is met."""
        free = self._run(aim, *self._drawn())
        if free is None:
            return None
        return np.round(free) if self._is_whole(free) else self._run_near(aim, free)

    def _aims(self, places: Places, is_open: Callable[[Places], Flags]) -> Iterator[Floats]:
        """What to make least, one after the other, while more than a few of these numbers are open.

        First all of them one way; then, since numbers that add up to a known one cannot all be great, half of them the
        other way, and each time another half, so that each number comes to stand against every other.
        """
        half = np.arange(1, len(places) + 1)
        for bit in (len(places).bit_length(), *range(len(places).bit_length())):
            for sign in (1.0, -1.0):
                left = is_open(places)
                if left.sum() < _FEW:
                    return
                aim = np.zeros(len(self.names))
                aim[places[left]] = np.where(half[left] >> bit & 1, -sign, sign)
                yield aim

    def _extreme(self, at: int, sign: float) -> float:
        """The least (`sign` 1) or the greatest (−1) value of the number at a place."""
        low, high = self._drawn()
        limit, seen = (low[at], self._seen_low[at]) if sign > 0 else (high[at], self._seen_high[at])
        if self._points and seen == limit:
            return float(seen)
        point = self._solve(at, sign, low, high)
        if point is None:
            return float(seen)
        self._add(point)
        return float(point[at])

    def _solve(self, at: int, sign: float, low: Floats, high: Floats) -> Floats | None:
        """A solution with the number at a place at its extreme; None if one seen before is as extreme.

        The programme without whole numbers is quick and says how far the number can go. Where its answer is not
        whole, that is as a rule because of shares of numbers of records: with those set to whole ones it mostly is,
        and if it goes as far, it is the answer. Else the programme with whole numbers is solved.
        """
        free = self._run(self._aim(at, sign), low, high)
        if free is None:
            raise DisclosureError("What is said to be known contradicts itself.")
        if self._is_whole(free):
            return np.round(free)
        furthest = np.ceil(free[at] - TOLERANCE) if sign > 0 else np.floor(free[at] + TOLERANCE)
        if (self._seen_low[at] if sign > 0 else self._seen_high[at]) == furthest:
            return None
        near = self._run_near(self._aim(at, sign), free)
        if near is not None and near[at] == furthest:
            return near
        nearer_low, nearer_high = low.copy(), high.copy()
        (nearer_low if sign > 0 else nearer_high)[at] = furthest
        return self._solve_whole(at, sign, nearer_low, nearer_high)

    def _solve_whole(self, at: int, sign: float, low: Floats, high: Floats) -> Floats:
        """The programme with whole numbers, until nothing further is found: the solver is not taken at its word."""
        best: Floats | None = None
        while best is None or (low[at] if sign > 0 else high[at]) != best[at]:
            found = self._run(self._aim(at, sign), low, high, whole=True)
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

    def _run_near(self, aim: Floats, near: Floats) -> Floats | None:
        """A whole solution with the numbers that are divided set to those nearest to a point; None if none is met."""
        divided = np.clip(
            np.round(near[self._stated.divided]), *(limit[self._stated.divided] for limit in self._drawn())
        )
        key = divided.tobytes()
        if key not in self._set:
            self._set[key] = self._narrowed(divided)
        limits = self._set[key]
        if limits is None:
            return None
        found = self._run(aim, *limits)
        return np.round(found) if found is not None and self._is_whole(found) else None

    def _narrowed(self, divided: Floats) -> tuple[Floats, Floats] | None:
        low, high = (limit.copy() for limit in self._drawn())
        low[self._stated.divided] = high[self._stated.divided] = divided
        low, high = self._stated.drawn(low, high)
        return None if (low > high).any() else (low, high)

    def _aim(self, at: int | Places, sign: float) -> Floats:
        """What the solver makes least."""
        aim = np.zeros(len(self.names))
        aim[at] = sign
        return aim

    def _run(self, aim: Floats, low: Floats, high: Floats, *, whole: bool = False) -> Floats | None:
        """One run of the solver; None where there is no solution."""
        from scipy.optimize import Bounds, milp  # type: ignore[import-untyped]  # see `statements.Stated.constraint`

        found = milp(
            aim,
            integrality=np.full(len(self.names), whole),
            bounds=Bounds(low, high),
            constraints=self._stated.constraint,
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
        return bool(self._which_agree(point[np.newaxis, :])[0])

    def _which_agree(self, points: Floats) -> Flags:
        return self._stated.which_agree(points, np.where(self._signed, -self._cap, 0.0), self._cap)

    def _add(self, point: Floats) -> None:
        self._points.append(point)
        self._seen_low, self._seen_high = np.fmin(self._seen_low, point), np.fmax(self._seen_high, point)

    def _see(self, points: list[Floats]) -> None:
        """Keep those of these solutions that agree with what is stated."""
        agree = self._which_agree(np.array(points)).tolist() if points else []
        self._points = [point for point, agrees in zip(points, agree, strict=True) if agrees]
        none = np.full(len(self.names), np.nan)
        self._seen_low = np.min(self._points, axis=0) if self._points else none
        self._seen_high = np.max(self._points, axis=0) if self._points else none

    def _drawn(self) -> tuple[Floats, Floats]:
        """Limits by arithmetic, once for what is stated."""
        if self._limits is None:
            lowest = np.where(self._signed, -self._cap, 0.0)
            self._limits = self._stated.drawn(lowest, np.full(len(self.names), self._cap))
        return self._limits
