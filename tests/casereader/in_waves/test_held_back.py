"""What is worked out beside the figures of a programme holds nothing of an inspection that is held back."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from casereader import exporting, issues
from casereader.after_the_draw import stopping
from casereader.errors import ConflictError
from casereader.figures import differences, double_readings, results
from casereader.instrument import Instrument
from tests import watched
from tests.cast import Cast


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_neither_what_became_of_the_records_nor_any_theme_nor_answer_is_told_of_what_is_held_back(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    watched.draw(session, people, instrument)
    watched.read(session, people, watched.of_wave(session, people, 1))

    for table_of in (results.records_for, results.themes_for):
        found, table = table_of(session, [people.place], instrument)
        assert found.held_back == {people.place.path} and found.reach[people.place.path].read == 10
        assert people.place.path not in set(table["inspection"])
    with pytest.raises(ConflictError, match="read in waves"):
        exporting.take_answers(session, people.place, instrument, apart=False, texts=False, by=people.lead)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_inspection_of_which_one_person_stopped_the_rest_counts_as_read_nowhere(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    watched.draw(session, people, instrument)
    watched.read(session, people, watched.of_wave(session, people, 1))
    inspection, path = people.place.inspection, people.place.path
    left = [case.public_id for case in stopping.drawn(session, inspection=inspection) if case.can_stop]
    stopping.stop(session, inspection=inspection, public_ids=left, reason="", by=people.coordinator, at=watched.AT)

    found, together = results.combined_for(session, [people.place], instrument, ["C9"])
    assert together.empty and found.reach[path].is_complete and not found.is_complete(path)
    assert double_readings.over(session, [inspection.id or 0]) == set()
    told = differences.difference_for(session, [people.place], instrument)
    assert path not in {*told.derived["inspection"]}
    scope = issues.of_place(people.place)
    (says, *_) = issues.why_not(session, scope=scope, instrument=instrument)
    assert "of which cases were stopped to be ended by two people" in says
