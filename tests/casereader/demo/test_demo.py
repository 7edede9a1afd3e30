"""The demonstration: invented, the same wherever it is made, sound by the rules that real work is held to."""

import json
import re
from collections import Counter
from datetime import datetime, timedelta
from statistics import fmean, pstdev

import pandas as pd
import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from casereader import audit, evaluations, identifying, readings
from casereader.after_the_draw import reserves
from casereader.db import snapshot
from casereader.demo import is_empty
from casereader.demo.invented.lists import list_of
from casereader.demo.invented.partnerships import GOOD_OR_BETTER, NAMES, SMALL, invent
from casereader.drawing import draws
from casereader.figures import results, rounds
from casereader.figures.results import plain_rows
from casereader.instrument import Answer, Instrument, faults_of, missing
from casereader.models import (
    Account,
    AnswerRow,
    Case,
    Concern,
    DrawRecord,
    Inspection,
    Programme,
    Reading,
    Replacement,
    SampleCase,
    SamplingPlan,
    Settlement,
    TopicRecode,
    Unlock,
)
from casereader.programmes import inspections
from casereader.stages import stages
from casereader.vocabulary import DataKind, EvaluationStage, ReadingKind, ReadingState, Stage
from casereader.words import WORDING
from sampling.certificate import verify
from tests.casereader.demo.conftest import AT, Small, seed

SEED = "casereader demonstration 1"
Done = list[tuple[Reading, str, dict[str, Answer]]]  # with the case's stratum


@pytest.fixture(scope="session")
def done(small: Small) -> Done:
    """Every reading with its stratum and answers."""
    query = (
        select(Reading, Case.group)
        .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
        .join(Case, col(Case.id) == SampleCase.case_id)
    )
    rows = small.session.exec(query).all()
    answers = readings.answers_of_many(small.session, [reading.id or 0 for reading, _ in rows])
    return [(reading, stratum, answers[reading.id or 0]) for reading, stratum in rows]


def test_every_answer_could_have_been_given_and_every_submitted_reading_is_complete(
    done: Done, instrument: Instrument
) -> None:
    wrong = [
        (key, fault)
        for _, stratum, answers in done
        for key, answer in answers.items()
        for fault in faults_of(instrument, key, answer, stratum=stratum)
    ]
    lacking = [
        one
        for reading, stratum, answers in done
        if reading.submitted_at is not None
        for one in missing(instrument, answers, stratum=stratum)
        if not one.is_mark  # left knowingly, to be talked over
    ]

    assert (wrong, lacking) == ([], [])
    assert sum(reading.submitted_at is not None for reading, _, _ in done) > 50


def test_no_note_holds_a_name_or_anything_that_identifies_a_child(done: Done) -> None:
    notes = {answer.note for _, _, answers in done for answer in answers.values() if answer.note}
    inside = re.compile(r"(?<![.?!] )(?<!^)\b[A-Z][a-z]+")  # a capital within a sentence: a name

    assert len(notes) > 20
    assert [note for note in notes if identifying.signs_in(note) or inside.search(note)] == []


def test_the_trail_is_whole(small: Small) -> None:
    assert audit.verify(small.session) == []


def test_every_certificate_verifies_against_its_list(small: Small) -> None:
    records = small.session.exec(select(DrawRecord)).all()

    assert len(records) == 3 + 2  # of the round before
    for record in records:
        plan = small.session.get_one(SamplingPlan, record.plan_id)
        rows = [line.split(",") for line in draws.list_as_fixed(small.session, plan=plan).splitlines()]
        table = pd.DataFrame(rows[1:], columns=rows[0], dtype="str")
        assert verify(json.loads(record.certificate), table) == []


def test_it_says_that_it_is_invented(small: Small) -> None:
    every = small.session.exec(select(Programme)).all()

    assert {programme.name: programme.data_kind for programme in every} == {
        "Demonstration programme": DataKind.DEMO,
        "Demonstration programme, first round": DataKind.DEMO,
    }
    assert (small.made.partnerships, small.made.readings > 80) == (4, True)
    assert not is_empty(small.session)


def test_inspections_stand_at_different_stages(small: Small) -> None:
    places = inspections.all_places(small.session)
    found = stages.standings(small.session, [place.inspection.id or 0 for place in places])

    assert {place.name: found[place.inspection.id or 0].stage for place in places} == {
        "Ardenmuir, Demonstration programme": Stage.READING,
        "Balquhane, Demonstration programme": Stage.EVALUATED,
        "Balquhane, Demonstration programme, first round": Stage.PUBLISHED,
        "Brackenside, Demonstration programme": Stage.MODERATING,
        "Brackenside, Demonstration programme, first round": Stage.PUBLISHED,
        "Cairnlaw, Demonstration programme": Stage.CHECKED,
    }


def test_two_partnerships_were_read_two_years_before_and_a_question_of_theirs_can_be_compared(
    small: Small, instrument: Instrument
) -> None:
    places = {place.name: place for place in inspections.all_places(small.session)}
    now, then = (places[f"Balquhane, Demonstration programme{which}"] for which in ("", ", first round"))

    assert [one.name for one in rounds.of_partnership(small.session, place=now)] == [then.name]
    found = results.results_for(small.session, [then], instrument, only=["C9"], by=())
    assert found.reach[then.path].is_complete
    assert plain_rows(found.figures.questions)[0]["n"] >= WORDING.least_n


def test_the_lead_gave_one_topic_another_name(small: Small) -> None:
    renamed = small.session.exec(select(TopicRecode)).all()

    assert len(renamed) == 1
    assert renamed[0].before != renamed[0].after


