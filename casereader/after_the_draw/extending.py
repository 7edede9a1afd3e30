"""Drawing more of the same sample: by the same seed, so that what was drawn stays and the next tickets are added.

A size says how many cases of a stratum are to be read from then on, those found ineligible among them. A reserve that
was called on before stays the replacement it is; it is one of that number, and the certificate of the longer sample
names it main. So what is read of a stratum remains its first tickets, and weighs N over the cases decided. A sample
that is read in waves grows by one wave at a time, and no further than the rule that was fixed with its plan.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from casereader import audit
from casereader.after_the_draw import stopping
from casereader.after_the_draw.voiding import told_reason
from casereader.drawing import draws
from casereader.errors import ConflictError, RefusedError, present
from casereader.in_waves import waves
from casereader.models import Account, DrawExtension, DrawRecord, Inspection, SampleCase, SamplingFrame, SamplingPlan
from casereader.programmes import two_people
from casereader.readings import hold_draw
from casereader.returns import frames
from casereader.vocabulary import CaseStatus, SampleRole
from sampling.certificate import certificate
from sampling.draw import draw
from sampling.plan import Plan, plan_from_counts


@dataclass(frozen=True)
class StratumNow:
    """What a stratum's sample has come to: cases to read (reserves called on among them), and what is left of it."""

    stratum: str
    population: int
    to_read: int
    n_called_on: int
    n_stopped: int
    n_ineligible: int = 0


@dataclass(frozen=True)
class Added:
    """What an extension came to: the cases that are to be read from now on and were not before."""

    extension: DrawExtension
    cases: Sequence[SampleCase]


def now_of(session: Session, *, draw_record: DrawRecord) -> list[StratumNow]:
    """Each stratum of the draw as it stands, by its label."""
    counts = draws.populations(draw_record)
    cases = session.exec(select(SampleCase).where(SampleCase.draw_id == draw_record.id)).all()
    return [
        StratumNow(
            label,
            population,
            to_read=sum(case.role is SampleRole.MAIN or case.called_on for case in cases if case.stratum == label),
            n_called_on=sum(case.called_on for case in cases if case.stratum == label),
            n_stopped=sum(case.status is CaseStatus.NOT_REACHED for case in cases if case.stratum == label),
            n_ineligible=sum(case.status is CaseStatus.INELIGIBLE for case in cases if case.stratum == label),
        )
        for label, population in counts.items()
    ]


def every(session: Session, *, draw_record: DrawRecord) -> Sequence[DrawExtension]:
    """The draw's extensions, those asked for as well, oldest first."""
    query = select(DrawExtension).where(DrawExtension.draw_id == draw_record.id).order_by(col(DrawExtension.id))
    return session.exec(query).all()


def asked(session: Session, *, draw_record: DrawRecord) -> DrawExtension | None:
    """The extension that waits for a second person, if there is one."""
    return next((one for one in every(session, draw_record=draw_record) if one.confirmed_at is None), None)


def find(session: Session, *, inspection: Inspection, public_id: str) -> DrawExtension:
    """An extension of the inspection's draws, voided ones as well; AbsentError otherwise."""
    query = (
        select(DrawExtension)
        .join(DrawRecord, col(DrawRecord.id) == DrawExtension.draw_id)
        .where(DrawRecord.inspection_id == inspection.id, DrawExtension.public_id == public_id)
    )
    return present(session.exec(query).first())


def ask(
    session: Session, *, inspection: Inspection, sizes: Mapping[str, int], reason: str, by: Account, at: datetime
) -> DrawExtension:
    """Ask for a longer sample: `sizes` are the cases to read of each stratum from then on; others stay as they are.

    Raises ConflictError where no longer sample can be had of this draw, or one is asked for; RefusedError with every
    fault of the sizes.
    """
    hold_draw(session, inspection=inspection)
    record = _extendable(session, inspection)
    if asked(session, draw_record=record) is not None:
        raise ConflictError("An extension waits for a second person already.")
    grown, faults = _grown(session, record, sizes)
    try:
        told = told_reason(reason)
    except RefusedError as error:
        faults += error.reasons
    if faults:
        raise RefusedError(*faults)
    extension = DrawExtension(draw_id=record.id or 0, sizes=grown, reason=told, asked_at=at, asked_by_id=by.id or 0)
    session.add(extension)
    session.flush()
    _record(session, "extension asked for", inspection, extension, by=by, at=at)
    return extension


def drop(session: Session, *, inspection: Inspection, by: Account, at: datetime) -> None:
    """Take back the asking, or turn it down: the sample stays as long as it is.

    Raises ConflictError where nothing is asked for.
    """
    hold_draw(session, inspection=inspection)
    extension = _waiting(session, inspection)
    _record(session, "extension dropped", inspection, extension, by=by, at=at)
    session.delete(extension)
    session.flush()


