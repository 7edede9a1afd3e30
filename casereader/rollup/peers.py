"""Who does worse than their peers: the group that the plan names against everybody else, question by question. Pure.

Within a partnership the two weighted shares are tested as `two_shares` does it, interval and verdict alike. Across
partnerships the difference is the mean of those within each, weighted by the group's children on each list: what the
average child of the group is set against is the peers of their own area, so that a partnership with many of the group
and low shares for everybody does not make a difference where there is none.

Looking at many questions finds differences by chance. The verdicts of one family (a partnership's questions, or those
across partnerships) hold together: Holm's step-down at 1 − confidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri  # type: ignore[import-untyped]

from casereader.instrument.model import Instrument
from casereader.rollup.design import Design, Floats, build_design
from casereader.rollup.marks import Marks, mark_answers
from casereader.rollup.two_shares import Side, set_apart, two_shares

GROUP, PEERS = "group", "peers"
ACROSS = ""  # in the column inspection: all partnerships together
LEAST_N = 10  # records of either side, under which nothing is compared
POWER = 0.80
COLUMNS = (
    "inspection", "section", "question", "n_group", "n_peers", "k_group", "k_peers", "share_group", "share_peers",
    "difference", "lower", "upper", "df", "p", "p_adjusted", "compared", "verdict", "read_group", "read_peers",
)  # fmt: skip


class Verdict(StrEnum):
    """What can be said of a difference, all looked at together."""

    WORSE = "worse"
    BETTER = "better"
    CANNOT_TELL = "cannot tell at this sample size"
    TOO_FEW = "too few records to compare"


@dataclass(frozen=True)
class Sides:
    """Who is in the group: each case's side, blank where the list does not say, and both sides' children on each list.

    `of_case`: inspection and reference to `GROUP` or `PEERS`. `listed`: inspection to the number of each on its list.
    """

    of_case: Mapping[tuple[str, str], str]
    listed: Mapping[str, tuple[int, int]]


def peer_figures(
    cases: pd.DataFrame,
    answers: pd.DataFrame,
    instrument: Instrument,
    sides: Sides,
    *,
    keys: Sequence[str],
    confidence: float = 0.90,
    apart: float = 0.15,
) -> pd.DataFrame:
    """A row per question and inspection that reads both sides, and per question across them (inspection "").

    `cases` and `answers` as `roll_up` takes them. `difference` is the group's share less its peers'; `p_adjusted` is
    Holm's over the `compared` questions of the same inspection. `read_group` and `read_peers` are the records that
    would have to be read for a true difference of `apart` to show with `POWER`, all these questions looked at.
    """
    design = build_design(cases)
    marks = mark_answers(design, answers, instrument)
    places = [place for place, key in enumerate(marks.keys) if key in set(keys)]
    if not places or not design.inspection:
        return pd.DataFrame(columns=list(COLUMNS))
    found = _within(design, marks, sides, places, confidence)
    across = across_inspections(found, sides, confidence)
    table = pd.concat([found, across], ignore_index=True)
    table = table[(table["n_group"] > 0) & (table["n_peers"] > 0)].reset_index(drop=True)
    table["section"] = [instrument.part(key).section for key in table["question"]]
    table = _judged(table, 1 - confidence)
    looked_at = table.groupby("inspection")["question"].transform("size").tolist()
    wanted = [_to_read(row, sides, 1 - confidence, apart, n) for row, n in zip(_rows(table), looked_at, strict=True)]
    table["read_group"], table["read_peers"] = [one[0] for one in wanted], [one[1] for one in wanted]
    order = {key: place for place, key in enumerate(instrument.parts)}
    table = table.assign(_place=table["question"].map(order)).sort_values(["inspection", "_place"], kind="stable")
    whole = dict.fromkeys(("k_group", "k_peers", "read_group", "read_peers"), "Int64")
    return table.loc[:, list(COLUMNS)].astype(whole).reset_index(drop=True)


def _within(design: Design, marks: Marks, sides: Sides, places: list[int], confidence: float) -> pd.DataFrame:
    """The difference in each inspection, for each of these places of `marks`."""
    side = np.array(
        [sides.of_case.get(one, "") for one in zip(design.inspection, design.case_ref, strict=True)], dtype=object
    )
    y = marks.y[:, places]
    n_cases, n_keys = y.shape
    stacked = pd.DataFrame(
        {
            "y": y.ravel(),
            "side": np.repeat(side, n_keys),
            "inspection": np.repeat(np.array(design.inspection, dtype=object), n_keys),
            "place": np.tile(np.array(places), n_cases),
            "stratum": np.repeat(design.stratum_code, n_keys),
            "population": np.repeat(design.stratum_size, n_keys),
            "weight": np.repeat(design.weight, n_keys),
        }
    )
    found = two_shares(
        stacked,
        side="side",
        names=(GROUP, PEERS),
        stratum=("stratum", "place"),
        by=("inspection", "place"),
        confidence=confidence,
    )
    found["question"] = [marks.keys[place] for place in found["place"]]
    return found


def across_inspections(found: pd.DataFrame, sides: Sides, confidence: float) -> pd.DataFrame:
    """The mean of the differences within, weighted by the group's children on each list; of two inspections or more."""
    rows = []
    for key, here in found.groupby("question", sort=False):
        if len(here) < 2:
            continue
        listed = np.array([sides.listed[one][0] for one in here["inspection"]], dtype=np.float64)
        weight = listed / listed.sum()
        (group, of_group), (peers, of_peers) = (_mean(here, side, weight) for side in (GROUP, PEERS))
        shared = np.square(weight) @ (here["correlation"].to_numpy() * np.sqrt(of_group * of_peers))
        both = np.sqrt((np.square(weight) @ of_group) * (np.square(weight) @ of_peers))
        test = set_apart(group, peers, float(shared / both) if both else 0.0, confidence=confidence)
        rows.append(
            {
                "inspection": ACROSS,
                "question": key,
                "share_group": float(group.share),
                "share_peers": float(peers.share),
                "difference": float(group.share - peers.share),
            }
            | {name: float(value) for name, value in test._asdict().items()}
            | {name: int(here[name].sum()) for name in ("n_group", "n_peers", "k_group", "k_peers")}
        )
    return pd.DataFrame(rows, columns=[name for name in found.columns if name != "place"])


