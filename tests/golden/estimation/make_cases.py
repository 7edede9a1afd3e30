"""The invented case file of cases.csv: single-case, fully read and wholly ineligible strata among ordinary ones."""

import csv
from pathlib import Path

import numpy as np

# partnership, stratum, cases in the population, cases in the table
STRATA = [
    ("Aird", "CPR", 40, 9),
    ("Aird", "CPI", 120, 14),
    ("Aird", "VYP", 11, 1),
    ("Brigg", "CPR", 6, 6),
    ("Brigg", "CPI", 55, 8),
    ("Brigg", "VYP", 1, 1),
    ("Brigg", "CARM", 9, 1),
    ("Cullen", "CPR", 3, 3),
    ("Cullen", "CPI", 4, 4),
    ("Dunmere", "CPR", 70, 12),
]
BANDS = ["0-4", "5-11", "12-15"]


def main() -> None:
    chance = np.random.default_rng(31)
    with (Path(__file__).parent / "cases.csv").open("w", newline="", encoding="utf-8") as opened:
        lines = csv.writer(opened)
        lines.writerow(["partnership", "stratum", "N", "age", "good", "minutes", "contacts"])
        for partnership, stratum, cases, drawn in STRATA:
            for _ in range(drawn):
                good = 1 if partnership == "Dunmere" else int(chance.random() < 0.6)
                blank = partnership != "Dunmere" and chance.random() < 0.12
                lines.writerow(
                    [
                        partnership,
                        stratum,
                        cases,
                        BANDS[chance.integers(3)],
                        "" if blank else good,
                        round(float(chance.gamma(4, 20)), 1),
                        int(chance.integers(1, 9)),
                    ]
                )


if __name__ == "__main__":
    main()
