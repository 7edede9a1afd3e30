"""Offline weeks: packed at the office, read on the laptop, brought together without loss, doubling or silence."""

import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlmodel import Session, select

from casereader import audit, away, create_app, packing, queries, sealed_files
from casereader.after_the_draw import voiding
from casereader.cli import packed_files
from casereader.db import Turn, at_inspection, make_engine, wait_for_turn
from casereader.erasing.copies import given_out
from casereader.errors import AbsentError, ConflictError, RefusedError
from casereader.instrument import Instrument
from casereader.models import (
    Account,
    AnswerRevision,
    AnswerRow,
    AuditEvent,
    CarriedEvent,
    Concern,
    OfflineWeek,
    Programme,
    QueryMessage,
    Reading,
    metadata,
)
from casereader.packing.gathering import gather
from casereader.packing.parts import PARTS, Packed
from casereader.vocabulary import Side
from tests.databases import not_waiting
from tests.offline import Installation, Week, laptop_in, office_on, raise_concern, read
from tests.reading import STARTED
from tests.source import ROOT

FIRST, SECOND, THIRD = (STARTED + timedelta(days=n) for n in (1, 2, 3))
YES, NO = {"value": "yes"}, {"value": "no", "note": "No chronology is in the record of 2025."}
SECRETS = {"password_hash", "token_hash", "sealed_secret", "credential_id", "code_hash"}


def test_an_answer_changed_on_both_sides_stands_as_at_the_office_until_a_person_chose(week: Week) -> None:
    office, laptop = week.office, week.laptop
    name = office.readings()[0]
    office.save(name, {"C1": NO})
    laptop.save(name, {"C1": YES, "C2": YES})

    assert week.back(at=FIRST).conflicts == 1
    assert office.answers()[name, "C1"] == ("no", NO["note"])
    assert office.answers()[name, "C2"][0] == "yes"
    with pytest.raises(ConflictError, match="waits for a choice"):
        office.pack(at=FIRST)
    assert week.back(at=FIRST + timedelta(hours=1)).conflicts == 0, "it waits already"
    with office.writing() as session:
        lead = office.person(session, _email(session, "Leslie Lead"))
        assert packing.conflicts_of(session, place=office.place(session), account=lead) == [], "it is not handed in"
        reading = session.exec(select(Reading).where(Reading.public_id == name)).one()
        reader = session.get_one(Account, reading.reviewer_id)
        assert packing.waiting_for(session, place=office.place(session)) == [(reader.name, 1)]
        (found,) = packing.conflicts_of(session, place=office.place(session), account=reader)
        assert (found.row.office["note"], found.row.laptop["value"]) == (NO["note"], "yes")
        which, place = found.row.public_id, office.place(session)
        with pytest.raises(AbsentError):
            packing.settle(session, place=place, public_id=which, chosen=Side.LAPTOP, by=lead, at=SECOND)
        packing.settle(session, place=place, public_id=which, chosen=Side.LAPTOP, by=reader, at=SECOND)

    assert office.answers()[name, "C1"] == ("yes", "")
    assert week.back(at=SECOND + timedelta(hours=1)).conflicts == 0
    week.there(at=THIRD)
    assert laptop.answers() == office.answers()
    assert office.faults() == [] == laptop.faults()


def test_what_was_written_elsewhere_in_a_reading_that_was_handed_in_is_shown_and_not_slipped_in(week: Week) -> None:
    name = week.office.readings()[0]
    week.laptop.hand_in(name)
    week.office.save(name, {"C1": NO})

    assert week.back(at=FIRST).conflicts == 1
    assert week.office.answers()[name, "C1"] == week.laptop.answers()[name, "C1"]
    with week.office.looking() as session:
        lead = week.office.person(session, _email(session, "Leslie Lead"))
        (found,) = packing.conflicts_of(session, place=week.office.place(session), account=lead)
        reader = session.get_one(Account, found.reading.reviewer_id)
        assert packing.conflicts_of(session, place=week.office.place(session), account=reader) == []
        assert packing.waiting_for(session, place=week.office.place(session)) == [(None, 1)]
        assert found.row.stands is Side.LAPTOP
        assert found.row.office["note"] == NO["note"]


