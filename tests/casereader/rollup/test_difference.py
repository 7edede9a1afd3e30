"""What difference was made: wellbeing indicators and what is demonstrated, worked by hand over two strata.

Stratum b has 40 children on the list and 4 read, so each weighs 10; stratum a has 12 and 6 read, each weighing 2.
"""

from collections.abc import Mapping
from itertools import product
from pathlib import Path

import pandas as pd
import pytest

from casereader.instrument import Answer, load
from casereader.instrument.ratings import resolve
from casereader.rollup.difference import Difference, difference_figures, keys_of
from casereader.scoring import derived_y

CRR = load(Path(__file__).parents[3] / "data" / "instruments" / "crr-1.toml")
SERVICES = load(Path(__file__).parents[3] / "data" / "instruments" / "services-1.toml")
ONE = "p/one"
LISTED = {"b": 40, "a": 12}
REFS = ("b1", "b2", "b3", "b4", "a1", "a2", "a3", "a4", "a5", "a6")
SAFE = {
    "b1": "clear_improvement", "b2": "clear_improvement", "b3": "some", "b4": "too_early",
    "a1": "clear_improvement", "a2": "some", "a3": "no_change", "a4": "worse", "a5": "not_applicable",
}  # fmt: skip
OVERALL = {
    "b1": ("clear_improvement", "measured"), "b2": ("clear_improvement", "recorded"), "b3": ("some", "confirmed"),
    "b4": ("too_early", "measured"), "a1": ("clear_improvement", "asserted"), "a2": ("no_change", "measured"),
    "a3": ("some", "measured"), "a4": ("worse", "recorded"), "a5": ("clear_improvement", ""),
}  # fmt: skip


def figures(said: Mapping[str, Mapping[str, str]]) -> Difference:
    """The figures of these answers by reference and key."""
    cases = pd.DataFrame(
        [(ONE, ref, ref[0], LISTED[ref[0]], "read") for ref in REFS],
        columns=["inspection", "case_ref", "stratum", "population", "status"],
    )
    rows = [(ONE, ref, key, value) for ref, answers in said.items() for key, value in answers.items()]
    answers = pd.DataFrame(rows, columns=["inspection", "case_ref", "key", "value"])
    return difference_figures(cases, answers, CRR)


def row_of(table: pd.DataFrame, key: str) -> pd.Series:
    rows = table[table["question"] == key]
    assert len(rows) == 1
    return rows.iloc[0]


def test_a_wellbeing_indicator_counts_clear_improvement_with_some_and_too_early_beside_it() -> None:
    # With a y: b1, b2, b3 (30) and a1 to a4 (8). Clear: b1, b2, a1. Some: b3, a2.
    row = row_of(figures({ref: {"G1.safe": value} for ref, value in SAFE.items()}).indicators, "G1.safe")

    assert (row["k"], row["n"], row["some"], row["too_early"], row["no_need"]) == (3, 7, 2, 1, 1)
    assert row["share"] == pytest.approx(22 / 38, abs=1e-12)
    assert row["some_share"] == pytest.approx(12 / 38, abs=1e-12)


def test_what_is_demonstrated_is_improved_with_measured_or_confirmed_evidence() -> None:
    # b4 is too early, a6 not answered. Of b1, b2, b3 (30) and a1 to a5 (10) count b1, b3 and a3: 22 / 40 = 0.55.
    # z = w(y − 0.55)/40: b .1125, −.1375, .1125, 0, s² .0141015625; a −.0275 four times, .0225, 0, s² .000451041667.
    # 4·(1 − 4/40)·s²_b + 6·(1 − 6/12)·s²_a = .050765625 + .001353125 = .05211875.
    said = {ref: {"G2": value, **({"G3": g3} if g3 else {})} for ref, (value, g3) in OVERALL.items()}
    row = row_of(figures(said).derived, "demonstrated")

    assert (row["k"], row["n"]) == (3, 8)
    assert row["share"] == pytest.approx(0.55, abs=1e-12)
    assert row["se"] == pytest.approx(0.05211875**0.5, abs=1e-12)
    assert row["lower"] < 0.55 < row["upper"]
    assert row["word"] == ""  # under ten records


def test_every_pair_of_answers_counts_as_it_does_for_one_record() -> None:
    (demonstrated,) = CRR.derived
    for g2, g3 in product((one.value for one in CRR.part("G2").choices), (c.value for c in CRR.part("G3").choices)):
        values = resolve(CRR, {"G2": Answer(g2), "G3": Answer(g3)}, stratum="b").values
        alone = derived_y(demonstrated, values, CRR.stratum_code("b"))
        table = figures({"b1": {"G2": g2, "G3": g3}}).derived
        found = None if table.empty else float(row_of(table, "demonstrated")["k"])

        assert found == alone, (g2, g3)


def test_where_it_is_too_early_in_every_record_the_count_stands_without_a_share() -> None:
    row = row_of(figures({"b1": {"G2": "too_early"}, "a1": {"G2": "too_early"}}).indicators, "G2")

    assert (row["n"], row["k"], row["too_early"], row["word"]) == (0, 0, 2, "")
    assert pd.isna(row["share"])


def test_without_answers_there_are_no_figures() -> None:
    found = figures({})

    assert found.indicators.empty
    assert found.derived.empty


def test_the_figures_need_the_parts_on_the_scale_of_improvement_and_what_the_instrument_joins() -> None:
    assert keys_of(CRR)[-3:] == ("G1.included", "G2", "G3")
    assert len(keys_of(CRR)) == 10
    assert keys_of(SERVICES) == ()
