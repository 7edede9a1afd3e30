"""Which parts are open, what stops a submission, and how far a section is."""

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from casereader.instrument import Answer, how_full, missing, open_keys, section_states
from tests.casereader.instrument.files import CRR_1, CRR_P, NOTE, SERVICES_1, given, short

FULL = Answer("6", NOTE, ("health",))


def says(answers: dict[str, Answer], key: str, *, stratum: str | None = "b") -> list[str]:
    """What is missing at one key of CRR-1."""
    return [one.says for one in missing(CRR_1, answers, stratum=stratum) if one.key == key]


@pytest.mark.parametrize(
    ("stratum", "answers", "asked"),
    [
        ("a", {}, True),
        ("b", {}, True),
        ("d", {}, True),
        ("c", {}, False),
        ("e", {}, False),
        ("c", given(A8="yes"), True),
        ("c", given(A8="no"), False),
        ("unheard of", {}, True),
    ],
)
def test_recognition_is_asked_for_a_b_d_and_where_a_concern_arose(
    stratum: str, answers: dict[str, Answer], asked: bool
) -> None:
    assert ("B6" in open_keys(CRR_1, answers, stratum=stratum)) is asked


def test_the_question_on_a_new_concern_is_asked_only_where_it_decides_something() -> None:
    assert [s for s in "abcde" if "A8" in open_keys(CRR_1, {}, stratum=s)] == ["c", "e"]
    # An answer left from before does not open the section for a group where it is not asked.
    assert "B6" in open_keys(CRR_1, given(A8="no"), stratum="a")


@pytest.mark.parametrize(
    ("present", "opens"), [("yes", True), ("indicated", True), ("no", False), ("not_indicated", False)]
)
def test_a_theme_opens_where_it_is_present_or_indicated(present: str, opens: bool) -> None:
    opened = open_keys(CRR_1, given(H4__present=present), stratum="b")

    assert ("H4.recognised" in opened) is opens
    assert ("H4.difference" in opened) is opens
    assert "H5.recognised" not in opened


def test_community_based_harm_is_asked_from_twelve_on() -> None:
    asked = [
        band
        for band in ("0-4", "5-11", "12-15", "16-17")
        if "H8.present" in open_keys(CRR_1, given(A2=band), stratum="b")
    ]

    assert asked == ["12-15", "16-17"]


def test_a_part_of_a_theme_that_is_not_asked_stays_closed_whatever_was_answered_before() -> None:
    opened = open_keys(CRR_1, given(A2="0-4", H8__present="yes"), stratum="b")

    assert "H8.recognised" not in opened


def test_supervision_at_home_is_asked_where_the_legal_basis_says_so() -> None:
    assert "I8" in open_keys(CRR_1, {"A3": Answer("CSO at home")}, stratum="b")
    assert "I8" not in open_keys(CRR_1, {"A3": Answer("CSO away")}, stratum="e")


def test_a_first_review_not_yet_due_closes_the_rest_of_its_section() -> None:
    answers = {"E7": Answer("not_applicable")}

    assert [key for key in open_keys(CRR_1, answers, stratum="b") if key.startswith("E")] == ["E7"]
    assert section_states(CRR_1, answers, stratum="b")["E"] == "not applicable"


def test_open_parts_come_in_the_instruments_order() -> None:
    opened = open_keys(CRR_1, given(A3="CSO at home", H1__present="yes", D8="yes", J6="yes"), stratum="b")

    assert list(opened) == [key for key in CRR_1.parts if key in set(opened)]


@for_all(
    st.dictionaries(
        st.sampled_from(CRR_1.parts), st.sampled_from(["yes", "no", "indicated", "CSO at home", "not_applicable"])
    ),
    st.sampled_from(["a", "b", "c", "d", "e", None, "other"]),
)
def test_an_answer_to_a_part_that_is_not_asked_changes_nothing(values: dict[str, str], stratum: str | None) -> None:
    answers = {key: Answer(value) for key, value in values.items()}
    opened = open_keys(CRR_1, answers, stratum=stratum)
    only_open = {key: answer for key, answer in answers.items() if key in opened}

    assert open_keys(CRR_1, only_open, stratum=stratum) == opened
    assert missing(CRR_1, only_open, stratum=stratum) == missing(CRR_1, answers, stratum=stratum)