def test_answers_come_home_in_one_statement_each_reading_since_others_wait_meanwhile(week: Week) -> None:
    week.laptop.hand_in(week.office.readings()[0])
    file, made = week.laptop.pack(at=FIRST), []

    def see(one: object, *_: object) -> None:
        made.append(one)

    for kind in (AnswerRow, AnswerRevision):
        event.listen(kind, "init", see)
    try:
        week.office.unpack(file, at=FIRST)
    finally:
        for kind in (AnswerRow, AnswerRevision):
            event.remove(kind, "init", see)

    assert made == [], "each one made into an object takes five times as long"
    assert week.office.answers() == week.laptop.answers()
    assert week.office.faults() == []


@pytest.mark.parametrize("seed", [1, 2])
def test_any_interleaving_of_edits_and_files_loses_nothing_and_doubles_nothing(week: Week, seed: int) -> None:
    chance, names, wanted = random.Random(seed), week.office.readings()[:3], {}
    keys = {week.office: ("C1", "C2", "D1"), week.laptop: ("C4", "C5", "D3")}
    saves = 0
    for step in range(9):
        at = STARTED + timedelta(hours=step)
        side = chance.choice([week.office, week.laptop])
        name, key, note = chance.choice(names), chance.choice(keys[side]), f"Seen in entry {step} of the record."
        side.save(name, {key: {"value": chance.choice(["yes", "in_part", "no"]), "note": note}}, at=at)
        wanted[name, key], saves = note, saves + 1
        if step % 4 == 3:
            assert week.back(at=at + timedelta(minutes=5)).conflicts == 0
        if step == 3 and seed == 2:
            week.there(at=at + timedelta(minutes=10))
    week.back(at=FIRST)
    week.there(at=SECOND)

    for side in (week.office, week.laptop):
        assert {key: note for key, (_, note) in side.answers().items() if note} == wanted
        with side.looking() as session:
            noted = [one for one in session.exec(select(AnswerRevision)) if one.after["note"]]
        assert len(noted) == saves
    assert week.office.faults() == [] == week.laptop.faults()


def test_a_concern_and_a_talk_about_one_answer_come_back_whole(week: Week, instrument: Instrument) -> None:
    name = week.office.readings()[0]
    raise_concern(week.laptop, name, instrument)
    week.laptop.hand_in(name)
    week.back(at=FIRST)
    for side, said in ((week.office, "Asked at the office."), (week.laptop, "Asked in the room.")):
        with side.writing() as session:
            moderator = side.person(session, _email(session, "Morag Moderator"))
            place = side.place(session)
            what = {"public_id": name, "key": "C1", "instrument": instrument, "question": said}
            queries.ask(session, place=place, **what, by=moderator, at=SECOND)
    week.back(at=THIRD)

    with week.office.looking() as session:
        assert session.exec(select(Concern.seen)).all() == ["Bruises in three entries."]
        said = session.exec(select(QueryMessage.said, QueryMessage.query_id)).all()
    assert {one for one, _ in said} == {"Asked at the office.", "Asked in the room."}
    assert len({query for _, query in said}) == 1
    assert week.office.faults() == []


def test_while_it_is_away_each_side_does_its_own_and_what_would_change_the_ground_waits(week: Week) -> None:
    with week.office.writing() as session, pytest.raises(RefusedError, match="waits until the inspection is back"):
        coordinator = week.office.person(session, _email(session, "Catriona Coordinator"))
        inspection = week.office.place(session).inspection
        voiding.ask(session, inspection=inspection, reason="The list was wrong.", by=coordinator, at=FIRST)
    with week.office.looking() as session:
        key = week.office.place(session).inspection.id
        assert "is with the reading room’s laptop" in away.says(session, key)
        with pytest.raises(RefusedError, match="done in the reading room"):
            away.refuse(session, "reading given to another", key)
        away.refuse(session, "role given", key)
    with week.laptop.looking() as session:
        key = week.laptop.place(session).inspection.id
        assert "This is the reading room’s laptop" in away.says(session, key)
        with pytest.raises(RefusedError, match="done at the office"):
            away.refuse(session, "role given", key)
        with pytest.raises(RefusedError, match="begun and changed at the office"):
            away.refuse(session, "programme begun", None)
        away.refuse(session, "reading given to another", key)

    assert week.back(at=FIRST, is_last=True).is_last
    with week.office.looking() as session:
        key = week.office.place(session).inspection.id
        assert away.says(session, key) == ""
        away.refuse(session, "voiding asked for", key)
    with week.laptop.looking() as session:
        assert away.is_closed_here(session, week.laptop.place(session).inspection.id)
        away.refuse(session, "programme begun", None)


