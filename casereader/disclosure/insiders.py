"""What a partnership can work out of a programme's figures, because it has its own: the rest, by subtraction."""

from __future__ import annotations

from collections.abc import Sequence

from casereader.disclosure.findings import Finding, Ties
from casereader.disclosure.knowledge import Row


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


def _numbers(finding: Finding) -> dict[str, int]:
    found = {"n": finding.n, "k": finding.k, "rest": finding.n - finding.k}
    return found | {f"={one.value}": one.count for one in finding.levels}
