"""A chain that was tampered with: the row is named once, in words to act on; what was cut off shows by an anchor."""

import re
import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session, col, select

from casereader import audit, readings
from casereader.db import snapshot, transaction
from casereader.instrument import Instrument
from casereader.models import Account, AuditEvent, TextVersion
from tests import sampled
from tests.cast import gather
from tests.databases import ON_BOTH, let_go
from tests.reading import STARTED, given_to, save

AT = datetime(2026, 6, 1, 9, tzinfo=UTC)
N = 12


@pytest.fixture
def chain(session: Session) -> list[str]:
    """A chain of a dozen events, which can be tampered with; their hashes."""
    for n in range(1, N + 1):
        audit.record(session, "counted", by=None, at=AT, kind="test", object_id=f"object {n}", body={"n": n})
    found = list(session.exec(select(AuditEvent.hash).order_by(col(AuditEvent.n))))
    let_go(session)
    for trigger in session.execute(text(TRIGGERS[session.get_bind().dialect.name])).scalars().all():
        session.execute(text(trigger))
    return found


TRIGGERS = {
    "sqlite": "SELECT 'DROP TRIGGER \"' || name || '\"' FROM sqlite_master"
    " WHERE type = 'trigger' AND tbl_name = 'audit_event'"
    " UNION ALL SELECT 'DROP TRIGGER temp.\"' || name || '\"' FROM sqlite_temp_master WHERE tbl_name = 'audit_event'",
    "postgresql": "SELECT 'DROP TRIGGER \"' || tgname || '\" ON audit_event' FROM pg_trigger"
    " WHERE tgrelid = 'audit_event'::regclass AND NOT tgisinternal",
}


def named(faults: list[str]) -> list[int]:
    """The events that the faults name first."""
    return [int(found[1]) for fault in faults if (found := re.match(r"Events? (\d+)", fault))]


@ON_BOTH
def test_a_chain_that_nobody_touched_is_whole_and_holds_each_of_its_hashes(session: Session, chain: list[str]) -> None:
    assert all(audit.verify(session, anchor=anchor) == [] for anchor in (None, chain[0], chain[-1]))


@ON_BOTH
@pytest.mark.parametrize(
    "change",
    ["actor_id = NULL, action = 'other'", "object_id = 'other'", "body = '[7]'", f"hash = '{'a' * 64}'"],
)
def test_an_edited_event_is_named_once(session: Session, chain: list[str], change: str) -> None:
    session.execute(text(f"UPDATE audit_event SET {change} WHERE n = 5"))

    (fault,) = audit.verify(session, anchor=chain[-1])
    assert named([fault]) == [5]
    assert "was changed after it was written" in fault and "Compare it with a backup" in fault


@ON_BOTH
def test_an_event_written_anew_with_a_right_hash_no_longer_fits_the_next(session: Session, chain: list[str]) -> None:
    event = session.exec(select(AuditEvent).where(AuditEvent.n == 5)).one()
    event = AuditEvent(**{**event.model_dump(), "action": "other"})
    values = {"hash": audit.hash_of(event)}
    session.execute(text("UPDATE audit_event SET action = 'other', hash = :hash WHERE n = 5").bindparams(**values))

    (fault,) = audit.verify(session, anchor=chain[-1])
    assert named([fault]) == [6] and "does not follow the event before it: event 5 or this one" in fault


@ON_BOTH
def test_what_is_taken_out_is_named_as_missing_in_one_line(session: Session, chain: list[str]) -> None:
    session.execute(text("DELETE FROM audit_event WHERE n = 4"))
    session.execute(text("DELETE FROM audit_event WHERE n BETWEEN 7 AND 9"))

    one, several = audit.verify(session, anchor=chain[-1])
    assert one.startswith("Event 4 is missing") and several.startswith("Events 7 to 9 are missing")


@ON_BOTH
def test_two_events_that_changed_places_are_both_named(session: Session, chain: list[str]) -> None:
    for before, after in ((4, 400), (5, 4), (400, 5)):
        session.execute(text(f"UPDATE audit_event SET n = {after} WHERE n = {before}"))

    assert named(audit.verify(session, anchor=chain[-1])) == [4, 5]


