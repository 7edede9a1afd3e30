"""CRR-1, CRR-P and services-1 hold what they promise."""

import re

import pytest

from casereader.instrument import open_keys
from tests.casereader.instrument.files import CRR_1, CRR_P, SERVICES_1, given

TYPICAL = given(
    A1="b", A2="5-11", A3="none", H1__present="yes", H4__present="yes", H6__present="indicated", D8="in_part", J6="no"
)


def test_crr_1_asks_about_a_hundred_questions_and_some_120_fields_on_a_typical_record() -> None:
    assert 90 <= len(CRR_1.questions) <= 105
    assert 110 <= len(open_keys(CRR_1, TYPICAL, stratum="b")) <= 130


def test_crr_1_has_every_question_of_every_section() -> None:
    numbers = {
        section.id: [int(question.id.removeprefix(section.id)) for question in section.questions]
        for section in CRR_1.sections
    }

    counts = {"A": 8, "B": 6, "C": 10, "D": 12, "E": 7, "F": 11, "G": 5, "H": 11, "R": 5, "I": 8, "J": 9}
    assert numbers == {section: list(range(1, n + 1)) for section, n in counts.items()}


def test_the_headline_questions_are_those_agreed() -> None:
    headlines = {s.id: q.id for s in CRR_1.sections if (q := CRR_1.headline(s.id)) is not None}

    assert headlines == {"B": "B6", "C": "C9", "D": "D11", "E": "E7", "F": "F9", "G": "G5", "I": "I8"}
    assert [(row.question, row.label) for row in CRR_1.opening] == [
        ("C9", "Assessment"),
        ("D11", "Planning"),
        ("E7", "Review"),
        ("F9", "The child's involvement"),
    ]


def test_the_quality_indicators_have_the_questions_agreed() -> None:
    mapped = {one.value: [question.id for question in CRR_1.mapped_to(one.value)] for one in CRR_1.quality_indicators}

    assert mapped == {
        "2.1": ["G5"],
        "5.1": ["B6"],
        "5.2": ["C9", "C10"],
        "5.3": ["D11", "D12", "E7", "I8"],
        "5.4": ["F9", "F10"],
        "9.1": [],
        "9.2": [],
        "9.3": [],
        "9.4": [],
    }


def test_every_six_point_question_has_six_descriptors_says_what_good_is_and_offers_cannot_be_evaluated() -> None:
    ratings = [q for q in CRR_1.questions if q.parts[0].scale.kind == "six"]

    assert [q.id for q in ratings] == ["B6", "C9", "C10", "D11", "D12", "E7", "F9", "F10", "G5", "I8"]
    for question in ratings:
        choices = question.parts[0].by_value
        assert all(choices[str(point)].says for point in range(1, 7))
        assert question.good
        assert "cannot_be_evaluated" in choices
        assert len(question.parts[0].cbe_grounds) > 1
        assert question.qi


def test_stored_values_are_those_agreed() -> None:
    values = {
        "C9": "6 5 4 3 2 1 cannot_be_evaluated",
        "C10": "6 5 4 3 2 1 cannot_be_evaluated not_applicable",
        "C1": "yes in_part no cannot_tell not_applicable",
        "H4.present": "yes no indicated not_indicated",
        "G1.safe": "clear_improvement some no_change worse too_early not_applicable",
        "G3": "asserted recorded measured confirmed",
        "A2": "0-4 5-11 12-15 16-17",
        "A4.police": "seen not_supplied not_expected",
        "J8": "high medium low",
    }

    for key, agreed in values.items():
        assert " ".join(CRR_1.part(key).by_value) == agreed
    assert "CSO at home" in CRR_1.part("A3").by_value
    assert [source.value for source in CRR_1.sources] == [
        "social_work",
        "health",
        "education",
        "police",
        "scra",
        "third_sector",
        "child",
    ]


def test_themes_open_four_answers_each_and_relationships_are_asked_on_every_record() -> None:
    for question in CRR_1.section("H").questions:
        assert [part.key.partition(".")[2] for part in question.parts] == [
            "present",
            "recognised",
            "assessed",
            "addressed",
            "difference",
        ]
    assert all(part.shown is None for part in CRR_1.section("R").parts)


def test_records_of_all_five_agencies_are_expected_for_registered_children() -> None:
    assert CRR_1.records_expected("CPR") == ("social_work", "health", "education", "police", "scra")
    assert all("social_work" in CRR_1.records_expected(stratum.code) for stratum in CRR_1.strata)
    assert CRR_1.records_expected("other") == CRR_1.records_expected("b")


def test_what_the_frame_and_the_tracker_know_is_filled_in() -> None:
    assert [part.key for part in CRR_1.filled_from("legal_basis")] == ["A3"]
    assert [part.key for part in CRR_1.filled_from("living")] == ["A3.living"]
    assert [part.key for part in CRR_1.filled_from("agency")] == [
        "A4.social_work",
        "A4.health",
        "A4.education",
        "A4.police",
        "A4.scra",
    ]


@pytest.mark.parametrize("instrument", [CRR_1, CRR_P, SERVICES_1], ids=lambda one: one.id)
def test_every_question_is_one_plain_sentence_with_a_short_label(instrument) -> None:  # noqa: ANN001
    for question in instrument.questions:
        assert len(question.label) <= 50, question.id
        assert len(question.text) <= 130, question.id
        assert question.text.count("?") <= 1, question.id
        if instrument.section(question.section).layout == "list":
            assert question.text.endswith("?"), question.id
    for key in instrument.parts:
        assert instrument.part(key).text, key


@pytest.mark.parametrize("instrument", [CRR_1, CRR_P, SERVICES_1], ids=lambda one: one.id)
def test_no_code_is_shown_in_place_of_words(instrument) -> None:  # noqa: ANN001
    shown = [choice.label for key in instrument.parts for choice in instrument.part(key).choices]
    shown += [one.label for one in (*instrument.grounds, *instrument.sources, *instrument.agencies)]

    assert not [label for label in shown if re.search(r"_|^[a-z]", label)]


def test_every_ground_is_used() -> None:
    used = {
        ground.value for key in CRR_1.parts for ground in (*CRR_1.part(key).na_grounds, *CRR_1.part(key).cbe_grounds)
    }

    assert {ground.value for ground in CRR_1.grounds} == used


def test_crr_p_asks_the_partnership_about_each_point_of_the_national_review() -> None:
    assert CRR_P.unit == "partnership"
    assert [q.id for q in CRR_P.questions] == [f"P{n}" for n in range(1, 12)]
    assert " ".join(CRR_P.part("P1").by_value) == "strength variable area_for_improvement not_enough_evidence"
    assert [source.value for source in CRR_P.sources] == ["records", "survey", "groups", "documents", "data"]


def test_services_1_has_six_ratings_and_opens_with_them() -> None:
    names = ["wellbeing", "planning", "play_learning", "setting", "staff", "leadership"]

    assert SERVICES_1.unit == "case"
    assert list(SERVICES_1.parts) == names
    assert [row.question for row in SERVICES_1.opening] == names
    assert not any(SERVICES_1.part(name).required for name in names)
