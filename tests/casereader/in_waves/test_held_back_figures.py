"""Figures that are held back are so in every verb that makes some, whatever page asks for them."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from casereader.errors import ConflictError
from casereader.figures import differences, evidence, results
from casereader.instrument import Instrument
from casereader.vocabulary import CaseStatus
from tests import watched, worked
from tests.cast import Cast
from tests.watched import AT

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


ANSWERS = {"C9": "5", "G2": "clear_improvement", "G3": "measured"}


@pytest.mark.parametrize("is_stopped", [False, True], ids=["wave 2 is read", "one person stopped the rest"])
def test_nothing_is_told_of_an_inspection_in_waves_before_reading_is_over(
    session: Session, people: Cast, instrument: Instrument, is_stopped: bool
) -> None:
    watched.draw(session, people, instrument)
    here = watched.of_wave(session, people, 1)
    for case in here:
        worked.read(session, case, people.reviewer, ANSWERS, at=AT)
        case.status, case.decided_at = CaseStatus.READ, AT
    for case in watched.of_wave(session, people, 2, 3) if is_stopped else ():
        case.status, case.decided_at = CaseStatus.NOT_REACHED, AT
    session.flush()

    found = results.results_for(session, [people.place], instrument)
    told = differences.difference_for(session, [people.place], instrument)

    assert told.derived.empty and not told.indicators["n"].any()
    assert results.weighted_for(found, instrument, ["C9"]) == []
    assert not found.is_complete(people.place.path), "or it would be counted among partnerships together"
    asked = {"place": people.place, "instrument": instrument, "account": people.lead}
    for refuses in (
        lambda: evidence.behind(session, key="C9", **asked),
        lambda: evidence.notes_counted(session, **asked),
    ):
        with pytest.raises(ConflictError, match="read in waves"):
            refuses()
