"""The draw of an inspection: the public value gives the seed, the seed gives the sample, and nothing can be chosen."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert
from sqlmodel import Session, col, select

from casereader import audit, frames, plans
from casereader.errors import ConflictError, RefusedError
from casereader.models import Account, Case, DrawRecord, Inspection, SampleCase, SamplingFrame, SamplingPlan
from casereader.planning import table_of
from casereader.returns import changes
from casereader.vocabulary import SampleRole
from sampling.certificate import certificate
from sampling.commitment import seed
from sampling.digest import canonical_json
from sampling.draw import draw

LONGEST_VALUE = 200


def canonical_value(text: str) -> str:
    """The public value as it is used: blanks at the ends gone, inner ones single; RefusedError if it cannot serve."""
    value = " ".join(text.split(" ")).strip()
    value = " ".join(value.split())
    if not 1 <= len(value) <= LONGEST_VALUE or not value.isascii() or not value.isprintable():
        raise RefusedError(
            f"Enter the public value in 1 to {LONGEST_VALUE} plain letters, digits and signs, like 4 8 15 16 23 42."
        )
    return value


def seed_for(plan: SamplingPlan, *, public_value: str) -> str:
    """The seed that follows from commitment, plan and public value; it is never typed."""
    if plan.commitment is None:
        raise ConflictError("List and plan are not fixed yet.")
    return seed(plan.commitment, plan.plan_sha256, canonical_value(public_value))


def make(session: Session, *, inspection: Inspection, public_value: str, by: Account, at: datetime) -> DrawRecord:
    """Draw the sample; once, after two people agreed on list and plan and the public value fell due."""
    plan = ready_plan(session, inspection=inspection, at=at)
    if current(session, inspection=inspection) is not None:
        raise ConflictError("The sample is drawn already.")
    value = canonical_value(public_value)
    frame = session.get_one(SamplingFrame, plan.frame_id)
    cases = frames.cases(session, frame=frame)
    content = plans.sampling_plan(plan)
    drawn = draw(table_of(cases, columns=content.strata), content, seed=seed_for(plan, public_value=value))
    listed = list_as_fixed(session, plan=plan).encode()
    paper = certificate(
        drawn,
        file_sha256=hashlib.sha256(listed).hexdigest(),
        at=at,
        list_changes=changes.for_certificate(session, frame=frame),
    )
    record = DrawRecord(
        inspection_id=inspection.id or 0,
        plan_id=plan.id or 0,
        public_value=value,
        seed=drawn.seed,
        certificate=json.dumps(paper, ensure_ascii=False, indent=2, sort_keys=True),
        certificate_sha256=paper["digest"],
        drawn_at=at,
        drawn_by_id=by.id or 0,
    )
    session.add(record)
    session.flush()
    keys = {case.case_ref: case.id for case in cases}
    rows = [
        SampleCase(
            draw_id=record.id or 0,
            case_id=keys[case["case_ref"]] or 0,
            stratum=case["stratum"],
            role=SampleRole(case["role"]),
            order=case["order"],
            ticket=case["ticket"],
        ).model_dump(exclude={"id"})
        for case in paper["cases"]
    ]
    session.execute(insert(SampleCase), rows)
    audit.record(
        session,
        "sample drawn",
        by=by,
        at=at,
        kind="draw",
        object_id=record.public_id,
        inspection_id=inspection.id,
        body={"certificate": record.certificate_sha256, "commitment": plan.commitment, "n": len(rows)},
    )
    return record


def ready_plan(session: Session, *, inspection: Inspection, at: datetime) -> SamplingPlan:
    """The plan, if the sample may be drawn now; ConflictError saying what is missing otherwise."""
    plan = plans.current(session, inspection=inspection)
    if plan is None or plan.committed_at is None:
        raise ConflictError("List and plan must be fixed before the sample is drawn.")
    if plan.confirmed_at is None:
        raise ConflictError("A second person must confirm list and plan before the sample is drawn.")
    if plan.public_value_due_at is not None and at < plan.public_value_due_at:
        due = f"{plan.public_value_due_at:%d %B %Y, %H:%M UTC}"
        raise ConflictError(f"The public value falls due on {due}. The sample is drawn after that.")
    return plan


def current(session: Session, *, inspection: Inspection) -> DrawRecord | None:
    """The inspection's active draw, if there is one."""
    query = select(DrawRecord).where(DrawRecord.inspection_id == inspection.id, col(DrawRecord.voided_at).is_(None))
    return session.exec(query).first()


def sampled(session: Session, *, draw_record: DrawRecord) -> Sequence[tuple[SampleCase, Case]]:
    """Every drawn case with its row of the list, by stratum and order."""
    query = (
        select(SampleCase, Case)
        .join(Case, col(Case.id) == SampleCase.case_id)
        .where(SampleCase.draw_id == draw_record.id)
        .order_by(SampleCase.stratum, col(SampleCase.order))
    )
    return session.exec(query).all()


def populations(draw_record: DrawRecord) -> dict[str, int]:
    """Cases of each stratum on the list, as the certificate states them."""
    return {row["stratum"]: row["population"] for row in json.loads(draw_record.certificate)["strata_counts"]}


def list_as_fixed(session: Session, *, plan: SamplingPlan) -> str:
    """The list that the commitment binds, as CSV: what `verify` reads beside the certificate."""
    frame = session.get_one(SamplingFrame, plan.frame_id)
    columns = plans.sampling_plan(plan).strata
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["case_ref", *columns])
    for case in frames.cases(session, frame=frame):
        writer.writerow([case.case_ref, *(frames.value_of(case, column) for column in columns)])
    return text.getvalue()


def seal(session: Session, *, draw_record: DrawRecord, addendum: dict[str, object]) -> None:
    """Keep the assignment and second readings beside the certificate, with their digest for it to show."""
    text = canonical_json(addendum)
    draw_record.addendum = text.decode()
    draw_record.addendum_sha256 = hashlib.sha256(text).hexdigest()
    session.add(draw_record)
    session.flush()
