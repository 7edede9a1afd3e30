"""Issues: prepared by one person, issued by another, never changed, and rebuilt from the data."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, col, select

from casereader import audit, issues
from casereader.disclosure import IssueContent
from casereader.errors import AbsentError, ConflictError, FormError, RefusedError
from casereader.instrument import Instrument, Library
from casereader.issues import Scope, gathering
from casereader.models import AnswerRow, AuditEvent, Case, Challenge, Evaluation, Issue
from casereader.people import accounts
from casereader.programmes import inspections
from casereader.programmes.inspections import Place
from casereader.stages import stages
from casereader.vocabulary import EvaluationStage, ReadingState, Role, Stage
from sampling.digest import canonical_json
from tests import published
from tests.beginnings import begin
from tests.cast import Cast
from tests.published import OUT


@pytest.fixture
def library(instrument: Instrument) -> Library:
    """The default instrument alone."""
    return Library((instrument,))


@pytest.fixture
def people(session: Session, instrument: Instrument, request: pytest.FixtureRequest) -> Cast:
    """The cast, their inspection with nothing left to do but to publish; issued, where a test asks for that."""
    return begin(session, instrument, published_once if "issued" in request.fixturenames else published.ready)


@pytest.fixture
def scope(people: Cast) -> Scope:
    """The cast's inspection."""
    return issues.of_place(people.place)


def prepare(session: Session, people: Cast, scope: Scope, instrument: Instrument, library: Library) -> Issue:
    """Of 14 records no word can be told under the usual threshold: the least there is."""
    return issues.prepare(
        session, scope=scope, instrument=instrument, library=library, by=people.coordinator, at=OUT, threshold=5
    )


def issue(session: Session, people: Cast, scope: Scope, instrument: Instrument, row: Issue) -> Issue:
    return issues.issue(
        session, scope=scope, public_id=row.public_id, instrument=instrument, by=people.lead, at=OUT + timedelta(days=1)
    )


def published_once(session: Session, people: Cast, instrument: Instrument) -> Issue:
    """Prepare and issue the first issue of an inspection that is ready."""
    published.ready(session, people, instrument)
    scope, library = issues.of_place(people.place), Library((instrument,))
    return issue(session, people, scope, instrument, prepare(session, people, scope, instrument, library))


@pytest.fixture
def issued(session: Session, people: Cast) -> Issue:
    """The first issue."""
    assert people
    return session.exec(select(Issue)).one()


def change_an_answer(session: Session, scope: Scope, *, n: int = 1) -> None:
    """C9 of as many records from 4 or better to 2."""
    assert scope.place is not None
    keys = [one.id for one in published.readings_of(session, scope.place)]
    rows = session.exec(select(AnswerRow).where(AnswerRow.key == "C9", col(AnswerRow.reading_id).in_(keys)))
    for row in [one for one in rows if one.value in ("4", "5", "6")][:n]:
        row.value = "2"
    session.flush()


def done_in(session: Session, place: Place, action: str = "answers saved") -> None:
    """What a deed in an inspection leaves in the trail."""
    audit.record(session, action, by=None, at=OUT, kind="reading", object_id="any", inspection_id=place.inspection.id)


def test_one_partnership_publishes_words_and_records_and_no_numerator(issued: Issue) -> None:
    text = canonical_json(issued.content).decode()
    (figure,) = (one for one in issued.content["findings"]["figures"] if one["question"] == "C9")

    assert figure["share"]["shown"] in ("word", "range of words")
    assert (figure["share"]["number"], figure["share"]["percent"], figure["scale"]) == (None, None, [])
    assert {one["domain"] for one in issued.content["findings"]["figures"]} == {"all"}
    assert issued.content["inspections"][0]["read"] == 14
    assert [one["rating"] for one in issued.content["evaluations"]] == ["4 Good"] * 5
    notes = issued.content["notes"]
    assert notes[0].startswith("The interval covers sampling only")
    assert any(
        "“less than half” from 15% to under 50%" in one and "“almost all” over 90% and under 100%" in one
        for one in notes
    )
    assert any("90% interval of the share also allows" in one for one in notes)
    assert any("can differ from the number that count divided by the number of records" in one for one in notes)
    assert "unknowns" not in text and "protects" not in text


