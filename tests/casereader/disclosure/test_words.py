"""Words are published too: every count that reads alike is counted, with intervals that estimation made."""

import pandas as pd
import pytest

from casereader.disclosure import PARTNERSHIP, Attack, Finding, Knowledge
from casereader.issues.saying import Reads, reads
from sampling.estimation import estimate_share
from tests.casereader.disclosure.linked import publish

THRESHOLD = 10


def estimated(n: int, k: int, *, of: int, read: int | None = None) -> Finding:
    """The finding of n records with an answer out of a stratum, with the interval that would be published."""
    table = pd.DataFrame({"y": [1.0] * k + [0.0] * (n - k), "s": "a", "N": of})
    row = estimate_share(table, "y", stratum="s", population="N").iloc[0]
    return Finding("C9", n, k, share=row["estimate"], lower=row["lower"], upper=row["upper"], read=read or n)


def _read_alike(n: int, of: int) -> dict[Reads, list[int]]:
    alike: dict[Reads, list[int]] = {}
    for k in range(n + 1):
        figure = publish(estimated(n, k, of=of), policy=PARTNERSHIP).figures[0]
        alike.setdefault(reads(figure), []).append(k)
    return alike


@pytest.mark.parametrize(
    ("n", "of"), [(20, 90), (21, 50), (24, 100), (30, 100), (45, 300), (60, 200), (60, 60), (94, 400), (110, 700)]
)
def test_the_counts_that_read_alike_are_the_threshold_apart_where_any_of_them_is_small(n: int, of: int) -> None:
    for said, counts in _read_alike(n, of).items():
        if min(counts) < THRESHOLD or n - max(counts) < THRESHOLD:
            assert max(counts) - min(counts) >= THRESHOLD, (said, counts)


def test_under_21_records_no_two_ranges_are_wide_enough_and_nothing_is_said() -> None:
    assert {said.share for said in _read_alike(20, 90)} == {"not shown"}


@pytest.mark.parametrize("k", [30, 38, 44])
def test_the_attack_is_told_what_the_words_of_the_interval_tell(k: int) -> None:
    n = 60
    finding = estimated(n, k, of=200)
    issue = publish(finding, policy=PARTNERSHIP)
    said = reads(issue.figures[0])
    alike = _read_alike(n, 200)[said]
    known = Knowledge.of(issue.proof["knowledge"])
    name = next(row.terms[0][0] for row in known.rows if " # n @" in row.terms[0][0]).replace("# n", "# k")
    records = name.replace("# k", "# n")
    of_60 = (
        *(row for row in known.rows),
        *Knowledge.of({"rows": [[[[records, "1.0"]], "60.0", "60.0"]], "signed": []}).rows,
    )

    low, high = Attack(Knowledge(of_60)).interval(name)
    assert low is not None and high is not None
    # What an attacker who knows the design finds by trying, or at most a record further.
    assert min(alike) - 1 <= low <= min(alike) and max(alike) <= high <= max(alike) + 1