def agree(session: Session, *, inspection: Inspection, by: Account, at: datetime) -> Added:
    """Draw the longer sample as the second person, with a certificate of its own; the earlier one stays as issued.

    Raises ConflictError where nothing is asked for, or it would not be the same by now; RefusedError unless they are
    two people, one a lead.
    """
    hold_draw(session, inspection=inspection)
    extension = _waiting(session, inspection)
    record = _extendable(session, inspection)
    asker = session.get_one(Account, extension.asked_by_id)
    two_people.refuse_others(session, inspection=inspection, asker=asker, by=by, deed="asked for more cases")
    sizes, faults = _grown(session, record, extension.sizes)
    if faults or sizes != extension.sizes:
        raise ConflictError("The sample has changed since these numbers were asked for: drop them and ask again.")
    plan = session.get_one(SamplingPlan, record.plan_id)
    cases = frames.cases(session, frame=session.get_one(SamplingFrame, plan.frame_id))
    table = draws.table_for(cases, plan)
    before = json.loads(latest_certificate(session, draw_record=record))
    content = _longer(Plan.from_json(before["plan"]), sizes, counts=draws.populations(record))
    content = replace(content, bound={**content.bound, "extends": before["digest"]})
    drawn = draw(table, content, seed=record.seed)
    told = before.get("list_changes", ())
    paper = certificate(drawn, file_sha256=before["file_sha256"], at=at, list_changes=told)
    added = _added(session, record, paper, sizes)
    after = {row["stratum"]: row["sample_size"] + row["reserve"] for row in before["strata_counts"]}
    draws.add_cases(session, draw_record=record, cases=cases, paper=paper, after=after)
    session.flush()
    new = session.exec(select(SampleCase).where(SampleCase.draw_id == record.id, SampleCase.role == SampleRole.MAIN))
    added += [case for case in new if case.order > after[case.stratum]]
    extension.certificate = json.dumps(paper, ensure_ascii=False, indent=2, sort_keys=True)
    extension.certificate_sha256 = paper["digest"]
    extension.confirmed_at, extension.confirmed_by_id = at, by.id
    session.add(extension)
    session.flush()
    _record(session, "sample extended", inspection, extension, by=by, at=at, added=len(added))
    return Added(extension, sorted(added, key=lambda case: (case.stratum, case.order)))


def latest_certificate(session: Session, *, draw_record: DrawRecord) -> str:
    """The certificate of the sample as long as it is now."""
    longer = [one.certificate for one in every(session, draw_record=draw_record) if one.certificate is not None]
    return longer[-1] if longer else draw_record.certificate


def _added(
    session: Session, record: DrawRecord, paper: Mapping[str, Any], sizes: Mapping[str, int]
) -> list[SampleCase]:
    """The reserves that are main from now on, in ticket order; every case drawn before stands where it stood."""
    places = {(case["stratum"], case["order"]): case["ticket"] for case in paper["cases"]}
    drawn = session.exec(select(SampleCase).where(SampleCase.draw_id == record.id)).all()
    if any(places.get((case.stratum, case.order)) != case.ticket for case in drawn):
        raise AssertionError("a longer sample moved a case that was drawn before")
    found = []
    for case in drawn:
        if case.role is SampleRole.RESERVE and not case.called_on and case.order <= sizes.get(case.stratum, 0):
            case.role = SampleRole.MAIN
            session.add(case)
            found.append(case)
    return found


def _longer(plan: Plan, sizes: Mapping[str, int], *, counts: Mapping[str, int]) -> Plan:
    """The plan with the larger sizes and, in those strata, reserves by the same rule."""
    all_sizes = {**plan.sizes, **sizes}
    again, _ = plan_from_counts({"": counts}, sizes=all_sizes, reserve=plan.reserve)
    reserves = {label: again.reserves[label] if label in sizes else plan.reserves[label] for label in all_sizes}
    return replace(
        plan,
        sizes=all_sizes,
        reserves=reserves,
        method="fixed",
        size=None,
        confidence=None,
        margin=None,
        power=None,
        sd=None,
        mean=None,
    )


def _grown(session: Session, record: DrawRecord, sizes: Mapping[str, int]) -> tuple[dict[str, int], list[str]]:
    """The strata that grow and how far, and what is wrong with what was asked."""
    now = {one.stratum: one for one in now_of(session, draw_record=record)}
    faults = [f"{label} is no stratum of this sample." for label in sizes if label not in now]
    grown = {}
    for label, size in sizes.items():
        if label not in now:
            continue
        one = now[label]
        if not one.to_read <= size <= one.population:
            faults.append(
                f"Stratum {label}: give a number from {one.to_read}, which are to be read now, to {one.population}, "
                "which are on the list."
            )
        elif size > one.to_read and one.n_stopped:
            faults.append(f"Stratum {label}: cases of it are stopped. Take them back first: their tickets come before.")
        elif size > one.to_read:
            grown[label] = size
    if not faults and not grown:
        faults.append("Give a larger number for one stratum at least.")
    if (rule := waves.rule_of_draw(session, draw_record=record)) is not None:
        records = sum(grown.get(label, one.to_read) - one.n_ineligible for label, one in now.items())
        if records > rule.maximum:
            faults.append(
                f"This would be {records} records without those not eligible. The rule that was fixed with the plan "
                f"has {rule.maximum} records at most, however often waves are looked at."
            )
    return grown, faults


def _extendable(session: Session, inspection: Inspection) -> DrawRecord:
    record = draws.current(session, inspection=inspection)
    if record is None:
        raise ConflictError("The sample is not drawn yet.")
    stopping.refuse_ended(session, inspection=inspection)
    if inspection.published_on is not None:
        raise ConflictError("This inspection is published: its sample does not change any more.")
    if json.loads(record.certificate)["plan"]["selection"] != "tickets":
        raise ConflictError("Only a sample drawn by ticket alone can grow: in any other, a longer one has other cases.")
    return record


def _waiting(session: Session, inspection: Inspection) -> DrawExtension:
    record = draws.current(session, inspection=inspection)
    extension = asked(session, draw_record=record) if record is not None else None
    if extension is None:
        raise ConflictError("No extension waits to be agreed to.")
    return extension


def _record(
    session: Session,
    action: str,
    inspection: Inspection,
    extension: DrawExtension,
    *,
    by: Account,
    at: datetime,
    **body: object,
) -> None:
    audit.record(
        session,
        action,
        by=by,
        at=at,
        kind="extension",
        object_id=extension.public_id,
        inspection_id=inspection.id,
        body={"sizes": extension.sizes, "certificate": extension.certificate_sha256, **body},
    )
