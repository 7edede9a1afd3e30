"""The waves of a drawn sample: reserves and longer samples in theirs, complete once every case is decided."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pandas as pd
import pytest
from sqlmodel import Session, col, select

from casereader import assignments
from casereader.after_the_draw import extending, replacements
from casereader.drawing import draws
from casereader.errors import RefusedError
from casereader.in_waves import waves
from casereader.in_waves.waves import Rule
from casereader.instrument import Instrument
from casereader.models import DrawRecord, Replacement, SampleCase, SamplingPlan
from casereader.vocabulary import CaseStatus, SampleRole
from sampling import verify
from tests import sampled
from tests.cast import Cast

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

AT = sampled.AT + timedelta(days=1)
RULE = Rule(n_waves=4, questions=("C9", "D11"), minimum=2, maximum=26)
IN_WAVES = replace(sampled.CHOICES, waves=RULE)


def draw(session: Session, people: Cast, instrument: Instrument) -> DrawRecord:
    """20 cases: 4, 8, 6 and 2 of the strata, dealt."""
    record = sampled.draw(session, people, instrument, choices=IN_WAVES)
    assignments.assign(
        session,
        inspection=people.place.inspection,
        instrument=(instrument.id, instrument.version),
        chosen=[people.reviewer, people.second_reviewer],
        by=people.coordinator,
        at=AT,
    )
    return record


def of_stratum(session: Session, record: DrawRecord, stratum: str) -> Sequence[SampleCase]:
    query = select(SampleCase).where(SampleCase.draw_id == record.id, SampleCase.stratum == stratum)
    return session.exec(query.order_by(col(SampleCase.order))).all()


def replaced(session: Session, people: Cast, case: SampleCase) -> SampleCase:
    """The reserve that stands in for the case from now on."""
    proposal = Replacement(
        sample_case_id=case.id or 0, reason="not on the list", proposed_at=AT, proposed_by_id=people.reviewer.id or 0
    )
    session.add(proposal)
    session.flush()
    found = replacements.confirm(
        session, inspection=people.place.inspection, replacement=proposal, by=people.moderator, at=AT
    )
    assert found is not None
    return found


def longer(session: Session, people: Cast, **sizes: int) -> None:
    """A longer sample, asked for and agreed to."""
    inspection = people.place.inspection
    extending.ask(session, inspection=inspection, sizes=sizes, reason="Time for more", by=people.coordinator, at=AT)
    extending.agree(session, inspection=inspection, by=people.lead, at=AT)


def test_without_waves_nothing_is_bound_and_no_case_has_a_wave(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    record = sampled.draw(session, people, instrument)
    plan = session.get_one(SamplingPlan, record.plan_id)

    assert waves.rule_of(plan) is None and waves.rule_of(None) is None
    assert waves.wave_of_cases(session, draw_record=record) == {}
    assert waves.of_inspection(session, inspection=people.place.inspection) == []
    assert "wave" not in json.dumps(plan.plan) and "wave" not in record.certificate


def test_the_rule_is_bound_with_the_plan_and_stands_on_the_certificate(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    record = sampled.draw(session, people, instrument, choices=IN_WAVES)
    bound = json.loads(record.certificate)["plan"]["bound"]

    assert waves.rule_of_draw(session, draw_record=record) == RULE
    assert {name: bound[name] for name in RULE.bound()} == {
        "waves": "4",
        "wave_questions": ["C9", "D11"],
        "wave_thresholds": ["0.15", "0.5", "0.75", "0.9"],
        "wave_error_rate": "0.1",
        "wave_error_split": "each",
        "wave_minimum": "2",
        "wave_maximum": "26",
    }


def test_a_plan_with_a_rule_that_cannot_be_kept_is_refused_with_every_reason(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    frame = sampled.receive(session, people, instrument)
    rule = Rule(n_waves=20, questions=("C9",), minimum=20, maximum=5)
    wrong = replace(sampled.CHOICES, size=10, waves=rule, selection="systematic", order_by=("living",))

    with pytest.raises(RefusedError) as refused:
        sampled.fix(session, people, frame, choices=wrong)
    told = " ".join(refused.value.reasons)
    reasons = ("by ticket alone", "from 1 to 19", "10 records cannot be read in 20", "5 does")
    assert [said for said in reasons if said not in told] == []


def test_each_wave_has_a_quarter_of_the_sample_in_proportion_and_in_ticket_order(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    sampled.draw(session, people, instrument, choices=IN_WAVES)
    found = waves.of_inspection(session, inspection=people.place.inspection)

    assert [wave.number for wave in found] == [1, 2, 3, 4]
    assert [len(wave.cases) for wave in found] == [5, 5, 5, 5]
    assert Counter(case.stratum for wave in found[:2] for case in wave.cases) == {"a": 2, "b": 4, "c": 3, "d": 1}
    orders = [case.order for wave in found for case in wave.cases if case.stratum == "b"]
    assert orders == [1, 2, 3, 4, 5, 6, 7, 8]


def test_a_reserve_has_the_wave_of_the_case_it_replaces_and_so_has_the_reserve_that_replaces_it(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    record = draw(session, people, instrument)
    third = of_stratum(session, record, "b")[2]
    reserve = replaced(session, people, third)
    again = replaced(session, people, reserve)
    found = waves.wave_of_cases(session, draw_record=record)

    assert (third.order, reserve.order, again.order) == (3, 9, 10)
    assert found[third.id or 0] == found[reserve.id or 0] == found[again.id or 0] == 2
    assert len(found) == 22, "and no reserve that was not called on"


def test_every_longer_sample_is_one_more_wave_and_the_others_stay_as_they_were(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    record = draw(session, people, instrument)
    reserve = replaced(session, people, of_stratum(session, record, "b")[2])
    before = waves.wave_of_cases(session, draw_record=record)
    longer(session, people, b=11, a=5)
    longer(session, people, b=12)
    found = waves.wave_of_cases(session, draw_record=record)

    assert {key: found[key] for key in before} == before
    cases = [case for stratum in "ab" for case in of_stratum(session, record, stratum)]
    new = [case for case in cases if case.role is SampleRole.MAIN and case.id not in before]
    added = {(case.stratum, case.order): found[case.id or 0] for case in new}
    assert added == {("a", 5): 5, ("b", 10): 5, ("b", 11): 5, ("b", 12): 6}
    assert found[reserve.id or 0] == 2


def test_a_longer_sample_goes_no_further_than_the_rule_says(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    record = draw(session, people, instrument)
    inspection, why = people.place.inspection, "Time for more"
    with pytest.raises(RefusedError, match="26 records at most"):
        extending.ask(session, inspection=inspection, sizes={"b": 15}, reason=why, by=people.coordinator, at=AT)
    replaced(session, people, of_stratum(session, record, "b")[2])  # an ineligible case is no record
    longer(session, people, b=15)

    assert len(waves.of_inspection(session, inspection=inspection)[-1].cases) == 6


def test_a_wave_is_complete_once_all_its_cases_are_decided_in_whatever_order(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    record = draw(session, people, instrument)
    number = waves.wave_of_cases(session, draw_record=record)
    second = [case for one in "abcd" for case in of_stratum(session, record, one) if number.get(case.id or 0) == 2]
    *some, last = second
    ways = [CaseStatus.READ, CaseStatus.NOT_PRODUCED, CaseStatus.READ, CaseStatus.READ]
    for case, status in zip(some, ways, strict=True):
        case.status = status
    session.flush()

    def look() -> list[bool]:
        return [wave.is_complete for wave in waves.of_inspection(session, inspection=people.place.inspection)]

    assert look() == [False, False, False, False]
    reserve = replaced(session, people, last)
    assert look() == [False, False, False, False], "the reserve waits"
    reserve.status = CaseStatus.READ
    session.flush()
    assert look() == [False, True, False, False], "though the first wave is not complete"
    reserve.status = CaseStatus.NOT_REACHED
    session.flush()
    assert look() == [False, False, False, False], "one person stopped a case of it, and may take it back"


def test_a_case_said_to_be_ineligible_is_not_decided_until_somebody_confirms_it(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    record = draw(session, people, instrument)
    case = of_stratum(session, record, "a")[0]
    assert case.id is not None
    session.add(Replacement(sample_case_id=case.id, reason="r", proposed_at=AT, proposed_by_id=people.reviewer.id or 0))
    session.flush()
    (first, *_) = waves.of_inspection(session, inspection=people.place.inspection)

    assert [one.said_ineligible for one in first.cases if one.id == case.id] == [True]
    assert first.n_decided == 0 and not first.is_complete


def test_a_certificate_with_the_rule_verifies_against_the_list_and_not_once_its_rule_is_another(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    record = sampled.draw(session, people, instrument, choices=IN_WAVES)
    plan = session.get_one(SamplingPlan, record.plan_id)
    listed = pd.read_csv(StringIO(draws.list_as_fixed(session, plan=plan)), dtype="str")
    paper = json.loads(record.certificate)

    assert paper["plan"]["sizes"] == {"a": 4, "b": 8, "c": 6, "d": 2}, "waves change nothing of what is drawn"
    assert verify(paper, listed) == []
    paper["plan"]["bound"]["wave_minimum"] = "1"
    assert verify(paper, listed) != []
