"""What an issue has to do with earlier ones: numbers that did not change, differences, and figures that stand.

A number that is the same as before is the same unknown, and the attacker is told so. One that changed is another
unknown, and the change is a number too: where it is small it is protected like any small number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    cell: str
    issue: str
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
            name = f"{variables[cell]} less {before}"
            row = adds_up(variables[cell], (before, name))
            change = Change(name, cell.partition(" # ")[0], cell, one.issue, count - one.counts[cell], row)
            found.setdefault(name, change)
    return list(found.values())


class Carrier:
    """Lets figures of earlier issues stand."""

    def __init__(
        self, items: Sequence[Item], earlier: Sequence[Unknowns], changes: Sequence[Change], *, threshold: int
    ) -> None:
        self._items: dict[str, list[Item]] = {}
        for item in items:
            self._items.setdefault(item.finding, []).append(item)
        self._earlier = list(reversed(earlier))
        self._changes: dict[str, list[Change]] = {}
        for change in changes:
            self._changes.setdefault(change.finding, []).append(change)
        self._threshold = threshold

    def carry_unchanged(self, findings: Sequence[Finding], policy: Policy) -> None:
        """Let the figure of every finding stand that is just what it was under the same rules, all of them."""
        for finding in findings:
            numbers = finding.numbers(self._threshold)
            rules = policy.rules_for(finding.inspection)
            for one in self._earlier:
                same = (
                    finding.id in one.shares
                    and one.policy is not None
                    and one.policy.rules_for(finding.inspection) == rules
                    and all(one.counts.get(cell) == count for cell, count in numbers.items())
                )
                if same and one.shares[finding.id] == repr(finding.true_share):
                    for item in self._items[finding.id]:
                        item.carried_from = one.issue
                    break

    def carry(self, finding: str) -> None:
        """Let the latest figure stand from which every shown number is less than the threshold away; or withhold.

        Whoever sees that it stands can tell that these numbers changed by less than the threshold.
        """
        items = self._items[finding]
        cells = {item.cell for item in items}
        for one in self._earlier:
            changed = [
                change
                for change in self._changes.get(finding, ())
                if change.issue == one.issue and change.row.terms[0][0] in cells
            ]
            if finding in one.shares and all(abs(change.by) < self._threshold for change in changed):
                limit = float(self._threshold - 1)
                for item in items:
                    item.carried_from = one.issue
                items[0].follows = [lies(change.name, -limit, limit) for change in changed]
                return
        for item in items:
            item.at = len(item.forms) - 1
