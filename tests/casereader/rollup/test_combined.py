"""Partnerships together: as R has them, of those that are in and no others, and each counted alike beside it."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from casereader.instrument.load import load
from casereader.rollup.combined import Scope, combined_figures, scope_of
from casereader.words import WORDING, Wording
from tests.casereader.rollup.together import tables

CRR = load(Path(__file__).parents[3] / "data" / "instruments" / "crr-1.toml")


def together(*, drop: str = "", wording: Wording = WORDING) -> pd.DataFrame:
    """The figures of both inspections on C9; `drop` leaves the sampled cases of one out."""
    cases, answers, counts = (table[table["inspection"] != drop] for table in tables())
    return combined_figures(cases, answers, CRR, keys=["C9"], frame_counts=counts, wording=wording)


def test_all_together_are_one_population_in_the_strata_of_each_as_r_has_it() -> None:
    # R survey 4.1: svydesign(strata=~inspection:stratum, fpc=~population), svymean and svyciprop(method="xlogit",
    # level=0.90) over the records with an answer.
    row = together().iloc[0]

    assert row["share"] == pytest.approx(0.6486169925, abs=1e-10)
    assert row["se"] == pytest.approx(0.088818479211, abs=1e-11)
    assert (row["lower"], row["upper"]) == pytest.approx((0.488635295691, 0.780981933768), abs=1e-10)
    assert (row["df"], row["n"], row["k"], row["population"], row["inspections"]) == (35, 38, 20, 290, 2)
    assert (row["word"], row["also"]) == ("the majority", "less than half; most")


def test_records_not_produced_leave_open_what_they_weigh_in_their_own_partnership() -> None:
    # Weights 60/17, 30/11 and 200/14. Good: 8, 3 and 9 records, 164.988; answered: 15, 11 and 12, 254.370; not
    # produced: one of the first stratum and one of the last, 17.815.
    row = together().iloc[0]

    assert row["not_produced"] == 2
    assert row["lowest"] == pytest.approx(164.98854 / 272.18488, abs=1e-6)
    assert row["highest"] == pytest.approx(182.80367 / 272.18488, abs=1e-6)


def test_the_plain_mean_counts_each_partnership_alike() -> None:
    # R svyby: 0.439071566731 (SE 0.0825391595821) and 0.75 (SE 0.1250961168923); the root of the summed squares is
    # 0.1498729, half of it 0.0749364; qt(0.95, 35) = 1.689572.
    row = together().iloc[0]

    assert row["mean"] == pytest.approx((0.439071566731 + 0.75) / 2, abs=1e-10)
    assert row["mean_upper"] - row["mean"] == pytest.approx(1.689572 * 0.0749364, abs=1e-6)
    assert row["mean"] - row["mean_lower"] == pytest.approx(row["mean_upper"] - row["mean"])


def test_a_partnership_with_few_records_is_in_the_whole_and_not_in_the_mean() -> None:
    row = together(wording=replace(WORDING, least_n=13)).iloc[0]

    assert (row["inspections"], row["in_mean"], row["n"]) == (2, 1, 38)
    assert pd.isna(row["mean"])


def test_one_partnership_is_no_combination() -> None:
    assert together(drop="p/two").empty
    assert combined_figures(*(table.iloc[:0] for table in tables()[:2]), CRR, keys=["C9"]).empty


def test_a_figure_speaks_of_the_programme_only_once_every_partnership_it_lists_is_in() -> None:
    assert scope_of(inspected=31, listed=32) is Scope.INSPECTED
    assert scope_of(inspected=32, listed=32) is Scope.PROGRAMME
