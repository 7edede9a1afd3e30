"""Reading ended after a wave: by two people, on figures whose limits hold at any time, and said with every figure."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlmodel import Session, col, select

from casereader import issues, readings
from casereader.after_the_draw import extending, stopping, turning_up
from casereader.after_waves import ending
from casereader.after_waves.after_wave import after_wave
from casereader.disclosure.policy import PROGRAMME
from casereader.errors import ConflictError, RefusedError
from casereader.exports.covers import cover_of
from casereader.figures import results
from casereader.figures.whole_results import whole_results
from casereader.in_waves import looking
from casereader.instrument import Instrument
from casereader.issues import gathering
from casereader.issues.reading_notes import how_to_read
from casereader.models import AuditEvent, Ending, SampleCase, TextVersion
from casereader.rollup import WHOLE
from casereader.vocabulary import CaseStatus
from tests import sampled, watched
from tests.cast import Cast
from tests.watched import AT

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

FIRST_HALF = replace(watched.RULE, minimum=2)


def ask(session: Session, people: Cast, instrument: Instrument, *, reason: str = "Nothing is left to settle") -> None:
    ending.ask(session, place=people.place, instrument=instrument, reason=reason, by=people.lead, at=AT)


def agree(session: Session, people: Cast, instrument: Instrument) -> None:
    ending.agree(session, place=people.place, instrument=instrument, by=people.coordinator, at=AT)


def looked(session: Session, people: Cast) -> looking.Looked | None:
    key = people.place.inspection.id or 0
    return looking.looked(session, [key]).get(key)


def methods(session: Session, people: Cast, instrument: Instrument) -> set[str]:
    table = results.results_for(session, [people.place], instrument).figures.questions
    return set(table["method"])


def missing(session: Session, people: Cast, case: SampleCase) -> None:
    """The record is not produced."""
    case.status, case.decided_at, case.decided_by_id = CaseStatus.NOT_PRODUCED, AT, people.reviewer.id
    session.add(case)
    session.flush()


def by_stratum(case: SampleCase) -> str:
    """Stratum a is good, the others are not: a share moves with the weights."""
    return "5" if case.stratum == "a" else "3"


def test_what_is_seen_after_a_wave_stands_on_the_complete_waves_alone(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    watched.draw(session, people, instrument)
    watched.read(session, people, watched.of_wave(session, people, 1))
    seen = after_wave(session, place=people.place, instrument=instrument)
    watched.read(session, people, watched.of_wave(session, people, 2)[:3], c9=lambda _: "1")
    again = after_wave(session, place=people.place, instrument=instrument)

    assert seen is not None and again is not None
    assert (seen.n_complete, again.n_complete) == (1, 1)
    c9, d11 = seen.asked
    assert c9.row is not None and d11.row is not None
    assert (c9.row["n"], c9.row["k"], c9.row["share"], c9.row["method"]) == (10, 10, 1.0, "always-valid")
    assert c9.row["lower"] > 0.5 and c9.is_settled and c9.chance is None
    assert d11.row["lower"] < 0.5 < d11.row["upper"] and not d11.is_settled and d11.chance is not None
    assert [one.row for one in again.asked] == [one.row for one in seen.asked]


def test_while_it_is_read_in_waves_nobody_gets_a_figure_or_a_file(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    watched.draw(session, people, instrument)
    watched.read(session, people, watched.of_wave(session, people, 1))
    found = results.results_for(session, [people.place], instrument)

    assert found.figures.questions.empty and people.place.path in found.held_back
    assert found.reach[people.place.path].read == 10
    for files in (results.drawn_results, whole_results):
        with pytest.raises(ConflictError, match="read in waves"):
            files(session, people.place, instrument)


def test_two_people_end_reading_and_the_last_tickets_are_not_reached(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    record = watched.draw(session, people, instrument)
    watched.read(session, people, watched.of_wave(session, people, 1, 2))
    ask(session, people, instrument)
    asked = looked(session, people)
    assert asked is not None and asked.is_held_back and not asked.is_always_valid, "nothing changes by asking"
    assert (asked.says(), asked.says_rule(), asked.says_in_issue(), asked.outcome) == ("", "", "", "")
    with pytest.raises(RefusedError, match="somebody else"):
        ending.agree(session, place=people.place, instrument=instrument, by=people.lead, at=AT)

    agree(session, people, instrument)

    row = ending.of_draw(session, draw_record=record)
    assert row is not None and (row.wave, row.n_stopped) == (2, 10)
    assert row.certificate_sha256 == record.certificate_sha256 and row.rule["questions"] == ["C9", "D11"]
    assert row.figures == row.published and row.figures[0]["k"] == 20
    [flag] = {one.is_random for one in stopping.patterns(session, [record.inspection_id])[record.inspection_id]}
    assert flag, "what was read is a random sample still"
    seen = looked(session, people)
    assert seen is not None and not seen.is_held_back
    assert "ended after wave 2 of 3" in seen.says() and "holds at any time" in seen.says()
    assert "When it ended, C9 was settled above 50%; D11 was not." in seen.says()
    assert "C9 and D11, held against 50%" in seen.says_rule()
    assert "error rate of 10%" in seen.says() and "10%" not in seen.says_rule(), "said once"
    assert "ended after wave 2 of 3" in seen.says_in_issue() and "was settled" not in seen.says_in_issue()
    assert seen.says().endswith("those that are published, 90% each.")
    assert methods(session, people, instrument) == {"always-valid"}


def test_nobody_reads_on_once_two_people_have_ended_reading(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    watched.draw(session, people, instrument)
    watched.read(session, people, watched.of_wave(session, people, 1))
    ask(session, people, instrument)
    agree(session, people, instrument)
    inspection = people.place.inspection
    [last, *_] = watched.of_wave(session, people, 3)
    ended = "Two people ended reading on .* no more of this sample is read"

    with pytest.raises(ConflictError, match=ended):
        stopping.take_back(session, inspection=inspection, public_id=last.public_id, by=people.coordinator, at=AT)
    with pytest.raises(ConflictError, match=ended):
        extending.ask(session, inspection=inspection, sizes={"a": 99}, reason="More", by=people.lead, at=AT)
    with pytest.raises(ConflictError, match=ended):
        ask(session, people, instrument)
    seen = looked(session, people)
    assert seen is not None and not seen.is_held_back


def test_the_trail_keeps_rule_figures_and_certificate_and_shows_the_figures_to_nobody_else(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    record = watched.draw(session, people, instrument)
    watched.read(session, people, watched.of_wave(session, people, 1))
    ask(session, people, instrument)
    agree(session, people, instrument)

    query = select(AuditEvent).where(AuditEvent.object_kind == "ending").order_by(col(AuditEvent.n))
    asked, ended = session.exec(query).all()
    assert (asked.action, ended.action) == ("ending asked for", "reading ended after a wave")
    assert ended.body["certificate"] == record.certificate_sha256 and ended.body["n_stopped"] == 20
    kept = session.exec(select(TextVersion.text).where(TextVersion.inspection_id == record.inspection_id)).all()
    assert any('"thresholds":["0.5"]' in text for text in kept) and any('"lower":"0.6' in text for text in kept)
    row = session.exec(select(Ending)).one()
    shares = [one[name] for one in (*row.figures, *row.published) for name in ending.SHARES]
    bodies = str([event.body for event in (asked, ended)])
    assert shares and not any(share in bodies for share in shares), "the trail itself holds digests of them"


def test_ending_waits_for_the_least_number_of_waves_and_for_a_whole_sample_to_be_left(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    watched.draw(session, people, instrument, rule=FIRST_HALF)
    watched.read(session, people, watched.of_wave(session, people, 1))
    with pytest.raises(ConflictError, match="waves 1 to 2 are read before"):
        ask(session, people, instrument)

    watched.read(session, people, watched.of_wave(session, people, 2, 3))
    with pytest.raises(ConflictError, match="No case is left"):
        ask(session, people, instrument)
    assert methods(session, people, instrument) == {"logit"}, "all of it was read as planned"


def test_a_later_case_that_was_read_out_of_turn_must_be_caught_up_with_first(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    watched.draw(session, people, instrument)
    watched.read(session, people, watched.of_wave(session, people, 1))
    later = [case for case in watched.of_wave(session, people, 2) if case.stratum == "b"]
    watched.read(session, people, later[-1:])
    missing = later[:-1]

    found = ending.rest_of(session, inspection=people.place.inspection)

    assert {case.public_id for case in found.to_finish} == {case.public_id for case in missing}
    with pytest.raises(ConflictError, match="first: handed in and not counting yet, or a later case"):
        ask(session, people, instrument)
    watched.read(session, people, missing)
    ask(session, people, instrument)
    agree(session, people, instrument)
    assert methods(session, people, instrument) == {"always-valid"}


def test_the_deed_keeps_the_certificate_of_the_sample_as_long_as_it_is_then(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    record = watched.draw(session, people, instrument, rule=replace(watched.RULE, maximum=40))
    inspection = people.place.inspection
    longer = {one.stratum: one.to_read + 1 for one in extending.now_of(session, draw_record=record)}
    extending.ask(session, inspection=inspection, sizes=longer, reason="More", by=people.lead, at=AT)
    added = extending.agree(session, inspection=inspection, by=people.coordinator, at=AT)
    watched.read(session, people, watched.of_wave(session, people, 1))

    ask(session, people, instrument)

    kept = session.exec(select(Ending.certificate_sha256)).one()
    assert kept == added.extension.certificate_sha256 != record.certificate_sha256


def test_the_figures_must_be_those_it_was_asked_on(session: Session, people: Cast, instrument: Instrument) -> None:
    watched.draw(session, people, instrument)
    watched.read(session, people, watched.of_wave(session, people, 1))
    ask(session, people, instrument)
    watched.read(session, people, watched.of_wave(session, people, 2))

    with pytest.raises(ConflictError, match="not those any more"):
        agree(session, people, instrument)
    ending.drop(session, inspection=people.place.inspection, by=people.coordinator, at=AT)
    ask(session, people, instrument)
    agree(session, people, instrument)


def test_reading_that_is_stopped_short_any_other_way_has_limits_that_hold_at_any_time(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    watched.draw(session, people, instrument)
    watched.read(session, people, watched.of_wave(session, people, 1, 2))
    last = [case.public_id for case in watched.of_wave(session, people, 3)]
    stopping.stop(session, inspection=people.place.inspection, public_ids=last, reason="", by=people.coordinator, at=AT)
    ask(session, people, instrument, reason="The days are over")
    agree(session, people, instrument)

    seen = looked(session, people)
    assert seen is not None and not seen.is_held_back and seen.says().startswith("Time ran out before all")
    assert methods(session, people, instrument) == {"always-valid"}


def test_whoever_stops_all_that_is_left_opens_no_figure_before_two_people_end_it(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    record = watched.draw(session, people, instrument, rule=FIRST_HALF)
    watched.read(session, people, watched.of_wave(session, people, 1)[:8])
    inspection = people.place.inspection
    left = [case.public_id for case in stopping.drawn(session, inspection=inspection) if case.can_stop]
    stopping.stop(session, inspection=inspection, public_ids=left, reason="", by=people.coordinator, at=AT)

    assert results.results_for(session, [people.place], instrument).figures.questions.empty
    for files in (results.drawn_results, whole_results):
        with pytest.raises(ConflictError, match="read in waves"):
            files(session, people.place, instrument)
    stopping.take_back(session, inspection=inspection, public_id=left[0], by=people.coordinator, at=AT)
    stopping.stop(session, inspection=inspection, public_ids=left[:1], reason="", by=people.coordinator, at=AT)

    ask(session, people, instrument, reason="The days are over")
    assert results.results_for(session, [people.place], instrument).figures.questions.empty
    agree(session, people, instrument)

    assert methods(session, people, instrument) == {"always-valid"}
    row = ending.of_draw(session, draw_record=record)
    assert row is not None and row.n_stopped == 0
    assert ["k" in one for one in row.figures] == [False, False], "nothing was seen of a wave that was cut"
    assert row.published[0]["k"] == 8


@pytest.mark.parametrize("later", ["not produced", "ineligible"])
def test_a_case_of_a_later_wave_that_nobody_could_read_weighs_nothing_once_reading_is_ended(
    session: Session, people: Cast, instrument: Instrument, later: str
) -> None:
    watched.draw(session, people, instrument)
    first = watched.of_wave(session, people, 1)
    last_of_a = [case for case in first if case.stratum == "a"][-1]
    missing(session, people, last_of_a)
    watched.read(session, people, [case for case in first if case.id != last_of_a.id], c9=by_stratum)
    for case in [case for case in watched.of_wave(session, people, 2, 3) if case.stratum == "b"][1::2]:
        if later == "not produced":
            missing(session, people, case)
        else:
            watched.replace(session, people, case)
    before = after_wave(session, place=people.place, instrument=instrument)

    ask(session, people, instrument)
    agree(session, people, instrument)

    found = results.results_for(session, [people.place], instrument)
    table = found.figures.questions
    (row,) = results.plain_rows(table[(table["question"] == "C9") & (table["domain"] == WHOLE)])
    assert before is not None and before.asked[0].row is not None
    same = ("n", "k", "share", "not_produced", "lowest", "highest")
    assert {name: row[name] for name in same} == {name: before.asked[0].row[name] for name in same}
    reach = found.reach[people.place.path]
    assert (reach.read, reach.not_produced, reach.ineligible) == (9, 1, 0), "that of the wave that was read counts"
    ended = session.exec(select(Ending)).one()
    assert ended.published == ended.figures


def test_what_turns_up_after_reading_was_ended_is_not_read(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    watched.draw(session, people, instrument)
    watched.read(session, people, watched.of_wave(session, people, 1))
    first_later = next(case for case in watched.of_wave(session, people, 2) if case.stratum == "b")
    missing(session, people, first_later)
    ask(session, people, instrument)
    agree(session, people, instrument)

    reading = watched.give(session, people, first_later, instrument, to=people.reviewer)
    opened = readings.find(session, public_id=reading.public_id, account=people.reviewer)
    assert not turning_up.turn_up(session, opened=opened, by=people.reviewer, at=AT)

    assert first_later.status is CaseStatus.NOT_REACHED
    seen = looked(session, people)
    assert seen is not None and not seen.is_held_back, "what is published stays so"


def test_a_reserve_stands_at_the_place_of_what_it_replaced(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    record = watched.draw(session, people, instrument)
    wave = watched.of_wave(session, people, 1)
    replaced = next(case for case in wave if case.stratum == "b")
    watched.replace(session, people, replaced)
    watched.read(session, people, [case for case in watched.of_wave(session, people, 1) if case.id != replaced.id])

    ask(session, people, instrument)
    agree(session, people, instrument)

    patterns = stopping.patterns(session, [record.inspection_id])[record.inspection_id]
    assert patterns and all(one.is_random for one in patterns)
    kept = select(SampleCase.order).where(SampleCase.status == CaseStatus.READ, SampleCase.stratum == "b")
    assert max(session.exec(kept)) > record_size(session, record.id or 0, "b")


def record_size(session: Session, draw_id: int, stratum: str) -> int:
    """How many main cases the stratum has."""
    query = select(SampleCase.order).where(
        SampleCase.draw_id == draw_id, SampleCase.stratum == stratum, SampleCase.role == "main"
    )
    return max(session.exec(query))


def test_a_sample_in_waves_that_is_read_to_its_end_says_by_which_rule_reading_might_have_ended(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    watched.draw(session, people, instrument, rule=FIRST_HALF)
    watched.read(session, people, watched.of_wave(session, people, 1, 2, 3))
    rule = (
        "read in 3 waves, and after wave 2 or a later one two people could end reading on what was seen of "
        "C9 and D11, held against 50%."
    )

    place = people.place
    whole = whole_results(session, place, instrument)
    facts = dict(cover_of(place, whole).facts)
    assert not whole.results.always_valid(place.path) and rule in whole.results.might_have_ended(place.path)
    assert rule in facts["Read in waves"] and "Kind of interval" not in facts
    scope = issues.of_programme(session, place.programme)
    said = gathering.gather(session, scope=scope, instrument=instrument).might_have_ended
    assert rule in "".join(how_to_read(PROGRAMME, corrects=False, read_out=said))


def test_a_sample_without_waves_is_neither_held_back_nor_ended(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    sampled.draw(session, people, instrument)

    assert looked(session, people) is None
    with pytest.raises(ConflictError, match="not read in waves"):
        ask(session, people, instrument)
