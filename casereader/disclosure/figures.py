"""A finding as it is published, and what of it shows less than it might, with the reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from casereader.disclosure.findings import Finding, id_of
from casereader.disclosure.forms import WITHHELD, Form, Shown
from casereader.disclosure.items import RECORDS, SCALE, SHARE, has_scale
from casereader.disclosure.policy import Policy, Shows
from casereader.disclosure.protection import Item


class Why(StrEnum):
    """Why a figure is not shown as it might be. It is told before freezing only: published, all look alike."""

    POLICY = "policy"
    FEW_RECORDS = "few records"
    FEW_FOR_SCALE = "few for the scale"
    FEW = "few count"
    FEW_OTHERS = "all but few count"
    ALL_OR_NONE = "all or none"
    FEW_OUTSIDE = "few outside"
    FEW_FOR_WORDS = "few for words"
    ALIKE = "alike"
    SUBTRACTION = "subtraction"
    EARLIER = "earlier issue"
    CARRIED = "carried"
    STANDS = "stands"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one part of a figure shows less; `protects` names the numbers for whose sake."""

    part: str
    why: Why
    protects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A finding as it is published.

    `records` is the number of records read, `share` how many of them count, `scale` each answer's count, None where
    withheld. `as_in` names the earlier issue whose figure stands.
    """

    id: str
    question: str
    inspection: str
    domain: str
    level: str
    records: Form
    share: Form
    scale: tuple[tuple[str, int | None], ...] = ()
    as_in: str = ""
    reasons: tuple[Reason, ...] = ()

    @property
    def is_withheld(self) -> bool:
        """Whether nothing of how many count is shown, on the scale either."""
        return self.share.shown is Shown.WITHHELD and all(count is None for _, count in self.scale)

    def published(self) -> dict[str, Any]:
        """What goes out of it, as canonical JSON holds it: without reasons, so that nobody can tell them apart."""
        return {
            **{name: getattr(self, name) for name in ("question", "inspection", "domain", "level", "as_in")},
            "records": {"shown": self.records.shown.value, "number": self.records.number},
            "share": {
                "shown": self.share.shown.value,
                "number": self.share.number,
                "percent": self.share.percent,
                "words": list(self.share.words),
                "also": list(self.share.also),
            },
            "scale": [[value, count] for value, count in self.scale],
        }

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Figure:
        """Read what `published` wrote; reasons are not in it."""
        records, share = record["records"], record["share"]
        question, inspection, domain, level, as_in = (
            str(record[name]) for name in ("question", "inspection", "domain", "level", "as_in")
        )
        return cls(
            id=id_of(question, inspection, domain, level),
            question=question,
            inspection=inspection,
            domain=domain,
            level=level,
            as_in=as_in,
            records=Form(Shown(records["shown"]), number=records["number"]),
            share=Form(
                Shown(share["shown"]),
                number=share["number"],
                percent=share["percent"],
                words=tuple(share["words"]),
                also=tuple(share["also"]),
            ),
            scale=tuple((value, count) for value, count in record["scale"]),
        )


def figure_of(
    finding: Finding, items: Sequence[Item], policy: Policy, own: Mapping[str, int], earlier: Mapping[str, Figure]
) -> Figure:
    """A finding in the forms chosen for its items; `own` is each item's form before earlier issues were looked at."""
    rules = policy.rules_for(finding.inspection)
    if not items:
        return _figure(finding, rules, {}, (Reason(SHARE, Why.POLICY),))
    parts = {item.part: item for item in items}
    carried_from = parts[SHARE].carried_from
    if carried_from:
        stood = earlier[carried_from]
        protects = tuple(dict.fromkeys(cell for item in items for cell in item.lessened))
        carried = (Reason(SHARE, Why.CARRIED, protects),) if protects else tuple(_as_before(stood))
        return replace(stood, as_in=stood.as_in or carried_from, reasons=carried)
    reasons = [
        Reason(item.part, why, tuple(dict.fromkeys(item.lessened)))
        for item in items
        if (why := _why(finding, item, rules, own[item.cell])) is not None
    ]
    if rules.shows is Shows.COUNTS and finding.levels and not has_scale(finding, rules):
        reasons.append(Reason(SCALE, Why.FEW_FOR_SCALE))
    return _figure(finding, rules, parts, tuple(reasons))


def _as_before(stood: Figure) -> Iterator[Reason]:
    """A reason for each part of a figure that showed nothing, or a range, in the issue in which it stood before."""
    if stood.records.shown in (Shown.AT_LEAST, Shown.WITHHELD):
        yield Reason(RECORDS, Why.STANDS)
    if stood.share.shown in (Shown.RANGE, Shown.WITHHELD):
        yield Reason(SHARE, Why.STANDS)


def _figure(finding: Finding, policy: Policy, parts: Mapping[str, Item], reasons: tuple[Reason, ...]) -> Figure:
    return Figure(
        id=finding.id,
        question=finding.question,
        inspection=finding.inspection,
        domain=finding.domain,
        level=finding.level,
        records=_told(parts.get(RECORDS)),
        share=_told(parts.get(SHARE)),
        scale=tuple(
            (one.value, _told(parts.get(one.value)).number) for one in finding.levels if policy.shows is Shows.COUNTS
        ),
        reasons=reasons,
    )


def _told(item: Item | None) -> Form:
    return WITHHELD if item is None else replace(item.form, rows=())


def _why(finding: Finding, item: Item, policy: Policy, own: int) -> Why | None:
    fullest = Shown.WORD if item.part == SHARE and policy.shows is Shows.WORDS else Shown.COUNT
    if item.form.shown is fullest:
        return None
    if finding.n < policy.threshold:
        return Why.FEW_RECORDS
    if item.part == RECORDS and finding.read is not None and finding.read - finding.n < policy.threshold:
        return Why.FEW_OUTSIDE
    count = {RECORDS: finding.n, SHARE: finding.k} | {one.value: one.count for one in finding.levels}
    here = count[item.part]
    if item.part != RECORDS:
        if here in (0, finding.n):
            return Why.ALL_OR_NONE
        if here < policy.threshold:
            return Why.FEW
        if finding.n - here < policy.threshold:
            return Why.FEW_OTHERS
    if item.at == 0:  # nothing made it less: it is what is printed of every count near an end of the scheme
        return Why.FEW_FOR_WORDS if item.form.shown is Shown.WITHHELD else Why.ALIKE
    return Why.EARLIER if item.at > own else Why.SUBTRACTION
