"""What was seen after a wave is fixed: nobody chooses other figures because of it, and whoever saw it reads no more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from casereader import readings
from casereader.after_the_draw import stopping, voiding
from casereader.after_waves import ending
from casereader.after_waves.after_wave import after_wave, look
from casereader.assignments import bars, giving
from casereader.assignments.proposing import propose
from casereader.db import snapshot, transaction
from casereader.errors import ConflictError, RefusedError
from casereader.figures import results
from casereader.in_waves import looking, looks
from casereader.instrument import Instrument
from casereader.models import AuditEvent, Ending, Reading, SampleCase, WaveLook
from casereader.programmes import inspections
from casereader.stages import stages
from casereader.vocabulary import Begun, CaseStatus, ReadingState, Role
from tests import watched
from tests.at_once import at_once
from tests.cast import Cast, gather
from tests.watched import AT

ON_ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def ask(session: Session, people: Cast, instrument: Instrument) -> None:
    ending.ask(session, place=people.place, instrument=instrument, reason="Settled", by=people.lead, at=AT)


def agree(session: Session, people: Cast, instrument: Instrument) -> None:
    ending.agree(session, place=people.place, instrument=instrument, by=people.coordinator, at=AT)


def reopen(session: Session, people: Cast, cases: Sequence[SampleCase]) -> list[Reading]:
    """Their reader takes each back into work."""
    found = []
    for case in cases:
        public_id = session.exec(select(Reading.public_id).where(Reading.sample_case_id == case.id)).one()
        opened = readings.find(session, public_id=public_id, account=people.reviewer, to_change=True)
        found.append(readings.reopen(session, opened=opened, reason="A slip", by=people.reviewer, at=AT))
    return found


def stop(session: Session, people: Cast, cases: Sequence[SampleCase], *, reason: str = "") -> None:
    names = {case.public_id for case in cases}
    inspection = people.place.inspection
    stopping.stop(session, inspection=inspection, public_ids=names, reason=reason, by=people.coordinator, at=AT)


def as_reviewer(session: Session, people: Cast) -> None:
    """The lead reads here too."""
    inspection = people.place.inspection
    inspections.give_role(session, inspection=inspection, account=people.lead, role=Role.REVIEWER, by=None, at=AT)


def test_a_wave_that_was_seen_neither_vanishes_nor_is_stopped_when_its_readings_are_opened_again(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    watched.draw(session, people, instrument)
    first, second = watched.of_wave(session, people, 1), watched.of_wave(session, people, 2)
    watched.read(session, people, [*first, *second])
    look(session, place=people.place, wave=2, by=people.lead, at=AT)
    opened = reopen(session, people, second)

    seen = after_wave(session, place=people.place, instrument=instrument)
    assert seen is not None and (seen.n_complete, seen.n_seen, seen.n_shown) == (1, 2, 0)
    assert [one.row for one in seen.asked] == [None, None], "no earlier wave stands in for it"
    assert len(seen.open_again) == 10
    assert looking.complete_waves(session, [people.place.inspection.id or 0]) == {}
    with pytest.raises(ConflictError, match="Wave 2, whose figures were seen, is being corrected"):
        ask(session, people, instrument)
    with pytest.raises(ConflictError, match="cannot be stopped: in a sample that is read in waves a case stays"):
        stop(session, people, second)

    for case, reading in zip(second, opened, strict=True):
        reading.state, reading.submitted_at, case.status = ReadingState.SUBMITTED, AT, CaseStatus.READ
        session.add_all([case, reading])
    session.flush()
    ask(session, people, instrument)
    agree(session, people, instrument)
    table = results.results_for(session, [people.place], instrument).figures.questions
    assert set(table[table["domain"] == "all"]["n"]) == {20} and set(table["method"]) == {"always-valid"}


@ON_ONE
def test_a_reserve_that_is_called_on_in_a_wave_that_was_seen_is_read_too(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    watched.draw(session, people, instrument)
    first = watched.of_wave(session, people, 1)
    watched.read(session, people, first)
    look(session, place=people.place, wave=1, by=people.lead, at=AT)
    (reading,) = reopen(session, people, first[:1])
    watched.replace(session, people, first[0])

    (reserve,) = [case for case in watched.of_wave(session, people, 1) if case.status is CaseStatus.WAITING]
    assert reading.sample_case_id != reserve.id
    with pytest.raises(ConflictError, match="cannot be stopped"):
        stop(session, people, [reserve], reason="No time")


@ON_ONE
def test_a_look_is_written_down_once_and_told_in_the_trail(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    record = watched.draw(session, people, instrument)
    watched.read(session, people, watched.of_wave(session, people, 1)[1:])
    with pytest.raises(ConflictError, match="look at the page again"):
        look(session, place=people.place, wave=1, by=people.lead, at=AT)
    watched.read(session, people, watched.of_wave(session, people, 1)[:1])
    for _ in range(2):
        look(session, place=people.place, wave=1, by=people.lead, at=AT)

    row = session.exec(select(WaveLook)).one()
    assert (row.draw_id, row.wave, row.account_id) == (record.id, 1, people.lead.id)
    told = session.exec(select(AuditEvent).where(AuditEvent.action == looks.LOOKED_AT)).one()
    assert (told.actor_id, told.object_id, told.body["wave"]) == (people.lead.id, record.public_id, 1)
    with pytest.raises(ConflictError, match="the sample stands, and the rule"):
        voiding.ask(session, inspection=people.place.inspection, reason="Rule", by=people.coordinator, at=AT)


@ON_ONE
def test_readings_that_are_handed_over_let_neither_the_draw_be_voided_nor_their_cases_be_stopped(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    watched.draw(session, people, instrument)
    first = watched.of_wave(session, people, 1)
    watched.read(session, people, first)
    as_reviewer(session, people)
    inspection = people.place.inspection
    for reading in reopen(session, people, first):
        by = {"by": people.coordinator, "at": AT}
        giving.give(
            session, inspection=inspection, reading=reading, to=people.lead, reason="Ill", begun=Begun.ANEW, **by
        )
        assert reading.first_submitted_at is None

    with pytest.raises(ConflictError, match="with somebody else since"):
        voiding.ask(session, inspection=inspection, reason="Rule", by=people.coordinator, at=AT)
    with pytest.raises(ConflictError, match="cannot be stopped"):
        stop(session, people, first)


@ON_ONE
def test_whoever_saw_figures_is_given_nothing_to_read_and_neither_starts_nor_opens_a_reading(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    watched.draw(session, people, instrument)
    first, (one, two, *_) = watched.of_wave(session, people, 1), watched.of_wave(session, people, 2)
    watched.read(session, people, first)
    as_reviewer(session, people)
    to_give = watched.give(session, people, one, instrument, to=people.reviewer)
    kept = watched.give(session, people, two, instrument, to=people.lead)
    own = session.exec(select(Reading).where(Reading.sample_case_id == first[0].id)).one()
    own.reviewer_id = people.lead.id or 0
    session.flush()
    look(session, place=people.place, wave=1, by=people.lead, at=AT)

    inspection, by = people.place.inspection, people.coordinator
    with pytest.raises(RefusedError, match="has seen the figures after a wave here, and reads no more"):
        giving.give(session, inspection=inspection, reading=to_give, to=people.lead, reason="Ill", by=by, at=AT)
    assert people.lead.id not in {seat.key for seat in propose(session, inspection=inspection, at=AT).seats}
    assert people.lead not in bars.load(session, inspection=inspection).may_take(to_give)
    opened = readings.find(session, public_id=kept.public_id, account=people.lead)
    with pytest.raises(ConflictError, match="reads no more of its records"):
        readings.begin(session, opened=opened, instrument=instrument, by=people.lead, at=AT)
    with pytest.raises(ConflictError, match="reads no more of its records"):
        readings.submit(session, opened=opened, instrument=instrument, declared=True, by=people.lead, at=AT)
    handed_in = readings.find(session, public_id=own.public_id, account=people.lead)
    with pytest.raises(ConflictError, match="reads no more of its records"):
        readings.reopen(session, opened=handed_in, reason="A slip", by=people.lead, at=AT)


@ON_ONE
def test_after_an_ending_nothing_is_stopped_any_more(session: Session, people: Cast, instrument: Instrument) -> None:
    watched.draw(session, people, instrument)
    first = watched.of_wave(session, people, 1)
    watched.read(session, people, first)
    ask(session, people, instrument)
    agree(session, people, instrument)
    reopen(session, people, first[-1:])

    assert not any(case.can_stop for case in stopping.drawn(session, inspection=people.place.inspection))
    with pytest.raises(ConflictError, match="Two people ended reading"):
        stop(session, people, first[-1:])


@ON_ONE
def test_only_a_lead_asks_for_an_ending_and_whoever_asks_has_looked(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    watched.draw(session, people, instrument)
    watched.read(session, people, watched.of_wave(session, people, 1))
    with pytest.raises(ConflictError, match="Only a lead asks that reading end"):
        ending.ask(session, place=people.place, instrument=instrument, reason="To see", by=people.coordinator, at=AT)
    assert session.exec(select(Ending)).all() == []

    ask(session, people, instrument)
    assert looks.last_wave(session, inspection=people.place.inspection) == 1


@ON_ONE
def test_where_time_ran_out_before_the_least_number_of_waves_it_is_told_with_what_was_seen(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    watched.draw(session, people, instrument, rule=replace(watched.RULE, minimum=2))
    watched.read(session, people, watched.of_wave(session, people, 1))
    look(session, place=people.place, wave=1, by=people.lead, at=AT)
    stop(session, people, watched.of_wave(session, people, 2, 3))
    told = "before the 2 waves that the plan named as the least; the lead had seen the figures after wave 1"
    seen = after_wave(session, place=people.place, instrument=instrument)
    assert ending.before_least(seen, ending.rest_of(session, inspection=people.place.inspection)) == told

    ask(session, people, instrument)
    agree(session, people, instrument)

    key = people.place.inspection.id or 0
    assert told in looking.looked(session, [key])[key].says()
    deeds = select(AuditEvent).where(AuditEvent.object_kind == "ending")
    counts = [[deed.body[name] for name in ("complete", "least", "seen")] for deed in session.exec(deeds)]
    assert counts == [[1, 2, 1]] * 2, "both deeds keep it"


@ON_ONE
def test_cases_that_are_not_the_last_tickets_keep_reading_from_being_ended(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    watched.draw(session, people, instrument)
    watched.read(session, people, watched.of_wave(session, people, 1))
    waiting = [case for case in watched.of_wave(session, people, 2, 3) if case.stratum == "b"]
    stop(session, people, waiting[:1], reason="The record is far away")

    with pytest.raises(ConflictError, match="not the last tickets: no interval of this sample holds"):
        ask(session, people, instrument)


@ON_ONE
def test_an_asking_lapses_once_all_is_read(session: Session, people: Cast, instrument: Instrument) -> None:
    watched.draw(session, people, instrument)
    watched.read(session, people, watched.of_wave(session, people, 1))
    ask(session, people, instrument)
    asks = stages.standing(session, people.place.inspection).asks
    assert [one.what for one in asks] == [stages.ENDING]

    watched.read(session, people, watched.of_wave(session, people, 2, 3))
    assert stages.standing(session, people.place.inspection).asks == ()


@pytest.mark.parametrize("earlier", ["agreed", "opened again"])
def test_of_an_ending_and_what_changes_its_ground_at_once_the_first_stands(
    engine: Engine, instrument: Instrument, earlier: str
) -> None:
    with transaction(engine) as session:
        people = gather(session, instrument=instrument)
        watched.draw(session, people, instrument)
        first, last = watched.of_wave(session, people, 1), watched.of_wave(session, people, 3)
        watched.read(session, people, first)
        ask(session, people, instrument)

    if earlier == "agreed":
        refused = at_once(engine, lambda one: agree(one, people, instrument), lambda one: stop(one, people, last[-1:]))
    else:
        refused = at_once(
            engine, lambda one: reopen(one, people, first[:1]), lambda one: agree(one, people, instrument)
        )

    assert refused is not None
    with snapshot(engine) as session:
        row = session.exec(select(Ending)).one()
        n_stopped = len(session.exec(select(SampleCase).where(SampleCase.status == CaseStatus.NOT_REACHED)).all())
        assert (row.confirmed_at is not None, row.n_stopped, n_stopped) == (
            (True, 20, 20) if earlier == "agreed" else (False, None, 0)
        )
