"""The groups that figures are shown by, in their order, and how many sampled cases stand where in each stratum."""

from __future__ import annotations

from casereader.figures.groups import DOMAINS, level
from casereader.figures.material import FILLERS
from casereader.figures.results import Results, plain_rows, sampled_by_stratum
from casereader.instrument import Instrument
from casereader.programmes.inspections import Place
from casereader.rollup.bands import band_for
from casereader.vocabulary import CaseStatus
from casereader.web.evaluation.cells import Row, name_of
from casereader.words import WORDING

__all__ = ["DOMAINS", "in_order", "level", "sampled_rows", "standard_rows", "state_of"]
STATUSES = (
    CaseStatus.READ,
    CaseStatus.NOT_PRODUCED,
    CaseStatus.INELIGIBLE,
    CaseStatus.NOT_REACHED,
    CaseStatus.WAITING,
)


def in_order(instrument: Instrument, by: str, rows: list[Row]) -> list[Row]:
    """The rows of one division in the order of the instrument's own codes; other levels after them, by name."""
    if by == "stratum":
        codes = [one.code for one in instrument.strata]
    else:
        codes = [choice.value for part in instrument.filled_from(FILLERS[by]) for choice in part.choices]
    place = {code: at for at, code in enumerate(codes)}
    return sorted(rows, key=lambda row: (place.get(row["level"], len(codes)), row["level"]))


def state_of(found: Results, place: Place, instrument: Instrument) -> dict[str, object]:
    """How far the reading is, and the strata that no figure speaks of yet, for the top of a page."""
    left_out = [row for row in plain_rows(found.figures.strata_left_out) if row["inspection"] == place.path]
    return {
        "reach": found.reach[place.path],
        "is_drawn": found.data_time is not None,
        "flags": found.flags(place.path),
        "always_valid": found.always_valid(place.path),
        "might_have_ended": found.might_have_ended(place.path),
        "left_out": [f"{level(instrument, 'stratum', row['stratum'])} (N = {row['population']})" for row in left_out],
        "n_left_out": sum(row["population"] for row in left_out),
    }


def standard_rows(found: Results, place: Place, instrument: Instrument) -> list[list[object]]:
    """Each standard with its band and the question that decides it; none for an instrument without bands."""
    rows = [row for row in plain_rows(found.figures.standards) if row["inspection"] == place.path]
    return [
        [row["label"], row["band"], name_of(instrument, row["question"]), _in_band(row, instrument)]
        if row["band"]
        else [row["label"], f"No band: a question has fewer than {WORDING.least_n} records", "", ""]
        for row in rows
    ]


def _in_band(row: Row, instrument: Instrument) -> str:
    """The share as a whole per cent; with more decimals where it would else be printed in another band."""
    for decimals in range(8):
        printed = f"{row['share']:.{decimals}%}"
        if band_for(float(printed[:-1]) / 100, instrument.bands) == row["band"]:
            break
    return printed


def sampled_rows(found: Results, instrument: Instrument) -> list[object]:
    """Sampled cases by stratum and status, the strata in no figure among them, and their sums."""
    counted = [
        (one.stratum, [one.population, one.n, *(one.by_status[status] for status in STATUSES)])
        for one in sampled_by_stratum(found)
    ]
    if not counted:
        return []
    totals = [sum(column) for column in zip(*(counts for _, counts in counted), strict=True)]
    rows: list[object] = [[level(instrument, "stratum", stratum), *counts] for stratum, counts in counted]
    return [*rows, {"cells": ["All", *totals], "kind": "total"}]
