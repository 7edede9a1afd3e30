"""What the trail tells of each deed: every change before and after, texts by their digests alone, secrets never."""

import json
from datetime import date
from typing import Any

import pytest
from sqlalchemy import JSON, Enum, String, delete, func, insert, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from casereader import audit
from casereader.after_the_draw import voiding
from casereader.audit.statements import UnwatchableError
from casereader.audit.telling import TABLES, Told, Untold
from casereader.audit.texts import digest_of
from casereader.instrument import Instrument
from casereader.models import (
    Account,
    AnswerRow,
    AuditEvent,
    DrawRecord,
    Evaluation,
    Membership,
    Programme,
    Reading,
    SampleCase,
    TextVersion,
    metadata,
)
from casereader.moderating import moderation, unlocking
from casereader.people import sessions
from casereader.programmes import adding, inspections
from casereader.readings import Opened
from casereader.vocabulary import INELIGIBLE_REASONS, EvaluationStage, Role
from tests.cast import Cast
from tests.databases import ON_BOTH
from tests.reading import STARTED, complete, save
from tests.trail import LATER, PLANTED, story

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def newest(session: Session, action: str) -> AuditEvent:
    query = select(AuditEvent).where(AuditEvent.action == action).order_by(col(AuditEvent.n).desc())
    event = session.exec(query).first()
    assert event is not None, action
    return event


def changes(event: AuditEvent, table: str) -> list[dict[str, Any]]:
    return [change for change in event.body.get("changes", []) if change["table"] == table]


def the_change(event: AuditEvent, table: str) -> dict[str, Any]:
    (found,) = changes(event, table)
    return found


def text_under(session: Session, named: dict[str, Any]) -> str:
    return session.exec(select(TextVersion.text).where(TextVersion.digest == named["digest"])).one()


# What is told of each table


def test_every_table_is_told_or_says_why_not() -> None:
    assert set(TABLES) == set(metadata.tables)
    assert all(told.reason for told in TABLES.values() if isinstance(told, Untold))


@pytest.mark.parametrize("name", [name for name, told in TABLES.items() if isinstance(told, Told)])
def test_every_column_of_words_is_classed_once_and_none_is_classed_that_is_not_there(name: str) -> None:
    told, table = TABLES[name], metadata.tables[name]
    assert isinstance(told, Told)
    classes = (told.plain, told.texts, told.bulky, told.secrets, told.passing)
    classed = [column for each in classes for column in each]
    wordy = {
        column.name
        for column in table.columns
        if isinstance(column.type, String | JSON) and not isinstance(column.type, Enum)
    }

    assert len(classed) == len(set(classed))
    assert wordy <= set(classed) <= set(table.columns.keys())
    assert {*told.named_by, *filter(None, [told.owner])} <= set(table.columns.keys())


@pytest.mark.parametrize("name", [name for name, told in TABLES.items() if isinstance(told, Told) and told.owner])
def test_every_table_with_an_owner_leads_to_an_inspection(name: str) -> None:
    while True:
        told = TABLES[name]
        assert isinstance(told, Told) and told.owner
        if told.owner == "inspection_id" or name == "inspection":
            return
        (link,) = metadata.tables[name].columns[told.owner].foreign_keys
        name = link.column.table.name


# Deeds


