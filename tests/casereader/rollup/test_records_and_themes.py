"""Records not produced and supplied, and themes, each with its own denominator: worked by hand."""

from typing import Any

import pandas as pd
import pytest

from casereader.figures.results import plain_rows
from casereader.instrument import load
from casereader.rollup.records import NOT_PRODUCED, record_figures
from casereader.rollup.themes import asked_of_all, theme_figures, themes_of
from tests.casereader.rollup import golden
from tests.source import ROOT

CRR = load(ROOT / "data" / "instruments" / "crr-1.toml")
ONE = "p/one"
STATUS = {
    "a1": "read", "a2": "read", "a3": "read", "a4": "not produced", "a5": "not reached",
    "b1": "read", "b2": "read", "b3": "ineligible",
}  # fmt: skip
LISTED = {"a": 20, "b": 6}
HEALTH = {"a1": "seen", "a2": "not_supplied", "a3": "not_expected", "a4": "seen", "b1": "seen", "b2": "seen"}
"""In a, 4 are decided and each stands for 5 of the 20; in b, 3 for 2 each. What is said of a4 never counts."""


def row(table: pd.DataFrame, question: str, level: str = "") -> dict[str, Any]:
    """The one row of a question, of all records or of one stratum."""
    found = [one for one in plain_rows(table) if (one["question"], one["level"]) == (question, level)]
    assert len(found) == 1
    return found[0]


def figures() -> pd.DataFrame:
    """What became of the records above."""
    cases = pd.DataFrame(
        [(ONE, ref, ref[0], LISTED[ref[0]], status) for ref, status in STATUS.items()],
        columns=["inspection", "case_ref", "stratum", "population", "status"],
    )
    answers = pd.DataFrame(
        [(ONE, ref, "A4.health", value) for ref, value in HEALTH.items()],
        columns=["inspection", "case_ref", "key", "value"],
    )
    return record_figures(cases, answers, CRR)


def test_not_produced_is_a_share_of_the_eligible_records_decided() -> None:
    whole = row(figures(), NOT_PRODUCED)

    # a4 of a1 to a4 and b1, b2: b3 is not eligible, a5 was not reached
    assert (whole["n"], whole["k"], whole["not_reached"]) == (6, 1, 1)
    assert whole["share"] == pytest.approx(5 / (4 * 5 + 2 * 2))
    assert whole["lower"] < whole["share"] < whole["upper"]
    assert (whole["lowest"], whole["highest"]) == (None, None)


def test_not_produced_stands_by_stratum_with_its_count_on_the_list() -> None:
    a, b = row(figures(), NOT_PRODUCED, "a"), row(figures(), NOT_PRODUCED, "b")

    assert (a["n"], a["k"], a["share"], a["population"]) == (4, 1, pytest.approx(1 / 4), 20)
    assert (b["n"], b["k"], b["share"], b["not_reached"]) == (2, 0, 0.0, 0)


def test_an_agency_s_records_are_a_share_of_those_expected_in_the_records_read() -> None:
    whole = row(figures(), "A4.health")

    # a1, b1 and b2 came, a2 did not; of a3 none was expected. a4 could have come with it or without.
    assert (whole["n"], whole["k"], whole["not_produced"]) == (4, 3, 1)
    assert whole["share"] == pytest.approx((5 + 2 + 2) / (5 + 5 + 2 + 2))
    assert whole["lowest"] == pytest.approx(9 / 19)
    assert whole["highest"] == pytest.approx(14 / 19)
    assert row(figures(), "A4.health", "a")["share"] == pytest.approx(1 / 2)


def test_an_agency_whose_record_was_expected_nowhere_has_no_figure() -> None:
    assert set(figures()["question"]) == {NOT_PRODUCED, "A4.health"}


def test_a_theme_is_met_where_it_is_present_or_indicated() -> None:
    table = theme_figures(golden.cases(), golden.answers(), golden.INSTRUMENT, frame_counts=golden.frame_counts())

    # a1 says yes and stands for 5, b2 indicated and stands for 3; 7 of a and 5 of b say something
    found = row(table, "H4.present")
    assert (found["n"], found["k"]) == (12, 2)
    assert found["share"] == pytest.approx((5 + 3) / (7 * 5 + 5 * 3))
    addressed = golden.figure(golden.rolled_up(), "H4.addressed")
    assert (addressed["n"], addressed["k"], addressed["share"]) == (2, 1, pytest.approx(5 / 8))


def test_every_theme_of_the_default_instrument_asks_what_was_done_about_it() -> None:
    found = themes_of(CRR)

    assert [theme.question.id for theme in found] == [f"H{number}" for number in range(1, 12)]
    assert {tuple(part.key.partition(".")[2] for part in theme.done) for theme in found} == {
        ("recognised", "assessed", "addressed", "difference")
    }


def test_relationships_are_asked_of_every_record() -> None:
    assert [section.id for section in asked_of_all(CRR)] == ["R"]
    assert asked_of_all(golden.INSTRUMENT) == []