def test_everybody_finds_work_of_their_own(small: Small) -> None:
    session = small.session
    people = {account.email.partition("@")[0]: account for account in session.exec(select(Account))}

    for name in ("reviewer-1", "reviewer-2", "local-reviewer"):
        states = {one.reading.state for one in readings.mine(session, account=people[name]) if one.is_open}
        assert states == {ReadingState.ASSIGNED, ReadingState.IN_PROGRESS}, name
    assert readings.to_countersign(session, account=people["reviewer-1"]) != []
    places = inspections.all_places(session)
    ids = [place.inspection.id or 0 for place in places]
    assert reserves.proposals(session, ids, found=reserves.lines(session, ids)) != []
    assert session.exec(select(Reading).where(col(Reading.handed_back_at).is_not(None))).all() != []
    assert session.exec(select(AnswerRow).where(col(AnswerRow.discuss))).all() != []
    assert session.exec(select(Concern)).all() != []
    assert inspections.all_places(session, account=people["outsider"]) == []


def test_finished_ones_are_read_twice_in_part_settled_and_evaluated(small: Small, instrument: Instrument) -> None:
    session = small.session
    kinds = Counter(session.exec(select(Reading.kind)))
    place = next(one for one in inspections.all_places(session) if one.partnership.name == "Balquhane")
    entries = evaluations.history(session, place=place)

    assert kinds[ReadingKind.CONSENSUS] > 0
    assert 0.05 < kinds[ReadingKind.SECOND] / kinds[ReadingKind.FIRST] < 0.15
    assert session.exec(select(Replacement).where(col(Replacement.confirmed_at).is_not(None))).all() != []
    for one in evaluations.indicators(place, instrument):
        standing = evaluations.standing(entries, qi=one.value)
        assert list(standing) == list(EvaluationStage)
        assert all(entry.row.figures and entry.row.reason for entry in standing.values())


def test_a_proposal_waits_a_pair_is_settled_and_an_unlock_is_asked_for(small: Small) -> None:
    found = small.session.exec(select(Settlement)).all()
    waiting = [one for one in found if one.settled_at is None]
    proposed_to = set(
        small.session.exec(
            select(Reading.reviewer_id).where(col(Reading.sample_case_id).in_([one.sample_case_id for one in waiting]))
        )
    )
    (reviewer,) = small.session.exec(select(Account.id).where(Account.email == "reviewer-2@demo.example"))

    assert [one.agreed_at for one in waiting] == [None] and reviewer in proposed_to
    assert len(found) > len(waiting)
    assert [one.decided_at for one in small.session.exec(select(Unlock))] == [None]


def test_nothing_happens_later_than_now(small: Small) -> None:
    for column in (Reading.submitted_at, Reading.saved_at, Reading.signed_off_at, DrawRecord.drawn_at):
        moments = [moment for moment in small.session.exec(select(column)) if moment is not None]
        assert max(moments) <= AT


def _engine_facts(engine: Engine) -> dict[str, object]:
    """What of a demonstration must not depend on when and where it was made."""
    with snapshot(engine) as session:
        drawn = session.exec(select(DrawRecord.certificate_sha256, DrawRecord.addendum_sha256)).all()
        answers = session.exec(
            select(AnswerRow.key, AnswerRow.value, AnswerRow.note, Case.case_ref, Account.email)
            .join(Reading, col(Reading.id) == AnswerRow.reading_id)
            .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
            .join(Case, col(Case.id) == SampleCase.case_id)
            .join(Account, col(Account.id) == Reading.reviewer_id)
        ).all()
        return {"drawn": sorted(map(str, drawn)), "answers": sorted(map(str, answers))}


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # the other is on SQLite
def test_the_same_text_gives_the_same_samples_assignments_and_answers(engine: Engine, small: Small) -> None:
    later: datetime = AT + timedelta(days=40)

    made = seed(engine, at=later)

    first = _engine_facts(small.session.get_bind())  # type: ignore[arg-type]
    assert _engine_facts(engine) == first
    assert made == small.made


def test_partnerships_and_lists_are_as_the_synthetic_data_say() -> None:
    every = invent(seed=SEED, count=len(NAMES))
    sizes = sorted(one.n_cases for one in every)

    assert len({one.name for one in every}) == len({one.code for one in every}) == len(every) == 32
    assert sum(size < 15 for size in sizes) == len(SMALL) == 2
    assert (sizes[2] >= 15, sizes[-1] <= 900) == (True, True)
    for key, expected in GOOD_OR_BETTER.items():
        shares = [one.good[key] for one in every]
        assert fmean(shares) == pytest.approx(expected, abs=0.06)
        assert 0.05 < pstdev(shares) < 0.15
    assert Counter(one.margin for one in every) == {"0.15": 25, "0.1": 7}


def test_a_list_has_a_row_for_each_case_in_an_order_that_says_nothing() -> None:
    partnership = invent(seed=SEED, count=1)[0]

    rows = [line.split(",") for line in list_of(partnership, seed=SEED).decode().splitlines()[1:]]

    assert len(rows) == partnership.n_cases == len({row[0] for row in rows})
    groups = [row[1] for row in rows]
    assert groups != sorted(groups)
    assert all(row[3] == "CSO at home" for row in rows if row[1] == "e")


def test_the_first_partnerships_do_not_depend_on_how_many_there_are() -> None:
    assert invent(seed=SEED, count=3) == invent(seed=SEED, count=32)[:3]


def test_inspections_are_named_by_the_invented_partnerships(small: Small) -> None:
    assert len(small.session.exec(select(Inspection)).all()) == 4 + 2  # two were looked at before
    assert {place.partnership.name for place in inspections.all_places(small.session)} <= set(NAMES)
