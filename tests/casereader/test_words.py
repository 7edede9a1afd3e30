"""Words at and around their cut-offs, and the words an interval also allows."""

import math

import pytest

from casereader.words import WORDING, Word, Wording, also_words, places, printed, said_with, word_for, words_for


@pytest.mark.parametrize(
    ("share", "word"),
    [
        (0.0, "none"),
        (0.0001, "few"),
        (0.1499999, "few"),
        (0.15, "less than half"),
        (0.4999999, "less than half"),
        (0.5, "the majority"),
        (0.7499999, "the majority"),
        (0.75, "most"),
        (0.9, "most"),
        (0.9000001, "almost all"),
        (0.9999999, "almost all"),
        (1.0, "all"),
    ],
)
def test_each_word_begins_exactly_at_its_cut_off(share: float, word: str) -> None:
    assert word_for(share) == word


def test_a_share_is_not_rounded_before_its_word_is_chosen() -> None:
    # Both print as 75% and as 90%.
    assert word_for(0.7471) == "the majority"
    assert word_for(0.9021) == "almost all"
    assert word_for(0.996) == "almost all"


def test_floating_arithmetic_does_not_decide_between_two_words() -> None:
    ninety_in_a_hundred = sum([0.1] * 9)
    assert ninety_in_a_hundred != 0.9
    assert word_for(ninety_in_a_hundred) == word_for(math.nextafter(0.9, 1)) == "most"
    assert word_for(sum([0.1] * 10)) == "all"
    assert word_for(math.nextafter(0.75, 0)) == "most"


def test_no_share_has_no_word() -> None:
    assert word_for(None) == ""
    assert word_for(math.nan) == ""
    assert words_for(math.nan, math.nan) == []


def test_an_interval_touches_every_word_it_passes_lowest_first() -> None:
    assert words_for(0.48, 0.76) == ["less than half", "the majority", "most"]
    assert words_for(0.9, 1.0) == ["most", "almost all", "all"]
    assert words_for(0.91, 0.99) == ["almost all"]
    assert words_for(0.0, 0.15) == ["none", "few", "less than half"]
    assert words_for(1.0, 1.0) == ["all"]


def test_limits_past_nought_and_one_are_read_as_nought_and_one() -> None:
    assert words_for(-0.02, 0.1) == ["none", "few"]
    assert words_for(0.95, 1.04) == ["almost all", "all"]


def test_the_other_words_leave_out_the_share_s_own() -> None:
    assert also_words(0.62, 0.48, 0.76) == "less than half; most"
    assert also_words(0.62, 0.55, 0.70) == ""


def test_another_scheme_is_only_other_data() -> None:
    bands = Wording((Word("under half", 0.0), Word("half or more", 0.5)), least_n=5)

    assert word_for(0.49, wording=bands) == "under half"
    assert words_for(0.2, 0.9, wording=bands) == ["under half", "half or more"]
    assert WORDING.least_n == 10


@pytest.mark.parametrize(
    "words",
    [
        (),
        (Word("some", 0.1),),
        (Word("none", 0.0), Word("most", 0.75), Word("few", 0.2)),
        (Word("none", 0.0), Word("all", 1.2)),
        (Word("none", 0.0), Word("none", 0.5)),
    ],
)
def test_a_scheme_with_gaps_or_out_of_order_is_refused(words: tuple[Word, ...]) -> None:
    with pytest.raises(ValueError, match=r"must begin|are the same"):
        Wording(words)


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (0.9004, "90.04%"),
        (0.7496, "74.96%"),
        (0.4997, "49.97%"),
        (0.1496, "14.96%"),
        (0.896, "90%"),
        (0.5, "50%"),
        (0.001, "<1%"),
    ],
)
def test_a_share_is_printed_so_that_its_word_is_true_of_what_is_printed(share: float, shown: str) -> None:
    assert printed(share) == printed(share, word_for(share)) == shown


def test_a_file_shows_as_many_decimals_as_the_word_needs() -> None:
    assert [places(share) for share in (0.9004, 0.6, 0.745, 0.0004, 1.0)] == [2, 0, 1, 2, 0]


def test_the_words_of_the_interval_follow_as_possible() -> None:
    assert said_with("most", "the majority; almost all") == "most, possibly the majority or almost all"
    assert said_with("all", "the majority; most; almost all") == "all, possibly the majority, most or almost all"
    assert said_with("all", "") == "all"
