"""How a figure is rounded and worded, and what that tells: worked by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casereader.disclosure import PARTNERSHIP, PROGRAMME, DisclosureError, Finding, Policy, Shown, Shows
from casereader.disclosure.forms import counts_behind, figure_forms, percent, records_forms, rounded, share_rows
from casereader.words import word_for
from tests.casereader.disclosure.linked import finding


@pytest.mark.parametrize(("count", "printed"), [(0, 0), (2, 0), (3, 5), (7, 5), (8, 10), (57, 55), (58, 60)])
def test_counts_are_rounded_to_the_nearest_five(count: int, printed: int) -> None:
    assert rounded(count, 5) == printed


@given(count=st.integers(0, 5000), base=st.integers(2, 20))
def test_the_counts_behind_a_rounded_one_are_just_those_that_round_to_it(count: int, base: int) -> None:
    low, high = counts_behind(rounded(count, base), base)

    assert low <= count <= high
    assert {rounded(one, base) for one in range(low, high + 1)} == {rounded(count, base)}
    assert rounded(high + 1, base) != rounded(count, base)


@pytest.mark.parametrize(
    ("share", "n", "printed"),
    [
        (0.634, 3000, 63),  # 1,900 of 3,000
        (0.634, 200, 63),  # 126.8, so 125 of 200: 62.5
        (0.634, 60, 67),  # 38.04, so 40 of 60
        (0.476, 42, 50),  # 20 of 40
        (0.997, 3000, 99),  # never 100% where one is missing
        (0.003, 3000, 1),
        (0.634, 17, None),  # prints as 15 records, too few for percentages
    ],
)
def test_percentages_are_those_of_rounded_counts(share: float, n: int, printed: int | None) -> None:
    found = percent(share, n, PROGRAMME)

    assert (found and found[0]) == printed
    assert found is None or found[1] <= share <= found[2]


def test_a_word_beside_a_number_is_true_of_the_number_printed() -> None:
    # 74.8% prints as 75%, and 75% is "most".
    form = figure_forms(Finding("C9", 1000, 748), PROGRAMME)[0]

    assert (form.number, form.percent, form.words) == (750, 75, ("most",))


@given(n=st.integers(20, 4000), part=st.floats(0, 1))
def test_no_word_is_printed_beside_a_number_it_is_not_true_of(n: int, part: float) -> None:
    form = figure_forms(Finding("C9", n, round(n * part)), PROGRAMME)[0]

    if form.percent is not None:
        assert form.words == (word_for(form.percent / 100),)


def test_one_partnership_gets_words_and_no_numerator_or_percentage() -> None:
    for form in figure_forms(finding(60, 45), PARTNERSHIP):
        assert (form.number, form.percent) == (None, None)


def test_the_forms_of_a_share_go_from_the_word_to_a_range_to_nothing() -> None:
    forms = figure_forms(finding(60, 40), PARTNERSHIP)

    assert [(form.shown, form.words, form.also) for form in forms] == [
        (Shown.WORD, ("the majority",), ("most",)),
        (Shown.WORD, ("the majority",), ()),
        (Shown.RANGE, ("the majority", "most", "almost all", "all"), ()),
        (Shown.WITHHELD, (), ()),
    ]


def test_all_shares_near_an_end_have_the_same_forms() -> None:
    # 60 records: all but 15 and more are "most" and above, and under 30 are "less than half" and below.
    for counts, words in (
        (range(45, 61), ("most", "almost all", "all")),
        (range(30), ("none", "few", "less than half")),
    ):
        assert {figure_forms(finding(60, k, read=60), PARTNERSHIP)[0].words for k in counts} == {words}


@pytest.mark.parametrize(("n", "first"), [(20, None), (21, "the majority"), (39, "the majority"), (40, "most")])
def test_the_range_that_ends_with_all_reaches_as_far_down_as_ten_records_need(n: int, first: str | None) -> None:
    form = figure_forms(finding(n, n, read=n), PARTNERSHIP)[0]

    assert (form.words[0] if form.words else None) == first


def test_a_few_without_an_answer_are_not_told_from_none() -> None:
    shown = [records_forms(finding(n, 40, read=60), PARTNERSHIP)[0] for n in (60, 58, 51)]

    assert {(form.shown, form.number) for form in shown} == {(Shown.AT_LEAST, 50)}
    assert records_forms(finding(50, 40, read=60), PARTNERSHIP)[0].number == 50


def test_a_small_number_is_in_no_count_and_its_complement_neither() -> None:
    assert Shown.COUNT not in {form.shown for form in figure_forms(finding(60, 9), PROGRAMME)}
    assert Shown.COUNT not in {form.shown for form in figure_forms(finding(60, 51), PROGRAMME)}
    assert [form.shown for form in records_forms(finding(9, 4), PROGRAMME)] == [Shown.WITHHELD]
    assert figure_forms(finding(60, 50), PROGRAMME)[0].shown is Shown.COUNT


def test_a_weighted_share_tells_the_closest_true_relation_to_the_count() -> None:
    # 30 of 60 records, and a weighted share of 80%: the word is "most", and k is not under half of n for certain.
    rows = share_rows(Finding("C9", 60, 30, share=0.8), 0.75, 0.9)

    assert all(row.holds({"C9 · programme · all # k": 30, "C9 · programme · all # n": 60}) for row in rows)
    assert not all(row.holds({"C9 · programme · all # k": 29, "C9 · programme · all # n": 60}) for row in rows)


@pytest.mark.parametrize(
    "wrong",
    [
        {"threshold": 4},
        {"threshold": 10, "base": 11},
        {"threshold": 10, "base": 1},
    ],
)
def test_a_policy_keeps_its_floor(wrong: dict[str, int]) -> None:
    with pytest.raises(DisclosureError):
        Policy("weak", Shows.COUNTS, whole_only=False, **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [
        {"n": 10, "k": 11},
        {"n": 10, "k": 5, "read": 9},
        {"n": 10, "k": 10, "share": 0.9},
    ],
)
def test_figures_that_do_not_add_up_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(DisclosureError):
        Finding("C9", **wrong)  # type: ignore[arg-type]