@ON_BOTH
def test_a_text_changed_twice_is_told_before_and_after_each_time_and_kept_under_its_digest(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    for value, note in (("5", "First wording."), ("5", "Second wording."), ("4", "First wording.")):
        save(session, opened, instrument, {"C9": {"value": value, "note": note}}, by=people.reviewer)
    events = session.exec(
        select(AuditEvent).where(AuditEvent.action == "answers saved").order_by(col(AuditEvent.n))
    ).all()

    told = [next(one for one in changes(event, "answer") if one["row"].endswith("/C9")) for event in events]

    assert [(one["kind"], sorted(one["fields"])) for one in told] == [
        ("added", ["discuss", "key", "note", "reading_id", "value"]),
        ("changed", ["note"]),
        ("changed", ["note", "value"]),
    ]
    first, second, third = (one["fields"]["note"] for one in told)
    assert first[0] is None and first[1] == second[0] == third[1] and second[1] == third[0]
    assert text_under(session, first[1]) == "First wording." and first[1]["length"] == 0, "short"
    key = people.place.inspection.digest_key
    assert key is not None and first[1]["digest"] == digest_of(key, "First wording.")
    assert text_under(session, told[2]["fields"]["value"][1]) == "4"


@SQLITE
def test_a_save_that_changes_nothing_leaves_no_event(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    save(session, opened, instrument, {"C9": {"value": "5"}}, by=people.reviewer)
    head = audit.head(session)

    save(session, opened, instrument, {"C9": {"value": "5"}}, by=people.reviewer)

    assert audit.head(session) == head


@ON_BOTH
def test_sign_off_asking_to_unlock_and_unlocking_say_how_the_reading_stood(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    complete(session, opened, instrument, by=people.reviewer)
    name, place = opened.reading.public_id, people.place
    moderation.sign_off(session, place=place, public_id=name, by=people.moderator, at=STARTED)
    signed = the_change(newest(session, "reading signed off"), "reading")
    asked = unlocking.ask(session, place=place, public_id=name, reason=PLANTED, by=people.moderator, at=LATER)
    why = the_change(newest(session, "unlock asked for"), "unlock")["fields"]["reason"]
    unlocking.grant(session, place=place, public_id=asked.public_id, answer="Read again.", by=people.lead, at=LATER)
    opened_again = newest(session, "reading unlocked")

    assert signed["row"] == name and signed["fields"]["state"] == ["submitted", "signed off"]
    assert signed["fields"]["signed_off_by_id"] == [None, people.moderator.id]
    assert text_under(session, why[1]) == PLANTED
    assert the_change(opened_again, "reading")["fields"]["state"] == ["signed off", "in progress"]
    assert the_change(opened_again, "unlock")["fields"]["is_granted"] == [None, True]
    assert the_change(opened_again, "sample_case")["fields"]["status"] == ["read", "waiting"]


@SQLITE
def test_a_draw_counts_its_cases_under_the_digest_of_the_certificate_and_voiding_says_what_it_ends(
    session: Session, people: Cast, record: DrawRecord
) -> None:
    drawn = newest(session, "sample drawn")
    inspection = people.place.inspection
    voiding.ask(session, inspection=inspection, reason="The list was wrong.", by=people.coordinator, at=LATER)
    voiding.agree(session, inspection=inspection, by=people.lead, at=LATER)
    voided = newest(session, "draw voided")

    cases = [one for one in changes(drawn, "sample_case") if "rows" in one]
    assert cases and cases[0]["rows"] >= 20 and "fields" not in cases[0]
    assert the_change(drawn, "draw")["fields"]["certificate_sha256"] == [None, record.certificate_sha256]
    assert the_change(drawn, "draw")["fields"]["seed"] == [None, "changed"]
    assert the_change(voided, "draw")["fields"]["voided_by_id"][0] is None
    listed = newest(session, "list received")
    told = next(one for one in changes(listed, "frame_case"))
    assert told.keys() == {"table", "kind", "rows", "seals"}
    assert len(set(told["seals"])) == told["rows"]


@SQLITE
def test_roles_given_and_ended_accounts_disabled_and_settings_of_an_inspection_say_before_and_after(
    session: Session, people: Cast
) -> None:
    inspection, at = people.place.inspection, LATER
    inspections.give_role(
        session, inspection=inspection, account=people.outsider, role=Role.REVIEWER, by=people.coordinator, at=at
    )
    given = the_change(newest(session, "role given"), "membership")
    entry = session.exec(select(Membership).where(Membership.account_id == people.outsider.id)).one()
    inspections.take_role(session, inspection=inspection, entry=entry, by=people.coordinator, at=at)
    taken = the_change(newest(session, "role taken"), "membership")
    sessions.disable(session, account=people.outsider, by=people.administrator, at=at)
    disabled = the_change(newest(session, "account disabled"), "account")
    inspection.reader_idle_minutes = 60
    session.add(inspection)
    audit.record(session, "set", by=people.lead, at=at, kind="inspection", object_id="x", inspection_id=inspection.id)
    settings = the_change(newest(session, "set"), "inspection")

    row = f"{people.outsider.id}/{inspection.id}/reviewer"
    assert (given["kind"], given["row"], given["fields"]["role"]) == ("added", row, [None, "reviewer"])
    assert (taken["kind"], taken["row"], taken["fields"]["role"]) == ("removed", row, ["reviewer", None])
    assert disabled["fields"] == {"disabled_at": [None, "2026-06-09T09:00:00+00:00"]}
    assert settings["fields"] == {"reader_idle_minutes": [240, 60]} and settings["row"] == inspection.public_id


@ON_BOTH
def test_evaluations_queries_concerns_and_replacements_name_their_words_by_digests(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    story(session, people, instrument, opened)

    fields = {
        "evaluation written": ("evaluation", "reason"),
        "query asked": ("query_message", "said"),
        "concern raised": ("concern", "seen"),
        "replacement proposed": ("replacement", "reason"),
    }
    for action, (table, name) in fields.items():
        (before, after) = the_change(newest(session, action), table)["fields"][name]
        assert before is None and set(after) == {"digest", "length"}, action
        assert PLANTED in text_under(session, after) or action == "replacement proposed"


@ON_BOTH
def test_nothing_that_was_typed_and_no_secret_is_in_any_event_or_in_a_text_where_it_must_not_stay(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    token = story(session, people, instrument, opened)

    bodies = json.dumps(list(session.exec(select(AuditEvent.body))), ensure_ascii=False)
    texts = "\n".join(session.exec(select(TextVersion.text)))
    for secret in (token, sessions.digest(token), "argon2", "unguessable-words-of-four", "Notes only"):
        assert secret not in bodies and secret not in texts, secret
    assert people.place.inspection.digest_key not in bodies + texts
    assert PLANTED not in bodies and PLANTED in texts
    for text in session.exec(select(TextVersion.text)):
        assert len(text) < 8 or text in INELIGIBLE_REASONS or text not in bodies, text
    assert audit.verify(session) == []


# However the change is made


@SQLITE
def test_statements_objects_and_what_goes_with_a_row_are_all_seen(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    save(session, opened, instrument, {"C9": {"value": "5"}}, by=people.reviewer)
    audit.head(session)
    n = len(session.exec(select(AnswerRow.id).where(AnswerRow.reading_id == opened.key)).all())
    session.exec(update(SampleCase).where(col(SampleCase.order) == 1).values(reason=PLANTED))
    session.exec(delete(Reading).where(col(Reading.id) == opened.key))
    audit.record(session, "by hand", by=None, at=LATER, kind="test", object_id="x", inspection_id=1)
    event = newest(session, "by hand")

    assert {tuple(one["fields"]) for one in changes(event, "sample_case")} == {("reason",)}
    assert [one["kind"] for one in changes(event, "answer")] == ["removed"] * n
    assert the_change(event, "reading")["fields"]["state"] == ["in progress", None]


@SQLITE
def test_what_cannot_be_told_is_not_sent(session: Session) -> None:
    with pytest.raises(UnwatchableError):
        session.execute(update(Programme), [{"id": 1, "name": "Other"}])
    with pytest.raises(UnwatchableError):
        session.execute(insert(Programme).from_select(["name"], select(Programme.name)))
    with pytest.raises(UnwatchableError):
        session.execute(insert(metadata.tables["unlock"]), [{"reason": "It has no name."}])


@SQLITE
def test_a_transaction_that_changes_content_without_a_deed_is_refused_and_one_that_changes_none_is_not(
    session: Session, people: Cast
) -> None:
    session.commit()
    people.reviewer.preferences = ["x"]
    session.add(people.reviewer)
    session.flush()
    audit.recording.write(session)  # as at a commit

    people.reviewer.name = "Rosa Other"
    session.add(people.reviewer)
    session.flush()
    with pytest.raises(audit.UnrecordedChangeError, match="Rows of account"):
        audit.recording.write(session)


@SQLITE
def test_what_a_deed_changes_once_its_event_was_read_goes_in_an_event_after_it(session: Session, people: Cast) -> None:
    audit.record(session, "renamed", by=people.lead, at=LATER, kind="account", object_id="x")
    audit.head(session)
    people.reviewer.name = "Rosa Other"
    session.add(people.reviewer)
    session.flush()
    audit.recording.write(session)

    event = newest(session, "changed with it")
    assert (event.actor_id, event.object_id) == (people.lead.id, "x")
    before, after = the_change(event, "account")["fields"]["name"]
    assert (text_under(session, before), text_under(session, after)) == ("Ruaridh Reviewer", "Rosa Other")


@SQLITE
def test_a_deed_is_written_before_the_trail_is_read_by_whichever_way(session: Session, people: Cast) -> None:
    under_another_name = aliased(AuditEvent)
    ways = (
        lambda action: select(AuditEvent.n).where(AuditEvent.action == action),
        lambda action: select(func.count(col(under_another_name.n))).where(under_another_name.action == action),
        lambda action: select(Account.id).where(
            col(Account.id).in_(select(AuditEvent.actor_id).where(AuditEvent.action == action))
        ),
    )
    for number, way in enumerate(ways):
        action = f"deed {number}"
        audit.record(session, action, by=people.lead, at=LATER, kind="account", object_id="x")

        assert session.exec(way(action)).first(), action


@SQLITE
def test_what_is_rolled_back_is_told_nowhere(session: Session, people: Cast) -> None:
    try:
        with session.begin_nested():
            people.reviewer.name = "Rosa Other"
            session.add(people.reviewer)
            session.flush()
            raise KeyError
    except KeyError:
        pass
    audit.record(session, "nothing", by=people.lead, at=LATER, kind="test", object_id="x")

    assert "changes" not in newest(session, "nothing").body


@SQLITE
def test_texts_of_two_inspections_in_one_transaction_are_each_under_their_own_key(
    session: Session, people: Cast
) -> None:
    here = people.place.inspection
    other = adding.add_partnership(
        session,
        programme=people.place.programme,
        name="Strath Other",
        period_from=date(2025, 1, 1),
        period_to=date(2026, 3, 31),
        lead=people.lead,
        by=people.coordinator,
        at=LATER,
    )
    rows = [
        Evaluation(
            inspection_id=one.id or 0,
            qi="2.1",
            stage=EvaluationStage.PROPOSED,
            rating=4,
            reason=PLANTED,
            made_at=LATER,
            made_by_id=people.lead.id or 0,
        )
        for one in (here, other)
    ]
    for row, one in zip(rows, (other, here), strict=True):  # each told with the deed of the other one
        session.add(row)
        audit.record(session, "two", by=people.lead, at=LATER, kind="test", object_id="x", inspection_id=one.id)
    audit.head(session)

    kept = dict(
        session.exec(select(TextVersion.inspection_id, TextVersion.digest).where(TextVersion.text == PLANTED)).all()
    )
    assert kept == {one.id: digest_of(one.digest_key or "", PLANTED) for one in (here, other)}