def test_all_that_is_withheld_is_listed_with_the_reason_and_not_published(issued: Issue) -> None:
    listed = {(one["question"], one["what"]): one for one in issued.withheld}

    everybody_said_yes = listed["C1", "How many of them count"]
    assert "tells of every child" in everybody_said_yes["why"]
    assert everybody_said_yes["instead"] == "“from the majority to all”"
    assert "tells of every child" not in canonical_json(issued.content).decode()


def test_an_issue_says_what_it_is_rebuilt_from(session: Session, issued: Issue) -> None:
    assert issued.certificates == {"programme-2026/glen-test": "0" * 64}
    assert (issued.instrument_id, issued.instrument_version) == ("CRR-1", "1.0")
    assert issued.software.startswith("casereader ")
    assert len(issued.data_digest) == 64
    chain = select(AuditEvent.hash).where(AuditEvent.hash == issued.audit_head)
    assert session.exec(chain).one() == issued.audit_head
    assert audit.verify(session) == []


def test_the_first_issue_is_the_publication_of_the_inspection(session: Session, scope: Scope, issued: Issue) -> None:
    assert scope.place is not None
    assert scope.place.inspection.published_on == (OUT + timedelta(days=1)).date()
    assert stages.standing(session, scope.place.inspection).stage is Stage.PUBLISHED
    assert issued.number == 1


def test_whoever_prepared_it_does_not_issue_it_and_one_of_two_is_a_lead(
    session: Session, people: Cast, scope: Scope, instrument: Instrument, library: Library
) -> None:
    assert scope.place is not None
    row = prepare(session, people, scope, instrument, library)
    theirs = accounts.create(session, email="made@cast.example", name="Made By", by=people.coordinator, at=OUT)
    for account, role, by in (
        (theirs, Role.LEAD, people.lead),
        (people.outsider, Role.COORDINATOR, people.coordinator),
    ):
        inspections.give_role(session, inspection=scope.place.inspection, account=account, role=role, by=by, at=OUT)

    for by, says in (
        (people.coordinator, "somebody else must agree"),
        (theirs, "do not count as two people"),
        (people.outsider, "must be a lead"),
        (people.moderator, "neither coordinator nor lead"),
    ):
        with pytest.raises(RefusedError, match=says):
            issues.issue(session, scope=scope, public_id=row.public_id, instrument=instrument, by=by, at=OUT)
    issue(session, people, scope, instrument, row)


def test_nothing_is_prepared_before_reading_and_evaluation_are_over(
    session: Session, people: Cast, scope: Scope, instrument: Instrument, library: Library
) -> None:
    assert scope.place is not None
    first, second = published.readings_of(session, scope.place)[:2]
    first.state, first.signed_off_at, first.signed_off_by_id = ReadingState.SUBMITTED, None, None
    rated = session.exec(select(Evaluation).where(Evaluation.qi == "5.2")).one()
    rated.stage = EvaluationStage.PANEL
    session.add(
        Challenge(
            inspection_id=scope.place.inspection.id or 0,
            raised_by="Head of service",
            says="Two chronologies were in the other file.",
            entered_at=OUT,
            entered_by_id=people.lead.id or 0,
        )
    )
    session.flush()

    with pytest.raises(RefusedError) as refused:
        prepare(session, people, scope, instrument, library)
    assert list(refused.value.reasons) == [
        "1 reading is not signed off.",
        "There is no final evaluation yet of 5.2.",
        "1 challenge of the partnership is not answered.",
    ]

    second.state, second.signed_off_at, second.signed_off_by_id = ReadingState.IN_PROGRESS, None, None
    second.submitted_at = None
    session.flush()
    with pytest.raises(RefusedError, match="Reading is not complete"):
        prepare(session, people, scope, instrument, library)


