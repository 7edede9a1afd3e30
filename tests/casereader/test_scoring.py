"""What answers count as, worked by hand from the rules agreed for each scale."""

import pytest

from casereader.instrument import Answer
from casereader.instrument.ratings import resolve
from casereader.scoring import category, derived_y, y_of, ys
from tests.casereader.instrument.files import CRR_1, CRR_P, SERVICES_1, given

SIX = {"6": 1, "5": 1, "4": 1, "3": 0, "2": 0, "1": 0, "cannot_be_evaluated": None, "not_applicable": None}
YPN = {"yes": 1, "in_part": 0, "no": 0, "cannot_tell": 0, "not_applicable": None}
REVERSED = {"no": 1, "yes": 0, "in_part": 0, "cannot_tell": 0, "not_applicable": None}
DIFF = {"clear_improvement": 1, "some": 0, "no_change": 0, "worse": 0, "too_early": None, "not_applicable": None}
PRESENCE = {"yes": 1, "no": 0, "indicated": 0, "not_indicated": 0}

ANSWERS = [
    *[(key, value, y) for key in ("C9", "C10", "I8") for value, y in SIX.items()],
    *[(key, value, y) for key in ("C1", "H4.recognised", "R5") for value, y in YPN.items()],
    *[("D8", value, y) for value, y in REVERSED.items()],
    *[(key, value, y) for key in ("G1.safe", "G2") for value, y in DIFF.items()],
    *[("H4.present", value, y) for value, y in PRESENCE.items()],
    *[("D6.planned", value, None) for value in ("weekly", "none")],
    *[("A3", "CSO at home", None), ("F6", "3", None), ("J3.1", "planning", None), ("A3.family", "x", None)],
]


@pytest.mark.parametrize(("key", "value", "y"), ANSWERS)
def test_an_answer_counts_as_its_scale_says(key: str, value: str, y: int | None) -> None:
    counted = y_of(CRR_1.part(key), value)

    assert counted == y
    assert counted is None or isinstance(counted, float)


@pytest.mark.parametrize("value", [None, "", "0", "7", "4.0", "４", "Yes", "good"])
def test_what_the_scale_does_not_offer_is_blank_and_never_a_zero(value: str | None) -> None:
    for key in ("C9", "C1", "D8", "G2", "H4.present"):
        assert y_of(CRR_1.part(key), value) is None
        assert category(CRR_1.part(key), value) is None


def test_six_headline_shares_worked_by_hand() -> None:
    """Nine readings of C9: 6 5 4 count 1; 3 2 1 count 0; three are blank: 3 of 6."""
    values = ["6", "5", "4", "3", "2", "1", "cannot_be_evaluated", None, "x"]

    counted = [y for value in values if (y := y_of(CRR_1.part("C9"), value)) is not None]
    assert (sum(counted), len(counted)) == (3.0, 6)


def test_each_answer_of_a_list_is_a_row_of_its_distribution_and_text_is_none() -> None:
    assert category(CRR_1.part("A3"), "CSO at home") == "CSO at home"
    assert category(CRR_1.part("C9"), "cannot_be_evaluated") == "cannot_be_evaluated"
    assert category(CRR_1.part("F6"), "3") == "3"
    assert category(CRR_1.part("F6"), "three") is None
    assert category(CRR_1.part("A3.family"), "f-17") is None
    assert category(CRR_P.part("P1"), "variable") == "variable"


def test_a_reading_counts_only_where_it_was_asked_answered_and_taken() -> None:
    answers = given(
        C9="5",
        C10="not_applicable",
        C1="no",
        B6="4",  # not asked of stratum c without a new concern
        I8="6",  # not asked where the legal basis is none
        A3="none",
        D12="9",  # refused
        H4__present="no",
        H4__recognised="yes",  # not asked where the theme is absent
        H5__present="indicated",
        H5__recognised="no",
    ) | {"F9": Answer("4", note="\0")}

    counted = {key: y for key, y in ys(CRR_1, answers, stratum="c").items() if y is not None}

    assert counted == {"C9": 1.0, "C1": 0.0, "H4.present": 0.0, "H5.present": 0.0, "H5.recognised": 0.0}


def test_only_parts_that_can_count_are_counted() -> None:
    keys = ys(CRR_1, {}, stratum="b").keys()

    assert {"C9", "D8", "G2", "H4.present"} <= keys
    assert not {"A3", "D6.planned", "F6", "J3.1", "D8.reason", "G3"} & keys
    assert list(ys(SERVICES_1, given(staff="3"), stratum=None).items()) == [
        ("wellbeing", None),
        ("planning", None),
        ("play_learning", None),
        ("setting", None),
        ("staff", 0.0),
        ("leadership", None),
    ]


@pytest.mark.parametrize(
    ("answers", "counts"),
    [
        (given(G2="clear_improvement", G3="measured"), 1.0),
        (given(G2="some", G3="confirmed"), 1.0),
        (given(G2="clear_improvement", G3="asserted"), 0.0),
        (given(G2="clear_improvement", G3="recorded"), 0.0),
        (given(G2="clear_improvement"), 0.0),
        (given(G2="no_change", G3="measured"), 0.0),
        (given(G2="worse", G3="confirmed"), 0.0),
        (given(G2="too_early", G3="measured"), None),
        ({}, None),
    ],
)
def test_improvement_is_demonstrated_where_it_was_measured_or_confirmed(
    answers: dict[str, Answer], counts: float | None
) -> None:
    (demonstrated,) = CRR_1.derived

    values = resolve(CRR_1, answers, stratum="b").values
    assert derived_y(demonstrated, values, CRR_1.stratum_code("b")) == counts
