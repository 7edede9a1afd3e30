"""The attack: between which whole numbers must a hidden one lie, given all that is known?

This is the attacker's problem of the literature on cell suppression, solved exactly by integer programming (HiGHS).
Statements that share no number are attacked apart. Limits are first drawn by arithmetic on one statement after
another; a number that some solution was already seen to reach needs no further search. What remains is solved.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from casereader.disclosure.component import Component, Interval, Solutions
from casereader.disclosure.knowledge import Knowledge, components


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
        wanted = list(names)
        hidden, before = set(wanted), {name: one for one in seen for name in one.names}
        self._of: dict[str, Component] = {}
        for part, rows in components(knowledge.rows, wanted):
            component = Component(part, rows, signed=knowledge.signed)
            if solution is not None:
                component.see(solution)
            if part[0] in before:
                component.see_again(before[part[0]])
            component.reach([name for name in part if name in hidden])
            self._of |= dict.fromkeys(part, component)

    def interval(self, name: str) -> Interval:
        """The least and the greatest value; None where nothing limits it."""
        return self._of[name].interval(name)
