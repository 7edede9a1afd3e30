"""The draw of an inspection: the public value gives the seed, the seed gives the sample, and nothing can be chosen."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import pandas as pd
from sqlalchemy import bindparam, insert
from sqlmodel import Session, col, select

from casereader import audit, away, dated
from casereader.drawing import plans
from casereader.drawing.comparison import value_of
from casereader.drawing.planning import table_of
from casereader.drawing.seeds import Told, seed_for, told_for
from casereader.errors import ConflictError
from casereader.models import Account, Case, DrawRecord, Inspection, SampleCase, SamplingFrame, SamplingPlan
from casereader.returns import changes, frames
from casereader.vocabulary import SampleRole
from sampling.certificate import certificate
from sampling.digest import canonical_json
from sampling.draw import draw

DRAWN = "sample drawn"
LIST_AT_OFFICE = (
    "The list is at the office: this laptop holds the references of sampled cases alone. Check the draw there."
)


def make(
    session: Session,
    *,
    inspection: Inspection,
    public_value: str,
    by: Account,
    at: datetime,
    partnership_secret: str = "",
    inspectorate_secret: str = "",
) -> DrawRecord:
    """Draw the sample; once, after two people agreed on list and plan and the public value fell due.

    Raises ConflictError where it is drawn already or not confirmed, RefusedError with every reason why the public value
    cannot serve.
    """
    plan = ready_plan(session, inspection=inspection, at=at)
    session.refresh(plan, with_for_update={"key_share": True})  # whoever draws at the same moment waits, and sees this
    if current(session, inspection=inspection) is not None:
        raise ConflictError("The sample is drawn already.")
    told = told_for(plan, Told(public_value, partnership_secret, inspectorate_secret), at=at)
    frame = session.get_one(SamplingFrame, plan.frame_id)
    cases = frames.cases(session, frame=frame)
    drawn = draw(table_for(cases, plan), plans.sampling_plan(plan), seed=seed_for(plan, told))
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
        public_value=told.public_value,
        partnership_secret=told.partnership_secret,
        inspectorate_secret=told.inspectorate_secret,
        seed=drawn.seed,
        certificate=json.dumps(paper, ensure_ascii=False, indent=2, sort_keys=True),
        certificate_sha256=paper["digest"],
        drawn_at=at,
        drawn_by_id=by.id or 0,
    )
    session.add(record)
    session.flush()
    n = add_cases(session, draw_record=record, cases=cases, paper=paper, after={})
    body: dict[str, Any] = {"certificate": record.certificate_sha256, "commitment": plan.commitment, "n": n}
    sides = (
        ("partnership", told.partnership_secret, plan.partnership_secret_sha256),
        ("inspectorate", told.inspectorate_secret, plan.inspectorate_secret_sha256),
    )
    if told.partnership_secret:
        body["entered_for"] = "partnership"
    if not_told := [side for side, secret, digest in sides if digest and not secret]:
        body["not_told"] = not_told
    audit.record(
        session,
        DRAWN,
        by=by,
        at=at,
        kind="draw",
        object_id=record.public_id,
        inspection_id=inspection.id,
        body=body,
    )
    return record


def add_cases(
    session: Session, *, draw_record: DrawRecord, cases: Sequence[Case], paper: Mapping[str, Any], after: dict[str, int]
) -> int:
    """Keep the cases of a certificate that come after the places already kept of each stratum; how many they are."""
    keys = {case.case_ref: case.id for case in cases}
    by_ticket = _in_reading_order(paper["cases"])
    rows = [
        SampleCase(
            draw_id=draw_record.id or 0,
            case_id=keys[case["case_ref"]] or 0,
            stratum=case["stratum"],
            role=SampleRole(case["role"]),
            order=order,
            ticket=case["ticket"],
        ).model_dump(exclude={"id"})
        for case, order in by_ticket
        if order > after.get(case["stratum"], 0)
    ]
    if rows:
        session.execute(insert(SampleCase), rows)
    return len(rows)


def _in_reading_order(cases: Sequence[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any], int]]:
    """Each case with its place in its stratum: main before reserve, and among those by ticket.

    Drawn by tickets, it is the certificate's own order. A systematic sample stands there along its column: read in
    that order, its last cases would be all of one kind, and whatever time leaves unread must be a random part.
    """
    ranked = sorted(cases, key=lambda case: (case["stratum"], case["role"] != "main", case["ticket"], case["case_ref"]))
    places: Counter[str] = Counter()
    found = []
    for case in ranked:
        places[case["stratum"]] += 1
        found.append((case, places[case["stratum"]]))
    return found


def ready_plan(session: Session, *, inspection: Inspection, at: datetime) -> SamplingPlan:
    """The plan, if the sample may be drawn now; ConflictError saying what is missing otherwise."""
    plan = plans.current(session, inspection=inspection)
    if plan is None or plan.committed_at is None:
        raise ConflictError("List and plan must be fixed before the sample is drawn.")
    if plan.confirmed_at is None:
        raise ConflictError("A second person must confirm list and plan before the sample is drawn.")
    if plan.public_value_due_at is not None and at < plan.public_value_due_at:
        due = dated.moment(plan.public_value_due_at)
        raise ConflictError(f"The public value falls due on {due}. The sample is drawn after that.")
    return plan


def current(session: Session, *, inspection: Inspection) -> DrawRecord | None:
    """The inspection's active draw, if there is one."""
    found: DrawRecord | None = session.exec(_current(), params={"key": inspection.id}).first()
    return found


@cache
def _current() -> Any:
    """Built once: most pages of an inspection ask it."""
    return select(DrawRecord).where(DrawRecord.inspection_id == bindparam("key"), col(DrawRecord.voided_at).is_(None))


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
    """The list that the commitment binds, as CSV: what `verify` reads beside the certificate.

    ConflictError on a reading room's laptop, which has no references of children who were not drawn.
    """
    frame = session.get_one(SamplingFrame, plan.frame_id)
    if away.is_guest(session, plan.inspection_id):
        raise ConflictError(LIST_AT_OFFICE)
    choices = plans.choices_of(plan)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["case_ref", *choices.columns])
    for case in frames.cases(session, frame=frame):
        values = (value_of(case, column, choices.comparison) for column in choices.columns)
        writer.writerow([case.case_ref, *values])
    return text.getvalue()


def table_for(cases: Sequence[Case], plan: SamplingPlan) -> pd.DataFrame:
    """The list as a fixed plan draws from it."""
    choices = plans.choices_of(plan)
    return table_of(cases, columns=choices.columns, comparison=choices.comparison)


def seal(session: Session, *, draw_record: DrawRecord, addendum: dict[str, object]) -> None:
    """Keep the assignment and second readings beside the certificate, with their digest for it to show."""
    text = canonical_json(addendum)
    draw_record.addendum = text.decode()
    draw_record.addendum_sha256 = hashlib.sha256(text).hexdigest()
    session.add(draw_record)
    session.flush()
