"""Freezing findings: what an issue publishes, what it withholds and why, the proof, and what it is rebuilt from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlmodel import Session

from casereader import evaluations
from casereader.disclosure import (
    PARTNERSHIP,
    PROGRAMME,
    DisclosureError,
    Finding,
    IssueContent,
    Policy,
    Ties,
    plan_issue,
    withheld,
)
from casereader.errors import RefusedError
from casereader.figures import groups
from casereader.instrument import Instrument
from casereader.issues import gathering, listing
from casereader.issues.protected import Named
from casereader.issues.reading_notes import how_to_read
from casereader.issues.scope import Scope
from casereader.models import Issue
from casereader.programmes.inspections import Place
from casereader.rollup import WHOLE
from casereader.vocabulary import BANNERS, EvaluationStage
from sampling.version import SOFTWARE

SCHEMA, VERSION = "casereader-issue", 1


@dataclass(frozen=True)
class Met:
    """What an issue meets: the issues that went out before it, and the findings that these tell of and it does not."""

    earlier: Sequence[Issue]
    places: Sequence[Place] = ()
    whole: Sequence[Place] = ()

    def record(self) -> dict[str, list[str]]:
        """By name, so that the issue can be rebuilt."""
        return {
            "earlier": [one.public_id for one in self.earlier],
            "places": [place.path for place in self.places],
            "whole": [place.path for place in self.whole],
        }


def policy_for(scope: Scope, *, threshold: int) -> Policy:
    """The rules for one partnership, or for a programme; RefusedError for a threshold that protects nobody."""
    try:
        return replace(PROGRAMME if scope.place is None else PARTNERSHIP, threshold=threshold)
    except DisclosureError as error:
        raise RefusedError(str(error)) from error


def met_by(session: Session, scope: Scope) -> Met:
    """The earlier issues against which one of this scope must be safe, and what ties them to it."""
    issued = listing.all_issued(session, scope=scope)
    told = {one.inspection_id for one in issued if one.inspection_id is not None}
    if scope.place is None:
        return Met(issued, [place for place in scope.places if place.inspection.id in told])
    mine = scope.place
    together = [one for one in issued if one.programme_id is not None and mine.path in paths_in(one)]
    if not together:
        return Met([one for one in issued if one.inspection_id == mine.inspection.id])
    inside = paths_in(together[-1])
    whole = [place for place in listing.places_of(session, scope) if place.path in inside]
    by_name = {path for one in together if is_divided(one) for path in paths_in(one)}
    others = [
        place for place in whole if place.path != mine.path and (place.inspection.id in told or place.path in by_name)
    ]
    return Met(issued, others, whole)


def paths_in(row: Issue) -> list[str]:
    """The inspections whose figures are in an issue."""
    return [one["path"] for one in row.content["inspections"]]


def is_divided(row: Issue) -> bool:
    """Whether a programme's issue tells of groups and of its partnerships one by one; those of old do not."""
    return bool(row.content.get("groups"))


def plan(
    session: Session,
    *,
    scope: Scope,
    number: int,
    findings: Sequence[Finding],
    ties: Ties,
    contributors: Sequence[Finding],
    policy: Policy,
    met: Met,
    using: Instrument,
    tell: Callable[[float], None] | None = None,
) -> IssueContent:
    """What may go out of these findings after all that went out before.

    Around it stand the findings that earlier issues tell of and it does not.
    """
    earlier = [content_of(one) for one in met.earlier]
    told = {name for one in earlier for name in one.unknowns.shares} - {one.id for one in findings}
    around = gathering.around(session, scope=scope, places=met.places, whole=met.whole, instrument=using)
    return plan_issue(
        findings,
        policy,
        name=name_of(scope, number),
        software=SOFTWARE,
        earlier=earlier,
        around=[one for one in around if one.id in told],
        ties=ties,
        contributors=contributors,
        tell=tell,
    )


def name_of(scope: Scope, number: int) -> str:
    """What later issues call this one."""
    return f"{number} of {scope.name}" if scope.place else f"{number} of the programme"


def content_of(row: Issue) -> IssueContent:
    """What an issue holds, as the protection of figures takes it."""
    return IssueContent.of(row.content["findings"], row.proof)


