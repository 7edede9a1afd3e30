"""Rows of a laptop's file that no event of its trail tells of: nobody knows who wrote them, and none is taken."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from casereader import packing, schema
from casereader.errors import RefusedError
from casereader.instrument import Instrument, Library
from casereader.packing.gathering import Row, Rows
from tests.offline import Week, raise_concern, read
from tests.reading import STARTED

FIRST, SECOND, THIRD = (STARTED + timedelta(days=n) for n in (1, 2, 3))
YES = {"value": "yes"}


def test_an_answer_written_into_the_laptops_database_is_refused_until_its_reader_saves_it_again(week: Week) -> None:
    office, laptop, name = week.office, week.laptop, week.office.readings()[0]
    laptop.save(name, {"C1": YES, "C2": YES})
    with laptop.engine.begin() as connection:
        connection.execute(text("UPDATE answer SET value = 'no', note = 'Made up in an editor.' WHERE key = 'C1'"))
    before = office.head()

    with pytest.raises(RefusedError, match=r"do not tell the same of answer C1 of case \S+\. Somebody wrote"):
        office.unpack(laptop.pack(at=FIRST), at=FIRST)

    assert (office.head(), office.answers()) == (before, {})
    laptop.save(name, {"C1": {"value": "in_part", "note": "Two entries of May show it."}}, at=SECOND)
    office.unpack(laptop.pack(at=SECOND), at=SECOND)
    assert office.answers()[name, "C1"] == ("in_part", "Two entries of May show it.")


def test_no_row_is_taken_that_the_trail_does_not_tell_and_none_that_it_tells_is_left_out(
    week: Week, instrument: Instrument
) -> None:
    office, laptop, (name, other, *_) = week.office, week.laptop, week.office.readings()
    laptop.hand_in(name)
    raise_concern(laptop, other, instrument)
    content = read(laptop.pack(at=FIRST))
    assert _untold(content, {}, instrument) == []
    planted = replace(content.rows["answer"][f"{name}/C1"], name=f"{other}/C1", reading=other)
    planted = replace(planted, values={**planted.values, "reading_id": other})
    (note,) = content.rows["concern"]
    revision = next(iter(content.rows["answer_revision"]))
    case = next(iter(content.rows["sample_case"]))

    for table, row, says in (
        ("answer", planted, "answer C1 of case"),
        ("answer", _changed(content.rows, "answer", f"{name}/C1", note="Another."), "answer C1 of case"),
        ("answer_revision", _changed(content.rows, "answer_revision", revision, after={"value": "no"}), "answer revis"),
        ("reading", _changed(content.rows, "reading", other, state="submitted"), "reading of case"),
        ("reading", _changed(content.rows, "reading", name, submitted_at=None), "reading of case"),
        ("concern", _changed(content.rows, "concern", note, seen="Nothing."), "concern of case"),
        ("sample_case", _changed(content.rows, "sample_case", case, status="ineligible"), "sample case"),
    ):
        assert _untold(content, {table: {**content.rows[table], row.name: row}}, instrument)[0].startswith(says), table
    without = {key: row for key, row in content.rows["answer"].items() if key != f"{name}/C1"}
    assert _untold(content, {"answer": without}, instrument) == ["answer that is left out"]
    assert office.answers() == {}


def test_a_trail_that_says_nothing_readable_is_refused_and_not_waved_through(
    week: Week, instrument: Instrument
) -> None:
    content = read(week.laptop.pack(at=FIRST))
    odd = replace(content, events=[{**content.events[0], "body": '{"changes": [7]}'}])
    with pytest.raises(RefusedError, match="does not hold together"):
        packing.check(odd, instruments=Library([instrument]), schema=schema.newest())


def _changed(rows: Rows, table: str, name: str, **values: Any) -> Row:
    return replace(rows[table][name], values={**rows[table][name].values, **values})


def _untold(content: packing.Content, rows: Mapping[str, Any], instrument: Instrument) -> list[str]:
    other = replace(content, rows={**content.rows, **rows})
    return packing.check(other, instruments=Library([instrument]), schema=schema.newest()).untold
