"""When time runs short: the last tickets of each stratum go first, and any other pattern is told with the figures."""

from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlmodel import Session, select

from casereader import readings
from casereader.after_the_draw import replacements, stopping, turning_up
from casereader.after_the_draw.stopping import Drawn
from casereader.drawing.unreached import pattern_of
from casereader.errors import AbsentError, ConflictError, RefusedError
from casereader.exports import covers, workbook
from casereader.figures import results
from casereader.figures.whole_results import whole_results
from casereader.instrument import Instrument
from casereader.models import Account, AuditEvent, DrawRecord, Replacement, SampleCase
from casereader.vocabulary import INELIGIBLE_REASONS, CaseStatus, ReadingState
from tests.cast import Cast
from tests.reading import STARTED, complete, given_to
from tests.trail import said

READ, WAITING, STOPPED = CaseStatus.READ, CaseStatus.WAITING, CaseStatus.NOT_REACHED
GONE = (CaseStatus.NOT_PRODUCED, CaseStatus.INELIGIBLE)


def case(stratum: str, order: int, status: CaseStatus = WAITING, *, can_stop: bool | None = None) -> Drawn:
    open_ = status is WAITING if can_stop is None else can_stop
    return Drawn(f"{stratum}{order}", f"{stratum}{order}", stratum, order, status, "", "", None, open_)


def sample(**sizes: int) -> list[Drawn]:
    return [case(stratum, order) for stratum, n in sizes.items() for order in range(1, n + 1)]


def named(cases: list[Drawn]) -> list[str]:
    return [one.case_ref for one in cases]


def look(session: Session, people: Cast) -> list[Drawn]:
    return stopping.drawn(session, inspection=people.place.inspection)


def stop(session: Session, people: Cast, cases: list[Drawn], *, reason: str = "") -> list[stopping.Pattern]:
    return stopping.stop(
        session,
        inspection=people.place.inspection,
        public_ids=[one.public_id for one in cases],
        reason=reason,
        by=people.coordinator,
        at=STARTED,
    )


def read(session: Session, people: Cast, instrument: Instrument, case_ref: str) -> None:
    for account in (people.reviewer, people.second_reviewer):
        for opened in given_to(session, account):
            if opened.case_ref == case_ref:
                complete(session, opened, instrument, by=account)


def by_an_inspector(cases: list[Drawn], people: Cast) -> list[Drawn]:
    return [one for one in cases if one.reader != people.local_reviewer.name]


@pytest.mark.parametrize(
    ("sizes", "n", "expected"),
    [
        ({"a": 10}, 3, ["a10", "a8", "a9"]),
        ({"a": 10, "b": 10}, 2, ["a10", "b10"]),
        ({"a": 10, "b": 5}, 3, ["a10", "a9", "b5"]),
        ({"a": 10, "b": 2}, 4, ["a10", "a7", "a8", "a9"]),
        ({"a": 2, "b": 1}, 3, ["a1", "a2", "b1"]),
        ({"a": 2}, 0, []),
    ],
)
def test_each_stratum_gives_its_last_tickets_and_keeps_about_the_same_part(
    sizes: dict[str, int], n: int, expected: list[str]
) -> None:
    assert sorted(named(stopping.propose(sample(**sizes), stop=n))) == expected


def test_a_case_that_a_later_one_has_overtaken_is_proposed_only_when_nothing_else_is_left() -> None:
    cases = [*sample(a=3), case("a", 4, READ), *sample(b=4)]

    assert named(stopping.propose(cases, stop=4)) == ["b1", "b2", "b3", "b4"]
    assert named(stopping.propose(cases, stop=5)) == ["a3", "b1", "b2", "b3", "b4"]


