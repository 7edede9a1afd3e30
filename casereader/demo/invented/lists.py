"""The list that an invented partnership sends: one row per child's record, as CSV."""

from __future__ import annotations

import csv
import io

from casereader.demo.invented.chance import Chance
from casereader.demo.invented.partnerships import Invented

COLUMNS = ("case_ref", "stratum", "age", "legal_basis", "living", "deprivation", "family_group")
GROUPS = {"a": 0.30, "b": 0.36, "c": 0.12, "d": 0.06, "e": 0.16}
AGES = {"a": (0, 17), "b": (0, 15), "c": (12, 17), "d": (12, 17), "e": (5, 17)}
LEGAL = {"none": 0.72, "s.25": 0.1, "CSO away": 0.1, "CPO in period": 0.08}
LIVING = {
    "none": {"parents": 0.8, "kinship": 0.17, "other": 0.03},
    "CSO at home": {"parents": 0.88, "kinship": 0.12},
    "CSO away": {"kinship": 0.3, "foster": 0.45, "residential": 0.23, "secure": 0.02},
    "s.25": {"kinship": 0.4, "foster": 0.5, "residential": 0.1},
    "CPO in period": {"parents": 0.3, "kinship": 0.3, "foster": 0.4},
}
DEPRIVATION = {"1": 0.38, "2": 0.25, "3": 0.17, "4": 0.12, "5": 0.08}
FAMILY_SHARE, UNKNOWN_FIFTH = 0.22, 0.04


def list_of(partnership: Invented, *, seed: str) -> bytes:
    """The partnership's list, in an order that says nothing, as the bytes of a CSV file."""
    chance = Chance(seed, "list", partnership.name)
    groups = chance.shuffled(_groups(partnership.n_cases))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    family = 0
    for place, group in enumerate(groups, 1):
        legal = "CSO at home" if group == "e" else chance.weighted(LEGAL)
        if chance.happens(FAMILY_SHARE):
            family += chance.happens(0.5) or family == 0
            of_family = f"{partnership.code}-F{family:03}"
        else:
            of_family = ""
        writer.writerow(
            [
                f"{partnership.code}-{place:04}",
                group,
                chance.whole(*AGES[group]),
                legal,
                chance.weighted(LIVING[legal]),
                "" if chance.happens(UNKNOWN_FIFTH) else chance.weighted(DEPRIVATION),
                of_family,
            ]
        )
    return text.getvalue().encode()


def _groups(n_cases: int) -> list[str]:
    """The group of every case: in proportion, with at least one in each of the two main groups."""
    left, found = n_cases, []
    for group, share in GROUPS.items():
        n = min(left, max(round(share * n_cases), 1 if group in ("a", "b") else 0))
        found += [group] * n
        left -= n
    return found + ["b"] * left
