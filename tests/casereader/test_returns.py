"""A return on its way to a list: guessed, mapped, mended, taken, remembered; and how a taken list is changed."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from casereader import alive, jobs, returns
from casereader.drawing import draws, plans
from casereader.errors import ConflictError, RefusedError
from casereader.instrument import Instrument
from casereader.models import AuditEvent, Case, Job, ListChange, PartnershipReturn
from casereader.returns import GROUP_COLUMN, NO_LIST, Mapped, Mend, changes, frames, guessing
from casereader.vocabulary import JobState, ReturnState
from sampling import read_frame, verify
from tests import sampled
from tests.cast import Cast
from tests.source import ROOT

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
AT = sampled.AT
WORDS = {
    "On CP register": ("group", "b"),
    "Child Prot Reg": ("group", "b"),
    "VYP": ("group", "c"),
    "Section 25": ("legal_basis", "s.25"),
    "No order": ("legal_basis", "none"),
    "Kinship carer": ("living", "kinship"),
    "Residential unit": ("living", "residential"),
    "SIMD 3": ("deprivation", "3"),
    "12 to 15": ("age_band", "12-15"),
}


def layout(**tabs: dict[str, list[str] | None]) -> dict[str, Any]:
    """What the child says of tabs with these headings and values."""
    return {
        "tabs": [
            {
                "name": None if name == "csv" else name,
                "rows": 3,
                "faults": [],
                "headings": [
                    {
                        "key": header.replace("_", "").replace(" ", "").lower(),
                        "header": header,
                        "filled": 3,
                        "values": None if values is None else [[value, 1] for value in values],
                    }
                    for header, values in headings.items()
                ],
            }
            for name, headings in tabs.items()
        ]
    }


def sent(session: Session, people: Cast) -> PartnershipReturn:
    return returns.receive(
        session, inspection=people.place.inspection, file_sha256="0" * 64, file_bytes=9, by=people.coordinator, at=AT
    )


def columns(*refs: str, **more: list[Any]) -> dict[str, list[Any]]:
    """A list as the child hands it over."""
    n = len(refs)
    return {
        "case_ref": list(refs),
        "tab": ["Register"] * n,
        "row": list(range(2, n + 2)),
        "group": ["b"] * n,
        "other_groups": [[] for _ in refs],
        "kept": [{} for _ in refs],
        **more,
    }


@pytest.mark.parametrize(("value", "meant"), WORDS.items(), ids=WORDS)
def test_words_of_a_partnership_are_guessed(instrument: Instrument, value: str, meant: tuple[str, str]) -> None:
    name, code = meant

    assert (
        returns.codes_of(instrument, name).get(guessing.folded(value))
        or guessing.alike(value, instrument, name) == code
    )


def test_our_own_headings_and_spellings_are_certain_and_anything_else_is_asked(instrument: Instrument) -> None:
    ours = {"case_ref": None, "stratum": ["b", "CPI"], "age": None, "living": ["parents"]}

    assert returns.guess(layout(csv=ours), instrument).is_certain
    for other in (
        {**ours, "living": ["Mum"]},
        {**ours, "team": ["North"]},
        {"Reference": None, **{name: values for name, values in ours.items() if name != "case_ref"}},
    ):
        assert not returns.guess(layout(csv=other), instrument).is_certain
    two = returns.guess(layout(Register=ours, Orders=ours), instrument)
    assert not two.is_certain
    assert two.mapped.tabs == {"Register": GROUP_COLUMN, "Orders": GROUP_COLUMN}


def test_tabs_without_a_column_of_groups_are_guessed_by_their_names(instrument: Instrument) -> None:
    headings: dict[str, list[str] | None] = {"Reference": None, "Age": None}
    tabs = {"CP register": headings, "VYP": headings, "Notes": {"Read me": ["x"]}}

    mapped = returns.guess(layout(**tabs), instrument).mapped

    assert mapped.tabs == {"CP register": "b", "VYP": "c", "Notes": NO_LIST}
    assert (mapped.columns["reference"], mapped.columns["readme"]) == ("case_ref", returns.LEAVE)


def test_a_mapping_that_cannot_serve_is_refused_in_words() -> None:
    found = layout(Register={"Reference": None, "Id": None, "Age": None})
    two = {"reference": "case_ref", "id": "case_ref", "age": "age"}

    assert returns.mapping_faults(Mapped({"Register": NO_LIST}, two), found) == [
        "Say of at least one tab that it holds a list."
    ]
    assert returns.mapping_faults(Mapped({"Register": GROUP_COLUMN}, two), found) == [
        "The columns ‘Reference’ and ‘Id’ of the tab ‘Register’ cannot both be the case reference: choose one.",
        "No column of the tab ‘Register’ holds the group: say which column it is, or which group the tab is.",
    ]
    assert returns.mapping_faults(Mapped({"Register": "b"}, {"age": "age"}), found) == [
        "No column of the tab ‘Register’ is the case reference: say which one is."
    ]


@on_sqlite
def test_a_taken_return_is_the_list_and_its_mapping_is_offered_with_the_next(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    returned = sent(session, people)
    mapped = Mapped({"Register": "b"}, {"ourref": "case_ref"}, {"living": {"mum": "parents"}})
    returns.looked_at(
        session,
        returned=returned,
        filename="r.xlsx",
        layout=layout(Register={}),
        mapped=mapped,
        by=people.coordinator,
        at=AT,
    )
    returns.remember(session, partnership=people.place.partnership, mapped=mapped, by=people.coordinator, at=AT)

    frame = returns.take(
        session,
        returned=returned,
        place=people.place,
        instrument=instrument,
        rows=returns.case_rows(
            columns("R1", "R2", other_groups=[["e"], []], age=[7, None], kept=[{"Locality": "North", "Team": "x"}, {}])
        ),
        warnings=[["Register", 2, "Age", "7", "Look."]],
        by=people.coordinator,
        at=AT,
    )

    one, _ = frames.cases(session, frame=frame)
    assert (one.group, one.other_groups, one.age_band, one.tab, one.row) == ("b", ["e"], "5-11", "Register", 2)
    assert one.attributes == {"locality": "North", "Team": "x"}
    assert frames.in_several_groups(session, frame=frame) == 1
    assert frame.warnings[0]["says"] == "Look."
    assert "No case is in group a" in str(frame.warnings)
    assert (returned.state, returned.filename, returned.layout, returned.mapping) == (ReturnState.TAKEN, "", {}, {})
    before = returns.remembered(session, partnership=people.place.partnership)
    found = layout(csv={"Our ref": None, "stratum": ["b"], "living": ["Mum"]})
    again = returns.guess(found, instrument, before)
    assert not again.is_certain
    assert (again.mapped.columns["ourref"], again.mapped.values["living"]) == ("case_ref", {"mum": "parents"})


@on_sqlite
def test_a_child_of_several_groups_is_drawn_in_the_first_by_the_programmes_order_or_by_the_instruments(
    people: Cast, instrument: Instrument
) -> None:
    programme = people.place.programme

    def order() -> object:
        asked = returns.request_for(
            Mapped({"": GROUP_COLUMN}),
            path=Path("r.csv"),
            filename="r.csv",
            instrument=instrument,
            programme=programme,
            changes=[],
            today=AT.date(),
        )
        return asked["order"]

    assert order() == ["a", "b", "c", "d", "e"]
    programme.stratum_order = ["e", "b"]
    assert order() == ["e", "b"]


@on_sqlite
def test_another_file_an_hour_or_a_new_start_drops_a_return_and_all_that_was_read_of_it(
    session: Session, people: Cast
) -> None:
    def opened() -> PartnershipReturn:
        made = sent(session, people)
        returns.looked_at(
            session, returned=made, filename="r.csv", layout={"tabs": []}, mapped=Mapped(), by=people.coordinator, at=AT
        )
        mends = [Mend(None, 4, "Told so.", "age", "x", "7")]
        returns.mend(session, returned=made, mends=mends, by=people.coordinator, at=AT)
        return made

    first = opened()
    second = opened()
    assert first.state is ReturnState.DROPPED
    assert returns.expire(session, at=AT + timedelta(minutes=59)) == [second.public_id]
    assert returns.expire(session, at=AT + timedelta(minutes=60)) == []
    third = opened()
    assert returns.drop_lost(session, inspections=[], at=AT) == 0
    assert returns.drop_lost(session, inspections=[people.place.inspection.id or 0], at=AT) == 1

    for one in (first, second, third):
        assert (one.state, one.filename, one.layout, one.mapping) == (ReturnState.DROPPED, "", {}, {})
    assert session.exec(select(ListChange)).all() == []
    with pytest.raises(ConflictError, match="No return is open"):
        returns.opened(session, inspection=people.place.inspection, at=AT)


@on_sqlite
def test_rows_are_mended_several_at_once_and_a_later_word_on_a_cell_holds(session: Session, people: Cast) -> None:
    returned = sent(session, people)

    def mend(*mends: Mend) -> None:
        returns.mend(session, returned=returned, mends=mends, by=people.coordinator, at=AT)

    mend(
        Mend("A", 2, "Told so.", "age", "x", "7"),
        Mend("A", 3, "Listed twice."),
        Mend("A", 4, "Told so.", "age", "", "9"),
    )
    mend(Mend("A", 2, "Told again.", "age", "7", "8"), Mend("A", 4, "Not theirs."))

    made = [
        (one.row, one.list_column, one.before, one.after, one.is_exclusion)
        for one in returns.changes_of(session, returned=returned)
    ]
    assert made == [(3, None, "", "", True), (2, "age", "x", "8", False), (4, None, "", "", True)]


@on_sqlite
def test_mending_without_a_reason_or_with_what_identifies_a_child_is_refused_with_every_row_named(
    session: Session, people: Cast
) -> None:
    returned = sent(session, people)
    mends = [
        Mend("A", 2, " ", "age", "x", "7"),
        Mend(None, 3, "Told so.", "case_ref", "x", "0101010044"),
        Mend(None, 4, "n" * 501),
        Mend("A", 5, "Told so.", "family_group", "F1", "Zebedee"),
    ]

    with pytest.raises(RefusedError) as refused:
        returns.mend(session, returned=returned, mends=mends, by=people.coordinator, at=AT)

    assert [reason[:14] for reason in refused.value.reasons] == [
        *("Tab A, row 2: ", "Row 3: The new", "Row 4: The rea", "Tab A, row 5: "),
    ]
    assert not {"0101010044", "Zebedee"} & set(re.findall(r"\w+", str(refused.value)))
    with pytest.raises(RefusedError, match="Nothing is filled in"):
        returns.mend(session, returned=returned, mends=[], by=people.coordinator, at=AT)


def change(session: Session, people: Cast, instrument: Instrument, **given: str) -> ListChange:
    return changes.change(
        session,
        inspection=people.place.inspection,
        instrument=instrument,
        by=people.coordinator,
        at=AT,
        **{"value": "", "reason": "Told by the partnership.", **given},  # type: ignore[arg-type]
    )


@on_sqlite
def test_a_change_to_a_list_is_bound_by_the_commitment_and_told_on_a_certificate_that_verifies(
    session: Session, people: Cast, instrument: Instrument, tmp_path: Path
) -> None:
    frame = sampled.receive(session, people, instrument)
    change(session, people, instrument, case_ref="T00001", what="group", value="CPR")
    change(session, people, instrument, case_ref="T00002", what=changes.LEAVE_OUT)
    change(session, people, instrument, case_ref="T00003", what="case_ref", value="T90003")
    plan = sampled.fix(session, people, frame)
    plans.confirm(session, inspection=people.place.inspection, by=people.lead, at=AT + timedelta(hours=2))
    record = draws.make(
        session,
        inspection=people.place.inspection,
        public_value="1 2 3",
        by=people.coordinator,
        at=AT + timedelta(hours=3),
    )

    paper = json.loads(record.certificate)
    listed = draws.list_as_fixed(session, plan=plan)

    told = [(one["case_ref"], one["column"], one["before"], one["after"]) for one in paper["list_changes"]]
    assert told == [("T00001", "group", "a", "b"), ("T00002", None, "", ""), ("T00003", "case_ref", "T00003", "T90003")]
    assert frame.n_cases == len(listed.splitlines()) - 1 == 99
    assert "T00001,b" in listed
    assert "T90003" in listed
    (tmp_path / "list.csv").write_text(listed)
    (tmp_path / "certificate.json").write_text(record.certificate)
    read = read_frame(tmp_path / "list.csv", strata=("group",))
    assert verify(paper, read) == []
    program = ROOT / "docs" / "verify" / "verify.py"
    done = subprocess.run(
        [sys.executable, program, "certificate.json", "list.csv"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "verified\n"
    paper["list_changes"][0]["reason"] = "Another."
    assert "changed after it was made" in str(verify(paper, read)[0])


@on_sqlite
def test_a_list_without_changes_has_a_certificate_as_before(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    assert "list_changes" not in json.loads(sampled.draw(session, people, instrument).certificate)


REFUSED: list[tuple[dict[str, str], str]] = [
    ({"case_ref": "T99999", "what": "group", "value": "b"}, "No case of the list has the reference “T99999”"),
    ({"what": "group", "value": "z"}, "“z” is none of the groups. Give one of a, b, c, d, e."),
    ({"what": "group", "value": ""}, "Every case needs a group."),
    ({"what": "group", "value": "a"}, "The group is “a” already."),
    ({"what": "living", "value": "moon"}, "is none of the living arrangements"),
    ({"what": "case_ref", "value": "t00002"}, "Another case of the list has the reference"),
    ({"what": "case_ref", "value": ""}, "The reference is blank"),
    ({"what": "case_ref", "value": "0101010044"}, "looks as if it identifies a child"),
    ({"what": "family_group", "value": "Zebedee"}, "The new family group looks as if it identifies a child"),
    ({"what": "family_group", "value": "03/05/2014"}, "The new family group looks as if it identifies a child"),
    ({"what": "age", "value": "7"}, "Say what is to be changed."),
    ({"what": "group", "value": "b", "reason": " "}, "Say why."),
]


@on_sqlite
def test_a_change_that_cannot_be_is_refused_in_words(session: Session, people: Cast, instrument: Instrument) -> None:
    sampled.receive(session, people, instrument)

    for given, says in REFUSED:
        with pytest.raises(RefusedError) as refused:
            change(session, people, instrument, **{"case_ref": "T00001", **given})
        assert says in str(refused.value)

    assert session.exec(select(ListChange)).all() == []


@on_sqlite
def test_a_fixed_list_is_changed_no_more_and_takes_no_return(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    sampled.fix(session, people, sampled.receive(session, people, instrument))

    with pytest.raises(ConflictError, match="does not change any more"):
        change(session, people, instrument, case_ref="T00001", what=changes.LEAVE_OUT)
    with pytest.raises(ConflictError, match="does not change any more"):
        sent(session, people)


@on_sqlite
def test_every_step_of_a_return_is_in_the_trail_without_a_value_of_it(session: Session, people: Cast) -> None:
    returned = sent(session, people)
    mapped = Mapped({"": GROUP_COLUMN}, {"x": "case_ref"})
    returns.map_return(session, returned=returned, mapped=mapped, by=people.coordinator, at=AT)
    mends = [Mend(None, 2, "Told so.", "age", "planted", "7")]
    returns.mend(session, returned=returned, mends=mends, by=people.coordinator, at=AT)
    returns.drop(session, returned=returned, why="by the coordinator", by=people.coordinator, at=AT)

    events = session.exec(select(AuditEvent).where(AuditEvent.object_id == returned.public_id)).all()
    assert [one.action for one in events] == ["return received", "return mapped", "return mended", "return dropped"]
    assert "planted" not in str([one.body for one in events])


@on_sqlite
def test_a_job_goes_forward_only_and_an_orphan_fails_at_the_next_start(session: Session, people: Cast) -> None:
    def begin() -> Job:
        inspection = people.place.inspection
        return jobs.begin(session, kind=returns.READING, inspection=inspection, asked={}, by=people.coordinator, at=AT)

    job = begin()
    with pytest.raises(ConflictError, match="checked already"):
        begin()
    jobs.start(session, job_id=job.id or 0, process=42, at=AT)
    for per_cent, shown in ((40, 40), (20, 40), (100, 99)):
        jobs.progress(session, job_id=job.id or 0, per_cent=per_cent)
        assert job.progress == shown
    jobs.finish(session, job_id=job.id or 0, result={"n": 1}, at=AT)
    assert (job.state, job.progress, job.process, job.result) == (JobState.DONE, 100, None, {"n": 1})

    lost = begin()
    assert not jobs.is_open(session, lost, at=AT + jobs.LONGEST)
    jobs.not_at_work(session, kind=returns.READING, inspection=people.place.inspection, at=AT + jobs.LONGEST)
    assert lost.state is JobState.FAILED

    orphan = begin()
    # Its process, which is this one, still runs.
    assert jobs.fail_orphans(session, kinds=(returns.READING,), at=AT) == []
    orphan.asked = {**orphan.asked, jobs.BEGUN_BY: ended_process()}
    session.flush()
    assert not jobs.is_open(session, orphan, at=AT)
    assert jobs.fail_orphans(session, kinds=(returns.READING,), at=AT) == [people.place.inspection.id]
    assert (orphan.state, orphan.ended_at, orphan.says) == (JobState.FAILED, AT, jobs.ORPHANED)
    assert jobs.fail_orphans(session, kinds=(returns.READING,), at=AT) == []


def ended_process() -> str:
    """The mark of a process that has ended."""
    printed = subprocess.run(
        [sys.executable, "-c", "from casereader import alive; print(alive.mark())"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return printed.stdout.strip()


def test_work_is_gone_with_its_process_also_where_another_has_its_id_by_now_and_not_with_one_elsewhere() -> None:
    pid = os.getpid()

    assert not alive.is_gone(alive.mark())
    assert alive.is_gone(ended_process())
    assert alive.is_gone(f"{pid}.1@{socket.gethostname()}")
    assert not alive.is_gone(f"{pid}.1@elsewhere")
    assert not alive.is_gone("")


def test_the_database_holds_one_open_return_and_a_reason_for_each_change(session: Session, people: Cast) -> None:
    first = sent(session, people)
    common = {"return_id": first.id, "row": 2, "made_at": AT, "made_by_id": people.coordinator.id}
    twin = {**first.model_dump(exclude={"id", "public_id"})}

    for wrong in (
        PartnershipReturn(**twin),
        ListChange(**common, reason=""),
        ListChange(**common, reason="x", is_exclusion=True, list_column="age"),
    ):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.add(wrong)
            session.flush()
    assert session.exec(select(Case)).all() == []