@pytest.mark.parametrize("unread", GONE)
def test_the_last_tickets_make_a_random_sample_and_cases_that_were_never_read_do_not_spoil_it(
    unread: CaseStatus,
) -> None:
    pattern = pattern_of("b", [(1, READ, ""), (2, READ, ""), (3, STOPPED, "Time ran out"), (4, unread, "")])

    assert pattern is not None and pattern.is_random
    assert pattern.says() == (
        "b: the last 1 of 3 cases in ticket order (1 more not produced or ineligible) was not reached, "
        "so what was read stays a random sample."
    )
    assert pattern_of("b", [(1, READ, ""), (2, WAITING, "")]) is None


def test_a_stratum_of_which_nothing_was_read_is_called_no_random_sample() -> None:
    pattern = pattern_of("b", [(1, CaseStatus.NOT_PRODUCED, ""), (2, STOPPED, ""), (3, STOPPED, "")])

    assert pattern is not None and pattern.says() == (
        "b: all 2 cases in ticket order (1 more not produced or ineligible) were not reached, "
        "so nothing of this stratum was read."
    )


def test_strata_share_by_the_records_that_there_are_to_read() -> None:
    lost = [case("b", order, CaseStatus.NOT_PRODUCED) for order in (1, 2, 3)]

    assert named(stopping.propose([*sample(a=4), *lost, case("b", 4)], stop=2)) == ["a3", "a4"]


@pytest.mark.parametrize("later", [READ, WAITING])
def test_any_other_pattern_is_said_with_its_reason(later: CaseStatus) -> None:
    pattern = pattern_of("b", [(4, later, ""), (1, STOPPED, "Ill"), (2, READ, ""), (3, STOPPED, "Ill"), (5, later, "")])

    assert pattern is not None and not pattern.is_random
    assert pattern.says() == (
        "b: not reached are 1 and 3 of 5 in ticket order, while 2, 4 and 5 later were kept. What was read is no random "
        "sample of this stratum, and its figures may lean to one side. Reason given: Ill."
    )


def test_the_last_tickets_are_stopped_in_one_step_and_take_no_answers(
    session: Session, people: Cast, instrument: Instrument, record: DrawRecord
) -> None:
    cases = look(session, people)
    proposed = stopping.propose(cases, stop=6)

    patterns = stop(session, people, proposed)

    assert record.id and sum(len(one.stopped) for one in patterns) == 6
    assert all(one.is_random for one in patterns)
    stopped = session.exec(select(SampleCase).where(SampleCase.status == STOPPED)).all()
    assert {(one.public_id, one.reason) for one in stopped} == {(one.public_id, "Time ran out") for one in proposed}
    (event,) = session.exec(select(AuditEvent).where(AuditEvent.action == "cases stopped"))
    assert said(event) == {"cases": sorted(one.public_id for one in proposed), "is_random": True}
    for account in (people.reviewer, people.second_reviewer, people.local_reviewer):
        for opened in given_to(session, account):
            if opened.sample_case.status is STOPPED:
                with pytest.raises(ConflictError, match="time ran out"):
                    readings.begin(session, opened=opened, instrument=instrument, by=account, at=STARTED)
    found = results.results_for(session, [people.place], instrument, by=())
    assert found.reach[people.place.path].not_reached == 6
    assert found.flags(people.place.path) == []


def test_other_cases_need_a_reason_and_the_workbook_and_the_figures_say_so(
    session: Session, people: Cast, instrument: Instrument, record: DrawRecord
) -> None:
    first = look(session, people)[0]
    with pytest.raises(RefusedError, match="say why"):
        stop(session, people, [first])
    assert look(session, people)[0].status is WAITING

    (pattern,) = stop(session, people, [first], reason=" The record  is held elsewhere ")

    assert record.id and not pattern.is_random
    found = whole_results(session, people.place, instrument)
    (flag,) = found.results.flags(people.place.path)
    assert flag == pattern.says() and flag.endswith("Reason given: The record is held elsewhere.")
    book = BytesIO()
    workbook.write(book, found.results.figures, instrument, covers.cover_of(people.place, found))
    cover = load_workbook(book).worksheets[0]
    rows = [tuple(row) for row in cover.iter_rows(values_only=True)]
    assert any(row[0] == "Flagged: no random sample" and row[1] == flag for row in rows)


