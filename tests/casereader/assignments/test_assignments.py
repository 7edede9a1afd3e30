"""Cases dealt to readers by the seeded rule, changed by hand with a reason, replaced when ineligible."""

from __future__ import annotations

import hashlib
import json
from collections import Counter

import pytest
from sqlmodel import Session, select

from casereader import assignments, audit, readings
from casereader.after_the_draw import replacements
from casereader.drawing import draws
from casereader.errors import RefusedError
from casereader.instrument import Instrument
from casereader.models import Reading, Replacement, SampleCase
from casereader.programmes import inspections
from casereader.vocabulary import CaseStatus, ReadingKind, ReadingState, Role, SampleRole
from tests import sampled
from tests.cast import Cast


def test_every_main_case_is_dealt_once_with_even_loads_and_a_spread_of_strata(
    session: Session, cast: Cast, instrument: Instrument
) -> None:
    record = sampled.assign(session, cast, instrument)
    firsts = session.exec(select(Reading).where(Reading.kind == ReadingKind.FIRST)).all()
    main = [each for each, _ in draws.sampled(session, draw_record=record) if each.role is SampleRole.MAIN]

    assert sorted(reading.sample_case_id for reading in firsts) == sorted(each.id or 0 for each in main)
    loads = Counter(reading.reviewer_id for reading in firsts)
    assert max(loads.values()) - min(loads.values()) <= 1
    assert len(loads) == 3


def test_second_readings_go_to_an_inspector_who_did_not_read_first(
    session: Session, cast: Cast, instrument: Instrument
) -> None:
    sampled.assign(session, cast, instrument)
    readings = session.exec(select(Reading)).all()
    first = {each.sample_case_id: each.reviewer_id for each in readings if each.kind is ReadingKind.FIRST}
    second = {each.sample_case_id: each.reviewer_id for each in readings if each.kind is ReadingKind.SECOND}

    assert len(second) == 2  # 10% of 20
    assert all(first[key] != reader for key, reader in second.items())
    assert cast.local_reviewer.id not in second.values()


def test_the_addendum_is_sealed_with_its_digest(session: Session, cast: Cast, instrument: Instrument) -> None:
    record = sampled.assign(session, cast, instrument)

    assert record.addendum is not None
    assert record.addendum_sha256 == hashlib.sha256(record.addendum.encode()).hexdigest()
    assert len(json.loads(record.addendum)["second"]) == 2


def test_a_case_changes_hands_only_with_a_reason_before_it_is_begun_and_never_to_its_other_reader(
    session: Session, cast: Cast, instrument: Instrument
) -> None:
    sampled.assign(session, cast, instrument)
    second = session.exec(select(Reading).where(Reading.kind == ReadingKind.SECOND)).first()
    assert second is not None
    first = session.exec(
        select(Reading).where(Reading.sample_case_id == second.sample_case_id, Reading.kind == ReadingKind.FIRST)
    ).one()
    other = {cast.reviewer.id: cast.reviewer, cast.second_reviewer.id: cast.second_reviewer}[second.reviewer_id]

    with pytest.raises(RefusedError) as refused:
        assignments.give(
            session,
            inspection=cast.place.inspection,
            reading=first,
            to=other,
            reason=" ",
            by=cast.coordinator,
            at=sampled.AT,
        )

    assert any("independent" in reason for reason in refused.value.reasons)
    assert any("why" in reason for reason in refused.value.reasons)


@pytest.mark.parametrize("signed", ["countersigned", "signed_off", "countersigned, and reopened since"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_second_reading_never_goes_to_whoever_countersigned_or_signed_off_the_first(
    session: Session, cast: Cast, instrument: Instrument, signed: str
) -> None:
    third = cast.outsider
    inspections.give_role(
        session,
        inspection=cast.place.inspection,
        account=third,
        role=Role.REVIEWER,
        by=cast.coordinator,
        at=sampled.AT,
    )
    sampled.assign(session, cast, instrument)
    second = session.exec(select(Reading).where(Reading.kind == ReadingKind.SECOND)).first()
    assert second is not None
    give = {"inspection": cast.place.inspection, "reading": second}
    assert assignments.may_take(session, **give) == [third]
    first = session.exec(
        select(Reading).where(Reading.sample_case_id == second.sample_case_id, Reading.kind == ReadingKind.FIRST)
    ).one()
    if signed.endswith("since"):
        audit.record(
            session,
            readings.COUNTERSIGNED,
            by=third,
            at=sampled.AT,
            kind="reading",
            object_id=first.public_id,
        )
    else:
        first.state = ReadingState.COUNTERSIGNED if signed == "countersigned" else ReadingState.SIGNED_OFF
        first.submitted_at = first.first_submitted_at = sampled.AT
        setattr(first, f"{signed}_at", sampled.AT)
        setattr(first, f"{signed}_by_id", third.id)
    session.flush()

    assert assignments.may_take(session, **give) == []
    with pytest.raises(RefusedError, match="has seen its answers"):
        assignments.give(session, to=third, reason="On leave.", by=cast.coordinator, at=sampled.AT, **give)


def _propose(session: Session, cast: Cast, sample_case: SampleCase) -> Replacement:
    found = Replacement(
        sample_case_id=sample_case.id or 0,
        reason="Listed twice under two references",
        proposed_at=sampled.AT,
        proposed_by_id=cast.reviewer.id or 0,
    )
    session.add(found)
    session.flush()
    return found


def test_an_ineligible_case_is_replaced_by_the_next_reserve_for_the_same_reader(
    session: Session, cast: Cast, instrument: Instrument
) -> None:
    record = sampled.assign(session, cast, instrument)
    of_a = [each for each, _ in draws.sampled(session, draw_record=record) if each.stratum == "a"]
    proposal = _propose(session, cast, of_a[0])

    with pytest.raises(RefusedError, match="somebody else"):
        replacements.confirm(
            session, inspection=cast.place.inspection, replacement=proposal, by=cast.reviewer, at=sampled.AT
        )
    reserve = replacements.confirm(
        session, inspection=cast.place.inspection, replacement=proposal, by=cast.moderator, at=sampled.AT
    )

    assert reserve is not None
    assert reserve.order == 5  # four main cases, then the first reserve
    assert of_a[0].status is CaseStatus.INELIGIBLE
    readers = {
        each.sample_case_id: each.reviewer_id
        for each in session.exec(select(Reading).where(Reading.kind == ReadingKind.FIRST)).all()
    }
    assert readers[reserve.id or 0] == readers[of_a[0].id or 0]


def test_reserves_run_out_in_their_own_stratum_only(session: Session, cast: Cast, instrument: Instrument) -> None:
    record = sampled.assign(session, cast, instrument)
    of_d = [each for each, _ in draws.sampled(session, draw_record=record) if each.stratum == "d"]

    called = [
        replacements.confirm(
            session,
            inspection=cast.place.inspection,
            replacement=_propose(session, cast, each),
            by=cast.lead,
            at=sampled.AT,
        )
        for each in of_d[:2]
    ]

    assert called[0] is of_d[2]
    assert called[1] is None
