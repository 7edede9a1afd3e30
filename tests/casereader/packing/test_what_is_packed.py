"""What of each table travels with a packed inspection, and that nothing which either side may change is left behind."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from casereader import practice
from casereader.drawing import verifying
from casereader.errors import ConflictError, RefusedError
from casereader.instrument import Answer, load_all
from casereader.models import Account, PracticeReading, metadata
from casereader.packing import refusing
from casereader.packing.gathering import Row, Rows, gather, tables
from casereader.packing.listed import as_it_travels
from casereader.packing.merging import merge
from casereader.packing.parts import PARTS, Packed, Rule
from casereader.practice import PracticeCase
from casereader.readings import Change
from casereader.vocabulary import Side
from tests.offline import Installation, Week, read
from tests.reading import STARTED
from tests.source import ROOT

FIRST, SECOND, THIRD = (STARTED + timedelta(days=n) for n in (1, 2, 3))
NEVER_CHANGED = {  # written when the row is made, and by no verb after
    "reading": {"kind", "instrument_id", "instrument_version"},
    "query": {"key", "kind", "raised_at", "raised_by_id"},
    "concern": {"kind", "told_whom", "told_how", "told_when", "seen", "needed", "raised_at", "raised_by_id"},
    "action": {"inspection_id", "key", "what", "raised_at", "raised_by_id"},
}


def test_every_column_that_both_sides_may_change_is_compared_or_said_to_stay_as_it_was_made() -> None:
    left = {}
    for name, part in PARTS.items():
        if isinstance(part, Packed) and part.rule is Rule.BOTH:
            compared = {column for columns in part.parts.values() for column in columns}
            known = compared | part.leaves | {*part.by, *part.within}
            if found := set(metadata.tables[name].columns.keys()) - known:
                left[name] = found
    assert left == NEVER_CHANGED


def test_practice_begun_at_the_office_and_handed_in_on_the_laptop_counts_as_first_handed_in_there(week: Week) -> None:
    case = _case()
    _practise(week.office, case, {"C9": "3"}, submit=False)
    week.there(at=FIRST)
    _practise(week.laptop, case, {}, submit=True)

    week.back(at=SECOND)

    there, here = _practice(week.laptop), _practice(week.office)
    assert here.first_answers is not None and here.first_answers["C9"]["value"] == "3"
    assert (here.first_answers, here.first_submitted_at) == (there.first_answers, there.first_submitted_at)


def test_of_practice_handed_in_on_both_sides_the_earlier_is_the_first(week: Week) -> None:
    case = _case()
    _practise(week.laptop, case, {"C9": "3"}, submit=True)
    _practise(week.office, case, {"C9": "5"}, submit=True, at=THIRD)

    week.back(at=THIRD)

    found = _practice(week.office)
    assert found.first_answers is not None and found.submitted_at is not None
    assert (found.first_answers["C9"]["value"], found.answers["C9"]["value"]) == ("3", "5")
    week.there(at=THIRD + timedelta(hours=1))
    assert _practice(week.laptop).first_answers == found.first_answers


def test_a_laptop_serves_one_office_for_its_trail_would_tell_another_of_its_people(week: Week) -> None:
    content = read(week.office.pack(at=FIRST))
    elsewhere = replace(content, head=replace(content.head, office="ab" * 32, week="another"))

    with week.laptop.looking() as session, pytest.raises(RefusedError, match="served another office"):
        refusing.refuse_of_elsewhere(session, elsewhere, None, None)


def test_of_a_child_who_was_not_drawn_the_laptop_gets_what_is_counted_and_no_reference(week: Week) -> None:
    there, back = read(week.office.pack(at=FIRST)), read(week.laptop.pack(at=FIRST))
    with week.office.looking() as session:
        whole = gather(session, week.office.place(session))
    drawn = {row.values["case_id"] for row in whole["sample_case"].values()}
    others = [row for name, row in there.rows["frame_case"].items() if name not in drawn]

    assert len(there.rows["frame_case"]) == len(whole["frame_case"]) > len(drawn) > 0
    assert {row.values["case_ref"].rpartition(" ")[0] for row in others} == {"not drawn"}
    assert not [row for row in others if row.values["family_group"] or row.values["row"] or row.values["attributes"]]
    for level in ("group", "age_band", "legal_basis", "living", "deprivation"):
        counted = [Counter(row.values[level] for row in rows["frame_case"].values()) for rows in (whole, there.rows)]
        assert counted[0] == counted[1], "the roll-up of the laptop weighs by these"
    assert back.rows["frame_case"].keys() == drawn, "the office has the others"
    with week.laptop.looking() as session, pytest.raises(ConflictError, match="The list is at the office"):
        verifying.list_of(session, inspection=week.laptop.place(session).inspection)


def test_a_child_who_is_drawn_later_comes_with_a_reference_and_is_counted_once() -> None:
    rows: Rows = {"frame_case": {}, "sample_case": {}, "conflict_of_interest": {}}
    for n in (1, 2, 3):
        values = {"frame_id": "F", "case_ref": f"G-{n}", "attributes": {"school": "North", "kin": "yes"}}
        rows["frame_case"][f"F/G-{n}"] = Row("frame_case", f"F/G-{n}", values)
    first = as_it_travels(rows, to=Side.LAPTOP, counted=["kin"])
    rows["sample_case"]["one"] = Row("sample_case", "one", {"case_id": "F/G-2"})
    later = as_it_travels(rows, to=Side.LAPTOP, counted=["kin"])
    over = {"F0/G-1": Row("frame_case", "F0/G-1", {"frame_id": "F0"})}
    mine: Rows = {**{name: {} for name in tables()}, **first, "frame_case": {**first["frame_case"], **over}}
    theirs: Rows = {**mine, **later, "sampling_frame": {"F": Row("sampling_frame", "F", {})}}

    plan = merge(mine, theirs, {}, here=Side.LAPTOP, also_named={})

    assert first["frame_case"]["F/not drawn 1"].values["attributes"] == {"kin": "yes"}
    assert [row.name for row in plan.removed] == ["F/not drawn 2"]
    assert [row.name for row in plan.added] == ["F", "F/G-2"]


def _case() -> PracticeCase:
    return practice.load_cases(ROOT / "data" / "practice", load_all(ROOT / "data" / "instruments"))["practice-1"]


def _practise(
    side: Installation, case: PracticeCase, given: dict[str, str], *, submit: bool, at: datetime = SECOND
) -> None:
    answers = {**case.model, **{key: Answer(value, "Two entries say so.", ("health",)) for key, value in given.items()}}
    changes = {
        key: Change(value=one.value, note=one.note, sources=one.sources, ground=one.ground)
        for key, one in answers.items()
    }
    with side.writing() as session:
        reader = session.exec(select(Account).where(Account.name == "Ruaridh Reviewer")).one()
        found = practice.find(session, account=reader, case=case)
        if found is None or given:
            version = found.version if found else 1
            practice.save(session, account=reader, case=case, changes=changes, version=version, at=at)
        if submit:
            practice.submit(session, account=reader, case=case, at=at)


def _practice(side: Installation) -> PracticeReading:
    with side.looking() as session:
        found = session.exec(select(PracticeReading)).one()
        session.expunge(found)
    return found
