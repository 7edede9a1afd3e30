"""Suppression: showing less, step by step, until the attack finds no small number to within the threshold.

The rule is greedy and always the same: the first small number that is not safe, by name; the figures nearest to it
by relations; of those the first that makes it safe, in the order parts of the scale, figures, numbers of records,
groups before the whole, small before large; and it is shown one form less. What is settled before the groups are looked
at is shown in less only where nothing else is left: a table of groups costs no figure of the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from casereader.disclosure.component import Component, Solutions
from casereader.disclosure.errors import DisclosureError
from casereader.disclosure.forms import Form
from casereader.disclosure.knowledge import Row, components


@dataclass
class Item:
    """A figure that may be shown in several forms; `at` is the one chosen."""

    finding: str
    part: str
    cell: str
    forms: tuple[Form, ...]
    loss: tuple[bool, int, int, str]
    at: int = 0
    carried_from: str = ""  # the earlier issue whose figure stands
    follows: list[Row] = field(default_factory=list)  # what its being carried tells
    is_settled: bool = False  # shown in less only where nothing else is left to be
    lessened: list[str] = field(default_factory=list)  # why it is not shown in the first form: the numbers protected

    @property
    def form(self) -> Form:
        """The form chosen."""
        return self.forms[self.at]

    @property
    def is_carried(self) -> bool:
        """Whether an earlier figure stands in its place."""
        return self.carried_from != ""

    @property
    def rows(self) -> tuple[Row, ...]:
        """What it tells; a figure that is carried tells only how little it changed."""
        return tuple(self.follows) if self.is_carried else self.form.rows

    @property
    def can_show_less(self) -> bool:
        """Whether a form with less is left."""
        return not self.is_carried and self.at < len(self.forms) - 1


@dataclass(frozen=True, slots=True)
class Protected:
    """How far apart the values of each small number must be, and the solutions met on the way."""

    needs: dict[str, int]
    seen: list[Solutions]


@dataclass(frozen=True, slots=True)
class Sensitive:
    """A small number, and for a difference between issues the finding whose figures would have to be carried."""

    cell: str
    carries: str = ""


def protect(
    items: Sequence[Item],
    structure: Sequence[Row],
    sensitive: Sequence[Sensitive],
    truth: dict[str, int],
    *,
    threshold: int,
    signed: frozenset[str] = frozenset(),
    carry: Callable[[str], None] | None = None,
    seen: Iterable[Solutions] = (),
) -> Protected:
    """Lessen items in place until every small number is safe; the width each of them must have.

    That is the threshold, or what was possible before anything of this issue was shown, where that is less: then the
    issue may tell nothing of it. `carry` lets a finding's earlier figure stand. Solutions `seen` before, as far as they
    agree, make it quicker, not other.
    """
    before = {name: one for one in seen for name in one.names}
    found = Protected({}, [])
    by_cell = {one.cell: one for one in sensitive}
    every_row = [*structure, *(row for item in items for form in item.forms for row in form.rows)]
    parts = [names for names, _ in components(every_row, truth)]
    place = {name: at for at, names in enumerate(parts) for name in names}
    rows_of: list[list[Row]] = [[] for _ in parts]
    for row in structure:
        rows_of[place[row.terms[0][0]]].append(row)
    items_of: list[list[Item]] = [[] for _ in parts]
    for item in items:
        items_of[place[item.cell]].append(item)
    for names, rows, held in zip(parts, rows_of, items_of, strict=True):
        small = [by_cell[name] for name in sorted(by_cell.keys() & set(names))]
        if small:
            room = _Room(names, rows, held, truth, threshold=threshold, signed=signed, carry=carry)
            room.make_safe(small, before.get(names[0]))
            found.needs.update(room.needs)
            found.seen.append(room.seen())
    return found


class _Room:
    """The numbers that relations join: what is stated of them, and what a lesser form would do."""

    def __init__(
        self,
        names: list[str],
        structure: list[Row],
        items: list[Item],
        truth: dict[str, int],
        *,
        threshold: int,
        signed: frozenset[str],
        carry: Callable[[str], None] | None,
    ) -> None:
        self._structure, self._items, self._threshold, self._carry = structure, items, threshold, carry
        self._names, self._signed = names, signed
        self._truth = {name: truth[name] for name in names}
        self._now = self._component([*structure, *self._stated()])
        self._before: Component | None = None
        self._rows_of: dict[str, list[Row]] = {}
        for row in structure:
            for name, _ in row.terms:
                self._rows_of.setdefault(name, []).append(row)
        self.needs: dict[str, int] = {}

    def make_safe(self, sensitive: Sequence[Sensitive], seen: Solutions | None = None) -> None:
        """Lessen until a whole round finds nothing that is not safe."""
        if seen is not None:
            self._now.see_again(seen)
        self.needs = {one.cell: self._threshold for one in sensitive}
        changed = True
        while changed:
            changed = False
            self._now.spread(self.needs, self._threshold)
            for one in sensitive:
                while not self._is_safe(one.cell):
                    self._lessen(one)
                    changed = True

    def seen(self) -> Solutions:
        """The solutions met."""
        return self._now.seen()

    def _is_safe(self, cell: str) -> bool:
        if self._now.is_wide(cell, self.needs[cell]):
            return True
        if self.needs[cell] == self._threshold:
            if self._before is None:
                self._before = self._component(self._structure)
                self._before.see_again(self.seen())  # what agrees with more agrees with less
                self._before.spread(self.needs, self._threshold)
            if self._before.is_wide(cell, self._threshold):
                return False
            lowest, highest = self._before.interval(cell)
            if lowest is not None and highest is not None and highest - lowest < self._threshold:
                self.needs[cell] = highest - lowest
                return self._now.is_wide(cell, self.needs[cell])
        return False

    def _lessen(self, one: Sensitive) -> None:
        mine = [item for item in self._items if item.finding == one.carries and item.can_show_less]
        if mine and self._carry is not None:
            self._carry(one.carries)
            for item in mine:
                item.lessened.append(one.cell)
            self._restate()
            return
        nearest = self._nearest(one.cell)
        if not nearest:
            self._drop_what_is_carried(one.cell)
            return
        for item in nearest:
            item.at += 1
            self._restate()
            if self._is_safe(one.cell):
                break
            item.at -= 1
        else:
            item = nearest[0]
            item.at += 1
            self._restate()
        item.lessened.append(one.cell)

    def _drop_what_is_carried(self, cell: str) -> None:
        """Withhold what was carried, changed or not: that it stands as before tells that little has changed."""
        carried = [item for item in self._items if item.is_carried]
        if not carried:
            raise DisclosureError(f"{cell} cannot be protected.")
        for item in carried:
            item.carried_from, item.at = "", len(item.forms) - 1
            item.lessened.append(cell)
        self._restate()

    def _nearest(self, cell: str) -> list[Item]:
        """The items that can be shown in less, of those nearest by relations, by what is lost."""
        every = [item for item in self._items if item.can_show_less]
        left = [item for item in every if not item.is_settled] or every
        met, edge = {cell}, [cell]
        while edge:
            found = [item for item in left if any(name in met for row in item.rows for name, _ in row.terms)]
            if found:
                return sorted(found, key=lambda item: item.loss)
            beyond = {name for at in edge for row in self._rows_of.get(at, ()) for name, _ in row.terms} - met
            met |= beyond
            edge = sorted(beyond)
        return sorted(left, key=lambda item: item.loss)

    def _stated(self) -> list[Row]:
        return [row for item in self._items for row in item.rows]

    def _restate(self) -> None:
        self._now.state([*self._structure, *self._stated()])

    def _component(self, rows: list[Row]) -> Component:
        made = Component(self._names, rows, signed=self._signed)
        made.see(self._truth)
        return made
