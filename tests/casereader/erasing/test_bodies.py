"""What events say besides their changes holds no answer, no judgement and no words: erasing cannot reach it there."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import Session, select

from casereader import audit, erasing, own_instrument, retention
from casereader.after_the_draw import replacements
from casereader.instrument import Answer, Instrument, load_all
from casereader.models import Account, AuditEvent, Replacement, SampleCase, metadata
from casereader.readings import Opened
from casereader.vocabulary import ConcernKind, RetentionReason, ToldHow
from tests.cast import BEGAN, Cast
from tests.databases import let_go
from tests.reading import STARTED
from tests.source import ROOT
from tests.trail import LATER, PLANTED, said, story

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

AFTER_ALL = datetime(2033, 1, 4, 10, 0, tzinfo=UTC)
LIBRARY = load_all(ROOT / "data" / "instruments")
EVENTS = metadata.tables["audit_event"]
JUDGED = "strength"
TABLES_OF_JUDGEMENTS = {
    "answer": {"value", "note", "sources", "ground"},
    "partnership_answer": {"value", "note", "sources"},
    "evaluation": {"rating", "reason", "figures"},
    "concern": {"kind", "told_how", "told_whom", "told_when", "seen", "needed", "partnership_ref"},
    "replacement": {"reason"},
    "challenge": {"figure_changed", "answer"},
    "list_change": {"case_ref", "tab", "before", "after", "reason"},
}


def test_after_erasing_no_event_holds_an_answer_a_rating_a_reason_or_a_kind_in_clear(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    story(session, people, instrument, opened)
    place, inspection = people.place, people.place.inspection
    own_instrument.save(
        session,
        place=place,
        library=LIBRARY,
        typed={"P1": Answer(JUDGED, f"{PLANTED} says so.", ("records", "groups"))},
        seen={"P1": own_instrument.mark_of(LIBRARY["CRR-P"].question("P1"), {})},
        by=people.lead,
        at=STARTED,
    )
    proposed = session.exec(select(Replacement)).one()
    case, reason = session.get_one(SampleCase, proposed.sample_case_id), proposed.reason
    replacements.turn_down(session, inspection=inspection, replacement=proposed, by=people.moderator, at=LATER)
    replacements.propose(
        session, inspection=inspection, public_id=case.public_id, reason=reason, by=people.coordinator, at=LATER
    )
    again = session.exec(select(Replacement)).one()
    replacements.confirm(session, inspection=inspection, replacement=again, by=people.moderator, at=LATER)
    told = audit.history_of(session, [again.public_id], inspection_id=inspection.id)
    assert reason in str(told), "until it is erased, whoever may see the case is told the reason"
    retention.agree(
        session,
        inspection=inspection,
        until=date(2032, 12, 31),
        reason=RetentionReason.PROPOSED,
        by=people.lead,
        at=BEGAN,
    )
    erasing.ask(session, inspection=inspection, is_sooner=False, by=people.lead, at=AFTER_ALL)

    erasing.erase(session, place=place, by=session.get_one(Account, people.administrator.id), at=AFTER_ALL)

    session.commit()
    events = session.exec(select(AuditEvent).where(AuditEvent.inspection_id == inspection.id)).all()
    whole = json.dumps([one.body for one in events])
    planted = (PLANTED, f'"{JUDGED}"', '"groups"', reason, ConcernKind.PROLONGED.value, ToldHow.IN_PERSON.value)
    assert [word for word in planted if word in whole] == []
    assert not any("rating" in said(one) or "kind" in said(one) for one in events)
    assert list(_in_clear(events)) == []
    for table in metadata.sorted_tables:
        if "inspection_id" in table.columns and table.name != "audit_event":
            rows = session.connection().execute(table.select().where(table.c.inspection_id == inspection.id)).all()
            assert PLANTED not in str(rows) and reason not in str(rows), table.name
    assert audit.verify(session) == []
    assert audit.compare(session) == []


def _in_clear(events: Any) -> Iterator[tuple[str, str, str]]:
    """Values of judgements that stand as they are, and lengths that would tell which word of a list it was."""
    for event in events:
        for change in event.body.get("changes", ()):
            for name in TABLES_OF_JUDGEMENTS.get(change["table"], set()) & change.get("fields", {}).keys():
                for value in change["fields"][name]:
                    is_digest = isinstance(value, dict) and (value["length"] == 0 or value["length"] > 100)
                    if value not in (None, "", []) and not is_digest:
                        yield event.action, change["table"], name


def test_a_trail_that_told_a_rating_in_clear_still_agrees_with_what_stands(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    story(session, people, instrument, opened)
    session.commit()
    event = session.exec(select(AuditEvent).where(AuditEvent.action == "evaluation written")).one()
    body = json.loads(json.dumps(event.body))
    (change,) = (one for one in body["changes"] if one["table"] == "evaluation")

    for rating, faults in ((4, 0), (5, 1)):
        change["fields"]["rating"] = [None, rating]
        let_go(session)
        session.connection().execute(update(EVENTS).where(EVENTS.c.n == event.n).values(body=body))
        assert len(audit.compare(session)) == faults, rating