@ON_BOTH
def test_an_event_put_in_between_is_named_with_all_that_had_to_move(session: Session, chain: list[str]) -> None:
    for n in range(N, 4, -1):
        session.execute(text(f"UPDATE audit_event SET n = {n + 1} WHERE n = {n}"))
    event = AuditEvent(n=5, at=AT, action="slipped in", object_kind="test", object_id="x", previous=chain[3], hash="")
    event.hash = audit.hash_of(event)
    session.add(event)
    session.flush()

    assert named(audit.verify(session, anchor=chain[-1])) == list(range(6, N + 2))


@ON_BOTH
def test_a_tail_that_was_cut_off_shows_only_by_an_anchor(session: Session, chain: list[str]) -> None:
    session.execute(text("DELETE FROM audit_event WHERE n > 8"))

    assert audit.verify(session) == [] == audit.verify(session, anchor=chain[7])
    (fault,) = audit.verify(session, anchor=chain[-1])
    assert "The anchor is not in the chain" in fault


@ON_BOTH
def test_a_chain_written_anew_shows_only_by_an_anchor(session: Session, chain: list[str]) -> None:
    events = [one.model_dump() for one in session.exec(select(AuditEvent).order_by(col(AuditEvent.n)))]
    session.expunge_all()
    session.execute(text("DELETE FROM audit_event"))
    for each in events:
        audit.record(session, "rewritten", by=None, at=each["at"], kind="test", object_id=each["object_id"])

    assert audit.verify(session) == []
    assert len(audit.verify(session, anchor=chain[-1])) == 1


@ON_BOTH
def test_events_written_before_bodies_had_one_form_are_whole(session: Session, chain: list[str]) -> None:
    session.execute(text("UPDATE audit_event SET body = '{ \"n\": 5 }' WHERE n = 5"))

    assert audit.verify(session, anchor=chain[-1]) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_of_a_ruin_the_first_faults_are_told_and_the_rest_counted(session: Session, chain: list[str]) -> None:
    for n in range(80):
        audit.record(session, "counted", by=None, at=AT, kind="test", object_id=f"more {n}")
    audit.head(session)
    session.execute(text("UPDATE audit_event SET action = 'other'"))

    faults = audit.verify(session, anchor=chain[0])
    assert (len(faults), faults[-1]) == (51, "… and 42 more.")


@ON_BOTH
def test_a_text_that_is_not_what_was_written_is_named(session: Session, instrument: Instrument) -> None:
    cast = gather(session, instrument=instrument)
    audit.head(session)
    kept = session.exec(select(TextVersion).where(TextVersion.text == cast.lead.name)).one()
    assert audit.verify(session) == []
    session.execute(text("UPDATE text_version SET text = 'Somebody else' WHERE id = :id").bindparams(id=kept.id))

    (fault,) = audit.verify(session)
    assert fault.startswith(f"Text version {kept.id} is not the text that was written")


@ON_BOTH
def test_eight_who_save_at_once_leave_one_whole_chain_with_every_text_once(
    engine: Engine, instrument: Instrument
) -> None:
    with transaction(engine) as session:
        cast = gather(session, instrument=instrument)
        sampled.assign(session, cast, instrument)
        names = [one.reading.public_id for one in given_to(session, cast.reviewer)][:4]
        reader = cast.reviewer.id
    refused: list[BaseException] = []

    def save_some(which: int) -> None:
        try:
            for n in range(3):
                with transaction(engine) as session:
                    account = session.get_one(Account, reader)
                    opened = readings.find(session, public_id=names[which % 4], account=account, to_change=True)
                    key = "C9" if which < 4 else "C1"
                    value = str(n % 2 + 4) if which < 4 else ("yes", "no")[n % 2]
                    save(session, opened, instrument, {key: {"value": value}}, by=account, at=STARTED)
        except BaseException as error:  # told by the test itself
            refused.append(error)

    threads = [threading.Thread(target=save_some, args=(which,)) for which in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with snapshot(engine) as session:
        saved = session.exec(select(AuditEvent).where(AuditEvent.action == "answers saved")).all()
        kept = session.exec(select(TextVersion.inspection_id, TextVersion.digest)).all()
        assert refused == [] and len(saved) == 24
        assert audit.verify(session) == []
        assert len(kept) == len(set(kept))