def test_what_changed_since_it_was_prepared_is_not_issued(
    session: Session, people: Cast, scope: Scope, instrument: Instrument, library: Library
) -> None:
    row = prepare(session, people, scope, instrument, library)
    change_an_answer(session, scope)

    published.evaluate(session, people, scope.places[0])
    with pytest.raises(RefusedError, match="changed since"):
        issue(session, people, scope, instrument, row)
    issues.drop(session, scope=scope, public_id=row.public_id, by=people.coordinator, at=OUT)
    with pytest.raises(ConflictError, match="dropped"):
        issue(session, people, scope, instrument, row)
    again = prepare(session, people, scope, instrument, library)
    assert issue(session, people, scope, instrument, again).number == 2


def test_what_the_final_evaluation_does_not_rest_on_is_neither_prepared_nor_issued(
    session: Session, people: Cast, scope: Scope, instrument: Instrument, library: Library
) -> None:
    says = r"The figures of 5\.2 are not those on which the final evaluation rests: a reading was changed after it\. "
    row = prepare(session, people, scope, instrument, library)
    change_an_answer(session, scope)  # C9 stands under 5.2

    with pytest.raises(RefusedError, match=says):
        issue(session, people, scope, instrument, row)
    issues.drop(session, scope=scope, public_id=row.public_id, by=people.lead, at=OUT)
    with pytest.raises(RefusedError, match=says):
        prepare(session, people, scope, instrument, library)

    published.evaluate(session, people, scope.places[0])  # the final one, written anew
    prepare(session, people, scope, instrument, library)


def test_one_is_prepared_at_a_time_and_the_first_is_never_prepared_twice(
    session: Session, people: Cast, scope: Scope, instrument: Instrument, library: Library
) -> None:
    with pytest.raises(ConflictError, match="Nothing is issued"):
        issues.prepare(session, scope=scope, instrument=instrument, library=library, note="A", by=people.lead, at=OUT)
    row = prepare(session, people, scope, instrument, library)
    with pytest.raises(ConflictError, match="prepared already"):
        prepare(session, people, scope, instrument, library)
    issue(session, people, scope, instrument, row)
    with pytest.raises(ConflictError, match="corrected by the next"):
        prepare(session, people, scope, instrument, library)


def test_an_issue_stays_byte_for_byte_what_it_was_whatever_the_data_become(
    session: Session, people: Cast, scope: Scope, instrument: Instrument, issued: Issue
) -> None:
    before = issues.as_json(issued.content)
    change_an_answer(session, scope, n=9)
    session.expire_all()

    kept = issues.find(session, scope=scope, public_id=issued.public_id)
    assert issues.as_json(kept.content) == before
    for deed in (
        lambda: issue(session, people, scope, instrument, kept),
        lambda: issues.drop(session, scope=scope, public_id=kept.public_id, by=people.lead, at=OUT),
    ):
        with pytest.raises(ConflictError, match="never changes"):
            deed()


@pytest.mark.parametrize("deed", ["change", "delete"])
def test_not_even_the_database_lets_an_issue_be_changed(session: Session, issued: Issue, deed: str) -> None:
    if deed == "change":
        issued.content = {**issued.content, "number": 7}
    else:
        session.delete(issued)
    with pytest.raises(DatabaseError, match="issued"):
        session.flush()
    session.rollback()


