"""Erasing the content of an inspection: whatever stood anywhere is nowhere, and counts, chain and figures are left."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, func, select, text
from sqlmodel import Session
from sqlmodel import select as rows_of

from casereader import audit, erasing, issues, retention
from casereader.db import make_engine, snapshot, transaction
from casereader.erasing import FATES, Blanked, Kept
from casereader.errors import ConflictError, ErasedError, RefusedError
from casereader.instrument import Instrument, Library, load
from casereader.models import Account, AuditEvent, DrawRecord, Evaluation, Inspection, Issue, SamplingFrame, metadata
from casereader.programmes import inspections
from casereader.vocabulary import RetentionReason
from tests import published
from tests.casereader.erasing.planted import WORD, plant, where_it_stands
from tests.cast import BEGAN, Cast, gather
from tests.postgres import PostgresCluster
from tests.published import OUT
from tests.source import ROOT
from tests.trail import said

CHECKS = "SELECT conrelid::regclass, quote_ident(conname) FROM pg_constraint WHERE contype = 'c' AND conrelid > 0"
LATER = datetime(2033, 1, 4, 10, 0, tzinfo=UTC)
CRR_1 = ROOT / "data" / "instruments" / "crr-1.toml"


@pytest.fixture(scope="module")
def instrument() -> Instrument:
    return load(CRR_1)


@pytest.fixture(params=["sqlite", "postgresql"])
def unchecked(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A database that takes rows which the program would never write, on each kind."""
    if request.param == "sqlite":
        url: str = request.getfixturevalue("sqlite_url")
        engine = make_engine(url)
        event.listen(engine, "connect", lambda held, _: held.execute("PRAGMA ignore_check_constraints=ON"))
        yield engine
        engine.dispose()
        return
    cluster: PostgresCluster = request.getfixturevalue("postgres")
    engine = make_engine(cluster.create("planted", template=request.getfixturevalue("migrated_postgres")))
    with engine.begin() as connection:
        checks = (
            "SELECT conrelid::regclass, quote_ident(conname) FROM pg_constraint WHERE contype = 'c' AND conrelid > 0"
        )
        for table, check in connection.execute(text(checks)).all():
            connection.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {check}"))
    yield engine
    engine.dispose()
    cluster.drop("planted")


def test_every_table_says_what_erasing_does_with_it_and_each_column_of_words_that_stays_says_why() -> None:
    assert FATES.keys() == metadata.tables.keys()
    for name, fate in FATES.items():
        assert fate.reason
        if isinstance(fate, Blanked):
            words = erasing.words_of(metadata.tables[name])
            assert words == (fate.blanks | fate.keeps.keys()) & words, name
            assert fate.blanks <= words, name
            assert not fate.blanks & fate.keeps.keys(), name


def test_a_word_in_every_column_of_every_table_is_afterwards_in_no_row_and_no_file(
    unchecked: Engine, instrument: Instrument, tmp_path: Path
) -> None:
    cast = _begun(unchecked, instrument)
    place = cast.place
    for folder in (tmp_path / "data" / "returns", tmp_path / "data" / "made"):
        folder.mkdir(parents=True)
        (folder / "left").write_text(WORD)
    copy = tmp_path / f"{Path(unchecked.url.database or 'x').stem}-before-upgrade-20260101T000000Z.sqlite3"
    begun = copy.with_suffix(".unfinished")
    for path in (copy, begun):
        path.write_text(WORD)
    with unchecked.begin() as connection:
        planted = plant(
            connection,
            inspection_id=place.inspection.id or 0,
            partnership_id=place.partnership.id or 0,
            accounts=(cast.lead.id or 0, cast.moderator.id or 0),
        )
        assert planted == {name for name, fate in FATES.items() if not isinstance(fate, Kept)} - {"inspection"}
        assert where_it_stands(connection) == planted - {"active_minute", "wave_look"}, "they hold no words"

    _erase(unchecked, cast)
    erasing.clear(unchecked, data_folder=tmp_path / "data")

    with unchecked.connect() as connection:
        assert where_it_stands(connection) == set()
    unchecked.dispose()
    left = [path for path in tmp_path.rglob("*") if path.is_file() and WORD.encode() in path.read_bytes()]
    assert sorted(left) == ([copy, begun] if unchecked.dialect.name == "postgresql" else [])


