"""Why an answer is refused, how it is stored, and whose note it rests on."""

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from casereader.instrument import Answer, evidence_of, faults_of, points_to, tidied
from casereader.scoring import category, y_of
from tests.casereader.instrument.files import CRR_1, NOTE, SERVICES_1, short


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("C9", "6"),
        ("C9", "cannot_be_evaluated"),
        ("C1", "in_part"),
        ("C10", "not_applicable"),
        ("A3", "CSO at home"),
        ("H4.present", "indicated"),
        ("G1.safe", "too_early"),
        ("D6.planned", "two_three_month"),
        ("F6", "0"),
        ("J9", "1440"),
        ("A3.family", "f-17"),
        ("J3.1", "planning"),
        ("A4.police", "not_supplied"),
        ("C9", None),
        ("C9", ""),
    ],
)
def test_an_answer_of_the_scale_is_taken(key: str, value: str | None) -> None:
    assert faults_of(CRR_1, key, Answer(value)) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *[("C9", value) for value in ("0", "7", "-1", "3.5", "1e0", "0x3", "４", " 4 ", "good", "yes", "None")],
        ("C9", "not_applicable"),
        ("C1", "cannot_be_evaluated"),
        ("C1", "Yes"),
        ("A3", "cso at home"),
        *[("F6", value) for value in ("-1", "51", "1.0", "01", "１", "1_0", " 1", "many", "9" * 400)],
        ("A3.family", "x" * 41),
        ("A3.family", "a\0b"),
        ("A3.family", "\ud800"),
    ],
)
def test_a_value_outside_the_scale_is_refused(key: str, value: str) -> None:
    assert len(faults_of(CRR_1, key, Answer(value))) == 1


def test_a_question_that_is_not_in_the_instrument_is_refused() -> None:
    assert faults_of(CRR_1, "Z1", Answer("yes")) == ["There is no question “Z1” in CRR-1 1.0."]
    assert faults_of(CRR_1, "H4", Answer("yes")) != []
    assert "�" in faults_of(CRR_1, "\ud800", Answer("yes"))[0]


def test_a_message_shows_at_most_sixty_characters_of_a_value() -> None:
    (says,) = faults_of(CRR_1, "C9", Answer("x" * 5000))

    assert "x" * 60 in says
    assert "x" * 61 not in says


def test_a_note_of_20_000_characters_is_taken_and_one_more_is_refused_with_the_count() -> None:
    assert faults_of(CRR_1, "C9", Answer("4", note="x" * 20_000)) == []
    assert faults_of(CRR_1, "C9", Answer("4", note="x" * 20_001)) == [
        "The note has 20,001 characters; at most 20,000 are kept."
    ]


@pytest.mark.parametrize("bad", ["a\0b", "a\ud800b", "\udfff"])
def test_a_note_that_no_database_can_hold_is_refused(bad: str) -> None:
    assert len(faults_of(CRR_1, "C9", Answer("4", note=bad))) == 1


def test_a_source_that_is_not_listed_is_refused() -> None:
    assert faults_of(CRR_1, "C9", Answer("4", sources=("health", "child"))) == []
    assert len(faults_of(CRR_1, "C9", Answer("4", sources=("health", "gossip", "gossip")))) == 1


@pytest.mark.parametrize(
    ("key", "value", "ground", "taken"),
    [
        ("C10", "not_applicable", "under_3_months", True),
        ("C10", "not_applicable", "first_review_not_due", False),
        ("C9", "cannot_be_evaluated", "too_little_recorded", True),
        ("C9", "cannot_be_evaluated", "under_3_months", False),
        ("C9", "4", "too_little_recorded", False),
        ("C9", None, "too_little_recorded", False),
    ],
)
def test_a_ground_is_taken_only_from_the_list_of_its_answer(
    key: str, value: str | None, ground: str, taken: bool
) -> None:
    assert (faults_of(CRR_1, key, Answer(value, ground=ground)) == []) is taken


def test_a_draft_may_lack_its_ground_and_its_note() -> None:
    assert faults_of(CRR_1, "B2", Answer("not_applicable"), stratum="d") == []
    assert faults_of(CRR_1, "C9", Answer("1")) == []


@pytest.mark.parametrize(("stratum", "refused"), [("a", False), ("b", True), ("CPR / 0-4", True), (None, False)])
def test_not_applicable_is_refused_for_the_strata_the_question_says(stratum: str | None, refused: bool) -> None:
    faults = faults_of(CRR_1, "D1", Answer("not_applicable", ground="no_plan_needed"), stratum=stratum)

    assert bool(faults) is refused


