"""Which pages of the demonstration the guides show, as whom, and what stands at the top of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlmodel import Session, col, select

from casereader.db import snapshot
from casereader.demo import PROGRAMME
from casereader.models import (
    Account,
    Case,
    DrawRecord,
    Inspection,
    Issue,
    Partnership,
    Programme,
    Reading,
    SampleCase,
)
from casereader.vocabulary import ReadingKind, ReadingState


@dataclass(frozen=True)
class Shot:
    """A picture: its name in docs/pictures/, who looks at which page, and the one heading that the page must have.

    `of`: the partnership it is about. `begins`: the words of the heading or caption that it begins at, rather than at
    the top of the window. `height`: how much is shown at most, in pixels of the page. `question`: what is scrolled to.
    """

    name: str
    who: str
    endpoint: str
    heading: str
    of: str = ""
    begins: str = ""
    height: int = 900
    question: str = ""


LIST_CHECKED, DRAWN, BEING_READ, READ, EVALUATED = "Cairnlaw", "Dalmarrow", "Ardenmuir", "Brackenside", "Balquhane"
QI = "2.1"
IMPACT = f"{QI} Impact on children and young people"

SHOTS = (
    Shot("home", "coordinator", "home.index", "What to do next", height=1150),
    Shot("list", "coordinator", "frames.show", "List of cases", LIST_CHECKED, "What was checked", 870),
    Shot("plan", "coordinator", "plans.show", "Plan the sample", LIST_CHECKED, "2. What this gives", 1000),
    Shot(
        "certificate",
        "coordinator",
        "certificates.show",
        "Certificate of the draw",
        DRAWN,
        "Certificate of the draw",
        1080,
    ),
    Shot("assign", "coordinator", "assigning.show", "Assign the cases", DRAWN, "1. Who reads, and when"),
    Shot(
        "records",
        "coordinator",
        "records.show",
        "Records for the reading room",
        BEING_READ,
        "Each case and its records",
    ),
    Shot("progress", "coordinator", "progress.show", "Progress of the reading", BEING_READ, "Time left", 1000),
    Shot("readings", "reviewer-1", "reading.index", "My readings", height=1100),
    Shot("reading", "reviewer-1", "section.show", "C. Assessment", BEING_READ, question="C9"),
    Shot("moderation", "moderator", "moderation.show", "First reading of {case}", READ, "C. Assessment"),
    Shot("settling", "moderator", "settling.show", "Settle the readings of {case}", READ, "Settle the readings", 1000),
    Shot("roll-up", "lead", "evaluation.rollup", "Roll-up", EVALUATED, "The main findings", 1100),
    Shot("indicator", "lead", "evaluation.indicator", IMPACT, EVALUATED, "Figures", 1000),
    Shot("issue", "lead", "issuing.inspection_issue", "Issue 1, prepared", EVALUATED, "What will be published", 950),
    Shot("accounts", "administrator", "admin.index", "Accounts", begins="Accounts"),
    Shot("trail", "administrator", "trail.index", "Audit trail", begins="Every deed"),
)


def found(app: Flask, shot: Shot) -> tuple[str, str]:
    """The address of a picture's page in a demonstration, and its heading with what it names."""
    with snapshot(app.extensions["casereader_engine"]) as session:
        values, case = _values(session, shot)
    path = app.url_map.bind("127.0.0.1").build(shot.endpoint, values)
    return path, shot.heading.format(case=case)


def _values(session: Session, shot: Shot) -> tuple[dict[str, Any], str]:
    if not shot.of:
        return {}, ""
    of_place = select(Inspection).join(Programme).join(Partnership)
    inspection = session.exec(of_place.where(Partnership.name == shot.of, Programme.name == PROGRAMME)).one()
    match shot.endpoint.partition(".")[0]:
        case "section":
            reading, case = _reading(session, inspection, ReadingState.IN_PROGRESS, by=f"{shot.who}@demo.example")
            return {"public_id": reading.public_id, "section": shot.heading[0]}, case
        case "moderation":
            reading, case = _reading(session, inspection, ReadingState.SUBMITTED)
            return {"public_id": inspection.public_id, "reading": reading.public_id}, case
        case "settling":
            reading, case = _reading(session, inspection, ReadingState.SUBMITTED, kind=ReadingKind.SECOND)
            return {"public_id": inspection.public_id, "reading": reading.public_id}, case
        case "issuing":
            issues = select(Issue).where(Issue.inspection_id == inspection.id).order_by(col(Issue.id))
            return {"public_id": inspection.public_id, "issue": session.exec(issues).all()[0].public_id}, ""
        case _:
            qi = {"qi": QI} if shot.endpoint == "evaluation.indicator" else {}
            return {"public_id": inspection.public_id, **qi}, ""


def _reading(
    session: Session,
    inspection: Inspection,
    state: ReadingState,
    *,
    by: str = "",
    kind: ReadingKind = ReadingKind.FIRST,
) -> tuple[Reading, str]:
    query = (
        select(Reading, Case.case_ref)
        .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
        .join(Case, col(Case.id) == SampleCase.case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .join(Account, col(Account.id) == Reading.reviewer_id)
        .where(DrawRecord.inspection_id == inspection.id, Reading.state == state, Reading.kind == kind)
        .order_by(col(Case.case_ref))
    )
    if by:
        query = query.where(Account.email == by)
    return session.exec(query).all()[0]