def test_what_is_left_is_counts_chain_certificate_and_what_was_published(
    engine: Engine, instrument: Instrument, tmp_path: Path
) -> None:
    cast, issued = _published(engine, instrument)
    with snapshot(engine) as session:
        content, head = session.get_one(Issue, issued).content, audit.head(session)
        draw = session.exec(rows_of(DrawRecord)).one()
        certificate, digest = json.loads(draw.certificate), draw.certificate_sha256
        n_cases = session.exec(rows_of(SamplingFrame.n_cases)).one()
        events = session.exec(rows_of(func.count()).select_from(AuditEvent)).one()

    receipt = _erase(engine, cast)
    erasing.clear(engine, data_folder=tmp_path)

    with snapshot(engine) as session:
        assert audit.verify(session, anchor=head) == []
        assert session.exec(rows_of(func.count()).select_from(AuditEvent)).one() == events + 1
        assert session.get_one(Issue, issued).content == content
        draw = session.exec(rows_of(DrawRecord)).one()
        left = json.loads(draw.certificate)
        assert draw.certificate_sha256 == digest
        assert left["strata_counts"] == certificate["strata_counts"]
        assert "cases" not in left
        assert session.exec(rows_of(SamplingFrame.n_cases)).one() == n_cases
        assert {row.reason for row in session.exec(rows_of(Evaluation))} == {"Erased"}
        place = inspections.by_name(session, path=cast.place.path, erased=True)
        stored = erasing.receipt_of(session, place=place)
        assert stored is not None and said(stored) == receipt
        found = session.get_one(Inspection, place.inspection.id)
        assert (found.erased_at, found.digest_key) == (LATER, None)
        assert receipt["rows"]["frame_case"] == receipt["references"] == n_cases
        assert receipt["rows"]["answer"] > 0
        assert receipt["certificates"] == [digest] and receipt["issues"] == [1]
        with pytest.raises(ErasedError, match="was erased on 4 January 2033"):
            inspections.by_name(session, path=place.path)
        assert place.path not in [one.path for one in inspections.all_places(session)]


