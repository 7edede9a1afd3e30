"""The spread of readers on a practice case: pairs counted by hand, widest first, coefficients where they carry."""

import pytest

from casereader.charts import SpreadRow, spread_chart
from casereader.instrument import Answer, Instrument, load_all
from casereader.practice.cases import load_cases
from casereader.practice.spread import LEAST_UNITS, Pairs, QuestionSpread, agreements, spreads
from tests.source import ROOT

CASE = load_cases(ROOT / "data" / "practice", load_all(ROOT / "data" / "instruments"))["practice-1"]
INSTRUMENT: Instrument = CASE.instrument


def reader(**given: str) -> dict[str, Answer]:
    """Somebody who gives the model answers but for these."""
    return {**CASE.facts, **CASE.model, **{key: Answer(value) for key, value in given.items()}}


def spread_of(key: str, *values: str) -> QuestionSpread:
    found = spreads(
        INSTRUMENT, [reader(**{key: v}) for v in values], CASE.model, stratum=CASE.stratum, known=CASE.facts
    )
    return next(one for one in found if one.part.key == key)


def test_pairs_of_readers_are_counted_exactly_within_a_point_and_on_the_line_of_good() -> None:
    one = spread_of("C9", "5", "4", "4", "3", "cannot_be_evaluated")

    assert {value: n for value, n in one.counts.items() if n} == {"5": 1, "4": 2, "3": 1, "cannot_be_evaluated": 1}
    assert (one.n, one.model) == (5, CASE.model["C9"].value)
    assert one.exact == Pairs(1, 10), "of five answers one pair is the same"
    assert one.near == Pairs(5, 6), "of the four ratings only 5 and 3 lie further apart than a point"
    assert one.on_good == Pairs(3, 6), "three are good or better, one is not"


def test_a_question_that_is_not_rated_has_its_pairs_alone() -> None:
    one = spread_of("C1", "yes", "yes", "in_part", "no")

    assert (one.exact, one.near, one.on_good) == (Pairs(1, 6), None, None)


def test_the_question_with_most_spread_comes_first_and_what_the_case_tells_beforehand_not_at_all() -> None:
    readers = [reader(C9=rating, C1=said) for rating, said in (("2", "yes"), ("4", "yes"), ("6", "no"))]

    found = spreads(INSTRUMENT, readers, CASE.model, stratum=CASE.stratum, known=CASE.facts)

    assert [one.part.key for one in found[:2]] == ["C9", "C1"]
    assert not {one.part.key for one in found} & set(CASE.facts)
    assert all(one.exact.share == 1 for one in found[2:])


def test_a_coefficient_is_given_only_over_ten_questions_of_one_scale_or_more() -> None:
    readers = [reader(C1="yes"), reader(C1="no"), reader(C1="no")]

    found = {(one.kind, one.section): one for one in agreements(INSTRUMENT, readers, stratum="b", known=CASE.facts)}

    every = found["ypn", ""]
    assert every.n >= LEAST_UNITS and every.ac is not None and every.alpha is not None
    assert every.exact == Pairs(3 * every.n - 2, 3 * every.n)
    assert every.ac.n == every.n and every.ac.estimate > every.alpha.estimate > 0
    assert found["ypn", "C"].n < LEAST_UNITS and found["ypn", "C"].ac is None
    assert found["six", ""].n == 4 and found["six", ""].ac is None


def test_what_is_outside_a_scale_counts_as_no_answer_in_a_coefficient() -> None:
    readers = [reader(C9="cannot_be_evaluated"), reader(), reader(C9="not_applicable")]

    found = {(one.kind, one.section): one for one in agreements(INSTRUMENT, readers, stratum="b", known=CASE.facts)}

    assert found["six", "C"].n == 1, "C10 alone: one rating of C9 is no pair"


def test_the_picture_holds_every_count_and_frames_the_model() -> None:
    drawn = spread_chart("s", "Spread", ["6", "5"], [SpreadRow("C9 <Assessment>", (2, 1), 1)], finding="Wide.")

    assert "C9 &lt;Assessment&gt;" in drawn and ">2</text>" in drawn and ">1</text>" in drawn
    assert drawn.count("stroke-dasharray") == 1
    with pytest.raises(ValueError, match="3 counts for 2 answers"):
        spread_chart("s", "t", ["6", "5"], [SpreadRow("C9", (1, 2, 3))], finding="")
