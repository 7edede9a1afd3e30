"""Agreement coefficients against R (irr, irrCAC, psych, vcd); the values are described in tests/reference/README.md."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from casereader.agreement import gwet_ac, krippendorff_alpha, percent_agreement, weighted_kappa

FOLDER = Path(__file__).parents[2] / "reference"
REFERENCE: dict[str, dict[str, Any]] = json.loads((FOLDER / "agreement.json").read_text(encoding="utf-8"))["refs"]

# What the tool does not offer: parts of the identifiers, with the reason.
OUT_OF_SCOPE = (
    ("fleiss.kappa", "Fleiss' kappa: alpha and AC serve more than two readers"),
    ("diagnoses_", "Fleiss' and Light's kappa"),
    ("conger", "Conger's kappa"),
    ("bp.coeff", "the Brennan and Prediger coefficient"),
    ("bp2.table", "the Brennan and Prediger coefficient"),
    ("scott2", "Scott's pi"),
    ("kendall", "Kendall's W"),
    ("radical", "radical weights"),
    ("kripp_ratio", "alpha with the ratio metric: ratings have no zero"),
    ("pa.coeff.raw", "percent agreement of more than two readers"),
    ("krippen.alpha.raw_ordinal", "alpha with Gwet's ordinal weights instead of Krippendorff's ordinal metric"),
    ("krippen.alpha.raw_linear", "alpha with linear weights"),
    ("linear_krippen2", "alpha with linear weights"),
    ("quadratic_pa2", "weighted percent agreement"),
    ("linear_pa2", "weighted percent agreement"),
)
IN_SCOPE = sorted(name for name in REFERENCE if not any(part in name for part, _ in OUT_OF_SCOPE))

CLOSE = {"rel": 1e-10, "abs": 1e-13}


def ratings(file: str) -> list[list[int | str | None]]:
    """A data file of one row per record, blanks as None."""
    with (FOLDER / "data" / file).open(encoding="utf-8") as opened:
        rows = list(csv.reader(opened))[1:]
    return [[int(value) if value.isdigit() else value or None for value in row] for row in rows]


def pairs(file: str) -> tuple[list[int], list[int], list[int]]:
    """A contingency table as the ratings of two readers, and the levels."""
    rows = [[int(value) for value in row[1:]] for row in ratings(file) if row]
    return expand(np.array(rows))


def expand(table: np.ndarray) -> tuple[list[int], list[int], list[int]]:
    first, second = [], []
    for (row, column), count in np.ndenumerate(table):
        first += [row + 1] * int(count)
        second += [column + 1] * int(count)
    return first, second, list(range(1, len(table) + 1))


RAW = {"raw4": "gwet_raw4raters.csv", "raw5": "gwet_raw5obser.csv", "kripp": "krippendorff_canonical.csv"}
TABLES = {"cont3x3": "gwet_cont3x3abstractors.csv", "cont4x4": "gwet_cont4x4diagnosis.csv"}
METRICS = {"unweighted": "nominal", "quadratic": "interval"}


def interval(text: str) -> tuple[float, float]:
    lower, upper = text.strip("()").split(",")
    return float(lower), float(upper)


def check_raw(found: Any, value: dict[str, Any]) -> None:
    assert found.estimate == pytest.approx(value["coeff.val"], **CLOSE)
    assert found.se == pytest.approx(value["coeff.se"], **CLOSE)
    lower, upper = interval(value["conf.int"])
    assert (found.lower, found.upper) == (pytest.approx(lower, **CLOSE), pytest.approx(upper, **CLOSE))


@pytest.mark.parametrize("name", [name for name in IN_SCOPE if "_gwet.ac1.raw_" in name])
def test_gwets_coefficient_is_irrcacs(name: str) -> None:
    data, _, weights = name.split("_")
    rows = ratings(RAW[data])
    levels = sorted({value for row in rows for value in row if value is not None})
    found = gwet_ac(rows, levels=levels, weights=None if weights == "unweighted" else weights)
    check_raw(found, REFERENCE[name]["value"])
    assert found.n == len(rows)


@pytest.mark.parametrize("name", [name for name in IN_SCOPE if "_krippen.alpha.raw_" in name])
def test_alpha_is_irrcacs_where_the_weights_are_the_metrics(name: str) -> None:
    data, _, weights = name.split("_")
    check_raw(krippendorff_alpha(ratings(RAW[data]), metric=METRICS[weights]), REFERENCE[name]["value"])


@pytest.mark.parametrize(("metric", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_alpha_is_the_published_one_on_krippendorffs_own_data(metric: Any, published: float) -> None:
    assert krippendorff_alpha(ratings(RAW["kripp"]), metric=metric).estimate == pytest.approx(published, abs=5e-4)


@pytest.mark.parametrize("name", [name for name in IN_SCOPE if name.startswith(("cont3x3", "cont4x4"))])
def test_coefficients_of_a_table_of_two_readers_are_irrcacs(name: str) -> None:
    data, *weights, method = name.split("_")
    a, b, levels = pairs(TABLES[data])
    weight = weights[0] if weights else None
    n = len(a)
    divisor = 1.0
    if method == "kappa2.table":
        found = weighted_kappa(a, b, levels=levels, weights=weight)
        lower, upper = interval(REFERENCE[name]["value"]["coeff.ci"])
        assert (found.lower, found.upper) == (pytest.approx(lower, abs=6e-4), pytest.approx(upper, abs=6e-4))
    else:
        # irrCAC's tables divide by n where its raw ratings divide by n − 1; ours are the latter.
        divisor = (n / (n - 1)) ** 0.5
        if method == "gwet.ac1.table":
            found = gwet_ac(list(zip(a, b, strict=True)), levels=levels, weights=weight)
        elif method == "krippen2.table":
            found = krippendorff_alpha(list(zip(a, b, strict=True)), metric=METRICS[weight or "unweighted"])
        else:
            assert method == "pa2.table"
            found = percent_agreement(a, b)
    assert found.estimate == pytest.approx(REFERENCE[name]["value"]["coeff.val"], **CLOSE)
    assert found.se == pytest.approx(REFERENCE[name]["value"]["coeff.se"] * divisor, **CLOSE)
    assert found.n == n


def test_gwets_coefficient_of_counts_is_irrcacs() -> None:
    rows = [
        [place for place, count in enumerate(row) for _ in range(count)] for row in ratings("gwet_distrib6raters.csv")
    ]
    found = gwet_ac(rows, levels=range(5))
    value = REFERENCE["dist6_gwet.ac1.dist"]["value"]
    assert (found.estimate, found.se) == (
        pytest.approx(value["coeff"], **CLOSE),
        pytest.approx(value["stderr"], **CLOSE),
    )


def test_linear_kappa_is_irrs_equal_weights() -> None:
    rows = ratings("irr_anxiety.csv")
    found = weighted_kappa([row[0] for row in rows], [row[1] for row in rows], levels=range(1, 7), weights="linear")
    assert found.estimate == pytest.approx(REFERENCE["anxiety_kappa2_equal"]["value"]["value"], **CLOSE)


@pytest.mark.parametrize(("name", "weights"), [("sexualfun_vcd_equal", "linear"), ("sexualfun_vcd_fc", "quadratic")])
def test_kappa_and_its_error_are_vcds(name: str, weights: Any) -> None:
    a, b, levels = pairs("vcd_sexualfun.csv")
    for ours, part in ((None, "unweighted"), (weights, "weighted")):
        found, value = weighted_kappa(a, b, levels=levels, weights=ours), REFERENCE[name]["value"][part]
        assert (found.estimate, found.se) == (
            pytest.approx(value["value"], **CLOSE),
            pytest.approx(value["ASE"], **CLOSE),
        )


COHEN_1968 = np.array([[88, 14, 18], [10, 40, 10], [2, 6, 12]])
FLEISS_COHEN_EVERITT_1969 = np.array([[106, 10, 4], [22, 28, 10], [2, 12, 6]])


@pytest.mark.parametrize(
    ("name", "table", "weighted"),
    [
        ("cohen1968_psych", COHEN_1968, False),
        ("cohen1968_psych_squared", COHEN_1968, True),
        ("fce1969_psych", FLEISS_COHEN_EVERITT_1969, False),
    ],
)
def test_kappa_is_psychs_on_published_tables(name: str, table: np.ndarray, weighted: bool) -> None:
    a, b, levels = expand(table)
    value = REFERENCE[name]["value"]
    found = weighted_kappa(a, b, levels=levels, weights=None)
    assert found.estimate == pytest.approx(value["kappa"], **CLOSE)
    assert found.se**2 == pytest.approx(value["var_kappa"], rel=1e-9)
    if weighted:
        # Not its variance: psych's differs from irrCAC's, vcd's and the published one (0.003248 for the table of 1969).
        found = weighted_kappa(a, b, levels=levels, weights="quadratic")
        assert found.estimate == pytest.approx(value["wkappa"], **CLOSE)


def test_every_reference_value_is_checked_or_named_as_out_of_scope() -> None:
    checked = [
        name
        for name in IN_SCOPE
        if "_gwet.ac1.raw_" in name or "_krippen.alpha.raw_" in name or name.startswith(("cont3x3", "cont4x4"))
    ]
    alone = ["dist6_gwet.ac1.dist", "anxiety_kappa2_equal", "sexualfun_vcd_equal", "sexualfun_vcd_fc"]
    alone += ["cohen1968_psych", "cohen1968_psych_squared", "fce1969_psych"]
    assert sorted(checked + alone) == IN_SCOPE
    for part, _ in OUT_OF_SCOPE:
        assert any(part in name for name in REFERENCE), part
