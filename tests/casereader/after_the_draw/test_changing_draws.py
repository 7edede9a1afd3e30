"""After the draw: a longer sample keeps what was drawn, and a voided one stays listed; each takes two people."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from sqlmodel import Session, col, select

from casereader import audit
from casereader.after_the_draw import extending, replacements, reserves, voiding
from casereader.after_the_draw.extending import Added
from casereader.drawing import draws, plans, verifying
from casereader.drawing.verifying import Brought
from casereader.errors import ConflictError, RefusedError
from casereader.instrument import Instrument
from casereader.models import (
    Case,
    ConflictOfInterest,
    DrawRecord,
    ListChange,
    Reading,
    Replacement,
    SampleCase,
    SamplingFrame,
    SamplingPlan,
)
from casereader.returns import frames
from casereader.vocabulary import CaseStatus, FrameState, ReadingState, SampleRole
from sampling.certificate import verify
from tests import sampled
from tests.cast import Cast

AT = sampled.AT + timedelta(days=1)
REASON = "Three readers have time for more"


@pytest.fixture
def record(session: Session, cast: Cast, instrument: Instrument) -> DrawRecord:
    """4 of 20, 8 of 40, 6 of 30 and 2 of 10 drawn and dealt out; half as many in reserve."""
    return sampled.assign(session, cast, instrument)


def kept(session: Session, record: DrawRecord) -> Sequence[SampleCase]:
    query = select(SampleCase).where(SampleCase.draw_id == record.id)
    return session.exec(query.order_by(SampleCase.stratum, col(SampleCase.order))).all()


def ask(session: Session, cast: Cast, sizes: dict[str, int], *, reason: str = REASON) -> None:
    extending.ask(session, inspection=cast.place.inspection, sizes=sizes, reason=reason, by=cast.coordinator, at=AT)


def extend(session: Session, cast: Cast, sizes: dict[str, int]) -> Added:
    ask(session, cast, sizes)
    return extending.agree(session, inspection=cast.place.inspection, by=cast.lead, at=AT + timedelta(hours=1))


def replace_one(session: Session, cast: Cast, record: DrawRecord, stratum: str, order: int) -> None:
    case = next(each for each in kept(session, record) if (each.stratum, each.order) == (stratum, order))
    proposal = Replacement(
        sample_case_id=case.id or 0, reason="not on the list", proposed_at=AT, proposed_by_id=cast.reviewer.id or 0
    )
    session.add(proposal)
    session.flush()
    replacements.confirm(session, inspection=cast.place.inspection, replacement=proposal, by=cast.moderator, at=AT)


def listed(session: Session, record: DrawRecord) -> pd.DataFrame:
    plan = session.get_one(SamplingPlan, record.plan_id)
    frame = session.get_one(SamplingFrame, plan.frame_id)
    return draws.table_for(frames.cases(session, frame=frame), plan)


def test_a_longer_sample_keeps_every_case_in_its_place_and_adds_the_next_tickets(
    session: Session, cast: Cast, record: DrawRecord
) -> None:
    before = {(one.stratum, one.order): (one.case_id, one.ticket) for one in kept(session, record)}

    added = extend(session, cast, {"b": 14})

    after = kept(session, record)
    assert before.items() <= {(one.stratum, one.order): (one.case_id, one.ticket) for one in after}.items()
    tickets = [one.ticket for one in after if one.stratum == "b"]
    assert tickets == sorted(tickets)
    assert len(tickets) == 14 + 7
    assert [one.order for one in after if one.stratum == "b" and one.role is SampleRole.MAIN] == list(range(1, 15))
    # four reserves of b are main now, and two more are drawn
    assert [(one.stratum, one.order) for one in added.cases] == [("b", order) for order in range(9, 15)]
    assert Counter(one.stratum for one in after) == {"a": 6, "b": 21, "c": 9, "d": 3}


def test_the_certificate_of_the_longer_sample_verifies_and_names_the_one_that_it_extends(
    session: Session, cast: Cast, record: DrawRecord
) -> None:
    first = json.loads(record.certificate)
    extend(session, cast, {"b": 14})
    extend(session, cast, {"b": 15, "d": 10})

    longest = json.loads(extending.latest_certificate(session, draw_record=record))

    assert verify(longest, listed(session, record)) == []
    assert longest["seed"] == first["seed"]
    assert [one["sample_size"] for one in longest["strata_counts"]] == [4, 15, 6, 10]
    one, two = extending.every(session, draw_record=record)
    assert json.loads(one.certificate or "")["plan"]["bound"]["extends"] == first["digest"]
    assert longest["plan"]["bound"]["extends"] == one.certificate_sha256
    assert two.certificate_sha256 == longest["digest"]
    assert json.loads(record.certificate) == first
    assert audit.verify(session) == []


def test_a_reserve_called_on_before_stays_the_replacement_it_is_and_counts_as_read(
    session: Session, cast: Cast, record: DrawRecord
) -> None:
    replace_one(session, cast, record, "b", 3)
    now = next(one for one in extending.now_of(session, draw_record=record) if one.stratum == "b")
    assert (now.to_read, now.n_called_on) == (9, 1)

    added = extend(session, cast, {"b": 12})

    assert [one.order for one in added.cases] == [10, 11, 12]
    called = next(one for one in kept(session, record) if (one.stratum, one.order) == ("b", 9))
    assert (called.role, called.called_on) == (SampleRole.RESERVE, True)
    read = [one.order for one in kept(session, record) if one.stratum == "b" and _is_read(one)]
    assert read == list(range(1, 13))  # the first tickets, so that N over the decided is each one's weight


def _is_read(case: SampleCase) -> bool:
    return case.role is SampleRole.MAIN or case.called_on


@pytest.mark.parametrize(
    ("sizes", "says"),
    [
        ({"b": 7}, "from 8, which are to be read now, to 40"),
        ({"b": 41}, "from 8, which are to be read now, to 40"),
        ({"zz": 3}, "zz is no stratum"),
        ({}, "Give a larger number"),
        ({"b": 8}, "Give a larger number"),
    ],
)
@pytest.mark.usefixtures("record")
def test_numbers_that_cannot_be_met_are_refused_with_the_bounds(
    session: Session, cast: Cast, sizes: dict[str, int], says: str
) -> None:
    with pytest.raises(RefusedError, match=says) as refused:
        ask(session, cast, sizes, reason="  ")

    assert "Give the reason, in at most 1,000 characters." in refused.value.reasons


def test_a_stratum_with_stopped_cases_is_not_extended_before_they_are_taken_back(
    session: Session, cast: Cast, record: DrawRecord
) -> None:
    last = next(one for one in kept(session, record) if (one.stratum, one.order) == ("b", 8))
    last.status, last.decided_at, last.decided_by_id = CaseStatus.NOT_REACHED, AT, cast.coordinator.id
    session.flush()

    with pytest.raises(RefusedError, match="Stratum b: cases of it are stopped"):
        ask(session, cast, {"b": 10})


def test_a_longer_sample_takes_two_people_one_of_them_a_lead(session: Session, cast: Cast, record: DrawRecord) -> None:
    inspection = cast.place.inspection
    with pytest.raises(ConflictError, match="No extension waits"):
        extending.agree(session, inspection=inspection, by=cast.lead, at=AT)
    ask(session, cast, {"b": 10})

    with pytest.raises(ConflictError, match="waits for a second person already"):
        ask(session, cast, {"b": 11})
    with pytest.raises(RefusedError, match="somebody else must agree"):
        extending.agree(session, inspection=inspection, by=cast.coordinator, at=AT)
    with pytest.raises(RefusedError, match="must be a lead"):
        extending.agree(session, inspection=inspection, by=cast.moderator, at=AT)
    extending.drop(session, inspection=inspection, by=cast.lead, at=AT)

    assert extending.every(session, draw_record=record) == []


def test_an_extension_is_asked_for_again_where_the_sample_has_changed_since(
    session: Session, cast: Cast, record: DrawRecord
) -> None:
    ask(session, cast, {"d": 3})
    replace_one(session, cast, record, "d", 1)

    with pytest.raises(ConflictError, match="has changed since"):
        extending.agree(session, inspection=cast.place.inspection, by=cast.lead, at=AT)


def test_a_systematic_sample_is_not_extended(session: Session, cast: Cast, instrument: Instrument) -> None:
    frame = sampled.receive(session, cast, instrument)
    sampled.fix(session, cast, frame, choices=sampled.Choices(size=20, selection="systematic", order_by=("living",)))
    plans.confirm(session, inspection=cast.place.inspection, by=cast.lead, at=AT)
    draws.make(session, inspection=cast.place.inspection, public_value="7", by=cast.lead, at=AT)

    with pytest.raises(ConflictError, match="by ticket alone"):
        ask(session, cast, {"b": 20})


def void(session: Session, cast: Cast) -> DrawRecord:
    voiding.ask(session, inspection=cast.place.inspection, reason="A ward was left out", by=cast.coordinator, at=AT)
    return voiding.agree(session, inspection=cast.place.inspection, by=cast.lead, at=AT + timedelta(hours=1))


def test_a_voided_draw_stays_listed_with_its_reason_and_list_and_plan_are_open_to_a_new_version(
    session: Session, cast: Cast, record: DrawRecord
) -> None:
    inspection = cast.place.inspection
    old = frames.current(session, inspection=inspection)
    assert old is not None

    void(session, cast)

    assert draws.current(session, inspection=inspection) is None
    (listed_still,) = voiding.voided(session, inspection=inspection)
    assert (listed_still.void_reason, listed_still.voided_by_id, listed_still.void_confirmed_by_id) == (
        "A ward was left out", cast.coordinator.id, cast.lead.id,
    )  # fmt: skip
    assert plans.current(session, inspection=inspection) is None
    new = frames.current(session, inspection=inspection)
    assert new is not None
    assert (new.version, new.state, old.state) == (old.version + 1, FrameState.CHECKED, FrameState.SUPERSEDED)
    assert frames.counts(session, frame=new) == frames.counts(session, frame=old)
    # what is mended in the new version leaves alone what was drawn from
    frames.cases(session, frame=new)[0].group = "d"
    session.flush()
    assert verify(json.loads(record.certificate), listed(session, record)) == []
    assert audit.verify(session) == []


def test_after_voiding_another_sample_is_drawn_by_another_plan_and_seed(
    session: Session, cast: Cast, record: DrawRecord
) -> None:
    void(session, cast)
    frame = frames.current(session, inspection=cast.place.inspection)
    assert frame is not None
    sampled.fix(session, cast, frame)
    plans.confirm(session, inspection=cast.place.inspection, by=cast.lead, at=AT)

    again = draws.make(session, inspection=cast.place.inspection, public_value="1 1", by=cast.lead, at=AT)

    assert again.seed != record.seed
    assert [one.what for one in verifying.issued(session, inspection=cast.place.inspection)] == [
        "the sample as it was drawn",
        "the sample as it was drawn, voided on 3 June 2026",
    ]


@pytest.mark.usefixtures("record")
def test_changes_of_the_list_and_conflicts_of_interest_go_with_the_new_version(session: Session, cast: Cast) -> None:
    old = frames.current(session, inspection=cast.place.inspection)
    assert old is not None
    case = frames.cases(session, frame=old)[5]
    by = {"made_at": AT, "made_by_id": cast.coordinator.id or 0}
    session.add(ListChange(frame_id=old.id, row=9, is_exclusion=True, reason="moved away", **by))
    session.add(
        ConflictOfInterest(
            account_id=cast.reviewer.id or 0,
            case_id=case.id,
            reason="her niece",
            declared_at=AT,
            declared_by_id=cast.reviewer.id or 0,
        )
    )
    session.flush()

    void(session, cast)

    new = frames.current(session, inspection=cast.place.inspection)
    assert new is not None
    assert session.exec(select(ListChange.reason).where(ListChange.frame_id == new.id)).all() == ["moved away"]
    about = session.exec(select(Case).join(ConflictOfInterest, col(ConflictOfInterest.case_id) == Case.id)).one()
    assert (about.case_ref, about.frame_id) == (case.case_ref, new.id)


def test_voiding_takes_two_people_one_of_them_a_lead_and_a_reason(
    session: Session, cast: Cast, record: DrawRecord
) -> None:
    inspection = cast.place.inspection
    with pytest.raises(ConflictError, match="Nobody has asked"):
        voiding.agree(session, inspection=inspection, by=cast.lead, at=AT)
    with pytest.raises(RefusedError, match="Give the reason"):
        voiding.ask(session, inspection=inspection, reason=" ", by=cast.coordinator, at=AT)
    voiding.ask(session, inspection=inspection, reason="A ward was left out", by=cast.coordinator, at=AT)
    with pytest.raises(ConflictError, match="asked already"):
        voiding.ask(session, inspection=inspection, reason="again", by=cast.lead, at=AT)
    with pytest.raises(RefusedError, match="somebody else must agree"):
        voiding.agree(session, inspection=inspection, by=cast.coordinator, at=AT)
    with pytest.raises(RefusedError, match="must be a lead"):
        voiding.agree(session, inspection=inspection, by=cast.moderator, at=AT)

    voiding.drop(session, inspection=inspection, by=cast.lead, at=AT)

    assert record.voided_at is None
    assert record.void_asked_reason == ""


@pytest.mark.usefixtures("record")
def test_a_draw_is_not_voided_once_a_reading_was_submitted_be_it_open_again_or_not(
    session: Session, cast: Cast
) -> None:
    voiding.ask(session, inspection=cast.place.inspection, reason="A ward was left out", by=cast.coordinator, at=AT)
    reading = session.exec(select(Reading)).first()
    assert reading is not None
    reading.state, reading.submitted_at, reading.first_submitted_at = ReadingState.SUBMITTED, AT, AT
    session.flush()

    with pytest.raises(ConflictError, match="A reading of this sample was submitted"):
        voiding.agree(session, inspection=cast.place.inspection, by=cast.lead, at=AT)

    reading.state, reading.submitted_at = ReadingState.IN_PROGRESS, None
    session.flush()
    with pytest.raises(ConflictError, match=r"open again or with somebody else since\. .* the rule of its waves"):
        voiding.agree(session, inspection=cast.place.inspection, by=cast.lead, at=AT)


def test_proposals_of_a_voided_draw_wait_for_nobody(session: Session, cast: Cast, record: DrawRecord) -> None:
    session.add(
        Replacement(
            sample_case_id=kept(session, record)[0].id or 0,
            reason="not on the list",
            proposed_at=AT,
            proposed_by_id=cast.reviewer.id or 0,
        )
    )
    session.flush()
    here = [cast.place.inspection.id or 0]
    assert len(reserves.proposals(session, here, found=reserves.lines(session, here))) == 1

    void(session, cast)

    assert reserves.proposals(session, here, found=reserves.lines(session, here)) == []


def test_a_certificate_is_checked_against_what_was_issued_and_against_a_list(
    session: Session, cast: Cast, record: DrawRecord, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(verifying.list_of(session, inspection=cast.place.inspection) or b"")

    def check(content: bytes, *, shows_lines: bool = True) -> verifying.Verdict:
        return verifying.check(
            verifying.issued(session, inspection=cast.place.inspection),
            content=content,
            brought=Brought(path, "list.csv"),
            shows_lines=shows_lines,
            today=AT.date(),
        )

    whole = check(record.certificate.encode())
    swapped = record.certificate.replace('"order": 1,', '"order": 9,', 1).encode()
    told, untold = check(swapped), check(swapped, shows_lines=False)

    assert (whole.is_verified, whole.issued, whole.has_list) == (True, "the sample as it was drawn", True)
    assert "Line 5 is the first that differs" in told.differences[0]
    assert any("case T" in one for one in told.differences)
    assert not any("Line" in one for one in untold.differences)
    assert record.seed not in " ".join(untold.differences)
    assert check(b" ").differences == ("It does not match: the certificate is empty.",)
    assert "at most 5 MB" in check(b"x" * (5 * 1024 * 1024 + 1)).differences[0]
