"""What is worked out beside the figures of a programme holds nothing of an inspection that is held back."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from casereader import exporting, results
from casereader.errors import ConflictError
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
