"""Answers that do not go together warn, and stop nothing."""

import pytest

from casereader.instrument import Answer, missing, warnings
from tests.casereader.instrument.files import CRR_1, given, short

STRONG = given(C2="yes", C3="yes", C4="yes", C5="yes")
WEAK = given(C2="no", C3="cannot_tell", C4="yes", C5="in_part")


def keys(answers: dict[str, Answer], stratum: str = "b") -> list[tuple[str, ...]]:
    return [one.keys for one in warnings(CRR_1, answers, stratum=stratum)]


@pytest.mark.parametrize(
    ("rating", "answers", "warned"),
    [
        ("4", WEAK, True),  # two weak of four
        ("5", WEAK, True),
        ("3", WEAK, False),
        ("3", STRONG, True),
        ("4", STRONG, False),
        ("3", STRONG | given(C5="in_part"), False),  # three strong of four are not nine in ten
        ("4", WEAK | given(C6="yes"), False),  # two weak of five
        ("6", given(C2="no", C3="no"), False),  # too few to compare with
        ("6", given(C2="no", C3="no", C4="not_applicable"), False),
        ("cannot_be_evaluated", WEAK, False),
    ],
)
def test_a_rating_that_contradicts_its_sections_answers_warns(
    rating: str, answers: dict[str, Answer], warned: bool
) -> None:
    assert (("C9",) in keys(answers | given(C9=rating))) is warned


def test_a_reversed_answer_is_weak_where_it_is_yes() -> None:
    assert ("D12",) in keys(given(D12="5", D8="yes", D3="no", D4="yes"))
    assert ("D12",) not in keys(given(D12="5", D8="no", D3="no", D4="yes"))


@pytest.mark.parametrize(
    ("answers", "stratum", "warned"),
    [
        (given(C1="no", C10="5"), "b", ("C1", "C10")),
        (given(C10="not_applicable", A6="over_3_years"), "b", ("C10", "A6")),
        (given(F7="no", F10="4"), "b", ("F7", "F10")),
        (given(G2="worse", G5="4"), "b", ("G2", "G5")),
        (given(G2="clear_improvement", G1__safe="worse"), "b", ("G2", "G1.safe")),
        (given(A5="no_review_yet", E7="3"), "b", ("A5", "E7")),
        (given(A3="none"), "e", ("A3",)),
        (given(A3="CSO at home", A3__living="foster"), "e", ("A3", "A3.living")),
        (given(A1="a"), "CPR / 0-4", ("A1",)),
        (given(D12="1", J7="no"), "b", ("D12", "J7")),
    ],
)
def test_the_contradictions_of_crr_1_point_to_their_answers(
    answers: dict[str, Answer], stratum: str, warned: tuple[str, ...]
) -> None:
    assert warned in keys(answers, stratum)


def test_answers_that_go_together_do_not_warn() -> None:
    assert keys(given(A1="b", A3="CSO at home", A3__living="parents", C1="no", C10="2", G2="some", G5="4")) == []


def test_a_closed_answer_contradicts_nothing() -> None:
    closed = given(E7="not_applicable", E1="no", E2="no", E3="no") | given(A3="none", I8="6", I1="no", I2="no", I4="no")

    assert keys(closed) == []


def test_a_contradiction_stops_nothing() -> None:
    answers = given(C1="no", C9="6")
    with_note = {key: Answer(one.value, "Said in the minutes of May.", ("health",)) for key, one in answers.items()}

    assert [one.says for one in warnings(short(), with_note, stratum="a")] == ["No chronology, and yet excellent."]
    assert missing(short(), with_note, stratum="a") == []


def test_a_stratum_that_is_not_known_contradicts_nothing() -> None:
    assert warnings(CRR_1, given(A1="a", A3="none"), stratum="other") == []


def test_a_rating_that_does_not_go_with_its_answers_says_which_case_it_is() -> None:
    high = given(B6="4", B1="no", B2="no", B3="yes", B4="yes")
    low = given(B6="2", B1="yes", B2="yes", B3="yes")

    (weak,) = warnings(CRR_1, high, stratum="a")
    (strong,) = warnings(CRR_1, low, stratum="a")

    assert weak.says.endswith("Here: rated “Good”; against that B1, B2.")
    assert strong.says.endswith("Here: rated “Weak”; against that B1, B2, B3.")


def test_an_answer_chosen_again_where_up_to_so_many_are_asked_for_warns_at_the_later_one() -> None:
    topic = CRR_1.part("J3.1").choices[0]
    answers = given(**{"J3.1": topic.value, "J3.2": CRR_1.part("J3.1").choices[1].value, "J3.3": topic.value})

    (found,) = warnings(CRR_1, answers, stratum="a")

    assert found.keys == ("J3.3", "J3.1")
    assert found.says == f"“{topic.label}” is chosen 2 times: J3.1, J3.3."


def test_a_matter_of_concern_answered_otherwise_than_it_was_raised_warns_where_that_is_known() -> None:
    for answer, raised, warns in (
        ("yes", 0, True),
        ("yes", 1, False),
        ("no", 0, False),
        ("no", 2, True),
        ("no", None, False),
    ):
        found = warnings(CRR_1, given(J7=answer), stratum="a", raised=raised)
        assert [one.keys for one in found if one.is_concern] == ([("J7",)] if warns else []), (answer, raised)