def test_a_correction_is_the_next_number_with_a_note_and_says_what_stands(
    session: Session, people: Cast, scope: Scope, instrument: Instrument, library: Library, issued: Issue
) -> None:
    change_an_answer(session, scope)
    published.evaluate(session, people, scope.places[0])
    with pytest.raises(RefusedError, match="note is published"):
        issues.prepare(session, scope=scope, instrument=instrument, library=library, note="  ", by=people.lead, at=OUT)
    row = issues.prepare(
        session,
        scope=scope,
        instrument=instrument,
        library=library,
        note="One record was another child's.",
        by=people.lead,
        at=OUT + timedelta(days=9),
    )
    issues.issue(
        session,
        scope=scope,
        public_id=row.public_id,
        instrument=instrument,
        by=people.coordinator,
        at=OUT + timedelta(days=10),
    )

    assert (row.number, row.replaces_id, row.content["replaces"]) == (2, issued.id, 1)
    assert row.content["correction"] == "One record was another child's."
    assert not any("C1" in says for says in issues.differs(session, row))
    stands = {one["question"]: one["as_in"] for one in row.content["findings"]["figures"]}
    assert stands["C1"] == "1 of Glen Test"  # nothing changed in it
    assert IssueContent.of(row.content["findings"], row.proof).verify() == []
    standing = issues.standing(session, scope=scope)
    assert standing is not None and standing.number == 2
    assert [one.number for one in issues.of(session, scope=scope)] == [2, 1]
    assert scope.place is not None and scope.place.inspection.published_on == (OUT + timedelta(days=1)).date()


def test_a_threshold_under_five_is_refused(
    session: Session, people: Cast, scope: Scope, instrument: Instrument, library: Library
) -> None:
    given = {"scope": scope, "instrument": instrument, "library": library, "by": people.lead, "at": OUT}
    with pytest.raises(RefusedError, match="may not be under 5"):
        issues.prepare(session, threshold=4, **given)
    row = issues.prepare(session, threshold=5, **given)
    assert row.policy["threshold"] == row.proof["proof"]["threshold"] == 5


def test_an_issue_of_another_inspection_is_not_there(session: Session, people: Cast, issued: Issue) -> None:
    other = issues.of_place(published.another(session, people))
    for public_id in (issued.public_id, "A" * 22, "odd"):
        with pytest.raises(AbsentError):
            issues.find(session, scope=other, public_id=public_id)


def figures(row: Issue, question: str) -> list[dict[str, Any]]:
    return [one for one in row.content["findings"]["figures"] if one["question"] == question]


def test_a_programme_divides_the_headline_questions_by_group_and_partnership(
    session: Session, people: Cast, programme: Scope, instrument: Instrument, library: Library
) -> None:
    row = prepare(session, people, programme, instrument, library)
    found = figures(row, "C9")

    assert {one["domain"] for one in found} == {"all", "stratum", "age_band"}
    of_one = [one for one in found if one["inspection"]]
    assert {one["inspection"] for one in of_one} == {place.path for place in programme.places}
    assert {one["level"] for one in found if one["domain"] == "stratum"} == {"a", "b", "c"}  # c with no answer too
    assert all((one["share"]["number"], one["share"]["percent"], one["scale"]) == (None, None, []) for one in of_one)
    assert [one["domain"] for one in figures(row, "C1")] == ["all"]  # no headline question
    assert {"by": "stratum", "level": "a", "kind": "Stratum", "label": strata(instrument)["a"]} in row.content["groups"]
    named = {one["of"] for one in row.withheld}
    assert {"", "Glen Test"} < named and not any(
        "glen-test" in text for one in row.withheld for text in one["protects"]
    )


def strata(instrument: Instrument) -> dict[str, str]:
    return {one.code: f"{one.code}: {one.label}" for one in instrument.strata}


def test_a_partnership_that_a_programme_told_of_is_checked_against_it_with_all_others_in_it(
    session: Session, people: Cast, scope: Scope, programme: Scope, instrument: Instrument, library: Library
) -> None:
    whole = issue(session, people, programme, instrument, prepare(session, people, programme, instrument, library))
    row = prepare(session, people, scope, instrument, library)

    assert row.proof["met"] == {
        "earlier": [whole.public_id],
        "places": ["programme-2026/strath-other", "programme-2026/uist-third"],
        "whole": ["programme-2026/glen-test", "programme-2026/strath-other", "programme-2026/uist-third"],
    }
    (headline,) = figures(row, "C9")
    assert headline["as_in"] == "1 of the programme"  # the same words under the same rules
    assert figures(row, "C1")[0]["as_in"] == ""
    assert IssueContent.of(row.content["findings"], row.proof).verify() == []