def test_an_empty_reading_lacks_every_required_open_part_and_no_evidence() -> None:
    lacking = missing(CRR_1, {}, stratum="b")

    required = [key for key in open_keys(CRR_1, {}, stratum="b") if CRR_1.part(key).required]
    assert [one.key for one in lacking] == required
    assert "A3.deprivation" not in required
    assert "J3.2" not in required


@pytest.mark.parametrize("value", ["1", "2", "6"])
@pytest.mark.parametrize(
    ("note", "sources", "enough"),
    [
        (NOTE, ("health",), True),
        ("x" * 20, ("child",), True),
        ("x" * 19, ("child",), False),
        ("   " + "x" * 17 + "   ", ("child",), False),
        (NOTE, (), False),
        ("", ("health",), False),
    ],
)
def test_the_ends_of_the_scale_need_twenty_characters_and_a_source(
    value: str, note: str, sources: tuple[str, ...], enough: bool
) -> None:
    assert any("needs a note of 20" in one for one in says({"C9": Answer(value, note, sources)}, "C9")) is not enough


@pytest.mark.parametrize("value", ["3", "4", "5"])
def test_the_middle_of_the_scale_needs_no_note_where_the_section_has_one(value: str) -> None:
    assert says({"C9": Answer(value), "C1": Answer("yes", NOTE, ("health",))}, "C9") == []


def test_each_no_needs_a_note_of_any_length_and_in_part_needs_none() -> None:
    assert says({"C1": Answer("no")}, "C1")[0] == "“No” needs a note."
    assert not any("“No”" in one for one in says({"C1": Answer("no", "None.")}, "C1"))
    assert any("“No”" in one for one in says({"C1": Answer("no", "  \n")}, "C1"))
    assert not any("needs a note." in one for one in says({"C1": Answer("in_part")}, "C1"))


def test_in_a_reversed_question_it_is_the_yes_that_needs_the_note() -> None:
    assert any("“Yes” needs a note" in one for one in says({"D8": Answer("yes")}, "D8"))
    assert not any("needs a note." in one for one in says({"D8": Answer("no")}, "D8"))


def test_one_note_may_serve_several_answers() -> None:
    answers = {
        "C9": Answer("2", NOTE, ("health",)),
        "C10": Answer("2", "see C9"),
        "C1": Answer("no", "See C9."),
        "D12": Answer("1", "see C9"),
    }

    lacking = {one.key for one in missing(CRR_1, answers, stratum="b")}
    assert not {"C9", "C10", "C1", "D12"} & lacking


def test_a_pointer_that_leads_to_no_evidence_says_where_it_leads() -> None:
    (told,) = (one for one in says({"C10": Answer("2", "see C9")}, "C10") if "needs" in one and "points" in one)

    assert "points to C9" in told


def test_a_section_with_a_judgement_needs_one_note_with_a_source_anywhere_in_it() -> None:
    told = [one for one in missing(CRR_1, given(C9="4", C1="yes"), stratum="b") if "This section" in one.says]
    assert [(one.key, one.section) for one in told] == [("C9", "C")]

    with_note = given(C9="4") | {"C1": Answer("yes", NOTE, ("police",))}
    assert not any("This section" in one.says for one in missing(CRR_1, with_note, stratum="b"))


def test_a_rating_that_needs_a_note_itself_is_not_told_so_twice() -> None:
    assert len(says(given(C9="6", C1="yes"), "C9")) == 1


def test_a_section_without_judgements_needs_no_note() -> None:
    answers = given(A1="b", A2="0-4", A3="none", H1__present="not_indicated", H2__present="no")

    assert not any("This section" in one.says for one in missing(CRR_1, answers, stratum="b"))


def test_a_section_that_is_not_applicable_needs_no_note() -> None:
    assert not any("This section" in one.says for one in missing(CRR_1, given(E7="not_applicable"), stratum="b"))


def test_a_note_at_a_closed_part_does_not_serve_its_section() -> None:
    answers = given(H4__present="no", H5__present="yes", H5__recognised="yes") | {
        "H4.recognised": Answer("yes", NOTE, ("health",))
    }

    assert any(one.section == "H" and "This section" in one.says for one in missing(CRR_1, answers, stratum="b"))


def test_a_ground_is_asked_for_where_there_is_a_choice_of_grounds() -> None:
    assert any("needs a ground" in one for one in says(given(B4="not_applicable"), "B4"))
    assert any("needs a ground" in one for one in says(given(C9="cannot_be_evaluated"), "C9"))
    with_ground = {"B4": Answer("not_applicable", ground="no_safety_plan_needed")}
    assert not any("needs a ground" in one for one in says(with_ground, "B4"))


