"""The figures: a weighted share of every question in every group, with its interval, word and open range.

All questions are estimated in one call per domain. The table is stacked, one row per decided case and
question, with the question inside both the stratum and the group, so that a case without a y for one
question still carries its weight (N over the cases decided in its stratum) and its degree of freedom.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from casereader.instrument.model import Instrument
from casereader.rollup.always_valid import METHOD, at_any_time
from casereader.rollup.checks import WHOLE
from casereader.rollup.design import DOMAINS, Codes, Design, Floats
from casereader.rollup.marks import COUNTED, Marks
from casereader.words import Wording, also_words, word_for
from sampling.estimation import estimate_share
from sampling.estimation.shares import Method

COLUMNS = (
    "inspection", "section", "question", "domain", "level", "population", "n", "k", "share", "se", "lower",
    "upper", "df", "method", "word", "also", "not_applicable", "cannot_tell", "cannot_be_evaluated",
    "not_produced", "not_reached", "lowest", "highest",
)  # fmt: skip
TEXTS = ("inspection", "section", "question", "domain", "level", "method", "word", "also")
WHOLE_NUMBERS = ("population", "n", "k", "df", *COUNTED, "not_produced", "not_reached")
KINDS = dict.fromkeys(COLUMNS, "float64") | dict.fromkeys(TEXTS, "str") | dict.fromkeys(WHOLE_NUMBERS, "Int64")


def question_figures(
    design: Design,
    marks: Marks,
    instrument: Instrument,
    *,
    domains: Sequence[str] = DOMAINS,
    confidence: float,
    method: Method,
    wording: Wording,
) -> pd.DataFrame:
    """A row per inspection, question, domain and level with any y, in the columns of questions.csv."""
    figures = share_figures(design, marks, domains, confidence=confidence, method=method, wording=wording)
    sections = [instrument.part(key).section for key in figures["question"].tolist()]
    figures.insert(COLUMNS.index("section"), "section", pd.Series(sections, figures.index, dtype="str"))
    return figures


def share_figures(
    design: Design, marks: Marks, domains: Sequence[str], *, confidence: float, method: Method, wording: Wording
) -> pd.DataFrame:
    """The same, by these domains, of whatever the keys of the marks stand for: all columns but the section."""
    columns = [name for name in COLUMNS if name != "section"]
    tables = [
        _domain_figures(design, marks, domain, confidence=confidence, method=method)
        for domain in domains
        if marks.keys and any(level or domain == WHOLE for _, level in design.levels[domain])
    ]
    if not tables:
        return pd.DataFrame(columns=columns).astype({name: KINDS[name] for name in columns})
    figures = pd.concat(tables, ignore_index=True)
    figures = figures.sort_values(["inspection", "place", "domain", "level"], ignore_index=True)
    keys = [marks.keys[place] for place in figures["place"].tolist()]
    words = _words(figures, wording)
    added = {
        "question": keys,
        "method": [METHOD if one in design.always_valid else method for one in figures["inspection"].tolist()],
        "word": [word for word, _ in words],
        "also": [also for _, also in words],
    }
    return pd.DataFrame(
        {
            name: pd.array(added[name], dtype="str") if name in added else figures[name].array.astype(KINDS[name])
            for name in columns
        }
    )


def _words(figures: pd.DataFrame, wording: Wording) -> list[tuple[str, str]]:
    rows = zip(*(figures[name].tolist() for name in ("n", "share", "lower", "upper")), strict=True)
    return [
        (word_for(share, wording=wording), also_words(share, lower, upper, wording=wording))
        if n >= wording.least_n
        else ("", "")
        for n, share, lower, upper in rows
    ]


def _domain_figures(design: Design, marks: Marks, domain: str, *, confidence: float, method: Method) -> pd.DataFrame:
    """The rows of one domain. A cell is a pair of question and level, numbered question by question."""
    codes, levels = design.coded(domain)
    cells = _pairs(codes, len(levels), len(marks.keys))
    counted = _counts(design, marks, codes, cells, len(levels))
    estimates = _estimates(design, marks, cells, confidence=confidence, method=method)
    at = estimates["cell"].to_numpy()
    level = at % len(levels)
    table = pd.DataFrame(
        {
            "inspection": np.array([inspection for inspection, _ in levels], dtype=object)[level],
            "domain": domain,
            "level": np.array([name for _, name in levels], dtype=object)[level],
            "place": at // len(levels),
            "population": np.array([design.population[domain].get(one, np.nan) for one in levels])[level],
            "not_reached": np.array([design.not_reached[domain].get(one, 0) for one in levels])[level],
            "share": estimates["estimate"].to_numpy(),
        }
        | {name: estimates[name].to_numpy() for name in ("se", "lower", "upper", "df")}
        | {name: values[at] for name, values in counted.items()}
    )
    shown = table["n"] > 0
    table = table[shown] if domain == WHOLE else table[shown & (table["level"] != "")]
    return at_any_time(table, design, marks, domain, confidence=confidence) if design.always_valid else table


def _pairs(codes: Codes, n_codes: int, n_keys: int) -> Codes:
    """Case × question: one whole number for the pair of question and code."""
    return np.arange(n_keys, dtype="int64")[np.newaxis, :] * n_codes + codes[:, np.newaxis]


def _estimates(design: Design, marks: Marks, cells: Codes, *, confidence: float, method: Method) -> pd.DataFrame:
    n_strata = int(design.stratum_code.max()) + 1
    stacked = pd.DataFrame(
        {
            "y": marks.y.ravel(),
            "cell": cells.ravel(),
            "stratum": _pairs(design.stratum_code, n_strata, len(marks.keys)).ravel(),
            "population": np.repeat(design.stratum_size, len(marks.keys)),
        }
    )
    return estimate_share(
        stacked, "y", stratum="stratum", population="population", by="cell", confidence=confidence, method=method
    )


def _counts(design: Design, marks: Marks, codes: Codes, cells: Codes, n_levels: int) -> dict[str, npt.NDArray[Any]]:
    """Per cell: unweighted counts, and the share if no record not produced, and if every one, counted as 1."""
    n_cells = n_levels * len(marks.keys)

    def per_cell(mask: npt.NDArray[np.bool_]) -> Codes:
        return np.bincount(cells[mask], minlength=n_cells)

    def weight_per_cell(mask: npt.NDArray[np.bool_]) -> Floats:
        weights = design.weight[np.nonzero(mask)[0]]
        return np.bincount(cells[mask], weights, minlength=n_cells).astype(np.float64, copy=False)

    missing = codes[design.is_not_produced]
    missing_weight = np.bincount(missing, design.weight[design.is_not_produced], minlength=n_levels)
    missing_weight = np.tile(missing_weight, len(marks.keys))
    has_y, is_one = ~np.isnan(marks.y), marks.y == 1
    weight_of_one, weight_of_y = weight_per_cell(is_one), weight_per_cell(has_y)
    reach = np.where(weight_of_y > 0, weight_of_y + missing_weight, np.nan)
    counts: dict[str, npt.NDArray[Any]] = {
        "n": per_cell(has_y),
        "k": per_cell(is_one),
        "not_produced": np.tile(np.bincount(missing, minlength=n_levels), len(marks.keys)),
        "lowest": weight_of_one / reach,
        "highest": (weight_of_one + missing_weight) / reach,
    }
    return counts | {name: per_cell(marks.kind == place) for place, name in enumerate(COUNTED)}