def test_cut_off_on_the_way_nothing_is_erased_and_the_next_try_does_all_of_it(
    engine: Engine, instrument: Instrument, tmp_path: Path
) -> None:
    with transaction(engine) as session:
        cast = gather(session, instrument=instrument, at=BEGAN)
        published.build(session, cast)
        _ask(session, cast)
    before = _counts(engine)

    @event.listens_for(engine, "before_cursor_execute")
    def cut(*args: Any) -> None:
        if args[2].startswith("DELETE FROM sample_case"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _erase(engine, cast)
    event.remove(engine, "before_cursor_execute", cut)
    assert _counts(engine) == before

    _erase(engine, cast)
    for _ in range(2):  # cut off after that, it is given again
        erasing.clear(engine, data_folder=tmp_path)
    assert _counts(engine)["frame_case"] == 0


def test_two_people_erase_and_not_before_somebody_asked(session: Session, instrument: Instrument) -> None:
    cast = gather(session, instrument=instrument)
    place, at = cast.place, LATER

    with pytest.raises(RefusedError, match="Nobody asked for it"):
        erasing.erase(session, place=place, by=cast.administrator, at=at)
    with pytest.raises(RefusedError, match="Set first until which day"):
        erasing.ask(session, inspection=place.inspection, is_sooner=False, by=cast.lead, at=at)
    retention.agree(
        session,
        inspection=place.inspection,
        until=at.date(),
        reason=RetentionReason.SCHEDULE,
        by=cast.lead,
        at=at,
    )
    with pytest.raises(RefusedError, match="kept until 4 January 2033"):
        erasing.ask(session, inspection=place.inspection, is_sooner=False, by=cast.lead, at=at)
    erasing.ask(session, inspection=place.inspection, is_sooner=True, by=cast.lead, at=at)
    with pytest.raises(ConflictError, match="asked for it already"):
        erasing.ask(session, inspection=place.inspection, is_sooner=True, by=cast.lead, at=at)
    with pytest.raises(RefusedError, match="is no administrator"):
        erasing.erase(session, place=place, by=cast.moderator, at=at)
    erasing.withdraw(session, inspection=place.inspection, by=cast.lead, at=at)
    with pytest.raises(RefusedError, match="Nobody asked for it"):
        erasing.erase(session, place=place, by=cast.administrator, at=at)
    erasing.ask(session, inspection=place.inspection, is_sooner=False, by=cast.lead, at=at + timedelta(days=1))
    erasing.erase(session, place=place, by=cast.administrator, at=at + timedelta(days=1))
    with pytest.raises(RefusedError, match="erased already"):
        erasing.erase(session, place=place, by=cast.administrator, at=at)


def test_only_the_owner_of_the_tables_erases_and_has_them_written_anew_in_postgresql(
    postgres_url: str, granted_url: str, instrument: Instrument, tmp_path: Path
) -> None:
    owner, role = make_engine(postgres_url), make_engine(granted_url)
    left = tmp_path / "returns" / "left"
    left.parent.mkdir()
    left.touch()
    cast = _begun(owner, instrument)

    with pytest.raises(RefusedError, match="DATABASE_URL of the tables' owner"):
        _erase(role, cast)
    _erase(owner, cast)
    with pytest.raises(RefusedError, match="DATABASE_URL of the tables' owner"):
        erasing.clear(role, data_folder=tmp_path)  # the command given again, as the program
    assert left.exists()
    assert erasing.clear(owner, data_folder=tmp_path) == ["left"]
    owner.dispose()
    role.dispose()


def test_the_day_is_proposed_from_the_dates_and_what_is_past_it_is_due(
    session: Session, instrument: Instrument
) -> None:
    place = gather(session, instrument=instrument).place
    one = place.inspection

    assert (retention.proposed(one), retention.counted_from(one)) == (date(2032, 12, 31), "the reading period")
    one.publish_on = date(2027, 1, 15)
    assert (retention.proposed(one), retention.counted_from(one)) == (date(2033, 12, 31), "the report")
    assert retention.due([place], today=date(2040, 1, 1)) == []
    one.retain_until = date(2033, 12, 31)
    assert retention.due([place], today=date(2033, 12, 31)) == []
    assert retention.due([place], today=date(2034, 1, 1)) == [place]


def _begun(engine: Engine, instrument: Instrument) -> Cast:
    with transaction(engine) as session:
        cast = gather(session, instrument=instrument, at=BEGAN)
        _ask(session, cast)
        return cast


def _ask(session: Session, cast: Cast) -> None:
    retention.agree(
        session,
        inspection=cast.place.inspection,
        until=date(2032, 12, 31),
        reason=RetentionReason.PROPOSED,
        by=cast.lead,
        at=BEGAN,
    )
    erasing.ask(session, inspection=cast.place.inspection, is_sooner=False, by=cast.lead, at=LATER)


def _erase(engine: Engine, cast: Cast) -> dict[str, Any]:
    with transaction(engine) as session:
        place = inspections.by_name(session, path=cast.place.path)
        return erasing.erase(session, place=place, by=session.get_one(Account, cast.administrator.id), at=LATER)


def _published(engine: Engine, instrument: Instrument) -> tuple[Cast, int]:
    """The worked inspection with an issue, and the request to erase it."""
    with transaction(engine) as session:
        cast = gather(session, instrument=instrument, at=BEGAN)
        published.build(session, cast)
        scope, given = issues.of_place(cast.place), {"session": session, "instrument": instrument}
        library = Library((instrument,))
        draft = issues.prepare(**given, scope=scope, library=library, by=cast.coordinator, at=OUT, threshold=5)
        issue = issues.issue(**given, scope=scope, public_id=draft.public_id, by=cast.lead, at=OUT + timedelta(days=1))
        _ask(session, cast)
        return cast, issue.id or 0


def _counts(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar() or 0
            for table in metadata.sorted_tables
        }
