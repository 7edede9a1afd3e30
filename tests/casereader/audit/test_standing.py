"""Whoever writes past the program is found: what stands is held against what the trail says was left there."""

import json

import pytest
from sqlalchemy import Enum, String, Table, text
from sqlmodel import Session, select

from casereader import audit
from casereader.audit import comparing
from casereader.audit.standing import compared
from casereader.audit.telling import TABLES, Told
from casereader.instrument import Instrument
from casereader.models import AuditEvent, TextVersion, metadata
from casereader.readings import Opened
from tests.cast import Cast
from tests.databases import ON_BOTH, let_go
from tests.trail import PLANTED, story

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
LAST = '(SELECT max(rowid) FROM "{}")'


@pytest.fixture
def told(session: Session, people: Cast, instrument: Instrument, opened: Opened) -> Session:
    """Rows in many tables, each told of; whoever has the file may write to it as they like."""
    story(session, people, instrument, opened)
    audit.head(session)
    session.flush()
    let_go(session)
    if session.get_bind().dialect.name == "sqlite":
        for setting in ("defer_foreign_keys=ON", "ignore_check_constraints=ON"):
            session.connection().exec_driver_sql(f"PRAGMA {setting}")
        session.connection().exec_driver_sql('DROP TRIGGER temp."draw stays"')
    return session


def filled(session: Session) -> list[Table]:
    """The tables that hold rows whose changes are told."""
    found = [metadata.tables[name] for name, one in TABLES.items() if isinstance(one, Told)]
    return [one for one in found if session.connection().execute(select(one).limit(1)).first() is not None]


def by_hand(session: Session, statement: str) -> None:
    session.connection().exec_driver_sql(statement)


@ON_BOTH
def test_what_the_program_leaves_is_what_the_trail_says(told: Session) -> None:
    assert audit.compare(told) == []


@SQLITE
def test_a_row_edited_by_hand_is_named_in_every_table_and_none_of_its_words(told: Session) -> None:
    tables = filled(told)
    for table in tables:
        name, value = editable(table)
        edit = f'UPDATE "{table.name}" SET "{name}" = {value} WHERE rowid = {LAST.format(table.name)}'
        by_hand(told, edit)

    faults = "\n".join(audit.compare(told))
    assert len(tables) >= 20
    assert [one.name for one in tables if f"{one.name} " not in faults] == []
    assert PLANTED not in faults and "Edited" not in faults


def editable(table: Table) -> tuple[str, str]:
    """A column whose value the trail knows, and another value for it: words where the table has any."""
    told = TABLES[table.name]
    assert isinstance(told, Told)
    known = (told.plain | told.texts | told.bulky) - told.secrets - set(told.named_by) - {"public_id"}
    for column in table.columns:
        if column.name in known and isinstance(column.type, String) and not isinstance(column.type, Enum):
            return column.name, "'Edited'"
    names = sorted(compared(table.name) - {"id", told.owner, *told.named_by} - told.secrets)
    return next((name for name in names if name.endswith("_id") or "_" not in name), names[0]), "7"


@SQLITE
def test_a_row_deleted_by_hand_is_named_in_every_table(told: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "MOST_FAULTS", 1_000)  # the database takes more away with some
    tables = [one for one in filled(told) if one.name != "inspection"]  # with it goes the key of all
    for table in tables:
        by_hand(told, f'DELETE FROM "{table.name}" WHERE rowid = {LAST.format(table.name)}')

    gone = {fault.removeprefix("A row of ").split()[0] for fault in audit.compare(told)}
    assert {one.name for one in tables} - gone == set()


@ON_BOTH
def test_rows_exchanged_and_put_in_by_hand_are_named(told: Session, opened: Opened) -> None:
    here = f"reading_id = {opened.key}"
    pair = "a.reading_id = b.reading_id AND a.key < b.key AND a.value <> b.value"
    query = f"SELECT a.key, b.key FROM answer a JOIN answer b ON {pair} WHERE a.{here} ORDER BY 1, 2 LIMIT 1"
    first, second = told.connection().exec_driver_sql(query).one()
    for was, becomes in ((first, "XX"), (second, first), ("XX", second)):
        by_hand(told, f"UPDATE answer SET key = '{becomes}' WHERE {here} AND key = '{was}'")
    rest = "value, note, sources, discuss, saved_at"
    copied = f"SELECT reading_id, 'ZZ', {rest} FROM answer WHERE {here} AND key = '{first}'"
    by_hand(told, f"INSERT INTO answer (reading_id, key, {rest}) {copied}")

    faults = audit.compare(told)
    named = {" ".join(fault.split()[:2]) for fault in faults}
    assert named == {f"answer {opened.key}/{key}" for key in (first, second, "ZZ")}
    assert sum("was put in past the program" in fault for fault in faults) == 1


@SQLITE
def test_a_row_that_was_changed_by_hand_and_then_by_the_program_is_named_all_the_same(
    told: Session, people: Cast
) -> None:
    by_hand(told, f"UPDATE account SET name = 'By Hand' WHERE id = {people.reviewer.id}")
    told.refresh(people.reviewer)
    people.reviewer.name = "As It Was Meant"
    audit.record(told, "renamed", by=None, at=people.reviewer.created_at, kind="account", object_id="x")
    audit.head(told)

    (fault,) = audit.compare(told)
    assert fault.startswith("Before event") and f"account {people.reviewer.public_id} was changed past" in fault


@ON_BOTH
def test_a_text_that_is_no_longer_kept_is_named_by_the_event_that_names_it(told: Session) -> None:
    kept = told.exec(select(TextVersion).where(TextVersion.text == f"{PLANTED} said so.")).one()
    by_hand(told, f"DELETE FROM text_version WHERE id = {kept.id}")

    faults = audit.compare(told)
    assert faults and all("(answers saved," in fault and "/C9, note)" in fault for fault in faults)


@SQLITE
def test_an_inspection_that_lost_its_key_without_being_erased_is_named(told: Session, people: Cast) -> None:
    by_hand(told, "UPDATE inspection SET digest_key = NULL")

    assert f"inspection {people.place.inspection.public_id} has lost its key" in "\n".join(audit.compare(told))


@SQLITE
def test_rows_older_than_a_trail_that_tells_every_row_are_not_held_against_it(told: Session) -> None:
    first = told.get_one(AuditEvent, 1)
    body = json.dumps({name: one for name, one in first.body.items() if name not in ("changes", "trail")})
    for (name,) in (
        told.connection()
        .exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_event'")
        .all()
    ):
        by_hand(told, f'DROP TRIGGER "{name}"')
    told.connection().execute(text("UPDATE audit_event SET body = :body WHERE n = 1"), {"body": body})

    assert audit.compare(told) == []


@SQLITE
def test_of_a_ruin_no_more_is_told_than_a_person_reads(told: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "MOST_AT_ONCE", 20)
    by_hand(told, "UPDATE answer SET note = 'Edited'")

    faults = audit.compare(told)
    assert 20 <= len(faults) <= 51 and faults[-1].startswith("There is more that differs")