def frozen(
    session: Session,
    *,
    scope: Scope,
    number: int,
    replaces: int | None,
    correction: str,
    planned: IssueContent,
    read: dict[str, int],
    always_valid: Collection[str],
    might_have_ended: Mapping[str, str],
    instrument: Instrument,
    policy: Policy,
    notes: Sequence[str],
    head: str,
) -> dict[str, Any]:
    """What is published, whole: it holds no number but those that were looked over, and the records read."""
    groups_in = dict.fromkeys((one.domain, one.level) for one in planned.figures if one.domain != WHOLE)
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "data": BANNERS.get(scope.programme.data_kind, ""),
        "programme": scope.programme.name,
        "partnership": scope.place.partnership.name if scope.place else "",
        "number": number,
        "replaces": replaces,
        "correction": correction,
        "inspections": [_inspection(place, read[place.path], policy) for place in scope.places],
        "instrument": {"id": instrument.id, "version": instrument.version},
        "evaluations": _evaluations(session, scope, instrument),
        "questions": [_question(instrument, key) for key in dict.fromkeys(one.question for one in planned.figures)],
        "groups": [
            {"by": by, "level": level, "kind": groups.DOMAINS[by], "label": groups.level(instrument, by, level)}
            for by, level in groups_in
        ],
        "notes": [
            *notes,
            *how_to_read(
                policy,
                corrects=replaces is not None,
                always_valid=[one.partnership.name for one in scope.places if one.path in always_valid],
                read_out={
                    one.partnership.name: might_have_ended[one.path]
                    for one in scope.places
                    if one.path in might_have_ended
                },
            ),
            why_not_shown(policy),
        ],
        "findings": planned.published(),
        "audit_head": head,
    }


def why_not_shown(policy: Policy) -> str:
    """The note that says why there is no number, on the page and in files."""
    return (
        f"Where a figure is not shown ([c] in tables, “withheld” in JSON), it rests on fewer than {policy.threshold} "
        "records, or with it a number of so few could be worked out, so that it might tell of a child. The sign does "
        "not say which of the two, and stands for no number, 0 included."
    )


def withheld_rows(planned: IssueContent, policy: Policy, content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What is withheld or shows less, and why, beside the `content` that is published; for those who decide."""
    said_of = Named(content)
    reasons = [(figure, reason) for figure in planned.figures for reason in figure.reasons]
    return [
        {
            "question": figure.question,
            "of": said_of.group(figure.inspection, figure.domain, figure.level),
            "what": said_of.what(figure.question, reason.part, said.what),
            "instead": said.instead,
            "why": said.why.partition(" Protected: ")[0],
            "protects": [said_of.number(cell) for cell in reason.protects],
        }
        for (figure, reason), said in zip(reasons, withheld(planned, policy), strict=True)
    ]


def _inspection(place: Place, read: int, policy: Policy) -> dict[str, Any]:
    one = place.inspection
    return {
        "path": place.path,
        "partnership": place.partnership.name,
        "from": one.period_from.isoformat(),
        "to": one.period_to.isoformat(),
        "read": read if read >= policy.threshold else f"fewer than {policy.threshold}",
    }


def _evaluations(session: Session, scope: Scope, instrument: Instrument) -> list[dict[str, Any]]:
    """The final evaluations of a partnership: rating and word; the reasons are texts, and pass elsewhere."""
    if scope.place is None:
        return []
    entries = evaluations.history(session, place=scope.place)
    found = []
    for one in evaluations.indicators(scope.place, instrument):
        final = evaluations.standing(entries, qi=one.value).get(EvaluationStage.FINAL)
        if final is not None:
            found.append({"qi": one.value, "label": one.label, "rating": final.rating})
    return found


def _question(instrument: Instrument, key: str) -> dict[str, Any]:
    part = instrument.part(key)
    question = instrument.question(part.question)
    return {
        "key": key,
        "label": part.label if part.label == question.label else f"{question.label}: {part.label}",
        "section": part.section,
        "heading": next(one.title for one in instrument.sections if one.id == part.section),
        "choices": {choice.value: choice.label for choice in part.choices},
    }