def test_the_only_ground_there_is_needs_no_choosing() -> None:
    assert not any("needs a ground" in one for one in says(given(C10="not_applicable"), "C10"))


def test_an_answer_marked_discuss_waits_for_the_mark_to_be_cleared() -> None:
    assert any("discuss" in one for one in says({"C9": Answer("4", discuss=True)}, "C9"))
    assert any("discuss" in one for one in says({"C9": Answer(None, discuss=True)}, "C9"))


def test_a_topic_needs_its_text_but_for_nothing_stands_out() -> None:
    assert says(given(J3__1="planning"), "J3.1") == ["“Planning” needs a note."]
    assert says(given(J3__1="none"), "J3.1") == []
    assert says({"J3.2": Answer("planning", "The plan was the family's own.")}, "J3.2") == []


def test_an_answer_that_would_be_refused_today_stops_the_submission() -> None:
    """The stratum of a case may be put right after *not applicable* was taken."""
    answers = {"D1": Answer("not_applicable", ground="no_plan_needed")}

    assert says(answers, "D1", stratum="a") == []
    assert says(answers, "D1", stratum="b") == ["“Not applicable” is not offered for this group of children."]


def test_the_states_of_a_section_follow_the_work_on_it() -> None:
    def state(answers: dict[str, Answer]) -> str:
        return section_states(short(), answers, stratum="a")["C"]

    assert state({}) == "not started"
    assert state({"C1": Answer(None, note="a thought")}) == "in progress"
    assert state(given(C1="yes")) == "in progress"
    assert state(given(C1="yes", C9="4")) == "in progress"
    assert state(given(C1="yes") | {"C9": FULL}) == "complete"
    assert state(given(C1="yes") | {"C9": Answer("6", NOTE, ("health",), discuss=True)}) == "complete"


def test_a_section_that_skip_logic_closes_is_not_applicable() -> None:
    assert section_states(short(), given(C1="no"), stratum="a")["H"] == "not applicable"
    assert section_states(CRR_1, {}, stratum="c")["B"] == "not applicable"


def test_what_the_frame_filled_in_does_not_start_a_section() -> None:
    filled = given(A1="b", A2="0-4", A3="none", A4__police="seen")

    assert section_states(CRR_1, filled, stratum="b")["A"] == "not started"
    assert section_states(CRR_1, filled | given(A7="no"), stratum="b")["A"] == "in progress"


@for_all(
    st.dictionaries(
        st.sampled_from(CRR_1.parts),
        st.builds(Answer, st.sampled_from(["yes", "no", "4", "6", "not_applicable", "CSO at home", "seen"])),
        max_size=30,
    )
)
def test_a_section_is_finished_exactly_where_nothing_is_missing(answers: dict[str, Answer]) -> None:
    lacking = {one.section for one in missing(CRR_1, answers, stratum="b")}

    for section, state in section_states(CRR_1, answers, stratum="b").items():
        if state in ("complete", "not applicable"):
            assert section not in lacking


def test_a_blank_evaluation_of_a_service_is_nothing_missing() -> None:
    assert missing(SERVICES_1, {}, stratum=None) == []
    assert missing(SERVICES_1, given(wellbeing="2", staff="6"), stratum="Child Minding") == []


def test_the_partnerships_own_answers_each_need_a_reason_and_a_kind_of_evidence() -> None:
    answered = {"P1": Answer("variable", NOTE, ("survey",)), "P2": Answer("strength", NOTE)}

    lacking = [one.key for one in missing(CRR_P, answered, stratum=None)]
    assert "P1" not in lacking
    assert "P2" in lacking
    assert "P1.reference" not in lacking


def test_a_reading_is_as_full_as_the_answers_that_must_be_given_are_and_what_opens_more_makes_it_less_so() -> None:
    given_so_far, asked = how_full(CRR_1, {}, stratum="c")
    assert (given_so_far, asked > 50) == (0, True)
    assert how_full(CRR_1, given(C1="yes"), stratum="c") == (1, asked)
    assert how_full(CRR_1, {"C1": Answer(None, NOTE)}, stratum="c") == (0, asked)

    given_so_far, opened = how_full(CRR_1, given(A8="yes"), stratum="c")
    assert given_so_far == 1 and opened > asked
