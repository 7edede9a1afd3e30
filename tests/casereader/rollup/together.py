"""Two small inspections on C9, one after the other: three strata, two age bands that are no strata, a few blanks.

R has worked out their figures together, and those of the first weighted to the counts of its list.
"""

import pandas as pd

from casereader.vocabulary import CaseStatus

GOOD = {  # of each stratum: its N, then age band and rating of each record; "-" was not produced, "x" has no rating
    ("p/one", "a"): (60, "young 555553333x-5", "older 55333"),
    ("p/one", "b"): (30, "young 5533", "older 5333333"),
    ("p/two", "a"): (200, "young 55555555333", "older 5x-"),
}
LISTED = {("p/one", "young"): 50, ("p/one", "older"): 40, ("p/two", "young"): 150, ("p/two", "older"): 50}


def tables() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Cases, answers and the frames' counts, as `roll_up` takes them."""
    cases, answers = [], []
    for (inspection, stratum), (listed, *bands) in GOOD.items():
        for band, ratings in (str(one).split(" ") for one in bands):
            for place, rating in enumerate(ratings):
                ref = f"{stratum}-{band}-{place}"
                status = (CaseStatus.NOT_PRODUCED if rating == "-" else CaseStatus.READ).value
                cases.append((inspection, ref, stratum, listed, status, band))
                if rating.isdigit():
                    answers.append((inspection, ref, "C9", rating))
    counts = [(inspection, "age_band", band, n) for (inspection, band), n in LISTED.items()]
    return (
        pd.DataFrame(cases, columns=["inspection", "case_ref", "stratum", "population", "status", "age_band"]),
        pd.DataFrame(answers, columns=["inspection", "case_ref", "key", "value"]),
        pd.DataFrame(counts, columns=["inspection", "domain", "level", "population"]),
    )
