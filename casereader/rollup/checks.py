"""What a roll-up refuses to work with, every fault at once."""

from __future__ import annotations

import pandas as pd

from casereader.vocabulary import CaseStatus

ALWAYS_VALID = "always_valid"  # the column that says whether limits must hold at any time; none: not
PLANNED = "planned"  # the column of how many cases the plan reads of the case's stratum; looked at with the one before
WHOLE = "all"
STRATUM = "stratum"
ATTRIBUTES = ("age_band", "legal_basis", "living", "deprivation")

CASE_COLUMNS = ("inspection", "case_ref", "stratum", "population", "status")
ANSWER_COLUMNS = ("inspection", "case_ref", "key", "value")
FRAME_COUNT_COLUMNS = ("inspection", "domain", "level", "population")

_TEXTS = ("inspection", "case_ref", "stratum", "status", *ATTRIBUTES)
_STATUSES = [status.value for status in CaseStatus]


class RollUpError(ValueError):
    """What was handed to the roll-up cannot be rolled up; the message names every fault."""


def check_columns(table: pd.DataFrame, columns: tuple[str, ...], what: str) -> None:
    """Refuse a table that lacks a column."""
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise RollUpError(f"The {what} lack the columns {', '.join(missing)}.")


def check_cases(cases: pd.DataFrame) -> pd.DataFrame:
    """The columns a roll-up uses, as text with blanks "" and whole populations; attributes not given are blank."""
    check_columns(cases, CASE_COLUMNS, "cases")
    table = pd.DataFrame(
        {
            name: cases[name].fillna("").astype(str).to_numpy(dtype=object) if name in cases.columns else ""
            for name in _TEXTS
        },
        index=pd.RangeIndex(len(cases)),
        dtype=object,
    )
    table["population"] = pd.to_numeric(cases["population"], errors="coerce").to_numpy(dtype=float)
    table[ALWAYS_VALID] = cases[ALWAYS_VALID].to_numpy(dtype=bool) if ALWAYS_VALID in cases.columns else False
    table[PLANNED] = cases[PLANNED].to_numpy(dtype="int64") if PLANNED in cases.columns else 0
    faults = [
        f"{wrong.sum()} {'case has' if wrong.sum() == 1 else 'cases have'} {what} "
        f"(first: {table.loc[wrong, 'case_ref'].iloc[0]})."
        for what, wrong in _wrong_rows(table)
        if wrong.any()
    ]
    if not faults:
        table["population"] = table["population"].astype("int64")
        faults = _strata_faults(table)
    if faults:
        raise RollUpError(" ".join(faults))
    return table


def check_frame_counts(frame_counts: pd.DataFrame) -> pd.DataFrame:
    """The counts of the frame with blank levels as ""."""
    check_columns(frame_counts, FRAME_COUNT_COLUMNS, "frame counts")
    table = frame_counts.loc[:, list(FRAME_COUNT_COLUMNS)].copy()
    table["level"] = table["level"].fillna("").astype(str)
    table["population"] = table["population"].astype("int64")
    return table


def _wrong_rows(table: pd.DataFrame) -> list[tuple[str, pd.Series[bool]]]:
    whole = (table["population"] % 1 == 0) & (table["population"] >= 1)
    return [
        ("no inspection", table["inspection"] == ""),
        ("no reference", table["case_ref"] == ""),
        ("no stratum", table["stratum"] == ""),
        ("no population, or one that is not a whole number", ~whole),
        ("a status that is not known", ~table["status"].isin(_STATUSES)),
        ("a reference met before", table.duplicated(["inspection", "case_ref"])),
    ]


def _strata_faults(table: pd.DataFrame) -> list[str]:
    faults = []
    strata: dict[tuple[str, str], list[int]] = {}
    columns = (table[name].tolist() for name in ("inspection", "stratum", "population"))
    for inspection, stratum, population in zip(*columns, strict=True):
        strata.setdefault((inspection, stratum), []).append(population)
    for (inspection, stratum), populations in strata.items():
        if min(populations) != max(populations):
            faults.append(f"{inspection}: stratum “{stratum}” has more than one population.")
        elif len(populations) > populations[0]:
            faults.append(
                f"{inspection}: stratum “{stratum}” has {len(populations)} sampled cases "
                f"but a population of {populations[0]}."
            )
    return faults
