"""The parts of a finding that can be shown in more than one form, each with what is lost by showing less."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from casereader.disclosure.findings import Finding
from casereader.disclosure.forms import Form, figure_forms, level_forms, records_forms
from casereader.disclosure.knowledge import Row
from casereader.disclosure.policy import Policy, Shows
from casereader.disclosure.protection import Item

RECORDS = "records"
SHARE = "share"
SCALE = "scale"


def offered(findings: Sequence[Finding], policy: Policy) -> list[Finding]:
    """What the policy may show of findings: all others are not published, and no table is made of them.

    The scale needs `threshold` records for each of its answers on average. A set of groups of which nothing is shown
    is known no better than the whole that it divides.
    """
    found = []
    for one in findings:
        rules = policy.rules_for(one.inspection)
        if one.is_whole or not rules.whole_only:
            found.append(one if rules.shows is Shows.COUNTS and has_scale(one, rules) else replace(one, levels=()))
    return found


def has_scale(finding: Finding, policy: Policy) -> bool:
    """Whether a finding has records enough for a table of its scale."""
    return finding.n >= policy.threshold * len(finding.levels)


def items_of(finding: Finding, policy: Policy, variables: Mapping[str, str]) -> list[Item]:
    """The number of records, the share, and each answer of the scale."""
    rules = policy.rules_for(finding.inspection)
    parts: list[tuple[str, str, tuple[Form, ...]]] = [
        (RECORDS, finding.cell("n"), records_forms(finding, rules)),
        (SHARE, finding.cell("k"), figure_forms(finding, rules)),
    ]
    scale = level_forms(finding, rules)
    parts += [
        (one.value, finding.cell(f"={one.value}"), scale[finding.cell(f"={one.value}")]) for one in finding.levels
    ]
    counts = finding.numbers(policy.threshold)
    rank = {RECORDS: 2, SHARE: 1}
    return [
        Item(
            finding=finding.id,
            part=part,
            cell=variables[cell],
            forms=tuple(replace(one, rows=tuple(named(row, variables) for row in one.rows)) for one in forms),
            loss=(finding.is_whole, rank.get(part, 0), counts[cell], cell),
        )
        for part, cell, forms in parts
    ]


def named(row: Row, variables: Mapping[str, str]) -> Row:
    """The same statement about the numbers of an issue."""
    return replace(row, terms=tuple((variables[name], factor) for name, factor in row.terms))