def test_the_issue_of_a_programme_is_attacked_with_what_ties_its_questions_to_each_other(
    session: Session, programme: Scope, instrument: Instrument
) -> None:
    readings = [one for place in programme.places for one in published.readings_of(session, place)]
    for at, reading in enumerate(readings):
        recognised = "no" if at % 4 == 1 else "yes"
        given = {"H6.present": "yes", "H6.recognised": recognised} if at % 2 else {"H6.present": "no"}
        session.add_all(AnswerRow(reading_id=reading.id or 0, key=key, value=given[key], saved_at=OUT) for key in given)
    session.flush()

    gathered = gathering.gather(session, scope=programme, instrument=instrument)

    present, behind = (
        next(one for one in gathered.findings if one.question == f"H6.{part}" and one.is_whole and not one.inspection)
        for part in ("present", "recognised")
    )
    n_yes = len(readings) // 2
    assert gathered.ties.counts[behind.cell("asked")] == gathered.ties.counts[behind.cell("n")] == n_yes
    tied = [set(dict(row.terms)) for row in gathered.ties.rows]
    assert {behind.cell("asked"), behind.cell("n")} in tied
    assert any({behind.cell("asked"), present.cell("k")} <= one for one in tied)


@pytest.mark.usefixtures("issued")
def test_a_note_that_looks_as_if_it_named_somebody_is_published_only_once_looked_at(
    session: Session, people: Cast, scope: Scope, instrument: Instrument, library: Library
) -> None:
    given = {"scope": scope, "instrument": instrument, "library": library, "by": people.lead, "at": OUT}
    note = "The record of Fiona McDonald, born 3 May 2014, was counted twice."

    with pytest.raises(FormError, match="looks like"):
        issues.prepare(session, note=note, **given)
    reference = session.exec(select(Case.case_ref).limit(1)).one()
    with pytest.raises(FormError, match="the reference of a case"):
        issues.prepare(session, note=f"What was read in {reference.lower()}, was counted twice.", **given)
    assert issues.prepare(session, note=note, looked=True, **given).correction == note


def test_an_issue_worked_out_apart_is_kept_only_if_nothing_moved_meanwhile(
    session: Session, people: Cast, scope: Scope, instrument: Instrument, library: Library
) -> None:
    by = people.coordinator
    made = issues.draft(session, scope=scope, instrument=instrument, library=library, by=by)
    assert issues.of(session, scope=scope) == []
    change_an_answer(session, scope)
    done_in(session, scope.places[0])

    with pytest.raises(ConflictError, match="changed while they were worked out"):
        issues.keep(session, scope=scope, draft=made, by=by, at=OUT)
    with pytest.raises(ConflictError, match="changed while they were worked out"):
        issues.look_again(session, scope=scope, instrument=instrument, basis=made.basis)
    published.evaluate(session, people, scope.places[0])
    made = issues.draft(session, scope=scope, instrument=instrument, library=library, by=by)
    again = issues.draft(session, scope=scope, instrument=instrument, library=library, by=by)
    issues.keep(session, scope=scope, draft=made, by=by, at=OUT)
    with pytest.raises(ConflictError, match="prepared already"):
        issues.keep(session, scope=scope, draft=again, by=by, at=OUT)


def test_the_proof_that_was_run_before_is_that_of_what_goes_out(
    session: Session, people: Cast, scope: Scope, instrument: Instrument, library: Library
) -> None:
    row = prepare(session, people, scope, instrument, library)
    given = {"scope": scope, "public_id": row.public_id, "by": people.lead}
    looked = issues.look_over(session, instrument=instrument, **given)
    proof = copy.deepcopy(row.proof)
    proof["proof"]["found"][0][1:3] = [0, 500]
    row.proof = proof
    session.flush()

    with pytest.raises(RefusedError, match="not what was proven"):
        issues.publish(session, looked=looked, at=OUT, **given)
    with pytest.raises(RefusedError, match="proof does not hold"):
        issues.look_over(session, instrument=instrument, **given)


def compared(session: Session, scope: Scope, row: Issue, instrument: Instrument, library: Library) -> issues.Comparison:
    return issues.compare(session, scope=scope, row=row, instrument=instrument, library=library)


