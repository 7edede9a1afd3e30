"""What an event of the trail says besides its changes, and deeds that leave rows in many tables."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlmodel import Session

from casereader import concerns, evaluations, queries, readings
from casereader.after_the_draw import replacements
from casereader.concerns import Told as ToldWhom
from casereader.instrument import Instrument
from casereader.models import AuditEvent
from casereader.people import accounts, passwords
from casereader.readings import Opened
from casereader.readings.notes import NOTES
from casereader.vocabulary import INELIGIBLE_REASONS, ConcernKind, EvaluationStage, ToldHow
from tests.cast import Cast
from tests.reading import STARTED, again, complete, given_to, save

LATER = STARTED + timedelta(days=1)
PLANTED = "Zebedee Quillfeather"


def said(event: AuditEvent) -> dict[str, Any]:
    """The body as whoever recorded the deed gave it."""
    return {name: value for name, value in event.body.items() if name != "changes"}


def story(session: Session, people: Cast, instrument: Instrument, opened: Opened) -> str:
    """What a planted name is typed into; a token that was given out."""
    place, by = people.place, people.reviewer
    said: readings.Change = {"value": "5", "note": f"{PLANTED} said so."}
    save(session, opened, instrument, {"C9": said, NOTES: {"value": "Notes only"}}, by=by)
    concerns.raise_concern(
        session,
        opened=again(session, opened, by),
        instrument=instrument,
        told=ToldWhom(PLANTED, ToldHow.IN_PERSON, "at once"),
        kind=ConcernKind.PROLONGED,
        seen=f"{PLANTED} was seen.",
        needed=f"See {PLANTED}.",
        by=by,
        at=STARTED,
    )
    complete(session, again(session, opened, by), instrument, by=by)
    queries.ask(
        session,
        place=place,
        public_id=opened.reading.public_id,
        key="C9",
        instrument=instrument,
        question=f"Who is {PLANTED}?",
        by=people.moderator,
        at=LATER,
    )
    evaluations.write(
        session,
        place=place,
        instrument=instrument,
        qi="2.1",
        stage=EvaluationStage.PROPOSED,
        rating=4,
        reason=f"{PLANTED} thinks so.",
        figures=[],
        after="",
        by=people.lead,
        at=LATER,
    )
    other = given_to(session, by)[1]
    replacements.propose(
        session,
        inspection=place.inspection,
        public_id=other.sample_case.public_id,
        reason=INELIGIBLE_REASONS[0],
        by=people.coordinator,
        at=LATER,
    )
    accounts.create(session, email="z@example.org", name=PLANTED, by=people.administrator, at=LATER)
    token = passwords.issue_link(session, account=people.outsider, by=people.administrator, at=LATER)
    passwords.set_password(
        session, account=people.outsider, token=token, password="unguessable-words-of-four", at=LATER
    )
    return token
