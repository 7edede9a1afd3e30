"""An issue: what is published of a set of findings, what is withheld and why, and the proof that it is safe."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from casereader.disclosure.component import Solutions
from casereader.disclosure.differencing import Carrier, Unknowns, changes_since, variables_for
from casereader.disclosure.errors import DisclosureError
from casereader.disclosure.figures import Figure, figure_of
from casereader.disclosure.findings import Finding, Ties, link, tie
from casereader.disclosure.forms import Shown
from casereader.disclosure.insiders import of_others, others_than, own_numbers
from casereader.disclosure.items import items_of, named, offered
from casereader.disclosure.knowledge import Knowledge, Row
from casereader.disclosure.policy import Policy
from casereader.disclosure.proof import Insider, prove, verify_proof
from casereader.disclosure.protection import Item, Sensitive, protect

_WHOLE_SAFE, _ALL_SAFE = 0.2, 0.6  # of the work, about


@dataclass(frozen=True, slots=True)
class IssueContent:
    """What an issue holds: figures that are safe to publish, the proof, and the true numbers, which never go out."""

    name: str
    policy: str
    figures: tuple[Figure, ...]
    proof: dict[str, Any] = field(repr=False)
    unknowns: Unknowns = field(repr=False)

    def published(self) -> dict[str, Any]:
        """What goes out, as canonical JSON holds it."""
        return {"issue": self.name, "policy": self.policy, "figures": [one.published() for one in self.figures]}

    def verify(self) -> list[str]:
        """Run the attack of the proof again; what is wrong in sentences, none where it holds."""
        return verify_proof(self.proof, self.published())

    def kept(self) -> dict[str, Any]:
        """What must be kept beside `published` and never goes out, as canonical JSON holds it."""
        return {"proof": self.proof, "unknowns": self.unknowns.record()}

    @classmethod
    def of(cls, published: Mapping[str, Any], kept: Mapping[str, Any]) -> IssueContent:
        """Read what `published` and `kept` wrote; the reasons are in neither."""
        return cls(
            name=published["issue"],
            policy=published["policy"],
            figures=tuple(Figure.of(one) for one in published["figures"]),
            proof=dict(kept["proof"]),
            unknowns=Unknowns.of(kept["unknowns"]),
        )


def plan_issue(
    findings: Sequence[Finding],
    policy: Policy,
    *,
    name: str,
    software: str,
    earlier: Sequence[IssueContent] = (),
    around: Sequence[Finding] = (),
    ties: Ties | None = None,
    contributors: Sequence[Finding] = (),
    tell: Callable[[float], None] | None = None,
) -> IssueContent:
    """The most that may be published of the findings under a policy, after `earlier` issues, oldest first.

    First the whole is made safe, then with it its groups and partnerships, then all against what was published before.
    The same input gives the same issue; an earlier issue never makes more be shown. `around` are findings that earlier
    issues tell of and this one does not, with which these add up: the partnerships of a programme, and the other way
    round. `ties` are what else is known to hang together, `contributors` the findings of each partnership of a
    programme, which it knows itself. `tell` hears about which share of the work is done. Raises `DisclosureError` for
    figures that do not add up.
    """
    if name in {one.name for one in earlier}:
        raise DisclosureError(f"There is an issue “{name}” already.")
    shown = offered(findings, policy)
    linked = link([*shown, *(replace(one, levels=()) for one in around)], policy.threshold)
    for tied in (ties or Ties(), others_than(shown, contributors, policy.threshold)):
        linked = tie(linked, tied, {one.id for one in shown})
    before = [one.unknowns for one in earlier]
    variables = variables_for(linked.counts, before, name)
    truth = {variables[cell]: count for cell, count in linked.counts.items()}
    structure = [named(row, variables) for row in linked.relations]
    items = [item for one in shown for item in items_of(one, policy, variables)]
    wholes = {one.id for one in shown if one.is_whole and not one.inspection}
    first = [item for item in items if item.finding in wholes]
    small = _small(truth, policy.threshold)
    seen: list[Solutions] = []
    if 0 < len(first) < len(items):
        seen = protect(first, structure, small, truth, threshold=policy.threshold).seen
        for item in first:
            item.is_settled = True
    safe = protect(items, structure, small, truth, threshold=policy.threshold, seen=seen)
    own = {item.cell: item.at for item in items}
    changes: dict[str, int] = {}
    known: list[Row] = []
    signed: frozenset[str] = frozenset()
    carry: Callable[[str], None] | None = None
    if before:
        since = changes_since(linked.counts, variables, before)
        changes = {one.name: one.by for one in since}
        structure += [one.row for one in since]
        known = [row for one in before for row in one.rows]
        signed = frozenset(changes).union(*(one.changes for one in before))
        for one in before:
            truth |= one.values()
        truth |= changes
        made_for = [
            {figure.id for figure in one.figures if not figure.as_in} & one.unknowns.shares.keys() for one in earlier
        ]
        carrier = Carrier(shown, items, list(zip(before, made_for, strict=True)), variables, linked.counts, policy)
        carrier.carry_what_hardly_changed()
        carry = carrier.carry
        small = _small(truth, policy.threshold, signed, {one.name: one.finding for one in since})
        rows_then = [*structure, *known]
        safe = protect(
            items, rows_then, small, truth, threshold=policy.threshold, signed=signed, carry=carry, seen=safe.seen
        )
    insiders: dict[str, Insider] = {}
    knowing = own_numbers([*contributors, *shown, *around], linked.counts, variables)
    for at, (inspection, mine) in enumerate(knowing.items()):
        if tell is not None:
            tell(_WHOLE_SAFE + (_ALL_SAFE - _WHOLE_SAFE) * at / len(knowing))
        others = of_others([*shown, *around], inspection, variables, policy.threshold)
        left = [one for one in small if one.cell in others]
        told = [*structure, *known, *mine]
        kept = protect(items, told, left, truth, threshold=policy.threshold, signed=signed, carry=carry, seen=safe.seen)
        insiders[inspection] = Insider(tuple(mine), kept.needs, kept.seen)
    if tell is not None:
        tell(_ALL_SAFE)
    rows = (*structure, *(row for item in items for row in item.rows))
    made = IssueContent(
        name=name,
        policy=policy.name,
        figures=_figures(findings, items, policy, own, earlier),
        proof={},
        unknowns=Unknowns(
            issue=name,
            policy=policy,
            counts=linked.counts,
            variables=variables,
            changes=changes,
            shares={one.id: repr(one.true_share) for one in shown},
            rows=rows,
        ),
    )
    not_shown = [item.cell for item in items if item.is_carried or item.form.shown is not Shown.COUNT]
    hidden: dict[str, int | None] = dict.fromkeys(not_shown, None) | safe.needs
    proof = prove(
        Knowledge((*rows, *known), signed),
        hidden,
        truth=truth,
        threshold=policy.threshold,
        published=made.published(),
        software=software,
        seen=safe.seen,
        insiders=insiders,
    )
    return replace(made, proof=proof)


def _small(
    truth: Mapping[str, int],
    threshold: int,
    signed: frozenset[str] = frozenset(),
    finding_of: Mapping[str, str] | None = None,
) -> list[Sensitive]:
    """The numbers under the threshold, none too; of differences only those that are not none."""
    of = finding_of or {}
    return [
        Sensitive(cell, of.get(cell, ""))
        for cell, value in truth.items()
        if (0 < abs(value) < threshold if cell in signed else value < threshold)
    ]


def _figures(
    findings: Sequence[Finding],
    items: Sequence[Item],
    policy: Policy,
    own: Mapping[str, int],
    earlier: Sequence[IssueContent],
) -> tuple[Figure, ...]:
    of: dict[str, list[Item]] = {}
    for item in items:
        of.setdefault(item.finding, []).append(item)
    before: dict[str, dict[str, Figure]] = {}
    for one in earlier:
        for figure in one.figures:
            before.setdefault(figure.id, {})[one.name] = figure
    return tuple(figure_of(one, of.get(one.id, []), policy, own, before.get(one.id, {})) for one in findings)