def test_an_issue_is_rebuilt_as_it_is(
    session: Session, scope: Scope, instrument: Instrument, library: Library, issued: Issue
) -> None:
    assert issues.numbered(session, scope=scope, number=1) is issued
    found = compared(session, scope, issued, instrument, library)
    assert (found.is_same, found.differences, found.remarks) == (True, [], [])
    with pytest.raises(AbsentError, match="No issue 2"):
        issues.numbered(session, scope=scope, number=2)


def test_every_figure_that_is_another_now_is_named(
    session: Session, scope: Scope, instrument: Instrument, library: Library, issued: Issue
) -> None:
    change_an_answer(session, scope, n=7)
    found = compared(session, scope, issued, instrument, library)

    assert not found.is_same
    assert found.differences[0].startswith("The data are not what they were: SHA-256 ")
    assert [line.partition(":")[0] for line in found.differences[1:]] == ["C9"]


def test_where_the_version_of_then_is_gone_the_questions_that_ask_the_same_are_rebuilt(
    session: Session, scope: Scope, instrument: Instrument, issued: Issue
) -> None:
    found = compared(session, scope, issued, instrument, Library(()))
    assert found.is_same
    assert found.remarks[0].startswith("Version 1.0 of CRR-1 is not installed: rebuilt with 1.0")


@pytest.fixture
def programme(session: Session, people: Cast, scope: Scope) -> Scope:
    """The programme of three inspections, all with nothing left to do."""
    published.another(session, people)
    published.another(session, people, name="Uist Third")
    return issues.of_programme(session, scope.programme)


def test_a_programme_publishes_rounded_counts_of_all_inspections_as_one(
    session: Session, people: Cast, programme: Scope, instrument: Instrument, library: Library
) -> None:
    row = issue(session, people, programme, instrument, prepare(session, people, programme, instrument, library))
    (figure,) = (one for one in figures(row, "C9") if (one["inspection"], one["domain"]) == ("", "all"))

    assert [one["read"] for one in row.content["inspections"]] == [14, 14, 14]
    assert figure["inspection"] == ""
    assert figure["records"] == {
        "shown": "at least",
        "number": 32,
    }  # of 42: each knows its own, and 37 would leave few to the others
    assert issues.compare(session, scope=programme, row=row, instrument=instrument, library=library).is_same


def test_a_programme_is_checked_against_the_issues_of_its_partnerships_and_they_against_it(
    session: Session, people: Cast, scope: Scope, programme: Scope, instrument: Instrument, library: Library
) -> None:
    first = issue(session, people, scope, instrument, prepare(session, people, scope, instrument, library))
    whole = prepare(session, people, programme, instrument, library)
    assert whole.proof["met"] == {
        "earlier": [first.public_id],
        "places": ["programme-2026/glen-test"],
        "whole": [],
    }
    other = issues.of_place(programme.places[1])
    beside = prepare(session, people, other, instrument, library)
    issue(session, people, programme, instrument, whole)
    with pytest.raises(RefusedError, match="Another issue went out"):
        issue(session, people, other, instrument, beside)
    issues.drop(session, scope=other, public_id=beside.public_id, by=people.lead, at=OUT)
    beside = prepare(session, people, other, instrument, library)
    assert beside.proof["met"] == {
        "earlier": [first.public_id, whole.public_id],
        "places": ["programme-2026/glen-test", "programme-2026/uist-third"],
        "whole": ["programme-2026/glen-test", "programme-2026/strath-other", "programme-2026/uist-third"],
    }
    issue(session, people, other, instrument, beside)


def test_of_two_inspections_nothing_is_published_together_since_either_could_subtract_its_own(
    session: Session, people: Cast, scope: Scope, instrument: Instrument, library: Library
) -> None:
    published.another(session, people)
    with pytest.raises(RefusedError, match=r"final in 2 inspections .* There must be 3 at least"):
        prepare(session, people, issues.of_programme(session, scope.programme), instrument, library)