def _mean(here: pd.DataFrame, side: str, weight: Floats) -> tuple[Side, Floats]:
    """The mean of one side's shares with its effective records, and the variance of each of them.

    A share whose records tell of no variance, as one record alone, has that of a record elsewhere: p(1 − p) within the
    other partnerships, by their records.
    """
    names = ("share", "variance", "squared", "most", "n", "df")
    share, variance, squared, most, n, df = (here[f"{name}_{side}"].to_numpy(dtype=np.float64) for name in names)
    mean = np.clip(weight @ share, 0, 1)
    tells = ~np.isnan(variance)
    several = n > 1
    of_one = share[several] * (1 - share[several]) / (1 - squared[several])
    usual = np.average(of_one, weights=n[several] - 1) if several.any() else mean * (1 - mean)
    variance = np.where(tells, variance, usual / most)
    parts = np.square(weight) * variance
    total, unread = parts.sum(), np.square(weight) @ (1 / most)
    if total > 0 and mean * (1 - mean) > 0:
        freedom = np.where(tells & (df > 0), df, max(df[tells].sum(), 1))
        m, of_all = mean * (1 - mean) / total, total**2 / (np.square(parts) / freedom).sum()
    else:
        m, of_all = 1 / unread if unread > 0 else np.inf, df.sum()
    return Side(np.asarray(mean), np.asarray(m), np.asarray(of_all)), variance


def _judged(table: pd.DataFrame, alpha: float) -> pd.DataFrame:
    """Holm's p of each difference in its family, how many the family has, and the verdict."""
    enough = (table["n_group"] >= LEAST_N) & (table["n_peers"] >= LEAST_N)
    tests = enough & table["lower"].notna()
    p = np.where(tests, table["p"].astype("float64"), np.nan)
    table = table.assign(p=p, p_adjusted=np.nan, compared=0, verdict=Verdict.TOO_FEW.value)
    for _, here in table[tests].groupby("inspection"):
        table.loc[here.index, "p_adjusted"] = holm(here["p"].to_numpy())
        table.loc[here.index, "compared"] = len(here)
    sure = table["p_adjusted"] <= alpha
    table.loc[enough, "verdict"] = Verdict.CANNOT_TELL.value
    table.loc[sure & (table["difference"] < 0), "verdict"] = Verdict.WORSE.value
    table.loc[sure & (table["difference"] > 0), "verdict"] = Verdict.BETTER.value
    return table


def holm(p: Floats) -> Floats:
    """Holm's adjusted p-values (1979), in the order given; as R's `p.adjust(p, "holm")`.

    >>> holm(np.array([0.01, 0.04, 0.03])).round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def _to_read(
    row: Mapping[str, Any], sides: Sides, alpha: float, apart: float, looked_at: int
) -> tuple[int | None, int | None]:
    """The records of the group and of its peers at which a difference of `apart` would show, where none does now.

    The same number n0 of each, by the normal formula for two shares around those found (around one half where they are
    of too few records), at the strictest of Holm's levels, as if each side were drawn at random; each is then corrected
    for its side's children on the list.
    """
    if row["inspection"] == ACROSS or row["verdict"] not in (Verdict.CANNOT_TELL, Verdict.TOO_FEW):
        return None, None
    z = float(-ndtri(alpha / looked_at / 2) + ndtri(POWER))
    middle = 0.5 if row["verdict"] == Verdict.TOO_FEW else (row["share_group"] + row["share_peers"]) / 2
    n0 = z**2 * _spread(middle, apart) / apart**2
    group, peers = sides.listed[row["inspection"]]
    return _of_finite(n0, group), _of_finite(n0, peers)


def _spread(middle: float, apart: float) -> float:
    """p(1 − p) of both sides, at two shares that lie `apart` around the middle."""
    centre = min(max(middle, apart / 2), 1 - apart / 2)
    low, high = centre - apart / 2, centre + apart / 2
    return low * (1 - low) + high * (1 - high)


def _of_finite(n0: float, listed: int) -> int:
    return min(ceil(n0 / (1 + (n0 - 1) / listed)), listed)
