"""What an issue has to do with earlier ones: numbers that did not change, differences, and figures that stand.

A number that is the same as before is the same unknown, and the attacker is told so. One that changed is another
unknown, and the change is a number too: where it is small it is protected like any small number.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from casereader.disclosure.findings import Finding
from casereader.disclosure.knowledge import Row, adds_up, lies, row_of, row_record
from casereader.disclosure.policy import Policy
from casereader.disclosure.protection import Item


@dataclass(frozen=True, slots=True)
class Unknowns:
    """The true numbers under an issue, against which later ones are checked. They never go out.

    `counts` and `variables` (which unknown stands for it) are by number; `changes` the differences from earlier
    issues; `shares` the share of each finding of which something could be shown; `rows` what the issue tells. `policy`
    is None in issues of old, which held its name alone.
    """

    issue: str
    policy: Policy | None
    counts: dict[str, int]
    variables: dict[str, str]
    changes: dict[str, int]
    shares: dict[str, str]
    rows: tuple[Row, ...]

    def values(self) -> dict[str, int]:
        """The true value of each unknown."""
        return {variable: self.counts[cell] for cell, variable in self.variables.items()} | self.changes

    def record(self) -> dict[str, Any]:
        """As canonical JSON holds it."""
        plain = {name: getattr(self, name) for name in _PLAIN}
        policy = self.policy.record() if self.policy else ""
        return plain | {"policy": policy, "rows": [row_record(row) for row in self.rows]}

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Unknowns:
        """Read what `record` wrote."""
        policy = None if isinstance(record["policy"], str) else Policy.of(record["policy"])
        rows = tuple(row_of(row) for row in record["rows"])
        return cls(**{name: record[name] for name in _PLAIN}, policy=policy, rows=rows)


_PLAIN = ("issue", "counts", "variables", "changes", "shares")


@dataclass(frozen=True, slots=True)
class Change:
    """A number less what it was in an earlier issue."""

    name: str
    finding: str
    by: int
    row: Row


def variables_for(counts: Mapping[str, int], earlier: Sequence[Unknowns], name: str) -> dict[str, str]:
    """The unknown that stands for each number: an earlier issue's where it had the same value, else a new one."""
    found = {}
    for cell, count in counts.items():
        same = [one.variables[cell] for one in reversed(earlier) if one.counts.get(cell) == count]
        found[cell] = same[0] if same else f"{cell} @ {name}"
    return found


def changes_since(counts: Mapping[str, int], variables: Mapping[str, str], earlier: Sequence[Unknowns]) -> list[Change]:
    """Every number that is another than in an earlier issue, once for each value that it had."""
    found: dict[str, Change] = {}
    for cell, count in counts.items():
        for one in reversed(earlier):
            before = one.variables.get(cell)
            if before is None or before == variables[cell]:
                continue
            name = change_of(variables[cell], before)
            row = adds_up(variables[cell], (before, name))
            found.setdefault(name, Change(name, cell.partition(" # ")[0], count - one.counts[cell], row))
    return list(found.values())


def change_of(now: str, before: str) -> str:
    """What the difference of two unknowns is called."""
    return f"{now} less {before}"


class Carrier:
    """Lets figures of earlier issues stand."""

    def __init__(
        self,
        findings: Sequence[Finding],
        items: Sequence[Item],
        earlier: Sequence[tuple[Unknowns, Collection[str]]],
        variables: Mapping[str, str],
        counts: Mapping[str, int],
        policy: Policy,
    ) -> None:
        """`earlier` is each issue, oldest first, with the findings whose figures were made for it and not carried."""
        self._findings = {one.id: one for one in findings}
        self._items: dict[str, list[Item]] = {}
        for item in items:
            self._items.setdefault(item.finding, []).append(item)
        self._earlier = list(reversed(earlier))
        self._variables, self._counts, self._policy = variables, counts, policy

    def carry_what_hardly_changed(self) -> None:
        """Let the figure of every finding stand that is just what it was, or little away from it.

        Both alike, whether or not the change could be found out: where only what is unchanged stood, what is printed
        anew would name the questions in which one child's record was corrected. Under other rules what stands is the
        reverse, so that everything is printed anew if no number changed, and all that hardly did stands if one did.
        """
        for one, made in self._earlier:
            moved = any(one.counts.get(cell, count) != count for cell, count in self._counts.items())
            for name, finding in self._findings.items():
                if name not in made or any(item.is_carried for item in self._items[name]):
                    continue
                rules = self._policy.rules_for(finding.inspection)
                alike = one.policy is not None and one.policy.rules_for(finding.inspection) == rules
                if (alike or moved) and self._is_near(finding, one):
                    self._let_stand(name, one)

    def carry(self, finding: str) -> None:
        """Let the latest figure stand from which every shown number is less than the threshold away; or withhold."""
        for one, made in self._earlier:
            if finding in made and all(abs(by) < self._policy.threshold for by in self._moves(finding, one).values()):
                self._let_stand(finding, one)
                return
        for item in self._items[finding]:
            item.at = len(item.forms) - 1

    def _is_near(self, finding: Finding, one: Unknowns) -> bool:
        """Whether the numbers shown moved by less than the threshold, and the share by less than as many records."""
        by_share = abs(finding.true_share - float(one.shares[finding.id])) * finding.n
        moves = [*self._moves(finding.id, one).values(), by_share]
        return all(abs(by) < self._policy.threshold for by in moves)

    def _let_stand(self, finding: str, one: Unknowns) -> None:
        """Whoever sees that a figure stands can tell that its numbers changed by less than the threshold."""
        items, limit = self._items[finding], float(self._policy.threshold - 1)
        moves = self._moves(finding, one)
        for item in items:
            item.carried_from = one.issue
            item.lessened = []
        items[0].follows = [lies(name, -limit, limit) for name in moves]
        items[0].lessened = [*moves]

    def _moves(self, finding: str, one: Unknowns) -> dict[str, int]:
        """By how much the numbers that are shown of a finding changed since an issue, where they did."""
        found = {}
        of = self._findings[finding]
        for cell in (of.cell(part) for part in ("n", "k", *(f"={level.value}" for level in of.levels))):
            now, before = self._variables[cell], one.variables.get(cell)
            if before is not None and before != now:
                found[change_of(now, before)] = self._counts[cell] - one.counts[cell]
        return found