def test_what_is_handed_in_or_waits_for_a_decision_or_is_not_of_the_sample_is_not_stopped(
    session: Session, people: Cast, instrument: Instrument, record: DrawRecord
) -> None:
    one, other = by_an_inspector(look(session, people), people)[:2]
    read(session, people, instrument, one.case_ref)
    _propose_ineligible(session, people, other.case_ref)
    after = {case.case_ref: case for case in look(session, people)}

    assert record.id and not after[one.case_ref].can_stop and not after[other.case_ref].can_stop
    for taken in (one, other):
        with pytest.raises(ConflictError, match="cannot be stopped any more"):
            stop(session, people, [taken], reason="Late")
    with pytest.raises(AbsentError):
        stop(session, people, [case("z", 1)], reason="Late")
    with pytest.raises(RefusedError, match="Choose"):
        stop(session, people, [])


def test_a_reading_under_way_can_be_stopped_and_taken_back_with_its_answers(
    session: Session, people: Cast, instrument: Instrument, record: DrawRecord
) -> None:
    opened = given_to(session, people.reviewer)[0]
    readings.begin(session, opened=opened, instrument=instrument, by=people.reviewer, at=STARTED)
    before = readings.answers_of(session, opened.key)
    begun = next(one for one in look(session, people) if one.case_ref == opened.case_ref)
    assert record.id and (begun.state, begun.can_stop) == (ReadingState.IN_PROGRESS, True)
    stop(session, people, [begun], reason="Ill")

    _back(session, people, begun, people.coordinator)

    assert next(one for one in look(session, people) if one.case_ref == opened.case_ref) == begun
    assert readings.answers_of(session, opened.key) == before
    assert stopping.patterns(session, [people.place.inspection.id or 0])[people.place.inspection.id or 0] == []
    with pytest.raises(ConflictError, match="not stopped any more"):
        _back(session, people, begun, people.coordinator)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_record_that_turns_up_after_an_earlier_one_was_stopped_is_read_only_if_the_coordinator_says_so(
    session: Session, people: Cast, record: DrawRecord
) -> None:
    cases = look(session, people)
    later, opened, reader = _one_of(session, people, [one for one in cases if one.order > 1])
    earlier = next(one for one in cases if one.stratum == later.stratum and one.order == later.order - 1)
    after = [one for one in cases if one.stratum == later.stratum and one.order > later.order]
    readings.say_not_produced(session, opened=opened, reason="Lost.", by=reader, at=STARTED)
    (stopped,) = stop(session, people, [earlier, *after])
    assert record.id and stopped.is_random and turning_up.is_overtaken(session, sample_case=opened.sample_case)

    assert not turning_up.turn_up(session, opened=opened, by=reader, at=STARTED)

    assert opened.sample_case.status is STOPPED and opened.sample_case.reason == turning_up.TURNED_UP
    (pattern,) = stopping.patterns(session, [people.place.inspection.id or 0])[people.place.inspection.id or 0]
    assert pattern.is_random and later.order in pattern.stopped
    assert not turning_up.turn_up(session, opened=opened, by=reader, at=STARTED), "said twice"
    for one in (earlier, later):
        _back(session, people, one, people.coordinator)
    assert opened.sample_case.status is WAITING


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_record_that_turns_up_before_the_stopped_ones_is_read(
    session: Session, people: Cast, record: DrawRecord
) -> None:
    cases = look(session, people)
    last = {one.stratum: one for one in cases}
    one, opened, reader = _one_of(session, people, [one for one in cases if one is not last[one.stratum]])
    readings.say_not_produced(session, opened=opened, reason="Lost.", by=reader, at=STARTED)
    stop(session, people, [last[one.stratum]])

    assert record.id and turning_up.turn_up(session, opened=opened, by=reader, at=STARTED)
    assert opened.sample_case.status is WAITING


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_reserve_that_turns_up_stands_before_the_stopped_ones_as_the_case_did_that_it_replaced(
    session: Session, people: Cast, record: DrawRecord
) -> None:
    cases = look(session, people)
    last = {one.stratum: one for one in cases}
    replaced = by_an_inspector([one for one in cases if one is not last[one.stratum]], people)[0]
    _propose_ineligible(session, people, replaced.case_ref)
    waiting = session.exec(select(Replacement)).one()
    reserve = replacements.confirm(
        session, inspection=people.place.inspection, replacement=waiting, by=people.lead, at=STARTED
    )
    assert record.id and reserve is not None and reserve.order > last[replaced.stratum].order
    found = [one for one in look(session, people) if one.public_id == reserve.public_id]
    one, opened, reader = _one_of(session, people, found)
    readings.say_not_produced(session, opened=opened, reason="Lost.", by=reader, at=STARTED)
    stop(session, people, [last[replaced.stratum]])

    assert turning_up.turn_up(session, opened=opened, by=reader, at=STARTED)

    assert one.place == replaced.order and opened.sample_case.status is WAITING
    (pattern,) = stopping.patterns(session, [people.place.inspection.id or 0])[people.place.inspection.id or 0]
    assert pattern.is_random


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_choice_names_the_strata_that_it_leaves_without_a_record(
    session: Session, people: Cast, record: DrawRecord
) -> None:
    cases = look(session, people)
    stratum = cases[0].stratum
    every = [one.public_id for one in cases if one.stratum == stratum]
    for chosen, emptied in ((every, (stratum,)), (every[1:], ())):
        choice = stopping.choose(session, inspection=people.place.inspection, public_ids=chosen, reason="")
        assert record.id and choice.emptied == emptied