@pytest.mark.parametrize(("stratum", "refused"), [("a", False), ("b", True), ("SECOND GROUP / 0-4", True)])
def test_cannot_be_evaluated_is_refused_for_the_strata_the_question_says(stratum: str, refused: bool) -> None:
    strict = short(('qi = "5.2"', 'qi = "5.2"\ncannot_be_evaluated_refused = \'stratum = "b"\''))
    answer = Answer("cannot_be_evaluated", ground="silent")

    faults = faults_of(strict, "C9", answer, stratum=stratum)

    assert faults == (["“Cannot be evaluated” is not offered for this group of children."] if refused else [])


def test_all_that_is_wrong_with_an_answer_is_told_at_once() -> None:
    answer = Answer("9", note="\0", sources=("gossip",), ground="new")

    assert len(faults_of(CRR_1, "C9", answer)) == 4


def test_an_answer_is_stored_trimmed_with_plain_line_ends_and_each_source_once() -> None:
    untidy = Answer(" 4 ", note="one\r\ntwo\rthree\n", sources=("health", "child", "health"), ground="  ")

    assert tidied(untidy) == Answer("4", note="one\ntwo\nthree\n", sources=("health", "child"))
    assert tidied(tidied(untidy)) == tidied(untidy)
    assert tidied(Answer("   ")).value is None


def test_a_note_may_point_to_the_evidence_of_another_answer() -> None:
    answers = {"C9": Answer("2", NOTE, ("health",)), "C4": Answer("no", "See c9."), "C5": Answer("no", "own")}

    assert evidence_of(CRR_1, answers, "C4").note == NOTE
    assert evidence_of(CRR_1, answers, "C4").sources == ("health",)
    assert evidence_of(CRR_1, answers, "C4").of == "C9"
    assert evidence_of(CRR_1, answers, "C5").of == "C5"
    assert evidence_of(CRR_1, answers, "B1").note == ""


@pytest.mark.parametrize(
    "answers",
    [
        {"C4": Answer("no", "see C9")},
        {"C4": Answer("no", "see C4", ("health",))},
        {"C4": Answer("no", "see C9"), "C9": Answer("2", "see C5"), "C5": Answer("no", NOTE, ("health",))},
        {"C4": Answer("no", "see Z9")},
    ],
)
def test_a_pointer_to_nothing_to_itself_or_to_another_pointer_is_no_evidence(answers: dict[str, Answer]) -> None:
    assert evidence_of(CRR_1, answers, "C4").note == ""


def test_only_a_note_that_says_nothing_else_is_a_pointer() -> None:
    assert points_to("see H4.present") == "H4.present"
    assert points_to("  See C9.  ") == "C9"
    assert points_to("see the plan of May") is None
    assert points_to("see C9 and also the plan") is None
    assert points_to("") is None


any_text = st.text(st.characters(codec=None), max_size=12)
answers = st.builds(
    Answer,
    st.one_of(st.none(), st.sampled_from(["4", "yes", "no", "not_applicable", "weekly", "cannot_tell"]), any_text),
    note=any_text,
    sources=st.lists(st.one_of(st.sampled_from(["health", "child"]), any_text), max_size=3).map(tuple),
    ground=st.one_of(st.none(), st.sampled_from(["new", "under_3_months", "does_not_arise"]), any_text),
)


@for_all(st.one_of(st.sampled_from(CRR_1.parts), any_text), answers, st.sampled_from(["a", "b", "e", "x", None]))
def test_any_answer_is_taken_or_refused_in_words_that_can_be_shown(
    key: str, answer: Answer, stratum: str | None
) -> None:
    for says in faults_of(CRR_1, key, answer, stratum=stratum):
        assert says.encode("utf-8").decode("utf-8").isprintable()


@for_all(st.sampled_from(CRR_1.parts), st.one_of(any_text, st.sampled_from(["7", "４", "Yes", "4.0"])))
def test_a_value_that_is_refused_never_counts(key: str, value: str) -> None:
    part = CRR_1.part(key)

    if faults_of(CRR_1, key, Answer(value)):
        assert y_of(part, value) is None
    elif value and part.scale.kind != "text":
        assert category(part, value) == value


def test_a_service_has_no_other_answers_than_the_six() -> None:
    for value in ("cannot_be_evaluated", "not_applicable", "cannot_tell"):
        assert faults_of(SERVICES_1, "wellbeing", Answer(value)) != []


def test_the_bounds_of_a_note_are_the_instruments_own() -> None:
    strict = short(('unit = "case"', 'unit = "case"\nevidence = { shortest = 5, longest = 10 }'))

    assert faults_of(strict, "C1", Answer("yes", note="x" * 11)) != []
