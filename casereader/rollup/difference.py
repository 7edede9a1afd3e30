"""What difference was made: each wellbeing indicator, and the improvement that the record demonstrates. Pure.

The headline of a wellbeing indicator is the share with a clear improvement, over the records in which a need was
assessed and it is not too early to say; some improvement stands beside it, and how often it is too early is counted.
*Demonstrated* is worked out for each record from several of its answers, as the instrument says (`Derived`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from casereader.instrument.expressions import STRATUM, comparisons
from casereader.instrument.logic import Derived
from casereader.instrument.model import NOT_APPLICABLE, Instrument
from casereader.rollup.checks import WHOLE
from casereader.rollup.design import Design, Floats, build_design
from casereader.rollup.distributions import distributions
from casereader.rollup.figures import KINDS, share_figures
from casereader.rollup.marks import BLANK, Marks, mark_answers, only_keys, with_columns
from casereader.scoring import derived_y
from casereader.words import WORDING, Wording
from sampling.estimation import DEFAULT
from sampling.estimation.shares import Method

SCALE = "diff"
TOO_EARLY = "too_early"
BESIDE = {"some": "Int64", "some_share": "float64", "too_early": "Int64", "no_need": "Int64"}


@dataclass(frozen=True)
class Difference:
    """The figures of one or more inspections, of all records.

    `indicators`: a row per inspection and part on the scale of improvement, in the columns of questions.csv but the
    section, with `some` records and their weighted share, and how many are `too_early` or have `no_need` assessed.
    Where a part has nothing but these, its `n` is 0 and its share blank. `derived`: the same columns of questions.csv
    for each figure that the instrument makes from several answers, its id as the question.
    """

    indicators: pd.DataFrame
    derived: pd.DataFrame


def keys_of(instrument: Instrument) -> tuple[str, ...]:
    """The parts that the figures here are made from."""
    wanted = set(_parts(instrument))
    for one in instrument.derived:
        wanted |= set(_names(one))
    return tuple(key for key in instrument.parts if key in wanted)


def difference_figures(
    cases: pd.DataFrame,
    answers: pd.DataFrame,
    instrument: Instrument,
    *,
    frame_counts: pd.DataFrame | None = None,
    confidence: float = 0.90,
    method: Method = DEFAULT,
    wording: Wording = WORDING,
) -> Difference:
    """The figures of counting readings; `cases`, `answers` and `frame_counts` as `roll_up` takes them."""
    design = build_design(cases, frame_counts)
    marks = mark_answers(design, answers, instrument)
    parts = set(_parts(instrument))
    shares = _shares(design, only_keys(marks, parts), confidence, method, wording)
    return Difference(
        indicators=_with_counts(shares, distributions(design, marks, instrument), instrument),
        derived=_shares(design, _derived(design, marks, instrument), confidence, method, wording),
    )


def _parts(instrument: Instrument) -> list[str]:
    return [key for key in instrument.parts if instrument.part(key).scale.kind == SCALE]


def _names(derived: Derived) -> list[str]:
    said = [one.name for condition in (derived.among, derived.counts) for one in comparisons(condition)]
    return [name for name in dict.fromkeys(said) if name != STRATUM]


def _shares(design: Design, marks: Marks, confidence: float, method: Method, wording: Wording) -> pd.DataFrame:
    return share_figures(design, marks, (WHOLE,), confidence=confidence, method=method, wording=wording)


def _derived(design: Design, marks: Marks, instrument: Instrument) -> Marks:
    """One column for each figure made from several answers, of those that some record has a y for."""
    return with_columns(marks, {one.id: _derived_y(design, marks, instrument, one) for one in instrument.derived})


def _derived_y(design: Design, marks: Marks, instrument: Instrument, derived: Derived) -> Floats:
    """What each record counts as: 1 where it counts, 0 where it is only among them, blank otherwise."""
    place = {key: at for at, key in enumerate(instrument.parts)}
    names = _names(derived)
    labels = sorted(set(design.stratum))
    codes = [instrument.stratum_code(label) for label in labels]
    stratum = np.searchsorted(np.array(labels, dtype=object), np.array(design.stratum, dtype=object))
    table = np.column_stack([stratum, *(marks.chosen[:, place[name]] for name in names)]).astype("int64")
    kinds, which = np.unique(table, axis=0, return_inverse=True)
    of_kind = []
    for kind in kinds.tolist():
        said = {
            name: marks.values[place[name]][code] for name, code in zip(names, kind[1:], strict=True) if code != BLANK
        }
        y = derived_y(derived, said, codes[kind[0]])
        of_kind.append(np.nan if y is None else y)
    return np.array(of_kind)[which.reshape(-1)]


def _with_counts(shares: pd.DataFrame, divided: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    """Each part's share with the answers that stand beside it; a part whose answers are all outside has no share."""
    beside = pd.DataFrame(list(_beside(divided, instrument)), columns=["inspection", "question", *BESIDE])
    table = beside.merge(shares, on=["inspection", "question"], how="left").astype(BESIDE)
    outside = table["n"].isna()
    table.loc[outside, ["n", "k"]] = 0
    table.loc[outside, "domain"] = WHOLE
    texts = {name: "" for name, kind in KINDS.items() if kind == "str" and name in table.columns}
    order = {key: at for at, key in enumerate(instrument.parts)}
    table = table.fillna(texts).assign(_place=[order[key] for key in table["question"].tolist()])
    return table.sort_values(["inspection", "_place"], kind="stable").drop(columns="_place").reset_index(drop=True)


def _beside(divided: pd.DataFrame, instrument: Instrument) -> Iterator[tuple[Any, ...]]:
    for (inspection, key), rows in divided.groupby(["inspection", "question"], sort=False):
        part = instrument.part(str(key))
        if part.scale.kind != SCALE:
            continue
        counts = dict(zip(rows["value"], rows["count"], strict=True))
        weighted = dict(zip(rows["value"], rows["weighted"], strict=True))
        some = [choice.value for choice in part.choices if choice.partly]
        yield (
            inspection,
            key,
            sum(counts[value] for value in some),
            sum(weighted[value] for value in some),
            counts.get(TOO_EARLY, 0),
            counts.get(NOT_APPLICABLE, 0),
        )
