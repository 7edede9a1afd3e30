"""What a partnership can work out of a programme's figures, because it has its own: the rest, by subtraction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from casereader.disclosure.findings import Finding, Ties
from casereader.disclosure.knowledge import Row, lies

_MOST = 6  # partnerships by name: among more, one of them does not narrow the others (tried on random programmes)


def others_than(findings: Sequence[Finding], contributors: Sequence[Finding], threshold: int) -> Ties:
    """The numbers under the threshold that the other partnerships have together, and how each partnership finds them.

    So it is in each group that is told of. A statement says what one partnership's own number is. Two of them tell no
    more of the whole than that it is no less than either: what partnerships find together is not looked at.
    """
    wholes = {(one.question, one.domain, one.level): one for one in findings if not one.inspection}
    counts: dict[str, int] = {}
    rows: list[Row] = []
    for one in contributors:
        whole = wholes.get((one.question, one.domain, one.level))
        if whole is None:
            continue
        own = _numbers(one)
        for part, total in _numbers(whole).items():
            left = total - own.get(part, 0)
            if left < threshold:
                name = f"{whole.cell(part)} of others than {one.inspection}"
                counts |= {whole.cell(part): total, name: left}
                rows.append(Row(((whole.cell(part), 1.0), (name, -1.0)), float(total - left), float(total - left)))
    return Ties(counts, tuple(rows))


def own_numbers(
    contributors: Sequence[Finding], counts: Mapping[str, int], variables: Mapping[str, str]
) -> dict[str, list[Row]]:
    """Where partnerships are told of by name, the numbers that each of them knows to be its own, by inspection.

    None where there are many: each is in a sum with so many others that it leaves them as wide as they are.
    """
    found: dict[str, list[Row]] = {}
    for one in contributors:
        if one.inspection and one.is_whole:
            mine = [(one.cell(part), float(number)) for part, number in _numbers(one).items()]
            rows = [lies(variables[cell], number, number) for cell, number in mine if cell in counts]
            found.setdefault(one.inspection, []).extend(rows)
    told = {inspection: rows for inspection, rows in found.items() if rows}
    return told if 1 < len(told) <= _MOST else {}


def of_others(
    findings: Sequence[Finding], inspection: str, variables: Mapping[str, str], threshold: int
) -> frozenset[str]:
    """The numbers of every other partnership that is told of by name."""
    others = [one for one in findings if one.inspection not in ("", inspection)]
    return frozenset(variables[cell] for one in others for cell in one.numbers(threshold) if cell in variables)


def _numbers(finding: Finding) -> dict[str, int]:
    found = {"n": finding.n, "k": finding.k, "rest": finding.n - finding.k}
    return found | {f"={one.value}": one.count for one in finding.levels}
