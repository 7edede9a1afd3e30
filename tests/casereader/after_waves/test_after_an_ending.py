"""Two people end reading in waves who have nothing of their own to read there, and then nothing more is awaited."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from casereader import readings
from casereader.after_the_draw import replacements, reserves, stopping
from casereader.after_waves import ending
from casereader.drawing import draws
from casereader.errors import RefusedError
from casereader.figures import results
from casereader.in_waves import looking
from casereader.instrument import Instrument
from casereader.models import Reading, Replacement, SampleCase
from casereader.programmes import inspections
from casereader.rollup import WHOLE
from casereader.vocabulary import INELIGIBLE_REASONS, CaseStatus, Role
from tests import watched
from tests.cast import Cast
from tests.watched import AT


def end(session: Session, people: Cast, instrument: Instrument) -> None:
    ending.ask(session, place=people.place, instrument=instrument, reason="Settled", by=people.lead, at=AT)
    ending.agree(session, place=people.place, instrument=instrument, by=people.coordinator, at=AT)


def is_held_back(session: Session, people: Cast) -> bool:
    return bool(results.held_back(session, [people.place]))


def found_ineligible(session: Session, people: Cast, case: SampleCase) -> SampleCase | None:
    """Its reader opens it again, the coordinator says that it is not eligible, and the moderator confirms it."""
    public_id = session.exec(select(Reading.public_id).where(Reading.sample_case_id == case.id)).one()
    opened = readings.find(session, public_id=public_id, account=people.reviewer)
    readings.reopen(session, opened=opened, reason="Another child of the name", by=people.reviewer, at=AT)
    assert case.status is CaseStatus.WAITING and not is_held_back(session, people)
    given = {"inspection": people.place.inspection, "at": AT}
    proposed: Replacement = replacements.propose(
        session, public_id=case.public_id, reason=INELIGIBLE_REASONS[0], by=people.coordinator, **given
    )
    found = reserves.lines(session, [people.place.inspection.id or 0])
    (waits,) = reserves.proposals(session, [people.place.inspection.id or 0], found=found)
    assert waits.reserve is None, "the page names none either"
    return replacements.confirm(session, replacement=proposed, by=people.moderator, reserve_id="", **given)


def test_a_case_that_was_read_and_is_found_to_be_ineligible_after_an_ending_is_blank_and_has_no_reserve(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    """It is the last that was read of a stratum of which nothing was stopped, and of another of a wave that was cut."""
    watched.draw(session, people, instrument)
    watched.read(session, people, watched.of_wave(session, people, 1))
    later = watched.of_wave(session, people, 2, 3)
    all_of_d = [case for case in later if case.stratum == "d"]
    last_of_b = next(case for case in later if case.stratum == "b")
    watched.read(session, people, [*all_of_d, last_of_b])
    end(session, people, instrument)
    n_read = 10 + len(all_of_d) + 1
    key = people.place.inspection.id or 0

    place = people.place
    says = results.results_for(session, [place], instrument).always_valid(place.path)
    assert f"{len(all_of_d) + 1} records of later waves were handed in by then. They are next in ticket order" in says
    for n, case in enumerate((all_of_d[-1], last_of_b), 1):
        assert found_ineligible(session, people, case) is None
        found = results.results_for(session, [people.place], instrument)
        reach = found.reach[people.place.path]
        assert (reach.read, reach.ineligible, reach.waiting) == (n_read - n, n, 0)
        assert not is_held_back(session, people)
        whole = found.figures.questions[found.figures.questions["domain"] == WHOLE]
        assert set(whole["n"]) == {n_read - n} and set(whole["method"]) == {"always-valid"}

    assert looking.uncounted(session, looking.looked(session, [key])) == set()
    assert all(one.is_random for one in stopping.patterns(session, [key])[key])
    record = draws.current(session, inspection=people.place.inspection)
    assert record is not None
    row = ending.of_draw(session, draw_record=record)
    assert row is not None and row.published[0]["n"] == n_read, "the deed keeps what was seen then"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_whoever_still_reads_here_neither_asks_for_an_ending_nor_agrees_to_one(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    record = watched.draw(session, people, instrument)
    watched.read(session, people, watched.of_wave(session, people, 1))
    waiting = watched.of_wave(session, people, 3)

    for account in (people.lead, people.coordinator):
        inspections.give_role(
            session, inspection=people.place.inspection, account=account, role=Role.REVIEWER, by=None, at=AT
        )

    of_lead = watched.give(session, people, waiting[0], instrument, to=people.lead)
    with pytest.raises(RefusedError, match=r"You still have 1 reading to hand in here\. Whoever reads takes no part"):
        end(session, people, instrument)
    assert ending.of_draw(session, draw_record=record) is None
    session.delete(of_lead)
    session.flush()
    for case in waiting[:2]:
        watched.give(session, people, case, instrument, to=people.coordinator)
    with pytest.raises(RefusedError, match="You still have 2 readings"):
        end(session, people, instrument)

    row = ending.of_draw(session, draw_record=record)
    assert row is not None and row.confirmed_at is None, "it waits for somebody else"
    assert is_held_back(session, people)
