"""From list to assigned cases: each step by the right people, in the right order, once."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from casereader import audit
from casereader.drawing import draws, plans
from casereader.drawing.choices import Choices, IndependentCount
from casereader.drawing.planning import preview
from casereader.errors import ConflictError, RefusedError
from casereader.instrument import Instrument
from casereader.models import Case
from casereader.returns import frames
from casereader.returns.frames import Source
from casereader.vocabulary import FrameState, SampleRole
from sampling import read_frame, verify
from sampling.errors import FrameError
from tests import sampled
from tests.cast import Cast
from tests.lists import list_csv


def test_a_received_list_keeps_references_as_text_and_puts_ages_into_bands(
    session: Session, cast: Cast, instrument: Instrument
) -> None:
    frame = sampled.receive(session, cast, instrument)

    first = session.exec(select(Case).where(Case.frame_id == frame.id, Case.case_ref == "T00001")).one()
    assert (first.group, first.age_band, first.living) == ("a", "0-4", "kinship")
    assert frames.counts(session, frame=frame) == [("a", 20), ("b", 40), ("c", 30), ("d", 10)]


def test_a_second_list_takes_the_place_of_the_first_until_one_is_fixed(
    session: Session, cast: Cast, instrument: Instrument
) -> None:
    first = sampled.receive(session, cast, instrument)
    second = sampled.receive(session, cast, instrument, groups={"a": 30})
    assert first.state is FrameState.SUPERSEDED
    assert frames.current(session, inspection=cast.place.inspection) is second

    sampled.fix(session, cast, second)

    with pytest.raises(ConflictError, match="fixed already"):
        sampled.receive(session, cast, instrument)


def test_the_preview_shows_what_the_draw_then_does(session: Session, cast: Cast, instrument: Instrument) -> None:
    frame = sampled.receive(session, cast, instrument)
    shown = preview(frames.cases(session, frame=frame), choices=sampled.CHOICES)
    sampled.fix(session, cast, frame)
    plans.confirm(session, inspection=cast.place.inspection, by=cast.lead, at=sampled.AT + timedelta(hours=2))
    record = draws.make(
        session,
        inspection=cast.place.inspection,
        public_value=sampled.VALUE,
        by=cast.coordinator,
        at=sampled.AT + timedelta(hours=3),
    )

    drawn = Counter((each.stratum, each.role) for each, _ in draws.sampled(session, draw_record=record))

    # 20 of 100 cases in groups of 20, 40, 30 and 10, in proportion; half as many in reserve
    assert [(row.stratum, row.sample, row.reserve) for row in shown.rows] == [
        ("a", 4, 2),
        ("b", 8, 4),
        ("c", 6, 3),
        ("d", 2, 1),
    ]
    for row in shown.rows:
        assert drawn[row.stratum, SampleRole.MAIN] == row.sample
        assert drawn[row.stratum, SampleRole.RESERVE] == row.reserve


def test_a_plan_that_reads_none_of_a_stratum_is_not_fixed(session: Session, cast: Cast, instrument: Instrument) -> None:
    frame = sampled.receive(session, cast, instrument, groups={"a": 200, "d": 1})

    with pytest.raises(RefusedError, match="none to read: d"):
        sampled.fix(session, cast, frame, choices=Choices(size=10, minimum=0))


def test_an_independent_count_that_differs_needs_a_reason_and_every_fault_is_said_at_once(
    session: Session, cast: Cast, instrument: Instrument
) -> None:
    frame = sampled.receive(session, cast, instrument)
    counts = [
        IndependentCount("a", 20, count=21, source="Register, 31 May 2026"),
        IndependentCount("b", 40, count=40),
        IndependentCount("c", 30),
    ]

    with pytest.raises(RefusedError) as refused:
        plans.fix(
            session,
            inspection=cast.place.inspection,
            frame=frame,
            choices=sampled.CHOICES,
            independent_counts=counts,
            public_value_source="",
            public_value_due_at=sampled.AT,
            salt=sampled.SALT,
            by=cast.coordinator,
            at=sampled.AT,
        )

    assert [reason.split(":")[0] for reason in refused.value.reasons] == [
        "Group a",
        "Group b",
        "Group c",
        "Group d",
        "Say where the public value will come from, in at most 300 characters.",
        "The public value must fall due later than now, or it could be known already.",
    ]
    assert plans.current(session, inspection=cast.place.inspection) is None


def test_whoever_fixed_list_and_plan_cannot_confirm_them(session: Session, cast: Cast, instrument: Instrument) -> None:
    plan = sampled.fix(session, cast, sampled.receive(session, cast, instrument))

    with pytest.raises(RefusedError, match="somebody else"):
        plans.confirm(session, inspection=cast.place.inspection, by=cast.coordinator, at=sampled.AT)

    # and the database would not hold it either
    plan.confirmed_at, plan.confirmed_by_id = sampled.AT, cast.coordinator.id
    session.add(plan)
    with pytest.raises(IntegrityError):
        session.flush()


def test_no_sample_is_drawn_before_a_second_person_confirmed(
    session: Session, cast: Cast, instrument: Instrument
) -> None:
    inspection = cast.place.inspection
    with pytest.raises(ConflictError, match="must be fixed"):
        draws.make(session, inspection=inspection, public_value="7", by=cast.coordinator, at=sampled.AT)
    sampled.fix(session, cast, sampled.receive(session, cast, instrument))
    with pytest.raises(ConflictError, match="second person"):
        draws.make(session, inspection=inspection, public_value="7", by=cast.coordinator, at=sampled.AT)


def test_no_sample_is_drawn_before_the_public_value_falls_due(
    session: Session, cast: Cast, instrument: Instrument
) -> None:
    plan = sampled.fix(session, cast, sampled.receive(session, cast, instrument))
    plan.public_value_due_at = sampled.AT + timedelta(days=2)
    plans.confirm(session, inspection=cast.place.inspection, by=cast.lead, at=sampled.AT)

    with pytest.raises(ConflictError, match="falls due on 4 June 2026"):
        draws.make(
            session,
            inspection=cast.place.inspection,
            public_value="7",
            by=cast.coordinator,
            at=sampled.AT + timedelta(days=1),
        )


def test_a_sample_is_drawn_once(session: Session, cast: Cast, instrument: Instrument) -> None:
    sampled.draw(session, cast, instrument)

    with pytest.raises(ConflictError, match="drawn already"):
        draws.make(
            session,
            inspection=cast.place.inspection,
            public_value="7",
            by=cast.lead,
            at=sampled.AT + timedelta(days=1),
        )


def test_list_and_plan_open_again_until_confirmed_and_not_after(
    session: Session, cast: Cast, instrument: Instrument
) -> None:
    inspection = cast.place.inspection
    frame = sampled.receive(session, cast, instrument)
    sampled.fix(session, cast, frame)
    plans.take_back(session, inspection=inspection, by=cast.coordinator, at=sampled.AT)
    assert frame.state is FrameState.CHECKED

    sampled.fix(session, cast, frame)
    plans.confirm(session, inspection=inspection, by=cast.lead, at=sampled.AT)
    with pytest.raises(ConflictError, match="do not change any more"):
        plans.take_back(session, inspection=inspection, by=cast.coordinator, at=sampled.AT)


def test_the_seed_is_the_digest_of_six_lines_that_sha256sum_repeats(
    session: Session, cast: Cast, instrument: Instrument
) -> None:
    record = sampled.draw(session, cast, instrument)
    plan = plans.current(session, inspection=cast.place.inspection)
    assert plan is not None
    pairs = [(each.group, each.case_ref) for each in session.exec(select(Case)).all()]
    lines = sorted(f"{group}\t{ref}\n".encode() for group, ref in pairs)

    commitment = hashlib.sha256(b"".join(lines) + sampled.SALT.encode()).hexdigest()
    text = f"seed/1\n{commitment}\n{plan.plan_sha256}\n{sampled.VALUE}\n\n\n"

    assert plan.commitment == commitment
    assert record.seed == hashlib.sha256(text.encode()).hexdigest()


def test_the_certificate_verifies_against_the_list_as_it_was_fixed(
    session: Session, cast: Cast, instrument: Instrument, tmp_path: Path
) -> None:
    record = sampled.draw(session, cast, instrument)
    plan = plans.current(session, inspection=cast.place.inspection)
    assert plan is not None
    path = tmp_path / "list.csv"
    path.write_text(draws.list_as_fixed(session, plan=plan), encoding="utf-8")
    frame = read_frame(path, strata=("group",))
    content = json.loads(record.certificate)

    assert verify(content, frame) == []
    assert draws.populations(record) == {"a": 20, "b": 40, "c": 30, "d": 10}

    content["cases"][0]["case_ref"] = "T99999"
    assert verify(content, frame) != []


def test_every_step_leaves_its_event_and_the_chain_is_whole(
    session: Session, cast: Cast, instrument: Instrument
) -> None:
    sampled.assign(session, cast, instrument)

    assert audit.verify(session) == []
    assert audit.verify(session, anchor=audit.head(session)) == []


def test_an_unknown_group_is_named_beside_the_codes_and_a_group_of_one_case_is_worth_a_look(
    tmp_path: Path, instrument: Instrument
) -> None:
    codes = [stratum.code for stratum in instrument.strata]
    good = tmp_path / "good.csv"
    good.write_text(list_csv({codes[0]: 1, codes[1]: 5}), encoding="utf-8")
    bad = tmp_path / "bad.csv"
    bad.write_text(list_csv({codes[0]: 5, "zz": 1}), encoding="utf-8")

    checked = frames.check(Source(good, "good.csv"), instrument=instrument, today=sampled.AT.date(), apart=False)
    with pytest.raises(FrameError) as refused:
        frames.check(Source(bad, "bad.csv"), instrument=instrument, today=sampled.AT.date(), apart=False)

    assert any(f"Only one case is in group {codes[0]}:" in warning.says for warning in checked.warnings)
    assert f"'zz' is not one of the strata {', '.join(codes)}" in refused.value.faults[0].says