def test_no_reserve_is_called_on_while_an_earlier_ticket_of_its_stratum_is_stopped(
    session: Session, people: Cast, record: DrawRecord
) -> None:
    cases = by_an_inspector(look(session, people), people)
    ineligible = cases[0]
    last = [one for one in look(session, people) if one.stratum == ineligible.stratum][-1:]
    _propose_ineligible(session, people, ineligible.case_ref)
    waiting = session.exec(select(Replacement)).one()
    assert (
        record.id
        and replacements.next_reserve(session, sample_case=session.get_one(SampleCase, waiting.sample_case_id))
        is not None
    )
    _stop_in_spite(session, last)

    assert replacements.next_reserve(session, sample_case=session.get_one(SampleCase, waiting.sample_case_id)) is None
    confirmed = replacements.confirm(
        session, inspection=people.place.inspection, replacement=waiting, by=people.lead, at=STARTED
    )
    assert confirmed is None


def _one_of(session: Session, people: Cast, cases: list[Drawn]) -> tuple[Drawn, readings.Opened, Account]:
    """The first of the cases, its reading and its reader."""
    return next(
        (cases[0], opened, account)
        for account in (people.reviewer, people.second_reviewer, people.local_reviewer)
        for opened in given_to(session, account)
        if opened.case_ref == cases[0].case_ref
    )


def _propose_ineligible(session: Session, people: Cast, case_ref: str) -> None:
    for account in (people.reviewer, people.second_reviewer):
        for opened in given_to(session, account):
            if opened.case_ref == case_ref:
                readings.propose_ineligible(
                    session, opened=opened, reason=INELIGIBLE_REASONS[0], by=account, at=STARTED
                )


def _stop_in_spite(session: Session, cases: list[Drawn]) -> None:
    for one in session.exec(select(SampleCase)):
        if one.public_id in {each.public_id for each in cases}:
            one.status, one.reason = STOPPED, "Time ran out"
            session.add(one)
    session.flush()


def _back(session: Session, people: Cast, one: Drawn, by: Account) -> None:
    stopping.take_back(session, inspection=people.place.inspection, public_id=one.public_id, by=by, at=STARTED)
