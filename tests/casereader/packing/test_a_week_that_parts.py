"""An offline week that stands still: two laptops of one trail, and an answer that waits for somebody's choice."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from casereader.errors import ConflictError, RefusedError
from casereader.instrument import Instrument
from casereader.models import Account, Reading
from tests.offline import Week, laptop_in
from tests.reading import STARTED

FIRST, SECOND, THIRD = (STARTED + timedelta(days=n) for n in (1, 2, 3))
YES, NO = {"value": "yes"}, {"value": "no", "note": "No chronology is in the record of 2025."}


def test_a_laptop_that_turns_up_after_one_set_up_from_its_backup_came_is_told_that_its_week_is_over(
    week: Week, begun_week: Path, tmp_path: Path, instrument: Instrument
) -> None:
    names = week.laptop.readings()
    (tmp_path / "second").mkdir()
    second = laptop_in(tmp_path / "second", begun_week / "laptop.sqlite3", instrument)
    for side, name in ((week.laptop, names[0]), (second, names[1])):
        side.save(name, {"C1": YES})
    week.office.unpack(second.pack(at=FIRST, is_last=True), at=FIRST)
    week.laptop.pack(at=FIRST)

    with pytest.raises(RefusedError, match=r"set up from a backup of the other.*wipe this laptop"):
        week.office.unpack(week.laptop.pack(at=SECOND), at=SECOND)
    with pytest.raises(RefusedError, match=r"set up from a backup of the other.*wipe this laptop"):
        week.laptop.unpack(week.office.pack(at=THIRD), at=THIRD)
    second.engine.dispose()


def test_packing_waits_for_a_choice_and_says_whose_it_is_and_where_they_make_it(week: Week) -> None:
    name = week.office.readings()[0]
    week.office.save(name, {"C1": NO})
    week.laptop.save(name, {"C1": YES})
    week.back(at=FIRST)

    with week.office.looking() as session:
        row = session.exec(select(Reading).where(Reading.public_id == name)).one()
        reader = session.get_one(Account, row.reviewer_id).name
    with pytest.raises(ConflictError, match=rf"by {reader} \(1\)\. They choose at the office, signed in there"):
        week.office.pack(at=SECOND)