def test_a_lost_laptop_keeps_nobody_waiting_and_its_file_is_welcome_all_the_same(week: Week) -> None:
    name = week.office.readings()[0]
    week.laptop.save(name, {"C1": YES})
    with week.office.writing() as session:
        lead = week.office.person(session, _email(session, "Leslie Lead"))
        place = week.office.place(session)
        packing.end_without_laptop(session, place=place, reason="Stolen from a car.", by=lead, at=FIRST)
    with week.office.looking() as session:
        away.refuse(session, "voiding asked for", week.office.place(session).inspection.id)

    week.back(at=SECOND)

    assert week.office.answers()[name, "C1"][0] == "yes"


def test_a_file_that_is_not_for_here_or_not_now_is_refused_in_words_and_changes_nothing(week: Week) -> None:
    week.laptop.save(week.office.readings()[0], {"C1": YES})
    older, newer = week.laptop.pack(at=FIRST), week.laptop.pack(at=SECOND)
    assert week.office.unpack(newer, at=SECOND).is_new
    before = week.office.head()

    for file, says in (
        (older, "older file"),
        (week.office.pack(at=SECOND), "packed here"),
        (newer[: len(newer) // 2], "not whole|something else"),
        (newer.replace(b'"done"', b'"gone"').replace(b'"kind":"reading"', b'"kind":"riding"') + b" ", "not whole"),
        (_with(newer, week="A" * 22), "is in another offline week here"),
        (_with(newer, office="0" * 64), "belongs to another installation"),
        (_with(newer, laptop="1" * 64), "is with another laptop"),
        (_with(newer, schema="0006"), "Bring both sides to the same version"),
        (_with(newer, instrument_digest="2" * 64), "is not installed here as it is there"),
        (_planted(newer, "account", is_administrator=True), "something else"),
        (_planted(newer, "answer", value="yes", key="C9"), "something else"),
        (_planted(newer, "reading", reviewer_id="nobody@body.example"), "something else"),
        (_planted(newer, "reading", assigned_at="yesterday"), "something else"),
        (_planted(newer, "inspection", digest_key="0" * 64), "does not hold Glen Test"),
        (_without(newer, "programme"), "something else"),
        (b"{}\n", "something else"),
    ):
        head = week.office.head()
        with pytest.raises(RefusedError, match=says):
            week.office.unpack(file, at=THIRD)
        assert week.office.head() == head
    assert before != week.office.head(), "packing is a deed"


def test_a_new_week_waits_until_the_laptop_gave_back_all_that_it_holds(week: Week) -> None:
    office, laptop, name = week.office, week.laptop, week.office.readings()[0]
    laptop.save(name, {"C1": YES})
    _go_on_without(office)
    first = office.pack(at=FIRST)
    with pytest.raises(RefusedError, match="has not taken over all"):
        laptop.unpack(first, at=FIRST)
    last = laptop.pack(at=SECOND, is_last=True)
    with pytest.raises(RefusedError, match="has not taken over all"):
        laptop.unpack(office.pack(at=SECOND), at=SECOND)
    assert laptop.answers()[name, "C1"][0] == "yes"

    office.unpack(last, at=SECOND)
    assert laptop.unpack(office.pack(at=THIRD), at=THIRD).is_new

    assert office.answers()[name, "C1"][0] == laptop.answers()[name, "C1"][0] == "yes"
    laptop.save(name, {"C2": YES}, at=THIRD)
    week.back(at=THIRD + timedelta(hours=1), is_last=True)
    assert office.answers() == laptop.answers()
    assert office.faults() == [] == laptop.faults()


def test_what_was_read_of_a_draw_that_was_voided_meanwhile_is_taken_over_all_the_same(week: Week) -> None:
    office, name = week.office, week.office.readings()[0]
    week.laptop.save(name, {"C1": YES})
    _go_on_without(office)
    for person, deed in (("Catriona Coordinator", voiding.ask), ("Leslie Lead", voiding.agree)):
        with office.writing() as session:
            why = {"reason": "The list was wrong."} if deed is voiding.ask else {}
            by = office.person(session, _email(session, person))
            deed(session, inspection=office.place(session).inspection, by=by, at=FIRST, **why)

    week.back(at=SECOND, is_last=True)

    assert office.answers()[name, "C1"][0] == "yes"
    assert office.faults() == []


def test_answers_of_a_reading_that_the_office_gave_to_somebody_else_become_nobodys_in_silence(week: Week) -> None:
    office, name = week.office, week.office.readings()[0]
    week.laptop.hand_in(name)
    _go_on_without(office)
    with office.writing() as session:
        row = session.exec(select(Reading).where(Reading.public_id == name)).one()
        row.reviewer_id = office.person(session, _email(session, "Morag Moderator")).id or 0
        session.add(row)

    taken = week.back(at=SECOND, is_last=True)

    answers = {key: said for (reading, key), said in week.laptop.answers().items() if reading == name}
    assert taken.conflicts == len(answers) > 50
    assert not [key for reading, key in office.answers() if reading == name]
    with office.looking() as session:
        row = session.exec(select(Reading).where(Reading.public_id == name)).one()
        assert (row.submitted_at, session.get_one(Account, row.reviewer_id).name) == (None, "Morag Moderator")


def test_pack_and_unpack_wait_for_whoever_changes_the_inspection_and_say_what_was_done(
    postgres_url: str, tmp_path: Path, instrument: Instrument, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = office_on(not_waiting(make_engine(postgres_url)), instrument)
    app = create_app({"DATABASE_URL": postgres_url, "CASEREADER_DATA": tmp_path / "data"})
    file, key = tmp_path / "first.packed", tmp_path / "week.key"
    sealed_files.write_key(key)
    with office.looking() as session:
        place = office.place(session)
        turn, path = at_inspection(place.inspection.public_id), place.path
    pack = ["pack", path, str(file), "--key", str(key)]
    monkeypatch.setattr("casereader.cli.edge.wait_for_turn", _at_once)
    monkeypatch.setattr("casereader.cli.unpack.wait_for_turn", _at_once)
    with office.writing() as session:
        wait_for_turn(session, turn)
        done = app.test_cli_runner().invoke(args=pack)
        assert (done.exit_code, file.exists()) == (2, False), done.output
    done = app.test_cli_runner().invoke(args=pack)
    assert done.exit_code == 0 and "sealed; file 1 from here" in done.output
    assert [path.name for path in tmp_path.glob("*.part")] == []
    assert app.test_cli_runner().invoke(args=pack).exit_code == 2, "it is there already"
    with office.writing() as session:
        wait_for_turn(session, turn)
        done = app.test_cli_runner().invoke(args=["unpack", str(file), "--key", str(key)])
        assert (done.exit_code, "cannot be used" in done.output) == (2, True), done.output
    done = app.test_cli_runner().invoke(args=["unpack", str(file), "--key", str(key)])
    assert (done.exit_code, "packed here" in done.output) == (2, True), done.output
    with office.looking() as session:
        (said,) = given_out(session, place.inspection.id or 0)
    app.extensions["casereader_engine"].dispose()
    assert (said["what"][:39], said["by"]) == ("inspection packed: file 1 for the lapto", "the command line")
    office.engine.dispose()


def _at_once(session: Session, turn: Turn) -> None:
    """Wait for a turn, but not for the six seconds that the program gives others."""
    session.execute(text("SET LOCAL lock_timeout = '50ms'"))
    wait_for_turn(session, turn)


def test_an_office_that_was_restored_from_before_it_packed_takes_the_week_back(
    migrated_sqlite: Path, tmp_path: Path, instrument: Instrument
) -> None:
    for folder in ("office", "room", "restored"):
        (tmp_path / folder).mkdir()
    before = laptop_in(tmp_path / "office", migrated_sqlite, instrument)
    office_on(before.engine, instrument)
    before.engine.dispose()
    restored = laptop_in(tmp_path / "restored", tmp_path / "office" / "laptop.sqlite3", instrument)
    laptop = laptop_in(tmp_path / "room", migrated_sqlite, instrument)
    laptop.unpack(before.pack())
    laptop.unpack(before.pack(at=STARTED))
    name = restored.readings()[0]
    laptop.save(name, {"C1": YES})
    restored.save(name, {"C2": YES})

    assert restored.unpack(laptop.pack(at=FIRST), at=FIRST).conflicts == 0
    assert restored.answers()[name, "C1"][0] == restored.answers()[name, "C2"][0] == "yes"
    assert laptop.unpack(restored.pack(at=SECOND), at=SECOND).is_new
    assert laptop.answers() == restored.answers()
    another = laptop_in(tmp_path, migrated_sqlite, instrument)
    with another.writing() as session:
        own = {"instrument_id": "CRR-1", "instrument_version": "1.0", "created_at": STARTED}
        session.add(Programme(slug="own", name="Its own", **own))
    with pytest.raises(RefusedError, match="this is an office"):
        another.unpack(restored.pack(at=THIRD), at=THIRD)
    with another.writing() as session:
        session.delete(session.exec(select(Programme)).one())
    another.unpack(restored.pack(at=THIRD), at=THIRD)
    with another.writing() as session:
        another.place(session).inspection.public_id = "A" * 22
        session.exec(select(OfflineWeek)).one().office = "0" * 64
    with pytest.raises(RefusedError, match="has served another office"):
        another.unpack(restored.pack(at=THIRD + timedelta(hours=1)), at=THIRD + timedelta(hours=1))
    for side in (before, restored, laptop, another):
        side.engine.dispose()


def test_a_file_that_was_packed_earlier_and_comes_later_brings_the_beginning_of_the_same_trail(week: Week) -> None:
    from casereader.packing import carrying

    file = week.laptop.pack(at=FIRST)
    week.office.unpack(file, at=SECOND)
    content = read(file)
    with week.office.looking() as session:
        earlier = content.events[:-1]
        assert carrying.check(session, earlier, laptop=content.head.laptop or "", head=earlier[-1]["hash"]) == []


def test_a_trail_of_the_laptop_that_was_changed_is_refused_and_one_changed_later_is_found(week: Week) -> None:
    week.back(at=FIRST)
    with week.office.engine.begin() as connection:
        connection.execute(CarriedEvent.__table__.update().where(CarriedEvent.n == 2).values(action="nothing"))  # type: ignore[attr-defined]

    assert any("trail of the laptop" in fault for fault in week.office.faults())
    with pytest.raises(RefusedError, match="does not hold together"):
        from casereader.packing import carrying

        with week.office.looking() as session:
            content = read(week.laptop.pack(at=SECOND))
            changed = [{**content.events[0], "action": "another"}, *content.events[1:]]
            carrying.check(session, changed, laptop=content.head.laptop or "", head=content.head.head)


def test_a_sealed_file_opens_with_its_key_alone_and_whole(week: Week, tmp_path: Path) -> None:
    keys = [_key(tmp_path / f"{n}.key") for n in (1, 2)]
    lines = week.laptop.pack(at=FIRST).splitlines(keepends=True)
    sealed = tmp_path / "week.packed"
    packed_files.write(sealed, lines, key=keys[0])

    with packed_files.opened(sealed, key=keys[0], folder=tmp_path) as inside:
        assert inside.read() == b"".join(lines)
    assert sealed.stat().st_mode & 0o777 == 0o600
    assert b"Leslie Lead" not in sealed.read_bytes()
    with pytest.raises(RefusedError, match="another key"), packed_files.opened(sealed, key=keys[1], folder=tmp_path):
        pass
    sealed.write_bytes(sealed.read_bytes()[:-20])
    with (
        pytest.raises(RefusedError, match="cut off or was changed"),
        packed_files.opened(sealed, key=keys[0], folder=tmp_path),
    ):
        pass
    with pytest.raises(RefusedError, match="there already"):
        packed_files.refuse_taken(sealed)


def test_nobodys_way_to_sign_in_leaves_the_office_and_each_person_gets_a_slip_once(week: Week) -> None:
    content = read(week.office.pack(at=FIRST))
    travels = {table for table, part in PARTS.items() if isinstance(part, Packed)}
    assert {table for table, rows in content.rows.items() if rows} <= travels
    for rows in content.rows.values():
        assert not any(SECRETS & row.values.keys() for row in rows.values())
    with week.laptop.writing() as session:
        made = packing.slips(session, inspection=content.head.inspection, at=FIRST)
    assert {account.name for account, _ in made} >= {"Leslie Lead", "Ruaridh Reviewer", "Morag Moderator"}


def test_between_postgresql_and_sqlite_what_each_side_wrote_is_on_both_and_nothing_twice(
    postgres_url: str, migrated_sqlite: Path, tmp_path: Path, instrument: Instrument
) -> None:
    (tmp_path / "room").mkdir()
    office = office_on(not_waiting(make_engine(postgres_url)), instrument)
    laptop = laptop_in(tmp_path / "room", migrated_sqlite, instrument)
    laptop.unpack(office.pack())
    first, second, third = office.readings()[:3]
    assert laptop.readings() == office.readings()
    laptop.hand_in(first)
    laptop.save(second, {"C1": YES})
    office.save(second, {"C2": NO})
    office.save(third, {"C1": YES})
    here, there = office.answers(), laptop.answers()

    file = laptop.pack(at=FIRST)
    taken = office.unpack(file, at=SECOND)

    assert taken.conflicts == 0
    assert office.answers() == here | there
    assert office.faults() == [] == laptop.faults()
    assert not office.unpack(file, at=THIRD).is_new
    assert office.answers() == here | there
    with office.looking() as session:
        (head,) = (event.body["head"] for event in _deeds(session, "packed inspection unpacked"))
        assert audit.verify(session, anchor=head) == [], "the laptop's trail is here"
        done = [event.body for event in _deeds(session, "taken over from the laptop") if event.object_kind == "reading"]
        assert all(body["who"] and body["from"] <= body["to"] for body in done)
    for side in (office, laptop):
        side.engine.dispose()


def test_every_table_says_whether_it_travels_and_every_deed_that_waits_is_one_of_ours() -> None:
    assert PARTS.keys() == metadata.tables.keys()
    program = "".join(path.read_text() for path in (ROOT / "casereader").rglob("*.py") if path.name != "away.py")
    unknown = {deed for deed in away.OF_THE_OFFICE | away.OF_THE_ROOM | away.OF_NEITHER if f'"{deed}"' not in program}
    assert unknown == set()


def test_packing_reads_every_row_of_the_inspection_it_names(week: Week) -> None:
    with week.office.looking() as session:
        rows = gather(session, week.office.place(session))
        assert len(rows["reading"]) == len(session.exec(select(Reading.id)).all())
        assert all(row.reading for row in rows["answer"].values())
        assert session.exec(select(OfflineWeek.side)).all() == [Side.OFFICE]
    assert rows["frame_case"] and rows["draw"] and rows["membership"] and rows["sample_case"]


def _go_on_without(office: Installation) -> None:
    with office.writing() as session:
        lead = office.person(session, _email(session, "Leslie Lead"))
        packing.end_without_laptop(session, place=office.place(session), reason="Stolen.", by=lead, at=FIRST)


def _planted(file: bytes, table: str, **values: object) -> bytes:
    """The file with a row that somebody wrote into it, made again around it."""
    content = read(file)
    name, row = next(iter(content.rows[table].items()))
    content.rows[table][name] = replace(row, values={**row.values, **values})
    return b"".join(packing.lines(replace(content.head, number=content.head.number + 1), content.rows, content.events))


def _without(file: bytes, table: str) -> bytes:
    content = read(file)
    return b"".join(packing.lines(content.head, {**content.rows, table: {}}, content.events))


def _deeds(session: object, action: str) -> list[AuditEvent]:
    return list(session.exec(select(AuditEvent).where(AuditEvent.action == action)))  # type: ignore[attr-defined]


def _email(session: object, name: str) -> str:
    return str(session.exec(select(Account.email).where(Account.name == name)).one())  # type: ignore[attr-defined]


def _key(path: Path) -> sealed_files.Key:
    sealed_files.write_key(path)
    return sealed_files.read_key(path)


def _with(file: bytes, **changed: str) -> bytes:
    """The file as another side would have made it."""
    content = read(file)
    head = replace(content.head, number=content.head.number + 1, **changed)
    return b"".join(packing.lines(head, content.rows, content.events))
